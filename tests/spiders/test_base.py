"""A way of discovering of one's own: what it must say, and what it is spared."""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Iterable
from typing import Any

from scrapy import Request

from crawler.errors import DiscoveryError
from crawler.model.capture import Announcement
from crawler.model.frontier import MemoryFrontier
from crawler.model.run import Run
from crawler.model.site import Site
from spiders.base import Answer, Discovery
from spiders.found import Found

LIST = "https://www.news.example/list"


class Lines(Discovery):
    """Reads addresses, one a line; ``>`` leads on, ``!`` is no list, ``?`` is a fault of the spider."""

    name = "lines"
    depth = 2

    def channels(self) -> Iterable[Announcement]:
        return [Announcement(url=LIST, role="listing", source="seed")]

    def read(self, answer: Answer) -> Found:
        lines = answer.body.decode().split()
        if lines == ["!"]:
            raise DiscoveryError(f"{answer.url} is no list")
        if lines == ["?"]:
            raise KeyError("stories")
        pages = [line for line in lines if not line.startswith(">")]
        return Found(
            announcements=tuple(Announcement(url=page, role="article", source="listing") for page in pages),
            channels=tuple(
                Announcement(url=line[1:], role="listing", source="listing") for line in lines if line[0] == ">"
            ),
        )


class Slow(Lines):
    def read(self, answer: Answer) -> Generator[None, None, Found]:  # type: ignore[override]
        yield
        return super().read(answer)


def begun(kind: type[Lines], site: Site, run: Run) -> tuple[Lines, MemoryFrontier, Request]:
    frontier = MemoryFrontier(hosts=("news.example",))
    made = kind(site=site, run=run, frontier=frontier)

    async def collect() -> list[Request]:
        return [request async for request in made.start()]

    (request,) = asyncio.run(collect())
    return made, frontier, request


def follow(made: Lines, response: Any) -> list[Request]:
    return [one for one in made.parse(response) if one is not None]


def test_its_channels_are_read_and_their_pages_asked_for(site: Site, run: Run, answer: Any) -> None:
    made, frontier, request = begun(Lines, site, run)
    assert (request.url, request.meta["provenance"].role) == (LIST, "listing")
    pages = follow(made, answer(request, "https://www.news.example/a https://elsewhere.example/b"))
    assert [(page.url, page.meta["provenance"].role) for page in pages] == [("https://www.news.example/a", "article")]
    assert frontier.outcomes() == {"https://elsewhere.example/b": "out_of_scope", LIST: "captured"}


def test_what_it_leads_on_to_is_read_to_its_depth(site: Site, run: Run, answer: Any) -> None:
    made, _, request = begun(Lines, site, run)
    for page in (2, 3):
        (request,) = follow(made, answer(request, f">https://www.news.example/list?page={page}"))
        assert request.url.endswith(f"?page={page}")
    assert follow(made, answer(request, ">https://www.news.example/list?page=4")) == []


def test_reading_may_pause(site: Site, run: Run, answer: Any) -> None:
    made, _, request = begun(Slow, site, run)
    found = list(made.parse(answer(request, "https://www.news.example/a")))
    assert found[0] is None
    assert [one.url for one in found if one is not None] == ["https://www.news.example/a"]


def test_what_is_no_channel_fails_alone_and_so_does_a_fault_of_the_spider(site: Site, run: Run, answer: Any) -> None:
    for body, reason in (("!", "not_a_listing"), ("?", "spider_crash")):
        made, frontier, request = begun(Lines, site, run)
        assert follow(made, answer(request, body)) == []
        assert [(one.outcome, one.reason) for one in frontier.settlements] == [("failed", reason)]


def test_what_is_no_announcement_fails_the_channel_and_is_named(site: Site, run: Run, answer: Any, caplog: Any) -> None:
    class Careless(Lines):
        def read(self, answer: Answer) -> Found:
            return Found(channels=answer.body.decode().split())

    made, frontier, request = begun(Careless, site, run)
    assert follow(made, answer(request, "/list?page=2")) == []
    assert [(one.outcome, one.reason) for one in frontier.settlements] == [("failed", "spider_crash")]
    assert "read: channels[0] is '/list?page=2': expected answer.story(LINK) or answer.further(LINK)" in caplog.text
