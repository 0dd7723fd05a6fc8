"""Counting what happened and forgetting what is old, whatever else of the daemon is off."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from crawler.clock import FixedClock
from crawler.config import Config, load
from crawler.daemon.housekeeping import Housekeeping
from crawler.state import State, memory_state, new_run

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
FEED = "http://x/feed"
DAY_S = 86_400.0


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture
def state(clock: FixedClock) -> Iterator[State]:
    with memory_state(clock=clock) as opened:
        yield opened


@pytest.fixture
def config() -> Config:
    return load()


@pytest.fixture
def housekeeping(config: Config, state: State, clock: FixedClock) -> Housekeeping:
    return Housekeeping(lambda: config, state, clock)


def poll(state: State, clock: FixedClock) -> None:
    run = new_run("x", trigger="schedule", clock=clock, scheduled_at=clock.now())
    state.add_run(run)
    state.start_run(run.id, worker="w")
    state.settle(FEED, "not_modified", run=run.id, role="feed")
    state.finish_run(run.id, "done")
    state.add_fire("x", clock.now(), "ran", run=run.id)
    clock.advance(60)


def tend(housekeeping: Housekeeping) -> None:
    housekeeping.tend()
    while housekeeping.behind:
        housekeeping.tend()


def test_what_is_forgotten_was_counted_first_though_nothing_was_counted_for_months(housekeeping, state, clock):
    for _ in range(3):
        poll(state, clock)
    clock.advance(60 * DAY_S)
    tend(housekeeping)
    assert len(state.runs()) == 1
    assert state.counters()["runs", "done"] == 3
    assert state.counters()["settled", "not_modified"] == 3


def test_history_is_not_forgotten_while_something_is_uncounted_whoever_asks(state, clock):
    for _ in range(3):
        poll(state, clock)
    clock.advance(60 * DAY_S)
    while state.prune_history(clock.now() - timedelta(days=30), 5000):
        continue
    assert state.counters()["runs", "done"] == 3


def test_much_that_is_uncounted_is_counted_bit_by_bit_before_anything_is_forgotten(
    housekeeping, state, clock, monkeypatch
):
    for _ in range(4):
        poll(state, clock)
    clock.advance(60 * DAY_S)
    rounds = iter([True, True, False, False])
    monkeypatch.setattr(state, "tally", lambda: next(rounds))
    housekeeping.tend()
    housekeeping.tend()
    assert (housekeeping.behind, len(state.runs())) == (True, 4)
    housekeeping.tend()
    assert not housekeeping.behind
    assert (len(state.runs()), len(state.history(FEED))) == (1, 1)


def test_old_fires_go_but_a_sites_latest_stays(housekeeping, state, clock):
    for _ in range(3):
        poll(state, clock)
    clock.advance(60 * DAY_S)
    tend(housekeeping)
    assert len(state.fires()) == 1


def test_alarms_that_were_over_long_ago_go_and_those_that_are_on_stay(housekeeping, state, clock):
    for kind in ("store", "silent"):
        state.see_alarm(kind, "critical", None, "it is so")
    (over, _) = state.open_alarms()
    state.clear_alarm(over.id)
    clock.advance(60 * DAY_S)
    tend(housekeeping)
    assert [alarm.kind for alarm in state.alarms()] == ["silent"]


def test_how_long_history_is_kept_follows_settings_in_force(state, clock, config):
    in_force = [config]
    housekeeping = Housekeeping(lambda: in_force[0], state, clock)
    poll(state, clock)
    poll(state, clock)
    clock.advance(10 * DAY_S)
    tend(housekeeping)
    assert len(state.history(FEED)) == 2
    in_force[0] = msgspec.structs.replace(config, daemon=msgspec.structs.replace(config.daemon, history_days=5.0))
    clock.advance(3600)
    tend(housekeeping)
    assert len(state.history(FEED)) == 1


def test_a_state_in_trouble_is_told_and_tried_again(housekeeping, state, clock):
    poll(state, clock)
    lost = state._db._connection
    state._db._connection = None
    housekeeping.tend()
    assert housekeeping.trouble == "memory is closed"
    state._db._connection = lost
    housekeeping.tend()
    assert housekeeping.trouble is None
    assert state.counters()["runs", "done"] == 1
