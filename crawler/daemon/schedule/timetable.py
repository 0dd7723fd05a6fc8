"""Timetables: the moments at which a site is due, as its declaration gives them. Pure functions of time."""

from __future__ import annotations

__all__ = ["Crontab", "Every", "Timetable", "WhenDue", "latest", "politeness_keys", "timetable"]

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from crawler.config import interval_s
from crawler.model.site import Schedule, Site
from crawler.urls import host_of

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WEEK = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_EXPECTED = "expected minute 0-59, hour 0-23, day 1-31, month 1-12 or jan-dec, day of week 0-7 or sun-sat"


class Timetable(Protocol):
    """Moments in time, given by a declaration."""

    def next_after(self, moment: datetime) -> datetime | None:
        """Return the first fire later than `moment`, in UTC; None if there is none."""


class Every:
    """Fires at a fixed interval, its phase taken from the site's name: the same on every machine, spread over sites."""

    def __init__(self, site: str, interval: float) -> None:
        self._step = timedelta(seconds=interval)
        draw = int.from_bytes(hashlib.sha256(site.encode()).digest()[:8], "big") / 2**64
        self._phase = timedelta(seconds=round(draw * interval, 3))

    def next_after(self, moment: datetime) -> datetime:
        """Return the first fire later than `moment`, in UTC."""
        return _EPOCH + self._phase + ((moment - _EPOCH - self._phase) // self._step + 1) * self._step


class Crontab:
    """Fires by a crontab's five fields in a time zone, with Debian cron's rules for days and for clock changes.

    Names may stand wherever numbers may; days of week count from Sunday (0 or 7); ``#n`` is the n-th of a month, ``L``
    its last. If both day fields are given, either may match. A time that the clock skips fires right after the change;
    a fixed hour that comes twice fires the first time only, one of ``*`` both times. Raises ValueError for what is not
    a crontab, and for a day that no year has.
    """

    def __init__(self, expression: str, timezone: ZoneInfo) -> None:
        fields = expression.split()
        if len(fields) != 5:
            raise ValueError(f"expected five fields, as in 15 6 * * 1-5; found {expression!r}")
        minute, hour, day, month, weekday = fields
        if not hour.startswith("*"):  # cronsim takes a minute of * for "at any hour", too
            minute = re.sub(r"^\*", "0-59", minute)
        weekday = re.sub(r"(?i)\b(sun|mon|tue|wed|thu|fri|sat)(?=L\b)", _number, re.sub(r"(?i)-sun\b", "-7", weekday))
        self._fields = " ".join((minute, hour, day, month, weekday))
        self._zone = timezone
        try:
            CronSim(self._fields, datetime(2000, 1, 1, tzinfo=timezone))
        except CronSimError as error:
            raise ValueError(f"{error} in the crontab {expression!r}; {_EXPECTED}") from error

    def next_after(self, moment: datetime) -> datetime | None:
        """Return the first fire later than `moment`, in UTC; None if there is none within fifty years."""
        for fire in CronSim(self._fields, moment.astimezone(self._zone)):
            if (found := fire.astimezone(UTC)) > moment:
                return found
        return None


def _number(day: re.Match[str]) -> str:
    """Return a day's number, for cronsim reads no name before an L."""
    return str(_WEEK.index(day[0].lower()))


class WhenDue:
    """Fires when a site is due by its news: at a moment that others set, and set again after each run.

    Until then, and when a run ended without setting it, it fires an interval after the last fire.
    """

    def __init__(self, otherwise_s: float) -> None:
        self.due_at: datetime | None = None
        self._otherwise = timedelta(seconds=otherwise_s)

    def next_after(self, moment: datetime) -> datetime:
        """Return the first fire later than `moment`, in UTC."""
        return self.due_at if self.due_at is not None and self.due_at > moment else moment + self._otherwise


def timetable(site: str, schedule: Schedule) -> Timetable:
    """Return the timetable that `schedule` declares for `site`. Raises ValueError saying what was expected.

    Of a site that is read by its news, the most it is left alone for.
    """
    if schedule.adaptive:
        return Every(site, interval_s(schedule.max))
    if schedule.every is not None:
        return Every(site, interval_s(schedule.every))
    try:
        zone = ZoneInfo(schedule.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"no such time zone: {schedule.timezone!r}; expected a name as Europe/Berlin") from error
    return Crontab(schedule.cron or "", zone)


def politeness_keys(sites: Mapping[str, Site]) -> dict[str, str]:
    """Return the politeness key of each site: sites that share a host share it, the first of their names.

    Runs of one lane never overlap, and the same worker runs them all, so one gate sees all requests to a host.
    """
    parent = {name: name for name in sites}

    def root(name: str) -> str:
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    owner_of: dict[str, str] = {}
    for name in sorted(sites):
        for host in _hosts(sites[name]):
            first, second = sorted((root(owner_of.setdefault(host, name)), root(name)))
            parent[second] = first
    return {name: root(name) for name in sites}


def latest(table: Timetable, after: datetime, until: datetime) -> tuple[datetime | None, int]:
    """Return the last fire later than `after` and not later than `until`, and how many there are."""
    found = None
    count = 0
    fire = table.next_after(after)
    while fire is not None and fire <= until:
        found = fire
        count += 1
        fire = table.next_after(fire)
    return found, count


def _hosts(site: Site) -> set[str]:
    urls = (site.home, *site.feeds, *site.sitemaps, *site.news_sitemaps, *site.sections)
    return {host_of(url).removeprefix("www.") for url in urls} | {host.removeprefix("www.") for host in site.hosts}
