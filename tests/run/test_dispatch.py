"""One suite for every dispatcher, and one for every kind of site lock."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.clock import FixedClock
from crawler.errors import StateError
from crawler.model.run import Run
from crawler.run.dispatch import (
    Dispatcher,
    FileSiteLocks,
    MemoryDispatcher,
    MemorySiteLocks,
    QueueDispatcher,
    SiteLocks,
)
from crawler.state import memory_state, new_run

CLOCK = FixedClock(datetime(2026, 3, 1, 12, tzinfo=UTC))
Dispatched = tuple[Dispatcher, Callable[[], list[str]]]


def run(site: str = "a", *, scheduled: bool = False) -> Run:
    at = CLOCK.now() if scheduled else None
    return new_run(site, trigger="schedule" if scheduled else "manual", clock=CLOCK, scheduled_at=at)


@pytest.fixture(params=["queue", "memory"])
def dispatched(request: pytest.FixtureRequest) -> Iterator[Dispatched]:
    """A dispatcher, and the ids of the runs that workers get from it."""
    if request.param == "memory":
        memory = MemoryDispatcher()
        yield memory, lambda: [one.id for one, _ in memory.submitted]
        return
    with memory_state(clock=CLOCK) as state:
        yield QueueDispatcher(state, on_queued=lambda _: None), lambda: [one.id for one in state.open_runs()]


def test_what_is_submitted_gets_to_a_worker(dispatched: Dispatched) -> None:
    dispatcher, waiting = dispatched
    first, second = run("a"), run("b")
    assert dispatcher.submit(first, lane="a")
    assert dispatcher.submit(second, lane="b")
    assert sorted(waiting()) == sorted([first.id, second.id])


def test_a_fire_has_one_run_however_often_it_is_submitted(dispatched: Dispatched) -> None:
    dispatcher, waiting = dispatched
    first, again = run(scheduled=True), run(scheduled=True)
    assert dispatcher.submit(first, lane="a")
    assert not dispatcher.submit(again, lane="a")
    assert waiting() == [first.id]
    assert dispatcher.submit(run(), lane="a")


def test_workers_are_woken_for_what_was_queued_and_runs_of_a_lane_wait_for_each_other() -> None:
    woken: list[str] = []
    with memory_state(clock=CLOCK) as state:
        dispatcher = QueueDispatcher(state, on_queued=lambda one: woken.append(one.id))
        first, again, beside = run("a", scheduled=True), run("a", scheduled=True), run("b")
        for one in (first, again, beside):
            dispatcher.submit(one, lane="shared.example")
        assert woken == [first.id, beside.id]
        assert state.claim_run("w") is not None
        assert state.claim_run("w") is None


@pytest.fixture(params=["files", "memory"])
def two(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[SiteLocks, SiteLocks]:
    """Two who want the same locks."""
    if request.param == "files":
        return FileSiteLocks(tmp_path / "locks"), FileSiteLocks(tmp_path / "locks")
    holders: dict[str, object] = {}
    return MemorySiteLocks(holders), MemorySiteLocks(holders)


def test_a_site_has_one_holder(two: tuple[SiteLocks, SiteLocks]) -> None:
    one, other = two
    assert one.take("a")
    assert not other.take("a")
    assert not one.take("a")
    assert (one.alive("a"), other.alive("a")) == (True, False)
    assert other.take("b")


def test_a_lock_given_up_is_free_for_others(two: tuple[SiteLocks, SiteLocks]) -> None:
    one, other = two
    one.take("a")
    other.free("a")
    assert one.alive("a")
    one.free("a")
    one.free("a")
    assert not one.alive("a")
    assert other.take("a")


def test_a_lock_of_a_process_that_is_killed_is_free(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from crawler.run.dispatch import FileSiteLocks;"
        "locks = FileSiteLocks(Path(sys.argv[1])); assert locks.take('a'); print('held', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    mine = FileSiteLocks(tmp_path)
    assert not mine.take("a")
    holder.kill()
    holder.communicate()
    assert mine.take("a")


def test_a_lock_whose_file_is_gone_is_held_no_more(tmp_path: Path) -> None:
    locks = FileSiteLocks(tmp_path)
    locks.take("a")
    (tmp_path / "a.lock").unlink()
    assert not locks.alive("a")
    assert FileSiteLocks(tmp_path).take("a")


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StateError, match=rf"cannot write {tmp_path}{os.sep}file"):
        FileSiteLocks(tmp_path / "file").take("a")


def test_whoever_may_look_at_the_folder_may_look_at_its_locks(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        assert FileSiteLocks(tmp_path).take("a")
    finally:
        os.umask(before)
    assert (tmp_path / "a.lock").stat().st_mode & 0o777 == 0o644
