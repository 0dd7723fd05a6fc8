"""Alarms are raised once, cleared once and told once, from rows in a real state, by a clock of ours."""

from __future__ import annotations

import http.client
import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler.archive.write.spool_folder import SEALED
from crawler.clock import FixedClock
from crawler.config import Config, StateSettings, load
from crawler.daemon.alarms import watch as watch_module
from crawler.daemon.alarms.notify import Channel, Message
from crawler.daemon.alarms.watch import AlarmWatch
from crawler.daemon.housekeeping import Housekeeping
from crawler.errors import NoticeError
from crawler.model.site import Schedule, Site
from crawler.state import new_run, open_state
from tests.ledger import pages as told_pages

NOW = datetime(2026, 3, 2, 12, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
WARC = "WARRAQ-20260302120000000-00001-host.warc.gz"


def site(name: str = "gazette", **keys: object) -> Site:
    return Site(
        name=name, title=name, country="zz", languages=("en",), home=f"http://{name}.example/",
        feeds=(f"http://{name}.example/feed",), schedule=Schedule(every="1h"), **keys,
    )  # fmt: skip


class Bench:
    """A watch over a state; the channel notes what it is told, or refuses."""

    def __init__(self, folder: Path, **changes: object) -> None:
        self.folder = folder
        self.clock = FixedClock(NOW)
        self.changes = {"state.dir": str(folder), "spool.min_free_bytes": 0, **changes}
        self.config = self.load(self.changes)
        self.state = open_state(StateSettings(dir=str(folder)), clock=self.clock)
        self.sites = {"gazette": site()}
        self.told: list[str] = []
        self.beats = 0
        self.refuses = False
        self.watch = self.restart()

    def load(self, changes: dict[str, object]) -> Config:
        return load(overrides=changes)

    def restart(self) -> AlarmWatch:
        self.watch = AlarmWatch(
            self.config, self.state, self.clock, lambda: self.sites, [Channel("test", self._take)], [self._beat]
        )
        return self.watch

    def look(self, after_s: float = 60.0) -> None:
        self.clock.advance(after_s)
        self.watch.look()

    @property
    def kinds(self) -> list[str]:
        return [alarm.kind for alarm in self.watch.open]

    def run(self, name: str = "gazette") -> str:
        run = new_run(name, trigger="schedule", clock=self.clock)
        self.state.add_run(run)
        self.state.start_run(run.id, worker="none")
        return run.id

    def poll(self, outcome: str = "captured", name: str = "gazette", **keys: object) -> None:
        """A run that reads the feed and ends."""
        run = self.run(name)
        self.state.settle(f"http://{name}.example/feed", outcome, run=run, role="feed", **keys)
        self.state.finish_run(run, "done")

    def article(self, run: str, number: int, at: datetime, words: int | None = None) -> None:
        self.state.add_article(
            article_id=f"{number}", url=f"http://gazette.example/{number}", site="gazette", run=run, captured_at=at,
            title=None, published_at=None, path="p", word_count=words,
        )  # fmt: skip

    def seal_file(self, age_s: float) -> Path:
        lane = self.folder / "spool" / "lane-00"
        lane.mkdir(parents=True)
        assert SEALED.fullmatch(WARC)
        path = lane / WARC
        path.write_bytes(b"x" * 1000)
        path.with_name(WARC.replace(".warc.gz", ".sha256")).write_bytes(b"")
        moment = path.stat().st_mtime - age_s
        os.utime(path, (moment, moment))
        return path

    def _take(self, message: Message) -> None:
        if self.refuses:
            raise NoticeError("no")
        self.told += message.text.splitlines()

    def _beat(self) -> None:
        self.beats += 1


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.state.close()


def test_all_is_well_and_the_heart_beats(bench: Bench):
    bench.poll()
    bench.look()
    assert (bench.kinds, bench.told, bench.beats) == ([], [], 1)


def test_an_alarm_is_raised_once_told_once_and_cleared_with_a_notice(bench: Bench):
    path = bench.seal_file(age_s=4 * 3600)
    for _ in range(5):
        bench.look()
    assert bench.kinds == ["store"]
    assert bench.beats == 0  # critical: whoever waits for the heartbeat is to be alarmed, too
    assert bench.told == ["[CRITICAL] store: 1 sealed file waits for the store, the oldest for 4 hours"]
    path.with_name(path.name.replace(".warc.gz", ".receipt.json")).write_text("{}")
    bench.look()
    assert bench.kinds == ["store"]  # it may come back
    bench.look(after_s=300)
    assert bench.kinds == []
    assert bench.told[1:] == ["[recovered] store: 1 sealed file waits for the store, the oldest for 4 hours"]
    assert [alarm.cleared_at for alarm in bench.state.alarms()] == [bench.clock.now()]


def test_a_restart_neither_raises_nor_tells_again(bench: Bench):
    bench.seal_file(age_s=4 * 3600)
    bench.look()
    bench.restart()
    assert bench.kinds == ["store"]
    bench.look()
    assert len(bench.told) == len(bench.state.alarms()) == 1


def test_what_a_channel_refused_is_told_later_and_ever_more_seldom(bench: Bench):
    bench.refuses = True
    bench.seal_file(age_s=4 * 3600)
    bench.look()
    bench.refuses = False
    bench.look(after_s=59)
    assert bench.told == []
    bench.look(after_s=1)
    assert len(bench.told) == 1


def test_many_alarms_at_once_come_in_one_message_and_the_next_has_to_wait(bench: Bench):
    bench.sites = {f"s{n}": site(f"s{n}") for n in range(15)}
    for name in bench.sites:
        bench.poll(name=name)
    bench.clock.advance(30 * 3600)
    for name in bench.sites:
        bench.poll("failed", name=name, reason="http_404")
    bench.look()
    assert len(bench.told) == 15
    bench.seal_file(age_s=4 * 3600)
    bench.look(after_s=100)
    assert len(bench.told) == 15
    bench.look(after_s=250)
    assert len(bench.told) == 16


def test_a_feed_that_is_not_read_for_long_is_dead_until_it_is_read(bench: Bench):
    bench.poll()
    bench.clock.advance(30 * 3600)
    bench.poll("failed", reason="http_404")
    bench.look()
    assert bench.told == [
        (
            "[CRITICAL] dead_feed: gazette: 1 of 1 channels not read with success: http://gazette.example/feed for 30 "
            "hours (http_404)"
        )
    ]
    bench.poll("not_modified")
    bench.look(after_s=400)
    assert bench.kinds == []


def test_after_a_long_stop_of_the_daemon_its_sites_get_a_turn_first(bench: Bench):
    bench.poll()
    bench.clock.advance(10 * 86_400)
    bench.restart()
    bench.look()
    assert bench.kinds == []
    bench.poll("failed", reason="dns")
    bench.look()
    assert bench.kinds == ["dead_feed"]


def test_a_site_that_is_paused_or_gone_is_not_judged_and_its_alarms_end(bench: Bench):
    bench.poll()
    bench.clock.advance(30 * 3600)
    bench.poll("failed")
    bench.look()
    assert bench.kinds == ["dead_feed"]
    bench.state.set_paused("gazette", True)
    bench.look(after_s=400)
    assert bench.kinds == []


def test_too_few_articles_for_these_hours_of_the_week_are_told(bench: Bench):
    run = bench.run()
    number = 0
    for hour in range(1, 5 * 7 * 24 + 30):
        at = NOW - hour * HOUR
        for _ in range(0 if hour % 6 and hour < 26 else 2):  # lately a sixth of what it was
            number += 1
            bench.article(run, number, at)
    bench.state.finish_run(run, "done")
    bench.look()
    assert bench.kinds == []  # the daemon was away: nothing was queued in these hours
    for hour in range(26):
        bench.poll()
        bench.clock.advance(3600)
        if hour % 5 == 0:
            bench.article(run, (number := number + 1), bench.clock.now())
    bench.look()
    assert bench.kinds == ["few_articles"]
    assert "usually 48 in these hours" in bench.watch.open[0].message


def test_a_jump_of_failures_and_of_length_are_told(bench: Bench):
    def pages(day: str, outcome: str, count: int) -> None:
        run = bench.run()
        urls = [f"http://gazette.example/{day}/{n}" for n in range(count)]
        bench.state.announce(run, "gazette", told_pages(*urls))
        for url in urls:
            bench.state.settle(url, outcome, run=run, reason="no_article" if outcome == "failed" else None)
        bench.state.finish_run(run, "done")

    pages("before", "parsed", 100)
    run = bench.run()
    for n in range(100):
        bench.article(run, n, NOW - 50 * HOUR + n * HOUR / 2, words=400 if n < 80 else 90)
    bench.state.finish_run(run, "done")
    bench.clock.advance(2 * 86_400)
    bench.article(run, 100, bench.clock.now(), words=90)
    pages("now", "failed", 30)
    bench.look()
    assert bench.kinds == ["failures", "text_length"]
    assert "100% of the 30 pages" in bench.watch.open[0].message
    assert "have 90 words in the median, those before 400" in bench.watch.open[1].message


def test_the_dead_mans_switch_is_on_when_runs_are_due_and_none_ends(bench: Bench):
    bench.poll()
    bench.look(after_s=3600)
    assert bench.kinds == []
    bench.look(after_s=3 * 3600)
    assert "no_runs" in bench.kinds
    bench.poll()
    bench.look(after_s=400)
    assert "no_runs" not in bench.kinds


def test_a_daemon_whose_sites_are_all_paused_may_idle(bench: Bench):
    bench.poll()
    bench.state.set_paused("gazette", True)
    bench.look(after_s=30 * 3600)
    assert bench.kinds == []


def test_a_clock_that_jumps_is_told_and_nothing_is_judged_by_it(bench: Bench):
    bench.poll()
    bench.look()
    bench.clock._now += timedelta(days=3)
    bench.look()
    assert bench.kinds == ["clock"]
    assert "jumped forward by 3 days" in bench.told[0]
    for _ in range(70):
        bench.look()
    assert "clock" not in bench.kinds


def test_of_many_sites_each_gets_its_turn_in_a_quarter_of_an_hour(bench: Bench):
    bench.sites = {f"s{n}": site(f"s{n}") for n in range(450)}
    seen: list[str] = []
    for _ in range(15):
        seen += [one.name for one in bench.watch._due(bench.sites)]
    assert set(seen) == set(bench.sites)
    assert len(seen) < 500


def test_a_state_that_cannot_be_written_is_told_at_once_and_once(bench: Bench):
    bench.look()
    bench.state.close()
    for _ in range(3):
        bench.look()
    assert bench.kinds == ["state"]
    assert len(bench.told) == 1
    assert "warraq.db is closed" in bench.told[0]
    assert bench.beats == 1


def test_a_state_that_can_be_read_and_not_written_is_told_and_so_is_its_end(bench: Bench):
    trouble = ["no room left on the disk of warraq.db"]
    channels = [Channel("well", bench._take)]
    bench.watch = AlarmWatch(bench.config, bench.state, bench.clock, lambda: bench.sites, channels, [bench._beat],
        state_trouble=lambda: trouble[0] if trouble else None)  # fmt: skip
    for _ in range(3):
        bench.look()
    assert (bench.kinds, bench.beats) == (["state"], 0)
    (told,) = bench.told
    assert "no room left" in told
    trouble.clear()
    bench.look()
    assert bench.kinds == []
    assert bench.told[1].startswith("[recovered] state")
    assert bench.beats == 1


def test_a_channel_that_fails_meanwhile_is_told_of_the_state_later_and_in_order(bench: Bench):
    trouble = ["no room left on the disk of warraq.db"]
    channels = [Channel("well", bench._take)]
    bench.watch = AlarmWatch(bench.config, bench.state, bench.clock, lambda: bench.sites, channels, (),
        state_trouble=lambda: trouble[0] if trouble else None)  # fmt: skip
    bench.refuses = True
    bench.look()
    bench.refuses = False
    bench.look(after_s=30)
    assert bench.told == []
    trouble.clear()
    bench.look(after_s=31)
    bench.look(after_s=61)
    assert [line.split()[0] for line in bench.told] == ["[CRITICAL]", "[recovered]"]


def test_old_alarms_are_forgotten_by_housekeeping(bench: Bench):
    path = bench.seal_file(age_s=4 * 3600)
    bench.look()
    path.unlink()
    bench.look(after_s=400)
    assert len(bench.state.alarms()) == 1
    bench.poll()
    bench.look(after_s=31 * 86_400)
    bench.poll()
    bench.look(after_s=60)
    Housekeeping(lambda: bench.config, bench.state, bench.clock).tend()
    assert "store" not in [alarm.kind for alarm in bench.state.alarms()]


@pytest.mark.parametrize(
    "fault", [RuntimeError("boom"), http.client.BadStatusLine("x"), UnicodeError("y"), KeyError("z")]
)
def test_a_channel_that_fails_in_any_way_ends_nothing_and_is_asked_again(bench: Bench, fault: Exception):
    told: list[str] = []
    faults = [fault]

    def send(message: Message) -> None:
        if faults:
            raise faults.pop()
        told.extend(message.text.splitlines())

    others: list[str] = []
    channels = [Channel("odd", send), Channel("well", lambda message: others.append(message.text))]
    bench.watch = AlarmWatch(bench.config, bench.state, bench.clock, lambda: bench.sites, channels, [bench._beat])
    bench.seal_file(age_s=4 * 3600)
    bench.look()
    assert (told, len(others)) == ([], 1)
    bench.look(after_s=61)
    assert len(told) == 1


def test_a_channel_that_never_comes_to_an_end_holds_up_no_other(bench: Bench, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(watch_module, "_PATIENCE_S", 0.05)
    release = threading.Event()
    others: list[str] = []
    channels = [
        Channel("slow", lambda _: release.wait() and None),
        Channel("well", lambda message: others.append(message.text)),
    ]
    bench.watch = AlarmWatch(bench.config, bench.state, bench.clock, lambda: bench.sites, channels, [bench._beat])
    bench.seal_file(age_s=4 * 3600)
    bench.look()
    bench.look(after_s=61)
    release.set()
    assert len(others) == 1
    assert bench.kinds == ["store"]


def test_a_channel_that_never_comes_to_an_end_is_given_up_and_asked_anew(bench: Bench, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(watch_module, "_PATIENCE_S", 0.05)
    monkeypatch.setattr(watch_module, "_GIVEN_UP_S", 0.0)
    release = threading.Event()
    begun: list[str] = []

    def send(message: Message) -> None:
        begun.append(message.text)
        if len(begun) != 2:
            release.wait()

    channels = [Channel("now and then", send)]
    bench.watch = AlarmWatch(bench.config, bench.state, bench.clock, lambda: bench.sites, channels, ())
    bench.seal_file(age_s=4 * 3600)
    bench.look()
    bench.look(after_s=3601)
    assert len(set(begun)) == 1
    assert bench.state.notices("now and then") == []
    assert len(begun) == 2
    release.set()


def test_a_heartbeat_that_never_comes_to_an_end_holds_up_no_alarm(bench: Bench, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(watch_module, "_PATIENCE_S", 0.05)
    release = threading.Event()
    told: list[str] = []
    channels = [Channel("well", lambda message: told.append(message.text))]
    heartbeats = [lambda: release.wait() and None, bench._beat]
    bench.watch = AlarmWatch(bench.config, bench.state, bench.clock, lambda: bench.sites, channels, heartbeats)
    beats = bench.beats
    bench.look()
    assert bench.beats == beats + 1
    bench.seal_file(age_s=4 * 3600)
    bench.look(after_s=61)
    release.set()
    assert len(told) == 1


def test_a_fault_in_judging_is_logged_and_the_watch_goes_on(bench: Bench, monkeypatch: pytest.MonkeyPatch):
    with monkeypatch.context() as patched:
        patched.setattr(bench.watch, "_judge", lambda: 1 / 0)
        bench.look()
    bench.seal_file(age_s=4 * 3600)
    bench.look()
    assert bench.kinds == ["store"]
