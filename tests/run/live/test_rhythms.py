"""When the channels of a site are due, as runs learn it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from crawler.clock import FixedClock
from crawler.frontier.admission import Scope
from crawler.model.capture import Announcement
from crawler.model.reading import Wishes
from crawler.model.run import Validators
from crawler.model.site import Schedule, Site
from crawler.run.live.frontier import LedgerFrontier
from crawler.run.live.rhythms import bounds_of
from crawler.state import State, new_run

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
FEED, SITEMAP = "https://news.example/feed", "https://news.example/sitemap.xml"
SITE = Site(
    name="a",
    title="A",
    country="gb",
    languages=("en",),
    home="https://news.example/",
    feeds=(FEED,),
    schedule=Schedule(adaptive=True, min="5m", max="6h"),
)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


def frontier(state: State, clock: FixedClock, site: Site = SITE, *, by: str = "schedule") -> LedgerFrontier:
    run = new_run("a", trigger=by, clock=clock)  # type: ignore[arg-type]
    state.add_run(run)
    return LedgerFrontier(state, run, site, clock=clock, scope=Scope.of(site), max_pages=10)


def stories(first: int, last: int, *, at: datetime | None = None) -> list[Announcement]:
    told = None if at is None else at.isoformat()
    return [
        Announcement(url=f"https://news.example/s/{n}", role="article", source="feed", via=FEED, published_at=told)
        for n in range(first, last)
    ]


def read(opened: LedgerFrontier, url: str, listed: list[Announcement], **asked: float) -> bool:
    """Do what a spider does with a channel; return whether it moved on by more than it holds."""
    overrun = opened.is_overrun(url, [one.url for one in listed])
    opened.note_reading(url, listed, wishes=Wishes(**asked), overrun=overrun)  # type: ignore[arg-type]
    opened.announce(listed)
    opened.settle(url, "captured", None, None, "feed")
    opened.remember(url, Validators())
    return overrun


def due_min(state: State, clock: FixedClock, url: str = FEED) -> float:
    kept = state.rhythm("a", url)
    assert kept is not None
    return (kept.due_at - clock.now()) / timedelta(minutes=1)


def test_a_scheduled_run_reads_what_is_due_and_one_by_hand_all(state, clock) -> None:
    opened = frontier(state, clock)
    assert opened.is_due(FEED)
    read(opened, FEED, stories(0, 10))
    assert not frontier(state, clock).is_due(FEED)
    assert frontier(state, clock, by="manual").is_due(FEED)
    fixed = msgspec.structs.replace(SITE, schedule=Schedule(every="15m"))
    assert frontier(state, clock, fixed).is_due(FEED)
    clock.advance(6 * 3600)
    assert frontier(state, clock).is_due(FEED)


def test_news_shortens_the_interval_and_silence_lengthens_it(state, clock) -> None:
    read(frontier(state, clock), FEED, stories(0, 20))
    count = 20
    for _ in range(24):
        clock.advance(1800)
        read(frontier(state, clock), FEED, stories(count - 14, count + 6))
        count += 6
    busy = due_min(state, clock)
    for _ in range(96):
        clock.advance(1800)
        read(frontier(state, clock), FEED, stories(count - 20, count))
    assert busy < 20 < 35 < due_min(state, clock) <= 360


def test_what_was_listed_first_is_no_news(state, clock) -> None:
    read(frontier(state, clock), FEED, stories(0, 400))
    assert due_min(state, clock) > 15


def test_what_a_channel_asks_for_is_kept_until_it_says_otherwise(state, clock) -> None:
    read(frontier(state, clock), FEED, stories(0, 20), ttl_s=7200.0)
    clock.advance(1800)
    opened = frontier(state, clock)
    opened.note_reading(FEED, None)
    assert due_min(state, clock) == 120
    clock.advance(1800)
    read(frontier(state, clock), FEED, stories(0, 20))
    assert due_min(state, clock) < 120


def test_what_fails_is_asked_more_and_more_seldom(state, clock) -> None:
    waits = []
    for _ in range(8):
        frontier(state, clock).settle(FEED, "failed", "http_500", None, "feed")
        waits.append(due_min(state, clock))
    assert waits == sorted(waits)
    assert waits[-1] == 360


def test_a_host_to_be_left_alone_is_no_failure_of_its_channel(state, clock) -> None:
    state.close_lane("news.example", 1.0, "", until=NOON + timedelta(hours=2))
    for _ in range(3):
        frontier(state, clock).settle(FEED, "failed", "backed_off", None, "feed")
    kept = state.rhythm("a", FEED)
    assert kept is not None
    assert (due_min(state, clock), kept.why) == (120, "its host is to be left alone")
    assert "failures" not in kept.memory


def test_an_overrun_leaves_a_gap_and_shortens_the_interval(state, clock) -> None:
    site = msgspec.structs.replace(SITE, sitemaps=(SITEMAP,))
    read(frontier(state, clock, site), FEED, stories(0, 20))
    usual = due_min(state, clock)
    clock.advance(3600)
    opened = frontier(state, clock, site)
    assert read(opened, FEED, stories(50, 70, at=NOON + timedelta(minutes=50)))
    assert due_min(state, clock) < usual / 2
    assert opened.note_gap(FEED) == (SITEMAP,)
    (gap,) = state.gaps(NOON, NOON + timedelta(days=1))
    assert (gap.url, gap.begin_at, gap.end_at, gap.found) == (FEED, NOON, NOON + timedelta(hours=1), 0)


def test_what_is_found_elsewhere_of_a_gap_is_counted_and_what_is_older_left(state, clock) -> None:
    read(frontier(state, clock), FEED, stories(0, 20))
    clock.advance(3600)
    opened = frontier(state, clock)
    read(opened, FEED, stories(50, 70))
    opened.note_gap(FEED)
    old, new = stories(900, 905, at=NOON - timedelta(days=9)), stories(20, 50, at=NOON + timedelta(minutes=20))
    assert opened.of_gap([*old, *new, *stories(990, 995)]) == new
    assert opened.horizon("https://news.example/sitemap-2019.xml") == NOON
    opened.is_overrun(SITEMAP, [one.url for one in new])
    opened.note_reading(SITEMAP, [*old, *new])
    (gap,) = state.gaps(NOON, NOON + timedelta(days=1), "a")
    assert gap.found == 30


def test_memory_of_another_version_is_learned_anew(state, clock) -> None:
    state.keep_rhythm("a", FEED, '{"hours": 7}', read_at=NOON, due_at=NOON, why="")
    read(frontier(state, clock), FEED, stories(0, 20))
    assert due_min(state, clock) > 5


def test_quiet_hours_are_those_of_the_time_zone(clock) -> None:
    berlin = Schedule(adaptive=True, quiet="23:00-06:00", timezone="Europe/Berlin")
    assert bounds_of(berlin, datetime(2026, 1, 15, tzinfo=UTC)).quiet == ((22 * 60, 5 * 60),)
    assert bounds_of(berlin, datetime(2026, 7, 15, tzinfo=UTC)).quiet == ((21 * 60, 4 * 60),)
    assert bounds_of(Schedule(adaptive=True), NOON).quiet == ()
