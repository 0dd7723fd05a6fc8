"""The learned part of the selection: sums of small decision trees over whole numbers, read from ``selection.json``.

No dependency and no floating-point surprises: features are integers, leaves are integers (log-odds in thousandths), so
a page gets the same judgement on every machine. Interpreted, the trees are turned into one Python expression at first
use, which is four times faster than walking them; compiled, they are walked, which is ten times faster still.
benchmarks/train_selection.py makes the file.
"""

from __future__ import annotations

__all__ = ["Forest", "Node", "load_forests"]

import math
from collections.abc import Callable
from functools import lru_cache
from importlib.resources import files
from typing import Final, TypeAlias

import msgspec

from crawler.parse.choose.features import FEATURES

Node: TypeAlias = object
"""A leaf, or [feature, threshold, at most, above]; a negative feature is ``~feature`` and its threshold a bit mask
(no bit set, some bit set)."""


_COMPILED: Final = not __file__.endswith(".py")


class Forest:
    """Trees whose leaves are summed, over rows of `width` numbers."""

    __slots__ = ("_base", "_total", "_trees")

    def __init__(self, trees: list[Node], base: int, width: int) -> None:
        self._base = base
        self._trees = [_split(tree) for tree in trees]
        self._total: Callable[..., int] | None = None if _COMPILED else _function(trees, base, width)

    def chance(self, row: list[int]) -> int:
        """Return the chance, per mille, that the block with this row belongs to the article."""
        total = self._walked(row) if self._total is None else self._total(*row)
        return round(1000 / (1 + math.exp(-max(-20_000, min(20_000, total)) / 1000)))

    def _walked(self, row: list[int]) -> int:
        total = self._base
        for tree in self._trees:
            node = tree
            while node.feature >= 0:
                value = row[node.feature]
                below = value & node.threshold == 0 if node.is_mask else value <= node.threshold
                node = node.low if below else node.high
            total += node.threshold
        return total


class _Split:
    """A node of a tree; a leaf has feature -1, and its value as threshold."""

    __slots__ = ("feature", "high", "is_mask", "low", "threshold")

    def __init__(self, feature: int, threshold: int, *, is_mask: bool = False) -> None:
        self.feature = feature
        self.threshold = threshold
        self.is_mask = is_mask
        self.low: _Split = self
        self.high: _Split = self


def _split(node: object) -> _Split:
    """Return a tree of `_Split`; TypeError for what is no tree of whole numbers."""
    if isinstance(node, int):
        return _Split(-1, node)
    if not isinstance(node, list) or len(node) != 4:
        raise TypeError(f"not a node of a tree: {node!r:.80}")
    feature: int = node[0]
    split = _Split(~feature if feature < 0 else feature, node[1], is_mask=feature < 0)
    split.low, split.high = _split(node[2]), _split(node[3])
    return split


def _function(trees: list[Node], base: int, width: int) -> Callable[..., int]:
    """Return a function of the row's numbers that gives the sum of the trees."""
    source = "+".join([str(base), *[_expression(tree) for tree in trees]])
    names = ",".join([f"r{feature:d}" for feature in range(width)])
    function: Callable[..., int] = eval(  # noqa: S307 - the source is made of whole numbers only
        compile(f"lambda {names}: {source}", "selection.json", "eval")
    )
    return function


def _expression(node: object) -> str:
    """Return a tree as a conditional expression over ``r0``, ``r1`` ...; TypeError for what is no tree of whole numbers."""
    if isinstance(node, int):
        return f"({node:d})"
    if not isinstance(node, list) or len(node) != 4:
        raise TypeError(f"not a node of a tree: {node!r:.80}")
    feature, threshold, low, high = node
    if feature >= 0:
        return f"({_expression(low)} if r{feature:d}<={threshold:d} else {_expression(high)})"
    return f"({_expression(high)} if r{~feature:d}&{threshold:d} else {_expression(low)})"


@lru_cache(maxsize=1)
def load_forests() -> tuple[str, Forest, Forest]:
    """Return the version of the shipped weights and their two stages: a block alone, and a block among the others."""
    weights = msgspec.json.decode((files("crawler.parse.choose") / "selection.json").read_bytes())
    alone, among = weights["stages"]
    return (
        weights["version"],
        Forest(alone["trees"], alone["base"], len(FEATURES)),
        Forest(among["trees"], among["base"], len(weights["features"])),
    )
