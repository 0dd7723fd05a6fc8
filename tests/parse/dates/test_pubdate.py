"""Dates as feeds and sitemaps write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.parse.dates.pubdate import iso_date, moment_of


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Tue, 10 Nov 2026 08:00:00 GMT", "2026-11-10T08:00:00+00:00"),
        ("Tue, 10 Nov 2026 08:00:00 +0300", "2026-11-10T08:00:00+03:00"),
        ("10 Nov 2026 08:00 EST", "2026-11-10T08:00:00-05:00"),
        ("Tue, 10 Nov 26 08:00:00 CEST", "2026-11-10T08:00:00+02:00"),
        ("Tue,10 Nov 2026 8:05:00 GMT+3", "2026-11-10T08:05:00+03:00"),
        ("Tue, 10 Nov 2026 08:00:00 Z", "2026-11-10T08:00:00+00:00"),
        ("Tue, 10 Nov 2026 08:00:00", "2026-11-10T08:00:00"),
        ("Tue, 10 Nov 2026 08:00:00 XYZ", "2026-11-10T08:00:00"),
        ("Di, 10 Okt 2026 08:00:00 +0200", "2026-10-10T08:00:00+02:00"),
        ("mar., 10 déc. 2026 08:00:00 +0100", "2026-12-10T08:00:00+01:00"),
        ("10 Ağustos 2026 14:30", "2026-08-10T14:30:00"),
        ("10-Nov-2026", "2026-11-10"),
        ("November 10, 2026 3:04 PM", "2026-11-10T15:04:00"),
        ("Nov 10, 2026 12:04 AM EST", "2026-11-10T00:04:00-05:00"),
        ("2026-11-10T08:00:00Z", "2026-11-10T08:00:00+00:00"),
        ("2026-11-10T08:00:00.250+03:30", "2026-11-10T08:00:00.250000+03:30"),
        ("2026-11-10T08:00:00+0300", "2026-11-10T08:00:00+03:00"),
        ("2026-11-10 08:00", "2026-11-10T08:00:00"),
        ("2026-11-10T24:00:00Z", "2026-11-11T00:00:00+00:00"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00+00:00"),
        ("20261110T080000Z", "2026-11-10T08:00:00+00:00"),
        ("2026-11-10", "2026-11-10"),
        ("2026/11/10 08:00", "2026-11-10T08:00:00"),
        ("1794297600", "2026-11-10T08:00:00+00:00"),
        ("1794297600000", "2026-11-10T08:00:00+00:00"),
        ("٢٠٢٦-١١-١٠", "2026-11-10"),
    ],
)
def test_dates_found_in_the_wild_become_iso_8601(written: str, expected: str) -> None:
    assert iso_date(written) == expected


@pytest.mark.parametrize(
    "written",
    [None, "", "yesterday", "2026", "2026-11", "0000-00-00T00:00:00", "Tue, 31 Feb 2026 08:00:00 GMT", "1405-08-19",
     "Thu, 01 Jan 1900 00:00:00 GMT", "10 Foo 2026", "2026-11-10T99:00:00Z", "10 Nov 2026 08:00 +9900"],
)  # fmt: skip
def test_what_is_no_date_stays_unknown(written: str | None) -> None:
    assert iso_date(written) is None


@given(st.text(max_size=120))
def test_any_text_gives_a_readable_date_or_none(text: str) -> None:
    found = iso_date(text)
    assert found is None or moment_of(found) is not None


@given(st.integers(40_000_000_000_000, 4_000_000_000_000_000), st.integers(-720, 720))
def test_a_date_in_iso_8601_comes_back_as_it_is(microseconds: int, minutes: int) -> None:
    moment = datetime(1970, 1, 1, tzinfo=timezone(timedelta(minutes=minutes))) + timedelta(microseconds=microseconds)
    assert iso_date(moment.isoformat()) == moment.isoformat()


def test_a_day_is_its_first_moment_or_on_request_its_last() -> None:
    assert moment_of("2026-11-10") == datetime(2026, 11, 10, tzinfo=UTC)
    assert moment_of("2026-11-10", latest=True) > datetime(2026, 11, 10, 23, 59, tzinfo=UTC)
    assert moment_of("2026-11-10T08:00:00") == datetime(2026, 11, 10, 8, tzinfo=UTC)
    assert moment_of(None) is None
