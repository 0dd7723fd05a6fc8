"""Dates in numbers alone, in folded text: year first, day first, with the words of East Asia, and without separators.

A year of four digits says which calendar it is of; a day and a month that could change places need to be told which
is first.
"""

from __future__ import annotations

__all__ = ["Dated", "compact_date", "numeric_date"]

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from typing import Final, NamedTuple

from crawler.parse.dates.calendars import GREGORIAN, LUNAR, SOLAR, day_in, year_of_era

_YEAR_FIRST: Final = re.compile(r"(?<![\d.,/-])(\d{4}) ?([-/.]) ?(\d{1,2}) ?\2 ?(\d{1,2})(?!\d|[.,]\d)")
_DAY_FIRST: Final = re.compile(
    r"(?:(?<![\d.,/-])|(?<=[א-ת]-))(\d{1,2})([-/.]| [-/.] |\. )(\d{1,2})\2(\d{4}|\d\d(?![\d:.]))(?!\d|[.,/-]\d)"
)
_SPACED: Final = re.compile(
    r"(?:^|(?<![\d.,/-])(?=\d{4} \d\d \d\d \d{1,2}[:.]\d\d))((?:19|20)\d\d) (0[1-9]|1[0-2]) (0[1-9]|[12]\d|3[01])(?= \d{1,2}[:.]\d\d|$)"
)
"""Parted by blanks, where it is all there is or a time follows; else these are any three numbers."""
_AMERICAN: Final = re.compile(r"(?:,? \d{1,2}:\d\d:\d\d [ap]m)")
"""How programs of the United States end a date: their day is never first."""
_HALF_DAY: Final = re.compile(r" ?[ap]m\b")
_MINGUO: Final = re.compile(r"(?<![\d.,/-])(1[0-4]\d)([-/.])(\d{1,2})\2(\d{1,2})(?!\d|[.,/-]\d)")
_EAST: Final = re.compile(
    r"(?:(令和|平成|昭和|民國|民国) ?)?(?<![\d.])(\d{1,4}|元) ?[年년] ?(\d{1,2}) ?[月월] ?(\d{1,2}) ?[日일號号]?|"
    r"()(?<!\d)(\d{4}) оны (\d{1,2})(?: ?-?р)? сар(?:ын|ы)? (\d{1,2})"
)
_ERA_INITIAL: Final = re.compile(r"(?<![\w.])([rhs])(\d{1,2})\.(\d{1,2})\.(\d{1,2})(?![\d.])")
_INITIALS: Final = {"r": "令和", "h": "平成", "s": "昭和"}
_VIETNAMESE: Final = re.compile(r"(?<!\d)(\d{1,2}) ?[-,/]? ?(?:thang|thg)\.? ?(\d{1,2}) ?(?:[-,/]|nam)? ?(\d{4})(?!\d)|thang (\d{1,2})[ ,]+(\d{1,2}), (\d{4})(?!\d)")  # fmt: skip
_NUMERALS: Final = re.compile("[〇零○一二三四五六七八九十廿卅百]+(?= ?[年月日號号])")
_DIGIT: Final = {numeral: digit for digit, numeral in enumerate("〇一二三四五六七八九")} | {"零": 0, "○": 0}
_TENS: Final = {"十": 10, "廿": 20, "卅": 30, "百": 100}
_WEEK: Final = re.compile(r"(?<![\w.,/-])((?:19|20)\d\d)(-?)w(0[1-9]|[1-4]\d|5[0-3])\2([1-7])(?!\d|[.,/-]\d)")
"""A day of a week (ISO 8601-1 5.2.3): ``2026-W09-3``, ``2026W093``. A week without its day is no day."""
_COMPACT: Final = re.compile(
    r"(?<!\d)((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?:[t ]?(\d\d)(\d\d)(\d\d)?(?: ?(z|[+-]\d{4}))?)?(?!\d)"
)


class Dated(NamedTuple):
    """A day, and where it stands in the folded text."""

    day: date
    start: int
    end: int


def numeric_date(text: str, languages: tuple[str, ...], *, month_first: bool | None) -> Dated | None:
    """Return the first date in numbers; ``3/4/2020`` is 4 March if `month_first`, unread if that is None."""
    found = [*_year_first(text, languages), *_day_first(text, languages, month_first), *_east(text, languages)]
    if "w" in text:
        found += _of_week(text)
    return min(found, key=lambda dated: dated.start, default=None)


def with_digits(text: str) -> str:
    """Return `text` with the numerals of Chinese and Japanese dates as digits."""
    return _NUMERALS.sub(lambda match: str(_value(match[0])), text) if "年" in text else text


def _value(numerals: str) -> int:
    if not any(numeral in _TENS for numeral in numerals):
        return int("".join(str(_DIGIT[numeral]) for numeral in numerals))
    total = digit = 0
    for numeral in numerals:
        if numeral in _TENS:
            total += (digit or 1) * _TENS[numeral]
            digit = 0
        else:
            digit = _DIGIT[numeral]
    return total + digit


def _year_first(text: str, languages: tuple[str, ...]) -> Iterator[Dated]:
    for match in _YEAR_FIRST.finditer(text):
        yield from _dated(match, int(match[1]), int(match[3]), int(match[4]), languages)
    for match in _SPACED.finditer(text):
        yield from _dated(match, int(match[1]), int(match[2]), int(match[3]), languages)
    if "zh" in languages:
        for match in _MINGUO.finditer(text):
            yield from _dated(match, year_of_era("", int(match[1])), int(match[3]), int(match[4]), languages)


def _day_first(text: str, languages: tuple[str, ...], month_first: bool | None) -> Iterator[Dated]:
    for match in _DAY_FIRST.finditer(text):
        first, second, year = int(match[1]), int(match[3]), int(match[4])
        if len(match[4]) == 2:
            if " " in match[2] or match[4] == "00" or _HALF_DAY.match(text, match.end()):
                continue  # a time in dots
            year += 2000 if year < 70 else 1900
        american = match[2] == "/" and languages[:1] in ((), ("en",)) and _AMERICAN.match(text, match.end()) is not None
        ambiguous = max(first, second) <= 12 and first != second and "." not in match[2]
        if ambiguous and month_first is None and not american:
            continue
        if second > 12 or ((month_first or american) and first <= 12):
            first, second = second, first
        yield from _dated(match, year, second, first, languages)


def _east(text: str, languages: tuple[str, ...]) -> Iterator[Dated]:
    for match in () if text.isascii() else _EAST.finditer(text):
        era, year, month, day = match.groups()[:4] if match[2] else match.groups()[4:]
        number = 1 if year == "元" else int(year)
        if era or (100 <= number < 200 and "年" in match[0]):
            number = year_of_era(era or "", number)
        yield from _dated(match, number, int(month), int(day), languages)
    if "ja" in languages:
        for match in _ERA_INITIAL.finditer(text):
            number = year_of_era(_INITIALS[match[1]], int(match[2]))
            yield from _dated(match, number, int(match[3]), int(match[4]), languages)
    for match in _VIETNAMESE.finditer(text) if "th" in text else ():
        day, month, year = match.group(1, 2, 3) if match[1] else match.group(5, 4, 6)
        yield from _dated(match, int(year), int(month), int(day), languages)


def _of_week(text: str) -> Iterator[Dated]:
    for match in _WEEK.finditer(text):
        with suppress(ValueError):  # no week 53 in that year
            day = date.fromisocalendar(int(match[1]), int(match[3]), int(match[4]))
            yield Dated(day, match.start(), match.end())


def _dated(match: re.Match[str], year: int, month: int, day: int, languages: tuple[str, ...]) -> Iterator[Dated]:
    found = day_in(_calendar(year, languages), year, month, day)
    if found is not None:
        yield Dated(found, match.start(), match.end())


def _calendar(year: int, languages: tuple[str, ...]) -> str:
    """Return the calendar of a year that stands without a month's name: 1425 and less are of the Iranian one."""
    if not 1300 <= year <= 1500:
        return GREGORIAN
    persian = any(language in ("fa", "ps", "prs") for language in languages)
    return SOLAR if persian or year <= 1425 else LUNAR


def compact_date(text: str) -> tuple[Dated, tuple[str | None, str | None, str | None, str | None]] | None:
    """Return the first date without separators, and its hour, minute, second and offset."""
    match = _COMPACT.search(text)
    if match is None:
        return None
    day = day_in(GREGORIAN, int(match[1]), int(match[2]), int(match[3]))
    return None if day is None else (Dated(day, match.start(), match.end()), (match[4], match[5], match[6], match[7]))
