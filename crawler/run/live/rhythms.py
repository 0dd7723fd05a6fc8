"""When the channels of one run's site are due: the policy of `crawler.frontier.rhythm` over the state."""

from __future__ import annotations

__all__ = ["ChannelRhythms", "bounds_of"]

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import msgspec

from crawler.capture.manners.gate import lane_key
from crawler.clock import Clock
from crawler.config import interval_s, quiet_minutes
from crawler.frontier.rhythm import Bounds, NextRead, Rhythm, failed, next_read, observed
from crawler.model.capture import Announcement
from crawler.model.reading import ChannelReading, Wishes
from crawler.model.run import Run
from crawler.model.site import Schedule, Site
from crawler.parse.dates import moment_of
from crawler.state import State
from crawler.urls import normalise

_EARLY = 0.1
"""A channel that is due a little later is read along: one run for both."""
_EARLY_S = 60.0
_DIGITS = 3


class ChannelRhythms:
    """Learns from each reading of a declared channel, and says which ones a scheduled run reads."""

    def __init__(self, state: State, run: Run, site: Site, clock: Clock, channels: Collection[str]) -> None:
        self._state = state
        self._run = run
        self._site = site
        self._clock = clock
        self._channels = frozenset(map(normalise, channels))

    def is_due(self, url: str) -> bool:
        """Tell whether this run reads `url`: all that it was told to, else what is due, where the site is read by its
        news.
        """
        if not self._site.schedule.adaptive or self._run.trigger != "schedule":
            return True
        kept = self._state.rhythm(self._site.name, normalise(url))
        if kept is None:
            return True
        now = self._clock.now()
        wait = kept.due_at - kept.read_at
        early = max(wait * _EARLY, timedelta(seconds=_EARLY_S))
        return kept.due_at - now <= early or kept.read_at > now + early  # the clock was set back

    def was_empty(self, url: str) -> bool:
        """Tell whether `url` was read, and never held anything: nothing of it can have been missed."""
        rhythm = self._of(normalise(url))
        return rhythm.read_at is not None and rhythm.size == 0

    def read(
        self,
        url: str,
        listed: Sequence[Announcement] | None,
        *,
        known: Collection[str] = (),
        wishes: Wishes | None = None,
        overrun: bool = False,
    ) -> datetime | None:
        """Take note of a reading of `url`, and return when it was read before.

        `listed`: None if nothing changed. `known`: the URLs of it that the ledger had before.
        """
        url = normalise(url)
        if url not in self._channels:
            return None
        rhythm, now = self._of(url), self._clock.now()
        new = [one for one in listed or () if one.url not in known]
        told = new if rhythm.read_at is not None else listed or ()
        moments = (moment_of(one.published_at) for one in told)
        reading = ChannelReading(
            at=now,
            listed=None if listed is None else len(listed),
            new=0 if rhythm.read_at is None else len(new),
            published=tuple(moment for moment in moments if moment is not None),
            overrun=overrun,
            wishes=wishes,
        )
        before = rhythm.read_at
        rhythm = observed(rhythm, reading)
        self._keep(url, rhythm, next_read(rhythm, now, self._bounds))
        return before

    def not_read(self, url: str, *, waits: bool) -> None:
        """Take note that `url` gave nothing; `waits`: because its host is to be left alone, which is not its fault."""
        url = normalise(url)
        if url not in self._channels:
            return
        rhythm, now = self._of(url), self._clock.now()
        if not waits:
            rhythm = failed(rhythm)
            self._keep(url, rhythm, next_read(rhythm, now, self._bounds))
            return
        pace = self._state.pace(lane_key(url))
        until = now + timedelta(seconds=self._bounds.least_s)
        if pace is not None and pace.closed_until is not None:
            until = max(until, pace.closed_until)
        self._keep(url, rhythm, NextRead(until, "its host is to be left alone"))

    @cached_property
    def _bounds(self) -> Bounds:
        return bounds_of(self._site.schedule, self._clock.now())

    def _of(self, url: str) -> Rhythm:
        kept = self._state.rhythm(self._site.name, url)
        if kept is None:
            return Rhythm()
        try:
            return msgspec.json.decode(kept.memory, type=Rhythm)
        except msgspec.MsgspecError:
            return Rhythm()  # of another version: learned anew

    def _keep(self, url: str, rhythm: Rhythm, due: NextRead) -> None:
        now = self._clock.now()
        memory = msgspec.json.encode(_shortened(rhythm)).decode()
        self._state.keep_rhythm(self._site.name, url, memory, read_at=now, due_at=due.at, why=due.why)


def bounds_of(schedule: Schedule, now: datetime) -> Bounds:
    """Return what `schedule` allows; its quiet hours are those that its time zone has now."""
    least_s, most_s = interval_s(schedule.min), interval_s(schedule.max)
    if not schedule.quiet:
        return Bounds(least_s=least_s, most_s=most_s)
    offset = now.astimezone(ZoneInfo(schedule.timezone)).utcoffset() or timedelta()
    ahead = int(offset.total_seconds() // 60)
    begin, end = ((minute - ahead) % 1440 for minute in quiet_minutes(schedule.quiet))
    return Bounds(least_s=least_s, most_s=most_s, quiet=((begin, end),))


def _shortened(rhythm: Rhythm) -> Rhythm:
    def short(values: Sequence[float]) -> tuple[float, ...]:
        return tuple(round(value, _DIGITS) for value in values)

    return msgspec.structs.replace(
        rhythm,
        hours=short(rhythm.hours),
        hours_seen=short(rhythm.hours_seen),
        parts=short(rhythm.parts),
        days=short(rhythm.days),
        days_seen=short(rhythm.days_seen),
        overrun_past=round(rhythm.overrun_past, _DIGITS),
        lately=round(rhythm.lately, _DIGITS),
        expected=round(rhythm.expected, _DIGITS),
    )
