"""The time seam: whoever needs the time is handed a `Clock`, so that tests own it."""

from __future__ import annotations

__all__ = ["Clock", "FixedClock", "SystemClock", "iso_utc", "timestamp14"]

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

_NO_MARKS = {ord(mark): None for mark in "-T:"}


class Clock(Protocol):
    """Wall time (aware UTC) for records, monotonic seconds for waiting."""

    def now(self) -> datetime:
        """Return the current moment, aware, UTC."""

    def monotonic(self) -> float:
        """Return seconds that never go backwards."""


class SystemClock:
    """The machine's clocks."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


class FixedClock:
    """A clock that moves only when told to; for tests."""

    def __init__(self, at: datetime) -> None:
        self._now = at
        self._monotonic = 0.0

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    def advance(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)
        self._monotonic += seconds


def iso_utc(moment: datetime) -> str:
    """Return `moment` as WARC 1.1 (section 5.4) writes it, microseconds kept: ``2026-11-23T18:41:04.000123Z``."""
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return moment.isoformat(timespec="microseconds")[:26] + "Z"


def timestamp14(moment: datetime) -> str:
    """Return the 14 digits of a CDX timestamp: ``20261123184104``."""
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return moment.isoformat(timespec="seconds")[:19].translate(_NO_MARKS)  # four times as fast as strftime
