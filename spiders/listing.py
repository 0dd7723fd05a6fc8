"""Discovery by section page: its links that look like articles, in page order."""

from __future__ import annotations

__all__ = ["from_listing"]

from crawler.model.capture import Announcement, Role
from crawler.parse.discover.listing import parse_listing
from spiders.found import Found

_MOST_CHANNELS = 5
"""Feeds, and sitemaps, of a page that are read; the first are the whole paper's."""


def from_listing(
    body: bytes, *, url: str, content_type: str | None, hosts: tuple[str, ...], sitemaps: tuple[str, ...] | None = None
) -> Found:
    """Return what the page at `url` leads to within `hosts`. Raises DiscoveryError if it is no page.

    With `sitemaps` (those that its site's robots.txt names) they and the feeds that the page names are channels, too: of a
    site that nobody declared.
    """
    listing = parse_listing(body, url=url, content_type=content_type, hosts=hosts)
    channels: dict[str, Role] = {}
    if sitemaps is not None:
        channels = dict.fromkeys(listing.feeds[:_MOST_CHANNELS], "feed")
        channels |= dict.fromkeys(sitemaps[:_MOST_CHANNELS], "sitemap")
    return Found(
        announcements=listing.announcements,
        channels=tuple(Announcement(url=one, role=role, source="listing", via=url) for one, role in channels.items()),
        next_url=listing.next_url,
        whole=not listing.truncated,
    )
