"""Where a page says when its article was published or changed: one function for each kind of place.

Each returns what it finds in the order of the page; which of them is believed is decided in `dates`.
"""

from __future__ import annotations

__all__ = [
    "Customs", "FoundDate", "at_capture", "by_rule", "in_address", "in_data", "in_elements", "in_far_text", "in_hours_ago", "in_json_ld", "in_modified_metas", "in_published_metas",
    "in_remarks", "in_scripts", "in_text", "in_title", "in_weak_metas",
]  # fmt: skip

import re
from datetime import date, datetime
from typing import Final, NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.parse.dates import Moment, read_date
from crawler.parse.dates.relative import day_ago
from crawler.parse.fields.metadata import Metadata, texts_of, types_of
from crawler.parse.fields.names import begins_credit, tells
from crawler.parse.native import Phrases, lower
from crawler.parse.page.blocks import Element, Layout, PageBlock
from crawler.parse.page.hints import Hint, hints_of
from crawler.parse.page.lines import words_before
from crawler.parse.page.query import Query
from crawler.parse.rules import selected

_PUBLISHED_METAS: Final = (
    "article:published_time", "og:article:published_time", "og:published_time", "article:published", "datepublished", "parsely-pub-date",
    "sailthru.date", "dc.date.issued", "dcterms.issued", "dc.issued", "og:regdate", "dc:created", "dc.created",
    "pubdate", "publishdate", "publish-date", "publish_date", "publication_date", "published_time", "publicationdate",
    "article.published", "article_date_original", "cxenseparse:recs:publishtime", "cxenseparse:publishtime", "rnews:datepublished",
    "og:pubdate", "originalpublicationdate", "displaydate", "ptime", "citation_publication_date", "citation_date",
    "last-published", "iso-8601-publish-date", "shareaholic:article_published_time", "bt:pubdate", "vr:published_time", "release_date",
    "publish_time", "published-date", "mediator_published_time", "dateposted", "pdate", "article-publish-date", "published",
)  # fmt: skip
_WEAK_METAS: Final = ("date", "dc.date", "dcterms.date", "dc.date.created", "dcterms.created", "created", "datecreated")
"""Names that stand for the page's date as often as for the article's."""
_MODIFIED_METAS: Final = (
    "article:modified_time", "og:updated_time", "og:article:modified_time", "datemodified", "dcterms.modified", "dc.date.modified", "lastmod",
    "last-modified", "article:updated_time", "article:modified", "modified", "updated_time", "revised", "moddate", "dateupdate",
)  # fmt: skip
_OTHER_KINDS: Final = frozenset(("Comment", "Review", "UserReview", "Rating", "Answer", "Question", "Person"))
"""Types of JSON-LD whose dates are never the article's."""
_URL: Final = re.compile(
    r"/((?:19|20)\d\d)[/-]?(0[1-9]|1[0-2])[/-]?(0[1-9]|[12]\d|3[01])(?=[/_.-]|$|\D)|/((?:19|20)\d\d)/([1-9]|1[0-2])/([1-9]|[12]\d|3[01])/"
)
_URL_LATE: Final = re.compile(
    r"[-_/](0[1-9]|[12]\d|3[01])[-_]?(0[1-9]|1[0-2])[-_]?((?:19|20)\d\d)(?!\d)|[-_/]((?:19|20)\d\d)[-_](0[1-9]|1[0-2])[-_](0[1-9]|[12]\d|3[01])(?!\d)"
)
_URL_NAMED: Final = re.compile(r"/((?:19|20)\d\d)/([^\W\d_]{3,12})/(0?[1-9]|[12]\d|3[01])(?=[/_.-]|$)")
"""A month by its name: ``/2023/october/03/``."""
_URL_WEEK: Final = re.compile(r"[-_/]((?:19|20)\d\d)(-?)W(0[1-9]|[1-4]\d|5[0-3])\2([1-7])(?!\w)", re.IGNORECASE)
_UPDATE_WORDS: Final = (
    "updat", "aktualisiert", "modif", "mis à jour", "actualiz", "aggiornat", "güncelle", "обновлен", "оновлено", "zaktualizowan", "تحديث", "更新", "수정", "bijgewerkt",
    "atualizad", "geändert", "letzte änderung", "uppdater", "oppdater", "opdater",
)  # fmt: skip
_UPDATED: Final = re.compile("|".join((*_UPDATE_WORDS, r"\bstand:", "به.?روز")), re.IGNORECASE)
_PUBLICATION_WORDS: Final = (
    "publish", "posted", "created", "written on", "veröffentlich", "erschienen", "erstellt", "gepostet", "geschrieben", "publié", "posté", "publicad", "publicerad", "publisert",
    "udgivet", "pubblicat", "geplaatst", "gepubliceerd", "opublikowan", "dodano", "yayın", "опубликован", "размещен", "опубліковано", "نشر", "منتشر", "פורסם", "公開", "掲載", "发布",
    "發布", "发表", "게재", "입력", "등록", "datum",
)  # fmt: skip
_PUBLISHED: Final = re.compile("|".join((*_PUBLICATION_WORDS, r"date\b", r"stand\b")), re.IGNORECASE)
_ON: Final = Phrases([(*_UPDATE_WORDS, "stand:", "روز"), (*_PUBLICATION_WORDS, "date", "stand")])
"""One of these is in every text that the two find something in: they are asked of many, and look at each letter many times."""
_ON_UPDATE, _ON_PUBLICATION = 1, 2
_EDITED: Final = re.compile(
    r"last (?:edited|changed|modified|update)|letzte änderung|dernière modification|última modificación", re.IGNORECASE
)
_RIGHTS: Final = re.compile(r"©|\(c\)|copyright|all rights reserved|alle rechte", re.IGNORECASE)
_DIGIT: Final = re.compile(r"\d|[〇一二三四五六七八九十元]年")
_QUOTE: Final = r'(?:\\?"|&quot;|&#34;)'
"""A script's, within a string of one, and within an attribute."""
_SCRIPT_DATE: Final = re.compile(
    rf"{_QUOTE}(?:date_?published|published_?(?:at|on|date|time)|publish(?:ing)?_?(?:date|time|at)|publication_?(?:date|time)|first_?published\w{{0,6}}|pub_?date|created_?(?:at|on))"
    rf"{_QUOTE}\s*:\s*{_QUOTE}((?:19|20)\d\d-\d\d-\d\d[^\"\\&]{{0,22}}){_QUOTE}",
    re.IGNORECASE,
)
_DATELINE: Final = re.compile(r"(.{4,60}?)\s*(?:—|–|--|\s-\s|－|\s/|\)\s?[-:.]|:\s)")
_BEGINS_DATED: Final = re.compile(r"[(\[（【]?(?:[^\W\d_]+[.,]? ){0,2}\d{1,4}[^\W\d_]?[^\w\s]?")
_LINKED_DATA: Final = re.compile(r"<script[^>]{0,200}ld\+json[^>]{0,200}>.*?</script", re.IGNORECASE | re.DOTALL)
_DATA: Final = (
    "data-datetime",
    "data-timestamp",
    "data-date",
    "data-time",
    "data-published",
    "data-publish-date",
    "data-utime",
    "data-utc",
)
_DATA_QUERY: Final = ",".join(f"[{key}]" for key in _DATA)
_IN_DATA: Final = re.compile(r"date|time|publi|datum|fecha|stamp", re.IGNORECASE)
_DATED: Final = Query(
    "time,[itemprop=datePublished],[itemprop=dateModified],[title].published,[title].updated,[pubdate]"
)
"""Elements that state dates; of two conditions the one that fewer elements fulfil stands first."""
_COMMENT_ITEM: Final = re.compile(
    r"(?:^|[\s_-])(?:comment(?:aire)?|coment[aá]rio|kommentar|disqus)s?(?:$|[\s_-](?!count|link|open|num|button|icon|feed|status))",
    re.IGNORECASE,
)
_BESIDE: Final = 6
"""Blocks from the headline within which a date alone is taken for the article's own."""
_ABOVE: Final = 4
_BELOW: Final = 10
"""Blocks around the headline."""
_LONGEST_AGO: Final = 80
_LONGEST_APART: Final = 300
_LONGEST_ALONE: Final = 32
"""Characters, without white space, of a block that has a date and next to nothing else."""
_LONGEST_BYLINE: Final = 60
_ABBREVIATED: Final = 45
"""Characters at the start of a paragraph in which a dateline stands."""


class FoundDate(NamedTuple):
    """A moment, where it stands, whether it is said to be of a change, and whether readers see it set apart: a block or element of its own."""

    moment: Moment
    source: str
    modified: bool = False
    apart: bool = False


class Customs(NamedTuple):
    """How the page writes dates: its languages, the likeliest first, and whether the month stands before the day; None if that is not sure."""

    languages: tuple[str, ...] = ()
    month_first: bool | None = False


def _read_said(text: str, source: str, customs: Customs, *, modified: bool) -> list[FoundDate]:
    """Return the date in `text`; of "Updated ..., published ..." both, each as what it is said to be."""
    updated, digit = _update_in(text), _DIGIT.search(text)
    said = _publication_in(text) if updated is not None and digit is not None else None
    if updated is None or said is None or digit is None:
        return _read(text, source, customs, modified=modified)
    first, second = sorted((updated, said), key=re.Match.start)
    if digit.start() < first.start():  # 2026年6月6日更新 2026年6月5日公開
        parts = text[: first.start()], text[first.end() : second.start()]
    else:
        parts = text[first.start() : second.start()], text[second.start() :]
    own = [_read(part, source, customs, modified=first is updated) for part in parts[:1]]
    own += [_read(part, source, customs, modified=second is updated) for part in parts[1:]]
    if not all(own):
        return _read(text, source, customs, modified=modified)
    return sorted(own[0] + own[1], key=lambda found: found.modified)


def _update_in(text: str) -> re.Match[str] | None:
    """Return where `text` first speaks of a change."""
    return _UPDATED.search(text) if _ON.found(lower(text)) & _ON_UPDATE else None


def _publication_in(text: str) -> re.Match[str] | None:
    """Return where `text` first speaks of publication."""
    return _PUBLISHED.search(text) if _ON.found(lower(text)) & _ON_PUBLICATION else None


def _read(value: str, source: str, customs: Customs, *, modified: bool = False) -> list[FoundDate]:
    moment = read_date(value, languages=customs.languages, month_first=customs.month_first)
    return [] if moment is None else [FoundDate(moment, source, modified)]


def _read_all(values: list[str], source: str, customs: Customs, *, modified: bool = False) -> list[FoundDate]:
    found: list[FoundDate] = []
    for value in values:
        found += _read(value, source, customs, modified=modified)
    return found


def by_rule(parser: LexborHTMLParser, selector: str, customs: Customs) -> list[FoundDate]:
    """Return what the elements say that a site rule selects."""
    found: list[FoundDate] = []
    for node in selected(parser, selector)[:5]:
        attributes = node.attributes
        found += _read(attributes.get("datetime") or attributes.get("content") or node.text(), "rules", customs)
    return found


def in_json_ld(meta: Metadata, customs: Customs) -> list[FoundDate]:
    """Return what the JSON-LD says of the article, or of anything if it describes no article."""
    nodes = [meta.article] if meta.article else []
    found: list[FoundDate] = []
    for node in nodes:
        for key in ("datePublished", "dateCreated", "uploadDate", "coverageStartTime"):
            found += _read_all(texts_of(node.get(key), "@value"), f"json-ld:{key}", customs)
    if not meta.article or "datePublished" not in meta.article:
        for node in meta.own:
            if "datePublished" in node and node is not meta.article and not _OTHER_KINDS & set(types_of(node)):
                found += _read_all(texts_of(node["datePublished"], "@value"), "json-ld:datePublished", customs)
                break
    for node in nodes or meta.own[:3]:
        found += _read_all(texts_of(node.get("dateModified"), "@value"), "json-ld:dateModified", customs, modified=True)
    return found


def in_published_metas(meta: Metadata, customs: Customs) -> list[FoundDate]:
    """Return what meta tags say that are named for publication."""
    return _in_metas(meta, _PUBLISHED_METAS, customs, modified=False)


def in_weak_metas(meta: Metadata, customs: Customs) -> list[FoundDate]:
    """Return what meta tags say that are named for a date and nothing else."""
    return _in_metas(meta, _WEAK_METAS, customs, modified=False)


def in_modified_metas(meta: Metadata, customs: Customs) -> list[FoundDate]:
    """Return what meta tags say that are named for changes."""
    return _in_metas(meta, _MODIFIED_METAS, customs, modified=True)


def _in_metas(meta: Metadata, names: tuple[str, ...], customs: Customs, *, modified: bool) -> list[FoundDate]:
    found: list[FoundDate] = []
    for key in names:
        for value in meta.metas.get(key, ()):
            if value:
                found += _read(value, f"meta:{key}", customs, modified=modified)
    return found


def in_elements(parser: LexborHTMLParser, customs: Customs) -> tuple[list[FoundDate], list[FoundDate]]:
    """Return what time elements and microdata say: of the article, and of what looks like a teaser of another."""
    ranked: tuple[list[FoundDate], list[FoundDate], list[FoundDate]] = ([], [], [])
    for node in _DATED.find(parser)[:30]:
        attributes = node.attributes
        name = f"{attributes.get('class') or ''} {attributes.get('itemprop') or ''}".lower()
        value = attributes.get("datetime") or attributes.get("content") or attributes.get("title") or node.text()
        around = name + words_before(node, back_to="time")
        modified = _update_in(around) is not None and "publish" not in name
        named = "published" in name or "pubdate" in name or "pubdate" in attributes
        source = "time:" + (name.split() or ["datetime"])[0] if node.tag == "time" else "itemprop"
        place = _in_teaser(node)
        if place == "other" and _publication_in(around) is None:
            continue
        rank = 2 if place else 0 if named else 1
        ranked[rank].extend(item._replace(apart=True) for item in _read(value, source, customs, modified=modified))
    return ranked[0] + ranked[1], ranked[2]


def _in_teaser(node: LexborNode) -> str:
    """Return ``beside`` for what may be a teaser's, ``other`` for what a reader, another story or a quoted post has, else nothing."""
    at, place = node.parent, ""
    for _ in range(6):
        if at is None or at.tag in ("article", "main", "body", "header"):
            break
        hints = hints_of(f"{at.attributes.get('class') or ''} {at.attributes.get('id') or ''}")
        if at.tag == "blockquote" or hints & (Hint.RELATED | Hint.COMMENT):
            return "other"
        if at.tag in ("aside", "nav", "footer", "li") or hints & Hint.SIDE:
            place = "beside"
        at = at.parent
    return place


def in_address(meta: Metadata, customs: Customs) -> list[FoundDate]:
    """Return the day in the page's address, or in its canonical one."""
    found: list[FoundDate] = []
    for url in dict.fromkeys((meta.url, meta.canonical or meta.url)):
        match = _URL.search(url)
        if match:
            year, month, day = (match[1], match[2], match[3]) if match[1] else (match[4], match[5], match[6])
            found += _read(f"{year}-{month.zfill(2)}-{day.zfill(2)}", "url", customs)
            continue
        match = _URL_LATE.search(url)
        if match:
            year, month, day = (match[3], match[2], match[1]) if match[3] else (match[4], match[5], match[6])
            found += _read(f"{year}-{month}-{day}", "url", customs)
            continue
        match = _URL_NAMED.search(url)
        if match:
            found += _read(f"{match[3]} {match[2]} {match[1]}", "url", customs)
            continue
        match = _URL_WEEK.search(url)
        if match:
            found += _read(f"{match[1]}-W{match[3]}-{match[4]}", "url", customs)
    return found


def in_text(layout: Layout, near: int, customs: Customs, passed: frozenset[int] = frozenset()) -> list[FoundDate]:
    """Return the dates in short blocks near the headline, the nearest first, without the blocks `passed`."""
    blocks = layout.blocks
    found: list[FoundDate] = []
    for distance in range(15):
        for index in (near - distance, near + distance) if distance else (near,):
            if index < 0 or index >= len(blocks) or near - index > 8 or index in passed:
                continue
            block = blocks[index]
            text = block.text
            if block.ink > 160 or not _DIGIT.search(text) or _RIGHTS.search(text):
                continue
            told = tells(text) and _publication_in(text) is None and _update_in(text) is None
            if not told and not _is_of_reader(block):
                updated = _says_updated(block.text)
                read = _read_said(block.text, "text", customs, modified=updated) or _read_apart(
                    block, customs, modified=updated
                )
                dated = block.ink <= _LONGEST_ALONE or (block.hints | block.element.hints) & Hint.DATE
                if distance <= _BESIDE and dated:
                    read = [item._replace(apart=True) for item in read]
                found += read
    return found


def _read_apart(block: PageBlock, customs: Customs, *, modified: bool) -> list[FoundDate]:
    """Return the date in a block whose elements are joined without spaces: ``PoliticsJune 5, 20263 min``."""
    node = block.element.node
    if node.css_first("span, a, time, b, i, em, strong") is None:
        return []
    text = node.text(separator=" ")
    return _read(text, "text", customs, modified=modified) if len(text) <= _LONGEST_APART else []


def _is_of_reader(block: PageBlock) -> bool:
    """Tell whether a block stands in a reader's comment: it or what is right around it is named so."""
    at: Element | None = block.element
    for _ in range(3):
        if at is None or at.tag in ("article", "main", "body"):
            return False
        if at.hints & Hint.COMMENT and _COMMENT_ITEM.search(at.name):
            return True
        at = at.parent
    return False


def _says_updated(text: str) -> bool:
    """Tell whether the first date of `text` is said to be of a change."""
    update = _update_in(text)
    if update is None:
        return False
    digit = _DIGIT.search(text)
    return digit is None or update.start() < digit.start() or not _DIGIT.search(text, update.end())


def at_capture(layout: Layout, near: int, captured: date) -> frozenset[int]:
    """Return the blocks above the headline, out of the article, that show the day of the capture: the day of today."""
    found: set[int] = set()
    for block in layout.blocks[max(0, near - 8) : max(0, near)]:
        region = block.element.region
        if "article" not in region and "main" not in region and block.ink <= 60 and _DIGIT.search(block.text):
            moment = read_date(block.text)
            if moment is not None and moment.clock is None and abs((moment.day - captured).days) <= 1:
                found.add(block.index)
    return frozenset(found)


def in_far_text(layout: Layout, customs: Customs) -> list[FoundDate]:
    """Return the dates in blocks anywhere that are named as dates."""
    found: list[FoundDate] = []
    for block in layout.blocks:
        if (block.hints | block.element.hints) & Hint.DATE and block.ink <= 120 and _DIGIT.search(block.text):
            found += _read(block.text, "text:date", customs, modified=_says_updated(block.text))
    return found


def in_remarks(layout: Layout, near: int, customs: Customs) -> list[FoundDate]:
    """Return the dates in remarks: a dateline at the start of a paragraph, then short blocks that speak of publication,
    then a date alone below the page's one line on who wrote.

    For pages that say it nowhere else. Notices of copyright do not count.
    """
    said: list[FoundDate] = []
    edited: list[FoundDate] = []
    datelines: list[FoundDate] = []
    signed: list[FoundDate] = []
    for block in layout.blocks:
        text = block.text
        if not _DIGIT.search(text):
            continue
        if near < block.index < near + 12 and block.ink > 60:
            datelines += _read(_dateline(text), "text:dateline", customs)
        text = "\n".join([line for line in text.split("\n") if not _RIGHTS.search(line)])
        if block.ink > 200 or not text:
            continue
        changed = _EDITED.search(text) is not None or _says_updated(text)
        if changed or _publication_in(text) is not None:
            (edited if changed else said).extend(_read_said(text, "text:remark", customs, modified=changed))
        elif block.ink <= _LONGEST_ALONE and block.index and _is_byline(layout.blocks[block.index - 1]):
            signed += _read(text, "text:byline", customs)
    return datelines[:1] + said[:3] + edited[:3] + (signed if len(signed) == 1 else [])


def _is_byline(block: PageBlock) -> bool:
    return block.ink <= _LONGEST_BYLINE and begins_credit(block.text) and not _is_of_reader(block)


def _dateline(text: str) -> str:
    """Return where a paragraph may have its dateline: before a dash, or at the very beginning; nothing if it has none."""
    ended = _DATELINE.match(text)
    if ended is not None:
        return ended[1]
    return text[:_ABBREVIATED] if _BEGINS_DATED.match(text) else ""


def in_hours_ago(layout: Layout, near: int, captured_at: datetime) -> list[FoundDate]:
    """Return the day of the nearest short block around the headline that says how many minutes or hours ago it was written."""
    blocks = layout.blocks
    for index in sorted(range(max(0, near - _ABOVE), min(len(blocks), near + _BELOW)), key=lambda at: abs(at - near)):
        block = blocks[index]
        if block.kind != "heading" and block.ink <= _LONGEST_AGO and _DIGIT.search(block.text):
            day = day_ago(block.text, captured_at)
            if day is not None:
                return [FoundDate(Moment(day), "text:ago", _says_updated(block.text))]
    return []


def in_data(parser: LexborHTMLParser, customs: Customs) -> list[FoundDate]:
    """Return what elements named for dates hold for a script; for pages that say it nowhere else."""
    found: list[FoundDate] = []
    for node in parser.css(_DATA_QUERY)[:20]:
        attributes = node.attributes
        if not _IN_DATA.search(
            f"{attributes.get('class') or ''} {attributes.get('id') or ''} {node.tag}"
        ) or _in_teaser(node):
            continue
        for key in _DATA:
            found += _read(attributes.get(key) or "", f"data:{key}", customs)
    return found[:1]


def in_scripts(html: str, customs: Customs, *, linked_data: bool = False) -> list[FoundDate]:
    """Return what data in scripts say of publication; for pages that say it nowhere else.

    JSON-LD is passed over unless `linked_data`: where it could be read, what it says of other articles is not this one's.
    """
    found: list[FoundDate] = []
    if not linked_data:
        html = _LINKED_DATA.sub(" ", html)
    for match in _SCRIPT_DATE.finditer(html):
        found += _read(match[1], "script", customs)
        if found:
            break
    return found


def in_title(meta: Metadata, customs: Customs) -> list[FoundDate]:
    """Return the date that a title begins with."""
    found: list[FoundDate] = []
    for title in (meta.title_tag, *meta.metas.get("og:title", ())[:1]):
        if title[:1].isdigit():
            found += _read(title[:12], "title", customs)
    return found
