"""What a first judgement of all blocks says about the surroundings of each: neighbours, siblings, blocks named alike."""

from __future__ import annotations

__all__ = ["CONTEXT", "context_rows"]

from bisect import bisect_left

from crawler.parse.blocks import Layout
from crawler.parse.features import Measures

CONTEXT = (
    "p", "p_prev1", "p_prev2", "p_prev3", "p_next1", "p_next2", "p_next3", "p_parent", "p_sig", "p_before", "p_after", "gap_before",
    "gap_after", "p_window", "p_total", "p_grand", "last_sure",
)  # fmt: skip


def context_rows(measures: Measures, layout: Layout, chances: list[int], wanted: list[bool]) -> list[list[int] | None]:
    """Return each `wanted` row with what a first judgement of all blocks (`chances`, per mille) says of its surroundings."""
    blocks = layout.blocks
    count = len(blocks)
    padded = [0, 0, 0, *chances, 0, 0, 0]
    by_parent: dict[int, list[int]] = {}
    by_grand: dict[int, list[int]] = {}
    by_sig: dict[tuple[str, str, str], list[int]] = {}
    before = [0] * (count + 1)
    for index, block in enumerate(blocks):
        mass = chances[index] * min(block.ink, 1000)
        before[index + 1] = before[index] + mass
        weight = min(block.ink, 1000)
        outer = block.element.parent or block.element
        grand = outer.parent or outer
        for table, key in ((by_parent, outer.index), (by_grand, grand.index)):
            sums = table.setdefault(key, [0, 0])
            sums[0] += mass
            sums[1] += weight
        sums = by_sig.setdefault(measures.signatures[index], [0, 0])
        sums[0] += mass
        sums[1] += weight
    total = before[count] or 1
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
        rows.append([
            *row, window[3], window[2], window[1], window[0], window[4], window[5], window[6],
            parent_sums[0] // (parent_sums[1] or 1), sig_sums[0] // (sig_sums[1] or 1),
            1000 * before[index] // total, 1000 * (before[count] - before[index + 1]) // total, min(nearest_before, 99), min(nearest, 99),
            sum(window) // 7, min(before[count] // 1000, 10**6), grand_sums[0] // (grand_sums[1] or 1),
            max(-99, min(99, index - sure[-1])) if sure else -100,
        ])  # fmt: skip
    return rows
