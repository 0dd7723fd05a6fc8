"""The frontier in memory keeps the promises of the protocol."""

from __future__ import annotations

from datetime import UTC, datetime

from crawler.model.capture import Announcement
from crawler.model.frontier import Frontier, MemoryFrontier
from crawler.model.run import Validators

SINCE = datetime(2026, 11, 20, tzinfo=UTC)


def announced(*urls: str) -> list[Announcement]:
    return [Announcement(url=url, role="article", source="feed") for url in urls]


def test_it_admits_what_is_new_in_scope_and_within_the_budget_in_order() -> None:
    frontier = MemoryFrontier(hosts=("news.example",), max_pages=2)
    given = announced(
        "https://news.example/1",
        "https://elsewhere.example/2",
        "https://www.news.example/3",
        "https://news.example/1",
        "https://news.example/4",
    )
    frontier.announce(given)
    taken = frontier.take_up(whole=True)
    assert [one.announcement.url for one in taken] == ["https://news.example/1", "https://www.news.example/3"]
    assert frontier.take_up(whole=True) == []
    assert frontier.outcomes() == {"https://elsewhere.example/2": "out_of_scope"}
    assert "https://news.example/4" in frontier.known  # announced; it waits for the next run


def test_a_url_has_one_current_outcome() -> None:
    frontier = MemoryFrontier()
    frontier.settle("https://news.example/1", "captured")
    frontier.settle("https://news.example/1", "parsed")
    assert frontier.outcomes() == {"https://news.example/1": "parsed"}
    assert len(frontier.settlements) == 2


def test_it_remembers_validators_and_horizons() -> None:
    frontier = MemoryFrontier(horizons={"https://news.example/s.xml": SINCE})
    frontier.remember("https://news.example/feed", Validators('"1"'))
    assert frontier.validators("https://news.example/feed") == Validators('"1"')
    assert frontier.validators("https://news.example/other") is None
    assert frontier.horizon("https://news.example/s.xml") == SINCE
    assert frontier.horizon("https://news.example/t.xml") is None
    assert MemoryFrontier(since=SINCE).horizon("https://news.example/t.xml") == SINCE


def test_it_is_a_frontier() -> None:
    frontier: Frontier = MemoryFrontier(pending=announced("https://news.example/left"))
    assert [one.announcement.url for one in frontier.take_up(whole=False)] == ["https://news.example/left"]
    assert (frontier.held_up(), frontier.open_channels(), frontier.earlier("https://news.example/left")) == (
        (),
        (),
        None,
    )
