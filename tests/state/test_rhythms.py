from __future__ import annotations

from datetime import timedelta

from crawler.clock import FixedClock
from crawler.model.capture import Announcement
from crawler.state import State, Told, new_run
from tests.state.conftest import NOON

HOUR = timedelta(hours=1)


def keep(state: State, url: str, *, read: timedelta = timedelta(), due: timedelta = HOUR, site: str = "a") -> None:
    state.keep_rhythm(site, url, "{}", read_at=NOON + read, due_at=NOON + due, why="news is to be expected")


def test_the_channels_of_a_site_are_told_the_next_one_due_first(state: State) -> None:
    keep(state, "http://a/1", due=2 * HOUR)
    keep(state, "http://a/2")
    keep(state, "http://b/1", site="b")
    keep(state, "http://a/1", due=3 * HOUR)
    assert [(one.url, one.due_at) for one in state.rhythms("a")] == [
        ("http://a/2", NOON + HOUR),
        ("http://a/1", NOON + 3 * HOUR),
    ]
    found = state.rhythm("a", "http://a/2")
    assert found is not None
    assert (found.memory, found.why) == ("{}", "news is to be expected")
    assert state.rhythm("b", "http://a/2") is None


def test_what_was_set_before_the_clock_was_put_back_is_due_now(state: State) -> None:
    keep(state, "http://a/1", read=24 * HOUR, due=25 * HOUR)
    keep(state, "http://a/2")
    assert state.channels_due("a") == {"http://a/1": NOON, "http://a/2": NOON + HOUR}


def test_pages_that_wait_or_are_to_be_tried_or_visited_again_tell_when(state: State, clock: FixedClock) -> None:
    assert state.next_page("a", oldest_visit=NOON) is None
    run = new_run("a", trigger="manual", clock=clock)
    state.add_run(run)
    one = Announcement(url="http://a/s", role="article", source="feed")
    state.announce(run.id, "a", [Told(one, "a", NOON - HOUR)])
    assert state.next_page("a", oldest_visit=NOON) == NOON - HOUR


def test_a_gap_is_kept_once_and_filled_by_its_run(state: State) -> None:
    for _ in range(2):
        state.add_gap("a", "http://a/1", begin_at=NOON - HOUR, end_at=NOON, run="r1")
    state.add_gap("b", "http://b/1", begin_at=NOON, end_at=NOON + HOUR, run="r2")
    state.fill_gaps("a", "r1", 3)
    state.fill_gaps("a", "r1", 4)
    assert [(gap.site, gap.found) for gap in state.gaps(NOON, NOON + 2 * HOUR)] == [("a", 7), ("b", 0)]
    assert [gap.site for gap in state.gaps(NOON, NOON + 2 * HOUR, "b")] == ["b"]
    assert state.gaps(NOON + HOUR, NOON + 2 * HOUR, "a") == []
