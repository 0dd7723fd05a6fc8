"""A page's text blocks, the elements around them and what they measure: the values between parsing and selection.

A block is a run of inline content between two block boundaries. Selection reads nothing but these values, and rendering
reads only those that were selected.
"""

from __future__ import annotations

__all__ = ["Element", "Layout", "PageBlock", "Picture"]

from selectolax.lexbor import LexborNode

from crawler.parse.page.hints import hints_of
from crawler.parse.page.text import unit_length


class Element:
    """A block-level element that holds text, and sums over the blocks in it."""

    __slots__ = (
        "blocks", "depth", "heads", "hidden", "hints", "index", "inherited", "ink", "items", "last", "level", "link_ink",
        "name", "node", "ordinal", "para_ink", "paras", "parent", "posting", "region", "start", "tag", "used", "veiled",
    )  # fmt: skip

    def __init__(self, node: LexborNode, tag: str, parent: Element | None, name: str) -> None:
        self.node = node
        self.tag = tag
        self.parent = parent
        self.name = name
        self.index = 0
        self.hints = hints_of(name) if name else 0
        self.inherited = self.hints
        self.depth = 0
        self.hidden = False
        self.veiled = False
        self.posting = tag == "article"
        self.region = ""
        self.level = 0
        self.ordinal: int | None = None
        self.used = False
        self.start = 0
        self.last = 0
        self.blocks = 0
        self.ink = 0
        self.link_ink = 0
        self.para_ink = 0
        self.paras = 0
        self.items = 0
        self.heads = 0
        if parent is not None:
            self.depth = parent.depth + 1
            self.hidden = parent.hidden
            self.veiled = parent.veiled
            self.region = parent.region
            self.level = parent.level
            self.inherited |= parent.inherited if parent.tag != "body" else 0


class PageBlock:
    """A run of inline content."""

    __slots__ = (
        "bold",
        "element",
        "emphasis",
        "hints",
        "index",
        "ink",
        "kind",
        "level",
        "link_ink",
        "links",
        "ordinal",
        "pictures",
        "tag",
        "text",
        "timed",
    )  # fmt: skip

    def __init__(self, element: Element, index: int, text: str) -> None:
        self.element = element
        self.index = index
        self.text = text
        self.tag = element.tag
        self.kind = "paragraph"
        self.level = 0
        self.ordinal: int | None = None
        self.hints = 0
        self.ink = unit_length(text)
        self.link_ink = 0
        self.links = 0
        self.bold = 0
        self.emphasis = 0
        self.timed = 0
        self.pictures = 0


class Picture:
    """An image element: where it stands (number of the next block) and its attributes; `twin` if it stands in a ``noscript``."""

    __slots__ = ("attributes", "element", "node", "position", "twin")

    def __init__(self, position: int, element: Element, node: LexborNode, *, twin: bool = False) -> None:
        self.position = position
        self.element = element
        self.node = node
        self.attributes = node.attributes
        self.twin = twin


class Layout:
    """What a walk over a page found."""

    __slots__ = ("blocks", "capped", "elements", "pictures")

    def __init__(self) -> None:
        self.capped = False
        self.blocks: list[PageBlock] = []
        self.elements: list[Element] = []
        self.pictures: list[Picture] = []
