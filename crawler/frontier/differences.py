"""What changed between two revisions of an article, paragraph by paragraph and word by word."""

from __future__ import annotations

__all__ = ["UNSPACED", "Change", "TextStretch", "differences"]

import difflib
import re
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

_MAX_PARAGRAPHS = 3000
_MAX_WORDS = 600
UNSPACED = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""Letters of Chinese and Japanese, which set no spaces between words, as they stand in a class of ``re``."""
_WORD = re.compile(rf"\s+|[{UNSPACED}]|[^\s{UNSPACED}]+")

ChangeKind = Literal["same", "added", "removed"]


class TextStretch(NamedTuple):
    """A stretch of text that is in both revisions, or in one only."""

    kind: ChangeKind
    text: str


class Change(NamedTuple):
    """A paragraph: ``same``, ``added``, ``removed``, or ``changed`` with the runs it is made of."""

    kind: Literal["same", "added", "removed", "changed"]
    runs: tuple[TextStretch, ...]


def differences(old: str, new: str) -> list[Change]:
    """Return the paragraphs of both texts in order. Bounded: a long paragraph is replaced whole, not word by word."""
    before, after = _paragraphs(old), _paragraphs(new)
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    changes: list[Change] = []
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag == "equal":
            changes += [_whole("same", text) for text in before[i:j]]
        else:
            changes += _replaced(before[i:j], after[k:m])
    return changes


def _replaced(old: Sequence[str], new: Sequence[str]) -> Iterator[Change]:
    """Yield paragraphs that stand in each other's place, paired as they come."""
    for before, after in zip(old, new, strict=False):
        words = _word_by_word(before, after)
        if words is None:
            yield _whole("removed", before)
            yield _whole("added", after)
        else:
            yield Change("changed", words)
    for text in old[len(new) :]:
        yield _whole("removed", text)
    for text in new[len(old) :]:
        yield _whole("added", text)


def _word_by_word(old: str, new: str) -> tuple[TextStretch, ...] | None:
    """Return the runs of a paragraph that was edited, None if it is another one (or too long to tell)."""
    before, after = _WORD.findall(old), _WORD.findall(new)
    if len(before) > _MAX_WORDS or len(after) > _MAX_WORDS:
        return None
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    if matcher.ratio() < 0.4:
        return None
    runs: list[TextStretch] = []
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag == "equal":
            runs.append(TextStretch("same", "".join(before[i:j])))
            continue
        if i < j:
            runs.append(TextStretch("removed", "".join(before[i:j])))
        if k < m:
            runs.append(TextStretch("added", "".join(after[k:m])))
    return tuple(runs)


def _paragraphs(text: str) -> list[str]:
    lines = [line for line in text.split("\n") if line.strip()]
    return lines[:_MAX_PARAGRAPHS]


def _whole(kind: ChangeKind, text: str) -> Change:
    return Change(kind, (TextStretch(kind, text),))
