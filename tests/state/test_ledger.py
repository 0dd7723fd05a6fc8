"""The URL ledger: one current outcome, and the whole history."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crawler.clock import FixedClock
from crawler.errors import StateError
from crawler.model.capture import Announcement, Capture
from crawler.model.run import Run, Validators
from crawler.state import MAX_FAILURES, State, new_run

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

FEED = "http://x/feed"


def told(number: int, via: str | None = FEED) -> Announcement:
    return Announcement(
        url=f"http://x/{number}",
        role="article",
        source="feed",
        via=via,
        title=f"Title {number}",
        published_at="2026-03-01T10:00:00Z",
        modified_at="2026-03-01T11:00:00Z",
    )


def begun(state: State, clock: FixedClock, site: str = "a") -> Run:
    run = new_run(site, trigger="manual", clock=clock)
    state.add_run(run)
    clock.advance(1)
    return state.start_run(run.id, worker=f"w-{run.id}")


@pytest.fixture
def run(state: State, clock: FixedClock) -> Run:
    return begun(state, clock)


def test_what_is_new_is_due_once_in_the_order_given(state: State, run: Run) -> None:
    news = [told(3), told(1), told(2), told(1)]
    assert state.announce(run.id, "a", news) == news[:3]
    assert state.announce(run.id, "a", news) == []


def test_thousands_of_announcements_are_one_call(state: State, run: Run) -> None:
    news = [told(number) for number in range(1001)]
    assert state.announce(run.id, "a", news) == news
    assert state.counts(run.id) == {"announced": 1001}


def test_an_entry_tells_what_was_announced(state: State, run: Run) -> None:
    state.announce(run.id, "a", [told(1)])
    entry = state.entry("http://x/1")
    assert entry is not None
    assert (entry.outcome, entry.site, entry.role, entry.source, entry.via) == (
        "announced",
        "a",
        "article",
        "feed",
        FEED,
    )
    assert (entry.title, entry.published_at, entry.run) == ("Title 1", "2026-03-01T10:00:00Z", run.id)
    assert entry.first_seen_at == NOON + timedelta(seconds=1)
    assert state.entry("http://x/2") is None


@pytest.mark.parametrize(
    "outcome", ["captured", "parsed", "not_modified", "duplicate", "redirected", "out_of_scope", "walled"]
)
def test_what_is_settled_is_not_due_again(state: State, clock: FixedClock, run: Run, outcome: str) -> None:
    state.announce(run.id, "a", [told(1)])
    state.settle("http://x/1", outcome, run=run.id)  # type: ignore[arg-type]
    state.finish_run(run.id, "done")
    assert state.announce(begun(state, clock).id, "a", [told(1)]) == []


def test_what_a_run_left_open_is_due_in_the_next(state: State, clock: FixedClock, run: Run) -> None:
    state.announce(run.id, "a", [told(1), told(2), told(3)])
    state.queue(run.id, ["http://x/2"])
    state.settle("http://x/3", "parsed", run=run.id)
    state.finish_run(run.id, "interrupted")
    later = begun(state, clock)
    assert state.announce(later.id, "a", [told(1), told(2), told(3)]) == [told(1), told(2)]


def test_what_failed_is_due_again_until_the_limit_but_never_in_the_same_run(state: State, clock: FixedClock) -> None:
    due = []
    for _ in range(MAX_FAILURES + 1):
        run = begun(state, clock)
        due.append(len(state.announce(run.id, "a", [told(1)])))
        if due[-1]:
            state.settle("http://x/1", "failed", run=run.id, reason="timeout")
        assert state.announce(run.id, "a", [told(1)]) == []
        state.finish_run(run.id, "partial")
    assert due == [1] * MAX_FAILURES + [0]


def test_a_success_forgives_earlier_failures(state: State, run: Run) -> None:
    state.settle("http://x/1", "failed", run=run.id, reason="timeout", role="feed")
    state.settle("http://x/1", "failed", run=run.id, reason="timeout")
    entry = state.entry("http://x/1")
    assert entry is not None
    assert entry.attempts == 2
    state.settle("http://x/1", "captured", run=run.id)
    entry = state.entry("http://x/1")
    assert entry is not None
    assert (entry.attempts, entry.reason, entry.role) == (0, None, "feed")


def test_what_one_run_under_way_was_handed_no_other_gets(state: State, clock: FixedClock, run: Run) -> None:
    other = begun(state, clock, "b")
    assert state.announce(run.id, "a", [told(1)])
    assert state.announce(other.id, "b", [told(1)]) == []


def test_pending_hands_out_what_was_left_over_with_all_that_was_said_of_it(
    state: State, clock: FixedClock, run: Run
) -> None:
    state.announce(run.id, "a", [told(1), told(2)])
    assert state.pending("a") == []  # still in hand
    state.finish_run(run.id, "interrupted")
    assert state.pending("a") == [told(1), told(2)]
    later = begun(state, clock)
    assert state.pending("a", run=later.id, limit=1) == [told(1)]
    assert state.pending("a") == [told(2)]
    assert state.pending("b") == []


def test_a_channel_is_queued_and_settled_without_an_announcement(state: State, run: Run) -> None:
    state.queue(run.id, [FEED], role="feed")
    assert state.counts(run.id) == {"queued": 1}
    state.settle(FEED, "not_modified", run=run.id)
    entry = state.entry(FEED)
    assert entry is not None
    assert (entry.outcome, entry.role, entry.site) == ("not_modified", "feed", "a")


def test_a_url_cannot_be_settled_by_a_run_that_is_not(state: State) -> None:
    with pytest.raises(StateError, match="no such run"):
        state.settle(FEED, "captured", run="nobody")


def test_counts_are_the_last_outcome_of_each_url_in_the_run(state: State, run: Run) -> None:
    state.announce(run.id, "a", [told(n) for n in range(5)])
    state.settle("http://x/0", "captured", run=run.id)
    state.settle("http://x/0", "parsed", run=run.id)
    state.announce(run.id, "a", [told(0, via="http://x/other")])  # heard of it again afterwards
    state.settle("http://x/1", "failed", run=run.id, reason="timeout")
    state.queue(run.id, ["http://x/2"])
    assert state.counts(run.id) == {"parsed": 1, "failed": 1, "queued": 1, "announced": 2}


def test_a_runs_counts_do_not_change_when_later_runs_touch_its_urls(state: State, clock: FixedClock, run: Run) -> None:
    state.announce(run.id, "a", [told(1), told(2)])
    state.settle("http://x/1", "failed", run=run.id, reason="timeout")
    state.settle("http://x/2", "parsed", run=run.id)
    state.finish_run(run.id, "partial")
    later = begun(state, clock)
    state.announce(later.id, "a", [told(1), told(2, via="http://x/other")])
    state.settle("http://x/1", "parsed", run=later.id)
    assert state.counts(run.id) == {"failed": 1, "parsed": 1}
    assert state.counts(later.id) == {"parsed": 1}
    assert [(event.url, event.reason) for event in state.failures(run.id)] == [("http://x/1", "timeout")]


def test_history_has_every_source_and_every_settlement_with_its_record(
    state: State, clock: FixedClock, run: Run, capture: Capture
) -> None:
    state.announce(run.id, "a", [told(1)])
    state.announce(run.id, "a", [told(1)])  # the same source again says nothing new
    state.announce(run.id, "a", [told(1, via="http://x/sitemap")])
    clock.advance(5)
    state.settle("http://x/1", "captured", run=run.id, capture=capture)
    state.settle("http://x/1", "parsed", run=run.id, capture=capture, article_id="00ff")
    history = state.history("http://x/1")
    assert [(e.outcome, e.via, e.article_id) for e in history] == [
        ("announced", FEED, None),
        ("announced", "http://x/sitemap", None),
        ("captured", None, None),
        ("parsed", None, "00ff"),
    ]
    assert (history[2].warc, history[2].warc_offset, history[2].warc_length) == (capture.warc, 100, 50)
    assert history[2].at - history[0].at == timedelta(seconds=5)
    entry = state.entry("http://x/1")
    assert entry is not None
    assert entry.article_id == "00ff"


def test_many_settlements_in_one_transaction_are_all_or_none(state: State, run: Run) -> None:
    state.announce(run.id, "a", [told(n) for n in range(100)])

    def fail() -> None:
        with state.transaction():
            for number in range(100):
                state.settle(f"http://x/{number}", "parsed", run=run.id)
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert state.counts(run.id) == {"announced": 100}


def test_validators_are_remembered_with_their_moment(state: State, clock: FixedClock) -> None:
    assert state.validators(FEED) is None
    assert state.remembered_at(FEED) is None
    state.remember(FEED, Validators(etag='"1"'))
    clock.advance(60)
    state.remember(FEED, Validators(last_modified="Sun, 01 Mar 2026 12:00:00 GMT"))
    assert state.validators(FEED) == Validators(None, "Sun, 01 Mar 2026 12:00:00 GMT")
    assert state.remembered_at(FEED) == NOON + timedelta(seconds=60)
