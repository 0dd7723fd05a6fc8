"""Dates with the name of a month, in folded text: day, month and year in any order that a language or a program has."""

from __future__ import annotations

__all__ = ["named_dates"]

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from crawler.parse.dates.calendars import GREGORIAN, LUNAR, day_in
from crawler.parse.dates.numeric import Dated
from crawler.parse.dates.vocabulary import Month, words_of_dates

_TOKEN: Final = re.compile(r"\d+|[^\s\d!-/:-@\[-`{-~«»…،؛。、·|‐-―“”‘’„¿¡।。፣၊။]+|[^\s]")
_LINKS: Final = frozenset(".,،-/'()·၊。፣")
_ROMAN: Final = {
    name: number
    for number, name in enumerate(("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"), 1)
}
_FIRST_YEAR: Final = 1900
_ISSUES: Final = frozenset(
    (
        "vol",
        "volume",
        "band",
        "heft",
        "ausgabe",
        "issue",
        "no",
        "nr",
        "nº",
        "n",
        "número",
        "numero",
        "№",
        "tome",
        "выпуск",
    )
)
"""A number behind one of these is a journal's, and no day."""
_LONGEST_DASHED: Final = 10
_CLOCK_BEFORE, _CLOCK_AFTER = re.compile(r"\d:$"), re.compile(r":\d")
_APART: Final = 4
"""Words and marks that may stand between the parts of a date."""
_CLOCKED: Final = re.compile(
    r" (\d{1,2}:\d\d(?::\d\d)?(?:\.\d+)?)(?: ?[ap]m)?(?: ?[a-z]{1,5})?(?: ?[+-]\d\d:?\d\d)? (\d{4})(?!\d)"
)
"""asctime, Java and Unix write the time, and the zone, between the day and the year."""


class _Token(NamedTuple):
    text: str
    start: int
    end: int
    number: int


def named_dates(text: str, languages: tuple[str, ...], *, short_years: bool) -> Iterator[tuple[str, Dated]]:
    """Yield calendar and day of each date with a month's name; years of two digits count only with `short_years`."""
    tokens = [_token(match) for match in _TOKEN.finditer(text)]
    at = 0
    while at < len(tokens):
        months, size = _months_at(tokens, at, languages)
        end = at + size
        for month in months:
            while end + 1 < len(tokens) and tokens[end].text in "/(-" and _twin(tokens, end + 1, month, languages):
                end += 1 + _months_at(tokens, end + 1, languages)[1]
            reading = _Reading(text, tokens, at, end, month, short_years=short_years)
            found = reading.dated()
            if found is not None:
                yield month.calendar, found
                break
        at = end if months else at + 1


def _twin(tokens: list[_Token], at: int, month: Month, languages: tuple[str, ...]) -> bool:
    """Tell whether the month is named a second time, as in ``شباط/فبراير``."""
    return month in _months_at(tokens, at, languages)[0]


def _token(match: re.Match[str]) -> _Token:
    text = match[0]
    return _Token(text, match.start(), match.end(), int(text) if text.isdigit() and len(text) < 5 else -1)


def _months_at(tokens: list[_Token], at: int, languages: tuple[str, ...]) -> tuple[list[Month], int]:
    """Return the months that the words from `at` on name, the longest name first, and how many words that takes."""
    token = tokens[at]
    if token.number >= 0 or (len(token.text) < 2 and token.text not in _ROMAN):
        return [], 1
    words = words_of_dates()
    if token.text in words.openings:
        for size in range(min(words.longest, len(tokens) - at), 1, -1):
            name = " ".join(token.text for token in tokens[at : at + size])
            if months := words.months_of(name, languages):
                return months, size
    months = words.months_of(token.text, languages)
    if not months and token.text in _ROMAN and _between_numbers(tokens, at):
        return [Month(GREGORIAN, _ROMAN[token.text])], 1
    return months, 1


def _between_numbers(tokens: list[_Token], at: int) -> bool:
    """Tell whether numbers, or numbers and dots, stand on both sides: there a Roman number is a month."""
    before = at - 2 if at > 1 and tokens[at - 1].text == "." else at - 1
    after = at + 2 if at + 2 < len(tokens) and tokens[at + 1].text == "." else at + 1
    if before < 0 or after >= len(tokens):
        return False
    numbers = (tokens[before].number, tokens[after].number)
    return min(numbers) >= 0 and max(numbers) > _FIRST_YEAR


class _Reading:
    """The numbers around one month's name."""

    def __init__(
        self, text: str, tokens: list[_Token], start: int, end: int, month: Month, *, short_years: bool
    ) -> None:
        self.text = text
        self.tokens = tokens
        self.start = start
        self.end = end
        self.month = month
        self.short_years = short_years

    def dated(self) -> Dated | None:
        """Return the date of the orders that languages have, the commonest first."""
        left, right = self._left(self.start), self._right(self.end)
        day_left = left if left is not None and self._is_day(left) else None
        if day_left is not None:
            if right is not None and self._is_year(right):
                return self._made(right, day_left, day_left, right)
            before = self._left(day_left)
            if before is not None and self._is_year(before) and (right is None or not self._is_day(right)):
                return self._made(before, day_left, before, self.end - 1)
            clocked = self._clocked(self.end - 1, day_left)
            if clocked is not None:
                return clocked
        if right is not None and self._is_day(right):
            after = self._right(right + 1)
            if after is not None and self._is_year(after):
                return self._made(after, right, self.start, after)
            if left is not None and self._is_year(left):
                return self._made(left, right, left, right)
            return self._clocked(right, right)
        return self._ordinal(right)

    def _left(self, at: int) -> int | None:
        """Return the number before token `at`, over what may stand between the parts of a date."""
        for place in range(at - 1, max(-1, at - 2 - _APART), -1):
            if self.tokens[place].number >= 0:
                return place
            if not self._links(place):
                return None
        return None

    def _right(self, at: int) -> int | None:
        """Return the number from token `at` on, over what may stand between the parts of a date."""
        for place in range(at, min(len(self.tokens), at + 1 + _APART)):
            if self.tokens[place].number >= 0:
                return place
            if not self._links(place):
                return None
        return None

    def _links(self, place: int) -> bool:
        text = self.tokens[place].text
        return text in _LINKS or text in words_of_dates().between

    def _is_day(self, place: int) -> bool:
        token = self.tokens[place]
        if len(token.text) > 2 or not 1 <= token.number <= 31 or self._in_clock(place):
            return False
        before = self.tokens[place - 1].text if place else ""
        return (self.tokens[place - 2].text if before in ".º°" and place > 1 else before) not in _ISSUES

    def _in_clock(self, place: int) -> bool:
        token = self.tokens[place]
        return _CLOCK_BEFORE.search(self.text, token.start - 2 if token.start > 1 else 0, token.start) is not None or (
            _CLOCK_AFTER.match(self.text, token.end) is not None
        )

    def _is_year(self, place: int) -> bool:
        token = self.tokens[place]
        if len(token.text) == 4:
            return not self._in_clock(place)
        if len(token.text) != 2 or self._in_clock(place):
            return False
        return (
            self.short_years
            or self._thai()
            or (place > 0 and self.tokens[place - 1].text in "'’")
            or self._dashed(place)
        )

    def _dashed(self, place: int) -> bool:
        """Tell whether day, month and a year at `place` are joined by dashes, as in ``05-Jun-26`` (RFC 850)."""
        day, tail = self.start - 2, self.end + 1
        joined = day >= 0 and place == tail and self.tokens[day + 1].text == self.tokens[self.end].text == "-"
        return (
            joined
            and len(self.tokens[day].text) == 2
            and self.tokens[place].end - self.tokens[day].start <= _LONGEST_DASHED
        )

    def _thai(self) -> bool:
        return "\u0e01" <= self.tokens[self.start].text[0] <= "\u0e5b"

    def _year(self, place: int) -> int:
        token = self.tokens[place]
        if len(token.text) == 4:
            return token.number
        if self._thai() and token.number > 50:
            return 2500 + token.number
        return token.number + (2000 if token.number < 70 else 1900)

    def _made(self, year: int, day: int, first: int, last: int) -> Dated | None:
        found = day_in(self.month.calendar, self._year(year), self.month.number, self.tokens[day].number)
        if found is None:
            return None
        start = min(self.tokens[first].start, self.tokens[self.start].start)
        return Dated(found, start, max(self.tokens[last].end, self.tokens[self.end - 1].end))

    def _clocked(self, last: int, day: int) -> Dated | None:
        """Return the date whose year stands behind a time of day; it ends before the time."""
        match = _CLOCKED.match(self.text, self.tokens[last].end)
        if match is None:
            return None
        found = day_in(self.month.calendar, int(match[2]), self.month.number, self.tokens[day].number)
        return None if found is None else Dated(found, min(self.tokens[day].start, self.tokens[self.start].start), self.tokens[last].end)  # fmt: skip

    def _ordinal(self, right: int | None) -> Dated | None:
        """Return the date whose day is a Persian number in words."""
        if self.month.calendar == LUNAR or right is None or not self._is_year(right):
            return None
        words = words_of_dates()
        for size in range(min(words.longest, self.start), 0, -1):
            name = " ".join(token.text for token in self.tokens[self.start - size : self.start])
            if (day := words.ordinals.get(name)) is not None:
                found = day_in(self.month.calendar, self._year(right), self.month.number, day)
                return None if found is None else Dated(found, self.tokens[self.start - size].start, self.tokens[right].end)  # fmt: skip
        return None
