"""Text measures and clean-up that hold for every script: white space, length, words, similarity hash.

Nothing here normalises letters: Farsi yeh, ZWNJ, presentation forms and bidi marks leave as they came.
"""

from __future__ import annotations

__all__ = ["clean", "fingerprint", "fold", "unit_length", "word_count", "words"]

import re
import unicodedata
from hashlib import blake2b

_JUNK = re.compile("[\x01-\x08\x0b\x0e-\x1f\x7f-\x9f\xad\u200b\ufeff]")
_SPACE = re.compile("[ \t\n\r\f]+")
_SPACED_BREAK = re.compile(" ?\x00 ?")
_DENSE = (
    "\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3040-\u30ff"
    "\u3100-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9d\U00020000-\U0003ffff"
)
_DENSE_CHAR = re.compile(f"[{_DENSE}]")
_DENSE_RUN = re.compile(f"[{_DENSE}]+")
_IDEOGRAPH = re.compile("[\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7a3]")
_WORD = re.compile(r"\w+")
_FORMAT = re.compile("[\xad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_QUOTES = str.maketrans(
    {c: '"' for c in "“”„‟«»″〝〞＂"} | {c: "'" for c in "‘’‚‛′`´‹›＇"} | {c: "-" for c in "‐‑‒–—―−"}
)

_SPREAD = tuple(sum((value >> bit & 1) << 32 * bit for bit in range(8)) for value in range(256))
"""Each byte's bits, 32 apart, so that a sum counts all eight at once."""


def clean(raw: str) -> str:
    """Return `raw` as inline text of a block: ASCII white space collapsed, NBSP a space, invisible junk gone.

    A NUL stands for a line break of the page and leaves as ``\\n``.
    """
    text = _JUNK.sub("", raw) if not raw.isascii() or _JUNK.search(raw) else raw
    text = _SPACE.sub(" ", text.replace("\xa0", " "))
    if "\x00" in text:
        text = _SPACED_BREAK.sub("\n", text)
    return text.strip(" \n\u3000\u2002\u2003\u2009\u200a\u202f")


def unit_length(text: str) -> int:
    """Return a length that compares across scripts: an ideograph, kana or Hangul syllable counts as three letters."""
    if text.isascii():
        return len(text)
    return len(text) + 2 * len(_IDEOGRAPH.findall(text))


def words(text: str) -> list[str]:
    """Return the words of `text`, case folded; scripts written without spaces give one word per character."""
    found: list[str] = []
    for word in _WORD.findall(_FORMAT.sub("", text).lower()):
        if word.isascii() or not _DENSE_CHAR.search(word):
            found.append(word)
            continue
        start = 0
        for run in _DENSE_RUN.finditer(word):
            if run.start() > start:
                found.append(word[start : run.start()])
            found.extend(run[0])
            start = run.end()
        if start < len(word):
            found.append(word[start:])
    return found


def word_count(text: str) -> int:
    """Return how many words a reader would count: by spaces, and two characters a word in scripts without spaces."""
    if text.isascii():
        return len(text.split())
    dense = len(_DENSE_CHAR.findall(text))
    if not dense:
        return len([part for part in text.split() if any(c.isalnum() for c in part)])
    rest = _DENSE_RUN.sub(" ", text)
    return (dense + 1) // 2 + len([part for part in rest.split() if any(c.isalnum() for c in part)])


def fold(text: str) -> str:
    """Return `text` for comparison only: NFKC, one form of quotes and dashes, no format characters, case folded."""
    plain = unicodedata.normalize("NFKC", text.translate(_QUOTES)).translate(_QUOTES)
    return " ".join(_FORMAT.sub("", plain).casefold().split())


def fingerprint(text: str) -> str:
    """Return the 64-bit simhash of `text`'s word triples as 16 hex digits: near texts differ in few bits.

    An empty text gives zeros. Stable over machines, locales and hash seeds.
    """
    tokens = words(text)
    if not tokens:
        return "0" * 16
    grams = {" ".join(tokens[i : i + 3]) for i in range(max(1, len(tokens) - 2))}
    hashes = b"".join(blake2b(gram.encode(), digest_size=8).digest() for gram in sorted(grams))
    half = len(grams) / 2
    value = 0
    for lane in range(8):
        ones = sum(map(_SPREAD.__getitem__, hashes[lane::8]))
        for bit in range(8):
            if (ones >> 32 * bit & 0xFFFFFFFF) > half:
                value |= 1 << lane * 8 + bit
    return f"{value:016x}"
