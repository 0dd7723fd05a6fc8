"""Old history is forgotten; the current outcome of a URL, what was kept, and its runs never are."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crawler.clock import FixedClock
from crawler.errors import StateError
from crawler.model.capture import Capture
from crawler.state import State, new_run
from tests.ledger import pages

MONTH_S = 30 * 86_400.0
FEED = "http://x/feed"


def poll(state: State, clock: FixedClock, outcome: str = "not_modified", **keys: object) -> str:
    run = new_run("x", trigger="schedule", clock=clock, scheduled_at=clock.now())
    state.add_run(run)
    state.start_run(run.id, worker="w")
    state.settle(FEED, outcome, run=run.id, role="feed", **keys)  # type: ignore[arg-type]
    state.finish_run(run.id, "done")
    clock.advance(60)
    return run.id


def prune(state: State, clock: FixedClock, limit: int = 5000) -> int:
    return state.prune_history(clock.now() - timedelta(seconds=MONTH_S), limit)


def test_polls_that_brought_nothing_are_forgotten_but_the_last_of_them(state, clock):
    runs = [poll(state, clock) for _ in range(5)]
    clock.advance(MONTH_S)
    assert prune(state, clock) == 8
    assert [state.run(run) is not None for run in runs] == [False, False, False, False, True]
    assert [event.run for event in state.history(FEED)] == runs[-1:]
    entry = state.entry(FEED)
    assert (entry.outcome, entry.run) == ("not_modified", runs[-1])
    assert prune(state, clock) == 0


def test_what_is_young_is_kept(state, clock):
    runs = [poll(state, clock) for _ in range(3)]
    assert prune(state, clock) == 0
    assert all(state.run(run) for run in runs)


def test_a_run_that_kept_something_is_kept(state: State, clock: FixedClock, capture: Capture):
    first = poll(state, clock, "captured", capture=capture)
    state.add_capture(capture, run=first, site="x", role="feed")
    second = poll(state, clock)
    last = poll(state, clock)
    clock.advance(MONTH_S)
    prune(state, clock)
    assert [state.run(run) is not None for run in (first, second, last)] == [True, False, True]
    assert state.captures(capture.url)[0].warc == capture.warc


def test_an_articles_parsing_stays_in_its_history_and_its_outcome_stands(state, clock):
    run = new_run("x", trigger="manual", clock=clock)
    state.add_run(run)
    state.announce(run.id, "x", pages("http://x/1", via=FEED))
    state.settle("http://x/1", "parsed", run=run.id, article_id="a1")
    state.settle("http://x/1", "duplicate", run=run.id)
    state.finish_run(run.id, "done")
    clock.advance(2 * MONTH_S)
    prune(state, clock)
    assert [event.outcome for event in state.history("http://x/1")] == ["parsed", "duplicate"]
    entry = state.entry("http://x/1")
    assert (entry.outcome, entry.via, entry.article_id) == ("duplicate", FEED, "a1")
    state.announce(poll(state, clock), "x", pages("http://x/1"))
    assert state.waiting("x", limit=9) == []


def test_open_runs_and_open_urls_are_kept(state, clock):
    run = new_run("x", trigger="manual", clock=clock)
    state.add_run(run)
    state.announce(run.id, "x", pages("http://x/1"))
    clock.advance(3 * MONTH_S)
    assert prune(state, clock) == 0
    assert state.entry("http://x/1").outcome == "announced"


def test_pruning_goes_on_where_it_stopped(state, clock):
    for _ in range(10):
        poll(state, clock)
    clock.advance(MONTH_S)
    removed = [prune(state, clock, limit=4) for _ in range(4)]
    assert removed == [8, 8, 2, 0]
    assert len(state.runs("x")) == 1


def test_tallies_of_forgotten_runs_go_with_them(state, clock):
    runs = [poll(state, clock) for _ in range(3)]
    state.tally()
    clock.advance(MONTH_S)
    prune(state, clock)
    assert [bool(state.run_tally(run)) for run in runs] == [False, False, True]


def test_a_damaged_run_reference_is_still_refused(state, clock):
    poll(state, clock)
    with pytest.raises(StateError, match="there is no such run"):
        state.settle("http://x/2", "failed", run="nobody")
