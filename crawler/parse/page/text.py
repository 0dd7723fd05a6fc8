"""Text measures and clean-up that hold for every script: white space, length, words, similarity hash.

Nothing here normalises letters: Farsi yeh, ZWNJ, presentation forms and bidi marks leave as they came.
"""

from __future__ import annotations

__all__ = ["clean", "fingerprint", "fold", "folds_to", "squeezed", "unit_length", "word_count", "words"]

import re
import unicodedata
from typing import Final

from crawler.parse.native import clean, simhash, squeezed, straight, unit_length, word_count, words

_FORMAT: Final = re.compile("[\xad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")

_COUNTABLE: Final = 60_000


def fold(text: str) -> str:
    """Return `text` for comparison only: NFKC, one form of quotes and dashes, no format characters, case folded."""
    if text.isascii():
        return " ".join(text.replace("`", "'").lower().split())
    plain = straight(text)
    if not unicodedata.is_normalized("NFKC", plain):
        plain = straight(unicodedata.normalize("NFKC", plain))
    return " ".join(_FORMAT.sub("", plain).casefold().split())


def folds_to(text: str, key: str) -> bool:
    """Tell whether ``fold(text) == key``; mostly without folding, by the first letter."""
    if text[:1].isalnum() and text[:2].isascii() and text[0].lower() != key[:1]:
        return False
    return fold(text) == key


def fingerprint(text: str) -> str:
    """Return the 64-bit simhash of `text`'s word triples as 16 hex digits: near texts differ in few bits.

    An empty text gives zeros. Stable over machines, locales and hash seeds.
    """
    return f"{simhash(text, _COUNTABLE):016x}"
