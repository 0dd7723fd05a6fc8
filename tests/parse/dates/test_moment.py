"""Moments as text and back."""

from __future__ import annotations

from datetime import UTC, date, datetime

from crawler.parse.dates import Moment, moment_of, to_iso


def test_a_day_is_its_first_moment_or_on_request_its_last() -> None:
    assert moment_of("2026-11-10") == datetime(2026, 11, 10, tzinfo=UTC)
    assert moment_of("2026-11-10", latest=True) > datetime(2026, 11, 10, 23, 59, tzinfo=UTC)
    assert moment_of("2026-11-10T08:00:00") == datetime(2026, 11, 10, 8, tzinfo=UTC)
    assert moment_of(None) is None


def test_parts_of_seconds_are_written_only_on_request() -> None:
    moment = Moment(date(2026, 11, 10), (8, 0, 1), UTC, 250_000)
    assert to_iso(moment) == "2026-11-10T08:00:01+00:00"
    assert to_iso(moment, fraction=True) == "2026-11-10T08:00:01.250000+00:00"
