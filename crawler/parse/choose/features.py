"""What the learned selection sees of each block: numbers about its text, its place, its neighbours and its class names.

Every value is an integer, so that a page gives the same numbers on every machine. `FEATURES` names them in order; those
of `BITS` are sets of bits, each bit a feature of its own to the model.
"""

from __future__ import annotations

__all__ = ["BITS", "FEATURES", "PASSED_OVER", "Measures", "measure"]

import re
from functools import lru_cache
from typing import Final, NamedTuple

from crawler.parse.choose.lexicon import bits_and_share
from crawler.parse.choose.structure import outside
from crawler.parse.fields.metadata import Metadata, texts_of, urlsplit_host
from crawler.parse.native import capitals
from crawler.parse.page.blocks import Element, Layout, PageBlock
from crawler.parse.page.hints import Hint
from crawler.parse.page.text import squeezed, words

FEATURES: Final = (
    "own_hints", "near_hints", "all_hints", "region", "lexical", "head_lexical",
    "ink", "link_share", "kind", "level", "tag", "bold", "emphasis", "ending", "opening",
    "capitals", "title_share", "described", "in_ld", "copies", "position", "ink_before", "from_title",
    "in_main", "main_step", "main_before", "main_links", "main_share",
    "p_paras", "p_para_ink", "p_links", "p_blocks", "p_items", "g_paras", "g_links", "g_blocks",
    "sig_count", "sig_ink", "sig_links", "sig_same",
    "prev_ink", "prev_links", "prev_kind", "next_ink", "next_links", "next_kind",
    "since_head", "page_paras", "page_ink", "depth", "hidden", "pictures", "order_in_parent", "left_in_parent",
    "article_of", "h1_before", "since_furniture", "furniture_before",
    "box_lexical", "box_blocks", "box_links", "box_paras", "box_head",
)  # fmt: skip
BITS: Final = frozenset((
    "own_hints", "near_hints", "all_hints", "region", "lexical", "head_lexical", "box_lexical",
))  # fmt: skip
_BOX: Final = 12
"""Blocks of a box, at most: an element that the headline does not lie in."""
_HEAD: Final = 240
_REGIONS: Final = ("nav", "aside", "footer", "header", "form", "figure", "article", "main", "blockquote", "dialog")
_KINDS: Final = {"paragraph": 0, "heading": 1, "item": 2, "quote": 3, "table": 4, "pre": 5}
_TAGS: Final = {
    "p": 0,
    "div": 1,
    "li": 2,
    "td": 3,
    "figcaption": 4,
    "blockquote": 5,
    "section": 6,
    "dd": 7,
    "dt": 7,
    "article": 8,
    "th": 3,
    "body": 9,
    "header": 10,
}
_STOP: Final = frozenset(".!?…。！？؟।۔׃﹒｡")
_CLOSERS: Final = "\"'”’»“)]』」）】 "
_LETTER: Final = re.compile(r"[^\W_]")
_DIGIT: Final = re.compile(r"\d")


_NO_BOX: Final = [0, 0]
_NO_WORDS: Final[list[str]] = []
_LINES: Final = frozenset(("p", "h1", "h2", "h3", "h4", "h5", "h6", "li", "blockquote", "td", "tr"))
"""Elements that are not boxes: a paragraph, a heading, an item."""
_SHORT: Final = 400
_MOST_ROWS: Final = 5_000
_TITLE_LENGTH: Final = 250
PASSED_OVER: Final = "navigation or links"
_FURNITURE: Final = Hint.RELATED | Hint.SHARE | Hint.COMMENT | Hint.SIGNUP | Hint.TAGS | Hint.AUTHOR | Hint.FOOT


class Measures(NamedTuple):
    """The feature rows of a page's blocks (None: a block that cannot be the article's), and what context needs."""

    rows: list[list[int] | None]
    signatures: list[tuple[str, str, str]]
    boxes: list[Element | None]
    """For each element the largest small one around it."""
    outside: list[str]
    """Why a block lies outside the article; empty for those that may be in it."""
    bits: list[int]
    """The `lexical_bits` of short blocks."""
    host: str
    """The page's own, without ``www.``."""


def _excluded(block: PageBlock) -> bool:
    """Tell whether a block is out of the question: navigation, footers of the site, lists of links."""
    element = block.element
    region = element.region
    if region:
        if "nav" in region or "dialog" in region:
            return True
        if "footer" in region and "article" not in region:
            return True
    if (
        block.ink < 2
        or not (block.text[0].isalpha() or _LETTER.search(block.text))
        or (block.ink <= 3 and block.kind != "heading")
    ):
        return True
    return block.link_ink * 10 >= block.ink * 9 and block.ink < 60 and block.kind != "heading"


def _main_element(layout: Layout, out: list[str]) -> Element:
    """Return the element whose near descendants hold most prose."""
    scores: dict[int, int] = {}
    for block in layout.blocks:
        if block.ink < 60 or block.link_ink * 3 > block.ink or block.kind == "heading" or out[block.index]:
            continue
        element: Element | None = block.element
        if element is None or element.inherited & (Hint.COMMENT | Hint.FOOT | Hint.CONSENT) or element.hidden:
            continue
        weight = min(block.ink, 1500)
        if element.tag in ("p", "li", "blockquote", "h2", "h3") and element.parent is not None:
            element = element.parent
        for share in (4, 2, 1):
            if element is None:
                break
            scores[element.index] = scores.get(element.index, 0) + weight * share
            element = element.parent
    if not scores:
        return layout.elements[0]
    return layout.elements[max(scores, key=lambda index: (scores[index], -index))]


def measure(layout: Layout, meta: Metadata, *, title: str | None, title_block: int) -> Measures:
    """Return the features of every block of the page."""
    return _Measuring(layout, meta, title, title_block).run()


class _Measuring:
    """Sums over the page that the rows refer to."""

    def __init__(self, layout: Layout, meta: Metadata, title: str | None, title_block: int) -> None:
        self.layout = layout
        self.blocks = layout.blocks
        self.title_block = title_block
        self.host = urlsplit_host(meta.url)
        self.title = list(dict.fromkeys(words(title or "")))
        described = [
            *meta.metas.get("description", ()),
            *meta.metas.get("og:description", ()),
            *texts_of(meta.article.get("description")),
        ]
        self.described = [squeezed(text) for text in dict.fromkeys(described) if len(text) > 20][:3]
        self.ld = squeezed(" ".join(texts_of(meta.article.get("articleBody")) or texts_of(meta.article.get("text"))))
        self.out = outside(layout, title=title, title_block=title_block)
        for block in self.blocks:
            if not self.out[block.index] and _excluded(block):
                self.out[block.index] = PASSED_OVER
        self._bound()
        self.main = _main_element(layout, self.out)
        self.total = sum(block.ink for block in self.blocks) or 1
        self.paras = layout.elements[0].paras if layout.elements else 0
        self.para_ink = layout.elements[0].para_ink if layout.elements else 0
        self.copies: dict[str, int] = {}
        self.sigs: dict[tuple[str, str, str], list[int]] = {}
        self.signatures: list[tuple[str, str, str]] = []
        self.bits: list[int] = []
        self.title_shares: list[int] = []
        self.boxes: list[Element | None] = []
        self.box_sums: dict[int, list[int]] = {}
        self.h1_before = self.furniture_before = 0
        self.since_furniture = 99
        self._articles()

    def run(self) -> Measures:
        """Return the rows."""
        for block in self.blocks:
            self.copies[block.text] = self.copies.get(block.text, 0) + 1
            element = block.element
            outer = element.parent
            sig = (block.tag, _kin(element.name), _kin(outer.name) if outer else "")
            self.signatures.append(sig)
            sums = self.sigs.setdefault(sig, [0, 0, 0])
            sums[0] += 1
            sums[1] += block.ink
            sums[2] += block.link_ink
        self._read()
        self._boxes()
        rows: list[list[int] | None] = []
        seen = main_seen = 0
        since_head, head_bits = 99, 0
        for index, block in enumerate(self.blocks):
            if self.out[index]:
                rows.append(None)
            else:
                rows.append(self._row(index, block, head_bits, seen, main_seen, since_head))
            seen += block.ink
            since_head += 1
            if block.kind == "heading":
                since_head, head_bits = 0, self.bits[index]
            if self.main.start <= index < self.main.last:
                main_seen += block.ink
            self.since_furniture += 1
            if index > self.title_block:
                if block.element.inherited & _FURNITURE:
                    self.furniture_before += 1
                    self.since_furniture = 0
                if block.kind == "heading" and block.level == 1:
                    self.h1_before += 1
        return Measures(rows, self.signatures, self.boxes, self.out, self.bits, self.host)

    def _bound(self) -> None:
        """Let no more blocks be judged than an article can have."""
        left = _MOST_ROWS
        for index, reason in enumerate(self.out):
            if not reason:
                left -= 1
                if left < 0:
                    self.out[index] = "beyond the blocks that are judged"

    def _read(self) -> None:
        """Look at the words of every short block once: which phrases, and how many of the headline's."""
        for block in self.blocks:
            bits = share = 0
            if block.ink < _SHORT and (not self.out[block.index] or block.kind == "heading"):
                bits, share = bits_and_share(block.text, self.title if block.ink < _TITLE_LENGTH else _NO_WORDS)
            self.bits.append(bits)
            self.title_shares.append(share)

    def _boxes(self) -> None:
        """Find the largest small element around every block, and what its blocks say together."""
        boxes: list[Element | None] = []
        for element in self.layout.elements:
            box = boxes[element.parent.index] if element.parent is not None else None
            holds_title = element.start <= self.title_block < element.last
            if box is None and element.last - element.start <= _BOX and not holds_title and element.tag not in _LINES:
                box = element
            boxes.append(box)
        self.boxes = boxes
        for block in self.blocks:
            box = boxes[block.element.index]
            if box is None:
                continue
            sums = self.box_sums.setdefault(box.index, [0, 0])
            sums[0] |= self.bits[block.index]
            if block.kind == "heading" and not sums[1]:
                sums[1] = 2 if block.link_ink * 10 >= block.ink * 9 else 1

    def _articles(self) -> None:
        """Find the innermost ``article`` around every element, by number; 0 where there is none."""
        inner = [0] * len(self.layout.elements)
        for element in self.layout.elements:
            if element.tag == "article":
                inner[element.index] = element.index
            elif element.parent is not None:
                inner[element.index] = inner[element.parent.index]
        at = self.blocks[self.title_block].element.index if 0 <= self.title_block < len(self.blocks) else 0
        self.articles = inner
        self.title_article, self.main_article = inner[at], inner[self.main.index]

    def _article_of(self, element: Element) -> int:
        """0: in no ``article``; 1: in the headline's; 2: in the one that holds most prose; 3: in another one."""
        inner = self.articles[element.index]
        if not inner:
            return 0
        if inner == self.title_article:
            return 1
        return 2 if inner == self.main_article else 3

    def _row(
        self, index: int, block: PageBlock, head_bits: int, seen: int, main_seen: int, since_head: int
    ) -> list[int]:
        text, ink, element = block.text, block.ink, block.element
        outer = element.parent or element
        grand = outer.parent or outer
        blocks, main, count = self.blocks, self.main, len(self.blocks)
        in_main = main.start <= index < main.last
        sig = self.signatures[index]
        sums = self.sigs[sig]
        before = blocks[index - 1] if index else block
        after = blocks[index + 1] if index + 1 < count else block
        box = self.boxes[element.index]
        box_bits, box_head = self.box_sums[box.index] if box is not None else _NO_BOX
        head = squeezed(text[:80]) if self.ld or self.described else ""
        return [
            element.hints | block.hints, outer.hints | grand.hints, element.inherited | block.hints,
            _region_bits(element.region), self.bits[index], head_bits,
            ink, 100 * block.link_ink // ink, _KINDS[block.kind], block.level, _TAGS.get(block.tag, 11), block.bold, block.emphasis,
            _ending(text), _opening(text), _capitals(text[:_HEAD]), self.title_shares[index],
            self._described(head, text, ink), self._in_ld(head, text), self.copies[text], 1000 * index // count, 1000 * seen // self.total,
            max(-60, min(250, index - self.title_block)) if self.title_block >= 0 else -99,
            int(in_main), _steps(element, main) if in_main else 9, 1000 * main_seen // (main.ink or 1) if in_main else (-1 if index < main.start else 1001),
            100 * main.link_ink // (main.ink or 1), 100 * main.para_ink // (self.para_ink or 1),
            outer.paras, 100 * outer.para_ink // (self.para_ink or 1), 100 * outer.link_ink // (outer.ink or 1), outer.last - outer.start, outer.items,
            grand.paras, 100 * grand.link_ink // (grand.ink or 1), grand.last - grand.start,
            sums[0], sums[1] // sums[0], 100 * sums[2] // (sums[1] or 1), 100 * sums[1] // self.total,
            before.ink, 100 * before.link_ink // before.ink, _KINDS[before.kind],
            after.ink, 100 * after.link_ink // after.ink, _KINDS[after.kind],
            min(since_head, 99), self.paras, self.para_ink, element.depth, int(element.hidden),
            min(block.pictures, 9), index - outer.start, outer.last - index,
            self._article_of(element), self.h1_before, min(self.since_furniture, 99), min(self.furniture_before, 99),
            box_bits, box.last - box.start if box is not None else 99, 100 * box.link_ink // (box.ink or 1) if box is not None else 0,
            box.paras if box is not None else -1, box_head,
        ]  # fmt: skip

    def _described(self, head: str, text: str, ink: int) -> int:
        """3: is the description; 2: begins it; 1: is a part of it. `head` is the squeezed beginning of `text`."""
        if not self.described or ink < 20 or ink >= 800:
            return 0
        best = 0
        for known in self.described:
            if known.startswith(head[:40]):
                if squeezed(text) == known:
                    return 3
                best = 2
            elif len(head) > 20 and head in known:
                best = best or 1
        return best

    def _in_ld(self, head: str, text: str) -> int:
        """2: the block's beginning is in the JSON-LD text; 1: its middle; 0: neither; -1: there is no such text."""
        if not self.ld:
            return -1
        if head in self.ld:
            return 2
        half = len(text) // 2
        return int(len(text) > 80 and squeezed(text[half : half + 60]) in self.ld)


@lru_cache(maxsize=32768)
def _kin(name: str) -> str:
    """Return a name without the tokens that number an element (``par4``, ``post-7812``) or stand for its style's hash."""
    if _DIGIT.search(name) is None:
        return name[:60]
    return " ".join([token for token in name[:200].split() if _DIGIT.search(token) is None])[:60]


def _capitals(head: str) -> int:
    """Return how much of `head` is capitals, per cent."""
    return 100 * capitals(head) // len(head)


@lru_cache(maxsize=1024)
def _region_bits(region: str) -> int:
    return sum(1 << order for order, name in enumerate(_REGIONS) if name in region) if region else 0


def _steps(element: Element, main: Element) -> int:
    """Return how far below `main` a block's element is, at most 8."""
    return min(8, element.depth - main.depth)


def _ending(text: str) -> int:
    last = text[-12:].rstrip(_CLOSERS)[-1:]
    if last in _STOP and last:
        return 3
    if last in (":", "："):
        return 2
    if last in (",", ";", "،", "，"):
        return 1
    return 0 if last.isalnum() else 4


def _opening(text: str) -> int:
    first = text[0]
    if first.isdigit():
        return 2
    if first.isalpha():
        if first.isupper():
            return 1
        return 0 if first.islower() else 5
    return 3 if first in "\"'“”„«»‘’‚「『(（[" else 4
