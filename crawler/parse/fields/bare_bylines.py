"""Names near the headline that no "by" leads to: marked up within a line, beside a day, or alone in a box named for it.

They are told from what else is two words with capitals by what stands around them; where that says nothing, there is no
name.
"""

from __future__ import annotations

__all__ = ["bare_names", "boxed_names", "is_author_page"]

import re
from collections.abc import Iterator, Sequence
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.parse.dates import read_date
from crawler.parse.fields.names import begins_credit, is_calling, is_of_page, names_in, signs
from crawler.parse.page.blocks import Element, PageBlock
from crawler.parse.page.hints import Hint, hints_of
from crawler.parse.page.text import clean

_AUTHORS_PAGE: Final = re.compile(
    r"/(?:userprofile|user-profile|authors?|autore?s?|autor(?:en|in|es|a)?|auteurs?|writers?|reporters?|journalists?|journalistes?|newsteam|news-team|people|persons?|profiles?|staff|contributors?|contributor|columnists?|"
    r"editors?|by|equipo|redaktion|redaktor|avtor|yazar(?:lar)?|muhabir|penulis|tac-gia|skribent|forfatter|toimittaja)s?/[^/?#]",
    re.IGNORECASE,
)
_NAMED: Final = re.compile(r"\b(?:firma|assinatura|user-?name|avatar|penulis|reporter)\b", re.IGNORECASE)
"""What names an element for who wrote, besides what hints know."""
_NAMING: Final = "[class],[data-testid],[data-test],[data-qa],[title]"
_PARTS: Final = re.compile(r"\s*(?:[|–—·•∙●\n]|\s[-/]\s)\s*")
_OTHER: Final = Hint.TAGS | Hint.KICKER | Hint.CAPTION | Hint.NAV | Hint.COMMENT
_PICTURE: Final = re.compile(r"phot|foto|bild|video|camera|illustrat|graphi|grafik|фото", re.IGNORECASE)
_CALLED: Final = re.compile(r"[가-힣]{2,4} ?(?:선임|수습|인턴|전문)? ?(?:기자|특파원)")
"""A Korean name and its bearer's calling."""
_LONGEST_DAY: Final = 60
_MOST_PARTS: Final = 5
_LONGEST_NAME: Final = 60
_MOST_BLOCKS: Final = 8
_MOST_INK: Final = 240
"""Letters of a box that holds a byline and nothing else."""


def bare_names(parser: LexborHTMLParser, blocks: Sequence[PageBlock], index: int, near: int) -> list[str]:
    """Return the names of persons in the block `index` of `blocks` that stand there as bylines do without "by".

    `near` is the number of the headline's block.
    """
    block = blocks[index]
    if block.kind == "heading" or (block.hints | block.element.hints) & _OTHER:
        return []
    marked = [name for name in _marked(block.element.node) if name in block.text]
    if marked:
        return marked
    if block.links:
        return _in_box(blocks, block)
    return _in_box(blocks, block) or (_beside_day(parser, blocks, index) if index > near else [])


def boxed_names(blocks: Sequence[PageBlock], last: int) -> Iterator[list[str]]:
    """Yield the names that stand alone in boxes named for authors below the text, whose last block is `last`."""
    for block in blocks[last + 1 : last + 1 + _MOST_BLOCKS] if last >= 0 else []:
        text = block.text
        if block.ink > _LONGEST_NAME or not signs(text) or is_of_page(text):
            continue
        hints = [one.hints for one in _around(block)]
        if any(hint & Hint.AUTHOR for hint in hints) and not any(hint & (_OTHER | Hint.RELATED) for hint in hints):
            yield [text]


def _marked(node: LexborNode) -> list[str]:
    """Return the full names that are elements of their own, marked as who wrote."""
    found: dict[str, None] = {}
    for inner in node.css(_NAMING)[:12]:
        if _is_for_authors(inner):
            text = clean(inner.text(separator=" "))
            if signs(text):
                found[text] = None
    return list(found)


def _is_for_authors(node: LexborNode) -> bool:
    attributes = node.attributes
    name = " ".join(filter(None, (attributes.get(key) for key in ("class", "data-testid", "data-test", "data-qa"))))
    return (hints_of(name) & (Hint.AUTHOR | _OTHER)) == Hint.AUTHOR or _NAMED.search(name) is not None


def _in_box(blocks: Sequence[PageBlock], block: PageBlock) -> list[str]:
    """Return the names that stand alone on lines of the box around `block`, if it is a small one that is named for authors."""
    box = next((one for one in _around(block) if _is_for_authors(one.node)), None)
    if box is None or box.last - box.start > _MOST_BLOCKS or box.ink > _MOST_INK or box.hints & _OTHER:
        return []
    lines = [_lines_of(one) for one in blocks[box.start : box.last]]
    found = []
    for place, (first, *rest) in enumerate(lines):
        after = rest or [line for following in lines[place + 1 : place + 2] for line in following]
        if signs(first) and not any(_PICTURE.search(line) for line in after):
            found.append(first)
    return found


def _lines_of(block: PageBlock) -> list[str]:
    """Return the texts of a block's inline elements, a line each: a name and a calling may stand without a blank."""
    pieces = [clean(piece) for piece in block.element.node.text(separator="\x01").split("\x01")]
    lines = [piece for piece in pieces if piece]
    return lines if "".join(lines).replace(" ", "") == block.text.replace(" ", "") else [block.text]


def _around(block: PageBlock) -> Iterator[Element]:
    at: Element | None = block.element
    for _ in range(3):
        if at is None or at.tag in ("body", "main", "article"):
            return
        yield at
        at = at.parent


def _beside_day(parser: LexborHTMLParser, blocks: Sequence[PageBlock], index: int) -> list[str]:
    """Return the name that shares its line with a day, or stands alone on the line before or after one."""
    text = blocks[index].text
    parts = [part for line in _lines_of(blocks[index]) for part in _PARTS.split(line) if part]
    if len(parts) > 1:
        if len(parts) > _MOST_PARTS or not any(_is_day(part) for part in parts):
            return []
        led = [part for part in parts if begins_credit(part)]
        persons = [name for part in parts for name in _persons_in(parser, part)]
        return led or (persons[:1] if len(persons) == 1 or persons[:1] == parts[:1] else [])
    name, _, rest = text.partition(",")
    if rest and _is_day(rest) and len(text) <= _LONGEST_DAY:
        return [name] if _is_person(parser, name) else []
    if not _is_person(parser, text):
        return []
    own = blocks[index].element.parent
    beside = [blocks[at] for at in (index - 1, index + 1) if 0 <= at < len(blocks)]
    beside = [one for one in beside if one.element.parent is own]
    called = bool(beside) and beside[-1].index > index and is_calling(beside[-1].text)
    return [text] if called or any(_is_day(_PARTS.split(one.text)[0]) for one in beside) else []


def _persons_in(parser: LexborHTMLParser, part: str) -> list[str]:
    """Return the name that is all of a line's part, but for its bearer's calling."""
    if _CALLED.fullmatch(part):
        return names_in([part], set())
    name, _, rest = part.partition(",")
    if any(map(str.isdigit, part)):
        return []
    return [name] if _is_person(parser, name) and (not rest or is_calling(rest)) else []


def _is_person(parser: LexborHTMLParser, text: str) -> bool:
    """Tell whether `text` is a full name, and none of what the page's own ways lead to: parts of a paper, series, teams."""
    if not signs(text) or is_of_page(text):
        return False
    links = parser.css("a[href]")
    return all(is_author_page(link.attributes.get("href") or "") for link in links if clean(link.text()) == text)


def is_author_page(address: str) -> bool:
    """Tell whether a link's `address` is that of a page about somebody who writes: ``/author/ann-berg``."""
    return _AUTHORS_PAGE.search(address) is not None


def _is_day(text: str) -> bool:
    return len(text) <= _LONGEST_DAY and any(letter.isdigit() for letter in text) and read_date(text) is not None
