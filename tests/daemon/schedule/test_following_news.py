"""Sites that are read by their news: the scheduler follows what runs leave in the state."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from crawler.clock import FixedClock
from crawler.daemon.schedule.scheduler import Scheduler
from crawler.model.run import Run
from crawler.model.site import Schedule, Site
from crawler.run.dispatch import QueueDispatcher
from crawler.state import State, memory_state, new_run

NOW = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
"""APScheduler has a clock of its own and fires what is past by it, also while these tests run."""
MINUTE = timedelta(minutes=1)
FEED, OTHER = "http://a.example/feed", "http://a.example/other"


def site(*feeds: str, **schedule: object) -> Site:
    return Site(
        name="a",
        title="a",
        country="zz",
        languages=("en",),
        home="http://a.example/",
        feeds=feeds or (FEED,),
        schedule=Schedule(adaptive=True, **schedule),  # type: ignore[arg-type]
    )


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def state(clock: FixedClock) -> Iterator[State]:
    with memory_state(clock=clock) as opened:
        yield opened


def due(state: State, url: str = FEED, *, minutes: float, read: float = 0) -> None:
    state.keep_rhythm("a", url, "{}", read_at=NOW + read * MINUTE, due_at=NOW + minutes * MINUTE, why="news")


def in_loop(state: State, clock: FixedClock, site: Site, look: Callable[[Scheduler, list[Run]], None]) -> None:
    async def main() -> None:
        queued: list[Run] = []
        scheduler = Scheduler(
            state, clock, catch_up_s=86_400, dispatcher=QueueDispatcher(state, on_queued=queued.append)
        )
        scheduler.load({"a": site})
        scheduler.start()
        try:
            look(scheduler, queued)
        finally:
            scheduler.stop()

    asyncio.run(main())


def next_fire(state: State, clock: FixedClock, site: Site) -> float:
    """Return in how many minutes the site is due."""
    found: list[datetime | None] = []

    def look(scheduler: Scheduler, _: list[Run]) -> None:
        scheduler.tend()
        found.append(scheduler.next_fire("a"))

    in_loop(state, clock, site, look)
    assert found[0] is not None
    return (found[0] - NOW) / MINUTE


def test_a_site_never_crawled_is_due_at_once(state, clock) -> None:
    def look(scheduler: Scheduler, queued: list[Run]) -> None:
        scheduler.catch_up()
        assert [run.site for run in queued] == ["a"]

    in_loop(state, clock, site(), look)


def test_it_fires_when_its_first_channel_is_due_after_a_restart_too(state, clock) -> None:
    state.add_fire("a", NOW - 10 * MINUTE, "ran")
    due(state, minutes=42)
    due(state, OTHER, minutes=7)
    assert next_fire(state, clock, site()) == 42  # the other is not declared
    assert next_fire(state, clock, site(FEED, OTHER)) == 7
    assert next_fire(state, clock, site(FEED, OTHER)) == 7


def test_what_was_due_while_nothing_ran_is_made_good_once(state, clock) -> None:
    state.add_fire("a", NOW - 60 * MINUTE, "ran")
    due(state, minutes=-20, read=-60)

    def look(scheduler: Scheduler, queued: list[Run]) -> None:
        scheduler.catch_up()
        scheduler.catch_up()
        assert [run.scheduled_at for run in queued] == [NOW - 20 * MINUTE]

    in_loop(state, clock, site(), look)


def test_a_run_that_read_nothing_is_followed_by_another_after_an_hour_within_bounds(state, clock) -> None:
    state.add_fire("a", NOW, "ran")
    due(state, minutes=-5, read=-30)
    assert next_fire(state, clock, site()) == 60
    assert next_fire(state, clock, site(max="30m")) == 30


def test_a_channel_that_is_new_does_not_wait_for_the_others(state, clock) -> None:
    state.add_fire("a", NOW, "ran")
    due(state, minutes=300)
    assert next_fire(state, clock, site(FEED, OTHER)) == 15


def test_the_moment_of_a_clock_that_was_put_back_is_not_waited_for(state, clock) -> None:
    state.add_fire("a", NOW - 10 * MINUTE, "ran")
    due(state, minutes=24 * 60 + 30, read=24 * 60)
    assert next_fire(state, clock, site()) == 0


def test_a_paused_site_stays_paused(state, clock) -> None:
    state.add_fire("a", NOW - 10 * MINUTE, "ran")
    due(state, minutes=5)
    state.set_paused("a", True)

    def look(scheduler: Scheduler, _: list[Run]) -> None:
        scheduler.tend()
        assert scheduler.next_fire("a") is None

    in_loop(state, clock, site(), look)


def test_while_a_run_goes_on_nothing_is_moved(state, clock) -> None:
    state.add_fire("a", NOW - 10 * MINUTE, "ran")
    due(state, minutes=-1, read=-10)

    def look(scheduler: Scheduler, _: list[Run]) -> None:
        before = scheduler.next_fire("a")
        state.add_run(new_run("a", trigger="schedule", clock=clock))
        due(state, minutes=20)
        scheduler.tend()
        assert scheduler.next_fire("a") == before

    in_loop(state, clock, site(), look)
