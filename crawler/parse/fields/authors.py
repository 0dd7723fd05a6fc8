"""Who wrote an article: the persons whom JSON-LD, meta tags and bylines name; nobody where the page names nobody."""

from __future__ import annotations

__all__ = ["authors_of"]

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.parse.fields.metadata import Metadata, texts_of, types_of, urlsplit_host
from crawler.parse.fields.names import after_by, begins_credit, is_full, names_in, parts_in
from crawler.parse.fields.persons import persons_in
from crawler.parse.page.blocks import Block, Layout
from crawler.parse.page.hints import Hint, hints_of
from crawler.parse.page.text import clean, fold
from crawler.parse.rules import selected

_METAS = (
    "author", "article:author_name", "parsely-author", "sailthru.author", "dc.creator", "dcterms.creator", "byl", "byline", "article:author",
    "og:article:author", "rnews:author", "citation_author", "cxenseparse:author", "article.author", "twitter:data1", "authors", "creator",
)  # fmt: skip
_LABELLED = re.compile(r"written|by|author|autor|geschrieben|écrit|escrito|skrevet|verfasst", re.IGNORECASE)
_ELEMENTS = (
    "[itemprop~=author] [itemprop=name]",
    "[itemprop~=author]",
    "[rel~=author]",
    ".byline a,.author a,.authors a",
    ".author-name,.byline__name,.byline-name,.author__name,.vcard .fn",
)
_AUTHORS_PAGE = re.compile(
    r"/(?:authors?|autore?s?|autor(?:en|in|es|a)?|auteurs?|writers?|reporters?|journalists?|journalistes?|newsteam|news-team|people|persons?|profiles?|staff|contributors?|contributor|columnists?|"
    r"editors?|by|equipo|redaktion|redaktor|avtor|yazar(?:lar)?|muhabir|penulis|tac-gia|skribent|forfatter|toimittaja)s?/[^/?#]",
    re.IGNORECASE,
)
_CREDIT = re.compile(
    r"^[（(【\[]?\s*(?:autor(?:in|en)?|authors?|auteure?s?|text|verfasser(?:in)?|责任?编辑?|責任?編輯|编辑|編輯|作者|记者|記者|撰文|글|글쓴이|نویسنده|الكاتب|بقلم|מאת|כתב|लेखक|автор|penulis|tác giả|szerző|autorė?)\s*[:：]",
    re.IGNORECASE,
)
_OTHERS = re.compile(
    r"related|recommend|most-?(?:read|popular)|trending|popular|prev-?next|read-?next|up-?next|more-(?:stories|news|articles|from)|also-?read|latest-?(?:news|posts|stories)",
    re.IGNORECASE,
)
_FOREIGN = Hint.COMMENT | Hint.RELATED | Hint.NAV
_MOST = 12
_BEFORE, _AFTER = 4, 12
"""Blocks around the headline in which its byline stands."""
_LONGEST_LINE = 120


def authors_of(
    parser: LexborHTMLParser,
    meta: Metadata,
    layout: Layout,
    *,
    near: int,
    site: str | None,
    selector: str | None = None,
) -> tuple[str, ...]:
    """Return the authors' names in the order the page gives them; none where it names no person.

    The first kind of source that gives a full name is believed; a name of one word only if none does, and only where it
    is marked up as the author's: in running text one word may be anything. `selector` is a site
    rule's and goes before all.
    """
    shun = _shunned(meta, site)
    if selector:
        nodes = selected(parser, selector)[:10]
        return tuple(parts_in(clean(node.text(separator=" ")) for node in nodes))
    short: list[str] = []
    for source in (_from_json_ld(meta), _from_metas(meta), _from_elements(parser)):
        names = names_in(source, shun)[:_MOST]
        if any(is_full(name) for name in names):
            return tuple(names)
        short = short or names
    for source in (_from_byline(layout, near), _from_credits(layout)):
        names = [name for name in names_in(source, shun) if is_full(name)]
        if names:
            return tuple(names[:_MOST])
    return tuple(short)


def _shunned(meta: Metadata, site: str | None) -> set[str]:
    """Return what is no author's name on this page: its site's, its publisher's, and what its address is called."""
    names = [*_organisations(meta), *_host_names(meta.url), *([site] if site else ())]
    return {fold(name) for name in names}


def _organisations(meta: Metadata) -> Iterator[str]:
    for node in meta.nodes:
        kinds = types_of(node)
        if "Person" not in kinds and any(kind.endswith(("Organization", "WebSite")) for kind in kinds):
            yield from texts_of(node.get("name"))[:2]
    for key in ("publisher", "sourceOrganization"):
        value = meta.article.get(key)
        if not (isinstance(value, dict) and "Person" in types_of(value)):
            yield from texts_of(value, "name")
    yield from (value for _, value in meta.every("og:site_name", "application-name"))


def _host_names(url: str) -> tuple[str, ...]:
    """Return what a site is called that is called after its address."""
    host = urlsplit_host(url)
    return (host, host.rsplit(".", 1)[0], host.split(".", 1)[0]) if host else ()


def _from_json_ld(meta: Metadata) -> Iterator[str]:
    for key in ("author", "creator"):
        yield from persons_in(meta.article.get(key), meta)


def _from_metas(meta: Metadata) -> Iterator[str]:
    labels = meta.first("twitter:label1") or ""
    for key in _METAS:
        if key == "twitter:data1" and not _LABELLED.search(labels):
            continue
        values = [value for _, value in meta.every(key) if not value.startswith("http")]
        if values:
            yield from values
            return


def _from_elements(parser: LexborHTMLParser) -> Iterator[str]:
    """Yield the texts of the first byline that is marked up as one."""
    for query in _ELEMENTS:
        nodes = [node for node in parser.css(query)[:20] if not _is_foreign(node)]
        if nodes:
            nodes = [node for node in nodes if _together(node, nodes[0])][:6]
            yield from (clean(node.attributes.get("content") or "") or _pieces(node) for node in nodes)
            return


def _is_foreign(node: LexborNode) -> bool:
    """Tell whether a node stands in a comment, beside the article, or in a list of other articles."""
    at: LexborNode | None = node
    for _ in range(7):
        if at is None or at.tag in ("article", "main", "body"):
            return False
        attributes = at.attributes
        name = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
        if at.tag in ("nav", "aside") or _OTHERS.search(name) or hints_of(name) & Hint.COMMENT:
            return True
        at = at.parent
    return False


def _together(node: LexborNode, first: LexborNode) -> bool:
    """Tell whether two nodes stand in one byline: the same parent or grandparent; others are bylines of teasers."""
    ours, theirs = node.parent, first.parent
    if ours is None or theirs is None:
        return node.mem_id == first.mem_id
    return ours.mem_id == theirs.mem_id or (
        ours.parent is not None and theirs.parent is not None and ours.parent.mem_id == theirs.parent.mem_id
    )


def _pieces(node: LexborNode) -> str:
    """Return the texts of a node, those of different elements on lines of their own: a name and a role are not one name."""
    return "\n".join(filter(None, (clean(text) for text in node.text(separator="\x01").split("\x01"))))


def _from_byline(layout: Layout, near: int) -> Iterator[str]:
    """Yield the text of the nearest short block that is named a byline, begins like one, or links to an author's page, and has a name."""
    blocks = layout.blocks
    for index in sorted(range(max(0, near - _BEFORE), min(len(blocks), near + _AFTER)), key=lambda i: abs(i - near)):
        block = blocks[index]
        if block.ink > _LONGEST_LINE or _is_foreign(block.element.node):
            continue
        lines = _author_links(block) if block.links else []
        hinted = (block.hints | block.element.hints) & Hint.AUTHOR
        if hinted or (begins_credit(block.text) and block.ink < _LONGEST_LINE // 2) or _CREDIT.match(block.text):
            lines = lines or [_line_of(block)]
        if names_in(lines, set()):
            yield from lines
            return


def _author_links(block: Block) -> list[str]:
    """Return the texts of the links in a block that lead to pages of authors."""
    links = block.element.node.css("a[href]")[:8]
    return [_pieces(link) for link in links if _AUTHORS_PAGE.search(link.attributes.get("href") or "")]


def _line_of(block: Block) -> str:
    """Return a block's text from the first name on, the parts that are elements of their own on lines of theirs."""
    node = block.element.node
    text = _pieces(node) if block.links or node.css_first("span, time, small, div") is not None else block.text
    return after_by(text if len(text) <= 2 * _LONGEST_LINE else block.text)


def _from_credits(layout: Layout) -> Iterator[str]:
    """Yield the text of the first short block anywhere that is named for an author or says who wrote, comments apart."""
    for block in layout.blocks:
        if block.ink > _LONGEST_LINE or block.element.inherited & _FOREIGN:
            continue
        hinted = (block.hints | block.element.hints) & Hint.AUTHOR
        if hinted or _CREDIT.match(block.text):
            line = _line_of(block)
            if names_in([line], set()):
                yield line
                return
