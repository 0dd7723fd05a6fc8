"""The line that an element of a page stands in: what readers see right before it."""

from __future__ import annotations

__all__ = ["words_before"]

from selectolax.lexbor import LexborNode

_MOST_SIBLINGS = 3
_LONGEST = 40
"""Letters of each: what is farther off says nothing of the element."""
_WHOLE = frozenset(("body", "article", "main"))


def words_before(node: LexborNode, *, back_to: str) -> str:
    """Return the words before `node`, back to an element of the tag `back_to`; where it begins what holds it, those before that."""
    words, before = "", node.prev
    for _ in range(_MOST_SIBLINGS):
        if before is None or before.tag == back_to:
            break
        words = _words_of(before) + words
        before = before.prev
    outer = node.parent
    if words.strip() or outer is None or outer.tag in _WHOLE:
        return words
    before = outer.prev
    while before is not None and before.tag == "-text" and not _words_of(before).strip():
        before = before.prev
    return words if before is None else _words_of(before).strip()


def _words_of(node: LexborNode) -> str:
    if node.tag == "-comment":
        return ""
    return ((node.text_content or "") if node.tag == "-text" else node.text())[-_LONGEST:]
