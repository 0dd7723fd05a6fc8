"""The URL ledger: one current outcome, and the whole history."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from crawler.clock import FixedClock
from crawler.errors import StateError
from crawler.model.capture import Announcement, Capture
from crawler.model.run import Run, Validators
from crawler.state import EditCounts, Following, State, Told, new_run
from tests.ledger import told_of

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


def ranked(number: int, at: datetime = NOON, via: str | None = FEED) -> Told:
    """What is told of a page, with the rank that its number gives it: the higher the sooner."""
    return Told(told(number, via), f"x/{number}", at + timedelta(minutes=number))


def waiting(state: State, **wanted: Any) -> list[str]:
    return [due.announcement.url for due in state.waiting("a", limit=wanted.pop("limit", 100), **wanted)]


def test_what_is_new_waits_with_all_that_was_said_of_it_the_latest_first(state: State, run: Run) -> None:
    state.announce(run.id, "a", [ranked(1), ranked(3), ranked(2), ranked(1)])
    assert waiting(state) == ["http://x/3", "http://x/2", "http://x/1"]
    assert waiting(state, limit=1) == ["http://x/3"]
    assert waiting(state, before=NOON + timedelta(minutes=2)) == ["http://x/1"]
    assert state.waiting("b", limit=9) == []
    (due,) = state.waiting("a", limit=1)
    assert due.announcement == told(3)


def test_thousands_of_announcements_are_one_call(state: State, run: Run) -> None:
    state.announce(run.id, "a", [ranked(number) for number in range(1001)])
    assert state.counts(run.id) == {"announced": 1001}


def test_what_is_known_is_found_by_url_and_by_identity(state: State, run: Run) -> None:
    state.announce(run.id, "a", [ranked(1), ranked(2)])
    found = state.known(["http://x/1", "http://x/9"], ["x/2"])
    assert sorted(one.url for one in found) == ["http://x/1", "http://x/2"]
    assert found[0].modified_at == "2026-03-01T11:00:00Z"


def test_an_entry_tells_what_was_announced(state: State, run: Run) -> None:
    state.announce(run.id, "a", [ranked(1)])
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
def test_what_is_settled_waits_no_more(state: State, clock: FixedClock, run: Run, outcome: str) -> None:
    state.announce(run.id, "a", [ranked(1)])
    state.settle("http://x/1", outcome, run=run.id)  # type: ignore[arg-type]
    state.finish_run(run.id, "done")
    state.announce(begun(state, clock).id, "a", [ranked(1)])
    assert waiting(state) == []
    assert state.tries("a", limit=9) == []


def test_what_a_run_left_open_waits_for_the_next(state: State, clock: FixedClock, run: Run) -> None:
    state.announce(run.id, "a", [ranked(1), ranked(2), ranked(3)])
    state.queue(run.id, ["http://x/2"])
    state.settle("http://x/3", "parsed", run=run.id)
    assert waiting(state) == ["http://x/1"]
    state.finish_run(run.id, "interrupted")
    assert waiting(state) == ["http://x/2", "http://x/1"]


def test_what_failed_is_tried_when_its_time_has_come(state: State, clock: FixedClock, run: Run) -> None:
    state.announce(run.id, "a", [ranked(1)])
    later = Following(attempts=2, next_try_at=clock.now() + timedelta(hours=1))
    state.settle("http://x/1", "failed", run=run.id, reason="timeout", following=later)
    state.finish_run(run.id, "partial")
    assert state.tries("a", limit=9) == []
    clock.advance(3600)
    (due,) = state.tries("a", limit=9)
    assert (due.announcement.url, due.attempts, due.outcome) == ("http://x/1", 2, "failed")
    state.queue(begun(state, clock).id, ["http://x/1"])
    assert state.tries("a", limit=9) == []


def test_an_article_is_visited_on_time_and_stays_one_whatever_the_visit_met(
    state: State, clock: FixedClock, run: Run, capture: Capture
) -> None:
    state.announce(run.id, "a", [ranked(1)])
    soon = Following(next_visit_at=clock.now() + timedelta(hours=1))
    state.settle("http://x/1", "parsed", run=run.id, capture=capture, article_id="first", following=soon)
    state.finish_run(run.id, "done")
    assert state.visits("a", oldest=NOON, limit=9) == []
    clock.advance(3600)
    (due,) = state.visits("a", oldest=NOON, limit=9)
    assert (due.first_article_id, due.first_article_at, due.signalled) == ("first", capture.captured_at, False)
    run = begun(state, clock)
    state.hold(run.id, ["http://x/1"])
    state.settle("http://x/1", "failed", run=run.id, reason="http_404", following=Following(stays="parsed"))
    entry = state.entry("http://x/1")
    assert entry is not None
    assert (entry.outcome, entry.reason, entry.article_id, entry.next_visit_at) == ("parsed", None, "first", None)
    assert state.history("http://x/1")[-1].reason == "http_404"


def test_the_moment_of_an_article_is_that_of_the_capture_that_gave_it(
    state: State, clock: FixedClock, run: Run, capture: Capture
) -> None:
    state.announce(run.id, "a", [ranked(1)])
    state.settle("http://x/1", "not_article", run=run.id, capture=capture)
    later = msgspec.structs.replace(capture, captured_at=capture.captured_at + timedelta(hours=2))
    visit = Following(next_visit_at=clock.now())
    state.settle("http://x/1", "parsed", run=run.id, capture=later, article_id="first", following=visit)
    state.finish_run(run.id, "done")
    (due,) = state.visits("a", oldest=NOON, limit=9)
    assert due.first_article_at == later.captured_at


def test_a_signal_brings_a_visit_forward(state: State, clock: FixedClock, run: Run, capture: Capture) -> None:
    state.announce(run.id, "a", [ranked(1), ranked(2)])
    for number in (1, 2):
        state.settle(f"http://x/{number}", "parsed", run=run.id, capture=capture, article_id=str(number))
    state.finish_run(run.id, "done")
    state.signal("http://x/1", "2026-03-01T12:30:00Z")
    (due,) = state.visits("a", oldest=NOON, limit=9)
    assert (due.announcement.url, due.announcement.modified_at, due.signalled) == (
        "http://x/1",
        "2026-03-01T12:30:00Z",
        True,
    )


def test_aliases_are_found_from_their_page(state: State, run: Run) -> None:
    state.announce(run.id, "a", [ranked(1), ranked(2)])
    alias = Following(page="http://x/1")
    state.settle("http://x/2", "duplicate", run=run.id, reason="http://x/1", following=alias)
    assert state.aliases("http://x/1") == ["http://x/2"]
    entry = state.entry("http://x/2")
    assert entry is not None
    assert entry.page == "http://x/1"


def test_retry_makes_what_failed_due_by_what_is_asked_for(state: State, clock: FixedClock, run: Run) -> None:
    state.announce(run.id, "a", [ranked(1), ranked(2), ranked(3)])
    given_up = Following(attempts=6)
    state.settle("http://x/1", "failed", run=run.id, reason="timeout", following=given_up)
    state.settle("http://x/2", "walled", run=run.id, reason="bot_wall", following=given_up)
    state.settle("http://x/3", "parsed", run=run.id)
    state.finish_run(run.id, "partial")
    assert state.retry(site="b") == []
    assert state.retry(site="a", outcome="walled") == ["http://x/2"]
    assert state.retry(url="http://x/1") == ["http://x/1"]
    assert [due.attempts for due in state.tries("a", limit=9)] == [0, 0]
    assert sorted(state.retry()) == ["http://x/1", "http://x/2"]


def test_a_site_remembers(state: State) -> None:
    assert state.recall("a", "scope") is None
    state.memorise("a", "scope", "1")
    state.memorise("a", "scope", "2")
    assert (state.recall("a", "scope"), state.recall("b", "scope")) == ("2", None)
    for changed in (1, 0, 0):
        state.count_visit("a", EditCounts(visits=1, stories=1, changed=changed))
    state.count_visit("a", EditCounts(told=1, silent=2))
    found = EditCounts(visits=3, stories=3, changed=1, told=1, silent=2)
    assert (state.edit_rate("a"), state.edit_rate("b")) == (found, EditCounts())


def test_it_is_told_when_an_article_is_read_next(state: State, run: Run) -> None:
    state.settle("http://x/1", "parsed", run=run.id, role="article")
    state.postpone("http://x/1", NOON)
    entry = state.entry("http://x/1")
    assert entry is not None
    assert entry.next_visit_at == NOON
    state.postpone("http://x/1", None)
    entry = state.entry("http://x/1")
    assert entry is not None
    assert entry.next_visit_at is None


def test_a_success_forgives_earlier_failures(state: State, run: Run) -> None:
    state.settle("http://x/1", "failed", run=run.id, reason="timeout", role="feed", following=Following(attempts=1))
    state.settle("http://x/1", "failed", run=run.id, reason="timeout", following=Following(attempts=2))
    entry = state.entry("http://x/1")
    assert entry is not None
    assert entry.attempts == 2
    state.settle("http://x/1", "captured", run=run.id)
    entry = state.entry("http://x/1")
    assert entry is not None
    assert (entry.attempts, entry.reason, entry.role) == (0, None, "feed")


def test_what_one_run_under_way_was_handed_no_other_gets(state: State, clock: FixedClock, run: Run) -> None:
    state.announce(run.id, "a", [ranked(1)])
    state.queue(run.id, ["http://x/1"])
    assert waiting(state) == []
    assert state.due(["http://x/1"]) == []
    state.finish_run(run.id, "interrupted")
    assert [due.announcement.url for due in state.due(["http://x/1"])] == ["http://x/1"]


def test_channels_that_were_left_over_are_handed_out_once(state: State, clock: FixedClock, run: Run) -> None:
    state.queue(run.id, ["http://x/child.xml"], role="sitemap")
    state.finish_run(run.id, "interrupted")
    later = begun(state, clock)
    assert [one.role for one in state.open_channels("a", run=later.id)] == ["sitemap"]
    assert state.open_channels("a", run=later.id) == []
    assert waiting(state) == []


def test_pages_whose_host_was_to_be_left_alone_are_found(state: State, run: Run) -> None:
    state.announce(run.id, "a", [ranked(1), ranked(2)])
    state.settle("http://x/1", "announced", run=run.id, reason="backed_off")
    state.finish_run(run.id, "partial")
    assert [due.announcement.url for due in state.held_up("a", limit=9)] == ["http://x/1"]


def test_pages_of_an_earlier_version_are_given_their_identity(state: State, run: Run) -> None:
    state.settle("http://x/1", "parsed", run=run.id, role="article")
    state.settle(FEED, "captured", run=run.id, role="feed")
    assert state.unkeyed("a") == ["http://x/1"]
    state.key([("http://x/1", "x/1")])
    assert state.unkeyed("a") == []
    assert [one.url for one in state.known([], ["x/1"])] == ["http://x/1"]


def test_identities_are_forgotten_where_a_parameter_stands_in_the_query(state: State, run: Run) -> None:
    urls = ["http://x/1?Ref_a=1", "http://x/2?refXa=1", "http://x/3"]
    for url in urls:
        state.settle(url, "parsed", run=run.id, role="article")
    state.key([(url, url) for url in urls])
    state.unkey("b", "ref_a")
    assert state.unkeyed("a") == []
    state.unkey("a", "ref_a")
    assert state.unkeyed("a") == urls[:1]
    state.settle(FEED, "captured", run=run.id, role="feed")
    state.unkey("a")
    assert state.unkeyed("a") == urls


def test_how_the_pages_of_a_run_ended_is_told_together_and_what_was_missed_one_by_one(state: State, run: Run) -> None:
    state.announce(run.id, "a", told_of([told(n) for n in range(4)]))
    state.settle("http://x/0", "parsed", run=run.id)
    for number in (1, 2):
        state.settle(f"http://x/{number}", "failed", run=run.id, reason="timeout")
    state.settle("http://x/3", "walled", run=run.id, reason="wall")
    ends = [(end.role, end.outcome, end.reason, end.urls) for end in state.ends(run.id)]
    assert ends == [
        ("article", "failed", "timeout", 2), ("article", "parsed", None, 1), ("article", "walled", "wall", 1)
    ]  # fmt: skip
    assert [event.url for event in state.missed(run.id)] == ["http://x/1", "http://x/2", "http://x/3"]
    assert [event.url for event in state.failures(run.id)] == ["http://x/1", "http://x/2"]


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
    state.announce(run.id, "a", told_of([told(n) for n in range(5)]))
    state.settle("http://x/0", "captured", run=run.id)
    state.settle("http://x/0", "parsed", run=run.id)
    state.announce(run.id, "a", told_of([told(0, via="http://x/other")]))  # heard of it again afterwards
    state.settle("http://x/1", "failed", run=run.id, reason="timeout")
    state.queue(run.id, ["http://x/2"])
    assert state.counts(run.id) == {"parsed": 1, "failed": 1, "queued": 1, "announced": 2}


def test_a_runs_counts_do_not_change_when_later_runs_touch_its_urls(state: State, clock: FixedClock, run: Run) -> None:
    state.announce(run.id, "a", told_of([told(1), told(2)]))
    state.settle("http://x/1", "failed", run=run.id, reason="timeout")
    state.settle("http://x/2", "parsed", run=run.id)
    state.finish_run(run.id, "partial")
    later = begun(state, clock)
    state.announce(later.id, "a", told_of([told(1), told(2, via="http://x/other")]))
    state.settle("http://x/1", "parsed", run=later.id)
    assert state.counts(run.id) == {"failed": 1, "parsed": 1}
    assert state.counts(later.id) == {"parsed": 1}
    assert [(event.url, event.reason) for event in state.failures(run.id)] == [("http://x/1", "timeout")]


def test_the_last_ends_of_a_url_are_told_without_all_its_history(state: State, run: Run, capture: Capture) -> None:
    state.announce(run.id, "a", [ranked(1)])
    for outcome in ("captured", "not_modified", "queued", "failed", "queued"):
        state.settle("http://x/1", outcome, run=run.id, capture=capture if outcome == "captured" else None)
    assert state.outcomes("http://x/1", most=2) == ["failed", "not_modified"]
    assert state.outcomes("http://x/1", most=9) == ["failed", "not_modified", "captured"]
    assert state.outcomes("http://x/2", most=9) == []


def test_history_has_every_source_and_every_settlement_with_its_record(
    state: State, clock: FixedClock, run: Run, capture: Capture
) -> None:
    state.announce(run.id, "a", told_of([told(1)]))
    state.announce(run.id, "a", told_of([told(1)]))  # the same source again says nothing new
    state.announce(run.id, "a", told_of([told(1, via="http://x/sitemap")]))
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
    state.announce(run.id, "a", told_of([told(n) for n in range(100)]))

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


def test_what_is_told_twice_at_once_has_one_line_in_its_history_for_each_source(state: State, run: Run) -> None:
    state.announce(run.id, "a", [ranked(1), ranked(1), ranked(1, via="http://x/other"), ranked(1)])
    assert len(state.history("http://x/1")) == 2
    state.announce(run.id, "a", [ranked(1)])
    assert len(state.history("http://x/1")) == 2


def test_what_was_settled_waits_again_when_it_is_reopened_but_not_while_a_run_is_handed_it(
    state: State, run: Run
) -> None:
    state.announce(run.id, "a", [ranked(1), ranked(2)])
    state.hold(run.id, ["http://x/1", "http://x/2"])
    for number in (1, 2):
        state.settle(f"http://x/{number}", "failed", run=run.id, reason="status_500")

    def known() -> list[tuple[str, str | None]]:
        entries = [state.entry(f"http://x/{number}") for number in (1, 2)]
        return [(entry.outcome, entry.reason) for entry in entries if entry is not None]

    state.hold(run.id, ["http://x/1"])
    state.reopen(run.id, ["http://x/1"])
    assert known() == [("failed", "status_500")] * 2
    state.finish_run(run.id, "done", None)
    state.reopen(run.id, ["http://x/1"])
    assert known() == [("announced", None), ("failed", "status_500")]
