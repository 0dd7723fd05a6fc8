"""The learned part of the selection: sums of small decision trees over whole numbers, read from ``selection.json``.

No dependency and no floating-point surprises: features are integers, leaves are integers (log-odds in thousandths), so
a page gets the same judgement on every machine. The trees are turned into one Python expression at first use, which is
four times faster than walking them. benchmarks/train_selection.py makes the file.
"""

from __future__ import annotations

__all__ = ["Forest", "Node", "load_forests"]

import math
from collections.abc import Callable
from functools import lru_cache
from importlib.resources import files
from typing import TypeAlias

import msgspec

from crawler.parse.features import FEATURES

Node: TypeAlias = object
"""A leaf, or [feature, threshold, at most, above]; a negative feature is ``~feature`` and its threshold a bit mask
(no bit set, some bit set)."""


class Forest:
    """Trees whose leaves are summed, over rows of `width` numbers."""

    __slots__ = ("_total",)

    def __init__(self, trees: list[Node], base: int, width: int) -> None:
        source = "+".join([str(int(base)), *(_expression(tree) for tree in trees)])
        names = ",".join(f"r{feature:d}" for feature in range(width))
        code = compile(f"lambda {names}: {source}", "selection.json", "eval")
        self._total: Callable[..., int] = eval(code)  # noqa: S307 - the source is made of whole numbers only

    def chance(self, row: list[int]) -> int:
        """Return the chance, per mille, that the block with this row belongs to the article."""
        total = self._total(*row)
        return round(1000 / (1 + math.exp(-max(-20_000, min(20_000, total)) / 1000)))


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


class _Stage(msgspec.Struct):
    base: int
    trees: list[object]


class _Weights(msgspec.Struct):
    version: str
    features: list[str]
    stages: list[_Stage]


@lru_cache(maxsize=1)
def load_forests() -> tuple[str, Forest, Forest]:
    """Return the version of the shipped weights and their two stages: a block alone, and a block among the others."""
    weights = msgspec.json.decode((files("crawler.parse") / "selection.json").read_bytes(), type=_Weights)
    alone, among = weights.stages
    return (
        weights.version,
        Forest(alone.trees, alone.base, len(FEATURES)),
        Forest(among.trees, among.base, len(weights.features)),
    )
