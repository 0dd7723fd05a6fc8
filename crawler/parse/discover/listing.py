"""Listings: which links of a home or section page lead to articles, and which feeds the page names.

A pure function of bytes and URL. Only links within the page's site count; each is weighed by its address
(`crawler.parse.discover.article_links`), its text and its place on the page. Pages are looked at up to 8 MiB and 5,000 links.
"""

from __future__ import annotations

__all__ = ["Listing", "alternate_feeds", "listing_of", "parse_listing"]

import re
from collections.abc import Mapping
from urllib.parse import unquote

import msgspec
from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.errors import DiscoveryError
from crawler.model.capture import Announcement
from crawler.parse.charset.decode import decode
from crawler.parse.discover.article_links import ENOUGH, link_score
from crawler.parse.discover.xml import absolute, clean_text, without_feed_scheme
from crawler.parse.page.text import unit_length
from crawler.parse.page.tree import build
from crawler.urls import host_of, in_scope

_LIMIT = 8 * 1024 * 1024
_MAX_LINKS = 5_000
_CLIMB = 8
_FEED_TYPE = re.compile(r"(?:.*[/-])?(?:rss|atom|rdf|feed)(?:[+ ](?:xml|json))?")
"""As pages write it; ``application/rss+xml`` and ``application/feed+json`` are right."""
_VAGUE_TYPES = ("", "text/xml", "application/xml", "application/json")
_SAYS_FEED = re.compile(r"\b(?:rss|atom|feeds?)\b", re.IGNORECASE)
_OF_COMMENTS = re.compile(
    r"\bcomments\b|\bcommentaires\b|\bcomentarios\b|\bcomentários\b|\bcommenti\b|kommentar-?feed|kommentarsflöde|"
    r"komentarz(?:y|ami)\b|\breacties\b|\byorumlar|التعليقات|نظرات|دیدگاه\u200c?ها|комментари(?:ев|и\b)|"
    r"(?:评论|評論)\s?(?:feed|rss|订阅|訂閱)|コメント|댓글",
    re.IGNORECASE,
)
"""As programs call them; a word that papers also call their opinions by says nothing."""
_COMMENTS_AT = re.compile(r"/comments/|[?&]feed=comments-")
"""Where WordPress has them; of others one look tells."""
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5"))
_PAGE_NUMBER = re.compile(
    r"/(?:page|seite|pagina|p%C3%A1gina|sayfa|strona|strana|stranica|sivu|sida|side|oldal|trang)[/-]?(\d{1,4})(?=/?(?:\?|$))"
    r"|(?<=[?&])(?:page|paged|pg|pageno|page_no|pagenumber|seite|pagina|sayfa|strona|strana|sivu|sida|side|oldal)=(\d{1,4})(?:&|$)",
    re.IGNORECASE,
)
_FRAME = frozenset(("nav", "footer", "aside", "form"))


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """What a section page leads to."""

    url: str
    announcements: tuple[Announcement, ...] = ()
    """Links that look like articles, in page order, each URL once; the title is the link's text."""
    feeds: tuple[str, ...] = ()
    """Feeds it names with ``<link rel="alternate">``."""
    next_url: str | None = None
    """The page with older stories on the same site: ``rel=next``, else the next number of its pages."""
    truncated: bool = False
    """There was more than is looked at."""


def parse_listing(body: bytes, *, url: str, content_type: str | None = None, hosts: tuple[str, ...] = ()) -> Listing:
    """Return what the page `body` at `url` leads to within `hosts` (always within its own).

    Raises DiscoveryError if there is no HTML in it. A page without links to articles gives an empty listing.
    """
    decoded = decode(body[:_LIMIT], content_type)
    text = decoded.text
    tree = build(text.encode("utf-8", "replace"))
    if "<" not in text or tree.parser.body is None:
        raise DiscoveryError(
            f"not a page: {url} (no HTML in it)", next_step="give the address of a section or home page"
        )
    truncated = bool(tree.flags) or len(body) > _LIMIT
    return listing_of(tree.parser, url=url, hosts=hosts, truncated=truncated, encoding=decoded.charset)


def listing_of(
    tree: LexborHTMLParser,
    *,
    url: str,
    hosts: tuple[str, ...] = (),
    truncated: bool = False,
    encoding: str = "utf-8",
) -> Listing:
    """Return what the page `tree` at `url`, written in `encoding`, leads to; for callers that have parsed it already."""
    base_tag = tree.css_first("base[href]")
    base = absolute(base_tag.attributes.get("href"), url) if base_tag is not None else None
    scope = (host_of(url), *hosts)
    anchors = tree.css("a[href]")
    best: dict[str, tuple[float, str]] = {}
    for anchor in anchors[:_MAX_LINKS]:
        target = absolute(anchor.attributes.get("href"), base or url, encoding=encoding)
        if target is None or target == url or not in_scope(target, scope):
            continue
        title = _text_of(anchor)
        score = link_score(target, title) + _place_score(anchor)
        known = best.get(target)
        if known is None or score > known[0]:
            best[target] = (score, title or (known[1] if known else ""))
    return Listing(
        url=url,
        announcements=tuple(
            Announcement(url=target, role="article", source="listing", via=url, title=title or None)
            for target, (score, title) in best.items()
            if score >= ENOUGH
        ),
        feeds=alternate_feeds(tree, base or url),
        next_url=_next_page(tree, anchors, base or url, url=url, scope=scope),
        truncated=truncated or len(anchors) > _MAX_LINKS,
    )


def alternate_feeds(tree: LexborHTMLParser, base: str) -> tuple[str, ...]:
    """Return the feeds that the page `tree` names with ``<link rel="alternate">``, but for those of comments."""
    found = []
    for link in tree.css("link[href]"):
        target = absolute(without_feed_scheme(link.attributes.get("href") or "", base=base), base)
        if target is not None and _names_a_feed(link.attributes, target):
            found.append(target)
    return tuple(dict.fromkeys(found))


def _names_a_feed(attributes: Mapping[str, str | None], target: str) -> bool:
    rels = (attributes.get("rel") or "").lower().split()
    kind = (attributes.get("type") or "").lower().partition(";")[0].strip()
    said = f"{attributes.get('title') or ''} {unquote(target)}"
    if _OF_COMMENTS.search(attributes.get("title") or "") or _COMMENTS_AT.search(target):
        return False
    if "stylesheet" in rels or not {"alternate", "feed"} & set(rels):
        return False
    if _FEED_TYPE.fullmatch(kind):
        return True
    return kind in _VAGUE_TYPES and ("feed" in rels or (kind != "" and _SAYS_FEED.search(said) is not None))


def _text_of(anchor: LexborNode) -> str:
    """Return the link's headline: that of the heading in it if there is one, else its text, else its title."""
    heading = anchor.css_first("h1, h2, h3, h4, h5")
    text = (heading or anchor).text(deep=True, separator=" ")
    text = clean_text(text, html=False, limit=300) or ""
    return (
        text
        if unit_length(text) > 3
        else clean_text(anchor.attributes.get("title") or text, html=False, limit=300) or ""
    )


def _place_score(anchor: LexborNode) -> float:
    """Weigh where the link stands: headlines and teasers for it, navigation and footer against it."""
    if anchor.css_first("h1, h2, h3, h4, h5") is not None:
        return 1.5
    node = anchor.parent
    score = 0.0
    for _ in range(_CLIMB):
        if node is None:
            break
        if node.tag in _HEADINGS:
            return 1.5
        if node.tag == "article":
            score = max(score, 1.0)
        if node.tag in _FRAME:
            return score - 2.0
        node = node.parent
    return score


def _next_page(
    tree: LexborHTMLParser, anchors: list[LexborNode], base: str, *, url: str, scope: tuple[str, ...]
) -> str | None:
    """Return where the page itself says that its continuation is (HTML 4.6.7.16, link type next), else the page of the
    next number that it links to.
    """
    for link in tree.css("link[rel][href], a[rel][href]"):
        if "next" in (link.attributes.get("rel") or "").lower().split():
            target = absolute(link.attributes.get("href"), base)
            if target is not None and in_scope(target, scope):
                return target
    return _numbered_page(anchors, base, url)


def _numbered_page(anchors: list[LexborNode], base: str, url: str) -> str | None:
    """Return the link to the same address with the next number: ``/page/2/``, ``?page=2``; some count from 0 on."""
    stem, own = _page_number(url)
    found: dict[int, str] = {}
    for anchor in anchors[:_MAX_LINKS]:
        href = anchor.attributes.get("href") or ""
        target = absolute(href, base) if _PAGE_NUMBER.search(href) else None
        if target is not None and _page_number(target)[0] == stem:
            number = _page_number(target)[1] or 0
            found.setdefault(number, target)
            if own is None and number == 1 and anchor.text(strip=True) == "2":
                own = 0
    following = [number for number in found if number > (1 if own is None else own)]
    return found[min(following)] if following else None


def _page_number(url: str) -> tuple[str, int | None]:
    """Return `url` without the number of its page, and that."""
    number = _PAGE_NUMBER.search(url)
    if number is None:
        return url.rstrip("/?&"), None
    return (url[: number.start()] + url[number.end() :]).rstrip("/?&"), int(number[1] or number[2])
