"""What kinds of address gave, kept."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from crawler.clock import FixedClock
from crawler.state import PatternRow, State, new_run

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ROW = PatternRow(
    site="a", pattern="/events/#", pages=25, articles=0, barren=25, cut_at=AT, looked_at=AT, example="http://x/events/1"
)


def test_the_last_word_on_a_pattern_is_kept(state: State) -> None:
    state.keep_yield(ROW)
    better = msgspec.structs.replace(ROW, pages=26, articles=1, barren=0, cut_at=None, looked_at=None)
    other = msgspec.structs.replace(ROW, site="b")
    state.keep_yield(other)
    assert state.cut_off() == [ROW, other]
    state.keep_yield(better)
    assert state.yields("a") == [better]
    assert state.cut_off() == [other]
    assert state.cut_off("a") == []


def test_what_was_left_alone_is_found_again(state: State, clock: FixedClock) -> None:
    run = new_run("a", trigger="manual", clock=clock)
    state.add_run(run)
    for n in range(3):
        state.settle(f"http://x/{n}", "out_of_scope", run=run.id, reason="barren_pattern" if n else "other_host")
    assert list(state.left_alone(run.site)) == ["http://x/1", "http://x/2"]
    assert list(state.left_alone("other")) == []
