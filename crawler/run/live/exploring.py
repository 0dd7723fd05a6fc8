"""How a site that nobody has declared is looked over: what it names first, then the usual places, one at a time, until
one gives.

Few requests, each with a crawl's manners; whoever asks them is an argument (`AskChannels`).
"""

from __future__ import annotations

__all__ = ["MOST_REQUESTS", "AskChannels", "Exploration", "explore"]

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from crawler.frontier.places import feed_places, news_sitemap_places, sitemap_places
from crawler.model.capture import Role
from crawler.run.live.looking import Seen

MOST_REQUESTS = 25
_NAMED = 5
"""Feeds, and sitemaps, that the site itself names and that are looked at."""
_LINKED = 3
_SECTIONS = 3
_SITEMAPS = ("sitemap", "sitemap index", "list of addresses", "news sitemap")
_FEEDS = ("RSS", "RDF", "Atom", "JSON Feed")
_HOSTLESS = ("dns", "connect", "connect_timeout", "private_address", "tls", "certificate", "host", "scheme", "port")
"""Of the home page: nothing else need be asked of that host."""

AskChannels = Callable[[Sequence[tuple[str, Role]]], Awaitable[list[Seen]]]


class Exploration(NamedTuple):
    """What was found."""

    home: str
    """Where the home page is, redirects followed."""
    seen: tuple[Seen, ...]
    """All that was looked at, in order; the first is what was asked for."""


async def explore(url: str, ask: AskChannels) -> Exploration:
    """Return what the site at `url` has for channels; `url` may be one of its feeds or sitemaps itself."""
    return await _Explorer(ask).explore(url)


class _Explorer:
    def __init__(self, ask: AskChannels) -> None:
        self._ask = ask
        self._seen: dict[str, Seen] = {}

    async def explore(self, url: str) -> Exploration:
        (first,) = await self._look([(url, "listing")])
        home = first.report.redirected_to or url
        if first.report.kind in (*_FEEDS, *_SITEMAPS):
            home = first.look.home or f"{_origin(home)}/"
            first = (await self._look([(home, "listing")]) or [first])[0]
        elif first.report.reason in _HOSTLESS:
            return Exploration(home, tuple(self._seen.values()))
        await self._named(first)
        if not self._has(_FEEDS):
            await self._until(_FEEDS, [*first.look.leads.feed_links[:_LINKED], *feed_places(home)], "feed")
        if not self._has(_SITEMAPS):
            await self._until(_SITEMAPS, sitemap_places(home), "sitemap")
        if not self._has(("news sitemap",)):
            await self._news_sitemap(home)
        if not self._has((*_FEEDS, "news sitemap")):
            await self._look([(section, "listing") for section in first.look.leads.sections[:_SECTIONS]])
        return Exploration(home, tuple(self._seen.values()))

    async def _named(self, first: Seen) -> None:
        sitemaps = sorted(first.sitemaps, key=lambda one: "news" not in one.lower())[:_NAMED]
        feeds = first.look.leads.feeds[:_NAMED]
        await self._look([*((one, "feed") for one in feeds), *((one, "sitemap") for one in sitemaps)])

    async def _until(self, kinds: tuple[str, ...], places: Iterable[str], role: Role) -> None:
        """Ask at `places`, one after the other, until one gives one of `kinds`; a page of feeds on the way is read."""
        for place in places:
            for seen in await self._look([(place, role)]):
                linked = (*seen.look.leads.feeds, *seen.look.leads.feed_links) if role == "feed" else ()
                if linked and seen.report.reason == "page_instead" and not self._has(kinds):
                    await self._look([(one, "feed") for one in linked[:_LINKED]])
            if self._has(kinds):
                return

    async def _news_sitemap(self, home: str) -> None:
        """Look for a sitemap of the last days: among those of an index, else, if there is no feed either, at the usual
        places.
        """
        listed = [url for seen in self._seen.values() if seen.report.kind == "sitemap index" for url in seen.look.links]
        among = [url for url in listed if "news" in urlsplit(url).path.lower()][:1]
        if among:
            await self._look([(url, "sitemap") for url in among])
        elif not self._has(_FEEDS):
            await self._until(("news sitemap",), news_sitemap_places(home), "sitemap")

    async def _look(self, channels: Sequence[tuple[str, Role]]) -> list[Seen]:
        new = list({url: role for url, role in channels if url not in self._seen}.items())
        new = new[: MOST_REQUESTS - len(self._seen)]
        found = await self._ask(new) if new else []
        self._seen |= {seen.report.url: seen for seen in found}
        return found

    def _has(self, kinds: tuple[str, ...]) -> bool:
        return any(s.report.kind in kinds and s.report.reason is None for s in self._seen.values())


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
