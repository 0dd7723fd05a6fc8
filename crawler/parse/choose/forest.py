"""The learned part of the selection: sums of small decision trees over whole numbers, read from ``selection.json``.

No dependency and no floating-point surprises: features are integers, leaves are integers (log-odds in thousandths), so
a page gets the same judgement on every machine. benchmarks/train_selection.py makes the file.
"""

from __future__ import annotations

__all__ = ["Forest", "Node", "load_forests"]

import math
from functools import lru_cache
from importlib.resources import files
from typing import TypeAlias

import msgspec

from crawler.parse.choose.features import FEATURES
from crawler.parse.native import Trees

Node: TypeAlias = object
"""A leaf, or [feature, threshold, at most, above]; a negative feature is ``~feature`` and its threshold a bit mask
(no bit set, some bit set)."""


class Forest:
    """Trees whose leaves are summed, over rows of `width` numbers."""

    __slots__ = ("_trees",)

    def __init__(self, trees: list[Node], base: int, width: int) -> None:
        self._trees = Trees(trees, base, width)

    def chances(self, rows: list[list[int] | None]) -> list[int]:
        """Return for each row the chance, per mille, that the block with it belongs to the article; 0 without a row."""
        return [0 if total is None else _chance(total) for total in self._trees.totals(rows)]


def _chance(total: int) -> int:
    return round(1000 / (1 + math.exp(-max(-20_000, min(20_000, total)) / 1000)))


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
