from __future__ import annotations

from datetime import timedelta

from crawler.clock import FixedClock
from crawler.state import State
from tests.state.conftest import NOON

HOST = "news.example"


def test_of_two_that_want_a_turn_one_has_it_until_its_request_is_written(state: State, clock: FixedClock) -> None:
    assert state.reserve_lane(HOST, "a", delay_s=2.0, hold_s=60.0) is not None
    assert state.reserve_lane(HOST, "b", delay_s=2.0, hold_s=60.0) is None
    clock.advance(5)
    state.sent(HOST, "a")
    assert state.reserve_lane(HOST, "b", delay_s=2.0, hold_s=60.0) is None  # too early
    clock.advance(2)
    held = state.reserve_lane(HOST, "b", delay_s=2.0, hold_s=60.0)
    assert held is not None
    assert (held.held_by, held.sent_at, held.requests) == ("b", NOON + timedelta(seconds=5), 1)


def test_a_turn_that_is_given_up_or_over_is_free(state: State, clock: FixedClock) -> None:
    state.reserve_lane(HOST, "a", delay_s=2.0, hold_s=60.0)
    state.let_lane_go(HOST, "b")  # it is not b's
    assert state.reserve_lane(HOST, "b", delay_s=2.0, hold_s=60.0) is None
    state.let_lane_go(HOST, "a")
    assert state.reserve_lane(HOST, "b", delay_s=2.0, hold_s=60.0) is not None
    clock.advance(60)
    assert state.reserve_lane(HOST, "a", delay_s=2.0, hold_s=60.0) is not None


def test_who_writes_without_a_turn_takes_nobody_s_away(state: State) -> None:
    state.reserve_lane(HOST, "a", delay_s=0.0, hold_s=60.0)
    state.sent(HOST, "b")
    found = state.pace(HOST)
    assert found is not None
    assert found.held_by == "a"


def test_a_closed_host_gives_no_turn_and_the_longer_wish_stays(state: State, clock: FixedClock) -> None:
    state.close_lane(HOST, 4.0, "it answered 429", until=NOON + timedelta(hours=1))
    state.close_lane(HOST, 8.0, "it answered 503", until=NOON + timedelta(minutes=1))
    clock.advance(120)
    assert state.reserve_lane(HOST, "a", delay_s=0.0, hold_s=60.0) is None
    clock.advance(3480)
    found = state.reserve_lane(HOST, "a", delay_s=0.0, hold_s=60.0)
    assert found is not None
    assert (found.penalty_s, found.why) == (8.0, "it answered 503")


def test_requests_are_counted_by_day(state: State, clock: FixedClock) -> None:
    for _ in range(3):
        state.sent(HOST, "a")
    assert state.reserve_lane(HOST, "a", delay_s=0.0, hold_s=60.0, budget=3) is None
    clock.advance(12 * 3600)
    assert state.reserve_lane(HOST, "a", delay_s=0.0, hold_s=60.0, budget=3) is not None
    state.sent(HOST, "a")
    found = state.pace(HOST)
    assert found is not None
    assert (found.day, found.requests) == ("2026-03-02", 1)


def test_what_is_written_soon_does_not_wait_behind_a_turn(state: State) -> None:
    assert state.pace(HOST) is None
    with state.transaction():  # as anything else that writes
        state.sent(HOST, "a")
    assert state.pace(HOST) is not None


def test_hosts_that_nobody_asks_any_more_are_forgotten_but_not_their_wishes(state: State, clock: FixedClock) -> None:
    state.sent("old.example", "a")
    state.sent("closed.example", "a")
    state.close_lane("closed.example", 1.0, "", until=NOON + timedelta(days=60))
    clock.advance(40 * 86_400)
    state.sent(HOST, "a")
    assert state.drop_paces(clock.now() - timedelta(days=30)) == 1
    assert state.pace("old.example") is None
    assert state.pace("closed.example") is not None
