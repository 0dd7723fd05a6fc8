"""Which visits a run makes under a condition, as it learns what the host's validators are worth."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from crawler.clock import FixedClock
from crawler.frontier.admission import Scope
from crawler.model.capture import Announcement, Capture
from crawler.model.run import Run, Validators
from crawler.model.site import Site
from crawler.run.live.frontier import LedgerFrontier
from crawler.state import EditCounts, State, new_run

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SITE = Site(
    name="a", title="A", country="gb", languages=("en",), home="https://news.example/",
    feeds=("https://news.example/f",), visits=4.0, max_pages=1000,
)  # fmt: skip
SAME = Validators('"same"')


class Paper:
    """A site of many stories, read by one run after the other."""

    def __init__(self, state: State, clock: FixedClock) -> None:
        self.state, self.clock = state, clock
        self.frontier: LedgerFrontier
        self.run: Run

    def begin(self) -> LedgerFrontier:
        self.run = new_run("a", trigger="manual", clock=self.clock)
        self.state.add_run(self.run)
        self.frontier = LedgerFrontier(
            self.state, self.run, SITE, clock=self.clock, scope=Scope.of(SITE), max_pages=SITE.max_pages
        )
        self.frontier.open_channels()
        return self.frontier

    def publish(self, number: int, validators: Validators = SAME) -> None:
        """Have so many stories read for the first time, then end the run."""
        urls = [f"https://news.example/a-story-{n}" for n in range(number)]
        frontier = self.begin()
        frontier.announce([Announcement(url=url, role="article", source="feed") for url in urls])
        for wanted in frontier.take_up(whole=True):
            url = wanted.announcement.url
            self._remember(url, validators)
            frontier.settle(url, "parsed", None, self._capture(url), "article", article_id=f"{url} 1")
        self._end(hours=1)

    def visit(self, met: Callable[[int], tuple[str, Validators]]) -> list[bool]:
        """Make the visits that are due, each meeting what `met` says of its number; tell which had a condition."""
        frontier = self.begin()
        had = []
        for number, wanted in enumerate(frontier.take_up(whole=True)):
            url = wanted.announcement.url
            had.append(wanted.conditions is not None)
            outcome, validators = met(number)
            if wanted.conditions is not None and validators == wanted.conditions:
                outcome = "not_modified"
            else:
                self._remember(url, validators)
            frontier.settle(url, outcome, None, self._capture(url), "article", article_id=f"{url} {number} 2")  # type: ignore[arg-type]
        self._end(hours=5)
        return had

    def _remember(self, url: str, validators: Validators) -> None:
        if validators.etag:
            self.frontier.remember(url, validators)

    def _end(self, *, hours: int) -> None:
        self.state.finish_run(self.run.id, "done")
        self.clock.advance(hours * 3600)

    def _capture(self, url: str) -> Capture:
        return Capture(
            url=url, captured_at=self.clock.now(), kind="response", warc="W.warc.gz", offset=1, length=2,
            record_id="<urn:uuid:1>", status=200, mime="text/html", payload_sha1="A" * 32, payload_sha256="a" * 64,
        )  # fmt: skip


@pytest.fixture
def paper(state: State, clock: FixedClock) -> Paper:
    return Paper(state, clock)


def test_edits_under_an_entity_tag_that_never_changes_are_seen(paper: Paper) -> None:
    paper.publish(40)
    assert all(paper.visit(lambda _: ("parsed", SAME)))  # nobody could know yet: all answer 304
    second = paper.visit(lambda _: ("parsed", SAME))
    assert 0.3 < second.count(False) / len(second) < 0.7  # so many 304 are looked into
    paper.clock.advance(13 * 3600)
    third = paper.visit(lambda _: ("parsed", SAME))
    assert third
    assert not any(third)


def test_what_a_host_said_that_does_not_know_is_taken_out_of_the_rate_of_edits(paper: Paper) -> None:
    paper.state.count_visit("a", EditCounts(visits=60, stories=40, changed=0, told=3))
    paper.publish(40)
    paper.visit(lambda _: ("duplicate", SAME))
    paper.visit(lambda number: ("parsed" if number >= 30 else "duplicate", SAME))
    rate = paper.state.edit_rate("a")
    assert rate.told == 3
    assert rate.visits <= 10


def test_a_host_whose_validators_move_with_its_edits_is_asked_under_a_condition(paper: Paper) -> None:
    paper.publish(40)
    paper.visit(lambda number: ("parsed", Validators(f'"{number}"') if number < 5 else SAME))
    assert all(paper.visit(lambda _: ("duplicate", SAME)))


def test_a_page_without_validators_tells_nothing_of_them(paper: Paper) -> None:
    paper.publish(10, Validators())
    assert not any(paper.visit(lambda _: ("parsed", Validators())))
    assert paper.state.recall("a", "validators of news.example") is None
