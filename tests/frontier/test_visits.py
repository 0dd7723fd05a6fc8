"""The plan of visits, what moves them forward, and their budget."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crawler.frontier.visits import PLAN, EditRate, budget, has_moved, is_conditional, next_visit

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def visits(rate: EditRate) -> list[timedelta]:
    found, now = [], NOON
    while (at := next_visit(NOON, now=now, rate=rate)) is not None:
        found.append(at - NOON)
        now = at
    return found


@pytest.mark.parametrize(
    ("rate", "plan"),
    [
        (EditRate(), list(PLAN)),
        (EditRate(100, 30), list(PLAN)),
        (EditRate(100, 5), [timedelta(days=1), timedelta(days=7)]),
        (EditRate(1000, 1), [timedelta(days=1)]),
    ],
)
def test_the_plan_follows_what_visits_found(rate: EditRate, plan: list[timedelta]) -> None:
    assert visits(rate) == plan


def test_visits_that_were_missed_are_left_out() -> None:
    late = NOON + timedelta(hours=30)
    assert next_visit(NOON, now=late, rate=EditRate()) == NOON + timedelta(days=7)
    assert next_visit(NOON, now=NOON + timedelta(days=8), rate=EditRate()) is None


def test_a_channel_tells_of_a_change() -> None:
    read_at = NOON
    assert has_moved(NOON + timedelta(minutes=1), None, read_at)
    assert has_moved(NOON - timedelta(hours=1), NOON - timedelta(hours=2), read_at)
    assert not has_moved(NOON - timedelta(hours=1), NOON - timedelta(hours=1), read_at)
    assert not has_moved(NOON - timedelta(hours=1), None, read_at)
    assert not has_moved(None, NOON, read_at)


def test_a_signalled_visit_asks_without_a_condition() -> None:
    assert not is_conditional("https://a.example/x", NOON, now=NOON, rate=EditRate(), signalled=True)
    assert is_conditional("https://a.example/x", NOON, now=NOON, rate=EditRate(), signalled=False)


def test_a_few_last_visits_ask_without_a_condition() -> None:
    last = NOON + timedelta(days=7)
    asked = [
        is_conditional(f"https://a.example/{n}", NOON, now=last, rate=EditRate(), signalled=False) for n in range(640)
    ]
    assert 5 <= asked.count(False) <= 60


def test_the_budget_follows_the_edits() -> None:
    assert budget(100, EditRate()) == 20
    assert budget(100, EditRate(1000, 0)) == 5
    assert budget(100, EditRate(100, 95)) == 50
