"""Discovery by feed: the items in the feed's order, which is the newest first nearly everywhere."""

from __future__ import annotations

__all__ = ["from_feed"]

from crawler.frontier.admission import vouched_hosts
from crawler.parse.discover.feed import Feed, parse_feed
from spiders.found import Found


def from_feed(
    body: bytes, *, url: str, content_type: str | None, languages: tuple[str, ...] = (), feed: Feed | None = None
) -> Found:
    """Return what the feed at `url` announces; `languages` are its site's, for a feed that does not say its own;
    `feed` is what it holds, if it was read before.

    Raises DiscoveryError if it is none.
    """
    if feed is None:
        language = next((one for one in languages if one != "und"), None)
        feed = parse_feed(body, url=url, content_type=content_type, language=language)
    return Found(
        announcements=feed.announcements,
        next_url=feed.next_url,
        next_guess=feed.next_guess,
        hosts=vouched_hosts(feed.home, [one.url for one in feed.announcements]),
        whole=not feed.truncated,
    )
