"""Moments as the archive writes them, and a clock that tests own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from crawler.clock import FixedClock, SystemClock, iso_utc, timestamp14

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


def test_the_system_clock_is_aware():
    assert SystemClock().now().tzinfo is UTC
    assert SystemClock().monotonic() <= SystemClock().monotonic()
