"""In Python what _native.c does in C: sums over decision trees, the similarity hash, a look at a page's bytes."""

from __future__ import annotations

__all__ = ["Trees", "is_utf8", "runs", "simhash", "tags_and_options"]

import re
from collections.abc import Callable
from typing import Final
from zlib import crc32

_MIX: Final = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)
_SLOT: Final = 16
"""Bytes of one word in a row of words held as one integer: room for a product of two 64-bit numbers."""
_COMMON: Final = 24
"""Longer words are rare, and not worth remembering."""
_MARKS: Final[dict[str, bytes]] = {}
_MAX_MARKS: Final = 1 << 16

_OTHER_MARKS: Final = re.compile(r"[^\w\x00-\x7f]+")
_ASCII_WORDS: Final = bytes(code if code > 127 or re.match(r"\w", chr(code), re.ASCII) else 32 for code in range(256))
"""ASCII letters, digits, underscores and what is not ASCII as they are, all else a space."""


class Trees:
    """Decision trees whose leaves are summed over rows of `width` numbers, beginning with `base`.

    A tree is a leaf, or [feature, threshold, at most, above]; a negative feature is ``~feature`` and its threshold a bit
    mask (no bit set, some bit set). TypeError for what is no tree of whole numbers.
    """

    __slots__ = ("_total",)

    def __init__(self, trees: list[object], base: int, width: int) -> None:
        self._total = _function(trees, base, width)

    def totals(self, rows: list[list[int] | None]) -> list[int | None]:
        """Return the sum for each row; None where there is none."""
        return [None if row is None else self._total(*row) for row in rows]


def _function(trees: list[object], base: int, width: int) -> Callable[..., int]:
    """Return a function of the row's numbers that gives the sum of the trees: four times faster than walking them."""
    source = "+".join([str(base), *[_expression(tree, width) for tree in trees]])
    names = ",".join([f"r{feature:d}" for feature in range(width)])
    function: Callable[..., int] = eval(  # noqa: S307 - the source is made of whole numbers only
        compile(f"lambda {names}: {source}", "selection.json", "eval")
    )
    return function


def _expression(node: object, width: int) -> str:
    """Return a tree as a conditional expression over ``r0``, ``r1`` ...; TypeError for what is no tree of whole numbers."""
    if isinstance(node, int):
        return f"({node:d})"
    if not isinstance(node, list) or len(node) != 4 or not isinstance(node[0], int) or not isinstance(node[1], int):
        raise TypeError(f"not a node of a tree: {node!r:.80}")
    feature, threshold, low, high = node
    if max(feature, ~feature) >= width:
        raise TypeError("a node of a tree asks for a number that the rows have not")
    if feature >= 0:
        return f"({_expression(low, width)} if r{feature:d}<={threshold:d} else {_expression(high, width)})"
    return f"({_expression(high, width)} if r{~feature:d}&{threshold:d} else {_expression(low, width)})"


def simhash(tokens: list[str]) -> int:
    """Return the 64-bit simhash of the triples of `tokens`: near texts differ in few bits. 0 if there are none."""
    if not tokens:
        return 0
    grams = _triples(_marks(tokens) + [bytes(_SLOT)] * (3 - len(tokens)))
    hashes = b"".join(grams)
    lowest = int.from_bytes(b"\1" * len(grams), "little")
    masks = [lowest << bit for bit in range(8)]
    value = 0
    for lane in range(8):
        column = int.from_bytes(hashes[lane::8], "little")
        for bit, mask in enumerate(masks):
            if (column & mask).bit_count() * 2 > len(grams):
                value |= 1 << lane * 8 + bit
    return value


def _triples(marks: list[bytes]) -> set[bytes]:
    """Return ``a * _MIX[0] + b * _MIX[1] + c * _MIX[2]`` modulo 2**64 of every three marks that follow each other.

    The row is one integer with a number in every slot, so that each factor takes a single multiplication.
    """
    size = _SLOT * (len(marks) - 2)
    low = int.from_bytes((b"\xff" * 8 + b"\0" * 8) * (len(marks) - 2), "little")
    row = int.from_bytes(b"".join(marks), "little")
    total = 0
    for place, factor in enumerate(_MIX):
        total += (row >> 8 * _SLOT * place) * factor & low
    sums = (total & low).to_bytes(size, "little")
    return {sums[at : at + 8] for at in range(0, size, _SLOT)}


def _marks(tokens: list[str]) -> list[bytes]:
    """Return the mark of each word; those of common words are remembered from page to page."""
    if len(_MARKS) > _MAX_MARKS:
        _MARKS.clear()
    found = []
    for token in tokens:
        mark = _MARKS.get(token)
        if mark is None:
            mark = _mark(token)
            if len(token) < _COMMON:
                _MARKS[token] = mark
        found.append(mark)
    return found


def _mark(token: str) -> bytes:
    """Return 64 bits for a word, in its slot; the sum over three words with odd factors mixes them."""
    raw = token.encode("utf-8", "surrogatepass")
    return (crc32(raw) << 32 | crc32(raw, 0x5BD1E995)).to_bytes(_SLOT, "little")


def runs(text: str) -> list[str]:
    """Return the runs of letters, digits and underscores in `text`."""
    spaced = text if text.isascii() else _OTHER_MARKS.sub(" ", text)
    return spaced.encode("utf-8", "surrogatepass").translate(_ASCII_WORDS).decode("utf-8", "surrogatepass").split()


def is_utf8(body: bytes) -> bool:
    """Tell whether `body` is valid UTF-8."""
    if body.isascii():
        return True
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def tags_and_options(html: bytes) -> tuple[int, int]:
    """Return how many tags begin in `html`, or seem to, and how many of them with ``<opt`` in letters of any case."""
    return html.count(b"<"), html.lower().count(b"<opt")
