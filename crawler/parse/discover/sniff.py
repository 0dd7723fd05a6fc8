"""What is this? Tells feed, sitemap, section page and article apart by their bytes, for targets given by hand.

Pure functions of archived facts (bytes, declared type, URL), so that a replay of the archive decides as the crawl did.
"""

from __future__ import annotations

__all__ = ["PageKind", "is_article_page", "is_html", "sniff"]

import re
from collections.abc import Callable, Iterator
from itertools import islice, repeat
from typing import Final, Literal
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.http.status import is_answer
from crawler.model.capture import Role
from crawler.parse.charset.decode import decode
from crawler.parse.discover.article_links import url_score
from crawler.parse.discover.listing import listing_of
from crawler.parse.discover.xml import bare_json, inflate, to_utf8, xml_events
from crawler.parse.fields.barriers import BOT, CONSENT_TITLE, MISSING
from crawler.parse.page.text import unit_length
from crawler.parse.page.tree import build

PageKind = Literal["feed", "sitemap", "listing", "article", "other"]

_HEAD: Final = 65_536
_PAGE: Final = 2 * 1024 * 1024
_XML_KINDS: Final[dict[str, PageKind]] = {
    "rss": "feed", "rdf": "feed", "channel": "feed", "feed": "feed", "entry": "feed",
    "urlset": "sitemap", "sitemapindex": "sitemap", "opml": "other",
}  # fmt: skip
_HTML_TYPES: Final = frozenset(("text/html", "application/xhtml+xml"))
_VAGUE_TYPES: Final = frozenset(
    ("", "unk", "text/plain", "application/octet-stream", "application/xml", "text/xml", "text/*")
)
_HTML: Final = re.compile(rb"<(?:!doctype\s+html|html|head|body|title|meta|div|article)\b", re.IGNORECASE)
_BEGINS_HTML: Final = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:\s|<!--(?:(?!-->)[^<])*-->|<!doctype\s+html\b[^>\[]*>)*<html[\s>]", re.IGNORECASE
)
"""What is HTML by its first element: no other reader has to look for one."""
_JSON_FEED: Final = re.compile(rb'"version"\s*:\s*"https?:\\?/\\?/jsonfeed\.org|"(?:home_page_url|feed_url)"\s*:')
_POSTS: Final = re.compile(rb'\A\[\s*\{\s*"\w+"\s*:.*"(?:date_gmt|link)"\s*:\s*"', re.DOTALL)
_URL_LINE: Final = re.compile(
    rb"\s*(?:#[^\r\n]*[\r\n]+\s*)*https?://\S+[^\S\r\n]*(?:\S{1,40})?(?:[\r\n]|\Z)", re.IGNORECASE
)
_ARTICLE_TYPE: Final = re.compile(
    r'"@type"\s*:\s*(?:\[[^\]]{0,200})?"(?:[A-Za-z]{0,20}NewsArticle|Article|BlogPosting|LiveBlogPosting|Report|OpinionNewsArticle)"'
)
_LISTING_TYPE: Final = re.compile(r'"@type"\s*:\s*(?:\[[^\]]{0,200})?"(?:CollectionPage|ItemList|SearchResultsPage)"')
_CLAIMS: Final = (
    'meta[property="og:type"],meta[name="og:type"],meta[property="article:published_time"],[itemprop="articleBody"],'
    'script[type="application/ld+json"]'
)
_FEW: Final = 3
"""Paragraphs that speak for an article."""
_MANY_LINKS: Final = -2.0
"""What more links than paragraphs weigh."""
_FEW_LINKS: Final = 8
_MAX_PARAGRAPHS: Final = 300
_MAX_ELEMENTS: Final = 3_000
_LONG: Final = 80
"""A paragraph of text, not a teaser: so many Latin letters, or a third of that in ideographs."""


def sniff(
    body: bytes, *, content_type: str | None = None, url: str, tree: Callable[[], LexborHTMLParser] | None = None
) -> PageKind:
    """Return what `body` is; ``other`` if none of these. Its content-coding is already undone, a gzip file's is not.

    `tree` gives that of the page, for callers that need it anyway; it is looked at and left as it is.
    """
    document, _ = inflate(body, limit=_PAGE)
    mime = (content_type or "").partition(";")[0].strip().lower()  # a replay knows no more than this
    head = document[:_HEAD].lstrip()
    if _BEGINS_HTML.match(head) is None and (kind := _kind_by_beginning(to_utf8(head).lstrip())) is not None:
        return kind
    if not is_html(mime, document):
        return "other"
    if tree is not None and document is body:
        return _page_kind(tree(), url)
    return _page_kind(build(decode(document[:_PAGE]).text.encode("utf-8", "replace")).parser, url)


def _kind_by_beginning(head: bytes) -> PageKind | None:
    """Return what `head` (UTF-8) begins, where that tells; None for what may be a web page."""
    if (text := bare_json(head)) is not None:
        return "feed" if (_JSON_FEED if text[:1] == b"{" else _POSTS).search(text) else "other"
    if head[:1] != b"<" and _URL_LINE.match(head):
        return "sitemap"
    if _BEGINS_HTML.match(head) is not None:
        return None
    root = next((event.name for event in xml_events(head, content_type=None, limit=_HEAD)), "")
    return _XML_KINDS.get(root.rpartition(":")[2].lower())


def is_html(content_type: str | None, body: bytes) -> bool:
    """Tell whether `body` is a web page: by its declared type, or by its beginning where that says nothing."""
    mime = (content_type or "").partition(";")[0].strip().lower()
    if mime in _HTML_TYPES:
        return True
    return mime in _VAGUE_TYPES and _HTML.search(body[:4096]) is not None


def is_article_page(
    *,
    role: Role,
    status: int,
    mime: str,
    url: str,
    body: Callable[[], bytes],
    tree: Callable[[], LexborHTMLParser] | None = None,
) -> bool:
    """Tell whether a capture goes to the article parser; the crawl and the replay both ask here.

    `role` is what it was fetched as (``probe`` where nobody knows), `mime` the declared media type in lower case or
    ``unk``; `body` gives the decoded entity and is called only where these do not decide, as is `tree`, which gives that
    of the body, for callers that need it anyway: it is looked at and left as it is.
    """
    if not is_answer(status) or role not in ("article", "probe"):
        return False
    if role == "article":
        return mime in _HTML_TYPES or (mime in _VAGUE_TYPES and is_html(mime, body()))
    if mime not in _HTML_TYPES and mime not in _VAGUE_TYPES:
        return False
    return sniff(body(), content_type=mime, url=url, tree=tree) == "article"


def _page_kind(tree: LexborHTMLParser, url: str) -> PageKind:
    """Weigh what the page says of itself, its address, and whether it is made of paragraphs or of links.

    Links cost more than all the rest, so they are counted only if the decision hangs on them.
    """
    score = _claims(tree) + _address(url)
    few = sum(islice(_paragraphs(tree), _FEW))
    if few == _FEW:
        score += 2.0
    if score + _MANY_LINKS > 0 and (few or score + _MANY_LINKS >= 3):
        return "article"
    links = len(listing_of(tree, url=url).announcements)
    paragraphs = sum(_paragraphs(tree))
    if links < _FEW_LINKS:
        score += 1.0
    elif links >= 12 and paragraphs < links / 4:
        score += _MANY_LINKS
    if score > 0 and (paragraphs or score >= 3):
        return "article"
    return "listing" if links >= 2 and not _is_barrier(tree, links) else "article"


def _is_barrier(tree: LexborHTMLParser, links: int) -> bool:
    """Tell whether something stands in the page's place: the article parser names it."""
    title = tree.css_first("title")
    said = title.text().strip() if title is not None else ""
    if BOT.search(said) or CONSENT_TITLE.search(said) or MISSING.fullmatch(said):
        return True
    return links < _FEW_LINKS and tree.css_first("input[type='password' i]") is not None


def _claims(tree: LexborHTMLParser) -> float:
    """Weigh Open Graph and schema.org; what they say of a section page is often wrong, so never alone decisive."""
    score = 0.0
    declared = ""
    is_dated = has_body = False
    scripts: list[str] = []
    for node in tree.css(_CLAIMS):
        attributes = node.attributes
        tag = node.tag
        has_body = has_body or attributes.get("itemprop") == "articleBody"
        if tag == "script":
            scripts.append(node.text())
        elif tag == "meta":
            is_dated = is_dated or attributes.get("property") == "article:published_time"
            if "og:type" in (attributes.get("property"), attributes.get("name")):
                declared = declared or f" {attributes.get('content') or ''}"
    declared = declared[1:].lower()
    if "article" in declared:
        score += 2.0
    elif declared in ("website", "blog"):
        score -= 1.0
    score += 1.5 * (is_dated + has_body)
    linked_data = "\n".join(scripts)
    if _LISTING_TYPE.search(linked_data):
        score -= 2.0
    elif _ARTICLE_TYPE.search(linked_data):
        score += 2.0
    return score


def _address(url: str) -> float:
    if urlsplit(url).path in ("", "/") and not urlsplit(url).query:
        return -5.0
    return max(-2.0, min(2.0, url_score(url) - 2.0))


def _paragraphs(tree: LexborHTMLParser) -> Iterator[int]:
    """Yield 1 for each paragraph of text that is neither links nor a teaser; text straight in a div counts by its length."""
    for paragraph in tree.css("p")[:_MAX_PARAGRAPHS]:
        length = _length(paragraph)
        if length >= _LONG and not _is_unseen(paragraph):
            linked = sum(unit_length(anchor.text(deep=True)) for anchor in paragraph.css("a"))
            if linked * 2 < length and not _is_teaser(paragraph):
                yield 1
    for element in tree.css("div, td, article, section, blockquote")[:_MAX_ELEMENTS]:
        length = unit_length(" ".join(element.text(deep=False).split()))
        if length >= 3 * _LONG and not _is_unseen(element):
            yield from repeat(1, min(length // (3 * _LONG), 5))


def _length(element: LexborNode) -> int:
    """Return the length of the text of `element`, without what is no text."""
    length = unit_length(element.text(deep=True).strip())
    if length < _LONG:
        return length
    return length - sum(
        unit_length(inner.text(deep=True)) for inner in element.css("script, style, noscript, template")
    )


def _is_unseen(element: LexborNode) -> bool:
    """Tell whether `element` stands where browsers show nothing."""
    node = element.parent
    while node is not None:
        if node.tag in ("noscript", "template"):
            return True
        node = node.parent
    return False


def _is_teaser(paragraph: LexborNode) -> bool:
    """Tell whether the paragraph stands with one other at most under a headline that is a link."""
    node = paragraph.parent
    for _ in range(3):
        if node is None or node.tag in ("body", "main", "html"):
            return False
        if len(node.css("p")) > 2:
            return False
        if node.css_first("h1 a[href], h2 a[href], h3 a[href], h4 a[href], a[href] h2, a[href] h3") is not None:
            return True
        node = node.parent
    return False
