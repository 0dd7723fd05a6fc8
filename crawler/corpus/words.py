"""Words as they are searched for: of a text in any script, what SQLite's tokenizer finds the same words in.

Case, accents, Arabic vowel marks and tatweel go; the forms of alef, ya, ta marbuta and kaf that people type for one
another become one, digits are ASCII. Scripts that put no blanks between words are cut into pairs of letters, so that
any stretch of two is found; a last letter stands alone, so that one is found too.
"""

from __future__ import annotations

__all__ = ["TOKENIZER", "Snippet", "folded", "indexed", "phrase", "snippet", "with_article"]

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import NamedTuple

TOKENIZER = "unicode61 remove_diacritics 0 categories ''L* N* Co Mn Mc''"
"""What splits indexed texts, as SQL has it; vowel signs of Indic scripts are part of words."""

_SPANS = (
    (0x0300, 0x036F), (0x0483, 0x0487), (0x0591, 0x05BD), (0x05BF, 0x05BF), (0x05C1, 0x05C2), (0x05C4, 0x05C5),
    (0x05C7, 0x05C7), (0x0610, 0x061A), (0x0640, 0x0640), (0x064B, 0x065F), (0x0670, 0x0670), (0x06D6, 0x06DC),
    (0x06DF, 0x06E4), (0x06E7, 0x06E8), (0x06EA, 0x06ED), (0x08D3, 0x08FF), (0x1DC0, 0x1DFF), (0x00AD, 0x00AD),
    (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x2069), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF),
)  # fmt: skip
"""Marks of Latin, Greek, Cyrillic, Hebrew and Arabic; joiners, soft hyphens and direction marks."""
_SAME = {
    "ٱ": "ا", "ى": "ي", "ی": "ي", "ې": "ي", "ے": "ي", "ة": "ه", "ۃ": "ه", "ہ": "ه", "ھ": "ه", "ە": "ه", "ک": "ك",
    "ı": "i", "ø": "o", "đ": "d", "ł": "l", "ħ": "h", "ŧ": "t", "æ": "ae", "œ": "oe", "ς": "σ",
}  # fmt: skip
_TABLE: dict[int, str | None] = {code: None for first, last in _SPANS for code in range(first, last + 1)}
_TABLE.update({ord(letter): other for letter, other in _SAME.items()})
_TABLE.update({zero + digit: str(digit) for zero in (0x0660, 0x06F0, 0x0966) for digit in range(10)})

_UNSPACED = (
    "\u0e01-\u0e4e\u0e81-\u0ece\u1000-\u104f\u1780-\u17d3\u3005-\u3007\u3041-\u3096\u3099\u309a\u309d-\u309f"
    "\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
)
"""Thai, Lao, Burmese, Khmer, Chinese, Japanese; and Korean, whose particles are written on to words."""
_RUN = re.compile(f"[{_UNSPACED}]+")
_WORD = re.compile(rf"[{_UNSPACED}]+|(?:(?![{_UNSPACED}])[^\W_])(?:(?![{_UNSPACED}])[\w\u0900-\u0dff])*")
_ARABIC = re.compile("[\u0621-\u064a]{3,}")
_ARTICLES = ("ال", "وال", "بال", "فال", "كال", "لل")
_AROUND = 90
"""Characters of a snippet on each side of what was found."""
_ELLIPSIS = "…"


class Snippet(NamedTuple):
    """A stretch of a text around what was found."""

    text: str
    marks: tuple[tuple[int, int], ...]
    """Where in it the words are: begin and end."""


def folded(text: str) -> str:
    """Return `text` with all that does not matter to a search taken away."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKD", text.casefold()).translate(_TABLE))


def indexed(text: str) -> str:
    """Return what of `text` goes into the index: words between blanks."""
    return _RUN.sub(lambda run: f" {_pairs(run[0], last=True)} ", folded(text))


def phrase(text: str) -> tuple[str, bool]:
    """Return the words of `text` as the index has them one after the other, and whether more may follow the last.

    Empty: there is no word in it.
    """
    words = _WORD.findall(folded(text))
    parts = [
        _pairs(word, last=place < len(words) or len(word) == 1) if _RUN.match(word) else word
        for place, word in enumerate(words, 1)
    ]
    return " ".join(parts), bool(words) and bool(_RUN.match(words[-1])) and len(words[-1]) == 1


def with_article(words: str) -> tuple[str, ...]:
    """Return `words`, as `phrase` has them; of one Arabic word without the article also its forms with it, which is
    written on to the word, alone or behind "and", "in", "so", "like" and "for".
    """
    if not _ARABIC.fullmatch(words) or words.startswith(_ARTICLES):
        return (words,)
    return (words, *(article + words for article in _ARTICLES))


def snippet(text: str, terms: Iterable[str]) -> Snippet:
    """Return a stretch of `text` around the first of `terms` (as they were typed) that is in it, else its beginning."""
    plain = " ".join(text.split())
    letters, places = _letters(plain)
    found: list[tuple[int, int]] = []
    for term in terms:
        pattern = _pattern(_WORD.findall(folded(term.rstrip("*"))), open_end=term.endswith("*"))
        if pattern is not None:
            found += [(places[one.start()], places[one.end() - 1] + 1) for one in pattern.finditer(letters)]
    marks = _apart(sorted(found))
    middle = marks[0][0] if marks else 0
    begin, end = _window(plain, middle)
    before, after = (_ELLIPSIS if begin else ""), (_ELLIPSIS if end < len(plain) else "")
    moved = tuple((a - begin + len(before), b - begin + len(before)) for a, b in marks if a >= begin and b <= end)
    return Snippet(before + plain[begin:end] + after, moved)


def _pairs(run: str, *, last: bool) -> str:
    pairs = [run[at : at + 2] for at in range(len(run) - 1)]
    return " ".join([*pairs, run[-1]] if last else pairs)


def _letters(text: str) -> tuple[str, list[int]]:
    """Return `text` folded letter by letter, and from which letter of `text` each came."""
    letters: list[str] = []
    places: list[int] = []
    for place, letter in enumerate(text):
        for one in folded(letter):
            letters.append(one)
            places.append(place)
    return "".join(letters), places


def _pattern(words: Sequence[str], *, open_end: bool) -> re.Pattern[str] | None:
    if not words:
        return None
    begin = "" if _RUN.match(words[0]) else r"(?<!\w)"
    if len(words) == 1 and len(with_article(words[0])) > 1:
        begin += f"(?:{'|'.join(_ARTICLES)})?"
    end = "" if open_end or _RUN.match(words[-1]) else r"(?!\w)"
    return re.compile(begin + r"[\W_]*".join(map(re.escape, words)) + end)


def _apart(found: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the stretches without those that begin within another."""
    kept: list[tuple[int, int]] = []
    for begin, end in found:
        if not kept or begin >= kept[-1][1]:
            kept.append((begin, end))
    return kept


def _window(text: str, middle: int) -> tuple[int, int]:
    """Return where to begin and end around `middle`, between words where there are blanks near."""
    begin, end = max(middle - _AROUND, 0), min(middle + 2 * _AROUND, len(text))
    if begin and (blank := text.find(" ", begin, middle)) >= 0:
        begin = blank + 1
    if end < len(text) and (blank := text.rfind(" ", middle, end)) > middle + _AROUND:
        end = blank
    return begin, end
