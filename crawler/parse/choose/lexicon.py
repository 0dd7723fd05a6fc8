"""Words that give short blocks away, in the languages of many newsrooms: bits for a block's opening words.

"Read more", "Advertisement", "Subscribe to our newsletter", "Photo:" and their kin are written much the same on every
site of a language. A bit is evidence for the selection, never a verdict. The words are data (words/lexicon.json).
"""

from __future__ import annotations

__all__ = ["LEXICON", "announces_comments", "announces_more", "bits_and_share", "lexical_bits"]

import re
from functools import lru_cache
from typing import Final, NamedTuple

from crawler.parse.fields.any_case import words_first
from crawler.parse.native import Openings, lower
from crawler.parse.page.text import fold, words
from crawler.parse.words import pattern, table

_PHRASES: Final[dict[str, str]] = table("lexicon")["opening"]

_ANYWHERE: Final[dict[str, str]] = table("lexicon")["anywhere"]
"""Words that give a block away wherever they stand in it."""

LEXICON: Final[tuple[str, ...]] = (*_PHRASES, *_ANYWHERE)
"""The kinds, in the order of their bits."""


_THREAD: Final = pattern("lexicon", "comments")
_ON_THREADS: Final = words_first(_THREAD)
_DENSE: Final = re.compile("[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3]")
_LOOK: Final = 6
"""Opening words."""
_READ: Final = 320
"""Letters in which words are looked for that give away anywhere."""
_SLACK: Final = 24


class _Tables(NamedTuple):
    phrases: Openings
    dense: tuple[tuple[str, int], ...]
    """Bits by substring, in scripts without spaces."""
    dense_anywhere: tuple[tuple[str, int], ...]
    sign: int
    """Bits of the copyright sign, which is no word."""


@lru_cache(maxsize=1)
def _tables() -> _Tables:
    openings: dict[str, int] = {}
    anywhere: dict[str, int] = {}
    dense: list[tuple[str, int]] = []
    dense_anywhere: list[tuple[str, int]] = []
    for order, kind in enumerate(LEXICON):
        table, substrings = (openings, dense) if kind in _PHRASES else (anywhere, dense_anywhere)
        for phrase in (_PHRASES.get(kind) or _ANYWHERE[kind]).split("|"):
            if _DENSE.search(phrase):
                substrings.append((phrase, 1 << order))
            else:
                key = " ".join(words(phrase))
                table[key] = table.get(key, 0) | 1 << order
    sign = openings.pop("", 0)
    return _Tables(Openings(openings, anywhere, _LOOK), tuple(dense), tuple(dense_anywhere), sign)


def lexical_bits(text: str) -> int:
    """Return the bits of the phrases in `text` (bits of `LEXICON`), doubled for those that it begins with.

    The lower half of the bits: among the first words, or anywhere in a short text for kinds that give away there; the
    upper half: the text begins so.
    """
    return bits_and_share(text, [])[0]


def bits_and_share(text: str, title: list[str]) -> tuple[int, int]:
    """Return the `lexical_bits` of `text`, and how many of its words are of `title`, per cent."""
    tables = _tables()
    head = text[:_READ]
    found, first, count, titled = tables.phrases.read(head, title)
    if not head.isascii():
        head = head.lower()
        if _DENSE.search(head):
            bits = _dense_bits(head, tables)
            found, first = found | bits[0], first | bits[1]
        elif "©" in head:
            found |= tables.sign
            first |= tables.sign if head[0] == "©" else 0
    return found | first << len(LEXICON), 100 * titled // count if count else 0


def _dense_bits(head: str, tables: _Tables) -> tuple[int, int]:
    """Return the bits of substrings of `head`, and of those it begins with."""
    found = first = 0
    opening = head[:80]
    for phrase, bit in tables.dense:
        if phrase in opening:
            found |= bit
            if opening.startswith(phrase):
                first |= bit
    for phrase, bit in tables.dense_anywhere:
        if phrase in head:
            found |= bit
            if head.startswith(phrase):
                first |= bit
    return found, first


@lru_cache(maxsize=1)
def _more() -> tuple[str, ...]:
    return tuple(fold(phrase) for phrase in table("lexicon")["more"].split("|"))


def announces_comments(text: str) -> bool:
    """Tell whether `text` is a label such as "Comments (2)" or "3 thoughts on ...": what follows is readers'."""
    small = lower(text)
    return (len(small) != len(text) or _ON_THREADS.found(small) > 0) and _THREAD.fullmatch(text) is not None


def announces_more(text: str) -> bool:
    """Tell whether `text` is a label such as "Up next" or "Related stories", and little else."""
    label = fold(text).strip(" .:…-|»›>•→")
    return any(label.startswith(phrase) and len(label) <= len(phrase) + _SLACK for phrase in _more())
