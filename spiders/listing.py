"""Discovery by section page: its links that look like articles, in page order."""

from __future__ import annotations

__all__ = ["from_listing"]

from crawler.parse.discover.listing import parse_listing
from spiders.found import Found


def from_listing(body: bytes, *, url: str, content_type: str | None, hosts: tuple[str, ...]) -> Found:
    """Return what the page at `url` leads to within `hosts`. Raises DiscoveryError if it is no page."""
    listing = parse_listing(body, url=url, content_type=content_type, hosts=hosts)
    return Found(announcements=listing.announcements, whole=not listing.truncated)
