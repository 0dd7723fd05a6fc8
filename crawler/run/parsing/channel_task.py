"""A feed or sitemap to read apart from the event loop, as it goes to a parse process, and what comes back."""

from __future__ import annotations

__all__ = ["ChannelResult", "ChannelTask", "read_channel"]

from typing import Literal

import msgspec

from crawler.errors import DiscoveryError
from crawler.parse.discover.feed import Feed, parse_feed
from crawler.parse.discover.sitemap import Sitemap, parse_sitemap


class ChannelTask(msgspec.Struct, frozen=True, kw_only=True, tag="channel"):
    """One channel; its content-coding is undone, a gzip file's is not."""

    kind: Literal["feed", "sitemap"]
    url: str
    body: bytes
    content_type: str | None = None
    language: str | None = None
    """Its site's, for a feed that does not say its own."""


class ChannelResult(msgspec.Struct, frozen=True, kw_only=True):
    """What became of it: one of `feed`, `sitemap`, `fault` and `reason` is set."""

    feed: Feed | None = None
    sitemap: Sitemap | None = None
    fault: str | None = None
    """It is not what it was taken for."""
    reason: str | None = None
    """It took too long or too much, in the ledger's words."""


def read_channel(task: ChannelTask) -> ChannelResult:
    """Read the channel of `task`; never raises for its sake."""
    try:
        if task.kind == "feed":
            feed = parse_feed(task.body, url=task.url, content_type=task.content_type, language=task.language)
            return ChannelResult(feed=feed)
        return ChannelResult(sitemap=parse_sitemap(task.body, url=task.url))
    except DiscoveryError as error:
        return ChannelResult(fault=error.what)
    except MemoryError:
        return ChannelResult(reason="parse_memory")
