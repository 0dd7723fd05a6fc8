"""The daemon's daily manifest: once a day, after the day, made good after a pause, and never in silence."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler.archive.check.manifest import verify_manifests
from crawler.archive.store.folder import FileStore
from crawler.archive.write.records import member, warcinfo_record
from crawler.clock import FixedClock
from crawler.config import StateSettings, load
from crawler.daemon.chores.manifests import DailyManifests
from crawler.state import open_state

MIDNIGHT = datetime(2026, 11, 23, tzinfo=UTC)
OLD, LAST, NEW = (f"warc/2026/11/{day}/{name}.warc.gz" for day, name in ((21, "a"), (22, "b"), (23, "c")))


class Bench:
    def __init__(self, folder: Path, at: datetime = MIDNIGHT, **changes: object) -> None:
        self.folder = folder
        self.store = FileStore(folder / "data")
        self.clock = FixedClock(at)
        overrides = {"storage.url": f"file:{folder / 'data'}", "state.dir": str(folder / "state"), **changes}
        self.config = load(overrides=overrides)
        self.restart()

    def restart(self) -> None:
        self.manifests = DailyManifests(lambda: self.config, self.clock)

    def add(self, *keys: str) -> None:
        for key in keys:
            self.store.put(key, b"".join(member(warcinfo_record(key, MIDNIGHT, [], new_id=lambda: "<urn:x>"))))

    def after(self, **span: float) -> list[str]:
        """The manifests there are when so much time has passed."""
        self.clock.advance(timedelta(**span).total_seconds())
        self.manifests.tend()
        return sorted(Path(one.key).stem for one in self.store.list("manifests/"))


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    made = Bench(tmp_path)
    made.add(OLD, LAST, NEW)
    return made


def test_the_day_before_is_noted_once_its_last_files_had_time_to_come(bench: Bench):
    assert bench.after(minutes=29) == ["2026-11-21"]
    assert bench.after(minutes=2) == ["2026-11-21", "2026-11-22"]
    assert bench.after(hours=23) == ["2026-11-21", "2026-11-22"]
    assert bench.after(hours=1) == ["2026-11-21", "2026-11-22", "2026-11-23"]
    assert verify_manifests(bench.store).breaks == ()


def test_days_missed_in_a_pause_are_made_good_at_start_and_none_is_noted_twice(bench: Bench):
    assert bench.after(days=3) == ["2026-11-21", "2026-11-22", "2026-11-23"]
    bench.restart()
    assert bench.after(minutes=1) == ["2026-11-21", "2026-11-22", "2026-11-23"]


def test_a_file_that_came_late_is_noted_the_next_day(bench: Bench):
    bench.after(hours=1)
    late = LAST.replace("b", "late")
    bench.add(late)
    assert bench.after(hours=1) == ["2026-11-21", "2026-11-22"]
    assert bench.after(days=1) == ["2026-11-21", "2026-11-22", "2026-11-22.1", "2026-11-23"]
    (note,) = json.loads(bench.store.get("manifests/2026/11/2026-11-22.1.json"))["warcs"]
    assert note["key"] == late


def test_switched_off_nothing_is_written(tmp_path: Path):
    bench = Bench(tmp_path, **{"daemon.manifests": False})
    bench.add(OLD)
    assert bench.after(days=3) == []
    assert bench.manifests.findings() == []


def test_a_failure_is_an_alarm_until_a_later_try_succeeds(bench: Bench):
    place = bench.folder / "data" / LAST
    whole = place.read_bytes()
    place.write_bytes(whole[:-9])
    assert bench.after(hours=1) == ["2026-11-21"]
    (found,) = bench.manifests.findings()
    assert (found.kind, found.severity) == ("manifest", "warning")
    assert LAST in found.message
    place.write_bytes(whole)
    assert bench.after(minutes=59) == ["2026-11-21"]
    assert bench.after(minutes=2) == ["2026-11-21", "2026-11-22"]
    assert bench.manifests.findings() == []


def test_a_file_that_is_not_what_was_shipped_is_an_alarm(bench: Bench):
    (bench.folder / "state").mkdir()
    with open_state(StateSettings(dir=str(bench.folder / "state")), clock=bench.clock) as state:
        state.add_receipt(
            warc="b.warc.gz", key=LAST, size_bytes=1, sha256="0" * 64, etag=None, shipped_at=bench.clock.now()
        )
    bench.after(hours=1)
    assert f"{LAST} is not what was shipped" in bench.manifests.findings()[0].message


def test_a_daemon_that_stops_leaves_the_rest_to_the_next(bench: Bench):
    bench.manifests.close()
    assert bench.after(hours=1) == []
    assert bench.manifests.findings() == []
    bench.restart()
    assert bench.after(hours=1) == ["2026-11-21", "2026-11-22"]
