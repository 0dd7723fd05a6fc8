"""Which blocks are the article: rules on one pass of measures. (Replaced step by step by the learned selection.)"""

from __future__ import annotations

__all__ = ["Choice", "choose"]

from typing import NamedTuple

from crawler.parse.blocks import Block, Element, Layout
from crawler.parse.vocabulary import Hint

_OUT = Hint.NAV | Hint.FOOT | Hint.SHARE | Hint.COMMENT | Hint.SIGNUP | Hint.CONSENT | Hint.AD | Hint.CAPTION


class Choice(NamedTuple):
    """The numbers of the article's blocks, in order, and why each block was kept or dropped."""

    kept: tuple[int, ...]
    reasons: tuple[str, ...]
    scores: tuple[float, ...]


def choose(layout: Layout, title_block: int) -> Choice:
    """Return the blocks of the article."""
    scores: dict[int, float] = {}
    for element in layout.elements:
        score = 0.0
        for block in layout.blocks[element.start : element.last]:
            if block.element is element or block.element.parent is element or (block.element.parent and block.element.parent.parent is element):
                score += block.ink - 2 * block.link_ink if block.ink > 60 and not block.element.hidden else 0
        scores[element.index] = score
    best: Element = max(layout.elements, key=lambda e: scores[e.index])
    kept = []
    reasons = []
    for block in layout.blocks:
        reason = _reason(block, best, title_block)
        reasons.append(reason)
        if not reason:
            kept.append(block.index)
    return Choice(tuple(kept), tuple(reasons), tuple(float(not r) for r in reasons))


def _reason(block: Block, best: Element, title_block: int) -> str:
    if not best.start <= block.index < best.last:
        return "outside"
    if block.index <= title_block:
        return "before the headline"
    if block.element.hidden:
        return "hidden"
    if block.link_ink * 2 > block.ink:
        return "links"
    if block.element.hints & _OUT or "figure" in block.element.region or "aside" in block.element.region:
        return "furniture"
    return ""
