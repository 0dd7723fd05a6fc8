"""Which blocks are the article: a learned judgement of every block, a second one among its neighbours, then rules.

The rules say what no judgement may change: the headline is not body, hidden text is not text, a heading needs
something under it, and the same furniture is not said twice.
"""

from __future__ import annotations

__all__ = ["SURE_OUT", "Choice", "choose", "verdicts"]

from collections import Counter
from typing import NamedTuple

from crawler.parse.choose.features import Measures, measure
from crawler.parse.choose.forest import load_forests
from crawler.parse.choose.lexicon import LEXICON, lexical_bits
from crawler.parse.choose.surroundings import context_rows
from crawler.parse.choose.vocabulary import Hint
from crawler.parse.fields.metadata import Metadata
from crawler.parse.page.blocks import Block, Layout
from crawler.parse.page.text import fold, folds_to

_FIRST = 1 << len(LEXICON)
_AGREEING = tuple(
    (hint, _FIRST << LEXICON.index(kind), name)
    for hint, kind, name in (
        (Hint.SIGNUP, "signup", "a sign-up box"),
        (Hint.RELATED, "related", "a link to more"),
        (Hint.SHARE, "share", "a share bar"),
        (Hint.AD, "ad", "an advertisement"),
        (Hint.CAPTION, "credit", "a picture credit"),
        (Hint.COMMENT, "comment", "a comment box"),
    )
)
"""A kind of element, what the text of such begins with, and how to call the two together."""
_NAMED = sum(hint for hint, _, _ in _AGREEING)
SURE_OUT = 30
"""A block with this chance per mille or less gets no second judgement."""
_HALF = 500
_LEAST = 200
_SURE = 700
_NEAR = 3
"""Blocks on either side that a doubtful one is judged by."""
_DOUBTFUL = 150
_PROSE = 60
_ANNOUNCING = 2
"""Headings in a row that announce something; more of them are captions of a gallery."""
_UNLIKE = "does not look like the article"


class Choice(NamedTuple):
    """The numbers of the article's blocks, in order; and for every block why, and its score (0 to 1)."""

    kept: tuple[int, ...]
    reasons: tuple[str, ...]
    scores: tuple[float, ...]


def choose(
    layout: Layout, meta: Metadata, *, title: str | None, title_block: int, within: frozenset[int] | None = None
) -> Choice:
    """Return the blocks of the article; `within` (a site rule's) holds the numbers of those that may be."""
    measures = measure(layout, meta, title=title, title_block=title_block)
    chances = _judge(measures, layout)
    if within is None:
        reasons = verdicts(layout, measures, chances, title=title, title_block=title_block)
    else:
        inside = (index in within and index != title_block for index in range(len(layout.blocks)))
        reasons = ["" if there else "outside the rule's selector" for there in inside]
    kept = tuple(index for index, reason in enumerate(reasons) if not reason)
    shown = tuple(reason or "looks like the article" for reason in reasons)
    return Choice(kept, shown, tuple(chance / 1000 for chance in chances))


def verdicts(
    layout: Layout, measures: Measures, chances: list[int], *, title: str | None, title_block: int
) -> list[str]:
    """Return for every block why it is dropped; an empty string for those that are kept."""
    headline = fold(title) if title else ""
    least = _least(layout, chances)
    reasons = []
    for index, block in enumerate(layout.blocks):
        reason = ""
        if measures.outside[index]:
            reason = measures.outside[index]
        elif index == title_block:
            reason = "headline"
        elif chances[index] <= least:
            reason = _UNLIKE
        elif headline and block.ink < 400 and folds_to(block.text, headline):
            reason = "headline again"
        reasons.append(reason or _furniture(block))
    _add_alike(layout, measures, chances, reasons)
    _drop_strays(chances, reasons)
    _drop_hidden(layout, reasons)
    _drop_copies(layout, reasons)
    _drop_lone_headings(layout, reasons)
    return reasons


def _least(layout: Layout, chances: list[int]) -> int:
    """Return the chance that a block must exceed: one half, and less on a page whose text is doubtful as a whole.

    Taking every block above half of the best F1 that can be expected is what reaches it.
    """
    if not any(_LEAST < chance <= _HALF for chance in chances):
        return _HALF
    ranked = [(chance, min(block.ink, 2000)) for chance, block in zip(chances, layout.blocks, strict=True) if chance]
    ranked.sort(reverse=True)
    expected = sum(chance * ink for chance, ink in ranked) // 1000
    best = right = taken = 0
    for chance, ink in ranked:
        right += chance * ink
        taken += ink
        best = max(best, 2 * right // (taken + expected))
    return max(_LEAST, min(_HALF, best * 11 // 20))


def _furniture(block: Block) -> str:
    """Return what kind of furniture a block is if its element's name and its own first words agree on one."""
    if block.ink > 400:
        return ""
    element = block.element
    outer = element.parent
    hints = block.hints | element.hints | (outer.hints if outer is not None else 0)
    if not hints & _NAMED:
        return ""
    bits = lexical_bits(block.text)
    for hint, bit, name in _AGREEING:
        if hints & hint and bits & bit:
            return f"named and worded like {name}"
    return ""


def _judge(measures: Measures, layout: Layout) -> list[int]:
    """Return every block's chance, per mille: judged alone, then with what that says of its surroundings."""
    _, alone, among = load_forests()
    first = [0 if row is None else alone.chance(row) for row in measures.rows]
    wanted = [row is not None and chance > SURE_OUT for row, chance in zip(measures.rows, first, strict=True)]
    rows = context_rows(measures, layout, first, wanted)
    return [among.chance(row) if row is not None else chance for row, chance in zip(rows, first, strict=True)]


def _add_alike(layout: Layout, measures: Measures, chances: list[int], reasons: list[str]) -> None:
    """Take in a doubtful paragraph among surely chosen ones that are named and nested exactly like it."""
    groups: dict[tuple[str, str, str], list[int]] = {}
    for block in layout.blocks:
        if measures.rows[block.index] is not None and block.ink >= _PROSE and block.link_ink * 3 < block.ink:
            groups.setdefault(measures.signatures[block.index], []).append(block.index)
    for members in groups.values():
        doubtful = [index for index in members if reasons[index] == _UNLIKE and chances[index] > _DOUBTFUL]
        chosen = [index for index in members if not reasons[index]]
        if not doubtful or len(chosen) < 4 or len(chosen) < 3 * len(doubtful):
            continue
        for index in doubtful:
            if chosen[0] < index < chosen[-1] and not _furniture(layout.blocks[index]):
                reasons[index] = ""


def _drop_strays(chances: list[int], reasons: list[str]) -> None:
    """Drop what was hardly chosen, and stands alone among blocks that were not, on a page that has surer ones."""
    kept = [index for index, reason in enumerate(reasons) if not reason]
    if max((chances[index] for index in kept), default=0) < _SURE:
        return
    for index in kept:
        around = (*chances[max(0, index - _NEAR) : index], *chances[index + 1 : index + 1 + _NEAR])
        if chances[index] < _SURE and max(around, default=_SURE) < _HALF:
            reasons[index] = "stands alone"


def _drop_hidden(layout: Layout, reasons: list[str]) -> None:
    """Drop hidden blocks, unless they are much of the article (a page that shows its text, or the rest of it, by script)."""
    kept = [block for block in layout.blocks if not reasons[block.index]]
    hidden = sum(block.ink for block in kept if block.element.hidden)
    if hidden * 3 > sum(block.ink for block in kept):
        return
    for block in kept:
        if block.element.hidden:
            reasons[block.index] = "hidden"


def _drop_copies(layout: Layout, reasons: list[str]) -> None:
    """Drop what the page says three times and more, and the second of two: placeholders, offers, repeated standfirsts.

    A page that is mostly copies has them for a reason, and keeps them.
    """
    kept = [block for block in layout.blocks if not reasons[block.index]]
    counts = Counter(block.text for block in layout.blocks)
    seen: set[str] = set()
    copies = []
    for block in kept:
        if block.ink > 20 and (counts[block.text] > 2 or block.text in seen):
            copies.append(block)
        seen.add(block.text)
    if sum(block.ink for block in copies) * 3 > sum(block.ink for block in kept):
        return
    for block in copies:
        reasons[block.index] = "said more than once"


def _drop_lone_headings(layout: Layout, reasons: list[str]) -> None:
    """Drop headings at the end: whatever they announce is not part of the article; many are a list of their own."""
    kept: list[Block] = [block for block in layout.blocks if not reasons[block.index]]
    last = len(kept)
    while last and kept[last - 1].kind == "heading":
        last -= 1
    if last and len(kept) - last <= _ANNOUNCING:
        for block in kept[last:]:
            reasons[block.index] = "a heading with nothing under it"
