"""Who wrote an article: names from JSON-LD, meta tags and bylines, cleaned of roles, places and organisations."""

from __future__ import annotations

__all__ = ["authors_of"]

import re
from collections.abc import Iterable, Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.parse.blocks import Layout
from crawler.parse.metadata import Metadata, texts_of, types_of
from crawler.parse.rules import selected
from crawler.parse.text import clean, fold
from crawler.parse.vocabulary import Hint

_METAS = (
    "author", "article:author_name", "parsely-author", "sailthru.author", "dc.creator", "dcterms.creator", "byl", "byline", "article:author",
    "og:article:author", "rnews:author", "citation_author", "cxenseparse:author", "article.author", "twitter:data1", "authors", "creator",
)  # fmt: skip
_BY = re.compile(
    r"^(?:(?:written|reported|edited|posted|published|story|text|reporting|words|analysis|opinion|interview)\s+)?(?:by|von|par|por|di|da|door|av|af|przez|автор|authors?|auteurs?|autore?s?|autor(?:en|in)?"
    r"|text|texte|testo|redacción|de|ein(?:e)? \w+ von|eine analyse von|ein kommentar von|bởi|oleh|yazan|כתב|מאת|بقلم|كتب|كتبت|نویسنده|작성자|글|文|作者|撰文|记者|記者|編輯|编辑)\s*[:：|/]?\s+(?=\S)",
    re.IGNORECASE,
)
_COLON = re.compile(
    r"^(?:by|von|author|autor|auteur|作者|记者|記者|撰文|文|editor|text|foto|نویسنده|الكاتب|المصدر)\s*[:：]\s*",
    re.IGNORECASE,
)
_SPLIT = re.compile(
    r"\s*(?:,\s+(?:and|und|et|y|e)\s+|[;|/•·،、]|,|\s+(?:and|und|et|&|y|en|och|og|with|mit|avec|i)\s+|\n|\s+-\s+|\s+–\s+)\s*"
)
_NOT_A_NAME = re.compile(
    r"https?:|www\.|@|\d{2,}|\.(?:com|org|net|de|fr)\b|[{}<>\[\]_=]|^(?:by|von|par|the)$|\b(?:staff|editor|editors|editorial|redaktion|redaction|rédaction|redacción|redazione|redação|newsroom|"
    r"desk|team|admin|administrator|webdesk|agency|agencies|agence|agencia|agentur|press|news|nachrichten|online|media|magazine|corporation|inc|gmbh|ltd|llc|correspondent|reporter|"
    r"contributor|anonymous|unknown|guest|author|autor|read more|follow|subscribe|min read|minutes|updated|published|comments?|share|korrespondent(?:in)?|redakteur(?:in)?|journalist(?:in)?"
    r"|service|bureau|studio|channel|tv|radio|times|post|zeitung|journal|chefredakteur(?:in)?|ressortleiter(?:in)?|editorial board)\b",
    re.IGNORECASE,
)
_GARBAGE = re.compile(
    r"https?:|www\.|@|[{}<>\[\]_=]|^\d+$|^(?:null|undefined|none|admin|author|unknown)$", re.IGNORECASE
)
_AGENCIES = frozenset((
    "dpa", "afp", "ap", "reuters", "epa", "efe", "ansa", "apa", "sda", "ats", "keystone-sda", "tass", "ria",
    "belga", "pap", "ctk", "tt", "ntb", "stt", "ritzau", "lusa", "agerpres", "anadolu", "bloomberg", "dpa-afx",
    "ots", "sid",
))  # fmt: skip
_UPPER = re.compile(r"[A-Z]{2,6}(?:-[A-Z]{2,6})?")
_TRAIL = re.compile(r"\s*(?:\((?:[^)]*)\)|\[[^\]]*\])\s*$")
_MAX = 12


def authors_of(
    parser: LexborHTMLParser,
    meta: Metadata,
    layout: Layout,
    *,
    near: int,
    site: str | None,
    selector: str | None = None,
) -> tuple[str, ...]:
    """Return the authors' names in the order the page gives them.

    The first kind of source that names a person is believed; an agency or a desk is taken if the page states no one
    else. `selector` is a site rule's and goes before all.
    """
    shun = {fold(name) for name in (site, *_organisations(meta)) if name}
    if selector:
        named = _names(
            (clean(node.text(separator=" ")) for node in selected(parser, selector)[:10]), shun, strict=False
        )
        return tuple(named)
    stated = (list(_from_json_ld(meta)), list(_from_metas(meta)))
    for source in stated:
        names = [name for name in _names(source, set(), strict=False) if fold(name) not in shun and _is_credit(name)]
        if any(_is_name(name) for name in names):
            return tuple(names[:_MAX])
    for texts in (_from_elements(parser), _from_byline(layout, near)):
        names = _names(texts, shun, strict=True)
        if names:
            return tuple(names[:_MAX])
    for source in stated:
        names = [name for name in _names(source, set(), strict=False) if _is_credit(name)]
        if names:
            return tuple(names[:_MAX])
    return ()


def _is_credit(name: str) -> bool:
    """Tell whether `name` can be what a page names as author: a person, an agency, a desk."""
    return 1 < len(name) <= 60 and not _GARBAGE.search(name) and len(name.split()) <= 7


def _organisations(meta: Metadata) -> Iterator[str]:
    for node in meta.nodes:
        if any(kind.endswith(("Organization", "WebSite")) for kind in types_of(node)):
            yield from texts_of(node.get("name"))[:2]
    for key in ("publisher", "sourceOrganization"):
        yield from texts_of(meta.article.get(key), "name")
    yield from (value for _, value in meta.every("og:site_name", "application-name"))


def _from_json_ld(meta: Metadata) -> Iterator[str]:
    for key in ("author", "creator"):
        value = meta.article.get(key)
        for item in value if isinstance(value, list) else [value]:
            yield from texts_of(_resolved(item, meta), "name")


def _resolved(item: object, meta: Metadata) -> object:
    """Return the node that a bare reference (``@id`` alone) points to."""
    if isinstance(item, dict) and "@id" in item and "name" not in item:
        return next((node for node in meta.nodes if node.get("@id") == item["@id"] and "name" in node), item)
    return item


def _from_metas(meta: Metadata) -> Iterator[str]:
    labels = meta.first("twitter:label1") or ""
    for key in _METAS:
        if key == "twitter:data1" and not re.search(
            r"written|by|author|autor|geschrieben|écrit|escrito|skrevet|verfasst", labels, re.IGNORECASE
        ):
            continue
        values = [value for _, value in meta.every(key) if not value.startswith("http")]
        if values:
            yield from values
            return


def _from_elements(parser: LexborHTMLParser) -> Iterator[str]:
    for query in (
        "[itemprop=author] [itemprop=name]",
        "[itemprop=author]",
        "[rel=author]",
        ".byline a,.author a,.authors a",
        ".author-name,.byline__name,.byline-name,.author__name",
    ):
        nodes = parser.css(query)[:20]
        if nodes:
            nodes = [node for node in nodes if _together(node, nodes[0])][:6]
            yield from (clean(node.attributes.get("content") or node.text(separator=" ")) for node in nodes)
            return


def _together(node: LexborNode, first: LexborNode) -> bool:
    """Tell whether two nodes stand in one byline: the same parent or grandparent; others are bylines of teasers."""
    ours, theirs = node.parent, first.parent
    if ours is None or theirs is None:
        return node.mem_id == first.mem_id
    return ours.mem_id == theirs.mem_id or (
        ours.parent is not None and theirs.parent is not None and ours.parent.mem_id == theirs.parent.mem_id
    )


def _from_byline(layout: Layout, near: int) -> Iterator[str]:
    """Yield the text of short blocks near the headline that are named a byline or begin like one."""
    blocks = layout.blocks
    for index in sorted(range(max(0, near - 4), min(len(blocks), near + 12)), key=lambda i: abs(i - near)):
        block = blocks[index]
        if block.ink > 120:
            continue
        hinted = (block.hints | block.element.hints) & Hint.AUTHOR
        if hinted or (_BY.match(block.text) and block.ink < 60) or _COLON.match(block.text):
            yield block.text
            return


def _names(texts: Iterable[str], shun: set[str], *, strict: bool) -> list[str]:
    found: dict[str, str] = {}
    for text in texts:
        for part in _SPLIT.split(_BY.sub("", _COLON.sub("", text.strip())).strip()):
            name = _TRAIL.sub("", _BY.sub("", part)).strip(" .,:;-–—|*\"'“”")
            key = fold(name)
            if key and key not in shun and (not strict or _is_name(name)):
                found.setdefault(key, name)
    return list(found.values())


def _is_name(name: str) -> bool:
    """Tell whether `name` can be a person's: short, few words, capitals where the script has them, no organisation."""
    if not 2 <= len(name) <= 60 or _NOT_A_NAME.search(name) or fold(name) in _AGENCIES or _UPPER.fullmatch(name):
        return False
    parts = name.split()
    if len(parts) > 5 or (name.isascii() and len(parts) == 1 and name.islower()):
        return False
    cased = [part for part in parts if part[0].isalpha() and part[0].lower() != part[0].upper()]
    return not cased or sum(part[0].isupper() for part in cased) * 2 >= len(cased)
