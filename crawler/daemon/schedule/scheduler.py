"""The scheduler: its fires only queue runs.

A fire costs one transaction. What was missed while nothing ran is made good once, at start; every fire is recorded
with the policy that applied to it. Config is the schedule: nothing but the record of fires outlives the process.
"""

from __future__ import annotations

__all__ = ["Scheduler"]

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler.executors.base import BaseExecutor
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

from crawler.clock import Clock
from crawler.config import interval_s
from crawler.daemon.schedule.timetable import Timetable, WhenDue, latest, politeness_keys, timetable
from crawler.errors import ConfigError, Problem, StateError
from crawler.frontier.visits import LATE
from crawler.log import EventLog
from crawler.model.run import Run
from crawler.model.site import Schedule, Site
from crawler.run.dispatch import Dispatcher
from crawler.state import FirePolicy, State, new_run
from crawler.urls import normalise

_log = EventLog(__name__)

_INSTANT = timedelta(microseconds=1)
_STEP_S = 2.0
"""What a clock may be off by between two looks; more is a step (a correction, a machine that slept)."""
_OTHERWISE_S = 3600.0
"""A site that is read by its news is due so long after a run that read nothing of it."""
_PAGES_S = 900.0
"""Between two of its channels' turns its pages (tries, visits, what waits) have a run at most so often."""


class Scheduler:
    """Queues a run at each fire of each enabled site that is not paused."""

    def __init__(self, state: State, clock: Clock, *, catch_up_s: float, dispatcher: Dispatcher) -> None:
        self._state = state
        self._clock = clock
        self._catch_up = timedelta(seconds=catch_up_s)
        self._dispatcher = dispatcher
        self._timetables: dict[str, Timetable] = {}
        self._sites: Mapping[str, Site] = {}
        self._declared: dict[str, Schedule] = {}
        self._lanes: dict[str, str] = {}
        self._last = state.last_fires()
        self._behind = False
        self._looked = (clock.now(), clock.monotonic())
        self._engine = AsyncIOScheduler(
            timezone=UTC,
            executors={"default": _Immediately()},
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )

    def set_catch_up(self, catch_up_s: float) -> None:
        """Make good what was missed by at most that from now on."""
        self._catch_up = timedelta(seconds=catch_up_s)

    def start(self) -> None:
        """Begin to fire; needs a running event loop."""
        self._engine.start()

    def stop(self) -> None:
        """Stop to fire; what was queued stays queued."""
        if self._engine.running:
            self._engine.shutdown(wait=False)

    def load(self, sites: Mapping[str, Site]) -> None:
        """Follow `sites` from now on: new ones are added, gone ones dropped, changed ones moved; the rest keep time.

        Raises ConfigError with every schedule that cannot be read; then nothing changes.
        """
        tables = _timetables(sites)
        self._lanes = politeness_keys(sites)
        for name in self._timetables.keys() - tables.keys():
            self._engine.remove_job(name)
            del self._declared[name]
        paused = self._state.pauses()
        for name, table in tables.items():
            if self._declared.get(name) == sites[name].schedule:
                tables[name] = self._timetables[name]
                continue
            self._declared[name] = sites[name].schedule
            self._engine.add_job(self._fire, _Trigger(table), args=[name, None], id=name, replace_existing=True)
            if name in paused:
                self._engine.pause_job(name)
        self._timetables, self._sites = tables, sites
        self._follow_news()

    def set_paused(self, site: str, paused: bool) -> bool:
        """Pause or resume `site`; return False if it was so already. What a pause swallowed is not made good."""
        changed = self._state.set_paused(site, paused)
        if site in self._timetables:
            (self._engine.pause_job if paused else self._engine.resume_job)(site)
        if not paused:
            self._last[site] = self._clock.now()
        return changed

    def lane(self, site: str) -> str:
        """Return the politeness key of `site`."""
        return self._lanes.get(site, site)

    def next_fire(self, site: str) -> datetime | None:
        """Return the site's next fire; None if it is paused, disabled or unknown."""
        job = self._engine.get_job(site)
        moment: datetime | None = getattr(job, "next_run_time", None)
        return moment.astimezone(UTC) if moment else None

    def catch_up(self) -> list[Run]:
        """Queue one run for each site whose fires were missed; older misses than `catch_up_s` are only recorded.

        A site that was never crawled is due. Safe to call at any time: a fire has one run.
        """
        queued = []
        paused = self._state.pauses()
        for site, table in self._timetables.items():
            if site not in paused:
                run = self._make_good(site, table)
                queued += [run] if run else []
        self._behind = False
        return queued

    def tend(self) -> None:
        """Make good what could not be recorded when it fired (the state was busy or its disk full).

        When the clock was set, every next fire is reckoned anew: else a clock put back would mean silence until it
        has caught up, and one put forward is noticed only when the timer that was set before runs out.
        """
        stepped_s = self._stepped_s()
        if stepped_s:
            _log.warning("the clock was set; next fires are reckoned anew", by_s=round(stepped_s, 1))
            self._reckon_anew(back=stepped_s < 0)
            self._behind = True
        if self._behind:
            self.catch_up()
        self._follow_news()

    def _follow_news(self) -> None:
        """Set the next fire of each site that is read by its news to when its channels and pages are due now."""
        for site, table in self._timetables.items():
            if not isinstance(table, WhenDue):
                continue
            table.due_at = self._due_at(site)
            fires_at, last = self.next_fire(site), self._last.get(site)
            if fires_at is None or last is None:
                continue  # paused, or never crawled: catching up sees to that
            due_at = table.next_after(last)
            if due_at != fires_at and self._state.open_run(site) is None:
                self._engine.modify_job(site, next_run_time=due_at)

    def _due_at(self, site: str) -> datetime | None:
        """Return when `site` is due by what the state knows; None: it knows nothing."""
        declared, known, now = self._sites[site], self._state.channels_due(site), self._clock.now()
        last = self._last.get(site)
        if last is None:
            return None
        channels = frozenset(map(normalise, declared.channels))
        dues = [known[url] for url in channels if url in known]
        pages_at = last + timedelta(seconds=max(_PAGES_S, interval_s(declared.schedule.min)))
        if len(dues) < len(channels):
            dues.append(pages_at)  # one was never read
        page_at = self._state.next_page(site, oldest_visit=now - LATE)
        if page_at is not None:
            dues.append(max(page_at, pages_at))
        return min(dues, default=None)

    def _stepped_s(self) -> float:
        """Return by how many seconds the clock was set since the last look; 0: it was not."""
        now, monotonic = self._clock.now(), self._clock.monotonic()
        step_s = (now - self._looked[0]).total_seconds() - (monotonic - self._looked[1])
        self._looked = (now, monotonic)
        return step_s if abs(step_s) > _STEP_S else 0.0

    def _reckon_anew(self, *, back: bool) -> None:
        now = self._clock.now()
        for site, table in self._timetables.items():
            if back and site in self._last:
                self._last[site] = min(self._last[site], now)
            if self.next_fire(site) is not None:
                self._engine.modify_job(site, next_run_time=table.next_after(now))

    def _make_good(self, site: str, table: Timetable) -> Run | None:
        now = self._clock.now()
        horizon = now - self._catch_up
        last = self._last.get(site)
        if last is None:
            fire, _ = latest(table, horizon, now)
            return self._queue(site, fire, "first", 0) if fire else None
        if last < horizon:
            first = table.next_after(last)
            if first is not None and first <= horizon:
                self._state.add_fire(site, first, "missed")
        fire, count = latest(table, max(last, horizon), now)
        return self._queue(site, fire, "coalesced", count - 1) if fire else None

    def _fire(self, site: str, at: datetime) -> None:
        """Act on one fire; a state that cannot be written is tried again by `tend`."""
        last = self._last.get(site)
        earlier = latest(self._timetables[site], last, at - _INSTANT)[1] if last and last < at else 0
        try:
            self._queue(site, at, "coalesced" if earlier else "ran", earlier)
        except StateError as error:
            self._behind = True
            _log.error("fire not recorded, will be made good", site=site, scheduled_at=at, error=str(error))

    def _queue(self, site: str, at: datetime, policy: FirePolicy, earlier: int) -> Run | None:
        run = new_run(site, trigger="schedule", clock=self._clock, scheduled_at=at)
        with self._state.transaction():
            if self._state.open_run(site) is not None:
                self._state.add_fire(site, at, "skipped_overlap", earlier=earlier)
                added = False
            else:
                added = self._dispatcher.submit(run, lane=self.lane(site))
                if added:
                    self._state.add_fire(site, at, policy, earlier=earlier, run=run.id)
        self._last[site] = at
        return run if added else None


class _Trigger(BaseTrigger):  # type: ignore[misc]  # APScheduler has no types
    """A timetable as APScheduler wants it."""

    def __init__(self, table: Timetable) -> None:
        self._table = table

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime | None:
        return self._table.next_after(previous_fire_time or now - _INSTANT)


class _Immediately(BaseExecutor):  # type: ignore[misc]  # APScheduler has no types
    """Calls a job at once, in the loop, with the moment it was scheduled for."""

    def _do_submit_job(self, job: Any, run_times: list[datetime]) -> None:
        site, _ = job.args
        job.func(site, run_times[-1].astimezone(UTC))
        self._run_job_success(job.id, [])


def _table(name: str, schedule: Schedule) -> Timetable:
    if schedule.adaptive:
        least_s, most_s = interval_s(schedule.min), interval_s(schedule.max)
        return WhenDue(min(max(_OTHERWISE_S, least_s), most_s))
    return timetable(name, schedule)


def _timetables(sites: Mapping[str, Site]) -> dict[str, Timetable]:
    tables = {}
    problems = []
    for name, site in sites.items():
        if not site.enabled:
            continue
        try:
            tables[name] = _table(name, site.schedule)
        except ValueError as error:
            problems.append(Problem(f"{name}.toml", "schedule", str(error)))
    if problems:
        raise ConfigError(problems)
    return tables
