"""What is this channel, and what does it yield? One look at one answer, in the words that a person is told.

A pure function of bytes and URL. What stands in a channel's place (a web page, a page against robots) is named for what it is.
"""

from __future__ import annotations

__all__ = ["Look", "look"]

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import msgspec

from crawler.errors import DiscoveryError
from crawler.model.capture import Announcement, Role
from crawler.parse.dates import moment_of
from crawler.parse.discover.feed import parse_feed
from crawler.parse.discover.leads import Leads, leads_of
from crawler.parse.discover.listing import parse_listing
from crawler.parse.discover.sitemap import parse_sitemap
from crawler.parse.discover.sniff import is_html, sniff
from crawler.parse.fields.barriers import BOT, CONSENT_TITLE, MISSING
from crawler.urls import host_of, in_scope

_DIALECTS = {"rss": "RSS", "rdf": "RDF", "atom": "Atom", "json": "JSON Feed"}
_SOON = timedelta(days=1)
"""Clocks differ; what is dated later than this is a mistake, or an event."""
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """What an answer is, and what it lists."""

    kind: str | None = None
    """As `crawler.model.channel.ChannelReport` has it."""
    links: tuple[str, ...] = ()
    """The stories it lists; of an index, the sitemaps."""
    titles: tuple[str, ...] = ()
    newest_at: str | None = None
    language: str | None = None
    title: str | None = None
    home: str | None = None
    """The page that a feed says it belongs to."""
    leads: Leads = Leads()
    """Of a page, what it leads to besides stories."""
    reason: str | None = None
    detail: str | None = None


def look(body: bytes, *, url: str, role: Role, content_type: str | None, now: datetime) -> Look:
    """Return what `body`, asked for at `url` as a `role` (feed, sitemap or listing), is and yields at the moment `now`."""
    if not body.strip():
        return Look(reason="empty_body")
    kind = sniff(body, content_type=content_type, url=url)
    try:
        if kind == "feed":
            return _feed(body, url, content_type, now)
        if kind == "sitemap":
            return _sitemap(body, url, now)
    except DiscoveryError as error:
        return Look(reason=f"not_a_{role}", detail=error.what)
    if kind == "other" and not is_html(content_type, body):
        return Look(reason=f"not_a_{role}", detail=f"it is {(content_type or 'of no declared type').partition(';')[0]}")
    return _page(body, url, role, content_type)


def _feed(body: bytes, url: str, content_type: str | None, now: datetime) -> Look:
    feed = parse_feed(body, url=url, content_type=content_type)
    return _yielding(
        Look(kind=_DIALECTS[feed.dialect], language=feed.language, title=feed.title, home=feed.home),
        feed.announcements,
        now,
    )


def _sitemap(body: bytes, url: str, now: datetime) -> Look:
    sitemap = parse_sitemap(body, url=url)
    if sitemap.kind == "index":
        newest = _newest((child.modified_at for child in sitemap.children), now)
        links = tuple(child.url for child in sitemap.children)
        return Look(kind="sitemap index", links=links, newest_at=newest, reason=None if links else "empty")
    told = (*sitemap.announcements, *sitemap.unlikely)
    is_news = any(one.title or one.published_at for one in told)
    kind = "list of addresses" if sitemap.kind == "text" else "news sitemap" if is_news else "sitemap"
    return _yielding(Look(kind=kind), sitemap.announcements, now)


def _yielding(seen: Look, told: tuple[Announcement, ...], now: datetime) -> Look:
    return msgspec.structs.replace(
        seen,
        links=tuple(one.url for one in told),
        titles=tuple(one.title for one in told if one.title),
        newest_at=_newest((one.published_at or one.modified_at for one in told), now),
        reason=None if told else "empty",
    )


def _newest(dates: Iterable[str | None], now: datetime) -> str | None:
    best: tuple[datetime, str] = (_LONG_AGO, "")
    for date in dates:
        moment = moment_of(date)
        if date is not None and moment is not None and best[0] < moment <= now + _SOON:
            best = (moment, date)
    return best[1] or None


def _page(body: bytes, url: str, role: Role, content_type: str | None) -> Look:
    leads = leads_of(body, url=url, content_type=content_type)
    said = leads.title or ""
    if BOT.search(said):
        return Look(reason="bot_wall", leads=leads)
    if CONSENT_TITLE.search(said):
        return Look(reason="consent", leads=leads)
    if MISSING.fullmatch(said):
        return Look(reason="soft404", leads=leads)
    if role != "listing":
        named = [feed for feed in leads.feeds if in_scope(feed, (host_of(url),)) and feed != url]
        detail = f"the page names {', '.join(named[:3])}" if named else None
        return Look(reason="page_instead", detail=detail, leads=leads)
    listing = parse_listing(body, url=url, content_type=content_type)
    links = tuple(one.url for one in listing.announcements)
    return Look(
        kind="section page",
        links=links,
        titles=tuple(one.title for one in listing.announcements if one.title),
        language=leads.language,
        title=leads.title,
        leads=leads,
        reason=None if links else "empty",
    )
