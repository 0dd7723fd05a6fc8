"""Who wrote an article: names from JSON-LD, meta tags and bylines, cleaned of roles, places and organisations."""

from __future__ import annotations

__all__ = ["authors_of"]

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.parse.fields.metadata import Metadata, texts_of, types_of, urlsplit_host
from crawler.parse.fields.names import BY, COLON, is_credit, is_name, names_in, parts_of
from crawler.parse.page.blocks import Layout
from crawler.parse.page.hints import Hint
from crawler.parse.page.text import clean, fold
from crawler.parse.rules import selected

_METAS = (
    "author", "article:author_name", "parsely-author", "sailthru.author", "dc.creator", "dcterms.creator", "byl", "byline", "article:author",
    "og:article:author", "rnews:author", "citation_author", "cxenseparse:author", "article.author", "twitter:data1", "authors", "creator",
)  # fmt: skip
_CREDIT = re.compile(
    r"^[（(【\[]?\s*(?:autor(?:in|en)?|authors?|auteure?s?|text|verfasser(?:in)?|责任?编辑?|責任?編輯|编辑|編輯|作者|记者|記者|撰文|글|글쓴이|نویسنده|الكاتب|بقلم|מאת|כתב)\s*[:：]",
    re.IGNORECASE,
)
_WITHIN = re.compile(
    r"(?:\b(?:by|von|par|por|автор)|\b(?:autor(?:in|en)?|author|auteure?|text|redaktion|verfasser(?:in)?)\s*:)\s+(?=[^\W\d_])",
    re.IGNORECASE,
)
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
    shun = {fold(name) for name in _organisations(meta)}
    shun |= {fold(name) for name in _host_names(meta.url)}
    if site:
        shun.add(fold(site))
    if selector:
        named = names_in(
            (clean(node.text(separator=" ")) for node in selected(parser, selector)[:10]), shun, strict=False
        )
        return tuple(named)
    stated = (list(_from_json_ld(meta)), list(_from_metas(meta)))
    for source in stated:
        names = [name for name in names_in(source, set(), strict=False) if fold(name) not in shun and is_credit(name)]
        if any(is_name(name) for name in names):
            return tuple(names[:_MAX])
    for texts in (_from_elements(parser), _from_byline(layout, near), _from_credits(layout)):
        names = names_in(texts, shun, strict=True)
        if names:
            return tuple(names[:_MAX])
    for source in stated:
        names = [name for name in names_in(source, set(), strict=False) if is_credit(name)]
        if names:
            return tuple(names[:_MAX])
    return ()


def _organisations(meta: Metadata) -> Iterator[str]:
    for node in meta.nodes:
        if any(kind.endswith(("Organization", "WebSite")) for kind in types_of(node)):
            yield from texts_of(node.get("name"))[:2]
    for key in ("publisher", "sourceOrganization"):
        yield from texts_of(meta.article.get(key), "name")
    yield from (value for _, value in meta.every("og:site_name", "application-name"))


def _host_names(url: str) -> tuple[str, ...]:
    """Return what a site is called that is called after its address."""
    host = urlsplit_host(url)
    return (host, host.rsplit(".", 1)[0], host.split(".", 1)[0]) if host else ()


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
        "[rel~=author]",
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
        if hinted or (BY.match(block.text) and block.ink < 60) or COLON.match(block.text):
            yield _from_name(block.text)
            return


def _from_credits(layout: Layout) -> Iterator[str]:
    """Yield the text of the first short block anywhere that is named for an author or says who wrote, comments apart."""
    for block in layout.blocks:
        if block.ink > 100 or block.element.inherited & (Hint.COMMENT | Hint.RELATED | Hint.NAV):
            continue
        hinted = (block.hints | block.element.hints) & Hint.AUTHOR
        if hinted or _CREDIT.match(block.text):
            text = _from_name(block.text)
            if any(is_name(name) for name in parts_of(text)):
                yield text
                return


def _from_name(text: str) -> str:
    """Return `text` from the first name that it says has written."""
    match = _WITHIN.search(text)
    return text[match.end() :] if match and match.start() else text
