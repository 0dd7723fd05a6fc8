"""Kinds of address of one site over its runs: cut off, looked at, taken up again; parameters that say nothing."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from crawler.clock import FixedClock
from crawler.frontier.admission import Scope
from crawler.model.capture import Announcement, Capture
from crawler.model.site import Site
from crawler.run.live.frontier import LedgerFrontier
from crawler.run.live.kinds import AddressKinds
from crawler.state import Following, State, new_run

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SITE = Site(
    name="a",
    title="A",
    country="gb",
    languages=("en",),
    home="https://news.example/",
    feeds=("https://news.example/f",),
)
TRAP = "https://news.example/events/2031/01/{}/programme"


def begun(state: State, clock: FixedClock, site: Site = SITE) -> LedgerFrontier:
    for before in state.runs(site.name, 1):
        state.finish_run(before.id, "done")
    run = new_run(site.name, trigger="manual", clock=clock)
    state.add_run(run)
    frontier = LedgerFrontier(state, run, site, clock=clock, scope=Scope.of(site), max_pages=100)
    frontier.open_channels()
    return frontier


def announce(frontier: LedgerFrontier, *urls: str) -> None:
    frontier.announce([Announcement(url=url, role="article", source="listing") for url in urls])


def settle(
    frontier: LedgerFrontier, clock: FixedClock, url: str, outcome: str, reason: str | None = None, **more: str
) -> None:
    capture = Capture(
        url=url, captured_at=clock.now(), kind="response", warc="W.warc.gz", offset=1, length=2,
        record_id="<urn:uuid:1>",
        status=200, mime="text/html", payload_sha1="A" * 32, payload_sha256="a" * 64,
    )  # fmt: skip
    frontier.settle(url, outcome, reason, capture, "article", **more)  # type: ignore[arg-type]


def fill(frontier: LedgerFrontier, clock: FixedClock, count: int = 25) -> None:
    urls = [TRAP.format(n) for n in range(count)]
    announce(frontier, *urls)
    frontier.take_up(whole=True)
    for url in urls:
        settle(frontier, clock, url, "failed", "no_article")


def outcome(state: State, url: str) -> tuple[str, str | None]:
    entry = state.entry(url)
    assert entry is not None
    return entry.outcome, entry.reason


def test_what_gave_nothing_is_cut_off_within_the_run_and_told(state: State, clock: FixedClock) -> None:
    frontier = begun(state, clock)
    announce(frontier, TRAP.format(90))
    fill(frontier, clock)
    assert frontier.refusal(TRAP.format(90)) == "barren_pattern"
    announce(frontier, TRAP.format(91))
    assert outcome(state, TRAP.format(91)) == ("out_of_scope", "barren_pattern")
    (row,) = state.cut_off("a")
    assert (row.pattern, row.pages, row.articles, row.cut_at) == ("/events/#/#/#/*", 25, 0, NOON)


def test_a_cut_kind_is_looked_at_once_a_day(state: State, clock: FixedClock) -> None:
    fill(begun(state, clock), clock)
    clock.advance(25 * 3600)
    frontier = begun(state, clock)
    announce(frontier, *(TRAP.format(920 + n) for n in range(5)))
    taken = [one.announcement.url for one in frontier.take_up(whole=True) if "/92" in one.announcement.url]
    assert taken == [TRAP.format(920)]
    assert frontier.refusal(taken[0]) is None
    settle(frontier, clock, taken[0], "failed", "no_article")
    clock.advance(3600)
    announce(begun(state, clock), TRAP.format(99))
    assert outcome(state, TRAP.format(99)) == ("out_of_scope", "barren_pattern")


def test_a_kind_that_gives_articles_after_all_is_taken_up_again_with_all_that_was_left_alone(
    state: State, clock: FixedClock
) -> None:
    frontier = begun(state, clock)
    fill(frontier, clock)
    announce(frontier, TRAP.format(93))
    clock.advance(25 * 3600)
    frontier = begun(state, clock)
    announce(frontier, TRAP.format(94))
    frontier.take_up(whole=True)
    settle(frontier, clock, TRAP.format(94), "parsed", article_id="x")
    assert outcome(state, TRAP.format(93)) == ("announced", None)
    assert state.cut_off("a") == []


def test_pages_that_are_not_judged_yet_hold_up_others_of_their_kind(state: State, clock: FixedClock) -> None:
    frontier = begun(state, clock)
    urls = [TRAP.format(n) for n in range(26)]
    announce(frontier, *urls)
    frontier.take_up(whole=True)

    async def crawl() -> str | None:
        for url in urls[:25]:
            await frontier.ready(url)
        last = asyncio.create_task(frontier.ready(urls[25]))
        await asyncio.sleep(0)
        assert not last.done()
        for url in urls[:25]:
            settle(frontier, clock, url, "failed", "no_article")
        for _ in range(9):
            await asyncio.sleep(0)
        assert last.done()  # it was woken, and did not wait as long as for a parser that hangs
        return frontier.refusal(urls[25])

    assert asyncio.run(crawl()) == "barren_pattern"


def test_what_the_declaration_names_is_asked_for_whatever_its_kind_gave(state: State, clock: FixedClock) -> None:
    site = Site(
        name="a", title="A", country="gb", languages=("en",), home="https://news.example/",
        feeds=("https://news.example/f",), include=("/events/",),
    )  # fmt: skip
    frontier = begun(state, clock, site)
    fill(frontier, clock)
    announce(frontier, TRAP.format(91))
    assert outcome(state, TRAP.format(91)) == ("announced", None)


def test_an_address_that_repeats_itself_is_never_asked_for(state: State, clock: FixedClock) -> None:
    frontier = begun(state, clock)
    announce(frontier, "https://news.example/a/more/more/more/story")
    assert outcome(state, "https://news.example/a/more/more/more/story") == ("out_of_scope", "repeating_path")


def test_refusals_of_the_host_cut_off_nothing(state: State, clock: FixedClock) -> None:
    frontier = begun(state, clock)
    urls = [TRAP.format(n) for n in range(60)]
    announce(frontier, *urls)
    frontier.take_up(whole=True)
    for url in urls:
        settle(frontier, clock, url, "failed", "http_503")
    assert frontier.refusal(TRAP.format(95)) is None


def test_a_parameter_that_never_told_pages_apart_is_left_out_of_their_identity(state: State, clock: FixedClock) -> None:
    run = new_run("a", trigger="manual", clock=clock)
    state.add_run(run)
    kinds = AddressKinds(state, run, clock, lambda _url: False)
    stories = [f"https://news.example/2026/a-story-{n}?id={n}" for n in range(2)]
    for url in stories:
        assert kinds.identity(f"{url}&visitor=a") != kinds.identity(url)
        kinds.same_page(f"{url}&visitor=a", f"{url}&visitor=b")
    later = AddressKinds(state, run, clock, lambda _url: False)
    assert later.identity("https://news.example/x?id=1&visitor=a") == later.identity("https://news.example/x?id=1")
    assert later.identity("https://news.example/x?id=1") != later.identity("https://news.example/x?id=2")


def test_pages_that_were_known_by_a_needless_parameter_are_known_without_it_once_that_is_learnt(
    state: State, clock: FixedClock
) -> None:
    run = new_run("a", trigger="manual", clock=clock)
    state.add_run(run)
    kinds = AddressKinds(state, run, clock, lambda _url: False)
    stories = [f"https://news.example/2026/a-story-{n}" for n in range(3)]
    for url in stories:
        key = Following(identity=kinds.identity(f"{url}?visitor=a"))
        state.settle(f"{url}?visitor=a", "parsed", run=run.id, role="article", article_id=url, following=key)
    kinds.same_page(f"{stories[0]}?visitor=a", f"{stories[0]}?visitor=b")
    assert [one.url for one in state.known([], [kinds.identity(f"{stories[0]}?visitor=c")])] == [
        f"{stories[0]}?visitor=a"
    ]
    assert state.unkeyed("a") == []
    kinds.same_page(f"{stories[1]}?visitor=a", f"{stories[1]}?visitor=b")
    assert sorted(state.unkeyed("a")) == [
        f"{url}?visitor=a" for url in stories
    ]  # they are keyed anew before the next announcements


def test_one_page_is_no_proof_against_a_parameter(state: State, clock: FixedClock) -> None:
    run = new_run("a", trigger="manual", clock=clock)
    state.add_run(run)
    kinds = AddressKinds(state, run, clock, lambda _url: False)
    for n in range(10):
        kinds.same_page(f"https://news.example/show?id={n}", f"https://news.example/show?id={n + 1}")
    assert kinds.identity("https://news.example/show?id=1") != kinds.identity("https://news.example/show?id=2")
    assert clock.now() - NOON < timedelta(seconds=1)


def test_what_one_story_showed_holds_for_its_own_address_at_once(state: State, clock: FixedClock) -> None:
    run = new_run("a", trigger="manual", clock=clock)
    state.add_run(run)
    kinds = AddressKinds(state, run, clock, lambda _url: False)
    story, other = "https://news.example/2026/a-story-of-today", "https://news.example/2026/another-story-of-today"
    kinds.same_page(f"{story}?visitor=a", f"{story}?visitor=b")
    assert kinds.identity(f"{story}?visitor=c") == kinds.identity(story)
    assert kinds.identity(f"{other}?visitor=c") != kinds.identity(other)
