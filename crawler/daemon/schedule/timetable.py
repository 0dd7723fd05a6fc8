"""Timetables: the moments at which a site is due, as its declaration gives them. Pure functions of time."""

from __future__ import annotations

__all__ = ["Crontab", "Every", "Timetable", "lanes", "latest", "timetable"]

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from apscheduler.triggers.cron import CronTrigger

from crawler.config import interval_s
from crawler.model.site import Schedule, Site
from crawler.urls import host_of

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_INSTANT = timedelta(microseconds=1)
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun")


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
    """Fires by a crontab's five fields in a time zone, with cron's rules for days and for clock changes.

    Days of week count from Sunday (0 or 7); if both day fields are given, either may match. A time that the clock
    skips fires right after it would have been; a fixed hour that comes twice fires the first time only, one of
    ``*`` both times. Raises ValueError for what is not a crontab.
    """

    def __init__(self, expression: str, timezone: ZoneInfo) -> None:
        fields = expression.split()
        if len(fields) != 5:
            raise ValueError(f"expected five fields, as in 15 6 * * 1-5; found {expression!r}")
        minute, hour, day, month, weekday = fields
        weekday = _named_days(weekday)
        days = [(day, weekday)] if day.startswith("*") or weekday == "*" else [(day, "*"), ("*", weekday)]
        self._any_hour = hour.startswith("*")
        self._triggers = [
            CronTrigger(minute=minute, hour=hour, day=d, month=month, day_of_week=w, timezone=timezone) for d, w in days
        ]

    def next_after(self, moment: datetime) -> datetime | None:
        """Return the first fire later than `moment`, in UTC; None if there is none, as for 30 February."""
        while True:
            found = [t.get_next_fire_time(None, moment.astimezone(UTC) + _INSTANT) for t in self._triggers]
            fires = [fire for fire in found if fire is not None]
            if not fires:
                return None
            fire: datetime = min(fires, key=lambda f: f.astimezone(UTC))
            if self._any_hour or not _repeated(fire):
                return fire.astimezone(UTC)
            moment = fire


def timetable(site: str, schedule: Schedule) -> Timetable:
    """Return the timetable that `schedule` declares for `site`. Raises ValueError saying what was expected."""
    if schedule.every is not None:
        return Every(site, interval_s(schedule.every))
    try:
        zone = ZoneInfo(schedule.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"no such time zone: {schedule.timezone!r}; expected a name as Europe/Berlin") from error
    return Crontab(schedule.cron or "", zone)


def lanes(sites: Mapping[str, Site]) -> dict[str, str]:
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


def _repeated(fire: datetime) -> bool:
    """Tell whether `fire` is the second of two moments with the same local time."""
    return fire.fold == 1 and fire.utcoffset() != fire.replace(fold=0).utcoffset()


def _named_days(field: str) -> str:
    """Return a day-of-week field with names for numbers: crontab counts from Sunday, APScheduler from Monday."""
    if field.startswith("*/"):
        return ",".join(_DAYS[:: int(field[2:])][:7]) if field[2:].isdecimal() and int(field[2:]) else field
    parts: list[str] = []
    for part in field.split(","):
        span, _, step = part.partition("/")
        first, dash, last = span.partition("-")
        if first.isdecimal() and (not dash or last.isdecimal()):
            start, end = int(first), int(last or first)
            if not start <= end <= 7:
                raise ValueError(f"expected a day of week from 0 (Sunday) to 7; found {part!r}")
            parts += _DAYS[start : end + 1 : int(step) if step.isdecimal() and int(step) else 1]
        else:
            parts.append(part)
    return ",".join(dict.fromkeys(parts))


def _hosts(site: Site) -> set[str]:
    urls = (site.home, *site.feeds, *site.sitemaps, *site.news_sitemaps, *site.sections)
    return {host_of(url).removeprefix("www.") for url in urls} | {host.removeprefix("www.") for host in site.hosts}
