"""Text measures and clean-up that hold for every script: white space, length, words, similarity hash.

Nothing here normalises letters: Farsi yeh, ZWNJ, presentation forms and bidi marks leave as they came.
"""

from __future__ import annotations

__all__ = ["clean", "fingerprint", "fold", "folds_to", "squeezed", "unit_length", "word_count", "words"]

import re
import unicodedata
from typing import Final

from crawler.parse.native import runs, simhash

_JUNK: Final = re.compile("[\x01-\x08\x0b\x0e-\x1f\x7f-\x9f\xad\u200b\u2060-\u2064\ufeff]")
_SPACE: Final = re.compile("[ \t\n\r\f]+")
_SPACED_BREAK: Final = re.compile(" ?\x00 ?")
_DENSE: Final = (
    "\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3040-\u30ff"
    "\u3100-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9d\U00020000-\U0003ffff"
)
_DENSE_CHAR: Final = re.compile(f"[{_DENSE}]")
_DENSE_RUN: Final = re.compile(f"[{_DENSE}]+")
_IDEOGRAPH: Final = re.compile(
    "[\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7a3]"
)
_WORD: Final = re.compile(r"\w+")
_ASCII_LOWER: Final = bytes(range(128)).lower() + bytes(range(128, 256))
_ASCII_OTHER: Final = bytes(code for code in range(128) if not chr(code).isalnum())
_NOT_LETTER: Final = re.compile(r"[\W_]+")
_FORMAT: Final = re.compile("[\xad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_QUOTES: Final = str.maketrans(
    dict.fromkeys("“”„‟«»″〝〞＂", '"') | dict.fromkeys("‘’‚‛′`´‹›＇", "'") | dict.fromkeys("‐‑‒–—―−", "-")
)

_COUNTABLE: Final = 60_000


def clean(raw: str) -> str:
    r"""Return `raw` as inline text of a block: ASCII white space collapsed, NBSP a space, invisible junk gone.

    A NUL stands for a line break of the page and leaves as ``\\n``.
    """
    if raw.isprintable():  # no junk, no NUL, and no white space but spaces
        return " ".join(raw.split())
    plain = raw.replace("\n", " ").replace("\t", " ").replace("\r", " ").replace("\xa0", " ")
    if plain.isprintable():
        return " ".join(plain.split())
    text = _SPACE.sub(" ", _JUNK.sub("", raw).replace("\xa0", " "))
    if "\x00" in text:
        text = _SPACED_BREAK.sub("\n", text)
    return text.strip(" \n\u3000\u2002\u2003\u2009\u200a\u202f")


def unit_length(text: str) -> int:
    """Return a length that compares across scripts: an ideograph, kana or Hangul syllable counts as three letters."""
    size = len(text)
    if text.isascii() or len(text.encode("utf-8", "surrogatepass")) * 10 < size * 13:
        return size  # mostly ASCII letters: a stray ideograph does not matter, and counting costs
    return size + 2 * len(_IDEOGRAPH.findall(text))


def words(text: str) -> list[str]:
    """Return the words of `text`, case folded; scripts written without spaces give one word per character."""
    if text.isascii():
        return runs(text.lower())
    if not text.replace("\n", " ").isprintable():
        text = _FORMAT.sub("", text)
    plain = runs(text.lower())
    if not _DENSE_CHAR.search(text):
        return plain
    found: list[str] = []
    for word in plain:
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
    dense = 0 if text.isascii() else len(_DENSE_CHAR.findall(text))
    rest = _DENSE_RUN.sub(" ", text) if dense else text
    return (dense + 1) // 2 + sum(1 for part in rest.split() if part[0].isalnum() or _WORD.search(part))


def fold(text: str) -> str:
    """Return `text` for comparison only: NFKC, one form of quotes and dashes, no format characters, case folded."""
    if text.isascii():
        return " ".join(text.replace("`", "'").lower().split())
    plain = text.translate(_QUOTES)
    if not unicodedata.is_normalized("NFKC", plain):
        plain = unicodedata.normalize("NFKC", plain).translate(_QUOTES)
    return " ".join(_FORMAT.sub("", plain).casefold().split())


def folds_to(text: str, key: str) -> bool:
    """Tell whether ``fold(text) == key``; mostly without folding, by the first letter."""
    if text[:1].isalnum() and text[:2].isascii() and text[0].lower() != key[:1]:
        return False
    return fold(text) == key


def squeezed(text: str) -> str:
    """Return the letters and digits of `text` alone, in lower case, for comparison."""
    if text.isascii():
        return text.encode().translate(_ASCII_LOWER, _ASCII_OTHER).decode()
    return _NOT_LETTER.sub("", text).lower()


def fingerprint(text: str) -> str:
    """Return the 64-bit simhash of `text`'s word triples as 16 hex digits: near texts differ in few bits.

    An empty text gives zeros. Stable over machines, locales and hash seeds.
    """
    return f"{simhash(words(text)[:_COUNTABLE]):016x}"
