"""What a first judgement of all blocks says about the surroundings of each: neighbours, siblings, blocks named alike."""

from __future__ import annotations

__all__ = ["CONTEXT", "context_rows"]

from bisect import bisect_left
from typing import Final

from crawler.parse.choose.features import Measures
from crawler.parse.page.blocks import Block, Element, Layout

CONTEXT: Final = (
    "p", "p_prev1", "p_prev2", "p_next1", "p_next2", "p_parent", "p_sig", "p_before", "p_after", "gap_before",
    "gap_after", "p_window", "p_total", "p_grand", "last_sure",
    "page_sure", "core_steps", "p_branch", "branch_blocks", "branch_share", "core_before", "core_after", "p_core", "branch_hints",
    "p_kin", "kin_count", "kin_sure", "kin_sure_after", "p_box",
)  # fmt: skip

_SURE: Final = 700
_OWN: Final = frozenset(("p", "li", "h2", "h3", "h4", "blockquote"))


def context_rows(measures: Measures, layout: Layout, chances: list[int], wanted: list[bool]) -> list[list[int] | None]:
    """Return each `wanted` row with what a first judgement of all blocks (`chances`, per mille) says of its surroundings."""
    blocks = layout.blocks
    count = len(blocks)
    padded = [0, 0, 0, *chances, 0, 0, 0]
    by_parent: dict[int, list[int]] = {}
    by_grand: dict[int, list[int]] = {}
    by_sig: dict[tuple[str, str, str], list[int]] = {}
    by_kin: dict[tuple[int, tuple[str, str, str]], list[int]] = {}
    by_box: dict[int, list[int]] = {}
    before = [0] * (count + 1)
    weights = [0] * (count + 1)
    for index, block in enumerate(blocks):
        mass = chances[index] * min(block.ink, 1000)
        before[index + 1] = before[index] + mass
        weight = min(block.ink, 1000)
        weights[index + 1] = weights[index] + weight
        outer = block.element.parent or block.element
        grand = outer.parent or outer
        for table, key in ((by_parent, outer.index), (by_grand, grand.index)):
            sums = table.setdefault(key, [0, 0])
            sums[0] += mass
            sums[1] += weight
        sums = by_sig.setdefault(measures.signatures[index], [0, 0])
        sums[0] += mass
        sums[1] += weight
        kin = by_kin.setdefault((outer.index, measures.signatures[index]), [0, 0, 0, 0, 0])
        kin[0] += mass
        kin[1] += weight
        kin[2] += 1
        if chances[index] > _SURE:
            kin[3] += 1
            kin[4] = index
        box = measures.boxes[block.element.index]
        if box is not None:
            sums = by_box.setdefault(box.index, [0, 0])
            sums[0] += mass
            sums[1] += weight
    total = before[count] or 1
    core = _core(layout, chances)
    core_weight = weights[core.last] - weights[core.start]
    core_mass = before[core.last] - before[core.start]
    p_core = core_mass // (core_weight or 1)
    page_sure = sum(chances[i] * (before[i + 1] - before[i]) for i in range(count)) // total
    sure = [index for index, chance in enumerate(chances) if chance > 700 and blocks[index].ink > 60]
    rows: list[list[int] | None] = []
    for index, row in enumerate(measures.rows):
        if row is None or not wanted[index]:
            rows.append(None)
            continue
        outer = blocks[index].element.parent or blocks[index].element
        grand = outer.parent or outer
        at = bisect_left(sure, index)
        nearest_before = index - sure[at - 1] if at else 99
        nearest = (
            sure[at + (at < len(sure) and sure[at] == index)] - index
            if at + (at < len(sure) and sure[at] == index) < len(sure)
            else 99
        )
        parent_sums, grand_sums, sig_sums = (
            by_parent[outer.index],
            by_grand[grand.index],
            by_sig[measures.signatures[index]],
        )
        window = padded[index : index + 7]
        steps, branch, hints = _branch(blocks[index], core)
        kin = by_kin[outer.index, measures.signatures[index]]
        weight = min(blocks[index].ink, 1000)
        box = measures.boxes[blocks[index].element.index]
        box_sums = by_box[box.index] if box is not None else [-1, 1]
        branch_weight = weights[branch.last] - weights[branch.start]
        rows.append([
            *row, window[3], window[2], window[1], window[4], window[5],
            parent_sums[0] // (parent_sums[1] or 1), sig_sums[0] // (sig_sums[1] or 1),
            1000 * before[index] // total, 1000 * (before[count] - before[index + 1]) // total, min(nearest_before, 99), min(nearest, 99),
            sum(window) // 7, min(before[count] // 1000, 10**6), grand_sums[0] // (grand_sums[1] or 1),
            max(-99, min(99, index - sure[-1])) if sure else -100,
            page_sure, steps, (before[branch.last] - before[branch.start]) // (branch_weight or 1) if steps >= 0 else -1,
            min(99, branch.last - branch.start) if steps >= 0 else -1, 100 * branch_weight // (core_weight or 1) if steps >= 0 else -1,
            1000 * (before[index] - before[core.start]) // (core_mass or 1) if steps >= 0 else -1,
            1000 * (before[core.last] - before[index + 1]) // (core_mass or 1) if steps >= 0 else -1, p_core, hints,
            (kin[0] - chances[index] * weight) // (kin[1] - weight) if kin[2] > 1 else -1, min(kin[2], 99),
            min(kin[3] - (chances[index] > _SURE), 99), max(-99, min(99, kin[4] - index)) if kin[3] else -100,
            box_sums[0] // (box_sums[1] or 1),
        ])  # fmt: skip
    return rows


def _core(layout: Layout, chances: list[int]) -> Element:
    """Return the element whose near descendants hold most of what was judged to be the article."""
    scores: dict[int, int] = {}
    for index, block in enumerate(layout.blocks):
        if chances[index] < 300:
            continue
        mass = chances[index] * min(block.ink, 1000)
        element = block.element.parent if block.tag in _OWN else block.element
        for share in (4, 3, 2):
            if element is None:
                break
            scores[element.index] = scores.get(element.index, 0) + mass * share
            element = element.parent
    if not scores:
        return layout.elements[0]
    return layout.elements[max(scores, key=lambda at: (scores[at], -at))]


def _branch(block: Block, core: Element) -> tuple[int, Element, int]:
    """Return how far below `core` a block's element is (-1: outside), the child of `core` around it, and its names' hints."""
    element = block.element
    steps, hints = 0, block.hints
    if not core.start <= block.index < core.last:
        return -1, element, element.inherited
    while element is not core and element.parent is not None and element.parent is not core:
        hints |= element.hints
        element = element.parent
        steps += 1
    if element is core:
        return 0, element, hints
    return min(steps + 1, 9), element, hints | element.hints
