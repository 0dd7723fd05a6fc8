"""The scheduler: fires queue runs, each once; what was missed is made good once and recorded."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler.clock import FixedClock, SystemClock
from crawler.daemon.schedule.scheduler import Scheduler
from crawler.daemon.schedule.timetable import latest, timetable
from crawler.errors import ConfigError
from crawler.model.run import Run
from crawler.model.site import Schedule, Site
from crawler.run.dispatch import QueueDispatcher
from crawler.state import State, memory_state

NOON = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
LATER = datetime(2150, 3, 1, 12, 30, tzinfo=UTC)


def site(name: str = "a", cron: str = "0 * * * *", **keys: object) -> Site:
    return Site(
        name=name,
        title=name,
        country="zz",
        languages=("en",),
        home=f"http://{name}.example/",
        schedule=Schedule(cron=cron),
        **keys,  # type: ignore[arg-type]
    )


class Bench:
    """A scheduler on a clock of ours that is made anew as after a restart."""

    def __init__(self, state: State, clock: FixedClock) -> None:
        self.state = state
        self.clock = clock
        self.queued: list[Run] = []
        self.scheduler = self.restart()

    def restart(self, *sites: Site) -> Scheduler:
        self.scheduler = Scheduler(
            self.state,
            self.clock,
            catch_up_s=86_400,
            dispatcher=QueueDispatcher(self.state, on_queued=self.queued.append),
        )
        self.scheduler.load({s.name: s for s in sites or (site(),)})
        return self.scheduler

    def finish_all(self) -> None:
        for run in self.state.open_runs():
            self.state.finish_run(run.id, "done")

    def fires(self, name: str = "a") -> list[tuple[str, int, datetime]]:
        return [(fire.policy, fire.earlier, fire.scheduled_at) for fire in self.state.fires(name)]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    clock = FixedClock(NOON)
    with memory_state(clock=clock) as state:
        yield Bench(state, clock)


def test_a_site_never_crawled_is_due_at_start(bench: Bench) -> None:
    (run,) = bench.scheduler.catch_up()
    assert (run.site, run.trigger, run.scheduled_at) == ("a", "schedule", NOON.replace(minute=0))
    assert bench.queued == [run]
    assert bench.fires() == [("first", 0, run.scheduled_at)]


def test_what_was_missed_while_down_is_made_good_once(bench: Bench) -> None:
    bench.scheduler.catch_up()
    bench.finish_all()
    bench.clock.advance(5 * 3600)
    (run,) = bench.restart().catch_up()
    assert run.scheduled_at == NOON.replace(minute=0) + 5 * HOUR
    assert bench.fires()[0] == ("coalesced", 4, run.scheduled_at)
    bench.finish_all()
    assert bench.restart().catch_up() == []
    assert bench.scheduler.catch_up() == []


def test_what_was_missed_too_long_ago_is_recorded_and_not_made_good(bench: Bench) -> None:
    weekly = site(cron="0 0 * * 1")
    bench.state.add_fire("a", NOON - timedelta(days=20), "ran")
    bench.restart(weekly)
    bench.clock.advance(3 * 86_400)  # a Wednesday: Monday's is older than a day
    assert bench.scheduler.catch_up() == []
    assert [policy for policy, _, _ in bench.fires()] == ["missed", "ran"]
    assert bench.scheduler.catch_up() == []
    assert len(bench.fires()) == 2


def test_a_fire_while_a_run_is_open_is_skipped_and_recorded(bench: Bench) -> None:
    bench.scheduler.catch_up()
    bench.clock.advance(3600)
    assert bench.scheduler.catch_up() == []
    assert [policy for policy, _, _ in bench.fires()] == ["skipped_overlap", "first"]
    assert len(bench.state.runs()) == 1


def test_two_schedulers_on_one_state_queue_each_fire_once(bench: Bench) -> None:
    other = Scheduler(
        bench.state,
        bench.clock,
        catch_up_s=86_400,
        dispatcher=QueueDispatcher(bench.state, on_queued=bench.queued.append),
    )
    other.load({"a": site()})
    assert len(bench.scheduler.catch_up()) == 1
    bench.finish_all()
    assert other.catch_up() == []
    assert len(bench.state.runs()) == 1


def test_paused_and_disabled_sites_are_not_made_good(bench: Bench) -> None:
    bench.restart(site("paused"), site("disabled", enabled=False))
    bench.scheduler.set_paused("paused", True)
    assert bench.scheduler.catch_up() == []


def test_what_a_pause_left_out_is_not_made_good(bench: Bench) -> None:
    bench.scheduler.catch_up()
    bench.finish_all()
    bench.scheduler.set_paused("a", True)
    bench.clock.advance(5 * 3600)
    bench.scheduler.set_paused("a", False)
    assert bench.scheduler.catch_up() == []


def test_wrong_schedules_are_all_told_and_nothing_changes(bench: Bench) -> None:
    bench.scheduler.catch_up()
    bench.finish_all()
    wrong = {"b": site("b", cron="99 * * * *"), "c": site("c", cron="often")}
    with pytest.raises(ConfigError) as caught:
        bench.scheduler.load(wrong)
    assert [problem.file for problem in caught.value.problems] == ["b.toml", "c.toml"]
    bench.clock.advance(3600)
    assert [run.site for run in bench.scheduler.catch_up()] == ["a"]


def test_runs_of_sites_that_share_a_host_share_a_lane(bench: Bench) -> None:
    first, second = (
        site("first", feeds=("http://shared.example/1",)),
        site("second", feeds=("http://shared.example/2",)),
    )
    bench.restart(first, second).catch_up()
    assert bench.state.claim_run("w") is not None
    assert bench.state.claim_run("w") is None


def every_hour(name: str = "a") -> Site:
    return Site(
        name=name, title=name, country="zz", languages=(), home=f"http://{name}.example/", schedule=Schedule(every="1h")
    )


@pytest.fixture
def ahead(bench: Bench) -> Bench:
    """A bench in the far future: APScheduler's own clock is the machine's, and fires at once what is past by that."""
    bench.clock._now = LATER
    return bench


async def set_clock(bench: Bench, by: timedelta) -> list[Run]:
    """Set the clock of a started scheduler, as NTP or a machine that slept does; return what is queued then."""
    bench.scheduler.start()
    bench.scheduler.tend()
    bench.queued.clear()
    bench.finish_all()
    bench.clock._now += by
    bench.scheduler.tend()
    queued = list(bench.queued)
    bench.scheduler.stop()
    return queued


def test_a_clock_put_back_does_not_silence_the_schedule(ahead: Bench) -> None:
    ahead.restart(every_hour(), every_hour("paused")).catch_up()
    ahead.scheduler.set_paused("paused", True)
    table = timetable("a", Schedule(every="1h"))

    async def put_back() -> tuple[list[Run], datetime | None, datetime | None]:
        queued = await set_clock(ahead, timedelta(days=-400))
        return queued, ahead.scheduler.next_fire("a"), ahead.scheduler.next_fire("paused")

    queued, following, of_paused = asyncio.run(put_back())
    assert queued == []
    assert following == table.next_after(LATER - timedelta(days=400))
    assert of_paused is None
    ahead.clock.advance(3600)
    assert [run.site for run in ahead.scheduler.catch_up()] == ["a"]


def test_what_a_clock_put_forward_jumped_over_is_made_good_once(ahead: Bench) -> None:
    ahead.restart(every_hour()).catch_up()
    table = timetable("a", Schedule(every="1h"))
    queued = asyncio.run(set_clock(ahead, timedelta(hours=5)))
    assert [run.scheduled_at for run in queued] == [latest(table, LATER, LATER + 5 * HOUR)[0]]
    assert ahead.fires()[0][:2] == ("coalesced", 4)


def test_a_clock_that_drifts_a_little_is_not_set(ahead: Bench) -> None:
    ahead.restart(every_hour()).catch_up()
    assert asyncio.run(set_clock(ahead, timedelta(seconds=1.5))) == []


def test_live_fires_come_on_time_and_reload_keeps_the_rest(tmp_path: Path) -> None:
    queued: list[Run] = []

    async def live(state: State) -> None:
        done = asyncio.Event()

        def on_queued(run: Run) -> None:
            queued.append(run)
            state.finish_run(run.id, "done")
            if [r.site for r in queued].count("a") >= 2:
                done.set()

        scheduler = Scheduler(
            state, SystemClock(), catch_up_s=0, dispatcher=QueueDispatcher(state, on_queued=on_queued)
        )
        every = Site(
            name="a",
            title="a",
            country="zz",
            languages=(),
            home="http://a.example/",
            schedule=Schedule(every="1s"),
        )
        scheduler.load({"a": every, "gone": site("gone")})
        scheduler.start()
        next_fire = scheduler.next_fire("a")
        scheduler.load({"a": every, "new": site("new")})
        assert scheduler.next_fire("a") == next_fire
        assert scheduler.next_fire("gone") is None
        assert scheduler.next_fire("new") is not None
        await asyncio.wait_for(done.wait(), 20)
        scheduler.stop()

    with memory_state(clock=SystemClock()) as state:
        asyncio.run(live(state))
        fires = {fire.scheduled_at: fire for fire in state.fires("a")}
    for run in queued[:2]:
        assert run.scheduled_at is not None
        assert fires[run.scheduled_at].run == run.id
    assert len({run.scheduled_at for run in queued}) == len(queued)
