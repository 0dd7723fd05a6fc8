"""Moments as the archive writes them, and a clock that tests own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest

from crawler.clock import Clock, FixedClock, SystemClock, iso_utc, timestamp14
from crawler.run.offline.history import ReplayClock

AT = datetime(2026, 11, 23, 18, 41, 4, 123, tzinfo=UTC)


def test_moments_are_written_in_utc_with_microseconds():
    assert iso_utc(AT) == "2026-11-23T18:41:04.000123Z"
    assert iso_utc(AT.astimezone(timezone(timedelta(hours=3)))) == "2026-11-23T18:41:04.000123Z"
    assert timestamp14(AT) == "20261123184104"


def test_a_fixed_clock_moves_only_when_told_to():
    clock = FixedClock(AT)
    assert (clock.now(), clock.monotonic()) == (AT, 0.0)
    clock.advance(2.5)
    assert (clock.now(), clock.monotonic()) == (AT + timedelta(seconds=2.5), 2.5)


def at_moment() -> ReplayClock:
    clock = ReplayClock()
    clock.at = AT
    return clock


@pytest.mark.parametrize("made", [SystemClock, lambda: FixedClock(AT), at_moment])
def test_every_clock_is_aware_and_never_goes_back(made: Callable[[], Clock]):
    clock = made()
    assert clock.now().tzinfo is UTC
    assert clock.now() <= clock.now()
    assert clock.monotonic() <= clock.monotonic()
    assert isinstance(clock.monotonic(), float)


def test_a_replay_clock_stands_where_history_is():
    clock = ReplayClock()
    before = clock.monotonic()
    clock.at = AT
    assert clock.now() == AT
    assert clock.monotonic() > before
