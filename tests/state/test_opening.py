"""Opening the state that the settings name: as it is, as an earlier version left it, anew, or not at all."""

from __future__ import annotations

import gzip
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from errno import EIO
from pathlib import Path

import pytest

from crawler.clock import FixedClock
from crawler.config import StateSettings
from crawler.errors import StateDamaged, StateError, StateMissing, UsageError
from crawler.state import ArticleFilter, memory_state, new_run, open_state, owner, read_state
from crawler.state.opening import is_sound, replaced_state, set_aside
from crawler.state.statements.schema import MIGRATIONS
from tests.ledger import pages

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LATER = FixedClock(NOON + timedelta(days=1))
FERRY = "https://harbour.example/1"


@pytest.fixture
def settings(tmp_path: Path) -> StateSettings:
    return StateSettings(dir=str(tmp_path / "state"))


@pytest.fixture
def kept(settings: StateSettings) -> StateSettings:
    """The folder of a state that Warraq 0.1 wrote (schema 5): a run that ended, two that were killed, one that
    waits."""
    path = Path(settings.dir, "warraq.db")
    path.parent.mkdir()
    path.write_bytes(gzip.decompress((Path(__file__).parent / "kept" / "schema-5.db.gz").read_bytes()))
    return settings


def test_a_state_of_the_version_before_is_migrated_with_all_it_knew(kept: StateSettings) -> None:
    with open_state(kept, clock=LATER) as state:
        state.check()
        assert state._db.one("SELECT MAX(number) FROM migrations")[0] == len(MIGRATIONS)
        assert {run.site: run.state for run in state.runs()} == {
            "harbour": "partial", "island": "running", "lagoon": "running", "strait": "queued",
        }  # fmt: skip
        entry = state.entry(FERRY)
        assert entry is not None
        assert (entry.outcome, entry.article_id, entry.title) == (
            "parsed",
            f"{1:016x}",
            "Ferry 1",
        ) or entry.url == FERRY
        assert [event.outcome for event in state.history(FERRY)] == ["announced", "captured", "parsed"]
        assert state.captures(FERRY)[0].offset == 2000
        assert [receipt.size_bytes for receipt in state.receipts()] == [9000]
        found = state.search_articles("ferry", ArticleFilter(site="harbour"))
        assert [row.word_count for row in found.rows] == [303, 302, 301]
        assert state.load_robots("https://harbour.example").body.startswith(b"User-agent")  # type: ignore[union-attr]
        assert state.validators("https://harbour.example/feed.xml").etag == '"v1"'  # type: ignore[union-attr]
        assert list(state.pauses()) == ["lagoon"]
        assert [fire.policy for fire in state.fires()] == ["ran"]
        assert [alarm.kind for alarm in state.open_alarms()] == ["silent"]
        assert [notice.event for notice in state.notices("mail")] == ["raised"]
        assert state.counters()["runs", "partial"] == 1


def test_what_the_version_before_had_given_up_or_left_waiting_is_due(kept: StateSettings) -> None:
    with closing(sqlite3.connect(Path(kept.dir, "warraq.db"))) as old, old:
        old.execute("UPDATE ledger SET attempts = 3 WHERE outcome = 'failed'")  # three polls, then never again
    with open_state(kept, clock=LATER) as state:
        (given_up,) = state.tries("harbour", limit=9)
        assert (given_up.announcement.url, given_up.outcome) == ("https://harbour.example/3", "failed")
        assert [due.announcement.url for due in state.waiting("harbour", limit=9)] == ["https://harbour.example/4"]
        entry = state.entry(FERRY)
        assert entry is not None
        assert (entry.first_article_id, entry.next_visit_at) == (entry.article_id, None)
        assert FERRY in state.unkeyed("harbour")


def test_runs_that_the_version_before_left_running_are_taken_back_and_go_on(kept: StateSettings) -> None:
    with open_state(kept, clock=LATER) as state:
        recovered = state.interrupt_runs()
        assert [(len(recovered.requeued), len(recovered.ended))] == [(1, 1)]
        claimed = [state.claim_run(owner("worker-0")) for _ in range(3)]
        assert [run.site for run in claimed if run] == ["strait", "island"]
        state.announce(claimed[1].id, "island", pages("https://island.example/a"))  # type: ignore[union-attr]
        assert "https://island.example/a" in [due.announcement.url for due in state.waiting("island", limit=99)]


def test_a_state_of_the_version_before_is_read_without_being_asked_to_change(kept: StateSettings) -> None:
    with read_state(kept, clock=LATER) as state:
        assert len(state.runs()) == 4


def test_what_was_written_is_there_for_the_next_who_opens_it(settings: StateSettings) -> None:
    run = new_run("a", trigger="manual", clock=LATER)
    with open_state(settings, clock=LATER) as state, open_state(settings, clock=LATER) as other:
        state.add_run(run)
        assert other.run(run.id) == run
        assert state.name == other.name == str(Path(settings.dir, "warraq.db"))


def test_to_read_it_must_be_there(settings: StateSettings) -> None:
    with pytest.raises(StateMissing, match=r"state holds no state: nothing was run here; .*--state"):
        read_state(settings, clock=LATER)
    assert not Path(settings.dir).exists()


def test_a_state_in_memory_is_its_own_and_gone_when_closed() -> None:
    with memory_state(clock=LATER) as state, memory_state(clock=LATER) as other:
        state.add_run(new_run("a", trigger="manual", clock=LATER))
        assert (len(state.runs()), len(other.runs()), state.name) == (1, 0, "memory")


def test_a_new_state_takes_the_place_of_the_old_one_only_when_it_is_whole(settings: StateSettings) -> None:
    with open_state(settings, clock=LATER) as state:
        state.add_run(new_run("old", trigger="manual", clock=LATER))

    def fail() -> None:
        with replaced_state(settings, clock=LATER, force=True) as state:
            state.add_run(new_run("new", trigger="manual", clock=LATER))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with read_state(settings, clock=LATER) as state:
        assert [run.site for run in state.runs()] == ["old"]
    with replaced_state(settings, clock=LATER, force=True) as state:
        state.add_run(new_run("new", trigger="manual", clock=LATER))
    with read_state(settings, clock=LATER) as state:
        assert [run.site for run in state.runs()] == ["new"]
    assert [path.name for path in Path(settings.dir).iterdir()] == ["warraq.db"]


def test_an_old_state_is_not_replaced_unless_that_is_meant(settings: StateSettings) -> None:
    open_state(settings, clock=LATER).close()
    with pytest.raises(UsageError, match=r"is there already; .*--force"), replaced_state(settings, clock=LATER):
        pass


def test_a_damaged_state_is_told_from_a_missing_one_and_set_aside(settings: StateSettings) -> None:
    assert (is_sound(settings, clock=LATER), set_aside(settings, clock=LATER)) == (False, None)
    open_state(settings, clock=LATER).close()
    assert is_sound(settings, clock=LATER)
    Path(settings.dir, "warraq.db").write_bytes(b"a letter to my aunt" * 1000)
    with pytest.raises(StateDamaged):
        is_sound(settings, clock=LATER)
    assert set_aside(settings, clock=LATER) == "warraq.db.damaged-20260302T120000Z"
    assert not is_sound(settings, clock=LATER)


def test_nobody_but_its_owner_reads_the_state(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    open_state(StateSettings(dir=str(folder)), clock=LATER).close()
    files = [path for path in folder.iterdir() if path.name.startswith("warraq")]
    assert files
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o077 for path in files} == {0}
    for path in files:
        path.chmod(0o644)  # as the version before left them
    state = open_state(StateSettings(dir=str(folder)), clock=LATER)
    assert {path.stat().st_mode & 0o077 for path in folder.iterdir() if path.name.startswith("warraq")} == {0}
    state.close()


def test_a_disk_that_takes_no_new_state_is_told_and_the_old_one_stays(
    settings: StateSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_state(settings, clock=LATER) as state:
        state.add_run(new_run("old", trigger="manual", clock=LATER))

    def refuse(path: Path, target: Path) -> Path:
        raise OSError(EIO, "refused")

    monkeypatch.setattr(Path, "rename", refuse)
    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(StateError, match="cannot be set aside: refused"):
        set_aside(settings, clock=LATER)
    assert is_sound(settings, clock=LATER)
    with (
        pytest.raises(StateError, match=f"{settings.dir}: refused; make room"),
        replaced_state(settings, clock=LATER, force=True),
    ):
        pass
    with read_state(settings, clock=LATER) as state:
        assert [run.site for run in state.runs()] == ["old"]
    assert [path.name for path in Path(settings.dir).iterdir()] == ["warraq.db"]
