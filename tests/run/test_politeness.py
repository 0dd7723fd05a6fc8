from __future__ import annotations

from datetime import UTC, datetime, timedelta

from crawler.run.politeness import polite_days
from crawler.state import Answered, Unanswered

NIGHT = datetime(2026, 3, 1, 23, 59, 0, tzinfo=UTC)


def answered(seconds: float, status: int = 200, **more) -> Answered:
    given = {"size_bytes": 100, "role": "article", "site": "a"} | more
    return Answered(at=NIGHT + timedelta(seconds=seconds), status=status, **given)


def missing(seconds: float, outcome: str, reason: str) -> Unanswered:
    return Unanswered(at=NIGHT + timedelta(seconds=seconds), outcome=outcome, reason=reason, site="b")


def test_pauses_are_counted_over_midnight_and_by_the_day_of_the_later_request() -> None:
    days = polite_days([answered(0), answered(50), answered(62), answered(72)], [])
    assert [(day.day, day.requests, day.least_gap_s, day.median_gap_s) for day in days] == [
        ("2026-03-01", 2, 50.0, 50.0),
        ("2026-03-02", 2, 10.0, 11.0),
    ]


def test_refusals_are_told_by_kind() -> None:
    given = [answered(n, status) for n, status in enumerate((200, 304, 429, 503, 503, 403, 404, 500))]
    (day,) = polite_days(given, [])
    assert (day.not_modified, day.status_429, day.status_503, day.status_403, day.other_errors) == (1, 1, 2, 1, 2)
    assert day.size_bytes == 800


def test_what_was_never_sent_is_no_request() -> None:
    lost = [
        missing(1, "failed", "connect_timeout"),
        missing(2, "failed", "backed_off"),
        missing(3, "disallowed", "robots"),
    ]
    (day,) = polite_days([answered(0, role="robots")], lost)
    assert (day.requests, day.unanswered, day.disallowed, day.robots_txt) == (2, 1, 1, 1)
    assert day.sites == ("a", "b")


def test_a_host_that_was_left_alone_has_no_days() -> None:
    assert polite_days([], []) == []
