"""From what was seen of a site to its declaration: which channels are worth following, and under which key."""

from __future__ import annotations

__all__ = ["ChannelChoice", "Key", "choose_channels", "paper_name", "site_of"]

import re
from collections.abc import Container, Sequence
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from crawler.config.naming import country_of, known_language, site_name
from crawler.frontier.admission import vouched_hosts
from crawler.model.site import Schedule, Site, Verified
from crawler.parse.dates import moment_of
from crawler.parse.fields.language import language_in
from crawler.run.live.looking import Seen
from crawler.urls import bare_host, host_of, in_scope

Key = Literal["feeds", "news_sitemaps", "sitemaps", "sections"]

_KEYS: dict[str, Key] = {
    "RSS": "feeds", "RDF": "feeds", "Atom": "feeds", "JSON Feed": "feeds", "news sitemap": "news_sitemaps",
    "sitemap": "sitemaps", "sitemap index": "sitemaps", "list of addresses": "sitemaps", "section page": "sections",
}  # fmt: skip
_OLD = timedelta(days=30)
_FEW = 3
"""Links to stories that make a page worth reading again and again."""
_OF_COMMENTS = re.compile(r"/comments?/|^comments? (?:on|for)\b|kommentare", re.IGNORECASE)
_PARTS = re.compile(r"\s+[|–—·»«-]+\s+|:\s+")
_LETTERS = re.compile(r"[\W_]+")
_UNKNOWN_LANGUAGE = "und"
_DELAY_S = 2.0


class ChannelChoice(NamedTuple):
    """A channel that was seen, and what is to become of it."""

    seen: Seen
    key: Key | None
    """Where the declaration has it; None: it is left out."""
    why: str = ""
    """It is left out."""

    @property
    def url(self) -> str:
        """Where it is: redirects are not asked for again and again."""
        return self.seen.report.redirected_to or self.seen.report.url


def choose_channels(seen: Sequence[Seen], *, now: datetime) -> list[ChannelChoice]:
    """Return what is to become of each channel that was seen at the moment `now`, in their order.

    Feeds and news sitemaps are followed; a sitemap of everything only where there are neither, section pages only where
    there is nothing else. What lists the same stories as another, or nothing new, is left out.
    """
    judged = {id(one): _judged(one, now) for one in seen}
    is_told = any(key in ("feeds", "news_sitemaps") for key, _ in judged.values())
    has_any = is_told or any(key == "sitemaps" for key, _ in judged.values())
    chosen: list[ChannelChoice] = []
    addresses: set[str] = set()
    for one in seen:
        key, why = judged[id(one)]
        if key == "sitemaps" and is_told:
            key, why = None, "the feeds and news sitemaps are enough"
        elif key == "sections" and has_any:
            key, why = None, "the feeds and sitemaps are enough"
        elif key is not None:
            choice = ChannelChoice(one, key)
            why = "it was reached by another address" if choice.url in addresses else _same_as(one, key, chosen)
            key = None if why else key
            addresses.add(choice.url)
        chosen.append(ChannelChoice(one, key, why))
    return chosen


def site_of(
    home: str,
    choices: Sequence[ChannelChoice],
    *,
    now: datetime,
    how: str,
    taken: Container[str] = (),
    name: str | None = None,
    title: str | None = None,
    country: str | None = None,
    languages: Sequence[str] = (),
    allow_private: bool = False,
) -> Site:
    """Return the declaration of the site at `home` with the channels that were chosen; what is given wins over what was
    seen.
    """
    followed = [choice for choice in choices if choice.key is not None]
    host = host_of(home)
    spoken = tuple(languages) or _languages([c.seen for c in followed], [c.seen for c in choices])
    urls: dict[Key, tuple[str, ...]] = {
        key: tuple(choice.url for choice in followed if choice.key == key) for key in set(_KEYS.values())
    }
    return Site(
        name=name or site_name(home.split("/")[2], taken=taken),
        title=title or _title([c.seen for c in choices], host),
        country=country or country_of(host, spoken),
        languages=spoken,
        home=home,
        hosts=_further_hosts(host, followed),
        feeds=urls["feeds"],
        news_sitemaps=urls["news_sitemaps"],
        sitemaps=urls["sitemaps"],
        sections=urls["sections"],
        schedule=Schedule(every=_every(followed, now)),
        delay_s=_DELAY_S,
        verified=Verified(at=now.date(), how=how),
        allow_private=allow_private,
    )


def _judged(one: Seen, now: datetime) -> tuple[Key | None, str]:
    report = one.report
    if report.reason is not None:
        return None, report.reason
    key = _KEYS.get(report.kind or "")
    if key is None:
        return None, "it is no channel"
    if key == "feeds" and (_OF_COMMENTS.search(report.url) or _OF_COMMENTS.search(report.title or "")):
        return None, "it lists comments"
    if key == "sections" and report.items < _FEW:
        return None, "it leads to too few stories"
    newest = moment_of(report.newest_at)
    if key != "sitemaps" and newest is not None and now - newest > _OLD:
        return None, f"nothing new since {newest:%Y-%m-%d}"
    return key, ""


def _same_as(one: Seen, key: Key, chosen: Sequence[ChannelChoice]) -> str:
    """Return which one of `chosen` lists all the stories that `one` does, in words; empty if none does."""
    listed = set(one.look.links)
    for other in chosen:
        if other.key == key == "feeds" and listed <= set(other.seen.look.links):
            return f"the same stories as {other.url}"
    return ""


def _languages(followed: Sequence[Seen], seen: Sequence[Seen]) -> tuple[str, ...]:
    """Return the languages that the channels say; else the home page's, else what the titles are written in."""
    said = [known_language(one.report.language) for one in followed]
    said = said if any(said) else [known_language(one.look.leads.language) for one in seen]
    found = tuple(dict.fromkeys(tag for tag in said if tag))
    if found:
        return found
    titles = " ".join(title for one in seen for title in one.look.titles)
    return (language_in(titles) or _UNKNOWN_LANGUAGE,)


def _title(seen: Sequence[Seen], host: str) -> str:
    return paper_name([said for one in seen for said in (one.look.leads.title, one.report.title) if said], host)


def paper_name(titles: Sequence[str], host: str) -> str:
    """Return a paper's name: of the parts of its channels' `titles` the one that is like its `host`, else the first."""
    for title in titles:
        for part in _PARTS.split(title):
            plain = _LETTERS.sub("", part.lower())
            if len(plain) > 2 and plain in _LETTERS.sub("", host):
                return part
    first = _PARTS.split(titles[0])[0].strip() if titles else ""
    return first or host


def _further_hosts(host: str, followed: Sequence[ChannelChoice]) -> tuple[str, ...]:
    """Return the hosts besides the home page's on which most stories of a channel are."""
    found: dict[str, None] = {}
    for choice in followed:
        if choice.key != "sitemaps":  # of an index they are sitemaps
            for other in vouched_hosts(None, choice.seen.look.links):
                if not in_scope(f"https://{other}/", (host, *found)):
                    found[bare_host(other)] = None
    return tuple(found)


def _every(followed: Sequence[ChannelChoice], now: datetime) -> str:
    """Return how often there may be news: often where the newest is of today."""
    moments = [moment for c in followed if (moment := moment_of(c.seen.report.newest_at)) is not None]
    if all(choice.key == "sitemaps" for choice in followed):
        return "6h"
    if not moments:
        return "1h"
    age = now - max(moments)
    return "15m" if age < timedelta(days=1) else "1h" if age < timedelta(days=7) else "6h"
