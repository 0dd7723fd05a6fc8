"""A day, with the time and the offset from UTC if they were written: what every reading of a date gives."""

from __future__ import annotations

__all__ = ["Moment", "moment_of", "to_iso"]

from datetime import UTC, date, datetime, time, timezone
from typing import NamedTuple


class Moment(NamedTuple):
    """A day, and the time (hour, minute, second) and offset if they were written; `micro` are millionths of a second."""

    day: date
    clock: tuple[int, int, int] | None = None
    offset: timezone | None = None
    micro: int = 0


def to_iso(moment: Moment, *, fraction: bool = False) -> str:
    """Return ISO 8601 with the offset that was written; the day alone if no time was; `fraction` keeps parts of seconds."""
    if moment.clock is None:
        return moment.day.isoformat()
    at = time(*moment.clock, moment.micro if fraction else 0, tzinfo=moment.offset)
    return datetime.combine(moment.day, at).isoformat()


def moment_of(iso: str | None, *, latest: bool = False) -> datetime | None:
    """Return the aware moment of an ISO 8601 date or time; what has no offset counts as UTC.

    A date without time is its first second, or with `latest` its last: a file dated today may have changed since.
    """
    if iso is None:
        return None
    if len(iso) == 10:
        return datetime.combine(date.fromisoformat(iso), time.max if latest else time.min, tzinfo=UTC)
    moment = datetime.fromisoformat(iso)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
