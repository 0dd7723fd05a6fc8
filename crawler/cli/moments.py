"""Moments as people write them: ``2d``, ``yesterday``, ``2010``, ``2026-11``, ``2026-11-01T08:30+01:00``."""

from __future__ import annotations

__all__ = ["DAY", "MOMENT", "check_span", "moment_meant", "period_options"]

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import wraps
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import click

from crawler.clock import SystemClock
from crawler.errors import UsageError

_F = TypeVar("_F", bound=Callable[..., object])

_FORMS = "2d, 3h, yesterday, 2010, 2026-11, 2026-11-01, 2026-11-01T08:30, with a zone as Z, +01:00 or Europe/Berlin"
_AGO = re.compile(r"(\d{1,6})\s*(min|[smhdwy]|second|minute|hour|day|week|month|year)s?(?:\s+ago)?", re.IGNORECASE)
_UNITS_S = {
    "s": 1, "second": 1, "m": 60, "min": 60, "minute": 60, "h": 3600, "hour": 3600, "d": 86400, "day": 86400,
    "w": 604800, "week": 604800,
}  # fmt: skip
_WORDS = {"today": 0, "yesterday": 1}
_DAY = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d{1,2})(?:-(?P<day>\d{1,2})"
    r"(?:[T ]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d+)?)?)?)?)?"
)
_PARTS = (("year", 1), ("month", 1), ("day", 1), ("hour", 0), ("minute", 0), ("second", 0))
_OFFSET = re.compile(r"(?P<sign>[+-])(?P<hours>\d{2}):?(?P<minutes>\d{2})?")
_ZONE = re.compile(
    r"(?P<moment>.*?)(?:\s*(?P<offset>(?<=\d)Z|(?<=:\d\d)[+-]\d{2}(?::?\d{2})?|\s[+-]\d{2}:?\d{2})|\s*\[?(?P<name>UTC|GMT|[A-Z][A-Za-z_]+/[A-Za-z_/+-]+\d*)\]?)?",
    re.IGNORECASE,
)


def moment_meant(text: str, *, now: datetime) -> datetime:
    """Return the moment that `text` means, in UTC; of a day, a month or a year, its beginning.

    Without a zone it is meant in UTC; what is so long ago counts from `now`. Raises ValueError.
    """
    ago = _AGO.fullmatch(text.strip())
    if ago is not None:
        return _ago(int(ago[1]), ago[2].lower(), now)
    split = _ZONE.fullmatch(text.strip())
    if split is None:
        raise ValueError(text)
    zone = _zone(split["offset"], split["name"])
    words = split["moment"].strip().lower()
    if words == "now":
        return now.astimezone(UTC)
    if words in _WORDS:
        day = now.astimezone(zone).date() - timedelta(days=_WORDS[words])
        return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
    found = _DAY.fullmatch(split["moment"].strip())
    if found is None:
        raise ValueError(text)
    numbers = [int(found[part] or least) for part, least in _PARTS]
    return datetime(*numbers[:6], tzinfo=zone).astimezone(UTC)  # type: ignore[misc,arg-type]


def check_span(since: datetime | None, until: datetime | None) -> None:
    """Raise UsageError if nothing can lie between `since` and `until`."""
    if since is not None and until is not None and since >= until:
        raise UsageError(
            f"nothing lies between {since:%Y-%m-%d %H:%M} and {until:%Y-%m-%d %H:%M} UTC",
            next_step="--to names the first moment that is no longer wanted: all of 2024 is --from 2024 --to 2025",
        )


class MomentArgument(click.ParamType[datetime, object]):
    """A moment, aware and in UTC."""

    name = "moment"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Return the moment that `value` means, or end the command with what may be written."""
        if isinstance(value, datetime):
            return value
        try:
            return moment_meant(str(value), now=datetime.now(UTC))
        except (ValueError, OverflowError, LookupError, OSError):
            self.fail(f"{value!r} is no moment: write {_FORMS}.", param, ctx)


class Day(MomentArgument):
    """A day of the calendar, in UTC."""

    name = "day"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:  # type: ignore[override]
        """Return the day in which the moment lies."""
        return super().convert(value, param, ctx).date()


MOMENT = MomentArgument()
DAY = Day()


def period_options(what: str) -> Callable[[_F], Callable[..., object]]:
    """Return a decorator that adds ``--from`` and ``--to`` and gives the command their `period`: begin and end.

    `what` lies in it, as the help says. It ends now and has seven days, unless something else is said; a period that
    nothing can lie in ends the command.
    """

    def decorate(command: _F) -> Callable[..., object]:
        @wraps(command)
        def with_period(since: datetime | None, until: datetime | None, **options: Any) -> object:
            end = until or SystemClock().now()
            check_span(since, end)
            return command(period=(since or end - timedelta(days=7), end), **options)

        decorated: Callable[..., object] = with_period
        decorated = click.option("--to", "until", type=MOMENT, help=f"Only {what} before.")(decorated)
        since_help = f"Only {what} since.  [default: seven days ago]"
        return click.option("--from", "since", type=MOMENT, help=since_help)(decorated)

    return decorate


def _ago(number: int, unit: str, now: datetime) -> datetime:
    moment = now.astimezone(UTC)
    if unit in _UNITS_S:
        return moment - timedelta(seconds=number * _UNITS_S[unit])
    months = number * (1 if unit == "month" else 12)
    year, month = divmod(moment.year * 12 + moment.month - 1 - months, 12)
    for day in range(moment.day, 0, -1):  # the 31st of a month that has none is its last day
        try:
            return moment.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    raise ValueError(number)


def _zone(offset: str | None, name: str | None) -> tzinfo:
    if name is not None:
        return UTC if name.upper() in ("UTC", "GMT") else ZoneInfo(name)
    if offset is None or offset.strip().upper() == "Z":
        return UTC
    parts = _OFFSET.fullmatch(offset.strip())
    if parts is None:
        raise ValueError(offset)
    minutes = int(parts["hours"]) * 60 + int(parts["minutes"] or 0)
    if minutes > 14 * 60:
        raise ValueError(offset)
    return timezone(timedelta(minutes=minutes if parts["sign"] == "+" else -minutes))
