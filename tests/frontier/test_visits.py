"""The plan of visits, how much of it a story gets, what moves them forward, and their budget."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crawler.frontier.visits import (
    PLAN,
    Credit,
    EditRate,
    Signals,
    budget,
    has_moved,
    is_audited,
    is_heeded,
    is_judged,
    is_planned,
    next_visit,
    plan_of,
)

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
URLS = [f"https://news.example/2026/a-story-{n}" for n in range(2000)]


def a_story(rate: EditRate) -> float:
    """Return how many visits a story gets on average."""
    return sum(len(plan_of(url, rate)) for url in URLS) / len(URLS)


@pytest.mark.parametrize(
    ("rate", "visits"),
    [
        (EditRate(), 1.0),  # nothing is known: as where one story in four is edited
        (EditRate(192, 48), 1.0),
        (EditRate(192, 18), 0.4),
        (EditRate(192, 98), 1.72),
        (EditRate(192, 192), 3.41),
        (EditRate(996, 0), 0.1),
    ],
)
def test_the_plan_follows_the_part_of_stories_that_is_edited(rate: EditRate, visits: float) -> None:
    assert a_story(rate) == pytest.approx(visits, abs=0.05)


def test_what_a_dozen_stories_showed_by_chance_changes_little() -> None:
    assert a_story(EditRate(12, 1)) > 0.55  # one in four was to be expected
    assert a_story(EditRate(12, 5)) < 1.3


def test_a_declaration_may_ask_for_all_visits_or_for_none() -> None:
    rarely = EditRate(996, 0)
    assert plan_of(URLS[0], rarely, a_story=4) == PLAN
    assert plan_of(URLS[0], EditRate(), a_story=0) == ()


def test_the_visit_after_a_day_comes_first() -> None:
    plans = {plan_of(url, EditRate(192, 30)) for url in URLS}
    assert plans == {(), (timedelta(days=1),)}
    assert all(timedelta(days=1) in plan_of(url, EditRate(192, 98)) for url in URLS)


def test_visits_that_were_missed_are_left_out() -> None:
    late = NOON + timedelta(hours=30)
    assert next_visit(NOON, now=late, plan=PLAN) == NOON + timedelta(days=7)
    assert next_visit(NOON, now=NOON + timedelta(days=8), plan=PLAN) is None
    assert next_visit(NOON, now=NOON, plan=()) is None


def test_a_visit_that_a_changed_plan_has_no_more_is_not_made() -> None:
    seven, plan = NOON + timedelta(hours=7), (timedelta(hours=24),)
    assert is_planned(NOON, NOON, now=seven, plan=PLAN)
    assert not is_planned(NOON, NOON, now=seven, plan=plan)
    assert is_planned(NOON, NOON, now=NOON + timedelta(hours=25), plan=plan)
    assert not is_planned(NOON, NOON + timedelta(hours=24), now=NOON + timedelta(hours=25), plan=plan)


def test_a_story_is_judged_after_a_day() -> None:
    assert not is_judged(NOON, now=NOON + timedelta(hours=23))
    assert is_judged(NOON, now=NOON + timedelta(hours=24))


@pytest.mark.parametrize(
    ("signals", "trusted"),
    [
        (Signals(), False),
        (Signals(told=1), False),
        (Signals(told=2), True),
        (Signals(told=8, silent=2), True),
        (Signals(told=8, silent=3), False),
    ],
)
def test_a_channel_is_believed_when_it_told_of_edits_and_hid_few(signals: Signals, trusted: bool) -> None:
    assert signals.are_trusted == trusted


def test_some_visits_are_made_whatever_a_channel_says() -> None:
    audited = sum(is_audited(url, NOON) for url in URLS) / len(URLS)
    assert 0.08 < audited < 0.17
    assert {is_audited(URLS[0], NOON + timedelta(days=n)) for n in range(60)} == {True, False}


def test_a_channel_tells_of_a_change() -> None:
    read_at = NOON
    assert has_moved(NOON + timedelta(minutes=1), None, read_at)
    assert has_moved(NOON - timedelta(hours=1), NOON - timedelta(hours=2), read_at)
    assert not has_moved(NOON - timedelta(hours=1), NOON - timedelta(hours=1), read_at)
    assert not has_moved(NOON - timedelta(hours=1), None, read_at)
    assert not has_moved(None, NOON, read_at)


def test_the_budget_follows_the_edits() -> None:
    assert budget(100, EditRate()) == 25
    assert budget(100, EditRate(1000, 0)) == 5
    assert budget(100, EditRate(100, 95)) == 50


def credit(*edited: bool, begun: Credit | None = None) -> Credit:
    found = begun or Credit()
    for one in edited:
        found = found.after(edited=one)
    return found


def test_a_channel_that_stamps_all_pages_at_every_reading_loses_its_credit_and_may_win_it_back() -> None:
    stamped = credit(*[False] * 8)
    assert credit(*[False] * 7).is_good
    assert not stamped.is_good
    assert credit(True, begun=stamped).is_good
    assert credit(*([True] + [False] * 7) * 50).is_good  # one in eight pages that changed is worth the others
    assert not credit(*([True] + [False] * 30) * 50).is_good


def test_long_praise_is_forgotten_in_time() -> None:
    assert not credit(*[True] * 500, *[False] * 600).is_good


def test_without_credit_one_story_in_eight_is_tried_once_a_day() -> None:
    stamped = Credit(vain=8)
    tried = [is_heeded(url, stamped, read_at=NOON - timedelta(days=1), now=NOON) for url in URLS]
    assert 0.1 < sum(tried) / len(URLS) < 0.15
    assert not any(is_heeded(url, stamped, read_at=NOON - timedelta(hours=23), now=NOON) for url in URLS)
    assert all(is_heeded(url, Credit(), read_at=NOON, now=NOON) for url in URLS[:5])
