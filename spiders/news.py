"""The spider for nearly every site, and for single targets: feeds, sitemaps and section pages, as the site declares
them.
"""

from __future__ import annotations

__all__ = ["NewsSpider"]

import re
from collections.abc import Generator
from typing import Any

from crawler.errors import DiscoveryError
from crawler.frontier.children import Memory
from crawler.parse.discover.feed import Feed
from crawler.parse.discover.sitemap import Sitemap
from crawler.parse.discover.sniff import sniff
from spiders.base import Answer, Discovery
from spiders.feed import from_feed
from spiders.found import Found, Places
from spiders.listing import from_listing, usual_places
from spiders.sitemap import IndexReading, from_sitemap

_INDEXES = 3
_XML = re.compile(rb"\s*(?:<\?xml\b[^>]*>\s*)?<(?:rss|feed|rdf:RDF|urlset|sitemapindex)\b", re.IGNORECASE)
"""A section page that has become a feed, or a sitemap."""


class NewsSpider(Discovery):
    """Crawls one site once."""

    name = "news"
    child_budget = 20
    """Sitemaps that one index may add to a run; all of them, those of indexes in indexes too, three times as many."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._children = 0

    def read(self, answer: Answer) -> Generator[None, None, Found]:
        """Return what the channel says; a feed declared as sitemap, or the reverse, is read as what it is."""
        url, body, kind = answer.url, answer.body, answer.role
        parsed = answer.parsed
        if isinstance(parsed, Feed):
            kind = "feed"
        elif isinstance(parsed, Sitemap):
            kind = "sitemap"
        elif kind in ("feed", "sitemap") or _XML.match(body):
            seen = sniff(body, content_type=answer.content_type, url=url)
            kind = seen if seen in ("feed", "sitemap") else kind
        if kind == "feed":
            return from_feed(
                body,
                url=url,
                content_type=answer.content_type,
                languages=self.site.languages,
                feed=parsed if isinstance(parsed, Feed) else None,
            )
        if kind == "sitemap":
            found = yield from from_sitemap(
                body, url=url, reading=self._reading_of(answer), sitemap=parsed if isinstance(parsed, Sitemap) else None
            )
            self._children += len(found.channels)
            return found
        if kind == "listing":
            return from_listing(
                body,
                url=url,
                content_type=answer.content_type,
                hosts=self.hosts,
                sitemaps=answer.sitemaps if self.is_undeclared else None,
            )
        raise DiscoveryError(
            f"{url} is neither feed, sitemap, section page nor article",
            next_step="open it in a browser to see what it is",
        )

    def _reading_of(self, answer: Answer) -> IndexReading:
        left = _INDEXES * self.child_budget - self._children
        return IndexReading(
            hosts=self.hosts,
            robots=answer.sitemaps,
            horizon=self.frontier.horizon,
            memory=Memory(self.frontier.read_at, self.frontier.is_at_rest),
            now=self.frontier.now(),
            budget=max(0, min(self.child_budget, left)),
        )

    def places(self, answer: Answer) -> Places:
        """Return the usual ones, of a home page."""
        return usual_places(answer.body, url=answer.url, content_type=answer.content_type)
