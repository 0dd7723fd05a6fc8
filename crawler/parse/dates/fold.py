"""One spelling for what dates are written in: ASCII digits, lower case, no accents, no vowel signs of Arabic, no dots.

For reading only; the folded text is never shown.
"""

from __future__ import annotations

__all__ = ["fold_date"]

import re
import unicodedata

_ZEROS = (
    0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xE50, 0xED0, 0xF20, 0x1040, 0x17E0, 0x1810, 0xFF10,
)  # fmt: skip
"""The zeros of the scripts that have digits of their own; the other nine follow each."""
_GONE = (
    *range(0x300, 0x370), *range(0x591, 0x5C8), *range(0x610, 0x61B), *range(0x64B, 0x660), 0x640, 0x670, *range(0x200B, 0x2010),
    *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF, 0xAD, 0x970, 0x2BC,
)  # fmt: skip
"""Accents, vowel signs of Hebrew and Arabic, marks of direction and joining, the abbreviation sign of Devanagari, the letter apostrophe."""
_SPELT = {"ي": "ی", "ى": "ی", "ك": "ک", "ہ": "ه", "ۀ": "ه", "ۃ": "ه", "ة": "ه", "ı": "i", "đ": "d", "−": "-", "–": "-", "—": "-", "‐": "-", "‑": "-", "’": "'", "ൺ": "ണ്", "ൻ": "ന്", "ർ": "ര്", "ൽ": "ല്", "ൾ": "ള്"}  # fmt: skip
_TABLE: dict[int, str] = (
    {zero + digit: str(digit) for zero in _ZEROS for digit in range(10)}
    | dict.fromkeys(_GONE, "")
    | {ord(letter): plain for letter, plain in _SPELT.items()}
)
_DOTTED = re.compile(r"(?<![^\W\d_])([^\W\d_][\u0900-\u109f]?)\.[ \xa0]?([^\W\d_][\u0900-\u109f]?)(?![^\W\d_])\.?")
"""``p. m.``, ``พ.ย.``, ``ب.ظ``: two letters with dots are one word."""
_JOINED = re.compile(r"[A-Z\u00c0-\u00de](?<=[a-z\u00df-\u00ff].)(?=[a-z\u00df-\u00ff]{2,9}\.? \d{1,2}\b)")
"""The first letter of a month that is joined to a name without a space, as elements beside each other are: ``BergDecember 3``."""
_SPACE = re.compile(r"\s+")


def fold_date(text: str) -> str:
    """Return `text` in the one spelling that the tables of words are compared in."""
    if _JOINED.search(text) is not None:  # which is quicker than to replace nothing
        text = _JOINED.sub(r" \g<0>", text)
    text = text.lower()
    if not text.isascii():
        text = unicodedata.normalize("NFC", unicodedata.normalize("NFKD", text).translate(_TABLE))
    if "." in text and _DOTTED.search(text) is not None:
        text = _DOTTED.sub(r"\1\2", text)
    return _SPACE.sub(" ", text).strip()
