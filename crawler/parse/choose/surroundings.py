"""What a first judgement of all blocks says about the surroundings of each: neighbours, siblings, blocks named alike."""

from __future__ import annotations

__all__ = ["CONTEXT", "context_rows"]

from bisect import bisect_left
from typing import Final

from crawler.parse.choose.features import Measures
from crawler.parse.page.blocks import Element, Layout, PageBlock

CONTEXT: Final = (
    "p", "p_prev1", "p_prev2", "p_next1", "p_next2", "p_parent", "p_sig", "p_before", "p_after", "gap_before",
    "gap_after", "p_window", "p_total", "p_grand", "last_sure",
    "page_sure", "core_steps", "p_branch", "branch_blocks", "branch_share", "core_before", "core_after", "p_core", "branch_hints",
    "p_kin", "kin_count", "kin_sure", "kin_sure_after", "p_box",
)  # fmt: skip

_SURE: Final = 700
_PROSE: Final = 60
_HEAVIEST: Final = 1000
"""Letters from which on a block weighs no more."""
_OWN: Final = frozenset(("p", "li", "h2", "h3", "h4", "blockquote"))


def context_rows(measures: Measures, layout: Layout, chances: list[int], wanted: list[bool]) -> list[list[int] | None]:
    """Return each `wanted` row with what a first judgement of all blocks (`chances`, per mille) says of its surroundings."""
    around = _Surroundings(measures, layout, chances)
    return [
        around.row(index, row) if row is not None and wanted[index] else None for index, row in enumerate(measures.rows)
    ]


class _Sums:
    """How much text some blocks have (`weight`), and how much of it was judged to be the article's (`mass`)."""

    __slots__ = ("count", "last_sure", "mass", "sure", "weight")

    def __init__(self) -> None:
        self.mass = self.weight = self.count = self.sure = self.last_sure = 0

    def add(self, mass: int, weight: int) -> None:
        self.mass += mass
        self.weight += weight

    def mean(self) -> int:
        """Return the chance of the text, per mille."""
        return self.mass // (self.weight or 1)


def _of(table: dict[int, _Sums], number: int) -> _Sums:
    """Return the sums of that number, begun if there are none."""
    found = table.get(number)
    if found is None:
        found = table[number] = _Sums()
    return found


class _Surroundings:
    """Sums over a page's blocks by what they share: a parent, a grandparent, names, a box; and from the page's start on."""

    def __init__(self, measures: Measures, layout: Layout, chances: list[int]) -> None:
        self.blocks = layout.blocks
        self.chances = chances
        self.signatures = measures.signatures
        self.boxes = measures.boxes
        self.padded = [0, 0, 0, *chances, 0, 0, 0]
        self.parents: dict[int, _Sums] = {}
        self.grands: dict[int, _Sums] = {}
        self.named: dict[tuple[str, str, str], _Sums] = {}
        self.kin: dict[tuple[int, tuple[str, str, str]], _Sums] = {}
        self.boxed: dict[int, _Sums] = {}
        self.before, self.weights = [0], [0]
        for block in self.blocks:
            self._add(block)
        self.total = self.before[-1] or 1
        self.core = _core(layout, chances)
        self.core_weight = self.weights[self.core.last] - self.weights[self.core.start]
        self.core_mass = self.before[self.core.last] - self.before[self.core.start]
        self.p_core = self.core_mass // (self.core_weight or 1)
        self.page_sure = (
            sum(chance * (self.before[i + 1] - self.before[i]) for i, chance in enumerate(chances)) // self.total
        )
        self.sure = [i for i, chance in enumerate(chances) if chance > _SURE and self.blocks[i].ink > _PROSE]

    def _add(self, block: PageBlock) -> None:
        index = block.index
        weight = min(block.ink, _HEAVIEST)
        mass = self.chances[index] * weight
        self.before.append(self.before[-1] + mass)
        self.weights.append(self.weights[-1] + weight)
        outer = block.element.parent or block.element
        signature = self.signatures[index]
        _of(self.parents, outer.index).add(mass, weight)
        _of(self.grands, (outer.parent or outer).index).add(mass, weight)
        named = self.named.get(signature)
        if named is None:
            named = self.named[signature] = _Sums()
        named.add(mass, weight)
        key = (outer.index, signature)
        kin = self.kin.get(key)
        if kin is None:
            kin = self.kin[key] = _Sums()
        kin.add(mass, weight)
        kin.count += 1
        if self.chances[index] > _SURE:
            kin.sure += 1
            kin.last_sure = index
        box = self.boxes[block.element.index]
        if box is not None:
            _of(self.boxed, box.index).add(mass, weight)

    def row(self, index: int, row: list[int]) -> list[int]:
        """Return the block's row with the values of `CONTEXT` behind its own."""
        block, before = self.blocks[index], self.before
        outer = block.element.parent or block.element
        grand = outer.parent or outer
        window = self.padded[index : index + 7]
        gap_before, gap_after = self._gaps(index)
        box = self.boxes[block.element.index]
        return [
            *row, window[3], window[2], window[1], window[4], window[5],
            self.parents[outer.index].mean(), self.named[self.signatures[index]].mean(),
            1000 * before[index] // self.total, 1000 * (before[-1] - before[index + 1]) // self.total, gap_before, gap_after,
            sum(window) // 7, min(before[-1] // 1000, 10**6), self.grands[grand.index].mean(),
            max(-99, min(99, index - self.sure[-1])) if self.sure else -100,
            *self._in_core(block), *self._among_kin(index, outer), self.boxed[box.index].mean() if box is not None else -1,
        ]  # fmt: skip

    def _gaps(self, index: int) -> tuple[int, int]:
        """Return how far the sure blocks before and behind one are, at most 99."""
        sure = self.sure
        at = bisect_left(sure, index)
        after = at + (at < len(sure) and sure[at] == index)
        return min(index - sure[at - 1] if at else 99, 99), min(sure[after] - index if after < len(sure) else 99, 99)

    def _in_core(self, block: PageBlock) -> list[int]:
        """Return how sure the page is, and where in its core a block stands: -1 for all that is outside."""
        index, core, before = block.index, self.core, self.before
        steps, branch, hints = _branch(block, core)
        if steps < 0:
            return [self.page_sure, steps, -1, -1, -1, -1, -1, self.p_core, hints]
        weight = self.weights[branch.last] - self.weights[branch.start]
        return [
            self.page_sure, steps, (before[branch.last] - before[branch.start]) // (weight or 1),
            min(99, branch.last - branch.start), 100 * weight // (self.core_weight or 1),
            1000 * (before[index] - before[core.start]) // (self.core_mass or 1),
            1000 * (before[core.last] - before[index + 1]) // (self.core_mass or 1), self.p_core, hints,
        ]  # fmt: skip

    def _among_kin(self, index: int, outer: Element) -> list[int]:
        """Return what is said of the other blocks that have the same parent and the same names."""
        kin = self.kin[outer.index, self.signatures[index]]
        chance, weight = self.chances[index], min(self.blocks[index].ink, _HEAVIEST)
        return [
            (kin.mass - chance * weight) // (kin.weight - weight) if kin.count > 1 else -1, min(kin.count, 99),
            min(kin.sure - (chance > _SURE), 99), max(-99, min(99, kin.last_sure - index)) if kin.sure else -100,
        ]  # fmt: skip


def _core(layout: Layout, chances: list[int]) -> Element:
    """Return the element whose near descendants hold most of what was judged to be the article."""
    scores: dict[int, int] = {}
    for index, block in enumerate(layout.blocks):
        if chances[index] < 300:
            continue
        mass = chances[index] * min(block.ink, _HEAVIEST)
        element = block.element.parent if block.tag in _OWN else block.element
        for share in (4, 3, 2):
            if element is None:
                break
            scores[element.index] = scores.get(element.index, 0) + mass * share
            element = element.parent
    if not scores:
        return layout.elements[0]
    return layout.elements[max(scores, key=lambda at: (scores[at], -at))]


def _branch(block: PageBlock, core: Element) -> tuple[int, Element, int]:
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
