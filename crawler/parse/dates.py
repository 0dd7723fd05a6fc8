"""When an article was published and changed: every candidate the page gives, with its source, and the choice.

Sources are tried in the order of their trust; a candidate after the capture, or before the web, is not chosen while
there is another.
"""

from __future__ import annotations

__all__ = ["Dates", "dates_of"]

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.model.article import DateCandidate
from crawler.parse.blocks import Layout
from crawler.parse.metadata import Metadata, texts_of
from crawler.parse.moments import Moment, read_moment, to_iso
from crawler.parse.rules import selected
from crawler.parse.vocabulary import Hint, hints_of

_PUBLISHED_METAS = (
    "article:published_time", "og:article:published_time", "og:published_time", "article:published", "datepublished", "parsely-pub-date",
    "sailthru.date", "dc.date.issued", "dcterms.created", "dcterms.issued", "dcterms.date", "dc.date", "dc.date.created",
    "date", "pubdate", "publishdate", "publish-date", "publish_date", "publication_date", "published_time", "publicationdate",
    "article.published", "article_date_original", "cxenseparse:recs:publishtime", "cxenseparse:publishtime", "rnews:datepublished",
    "og:pubdate", "created", "originalpublicationdate", "displaydate", "ptime", "citation_publication_date", "citation_date",
    "last-published", "iso-8601-publish-date", "shareaholic:article_published_time", "bt:pubdate", "vr:published_time", "datecreated", "release_date",
    "publish_time", "mediator_published_time", "dateposted", "pdate", "article-publish-date",
)  # fmt: skip
_MODIFIED_METAS = (
    "article:modified_time", "og:updated_time", "og:article:modified_time", "datemodified", "dcterms.modified", "dc.date.modified", "lastmod",
    "last-modified", "article:updated_time", "article:modified", "modified", "updated_time", "revised", "moddate",
)  # fmt: skip
_URL = re.compile(
    r"/((?:19|20)\d\d)[/-]?(0[1-9]|1[0-2])[/-]?(0[1-9]|[12]\d|3[01])(?=[/_.-]|$|\D)|/((?:19|20)\d\d)/([1-9]|1[0-2])/([1-9]|[12]\d|3[01])/"
)
_URL_LATE = re.compile(
    r"[-_](0[1-9]|[12]\d|3[01])[-_](0[1-9]|1[0-2])[-_]((?:19|20)\d\d)(?!\d)|[-_/]((?:19|20)\d\d)[-_](0[1-9]|1[0-2])[-_](0[1-9]|[12]\d|3[01])(?!\d)"
)
_UPDATED = re.compile(
    r"updat|aktualisiert|modif|mis à jour|actualiz|aggiornat|güncelle|обновлен|оновлено|zaktualizowan|تحديث|به.?روز|更新|수정|bijgewerkt|atualizad|geändert|uppdater|oppdater|opdater",
    re.IGNORECASE,
)
_FIRST = date(1990, 1, 1)


class Dates(NamedTuple):
    """The choice, all candidates in order of trust, and flags."""

    published: str | None
    modified: str | None
    candidates: tuple[DateCandidate, ...]
    flags: tuple[str, ...]


class _Found(NamedTuple):
    moment: Moment
    source: str
    modified: bool = False


def dates_of(
    parser: LexborHTMLParser,
    meta: Metadata,
    layout: Layout,
    captured_at: datetime,
    *,
    near: int,
    selector: str | None = None,
) -> Dates:
    """Return the dates of the page; `near` is the number of the headline's block, `selector` a site rule's for the date."""
    american = (meta.first("og:locale", "content-language") or "").replace("-", "_").lower().startswith("en_us")
    found = list(_by_rule(parser, selector)) if selector else []
    found += _json_ld(meta)
    found += _metas(meta)
    found += _elements(parser, month_first=american)
    found += _address(meta)
    found += _texts(layout, near, month_first=american)
    found = [item for item in found if item.moment.day >= _FIRST]
    candidates = tuple(dict.fromkeys(DateCandidate(to_iso(item.moment), item.source) for item in found))
    latest = captured_at.date() + timedelta(days=2)
    sane = [item for item in found if item.moment.day <= latest]
    flags = ("date_after_capture",) if found and not sane else ()
    published = _choose([item for item in sane or found if not item.modified])
    modified = _choose([item for item in sane or found if item.modified])
    if published is None:
        published = modified
    return Dates(to_iso(published) if published else None, to_iso(modified) if modified else None, candidates, flags)


def _choose(found: list[_Found]) -> Moment | None:
    """Return the most trusted moment; a day alone gives way to a later source that gives that day's time."""
    if not found:
        return None
    best = found[0].moment
    if best.clock is None or (best.clock == (0, 0, 0)):
        for item in found[1:]:
            if item.moment.day == best.day and item.moment.clock is not None:
                return item.moment
    return best


def _read(values: list[str], source: str, *, modified: bool = False, month_first: bool = False) -> Iterator[_Found]:
    for value in values:
        moment = read_moment(value, month_first=month_first)
        if moment is not None:
            yield _Found(moment, source, modified)


def _by_rule(parser: LexborHTMLParser, selector: str) -> Iterator[_Found]:
    for node in selected(parser, selector)[:5]:
        attributes = node.attributes
        yield from _read([attributes.get("datetime") or attributes.get("content") or node.text()], "rules")


def _json_ld(meta: Metadata) -> Iterator[_Found]:
    nodes = [meta.article] if meta.article else []
    for node in nodes:
        for key in ("datePublished", "dateCreated", "uploadDate"):
            yield from _read(texts_of(node.get(key), "@value"), f"json-ld:{key}")
    if not any("datePublished" in node for node in nodes):
        for node in meta.nodes:
            if "datePublished" in node and node is not meta.article:
                yield from _read(texts_of(node["datePublished"], "@value"), "json-ld:datePublished")
                break
    for node in nodes or meta.nodes[:3]:
        yield from _read(texts_of(node.get("dateModified"), "@value"), "json-ld:dateModified", modified=True)


def _metas(meta: Metadata) -> Iterator[_Found]:
    for key, value in meta.every(*_PUBLISHED_METAS):
        yield from _read([value], f"meta:{key}")
    for key, value in meta.every(*_MODIFIED_METAS):
        yield from _read([value], f"meta:{key}", modified=True)


def _elements(parser: LexborHTMLParser, *, month_first: bool) -> Iterator[_Found]:
    """Yield what time elements and microdata say."""
    nodes = parser.css("time,[itemprop=datePublished],[itemprop=dateModified],abbr.published,abbr.updated,[pubdate]")[
        :30
    ]
    ranked: list[tuple[int, _Found]] = []
    for node in nodes:
        attributes = node.attributes
        name = f"{attributes.get('class') or ''} {attributes.get('itemprop') or ''}".lower()
        text = node.text()
        value = attributes.get("datetime") or attributes.get("content") or attributes.get("title") or text
        around = name + _before(node)
        modified = bool(_UPDATED.search(around)) and "publish" not in name
        rank = 0 if "published" in name or "datepublished" in name or "pubdate" in attributes else 1
        rank += 2 * _in_teaser(node)
        source = "time:" + (name.split() or ["datetime"])[0] if node.tag == "time" else "itemprop"
        ranked += [(rank, item) for item in _read([value], source, modified=modified, month_first=month_first)]
    ranked.sort(key=lambda pair: pair[0])
    yield from (item for rank, item in ranked if rank < 2)


def _before(node: LexborNode) -> str:
    """Return the words before a time element: its neighbour's, and its parent's own."""
    outer, before = node.parent, node.prev
    words = outer.text(deep=False)[:80] if outer is not None and outer.tag != "body" else ""
    for _ in range(2):
        if before is not None and before.tag != "-comment":
            words += (before.text_content or "")[:40] if before.tag == "-text" else before.text()[:40]
        before = before.prev if before is not None else None
    return words


def _in_teaser(node: object) -> bool:
    at = getattr(node, "parent", None)
    for _ in range(6):
        if at is None or at.tag in ("article", "main", "body", "header"):
            return False
        if at.tag in ("aside", "nav", "footer", "li") or hints_of(at.attributes.get("class") or "") & (
            Hint.RELATED | Hint.COMMENT | Hint.SIDE
        ):
            return True
        at = at.parent
    return False


def _address(meta: Metadata) -> Iterator[_Found]:
    for url in dict.fromkeys((meta.url, meta.canonical or meta.url)):
        match = _URL.search(url)
        if match:
            parts = match.groups()[:3] if match[1] else match.groups()[3:]
            yield from _read(["-".join(part.zfill(2) for part in parts)], "url")
            continue
        match = _URL_LATE.search(url)
        if match:
            parts = (match[3], match[2], match[1]) if match[3] else (match[4], match[5], match[6])
            yield from _read(["-".join(parts)], "url")


def _texts(layout: Layout, near: int, *, month_first: bool) -> Iterator[_Found]:
    """Yield dates in short blocks near the headline, the nearest first; then those of blocks named as dates."""
    blocks = layout.blocks
    close = sorted(range(max(0, near - 8), min(len(blocks), near + 15)), key=lambda i: (abs(i - near), i))
    for index in close:
        block = blocks[index]
        if block.ink <= 160 and any(c.isdigit() for c in block.text):
            modified = bool(_UPDATED.search(block.text))
            yield from _read([block.text], "text", modified=modified, month_first=month_first)
    for block in blocks:
        if (
            block.ink <= 120
            and (block.hints | block.element.hints) & Hint.DATE
            and any(c.isdigit() for c in block.text)
        ):
            yield from _read(
                [block.text], "text:date", modified=bool(_UPDATED.search(block.text)), month_first=month_first
            )
