"""A whole archive, as Warraq 0.1.0 left one, held against its state and itself: sound, until somebody touches it."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date, datetime
from pathlib import Path

import msgspec
import pytest

from crawler.archive.check.manifest import make_manifests
from crawler.archive.run_ends import RunEnd
from crawler.archive.store import open_store
from crawler.clock import SystemClock
from crawler.config import Config, load
from crawler.run.offline.evidence import verify_archive
from crawler.run.receipts import keep_manifests, known_manifests, known_receipts
from crawler.state import read_state
from tests.kept_archive import unpack_kept


@pytest.fixture
def config(tmp_path: Path) -> Config:
    unpack_kept(tmp_path)
    config = load(overrides={"storage.url": f"file:{tmp_path}/data", "state.dir": str(tmp_path / "state")})
    store, clock = open_store(config.storage), SystemClock()
    made = make_manifests(
        store, clock=clock, before=date(2100, 1, 1), receipts=known_receipts(config.state, clock=clock)
    )
    keep_manifests(config.state, made, clock=clock)
    return config


def faults(config: Config) -> list[tuple[str, int, str]]:
    reports = verify_archive(config, open_store(config.storage), clock=SystemClock())
    return [(fault.file, fault.offset, fault.what) for report in reports for fault in report.faults]


def execute(config: Config, statement: str) -> None:
    with closing(sqlite3.connect(Path(config.state.dir) / "warraq.db")) as database:
        assert database.execute(statement).rowcount
        database.commit()


def execute_any(config: Config, statement: str) -> None:
    with closing(sqlite3.connect(Path(config.state.dir) / "warraq.db")) as database:
        database.execute(statement)
        database.commit()


def test_it_is_sound(config: Config) -> None:
    assert faults(config) == []
    assert len(known_manifests(config.state, clock=SystemClock())) == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda c: execute(c, "UPDATE captures SET status = 404 WHERE role = 'article' AND rowid % 2"),
        "the state has the status 404"),
        (lambda c: execute(c, "DELETE FROM captures WHERE role = 'robots'"), "the state does not know the capture of"),
        (lambda c: execute(c, "UPDATE captures SET warc_offset = warc_offset + 1 WHERE role = 'feed'"),
        "none of ours begins at this byte"),
        (lambda c: execute(c, "DELETE FROM receipts"), "the state has captures in it, and no receipt of it"),
        (lambda c: execute(c, "UPDATE articles SET title = 'Other'"), "the state 'Other'"),
        (lambda c: execute(c, "DELETE FROM articles"), "the state has no article as line 1"),
        (lambda c: execute(c, "UPDATE manifests SET sha256 = 'f'"), "is not what was written"),
        (lambda c: next(Path(c.storage.url.removeprefix("file:")).rglob("manifests/**/*.json")).unlink(),
        "was written here, and is not there any more"),
        (lambda c: Path(c.storage.url.removeprefix("file:"), "holiday.jpg").write_bytes(b"x"),
        "nothing of this program lies there"),
        (lambda c: Path(c.state.dir, "warraq.db").write_bytes(b"SQLite format 3\0" + b"x" * 5000), "is damaged"),
    ],
)  # fmt: skip
def test_what_was_touched_is_named(config: Config, change: Callable[[Config], object], said: str) -> None:
    change(config)
    assert any(said in what for _, _, what in faults(config)), faults(config)


def test_without_a_state_the_store_speaks_for_itself(config: Config) -> None:
    shutil.rmtree(config.state.dir)
    assert faults(config) == []


@pytest.mark.parametrize("left", ["owner.lock", "spool"])
def test_a_state_whose_database_is_gone_is_named(config: Config, left: str) -> None:
    shutil.rmtree(config.state.dir)
    folder = Path(config.state.dir)
    folder.mkdir()
    (folder / left).mkdir() if left == "spool" else (folder / left).touch()
    assert faults(config) == [(str(folder / "warraq.db"), 0, "it is gone: `warraq rebuild`")]


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("DROP TABLE robots", "it lacks the table robots"),
        ("DROP INDEX runs_one_per_lane", "it lacks the index runs_one_per_lane on runs"),
        ("ALTER TABLE runs RENAME COLUMN site TO place", "it lacks the"),
        ("DELETE FROM migrations", "it does not tell of which version its tables are"),
        ("CREATE TABLE mine (x TEXT)", "the table mine (x TEXT 0) is not of this program"),
        ("CREATE TRIGGER late AFTER INSERT ON runs BEGIN DELETE FROM runs; END", "the trigger late on runs is not"),
        ("UPDATE runs SET targets = '['", "has the targets [, which there is not"),
    ],
)
def test_tables_that_are_not_ours_are_named_and_the_store_is_looked_at_all_the_same(
    config: Config, statement: str, said: str
) -> None:
    Path(config.storage.url.removeprefix("file:"), "holiday.jpg").write_bytes(b"x")
    execute_any(config, statement)
    found = faults(config)
    assert any(said in what and name.endswith("warraq.db") for name, _, what in found), found
    assert ("holiday.jpg", 0, "nothing of this program lies there") in found


def test_ends_of_runs_begin_somewhere(config: Config) -> None:
    with read_state(config.state, clock=SystemClock()) as state:
        run = state.runs(limit=1)[0]
    since = Path(config.storage.url.removeprefix("file:"), "runs/since-20000101T000000Z.json")
    put_end(config, run.id, run.state, reason=run.reason)
    assert [one[::2] for one in faults(config)] == [
        ("runs/", "it does not tell since when ends are kept: a run without one counts as ended")
    ]
    since.write_bytes(b"{}")
    assert faults(config) == []


def put_end(config: Config, run: str, state: str, day: str = "2026/11/23", reason: str | None = None) -> str:
    key = f"runs/{day}/{run}.{state}.json"
    path = Path(config.storage.url.removeprefix("file:"), key)
    path.parent.mkdir(parents=True, exist_ok=True)
    ended_at = datetime.fromisoformat(f"{day.replace('/', '-')}T00:00:00+00:00")
    end = RunEnd(run=run, site=run.split("-")[1], state=state, reason=reason, ended_at=ended_at)
    path.write_bytes(msgspec.json.encode(end))
    return key


def test_a_run_has_one_end_and_it_is_the_one_that_the_state_has(config: Config) -> None:
    with read_state(config.state, clock=SystemClock()) as state:
        run = state.runs()[0]
    key = put_end(config, run.id, run.state, reason=run.reason)
    Path(config.storage.url.removeprefix("file:"), "runs/since-20000101T000000Z.json").write_bytes(b"{}")
    assert faults(config) == []
    other = put_end(config, run.id, run.state, "2026/11/24")
    assert faults(config) == [(one, 0, "2 ends of that run lie there") for one in (key, other)]
    for one in (key, other):
        Path(config.storage.url.removeprefix("file:"), one).unlink()
    key = put_end(config, run.id, "failed" if run.state != "failed" else "done")
    assert faults(config) == [(key, 0, f"the state has that run as {run.state}")]
    put_end(config, f"{run.id}ffff", "failed")  # of another machine: nothing is known of it here
    assert len(faults(config)) == 1


def test_a_folder_of_ours_that_lies_on_another_disk_is_no_stray(config: Config, tmp_path: Path) -> None:
    data = Path(config.storage.url.removeprefix("file:"))
    (data / "articles").rename(tmp_path / "elsewhere")
    (data / "articles").symlink_to(tmp_path / "elsewhere")
    (data / "other").symlink_to(tmp_path)
    assert faults(config) == [("other", 0, "it is no object: no file, or hidden; nothing here reads it")]
