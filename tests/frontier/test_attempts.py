"""Tries in time: growing gaps, waiting that does not count, an end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crawler.frontier.attempts import LONGEST, is_asked_anew, is_waiting, next_try
from crawler.model.run import Outcome

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def gaps(outcome: Outcome, reason: str | None) -> list[timedelta]:
    """The waits between the tries of a URL that ends so every time."""
    found = []
    now, attempts = NOON, 0
    while len(found) < 40:
        tried = next_try(outcome, reason, attempts=attempts, now=now, first_seen_at=NOON)
        if tried.at is None:
            return found
        found.append(tried.at - now)
        now, attempts = tried.at, tried.attempts
    raise AssertionError("it never ends")


def test_what_cannot_be_had_now_is_tried_after_minutes_hours_and_days() -> None:
    assert gaps("failed", "http_403") == [
        timedelta(minutes=10),
        timedelta(hours=1),
        timedelta(hours=6),
        timedelta(days=1),
        timedelta(days=3),
    ]


@pytest.mark.parametrize("reason", ["connect", "dns", "no_answer", "http_503", "http_500"])
def test_a_host_that_is_down_for_weeks_costs_no_story(reason: str) -> None:
    waits = gaps("failed", reason)
    assert timedelta(days=25) < sum(waits, timedelta()) <= LONGEST
    assert waits[-1] == timedelta(days=3)


def test_a_page_without_an_article_is_asked_again_a_few_times_only() -> None:
    assert gaps("failed", "no_article") == [timedelta(hours=1), timedelta(days=1), timedelta(days=7)]
    assert len(gaps("captured", "not_html")) == 1


def test_what_is_gone_is_asked_for_once_more() -> None:
    assert gaps("failed", "http_410") == [timedelta(days=1)]


def test_what_robots_txt_forbids_is_judged_anew_within_a_month() -> None:
    waits = gaps("disallowed", "robots")
    assert waits[0] == timedelta(days=1)
    assert sum(waits, timedelta()) < LONGEST


@pytest.mark.parametrize("outcome", ["parsed", "not_modified", "duplicate", "redirected", "out_of_scope", "captured"])
def test_what_was_had_is_never_tried_again(outcome: Outcome) -> None:
    tried = next_try(outcome, None, attempts=4, now=NOON, first_seen_at=NOON)
    assert (tried.attempts, tried.at) == (0, None)


def test_waiting_is_told_from_trying() -> None:
    assert is_waiting("backed_off")
    assert not is_waiting("http_503")
    assert not is_waiting(None)


def test_nothing_is_tried_longer_than_a_month_after_it_was_announced() -> None:
    late = NOON + LONGEST - timedelta(minutes=5)
    assert next_try("failed", "http_403", attempts=0, now=late, first_seen_at=NOON).at is None


def test_what_a_channel_says_to_have_changed_is_asked_for_at_once_and_then_ever_more_rarely() -> None:
    def asked(attempts: int, hours: float) -> bool:
        then = NOON - timedelta(hours=hours)
        return is_asked_anew(attempts, read_at=then, is_due=True, now=NOON)

    assert all((asked(1, 0), asked(2, 1), asked(3, 6), asked(9, 24)))
    assert not any((asked(2, 0.9), asked(3, 5), asked(9, 23)))
    assert is_asked_anew(1, read_at=None, is_due=True, now=NOON)
    assert [is_asked_anew(2, read_at=None, is_due=due, now=NOON) for due in (True, False)] == [False, True]
