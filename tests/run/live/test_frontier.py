"""What a run is handed, as far as the ledger knows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.clock import FixedClock
from crawler.model.capture import Announcement, Capture
from crawler.model.site import Site
from crawler.run.live.frontier import LedgerFrontier
from crawler.state import State, memory_state, new_run

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SITE = Site(name="a", title="A", country="gb", languages=("en",), home="https://news.example/")


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    with memory_state(clock=FixedClock(NOON)) as opened:
        yield opened


def announced(*paths: str) -> list[Announcement]:
    return [Announcement(url=f"https://news.example/{path}", role="article", source="feed") for path in paths]


def test_a_url_that_was_never_captured_is_known_to_be_a_first_one_just_once(state: State) -> None:
    run = new_run("a", trigger="manual", clock=FixedClock(NOON))
    state.add_run(run)
    old, new, late = announced("old", "new", "late")
    state.add_capture(
        Capture(
            url=old.url, captured_at=NOON, kind="response", warc="W.warc.gz", offset=1, length=2, record_id="<urn:uuid:1>",
            status=200, mime="text/html", payload_sha1="A" * 32, payload_sha256="a" * 64,
        ),
        run=run.id, site="a", role="article",
    )  # fmt: skip
    frontier = LedgerFrontier(state, run, SITE, max_pages=2)
    assert frontier.admit([old, new, late]) == [old, new]
    assert not frontier.is_first(old.url)
    assert not frontier.is_first(late.url)
    assert frontier.is_first(new.url)
    assert not frontier.is_first(new.url)


def test_many_urls_are_admitted_in_their_order(state: State) -> None:
    run = new_run("a", trigger="manual", clock=FixedClock(NOON))
    state.add_run(run)
    frontier = LedgerFrontier(state, run, SITE, max_pages=10_000)
    many = announced(*map(str, range(1000)))
    assert frontier.admit(many) == many
    assert all(frontier.is_first(one.url) for one in many)
