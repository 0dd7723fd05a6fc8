"""Which blocks are the article: a learned judgement of every block, a second one among its neighbours, then rules.

The rules say what no judgement may change: the headline is not body, hidden text is not text, a heading needs
something under it, and the same furniture is not said twice.
"""

from __future__ import annotations

__all__ = ["SURE_OUT", "Choice", "choose", "verdicts"]

from collections import Counter
from typing import Final, NamedTuple

from crawler.parse.choose.features import FEATURES, PASSED_OVER, Measures, measure
from crawler.parse.choose.forest import load_forests
from crawler.parse.choose.furniture import (
    drop_lines,
    drop_named,
    drop_said,
    drop_sign_offs,
    drop_teasers,
    named_and_worded,
)
from crawler.parse.choose.surroundings import context_rows
from crawler.parse.fields.metadata import Metadata
from crawler.parse.page.blocks import Layout, PageBlock
from crawler.parse.page.hints import Hint
from crawler.parse.page.text import fold, folds_to

SURE_OUT: Final = 30
"""A block with this chance per mille or less gets no second judgement."""
_HALF: Final = 500
_LEAST: Final = 200
_SURE: Final = 700
_NEAR: Final = 3
"""Blocks on either side that a doubtful one is judged by."""
_DOUBTFUL: Final = 150
_PROSE: Final = 60
_LONG: Final = 200
_KIN: Final = 100
_SEVERAL: Final = 3
"""So many chosen blocks of some length, named alike, do not stand alone."""
_LINE: Final = 40
_ASKING: Final = frozenset(("summary", "dt"))
_ITEM: Final = 200
_HEADING: Final = 100
_DESCRIBED: Final = FEATURES.index("described")
_COPIES: Final = FEATURES.index("copies")
_OWN_HINTS: Final = FEATURES.index("own_hints")
_TITLE_SHARE: Final = FEATURES.index("title_share")
_SAME: Final = 90
_FROM_TITLE: Final = FEATURES.index("from_title")
_NO_LEAD: Final = (
    Hint.RELATED | Hint.AUTHOR | Hint.CAPTION | Hint.COMMENT | Hint.SIGNUP | Hint.SHARE | Hint.TAGS | Hint.NAV | Hint.AD
)
_RIGHT_BELOW: Final = 5
_LEAST_LEAD, _MOST_LEAD = 30, 500
_LEAD: Final = 100
_TAIL: Final = 350
_BELOW_TITLE: Final = 15
_WHOLE: Final = 60
_NO_PROSE: Final = ("http://", "https://", "www.", "{", "[{", "//", "/*", "<", "var ", "function")
_ANNOUNCING: Final = 2
"""Headings in a row that announce something; more of them are captions of a gallery."""
_UNLIKE: Final = "does not look like the article"
_ALONE: Final = "stands alone"
_ASKED: Final = ("?", "؟", "？", ";")
_OPENING: Final = ("aria-controls", "aria-expanded")
_OPENERS: Final = ",".join(f"[{key}]" for key in _OPENING)
_LEAST_COPY: Final = 300
_LEAST_RUN: Final = 3
_AGAIN: Final = "said more than once"
_RECURRING: Final = ("item", "heading", "pre", "quote")
"""What a text may say again and again: steps, sub-headings, commands, what was said."""
_DOUBTED: Final = (_UNLIKE, _ALONE)


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
        reasons.append(reason or named_and_worded(block, measures.bits[index]))
    _join_headings(layout, chances, reasons)
    _join_items(layout, measures, chances, reasons)
    _join_links(layout, reasons)
    _add_alike(layout, measures, chances, reasons)
    _drop_strays(layout, measures, chances, reasons)
    _take_standfirst(layout, measures, chances, reasons)
    _drop_hidden(layout, reasons)
    twins = _twins(layout, measures)
    _join_twins(twins, reasons)
    _drop_copies(layout, reasons, {block.index for block in twins})
    drop_teasers(layout, measures, reasons, title_block)
    drop_said(layout, measures, reasons)
    drop_lines(layout, measures, reasons, title_block)
    drop_named(layout, reasons)
    _drop_lone_headings(layout, reasons)
    drop_sign_offs(layout, reasons)
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


def _judge(measures: Measures, layout: Layout) -> list[int]:
    """Return every block's chance, per mille: judged alone, then with what that says of its surroundings."""
    _, alone, among = load_forests()
    first = alone.chances(measures.rows)
    wanted = [row is not None and chance > SURE_OUT for row, chance in zip(measures.rows, first, strict=True)]
    rows = context_rows(measures, layout, first, wanted)
    second = among.chances(rows)
    return [first[at] if row is None else second[at] for at, row in enumerate(rows)]


def _add_alike(layout: Layout, measures: Measures, chances: list[int], reasons: list[str]) -> None:
    """Take in a doubtful paragraph among surely chosen ones that are named and nested exactly like it."""
    groups: dict[tuple[str, str, str], list[int]] = {}
    for block in layout.blocks:
        if measures.rows[block.index] is not None and block.ink >= _LINE and block.link_ink * 3 < block.ink:
            groups.setdefault(measures.signatures[block.index], []).append(block.index)
    for members in groups.values():
        doubtful = [index for index in members if reasons[index] == _UNLIKE and chances[index] > _DOUBTFUL]
        chosen = [index for index in members if not reasons[index]]
        if not doubtful or len(chosen) < 4 or len(chosen) < 2 * len(doubtful):
            continue
        for index in doubtful:
            within = chosen[0] < index < chosen[-1] or (index == chosen[-1] + 1 and chances[index] > _TAIL)
            if within and not named_and_worded(layout.blocks[index], measures.bits[index]):
                reasons[index] = ""


def _drop_strays(layout: Layout, measures: Measures, chances: list[int], reasons: list[str]) -> None:
    """Drop what was hardly chosen, and stands alone among blocks that were not, on a page that has surer ones.

    Not what is named and nested like surer ones or like several, no long text, and no sentence right below the headline.
    """
    kept = [index for index, reason in enumerate(reasons) if not reason]
    sure = {
        measures.signatures[index] for index in kept if chances[index] > _SURE and any(measures.signatures[index][1:])
    }
    if max((chances[index] for index in kept), default=0) < _SURE:
        return
    kin = Counter(measures.signatures[index] for index in kept if layout.blocks[index].ink >= _KIN)
    for index in kept:
        around = (*chances[max(0, index - _NEAR) : index], *chances[index + 1 : index + 1 + _NEAR])
        row = measures.rows[index]
        block = layout.blocks[index]
        least = _KIN if kin[measures.signatures[index]] >= _SEVERAL else _LONG
        if row is not None and 0 < row[_FROM_TITLE] <= _NEAR:
            least = _PROSE
        long = block.ink >= least and block.link_ink * 3 < block.ink
        if long or (row is not None and (row[_DESCRIBED] > 1 or row[_OWN_HINTS] & Hint.LEAD)):
            continue
        if chances[index] < _SURE and measures.signatures[index] not in sure and max(around, default=_SURE) < _HALF:
            reasons[index] = _ALONE


def _take_standfirst(layout: Layout, measures: Measures, chances: list[int], reasons: list[str]) -> None:
    """Take in a doubtful block below the headline that is the page's description of its article, a part of it, or named a standfirst."""
    for block in layout.blocks:
        row = measures.rows[block.index]
        if row is None or reasons[block.index] not in _DOUBTED or block.element.hidden or row[_FROM_TITLE] <= 0:
            continue
        if row[_TITLE_SHARE] >= _SAME:
            continue  # the headline once more
        named = (
            row[_OWN_HINTS] & Hint.LEAD
            and not row[_OWN_HINTS] & _NO_LEAD
            and block.link_ink * 3 < block.ink
            and not block.pictures
        )
        if (
            named
            and row[_FROM_TITLE] <= _RIGHT_BELOW
            and _LEAST_LEAD <= block.ink <= _MOST_LEAD
            and chances[block.index] > _LEAD
        ) or (row[_DESCRIBED] > 0 and row[_FROM_TITLE] <= _BELOW_TITLE and chances[block.index] > _DOUBTFUL):
            reasons[block.index] = ""


def _join_headings(layout: Layout, chances: list[int], reasons: list[str]) -> None:
    """Take in doubtful sub-headings that have chosen text right below and close above, and questions that have their answer below."""
    blocks = layout.blocks
    for block in blocks[1:-1]:
        index = block.index
        if block.tag in _ASKING and reasons[index] == _UNLIKE and chances[index] > _DOUBTFUL and not reasons[index + 1]:
            reasons[index] = ""
        if block.kind != "heading" or reasons[index] != _UNLIKE or chances[index] <= _HEADING:
            continue
        below = blocks[index + 1]
        if reasons[index + 1] or below.ink <= _PROSE:
            continue
        if any(not reasons[above.index] and above.ink > _PROSE for above in blocks[max(0, index - _NEAR) : index]):
            reasons[index] = ""


def _join_items(layout: Layout, measures: Measures, chances: list[int], reasons: list[str]) -> None:
    """Keep or drop the short items of a list, or of lists named alike, together: one alone says little of what they are."""
    lists: dict[object, list[PageBlock]] = {}
    for block in layout.blocks:
        outer = block.element.parent
        if block.kind == "item" and outer is not None and block.ink < _ITEM and not measures.outside[block.index]:
            lists.setdefault(measures.signatures[block.index] if outer.name else outer.index, []).append(block)
    for items in lists.values():
        doubtful = sum(1 for block in items if reasons[block.index] == _UNLIKE)
        kept = sum(1 for block in items if not reasons[block.index])
        if not doubtful or not kept or doubtful + kept < len(items):
            continue
        mean = sum(chances[block.index] for block in items) // len(items)
        for block in items:
            reasons[block.index] = "" if mean > _HALF or kept > doubtful else _UNLIKE


def _join_links(layout: Layout, reasons: list[str]) -> None:
    """Take in the items that are a link and nothing else, where more items of their list were chosen: names among sentences."""
    lists: dict[int, list[PageBlock]] = {}
    for block in layout.blocks:
        if block.kind == "item" and block.element.parent is not None:
            lists.setdefault(block.element.parent.index, []).append(block)
    for items in lists.values():
        bare = [block for block in items if reasons[block.index] == PASSED_OVER and "nav" not in block.element.region]
        if bare and sum(1 for block in items if not reasons[block.index]) > len(bare):
            for block in bare:
                reasons[block.index] = ""


def _drop_hidden(layout: Layout, reasons: list[str]) -> None:
    """Drop hidden blocks, unless they are much of the article (a page that shows its text, or the rest of it, by script).

    A hidden copy of what is shown goes in any case; if only the copy was chosen, what is shown is taken instead.
    """
    shown: dict[str, int] = {}
    for block in layout.blocks:
        if not block.element.veiled:
            shown.setdefault(block.text, block.index)
    kept = [block for block in layout.blocks if not reasons[block.index]]
    for block in kept:
        twin = shown.get(block.text) if block.element.veiled else None
        if twin is not None:
            reasons[block.index] = "a hidden copy"
            if reasons[twin] == _UNLIKE:
                reasons[twin] = ""
    _drop_veiled_wholes(layout, reasons)
    kept = [block for block in layout.blocks if not reasons[block.index]]
    hidden = sum(block.ink for block in kept if block.element.hidden)
    spared = hidden * 3 > sum(block.ink for block in kept)
    for block in kept:
        if block.element.hidden and not (spared and _is_prose(block)) and not _is_panel(block, layout, reasons):
            reasons[block.index] = "hidden"


def _is_panel(block: PageBlock, layout: Layout, reasons: list[str]) -> bool:
    """Tell whether a hidden block is in a panel that a heading or a question before it opens (WAI-ARIA, accordion pattern)."""
    panel = block.element
    while panel.parent is not None and panel.parent.hidden:
        panel = panel.parent
    opener = layout.blocks[panel.start - 1] if panel.start else None
    if opener is None or reasons[opener.index] or not (opener.kind == "heading" or opener.text.endswith(_ASKED)):
        return False
    node = opener.element.node
    return any(key in node.attributes for key in _OPENING) or node.css_first(_OPENERS) is not None


def _drop_veiled_wholes(layout: Layout, reasons: list[str]) -> None:
    """Drop a hidden block that begins and ends as what is shown does: the text once more, in one piece."""
    veiled = [
        block for block in layout.blocks if not reasons[block.index] and block.element.veiled and block.ink > _WHOLE
    ]
    if not veiled:
        return
    shown = " ".join([block.text for block in layout.blocks if not reasons[block.index] and not block.element.veiled])
    for block in veiled:
        if block.text[:_WHOLE] in shown and block.text[-_WHOLE:] in shown:
            reasons[block.index] = "a hidden copy"


def _is_prose(block: PageBlock) -> bool:
    """Tell whether a hidden block reads like text: an address, a code or a placeholder does not."""
    text = block.text
    return block.kind in ("heading", "item", "table") or (
        not text.startswith(_NO_PROSE) and (" " in text or not text.isascii())
    )


def _twins(layout: Layout, measures: Measures) -> list[PageBlock]:
    """Return the blocks of the one long paragraph that a page says again in the same manner, named and nested alike.

    A page with several such is one that shows its article once more.
    """
    found: dict[str, list[PageBlock]] = {}
    for block in layout.blocks:
        row = measures.rows[block.index]
        if row is not None and row[_COPIES] > 1 and block.ink >= _LONG and not block.element.veiled:
            found.setdefault(block.text, []).append(block)
    if len(found) != 1:
        return []
    twins = next(iter(found.values()))
    return twins if len({measures.signatures[block.index] for block in twins}) == 1 else []


def _join_twins(twins: list[PageBlock], reasons: list[str]) -> None:
    """Take in all of them if one was chosen."""
    if any(not reasons[block.index] for block in twins):
        for block in twins:
            if reasons[block.index] in _DOUBTED:
                reasons[block.index] = ""


def _drop_copies(layout: Layout, reasons: list[str], spared: set[int]) -> None:
    """Drop what the page says three times and more, and the second of two: placeholders, offers, repeated standfirsts.

    Not the blocks that are `spared`.

    A page that is mostly copies has them for a reason, and keeps them, unless they are its text once more.
    """
    kept = [block for block in layout.blocks if not reasons[block.index]]
    for block in _once_more(kept):
        reasons[block.index] = _AGAIN
    kept = [block for block in kept if not reasons[block.index]]
    counts = Counter(block.text for block in layout.blocks if reasons[block.index] != _AGAIN)
    seen: set[str] = set()
    copies = []
    for block in kept:
        repeated = counts[block.text] > 2 or block.text in seen
        if block.ink > 20 and repeated and block.kind not in _RECURRING and block.index not in spared:
            copies.append(block)
        seen.add(block.text)
    if sum(block.ink for block in copies) * 3 > sum(block.ink for block in kept):
        return
    for block in copies:
        reasons[block.index] = _AGAIN


def _once_more(kept: list[PageBlock]) -> list[PageBlock]:
    """Return what is said once more in one piece: several paragraphs in the order in which they stand above, as on
    pages that hold their text for each width of a screen.
    """
    firsts: dict[str, int] = {}
    again: list[PageBlock] = []
    at = 0
    while at < len(kept):
        first = firsts.setdefault(kept[at].text, at)
        count = 0
        while at + count < len(kept) and first + count < at and kept[first + count].text == kept[at + count].text:
            count += 1
        run = kept[at : at + count]
        prose = {block.text for block in run if block.ink > _PROSE}
        if len(prose) >= _LEAST_RUN and sum(map(len, prose)) >= _LEAST_COPY:
            again += run
        at += count or 1
    return again


def _drop_lone_headings(layout: Layout, reasons: list[str]) -> None:
    """Drop headings at the end: whatever they announce is not part of the article; many are a list of their own."""
    kept: list[PageBlock] = [block for block in layout.blocks if not reasons[block.index]]
    last = len(kept)
    while last and kept[last - 1].kind == "heading":
        last -= 1
    if last and len(kept) - last <= _ANNOUNCING:
        for block in kept[last:]:
            reasons[block.index] = "a heading with nothing under it"
