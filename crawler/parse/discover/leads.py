"""What a page leads to besides stories: the feeds it names and links, the sections of its menu, the language it is in.

A pure function of bytes and URL, for sites that nobody has declared; guesses that cost a request each, so the likeliest come first.
"""

from __future__ import annotations

__all__ = ["Leads", "leads_of", "link_in_field"]

import re
from collections.abc import Iterator
from itertools import islice
from urllib.parse import unquote, urlsplit

import msgspec
from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.parse.charset.decode import decode
from crawler.parse.discover.article_links import never_article, url_score
from crawler.parse.discover.listing import alternate_feeds
from crawler.parse.discover.xml import absolute, clean_text
from crawler.parse.page.text import unit_length
from crawler.parse.page.tree import build
from crawler.urls import host_of, in_scope

_LIMIT = 8 * 1024 * 1024
_MOST = 20
"""Feeds, and sections, that are told."""
_MAX_LINKS = 5_000
_CLIMB = 8
_FEED_ADDRESS = re.compile(
    r"(?:^|[/._-])(?:(?:rss|rss2)(?:[/._-]|$)|(?:atom|feeds?|rss[_-]?feeds?)(?:[/._](?!comments)|$))|\.(?:rss|atom|rdf)$|\bfeed=(?:rss2?|atom)|\b(?:format|type|output)=(?:rss|atom|feed)\b",
    re.IGNORECASE,
)
_NO_FEED = re.compile(r"/comments/|\.(?:html?|jpe?g|png|svg|css|js|mp3|pdf)$|opml|podcast", re.IGNORECASE)
_FEED_HOST = re.compile(r"^(?:rss|feeds?)\d*\.", re.IGNORECASE)
_MENU = re.compile(r"(?:^|[\s_-])(?:nav|menu|navigation|navbar|rubric|rubriken|sections)(?:[\s_-]|$)", re.IGNORECASE)
_LONGEST_NAME = 30
_DEEPEST = 2
_UNLIKELY_SECTION = 2.0

_LINK_VALUE = re.compile(r"<([^<>]*)>((?:[^<>,\"]|\"[^\"]*\")*)")
_REL = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|'?([^\s;,\"']+))", re.IGNORECASE)


class Leads(msgspec.Struct, frozen=True, kw_only=True):
    """What a page of an unknown site leads to."""

    feeds: tuple[str, ...] = ()
    """Named with ``<link rel="alternate">``."""
    feed_links: tuple[str, ...] = ()
    """Links that by their address are feeds."""
    sections: tuple[str, ...] = ()
    """What its menu leads to on the same site, in the menu's order."""
    language: str | None = None
    """As its root element says."""
    title: str | None = None
    """Of the site if it says so (``og:site_name``), else of the page."""


def leads_of(body: bytes, *, url: str, content_type: str | None = None) -> Leads:
    """Return what the page `body` at `url` leads to; nothing if it is no page."""
    decoded = decode(body[:_LIMIT], content_type)
    tree = build(decoded.text.encode("utf-8", "replace")).parser
    base_tag = tree.css_first("base[href]")
    base = (absolute(base_tag.attributes.get("href"), url) if base_tag is not None else None) or url
    links = [
        (target, anchor)
        for anchor in tree.css("a[href]")[:_MAX_LINKS]
        if (target := absolute(anchor.attributes.get("href"), base, encoding=decoded.charset)) is not None
    ]
    feeds = alternate_feeds(tree, base)
    return Leads(
        feeds=feeds[:_MOST],
        feed_links=tuple(islice(_unique(t for t, _ in links if _is_feed(t, url) and t not in feeds), _MOST)),
        sections=tuple(islice(_unique(t for t, anchor in links if _is_section(t, anchor, url)), _MOST)),
        language=_language(tree),
        title=_title(tree),
    )


def link_in_field(field: str, url: str, rel: str) -> str | None:
    """Return the first link of the relation `rel` in the Link header fields `field` of the answer of `url` (RFC 8288
    section 3).
    """
    for target, parameters in _LINK_VALUE.findall(field):
        found = _REL.search(parameters)
        if found is not None and rel in (found[1] or found[2] or "").lower().split():
            return absolute(target, url)
    return None


def _unique(urls: Iterator[str]) -> Iterator[str]:
    seen: set[str] = set()
    for url in urls:
        if url not in seen:
            seen.add(url)
            yield url


def _is_feed(target: str, page: str) -> bool:
    parts = urlsplit(target)
    address = f"{parts.path}?{parts.query}" if parts.query else parts.path
    own = in_scope(target, (host_of(page),))
    if _NO_FEED.search(address) is None and _FEED_HOST.match(host_of(target)) and host_of(target) != host_of(page):
        return len(parts.path) > 1
    return own and _FEED_ADDRESS.search(address.rstrip("/")) is not None and _NO_FEED.search(address) is None


def _is_section(target: str, anchor: LexborNode, page: str) -> bool:
    if host_of(target) != host_of(page) or "?" in target or target == page:
        return False
    segments = [segment for segment in unquote(urlsplit(target).path).split("/") if segment]
    name = clean_text(anchor.text(deep=True, separator=" "), html=False, limit=100) or ""
    if not 0 < len(segments) <= _DEEPEST or not 2 <= unit_length(name) <= _LONGEST_NAME:
        return False
    return not never_article(target) and url_score(target) < _UNLIKELY_SECTION and _in_menu(anchor)


def _in_menu(anchor: LexborNode) -> bool:
    node = anchor.parent
    for _ in range(_CLIMB):
        if node is None or node.tag in ("body", "main", "article", "footer"):
            return False
        if node.tag in ("nav", "menu") or node.attributes.get("role") == "navigation":
            return True
        if _MENU.search(f"{node.attributes.get('class') or ''} {node.attributes.get('id') or ''}"):
            return True
        node = node.parent
    return False


def _language(tree: LexborHTMLParser) -> str | None:
    root = tree.css_first("html[lang]")
    return ((root.attributes.get("lang") or "").strip() or None) if root is not None else None


def _title(tree: LexborHTMLParser) -> str | None:
    named = tree.css_first('meta[property="og:site_name"]')
    said = (named.attributes.get("content") or "") if named is not None else ""
    title = tree.css_first("head title")
    return clean_text(said or (title.text() if title is not None else ""), html=False, limit=200)
