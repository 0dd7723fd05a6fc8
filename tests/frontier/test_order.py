"""Fresh before old, newest first, and the backlog's share."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from crawler.frontier.order import Split, day_in_address, rank, split

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def test_a_later_moment_comes_first_whatever_the_place() -> None:
    early, late = NOON - timedelta(hours=2), NOON - timedelta(hours=1)
    assert rank(late, "https://a.example/x", now=NOON, place=500) > rank(
        early, "https://a.example/y", now=NOON, place=0
    )


def test_among_equals_the_channels_order_counts() -> None:
    first, second = (rank(None, "https://a.example/x", now=NOON, place=place) for place in (0, 1))
    assert first > second


def test_a_date_in_the_future_is_not_ahead_of_the_news() -> None:
    assert rank(NOON + timedelta(days=900), "https://a.example/x", now=NOON, place=0) == NOON


def test_the_day_in_an_address_stands_in_for_a_missing_date() -> None:
    assert rank(None, "https://a.example/2019/05/03/x", now=NOON, place=0).date() == date(2019, 5, 3)


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("https://a.example/2026/11/23/a-story", date(2026, 11, 23)),
        ("https://a.example/news/20261123-a-story", date(2026, 11, 23)),
        ("https://a.example/2026/11/a-story", date(2026, 11, 28)),
        ("https://a.example/2026/13/45/a-story", None),
        ("https://a.example/2026/02/31/a-story", None),
        ("https://a.example/story-120261123", None),
        ("https://a.example/story?d=2026-11-23", None),
    ],
)
def test_days_are_read_from_addresses(url: str, day: date | None) -> None:
    assert day_in_address(url) == day


@pytest.mark.parametrize(
    ("budget", "fresh", "backlog", "expected"),
    [
        (10, 3, 30, Split(3, 7)),
        (10, 30, 30, Split(9, 1)),
        (10, 30, 0, Split(10, 0)),
        (10, 3, 2, Split(3, 2)),
        (3, 9, 9, Split(3, 0)),
        (0, 5, 5, Split(0, 0)),
    ],
)
def test_the_backlog_gets_what_is_left_and_its_share(budget: int, fresh: int, backlog: int, expected: Split) -> None:
    assert split(budget, fresh=fresh, backlog=backlog, share=0.1) == expected


@pytest.mark.parametrize(
    ("path", "day"),
    [
        ("/world/2026/nov/3/quay-reopens", date(2026, 11, 3)),
        ("/2026/November/03/quay-reopens", date(2026, 11, 3)),
        ("/03-11-2026/quay-reopens", date(2026, 11, 3)),
        ("/quay-reopens-03.11.2026.html", date(2026, 11, 3)),
        ("/world/2026/nov/31/quay", None),
        ("/2026/marina/reopens", None),
        ("/quay-103-11-2026", None),
    ],
)
def test_a_day_stands_in_an_address_with_the_months_name_or_day_first_too(path: str, day: date | None) -> None:
    assert day_in_address(f"https://news.example{path}") == day
