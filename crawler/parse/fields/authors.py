"""Who wrote an article: the persons whom JSON-LD, meta tags and bylines name; nobody where the page names nobody."""

from __future__ import annotations

__all__ = ["authors_of"]

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache
from itertools import chain
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.parse.dates import read_date
from crawler.parse.fields.bare_bylines import bare_names, boxed_names, is_author_page
from crawler.parse.fields.metadata import Metadata, texts_of, types_of, urlsplit_host
from crawler.parse.fields.names import (
    after_by,
    begins_credit,
    credits_others,
    is_full,
    is_lead,
    is_of_page,
    names_in,
    parts_in,
    says_who_wrote,
    signs,
    tells,
    turned,
    without_lead,
)
from crawler.parse.fields.persons import persons_in
from crawler.parse.page.blocks import Element, Layout, PageBlock
from crawler.parse.page.hints import Hint, hints_of
from crawler.parse.page.lines import words_before
from crawler.parse.page.query import Query
from crawler.parse.page.text import clean, fold
from crawler.parse.rules import selected

_METAS: Final = (
    "author", "article:author_name", "parsely-author", "sailthru.author", "citation_authors", "citation_author", "dc.creator", "dcterms.creator", "byl", "byline", "article:author",
    "og:article:author", "rnews:author", "cxenseparse:author", "article.author", "twitter:data1", "authors", "creator",
)  # fmt: skip
_CATALOGUED: Final = frozenset(("dc.creator", "dcterms.creator", "citation_author", "citation_authors"))
"""Where the family's name may go first (Highwire Press and Dublin Core give names so)."""
_LABELLED: Final = re.compile(r"written|by|author|autor|geschrieben|écrit|escrito|skrevet|verfasst", re.IGNORECASE)
_ELEMENTS: Final = (
    ("[itemprop~=author] [itemprop=name]", frozenset(("itemprop author",))),
    ("[itemprop~=author]", frozenset(("itemprop author",))),
    ("[rel~=author]", frozenset(("rel author",))),
    (".byline a,.author a,.authors a", frozenset(("byline", "author", "authors"))),
    (".authors li,.byline li", frozenset(("byline", "authors"))),
    (
        ".author-name,.byline__name,.byline-name,.author__name,.vcard .fn",
        frozenset(("author-name", "byline__name", "byline-name", "author__name", "vcard")),
    ),
    (
        ".author-info .name,.author-box .name,.author-card .name",
        frozenset(("author-info", "author-box", "author-card")),
    ),
    (
        ".authorname,.author_name,.byline__author,.byline-author,.article-author,.article__author,.post-author,.entry-author,.author-link",
        frozenset((
            "authorname", "author_name", "byline__author", "byline-author", "article-author", "article__author", "post-author", "entry-author", "author-link",
        )),
    ),
)  # fmt: skip
"""Selectors of bylines, the surest first; and of what a page must have some, in small letters, for a selector to find anything."""
_MARKED: Final = Query("[itemprop~=author],[rel~=author],[class*=author i],[class*=byline i],[class*=vcard i]")
_CREDIT: Final = re.compile(
    r"^[（(【\[]?\s*(?:autor(?:in|en)?|authors?|author\(s\)|contributors?|auteure?s?|text|verfasser(?:in)?|责任?编辑?|責任?編輯|编辑|編輯|作者|记者|記者|撰文|글|글쓴이|نویسنده|الكاتب|بقلم|מאת|כתב|लेखक|автор|penulis|tác giả|szerző|autorė?)\s*[:：]",
    re.IGNORECASE,
)
_OTHERS: Final = re.compile(
    r"related|recommend|most-?(?:read|popular)|trending|popular|prev-?next|read-?next|up-?next|more-(?:stories|news|articles|from)|also-?read|latest-?(?:news|posts|stories)",
    re.IGNORECASE,
)
_COMMENTS: Final = re.compile(
    r"comment|coment|komment|respond|repl(?:y|ies)|discuss|disqus|forum|reacti|reader-?(?:post|opinion|letter)|talkback|yorum",
    re.IGNORECASE,
)
"""Names of readers' comments; a "reader" may also be the part of a page that shows the article."""
_NO_PERSON: Final = re.compile(
    r"Organi[sz]ation|Corporation|LocalBusiness|Place|PostalAddress|Country|City|WebSite|Brand"
)
_DAY: Final = re.compile(r"\d")
_DAY_AND_NAME: Final = re.compile(r"(.*\d.*?)\s*[|–—·•/-]\s*([^\W\d_][^|·•/\d]{3,40})")
"""A line of day and name: ``04.02.2022 | 13:10 Uhr | Uta Berg``."""
_FILED: Final = re.compile(r"\s(?:in|unter)\s")
"""Before the part of the site: ``Ann Berg in Project Management``."""
_BEFORE_BY: Final = " |–—·•/"
_SIGNED: Final = re.compile(r"[(（\[【]\s*([^()（）\[\]【】]{3,48}?)\s*[)）\]】]\.?|[-–—―]\s*([^\W\d_].{3,46})")
"""A name in brackets or behind a dash, as texts are signed."""
_SIGNED_DENSE: Final = re.compile(
    r"[\u4e00-\u9fff々]{2,5}[ぁ-ゖァ-ヶー\u4e00-\u9fff々]{0,3}(?<![略載载止禁报報回編编下中上了完続续面版部社会局課班室省庁県市区系電电訊讯稿者号日月年])(?:、[\u4e00-\u9fff々]{3,5})?"
)
"""A name in Japanese or Chinese; a note such as 敬称略 or 社会部 ends otherwise."""
_SIGNED_KOREAN: Final = re.compile(
    r"(?:\[[^\]\n]{2,20}\]\s?|[가-힣]{2,10}\s?=\s?)?[가-힣]{2,4}(?:\s?[·,]\s?[가-힣]{2,4}){0,4}\s?(?:선임|수습|인턴|전문)?\s?(?:기자|특파원)(?:\s*[\w.+-]{1,40}@[\w.-]{1,60})?\s*"
)
_BIOGRAPHY: Final = re.compile(
    r"((?:[^\W\d_][\w.'’-]*\s+){1,3}[^\W\d_][\w.'’-]*),?\s+(?:is|was|ist|war|est|es|é|è|är|er|jest|on|является|là|adalah)\s"
)
"""How a line on the author begins: ``Ann Berg is professor of law at ...``."""
_CREDIT_WITHIN: Final = re.compile(r"(?:作者|撰文|记者|記者|글쓴이|기자명)\s*[:：|]\s*\S")
_FOREIGN: Final = Hint.COMMENT | Hint.RELATED | Hint.NAV
_ARTICLES: Final = ("the", "der", "die", "das", "el", "la", "los", "las", "le", "les", "il", "lo", "o", "a", "de", "het", "al")  # fmt: skip
_MOST: Final = 12
_BELOW_TEXT: Final = 3
_BELOW: Final = 6
"""Blocks below the headline in which a byline goes before what the page states of itself."""
_BEFORE, _AFTER = 4, 12
"""Blocks around the headline in which its byline stands."""
_NEAR: Final = 4
"""Elements around a credit that tell what it belongs to."""
_LONGEST_LINE: Final = 120
_LONGEST_DAY: Final = 60
_LONGEST_NAME: Final = 60
_LONGEST_BIOGRAPHY: Final = 500
_ALL: Final = 90
"""Per cent of a block's letters."""


def authors_of(
    parser: LexborHTMLParser,
    meta: Metadata,
    layout: Layout,
    *,
    near: int,
    last: int = -1,
    site: str | None,
    selector: str | None = None,
    languages: tuple[str, ...] = (),
) -> tuple[str, ...]:
    """Return the authors' names in the order the page gives them; none where it names no person.

    The first kind of source that gives a full name is believed; a name of one word only if none does, and only where it
    is marked up as the author's: in running text one word may be anything. `near` is the number of the headline's block,
    `last` that of the text's last one. `selector` is a site rule's and goes before all. `languages` are those
    that a byline may be in.
    """
    shun = _shunned(meta, site)
    shun.update(fold(block.text) for block in layout.blocks[max(0, near) : near + 1])
    if selector:
        nodes = selected(parser, selector)[:10]
        return tuple(parts_in(clean(node.text(separator=" ")) for node in nodes))
    short: list[str] = []
    for source, stated in ((_from_json_ld(meta), True), (_from_metas(meta), True), (_from_elements(parser), False)):
        texts = source if stated else (without_lead(text, languages) for text in source)
        names = names_in(texts, shun, stated=stated)[:_MOST]
        if any(is_full(name) for name in names):
            return tuple((_from_other_byline(layout, near, names, shun) if stated else []) or names)
        short = short or names
    known = set(short)
    for lines in chain(
        _from_byline(parser, layout, near),
        _from_credits(layout),
        _from_signature(layout, last),
        _from_line_below(layout, last),
        boxed_names(layout.blocks, last),
    ):
        names = names_in((without_lead(text, languages) for text in lines), shun)
        if full := [name for name in names if is_full(name)]:
            return tuple(full[:_MOST])
        if not known.isdisjoint(names):
            break
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
    """Return what a site is called that is called after its address: with an article before it, too."""
    host = urlsplit_host(url)
    if not host:
        return ()
    label = host.rsplit(".", 1)[0]
    own = label.rsplit(".", 1)[-1]
    spaced = tuple(f"{article} {own.removeprefix(article)}" for article in _ARTICLES)
    return (host, label, host.split(".", 1)[0], *spaced)


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
            yield from (turned(value) for value in values) if key in _CATALOGUED else values
            return


def _from_elements(parser: LexborHTMLParser) -> Iterator[str]:
    """Yield the texts of the first byline that is marked up as one."""
    marks = _marks_in(parser)
    for query, needed in _ELEMENTS:
        if marks.isdisjoint(needed):
            continue
        nodes = [node for node in parser.css(query)[:20] if not _is_foreign(node) and not _is_of_organisation(node)]
        nodes = [node for node in nodes if not credits_others(words_before(node, back_to="a"))]
        if nodes:
            nodes = [node for node in nodes if _together(node, nodes[0])][:6]
            yield from (clean(node.attributes.get("content") or "") or _pieces(node) for node in nodes)
            return


def _marks_in(parser: LexborHTMLParser) -> set[str]:
    """Return the names by which elements of the page may be bylines, in small letters."""
    marks: set[str] = set()
    for node in _MARKED.find(parser):
        attributes = node.attributes
        marks.update((attributes.get("class") or "").lower().split())
        marks.update(f"{key} author" for key in ("itemprop", "rel") if attributes.get(key))
    return marks


def _is_foreign(node: LexborNode) -> bool:
    """Tell whether a node stands in a comment, beside the article, or in a list of other articles."""
    at: LexborNode | None = node
    for _ in range(7):
        if at is None or at.tag in ("article", "main", "body"):
            return False
        attributes = at.attributes
        name = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
        if at.tag in ("nav", "aside") or _is_named_foreign(name):
            return True
        at = at.parent
    return False


def _is_of_organisation(node: LexborNode) -> bool:
    """Tell whether the microdata item that a node is, or is a property of, is an organisation or a place."""
    at: LexborNode | None = node
    for _ in range(5):
        if at is None:
            return False
        kind = at.attributes.get("itemtype")
        if kind:
            return _NO_PERSON.search(kind) is not None
        at = at.parent
    return False


@lru_cache(maxsize=8192)
def _is_named_foreign(name: str) -> bool:
    return _OTHERS.search(name) is not None or (
        hints_of(name) & Hint.COMMENT != 0 and _COMMENTS.search(name) is not None
    )


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


def _from_byline(parser: LexborHTMLParser, layout: Layout, near: int) -> Iterator[list[str]]:
    """Yield the lines of short blocks that are named bylines, begin like one, or link to an author's page, the nearest first."""
    blocks = layout.blocks
    for index in sorted(range(max(0, near - _BEFORE), min(len(blocks), near + _AFTER)), key=lambda i: abs(i - near)):
        block = blocks[index]
        node = block.element.node
        if block.ink > _LONGEST_LINE or _is_foreign(node) or _is_of_organisation(node):
            continue
        lines = _author_links(block) if block.links or block.ink <= _LONGEST_NAME else []
        if not lines and (line := _glued(block)):
            yield [line]
            return
        if (
            _is_named_author(block)
            or is_lead(block.text)
            or (
                begins_credit(block.text.lstrip(_BEFORE_BY))
                and block.ink < _LONGEST_LINE // 2
                and not tells(block.text)
            )
            or (_CREDIT.match(block.text) and not tells(block.text))
            or _CREDIT_WITHIN.search(block.text)
        ):
            lines = lines or [_line_of(block)]
            if is_lead(block.text) and index + 1 < len(blocks) and blocks[index + 1].ink <= _LONGEST_NAME:
                lines = _next_lines(blocks, index)
        elif not lines and block.kind != "heading" and (line := _after_day(block.text)):
            lines = [line]
        elif not lines:
            lines = [line for line in _lines(block) if begins_credit(line)] or bare_names(parser, blocks, index, near)
        if lines:
            yield lines


def _from_other_byline(layout: Layout, near: int, stated: list[str], shun: AbstractSet[str]) -> list[str]:
    """Return the persons whom a line right below the headline names with "by", if they are all others than the `stated` ones.

    What a system states is who put the article in; readers are told who wrote it.
    """
    known = {word for name in stated for word in fold(name).split()}
    for block in layout.blocks[near + 1 : near + 1 + _BELOW] if near >= 0 else []:
        if block.ink > _LONGEST_NAME or not begins_credit(block.text) or tells(block.text):
            continue
        names = [name for name in names_in([_line_of(block)], shun) if is_full(name)]
        if names and not _is_beside(block.element):
            return [] if any(word in known for name in names for word in fold(name).split()) else names[:_MOST]
    return []


def _next_lines(blocks: Sequence[PageBlock], index: int) -> list[str]:
    """Return the line behind the block `index`, or all names of the list behind it."""
    lines = [_line_of(blocks[index + 1])]
    for block in blocks[index + 2 : index + _MOST]:
        if block.kind != "item" or blocks[index + 1].kind != "item" or not signs(block.text):
            break
        lines.append(block.text)
    return lines


def _glued(block: PageBlock) -> str:
    """Return the name in a line where "by" is an element of its own and no blank is between the two: ``ByAnn Berg``."""
    if block.ink > _LONGEST_NAME or block.element.node.css_first("span, a, b, strong, em, i, div") is None:
        return ""
    lead, _, rest = _pieces(block.element.node).partition("\n")
    name = rest.partition("\n")[0]
    return name if is_lead(lead) and signs(name) and block.text.startswith(lead + name) else ""


def _lines(block: PageBlock) -> list[str]:
    """Return the short lines of a block that has several."""
    return [line for line in block.text.split("\n") if len(line) <= _LONGEST_NAME] if "\n" in block.text else []


def _after_day(text: str) -> str:
    """Return what stands behind a day and "by": ``3 May 2024 | 14:07 | By Ann Berg`` gives ``Ann Berg``; empty for all else.

    Without "by", a full name and nothing else.
    """
    dated = _DAY_AND_NAME.fullmatch(text)
    if dated is not None and len(dated[1]) <= _LONGEST_DAY and read_date(dated[1]):
        name = _FILED.split(dated[2])[0].strip()
        if signs(name):
            return name
    line = after_by(text)
    before = text[: len(text) - len(line)]
    return line if line != text and _DAY.search(before) and len(before) <= _LONGEST_DAY and read_date(before) else ""


def _is_named_author(block: PageBlock) -> bool:
    """Tell whether a block is named for an author: it itself, or what holds nothing but it."""
    outer = block.element.parent
    hints = block.hints | block.element.hints
    if outer is not None and outer.last - outer.start == 1 and outer.tag != "body":
        hints |= outer.hints
    return hints & Hint.AUTHOR != 0


def _author_links(block: PageBlock) -> list[str]:
    """Return the texts of the links in a block that lead to pages of authors."""
    node = block.element.node
    links = node.css("a[href]")[:8]
    if not links and node.parent is not None and node.parent.tag == "a":
        links = [node.parent]
    return [
        _pieces(link)
        for link in links
        if is_author_page(link.attributes.get("href") or "") and not credits_others(words_before(link, back_to="a"))
    ]


def _line_of(block: PageBlock) -> str:
    """Return a block's text from the first name on, the parts that are elements of their own on lines of theirs."""
    node = block.element.node
    text = (
        _pieces(node).lstrip(_BEFORE_BY)
        if block.links or node.css_first("span, time, small, div") is not None
        else block.text
    )
    return after_by(text if len(text) <= 2 * _LONGEST_LINE else block.text)


def _from_credits(layout: Layout) -> Iterator[list[str]]:
    """Yield the text of each short block anywhere that is named for an author or says who wrote, comments apart.

    Where a block says "Author:" and no more, the next one says who.
    """
    blocks = layout.blocks
    for block in blocks:
        if block.ink > 3 * _LONGEST_LINE:
            continue
        if block.ink > _LONGEST_LINE:
            lines = [line for line in block.text.split("\n") if _CREDIT.match(line)] if "\n" in block.text else []
            lines = lines or (_author_links(block) if begins_credit(block.text) and block.links else [])
        elif (
            (_CREDIT.match(block.text) and not tells(block.text))
            or is_lead(block.text)
            or (block.ink < _LONGEST_LINE // 2 and says_who_wrote(block.text) and not tells(block.text))
            or (_is_named_author(block) and not _is_of_organisation(block.element.node))
        ):
            lines = [_line_of(block)]
            if (_CREDIT.fullmatch(block.text) or is_lead(block.text)) and block.index + 1 < len(blocks):
                lines = _next_lines(blocks, block.index)
            elif "\n" in block.text:
                lines = [line for line in block.text.split("\n") if _CREDIT.match(line)] or lines
        else:
            continue
        if names_in(lines, set()) and not _is_beside(block.element):
            yield ["\n".join(lines)]


def _is_beside(element: Element) -> bool:
    """Tell whether an element, or one closely around it, is named for comments, other articles or ways through the site."""
    at: Element | None = element
    for _ in range(_NEAR):
        if at is None:
            return False
        if at.hints & _FOREIGN or at.tag == "nav":
            return True
        at = at.parent
    return False


def _from_line_below(layout: Layout, last: int) -> Iterator[list[str]]:
    """Yield the text of a line right below the text, under no heading or link, that is "by" and a full name."""
    for block in layout.blocks[last + 1 : last + 1 + _BELOW_TEXT] if last >= 0 else []:
        if block.kind == "heading" or (block.link_ink * 2 > block.ink and not begins_credit(block.text)):
            return
        if block.ink <= _LONGEST_NAME and begins_credit(block.text):
            yield [block.text]


def _from_signature(layout: Layout, last: int) -> Iterator[list[str]]:
    """Yield the name that a text is signed with: its last block or the next one, all in bold or italics, in brackets, or behind a dash."""
    blocks = layout.blocks[max(0, last) : last + 2] if last >= 0 else []
    for block in blocks:
        if (
            block.element.parent is not blocks[0].element.parent
            or block.kind == "heading"
            or block.ink > _LONGEST_BIOGRAPHY
            or block.link_ink > block.ink // 2
        ):
            continue
        signed = _SIGNED.fullmatch(block.text)
        text = (signed[1] or signed[2]) if signed is not None else ""
        if not text and (block.bold > _ALL or block.emphasis > _ALL):
            text = block.text
        about = _BIOGRAPHY.match(block.text) if block.emphasis > _ALL else None
        if about is not None and signs(about[1]) and not is_of_page(about[1]):
            yield [about[1]]
            return
        if block.ink <= _LONGEST_LINE // 2 and (
            (text and (signs(text) or _SIGNED_DENSE.fullmatch(text)))
            or _SIGNED_KOREAN.fullmatch(block.text)
            or (begins_credit(block.text) and not tells(block.text))
        ):
            yield [text or block.text]
            return
