"""Whose address it is."""

from __future__ import annotations

from datetime import UTC, datetime

from crawler.clock import FixedClock
from crawler.frontier.identity import identity_of
from crawler.run.addresses import page_of
from crawler.state import Following, memory_state, new_run

CLOCK = FixedClock(datetime(2026, 3, 1, tzinfo=UTC))
PAGE = "https://a.example/2026/a-story"


def test_every_address_of_a_page_leads_to_it() -> None:
    with memory_state(clock=CLOCK) as state:
        run = new_run("a", trigger="manual", clock=CLOCK)
        state.add_run(run)
        known = Following(identity=identity_of(PAGE))
        state.settle(PAGE, "parsed", run=run.id, role="article", article_id="1", following=known)
        alias = Following(identity=identity_of(PAGE), page=PAGE)
        state.settle(f"{PAGE}/amp", "alias", run=run.id, role="article", following=alias)
        assert page_of(state, PAGE) is None
        assert page_of(state, f"{PAGE}/amp") == PAGE
        assert page_of(state, f"{PAGE}?utm_source=never-announced") == PAGE
        assert page_of(state, "https://a.example/2026/another") is None
