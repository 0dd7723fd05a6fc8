"""Moments as people write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.cli.moments import check_span, moment_meant
from crawler.errors import UsageError

NOW = datetime(2026, 11, 30, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2d", "2026-11-28T07:00"),
        ("2 days ago", "2026-11-28T07:00"),
        ("90m", "2026-11-30T05:30"),
        ("1 hour", "2026-11-30T06:00"),
        ("3 weeks", "2026-11-09T07:00"),
        ("9 months ago", "2026-02-28T07:00"),
        ("1y", "2025-11-30T07:00"),
        ("now", "2026-11-30T07:00"),
        ("today", "2026-11-30T00:00"),
        ("yesterday", "2026-11-29T00:00"),
        ("Yesterday Asia/Tokyo", "2026-11-28T15:00"),
        ("2010", "2010-01-01T00:00"),
        ("2026-11", "2026-11-01T00:00"),
        ("2026-11-01", "2026-11-01T00:00"),
        ("2026-11-01T08:30", "2026-11-01T08:30"),
        ("2026-11-01 08:30:15", "2026-11-01T08:30:15"),
        ("2026-11-01T08:30Z", "2026-11-01T08:30"),
        ("2026-11-01T08:30+01:00", "2026-11-01T07:30"),
        ("2026-11-01T08:30:00-0330", "2026-11-01T12:00"),
        ("2026-07-01T08:30 Europe/Berlin", "2026-07-01T06:30"),
        ("2026-11-01[Europe/Berlin]", "2026-10-31T23:00"),
        ("2026-11-01 UTC", "2026-11-01T00:00"),
    ],
)
def test_forms(text, moment):
    assert moment_meant(text, now=NOW) == datetime.fromisoformat(f"{moment}+00:00")


@pytest.mark.parametrize(
    "text",
    ["", "soon", "-1d", "1 fortnight", "2026-13", "2026-02-30", "2026-11-01T25:00", "2026-11-01T08:30+99:00",
     "2026-11-01 Europe/Nowhere", "99999", "999999w", "2026/11/01", "2026-11-01T08:30 somewhere"],
)  # fmt: skip
@pytest.mark.parametrize("command", [("crawl", "x", "--since"), ("replay", "--from"), ("wacz", "o.wacz", "--to")])
def test_what_is_no_moment_is_refused_with_examples_and_without_format_strings(warraq, command, text):
    ran = warraq(*command, text)
    assert ran.code == 2
    assert "yesterday, 2010, 2026-11" in ran.err
    assert "%" not in ran.err


def test_a_day_is_a_moment_of_it(warraq):
    assert warraq("manifest", "--day", "tomorrow").code == 2
    assert warraq("manifest", "--day", "yesterday").code == 4  # understood, and nothing is there


def test_a_span_in_which_nothing_can_lie_is_told(warraq):
    with pytest.raises(UsageError, match="--from 2024 --to 2025"):
        check_span(datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 1, tzinfo=UTC))
    ran = warraq("replay", "--from", "2024", "--to", "2024")
    assert ran.code == 2
    assert "nothing lies between 2024-01-01 00:00 and 2024-01-01 00:00 UTC" in ran.err
