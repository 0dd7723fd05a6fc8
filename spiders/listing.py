"""Discovery by section page: its links that look like articles, in page order."""

from __future__ import annotations

__all__ = ["from_listing", "usual_places"]

from crawler.frontier.identity import is_home
from crawler.frontier.places import feed_places, sitemap_places
from crawler.model.capture import Announcement, Role
from crawler.parse.discover.leads import leads_of
from crawler.parse.discover.listing import parse_listing
from spiders.found import Found, Places

_MOST_CHANNELS = 5
"""Feeds, and sitemaps, of a page that are read; the first are the whole paper's."""
_MOST_SECTIONS = 5


def from_listing(
    body: bytes, *, url: str, content_type: str | None, hosts: tuple[str, ...], sitemaps: tuple[str, ...] | None = None
) -> Found:
    """Return what the page at `url` leads to within `hosts`. Raises DiscoveryError if it is no page.

    With `sitemaps` (those that its site's robots.txt names) they and the feeds that the page names are channels, too:
    of a site that nobody declared. A home page that names neither tells where they may be, and which sections its menu
    has.
    """
    listing = parse_listing(body, url=url, content_type=content_type, hosts=hosts)
    channels: dict[str, Role] = {}
    if sitemaps is not None:
        channels = dict.fromkeys(listing.feeds[:_MOST_CHANNELS], "feed")
        channels |= dict.fromkeys(sitemaps[:_MOST_CHANNELS], "sitemap")
    is_bare = sitemaps is not None and not channels and is_home(url)
    return Found(
        announcements=listing.announcements,
        channels=_announced(channels, url),
        places=usual_places(body, url=url, content_type=content_type) if is_bare else Places(),
        next_url=listing.next_url,
        whole=not listing.truncated,
    )


def usual_places(body: bytes, *, url: str, content_type: str | None) -> Places:
    """Return where the feeds and sitemaps of a site may be whose home page `body` is at `url`; none if it is no home
    page.
    """
    if not is_home(url):
        return Places()
    leads, home = leads_of(body, url=url, content_type=content_type), url
    guesses: dict[str, Role] = dict.fromkeys((*leads.feed_links[:_MOST_CHANNELS], *feed_places(home)), "feed")
    guesses |= dict.fromkeys(sitemap_places(home), "sitemap")
    sections: dict[str, Role] = dict.fromkeys(leads.sections[:_MOST_SECTIONS], "listing")
    return Places(_announced(guesses, home), _announced(sections, home))


def _announced(channels: dict[str, Role], url: str) -> tuple[Announcement, ...]:
    return tuple(Announcement(url=one, role=role, source="listing", via=url) for one, role in channels.items())
