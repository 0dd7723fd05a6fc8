"""One walk over a page's tree, without recursion, to its blocks in reading order.

Two line breaks end a block, one is a line of it. Nothing is judged here but what cannot be text: scripts, form
controls, and navigation and footers outside an article.
"""

from __future__ import annotations

__all__ = ["MAX_BLOCK", "flatten"]

from typing import Final

from selectolax.lexbor import LexborNode

from crawler.parse.native import Cursor
from crawler.parse.page.blocks import Element, Layout, PageBlock, Picture
from crawler.parse.page.elements import (
    BADGE_LENGTH,
    BLOCK,
    BOLD,
    EMPHASIS,
    HEADINGS,
    INLINE,
    LANDMARKS,
    LEAST_ALONE,
    LINES,
    LIST,
    MORE_LENGTH,
    NAMING,
    NOTED,
    OUTSIDE,
    PASSED,
    PICTURE,
    PLACED,
    QUESTION,
    QUOTES,
    SHOWN_AS_BLOCK,
    SKIP,
    TITLED,
    UNFOLDED,
    goes_on,
    heading_of,
    holds_prose,
    integer,
    is_hidden,
    is_named_block,
    kind_of,
    note,
    number,
    tag_names,
)
from crawler.parse.page.hints import hints_of
from crawler.parse.page.insets import BADGE, MORE, TIP, UNSEEN, inset_of, says_more
from crawler.parse.page.tables import data_table
from crawler.parse.page.text import clean

MAX_BLOCKS: Final = 20_000
"""A page with more is no article; what comes after them is left out."""
MAX_BLOCK: Final = 1_000_000
"""Characters of one block; what is longer is no paragraph, and is cut."""
_NOTED: Final = NOTED | {"aria-modal", "start", "value"}
"""Attributes of blocks that say more than their names; most blocks have none of them."""
_NO_ATTRIBUTES: Final[dict[str, str | None]] = {}


def flatten(root: LexborNode, *, removed: frozenset[int] = frozenset()) -> Layout:
    """Return the blocks below `root`; elements whose ``mem_id`` is in `removed` are passed over."""
    return _Walker(removed).walk(root)


class _Walker:
    """State of one walk: the open block, and how deep in links, bold and emphasis the walk is."""

    def __init__(self, removed: frozenset[int]) -> None:
        self.layout = Layout()
        self.insets: list[_Inset] = []
        self.flushed = 0
        self.quotes = self.pictures = 0
        self.removed = removed
        self.parts: list[str] = []
        self.link_depth = self.bold_depth = self.emphasis_depth = self.time_depth = 0
        self.inline: list[int] = []
        self.pre_depth = 0
        self._reset()

    def _reset(self) -> None:
        self.parts.clear()
        self.link = self.bold = self.emphasis = self.timed = self.inked = 0
        self.links = 0
        self.hint_ink: dict[int, int] = {}
        self.broken = False

    def walk(self, root: LexborNode) -> Layout:
        """Visit every node once; `stack` holds what is open, with how to close it."""
        top = Element(root, root.tag or "body", None, "")
        top.tag = "body"
        self.layout.elements.append(top)
        self.element = top
        self.cursor = cursor = Cursor(root, tag_names(), NAMING, _NOTED)
        stack: list[tuple[str, Element | None]] = []
        parts = self.parts
        into = True
        while True:
            tag = cursor.step(into)
            into = False
            if tag is None:
                break
            if tag == "-blank":
                if self.pre_depth:
                    self._text(cursor.text() or "")
                elif parts:
                    parts.append(" ")
            elif tag == "-text":
                self._text(cursor.text() or "")
            elif tag == "-end":
                kind, outer = stack.pop()
                if kind:
                    self._close(kind, outer)
            else:
                opened = self._opened(tag)
                if opened is not None:
                    stack.append(opened)
                    into = True
        self._flush()
        self._sum()
        return self.layout

    # ---- nodes

    def _opened(self, tag: str) -> tuple[str, Element | None] | None:
        """Begin the element where the cursor stands; None if its content is passed over."""
        if tag in BLOCK:
            return self._open_block(tag)
        if tag in SKIP:
            return self._open_skipped(tag)
        return self._open(tag)

    def _node(self) -> LexborNode:
        """Return the element where the cursor stands."""
        node = self.cursor.node()
        assert node is not None
        return node

    def _open(self, tag: str) -> tuple[str, Element | None] | None:
        """Begin an inline element; None if its content is passed over."""
        if tag == "br":
            self._break()
            return None
        if self.removed and self._node().mem_id in self.removed:
            return None
        if tag in PICTURE:
            self._picture(self._node())
            return None
        if tag == "a":
            self.link_depth += 1
            self.links += 1
            if not self.inked:
                return "a", None
            self.insets.append(_Inset(self, 0))
            return "further a", None
        if tag in INLINE:
            return self._open_inline()
        if tag in PASSED:
            return None
        return self._open_styled(tag) or self._open_unknown(tag)

    def _open_styled(self, tag: str) -> tuple[str, Element | None] | None:
        """Begin an element that says how its text is set; None for others."""
        if tag in BOLD:
            self.bold_depth += 1
            return "b", None
        if tag in EMPHASIS:
            self.emphasis_depth += 1
            return "i", None
        if tag == "time":
            self.time_depth += 1
            return "time", None
        if tag == "q":
            self.parts.append("‘" if self.quotes % 2 else "“")
            self.quotes += 1
            self.insets.append(_Inset(self, 0))
            return "q", None
        return None

    def _open_unknown(self, tag: str) -> tuple[str, Element | None] | None:
        """Begin an element that HTML does not know: a block by its name, or because no text runs into it."""
        if self.element.tag not in LINES and (is_named_block(tag) or not (self.inked or self._is_in_line())):
            return self._open_block(tag)
        return self._open_inline()

    def _is_in_line(self) -> bool:
        """Tell whether the element is a word or two, or has text behind it on its line."""
        node = self._node()
        return goes_on(node) or len(node.text()) < LEAST_ALONE

    def _open_inline(self) -> tuple[str, Element | None] | None:
        attributes = self.cursor.attributes()
        if not attributes:
            return "", None
        style = attributes.get("style")
        if is_hidden(attributes, style):
            return None
        if style and SHOWN_AS_BLOCK.search(style) and self.element.tag not in HEADINGS:
            return self._open_block("div")
        name = attributes.get("class")
        hints = hints_of(name) if name else 0
        inset = inset_of(name, hints) if name else 0
        if attributes.get("role") == "tooltip":
            inset |= TIP
        if not (hints or inset or self.inked):
            return "", None
        self.insets.append(_Inset(self, inset))
        self.inline.append(hints)
        return "hint", None

    def _open_skipped(self, tag: str) -> tuple[str, Element | None] | None:
        """Begin what is mostly passed over, if it holds text for readers."""
        if tag not in UNFOLDED:
            return None
        node = self._node()
        if tag == "template":
            if "shadowrootmode" in node.attributes and (inner := node.template_fragments()):
                self.cursor.enter(inner[0])
                return "", None
        elif tag == "button":
            if self.element.tag in TITLED and not self.inked and not goes_on(node):
                return "", None
            if clean(node.text()).endswith(QUESTION):
                return self._open_block("div")
        elif tag == "noscript":
            if holds_prose(node):
                return "", None
            for picture in node.css("img")[:2]:
                self._picture(picture, twin=True)
        return None

    def _picture(self, node: LexborNode, *, twin: bool = False) -> None:
        """Note an image; `twin` if it is what a ``noscript`` shows in place of one that a script loads."""
        self.layout.pictures.append(Picture(len(self.layout.blocks), self.element, node, twin=twin))

    def _open_block(self, tag: str) -> tuple[str, Element | None] | None:
        node = self._node()
        if self.removed and node.mem_id in self.removed:
            return None
        if self.parts:
            self._flush()
        else:
            self.broken = False
            self.links = 0
        outer = self.element
        if tag in OUTSIDE and "article" not in outer.region and node.css_first("h1, main, article") is None:
            return None
        name, is_noted = self.cursor.named()
        attributes = self.cursor.attributes() if is_noted else _NO_ATTRIBUTES
        if is_noted and "aria-modal" in attributes and node.css_first("h1, main, article") is None:
            return None
        element = Element(node, tag, outer, name) if tag in BLOCK else Element(node, "div", outer, f"{tag} {name}")
        if is_noted:
            note(element, attributes)
        if tag == "table" and (text := data_table(node)):
            self.element = element
            self._register(element)
            self._emit(text, "table")
            element.last = len(self.layout.blocks)
            self.element = outer
            return None
        if tag in PLACED:
            self._place(element, tag, attributes)
        self._register(element)
        self.element = element
        return ("pre" if tag == "pre" else "block"), outer

    def _register(self, element: Element) -> None:
        element.index = len(self.layout.elements)
        element.start = len(self.layout.blocks)
        self.layout.elements.append(element)

    def _place(self, element: Element, tag: str, attributes: dict[str, str | None]) -> None:
        """Note the landmark, list level or number that `element` gives to its content."""
        if tag in LANDMARKS:
            element.region = f"{element.region} {tag}"
        elif tag in LIST:
            element.level += 1
            element.ordinal = None
            if tag == "ol":
                element.ordinal = integer(attributes.get("start"), 1)
        elif tag == "li":
            outer = element.parent
            if outer is not None and outer.ordinal is not None and outer.tag == "ol":
                element.ordinal = integer(attributes.get("value"), outer.ordinal)
                outer.ordinal = element.ordinal + 1
        elif tag == "pre":
            self.pre_depth += 1

    def _close(self, kind: str, outer: Element | None) -> None:
        if outer is not None:
            if self.parts:
                self._flush()
            else:
                self.broken = False
                self.links = 0
            if kind == "pre":
                self.pre_depth -= 1
            self.element.last = len(self.layout.blocks)
            self.element = outer
        elif kind == "a":
            self.link_depth -= 1
        elif kind == "further a":
            self.link_depth -= 1
            inset = self.insets.pop()
            if inset.size(self) < MORE_LENGTH and says_more(inset.text(self)) and not goes_on(self._node()):
                inset.cut(self)
        elif kind == "b":
            self.bold_depth -= 1
        elif kind == "i":
            self.emphasis_depth -= 1
        elif kind == "time":
            self.time_depth -= 1
        elif kind == "hint":
            self.inline.pop()
            inset = self.insets.pop()
            if self._is_inset(inset):
                inset.cut(self)
        elif kind == "q":
            self._close_quote(self.insets.pop())

    def _is_inset(self, inset: _Inset) -> bool:
        """Tell whether what an inline element added is no text of the block around it."""
        size = inset.size(self)
        if not size or inset.flushed != self.flushed:
            return False
        if inset.start and self.links - inset.links > 1 and (inset.kind & TIP or inset.repeats(self)):
            return True
        kind = inset.kind
        if not kind or not (inset.start or (kind & (UNSEEN | BADGE) and goes_on(self._node()))):
            return False
        if kind & (TIP | UNSEEN):
            return True
        if kind & BADGE and size <= BADGE_LENGTH and not (inset.start and goes_on(self._node())):
            return True
        return kind & MORE != 0 and size < MORE_LENGTH and says_more(inset.text(self).partition(":")[0])

    def _close_quote(self, inset: _Inset) -> None:
        """Give a quotation its marks, unless it has some."""
        self.quotes -= 1
        if inset.flushed != self.flushed or not inset.start:
            self.parts.append("’" if self.quotes % 2 else "”")
        elif inset.text(self).strip()[:1] in QUOTES:
            self.parts[inset.start - 1] = ""
        else:
            self.parts.append("’" if self.quotes % 2 else "”")

    def _break(self) -> None:
        if self.pre_depth:
            self.parts.append("\n")
        elif self.broken:
            self._flush()
        else:
            self.broken = True

    def _text(self, text: str) -> None:
        if text.isspace() and not self.pre_depth:
            if self.parts and "\xa0" not in text:
                self.parts.append(" ")
            elif "\xa0" in text and self.parts:
                self.parts.append(text)
            return
        if self.broken:
            if self.parts:
                self.parts.append("\x00")
            self.broken = False
        self.parts.append(text)
        size = len(text)
        self.inked += size
        if self.link_depth:
            self.link += size
        if self.bold_depth:
            self.bold += size
        if self.emphasis_depth:
            self.emphasis += size
        if self.time_depth:
            self.timed += size
        if self.inline:
            hints = self.inline[-1]
            self.hint_ink[hints] = self.hint_ink.get(hints, 0) + size

    # ---- blocks

    def _flush(self) -> None:
        """End the open block, if there is one."""
        self.flushed += 1
        if not self.parts:
            return
        raw = "".join(self.parts)
        if len(raw) > MAX_BLOCK:
            raw = raw[:MAX_BLOCK]
            self.layout.capped = True
        text = raw.strip("\n\r") if self.pre_depth else clean(raw)
        if text and not text.isspace():
            self._emit(text, "pre" if self.pre_depth else "")
        self._reset()

    def _emit(self, text: str, kind: str) -> None:
        element = self.element
        if len(self.layout.blocks) >= MAX_BLOCKS:
            self.layout.capped = True
            return
        block = PageBlock(element, len(self.layout.blocks), text)
        inked = self.inked or 1
        block.link_ink = min(block.ink, round(block.ink * self.link / inked)) if self.link else 0
        block.links = self.links
        block.bold = 100 * self.bold // inked
        block.emphasis = 100 * self.emphasis // inked
        block.timed = 100 * self.timed // inked
        block.pictures = len(self.layout.pictures) - self.pictures
        self.pictures = len(self.layout.pictures)
        if self.hint_ink:
            for hints, ink in self.hint_ink.items():
                if ink * 5 >= inked * 4:
                    block.hints |= hints
        block.kind = kind or kind_of(element)
        if block.kind == "heading":
            block.level = int(heading_of(element)[1])
        elif block.kind == "item":
            number(block, element)
        self.layout.blocks.append(block)

    def _sum(self) -> None:
        """Give every element the sums of what is in it."""
        total = len(self.layout.blocks)
        for block in self.layout.blocks:
            element = block.element
            element.blocks += 1
            element.ink += block.ink
            element.link_ink += block.link_ink
            if block.kind == "heading":
                element.heads += 1
            elif block.kind == "item":
                element.items += 1
            elif block.link_ink * 2 < block.ink and block.ink >= 40:
                element.paras += 1
                element.para_ink += block.ink
        for element in reversed(self.layout.elements):
            element.last = element.last or total
            outer = element.parent
            if outer is not None and element.blocks:
                outer.blocks += element.blocks
                outer.ink += element.ink
                outer.link_ink += element.link_ink
                outer.paras += element.paras
                outer.para_ink += element.para_ink
                outer.items += element.items
                outer.heads += element.heads


class _Inset:
    """Where in the open block an inline element began, and what had been counted by then."""

    __slots__ = ("bold", "emphasis", "flushed", "inked", "kind", "link", "links", "start", "timed")

    def __init__(self, walker: _Walker, kind: int) -> None:
        self.kind = kind
        self.flushed = walker.flushed
        self.start = len(walker.parts)
        self.link, self.links, self.inked = walker.link, walker.links, walker.inked
        self.bold, self.emphasis, self.timed = walker.bold, walker.emphasis, walker.timed

    def size(self, walker: _Walker) -> int:
        """Return how much text there is since; 0 if the block has ended meanwhile."""
        return walker.inked - self.inked if self.flushed == walker.flushed else 0

    def text(self, walker: _Walker) -> str:
        """Return the text since."""
        return "".join(walker.parts[self.start :])

    def repeats(self, walker: _Walker) -> bool:
        """Tell whether the first words since are the last ones before, as in a box over a name."""
        first = next((part.strip() for part in walker.parts[self.start :] if not part.isspace()), "")
        before = next((part.strip() for part in reversed(walker.parts[: self.start]) if not part.isspace()), "")
        return len(first) > 3 and first == before

    def cut(self, walker: _Walker) -> None:
        """Take back what was added since."""
        if self.flushed != walker.flushed:
            return
        del walker.parts[self.start :]
        walker.link, walker.links, walker.inked = self.link, self.links, self.inked
        walker.bold, walker.emphasis, walker.timed = self.bold, self.emphasis, self.timed
