"""Pauses and fires."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from crawler.clock import FixedClock
from crawler.state import State

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def test_a_pause_lasts_until_resumed_and_tells_changes_from_repeats(state: State) -> None:
    assert state.set_paused("a", True)
    assert not state.set_paused("a", True)
    assert state.paused("a")
    assert state.pauses() == {"a": NOON}
    assert state.set_paused("a", False)
    assert not state.set_paused("a", False)
    assert not state.paused("a")


def test_a_fire_keeps_its_first_record(state: State, clock: FixedClock) -> None:
    state.add_fire("a", NOON, "ran")
    clock.advance(10)
    state.add_fire("a", NOON, "missed")
    state.add_fire("a", NOON + timedelta(hours=1), "skipped_overlap", earlier=2)
    state.add_fire("b", NOON, "ran")
    fires = state.fires("a")
    assert [(fire.policy, fire.earlier) for fire in fires] == [("skipped_overlap", 2), ("ran", 0)]
    assert len(state.fires()) == 3
    assert state.last_fires() == {"a": NOON + timedelta(hours=1), "b": NOON}


def test_old_fires_are_forgotten_but_never_a_sites_latest(state: State) -> None:
    for hours in range(5):
        state.add_fire("a", NOON + timedelta(hours=hours), "ran")
    state.add_fire("b", NOON, "ran")
    assert state.prune_fires(NOON + timedelta(hours=3)) == 3
    assert state.prune_fires(NOON + timedelta(days=3)) == 1
    assert state.last_fires() == {"a": NOON + timedelta(hours=4), "b": NOON}
