"""Expressions that are looked for in long texts whatever the case of these: by a word first that each must have.

Of a page's whole text expressions ask each letter many times over; most texts have none of their words.
"""

from __future__ import annotations

__all__ = ["AnyCase", "sure_words", "words_first"]

import re
from functools import cache
from typing import Final

from crawler.parse.native import Phrases, lower

_CASED_OTHERWISE: Final = "ſı\u1c80\u1c81\u1c82\u1c83\u1c84\u1c85\u1c86\u1c87\u1c88"
"""What is the same as a letter of the expressions where case does not count, and is another one in small letters."""
_PIECE: Final = re.compile(
    r"(?P<open>\((?:\?:)?)|(?P<close>\))|(?P<bar>\|)|(?P<any>[.^$]|\[[^\]]*\]|\\[a-zA-Z])|\\?(?P<letter>[\s\S])"
)
_REPEATED: Final = re.compile(r"(?P<least>[?*]|\{0?,\d*\})|\+|\{[\d,]+\}")
_OTHER_GROUP: Final = re.compile(r"\(\?(?!:)")
_NO_LETTERS: Final = re.compile(r"\(\?(?:i\)|<?[!=](?:[^()\\]|\\.)*\))")
"""What takes no letters of a text: a flag, a look ahead or behind."""


class AnyCase:
    """Expressions in small letters, at most 62, of letters, classes, repeats and groups; none looks ahead or back."""

    __slots__ = ("_on", "phrases")

    def __init__(self, *phrases: str) -> None:
        self.phrases = phrases
        self._on = Phrases([sure_words(phrase) for phrase in phrases])

    def first(self, text: str) -> str:
        """Return the first of them in `text`, as it stands there; empty if there is none."""
        small = lower(text)
        if _is_cased_otherwise(text, small):
            match = _in_any_case(self.phrases).search(text)
            return match[0] if match is not None else ""
        on = self._on.found(small)
        likely = [phrase for order, phrase in enumerate(self.phrases) if on >> order & 1]
        found = [match for phrase in likely if (match := _expression(phrase).search(small)) is not None]
        match = min(
            found, key=re.Match.start, default=None
        )  # of two that begin together the first: so does one expression
        return text[match.start() : match.end()] if match is not None else ""

    def all(self, text: str) -> list[str]:
        """Return those in `text`, as they stand there."""
        small = lower(text)
        if _is_cased_otherwise(text, small):
            return [match[0] for match in _in_any_case(self.phrases).finditer(text)]
        if not self._on.found(small):
            return []
        return [text[match.start() : match.end()] for match in _expression("|".join(self.phrases)).finditer(small)]


def _is_cased_otherwise(text: str, small: str) -> bool:
    return len(small) != len(text) or any(letter in small for letter in _CASED_OTHERWISE)


@cache
def _expression(phrase: str) -> re.Pattern[str]:
    return re.compile(phrase)


@cache
def _in_any_case(phrases: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(phrases), re.IGNORECASE)


def words_first(expression: re.Pattern[str]) -> Phrases:
    """Return phrases of which one is in each text that `expression` matches; in its small letters, if case does not count.

    ValueError if there are none. A text with a letter that is several in small letters may have none.
    """
    words = sure_words(_NO_LETTERS.sub("", expression.pattern))
    return Phrases([tuple(map(str.lower, words)) if expression.flags & re.IGNORECASE else words])


def sure_words(expression: str) -> tuple[str, ...]:
    """Return words of which one is in every text that `expression` is found in: the longest there are. ValueError if there are none."""
    pieces = list(_PIECE.finditer(expression))
    found, end = _of_alternatives(expression, pieces, 0)
    if not found or end < len(pieces) or _OTHER_GROUP.search(expression):
        raise ValueError(f"no word is in all of {expression!r}")
    return found


def _of_alternatives(expression: str, pieces: list[re.Match[str]], at: int) -> tuple[tuple[str, ...], int]:
    """Return the words of the alternatives from the piece `at` to a closing bracket or the end, and where that is."""
    ways: list[tuple[str, ...]] = []
    while True:
        words, at = _of_sequence(expression, pieces, at)
        ways.append(words)
        if at == len(pieces) or pieces[at]["bar"] is None:
            break
        at += 1
    return tuple(dict.fromkeys(word for words in ways for word in words)) if all(ways) else (), at


def _of_sequence(expression: str, pieces: list[re.Match[str]], at: int) -> tuple[tuple[str, ...], int]:
    """Return the best of what must be in a sequence: of a run of letters that one, of a group one of each alternative's."""
    choices: list[tuple[str, ...]] = []
    run, end = "", 0
    while at < len(pieces) and pieces[at]["bar"] is None and pieces[at]["close"] is None:
        piece = pieces[at]
        words: tuple[str, ...] = ()
        if piece["open"] is not None:
            words, at = _of_alternatives(expression, pieces, at + 1)
        repeated = _REPEATED.match(expression, pieces[at].end())
        may_lack = repeated is not None and repeated["least"] is not None
        letter = piece["letter"] if not may_lack else None
        run = run + letter if letter is not None else ""
        choices += [(run,)] if run else []
        choices += [words] if words and not may_lack else []
        if repeated is not None:
            run, end = "", repeated.end()
        at += 1
        while at < len(pieces) and pieces[at].start() < end:
            at += 1
    return max(choices, key=lambda words: min(map(len, words)), default=()), at
