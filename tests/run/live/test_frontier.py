"""What a run is handed, as far as the ledger knows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from crawler.clock import FixedClock
from crawler.frontier.admission import Scope
from crawler.model.capture import Announcement, Capture
from crawler.model.frontier import Wanted
from crawler.model.run import Run, Validators
from crawler.model.site import Site
from crawler.run.live.frontier import LedgerFrontier
from crawler.state import EditCounts, State, new_run

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SITE = Site(
    name="a",
    title="A",
    country="gb",
    languages=("en",),
    home="https://news.example/",
    feeds=("https://news.example/f",),
)
HOUR = timedelta(hours=1)


class Desk:
    """Runs of one site, one after the other, with the time that a test gives them."""

    def __init__(self, state: State, clock: FixedClock, site: Site = SITE) -> None:
        self.state, self.clock, self.site = state, clock, site
        self.frontier: LedgerFrontier
        self.run: Run

    def begin(
        self,
        *announced: Announcement,
        max_pages: int = 10,
        targets: tuple[str, ...] = (),
        since: datetime | None = None,
    ) -> LedgerFrontier:
        self.run = new_run("a", trigger="manual", clock=self.clock, targets=targets)
        self.state.add_run(self.run)
        self.frontier = LedgerFrontier(
            self.state,
            self.run,
            self.site,
            clock=self.clock,
            scope=Scope.of(self.site, since=since),
            max_pages=max_pages,
        )
        self.frontier.open_channels()
        self.frontier.announce(announced)
        return self.frontier

    def taken(self, *announced: Announcement, whole: bool = True, **wanted: int) -> list[str]:
        """Begin a run that is told of `announced`, and return what it takes up."""
        return paths(self.begin(*announced, **wanted).take_up(whole=whole))

    def state_counts(self, **found: int) -> None:
        """Let earlier visits to the site have found so much."""
        self.state.count_visit("a", EditCounts(**found))

    def end(self, hours: float = 0.0) -> None:
        self.state.finish_run(self.run.id, "done")
        self.clock.advance(hours * 3600)

    def settle(self, path: str, outcome: str, reason: str | None = None, **more: str) -> None:
        capture = a_capture(url(path), self.clock.now()) if outcome in ("parsed", "captured", "duplicate") else None
        self.frontier.settle(url(path), outcome, reason, capture, "article", **more)  # type: ignore[arg-type]

    def poll(self, path: str, outcome: str, reason: str | None = None, *, hours: float = 0.25, **more: str) -> bool:
        """Run once without any announcement; if `path` is taken up, it ends so. Tell whether it was."""
        taken = self.taken()
        if path in taken:
            self.settle(path, outcome, reason, **more)
        self.end(hours)
        return path in taken


@pytest.fixture
def desk(state: State, clock: FixedClock) -> Desk:
    return Desk(state, clock)


@pytest.fixture
def busy_desk(state: State, clock: FixedClock) -> Desk:
    """A site whose declaration asks for all visits of the plan."""
    return Desk(state, clock, msgspec.structs.replace(SITE, visits=4.0))


def url(path: str) -> str:
    return path if "://" in path else f"https://news.example/{path}"


def page(path: str, published: datetime | None = None, modified: datetime | None = None, **more: str) -> Announcement:
    return Announcement(
        url=url(path),
        role="article",
        source="feed",
        published_at=published.isoformat() if published else None,
        modified_at=modified.isoformat() if modified else None,
        **more,  # type: ignore[arg-type]
    )


def paths(wanted: Sequence[Wanted]) -> list[str]:
    return [one.announcement.url.removeprefix("https://news.example/") for one in wanted]


def a_capture(of: str, at: datetime) -> Capture:
    return Capture(
        url=of, captured_at=at, kind="response", warc="W.warc.gz", offset=1, length=2, record_id="<urn:uuid:1>",
        status=200, mime="text/html", payload_sha1="A" * 32, payload_sha256="a" * 64,
    )  # fmt: skip


def outcome(desk: Desk, path: str) -> tuple[str, str | None]:
    entry = desk.state.entry(url(path))
    assert entry is not None
    return entry.outcome, entry.reason


# --- order


def test_the_newest_are_taken_first_whatever_the_order_of_the_channel(desk: Desk) -> None:
    news = [page(str(n), NOON - (20 - n) * HOUR) for n in range(20)]  # the oldest first
    assert desk.taken(*news, max_pages=5) == ["19", "18", "17", "16", "15"]
    for path in ("19", "18", "17", "16", "15"):
        desk.settle(path, "parsed", article_id=path)
    desk.end()
    assert desk.taken(max_pages=3) == ["14", "13", "12"]


def test_fresh_stories_come_before_a_backlog_which_gets_what_is_left(desk: Desk) -> None:
    old = [page(f"old-{n}", NOON - timedelta(days=30 + n)) for n in range(30)]
    assert desk.taken(*old, max_pages=10) == [f"old-{n}" for n in range(10)]
    for n in range(10):
        desk.settle(f"old-{n}", "parsed", article_id=str(n))
    desk.end(0.5)
    fresh = [page(f"new-{n}", NOON) for n in range(3)]
    assert desk.taken(*old, *fresh, max_pages=10) == ["new-0", "new-1", "new-2", *(f"old-{n}" for n in range(10, 17))]


def test_the_backlog_has_a_share_of_its_own(desk: Desk) -> None:
    old = [page(f"old-{n}", NOON - timedelta(days=30 + n)) for n in range(30)]
    fresh = [page(f"new-{n}", NOON) for n in range(40)]
    taken = desk.taken(*old, *fresh, max_pages=20)
    assert taken == [*(f"new-{n}" for n in range(18)), "old-0", "old-1"]


def test_before_every_channel_is_read_only_the_news_is_taken(desk: Desk) -> None:
    frontier = desk.begin(page("old", NOON - timedelta(days=9)), page("new", NOON))
    assert paths(frontier.take_up(whole=False)) == ["new"]
    assert paths(frontier.take_up(whole=True)) == ["old"]
    assert frontier.take_up(whole=True) == []


def test_undated_pages_keep_the_order_of_their_channel(desk: Desk) -> None:
    assert desk.taken(*(page(name) for name in "cab")) == ["c", "a", "b"]


def test_many_pages_are_taken_in_their_order(desk: Desk) -> None:
    many = [page(str(number)) for number in range(1000)]
    assert desk.taken(*many, max_pages=10_000) == [str(number) for number in range(1000)]


def test_a_run_of_targets_takes_only_what_those_announce(desk: Desk) -> None:
    desk.begin(page("waits"))
    desk.end()
    assert desk.taken(page("of-the-target"), targets=("https://news.example/f",)) == ["of-the-target"]  # type: ignore[arg-type]


def test_a_url_that_was_never_captured_is_known_to_be_a_first_one_just_once(desk: Desk) -> None:
    desk.taken(page("new"), page("late"), max_pages=1)
    assert not desk.frontier.is_first(url("late"))
    assert desk.frontier.is_first(url("new"))
    assert not desk.frontier.is_first(url("new"))


# --- attempts


def test_a_story_that_failed_is_tried_again_without_being_announced_again(desk: Desk) -> None:
    desk.taken(page("a"))
    desk.settle("a", "failed", "http_500")
    desk.end(0.1)
    tried = [desk.poll("a", "failed", "http_500") for _ in range(40)]  # ten hours of polls each quarter of an hour
    assert tried.count(True) == 3  # after ten minutes, one hour and six hours
    desk.clock.advance(86_400)
    assert desk.poll("a", "parsed", article_id="1")
    assert outcome(desk, "a") == ("parsed", None)


def test_a_host_that_is_down_for_an_hour_costs_no_story(desk: Desk) -> None:
    desk.taken(*(page(name) for name in "abc"))
    for name in "abc":
        desk.settle(name, "failed", "connect")
    desk.end(0.05)
    for _ in range(4):
        for name in desk.taken():
            desk.settle(name, "failed", "connect")
        desk.end(0.25)
    assert sorted(desk.taken()) == []
    desk.end(1)
    assert sorted(desk.taken()) == ["a", "b", "c"]


def test_waiting_for_a_host_is_no_attempt(desk: Desk) -> None:
    desk.taken(page("a"))
    for _ in range(20):
        desk.settle("a", "failed", "backed_off")
        assert desk.frontier.waiting == 1
        assert outcome(desk, "a") == ("announced", "backed_off")
        desk.end(0.1)
        assert desk.taken() == ["a"]
    entry = desk.state.entry(url("a"))
    assert entry is not None
    assert entry.attempts == 0


def test_a_page_without_an_article_is_asked_for_a_few_times_only(desk: Desk) -> None:
    announced = page("a")
    desk.taken(announced)
    desk.settle("a", "captured")
    desk.settle("a", "failed", "no_article")
    desk.end(0.25)
    asked = 0
    for _ in range(400):
        if desk.taken(announced) == ["a"]:
            asked += 1
            desk.settle("a", "captured")
            desk.settle("a", "failed", "no_article")
        desk.end(2)
    assert asked == 3


def test_a_page_without_an_article_is_asked_for_again_when_its_channel_says_it_changed(desk: Desk) -> None:
    desk.taken(page("a", modified=NOON - HOUR))
    desk.settle("a", "failed", "no_article")
    desk.end(0.25)
    assert desk.taken(page("a", modified=NOON - HOUR)) == []
    desk.end(0.25)
    assert desk.taken(page("a", modified=NOON)) == ["a"]


@pytest.mark.parametrize("what", ["title", "modified"])
def test_a_page_without_an_article_of_which_every_reading_tells_something_else_is_asked_for_ever_more_rarely(
    desk: Desk, what: str
) -> None:
    asked = 0
    for hour in range(24):
        told = {"title": f"A clip ({hour} views)"} if what == "title" else {"modified": NOON + hour * HOUR}
        if desk.taken(page("a", **told)) == ["a"]:
            asked += 1
            desk.settle("a", "captured")
            desk.settle("a", "failed", "no_article")
            assert desk.state.entry(url("a")).outcome == "failed"
        desk.end(1)
    assert asked == 4


def test_a_page_that_robots_txt_forbids_is_judged_anew_the_next_day(desk: Desk) -> None:
    desk.taken(page("a"))
    desk.settle("a", "disallowed", "robots")
    desk.end(1)
    assert desk.taken(page("a")) == []
    desk.end(24)
    assert desk.taken() == ["a"]


def test_what_is_out_of_scope_is_judged_anew_when_the_declaration_is_corrected(state: State, clock: FixedClock) -> None:
    wrong = msgspec.structs.replace(SITE, include=("/nwes/",))
    before = Desk(state, clock, wrong)
    assert before.taken(page("news/a"), page("news/b")) == []
    assert outcome(before, "news/a") == ("out_of_scope", "not_included")
    before.end(1)
    after = Desk(state, clock, msgspec.structs.replace(SITE, include=("/news/",)))
    assert after.taken(page("news/a")) == ["news/a", "news/b"]


def test_what_is_older_than_asked_for_is_admitted_by_a_run_that_asks_for_all(desk: Desk) -> None:
    old = page("a", NOON - timedelta(days=9))
    desk.begin(old, since=NOON - timedelta(days=1))
    assert paths(desk.frontier.take_up(whole=True)) == []
    assert outcome(desk, "a") == ("out_of_scope", "before_since")
    desk.end()
    assert desk.taken(old) == ["a"]


def test_the_same_refusal_is_told_once(desk: Desk) -> None:
    for _ in range(3):
        desk.begin(page("https://other.example/x"))
        desk.end()
    assert [event.outcome for event in desk.state.history("https://other.example/x")] == ["announced", "out_of_scope"]


def test_pages_of_a_slow_host_come_before_its_channels(desk: Desk) -> None:
    desk.taken(page("a"), page("b"))
    desk.frontier.settle("https://news.example/f", "captured", None, None, "feed")
    desk.settle("a", "failed", "backed_off")
    desk.settle("b", "failed", "backed_off")
    desk.end(0.1)
    assert sorted(paths(desk.begin().held_up())) == ["a", "b"]
    desk.end(8)
    assert desk.begin().held_up() == ()  # it is the channel's turn


# --- identity


def test_another_spelling_of_a_known_page_is_an_alias_that_points_to_it(desk: Desk) -> None:
    assert desk.taken(page("2026/03/01/a-story")) == ["2026/03/01/a-story"]
    desk.settle("2026/03/01/a-story", "parsed", article_id="1")
    desk.end()
    again = [
        page("2026/03/01/a-story/?utm_source=rss"),
        page("2026/03/01/a-story?fbclid=x"),
        page("2026/03/01/a-story"),
    ]
    assert desk.taken(*again) == []
    assert outcome(desk, "2026/03/01/a-story?fbclid=x") == ("alias", url("2026/03/01/a-story"))
    assert len(desk.state.aliases(url("2026/03/01/a-story"))) == 2


def test_of_two_spellings_announced_together_one_is_taken(desk: Desk) -> None:
    assert desk.taken(page("a-story?xtor=RSS-1"), page("a-story")) == ["a-story?xtor=RSS-1"]


def test_a_spelling_of_a_page_that_could_not_be_had_is_taken_as_new(desk: Desk) -> None:
    desk.taken(page("a-story/"))
    desk.settle("a-story/", "failed", "http_404")
    desk.end()
    assert desk.taken(page("a-story")) == ["a-story"]


def test_a_page_known_by_its_redirect_is_known_by_its_other_addresses(desk: Desk) -> None:
    desk.taken(page("short/1"))
    desk.frontier.settle(url("short/1"), "redirected", url("2026/a-story"))
    desk.settle("2026/a-story", "parsed", article_id="1")
    desk.end()
    assert desk.taken(page("short/1?utm_source=x"), page("2026/a-story")) == []
    assert outcome(desk, "short/1?utm_source=x") == ("alias", url("2026/a-story"))


def test_pages_that_a_version_before_entered_are_known_by_their_identity(desk: Desk) -> None:
    desk.begin()
    desk.state.settle(url("a-story"), "parsed", run=desk.run.id, role="article", article_id="1")
    desk.end()
    assert desk.taken(page("a-story?utm_source=x")) == []


# --- visits


def visited(desk: Desk) -> list[Wanted]:
    return [one for one in desk.begin().take_up(whole=True) if one.earlier is not None]


def test_an_article_is_read_again_on_the_plan_with_conditions(busy_desk: Desk) -> None:
    busy_desk.taken(page("a"))
    busy_desk.frontier.remember(url("a"), Validators('"1"'))
    busy_desk.settle("a", "parsed", article_id="1")
    busy_desk.end(0.5)
    assert visited(busy_desk) == []
    busy_desk.end(0.5)
    (visit,) = visited(busy_desk)
    assert (visit.earlier.id, visit.earlier.captured_at) == ("1", NOON)  # type: ignore[union-attr]
    assert visit.conditions == Validators('"1"')
    busy_desk.settle("a", "not_modified")
    assert outcome(busy_desk, "a") == ("parsed", None)
    busy_desk.end(1)
    assert visited(busy_desk) == []
    busy_desk.end(4)
    assert len(visited(busy_desk)) == 1


def test_an_article_of_a_site_of_which_nothing_is_known_is_read_again_after_a_day(desk: Desk) -> None:
    desk.taken(page("a"))
    desk.settle("a", "parsed", article_id="1")
    desk.end(23)
    assert visited(desk) == []
    desk.end(1)
    assert len(visited(desk)) == 1


def test_a_channel_that_tells_of_a_change_brings_a_visit_at_once_without_conditions(desk: Desk) -> None:
    desk.taken(page("a", modified=NOON - HOUR))
    desk.frontier.remember(url("a"), Validators('"1"'))
    desk.settle("a", "parsed", article_id="1")
    desk.end(0.25)
    desk.begin(page("a", modified=NOON + HOUR / 5))
    (visit,) = desk.frontier.take_up(whole=True)
    assert (visit.announcement.url, visit.conditions) == (url("a"), None)
    assert visit.earlier is not None
    desk.settle("a", "parsed", article_id="2")
    desk.end(0.25)
    assert desk.taken(page("a", modified=NOON + HOUR / 5)) == []
    assert desk.state.edit_rate("a") == EditCounts(told=1)


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (page("a", NOON - HOUR, title="Ferry late"), page("a", NOON + HOUR / 5, title="Ferry late")),
        (page("a", title="Ferry late"), page("a", title="Ferry late, captain says why")),
        (page("a", modified=NOON - HOUR, title="Ferry late"), page("a", modified=NOON - HOUR, title="Ferry is late")),
    ],
)
def test_a_channel_that_redates_or_renames_a_story_tells_of_a_change(
    desk: Desk, first: Announcement, then: Announcement
) -> None:
    desk.taken(first)
    desk.settle("a", "parsed", article_id="1")
    desk.end(0.25)
    assert desk.taken(first) == []
    desk.end(0.25)
    assert desk.taken(then) == ["a"]
    desk.settle("a", "parsed", article_id="2")
    desk.end(0.25)
    assert desk.taken(then) == []


def test_what_another_channel_dates_and_names_differently_did_not_change(desk: Desk) -> None:
    desk.taken(page("a", NOON - HOUR, title="Ferry late", via="https://news.example/feed"))
    desk.settle("a", "parsed", article_id="1")
    desk.end(0.25)
    assert desk.taken(page("a", NOON + HOUR, title="Ferry", via="https://news.example/news.xml")) == []
    desk.end(0.25)
    assert desk.taken(page("a", NOON - HOUR, title="FERRY  late", via="https://news.example/feed")) == []


def test_a_second_channel_of_a_run_may_be_the_one_that_renames_a_story(desk: Desk) -> None:
    feed, other = (
        page("a", title="Ferry late", via="https://news.example/feed"),
        page("a", via="https://news.example/s"),
    )
    desk.taken(feed)
    desk.settle("a", "parsed", article_id="1")
    desk.end(0.25)
    desk.begin(other)
    desk.frontier.announce([page("a", title="Ferry in again", via="https://news.example/feed")])
    assert paths(desk.frontier.take_up(whole=True)) == ["a"]


def test_a_story_that_a_proven_channel_lists_as_unchanged_is_not_visited(busy_desk: Desk) -> None:
    busy_desk.state_counts(told=3)
    stories = [page(str(n), modified=NOON - HOUR) for n in range(40)]
    for path in busy_desk.taken(*stories, max_pages=100):
        busy_desk.settle(path, "parsed", article_id=path)
    busy_desk.end(1.1)
    visited = busy_desk.taken(*stories, max_pages=1000)
    assert 0 < len(visited) < 15  # some are looked at all the same
    assert len(busy_desk.taken(max_pages=1000)) == 0  # the others wait for their next visit


def test_a_channel_that_kept_silent_about_edits_is_not_believed(busy_desk: Desk) -> None:
    busy_desk.state_counts(told=3, silent=3)
    stories = [page(str(n), modified=NOON - HOUR) for n in range(40)]
    for path in busy_desk.taken(*stories, max_pages=100):
        busy_desk.settle(path, "parsed", article_id=path)
    busy_desk.end(1.1)
    assert len(busy_desk.taken(*stories, max_pages=1000)) == 40


def test_a_change_told_under_a_new_address_of_a_page_brings_a_visit(desk: Desk) -> None:
    desk.taken(page("a", modified=NOON - HOUR))
    desk.settle("a", "parsed", article_id="1")
    desk.end(0.25)
    assert desk.taken(page("a?utm_source=rss", modified=NOON + HOUR / 5)) == ["a"]


def test_two_channels_that_date_a_page_a_little_apart_tell_of_no_change(desk: Desk) -> None:
    desk.taken(page("a", modified=NOON - HOUR))
    desk.settle("a", "parsed", article_id="1")
    desk.end(0.25)
    assert desk.taken(page("a", modified=NOON - HOUR + timedelta(seconds=40))) == []


def test_a_second_channel_of_a_run_tells_of_a_change_that_the_first_is_silent_of(desk: Desk) -> None:
    desk.begin(page("a"))
    desk.frontier.announce([page("a", modified=NOON - HOUR)])
    assert paths(desk.frontier.take_up(whole=True)) == ["a"]
    desk.settle("a", "parsed", article_id="1")
    desk.end(0.25)
    desk.begin(page("a"))
    desk.frontier.announce([page("a", modified=NOON - HOUR)])
    assert desk.frontier.take_up(whole=True) == []
    desk.frontier.announce([page("a", modified=NOON + HOUR / 5)])
    assert paths(desk.frontier.take_up(whole=True)) == ["a"]


def test_another_address_tells_of_a_change_of_its_page(desk: Desk) -> None:
    desk.taken(page("a-story", modified=NOON - HOUR))
    desk.settle("a-story", "parsed", article_id="1")
    desk.end(0.25)
    desk.taken(page("a-story?utm_source=x", modified=NOON - HOUR))
    desk.end(0.25)
    assert desk.taken(page("a-story?utm_source=x", modified=NOON + HOUR / 4)) == ["a-story"]


def test_a_page_that_is_gone_when_it_is_read_again_stays_an_article(busy_desk: Desk) -> None:
    busy_desk.taken(page("a"))
    busy_desk.settle("a", "parsed", article_id="1")
    busy_desk.end(1)
    assert len(visited(busy_desk)) == 1
    busy_desk.settle("a", "failed", "http_404")
    assert outcome(busy_desk, "a") == ("parsed", None)
    assert [event.reason for event in busy_desk.state.history(url("a"))][-1] == "http_404"


def test_what_is_shown_of_a_run_begins_with_none_of_its_channels(desk: Desk) -> None:
    desk.begin()
    assert desk.frontier.tally.counts == {"queued": len(desk.site.feeds)}
    desk.begin(targets=(url("a"), url("b")))
    assert desk.frontier.tally.counts == {"queued": 2}
