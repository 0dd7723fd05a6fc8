"""The time of day and the offset from UTC that stand beside a date, in folded text.

A mark of the half day that is not understood gives no time: half a day off is worse than none.
"""

from __future__ import annotations

__all__ = ["ClockTime", "ImpossibleClockError", "clock_near", "offset_at"]

import re
from datetime import timedelta, timezone
from typing import Final, NamedTuple

from crawler.parse.dates.vocabulary import words_of_dates

_COLON: Final = re.compile(
    r"(?<![\d:.,])(\d{1,2})(?: ?[:h時时點点시] ?)(\d{2})(?!\d)(?: ?[:분分](?: ?(\d{2})(?:[.,](\d{1,9}))?(?!\d)(?: ?秒)?)?)?"
)
_DOTS: Final = re.compile(
    r"(?<![^\W\d])(?:kl|klo|kell|klokken|klockan|pukul|pkl|jam|alle|ore|ora|ob|godz|um|om|om kl|saat|plkst|val|at)\.? ?(\d{1,2})\.(\d{2})"
    r"(?:\.(\d{2}))?(?![\d.])|"
    r"(?<![\d:.,])(\d{1,2})\.(\d{2})(?= ?(?:uhr|uur|wib|wita|wit|น|hod|hrs?|hs|ur|[ap]m)(?![^\W\d_]))"
)
"""Dots part hours and minutes where a word says that it is a time."""
_BESIDE: Final = re.compile(
    r",? ?(?:[-|•·] ?)?([01]\d|2[0-3])\.([0-5]\d)(?![\d.,:%]| ?(?:€|\$|£|eur|usd|kr|%|mill?|mrd))"
)
"""Right behind a date dots need no word."""
_LONG_DOTS: Final = re.compile(r"(?<![\d:.,])(\d{2})\.(\d{2})\.(\d{2})(?:\.\d{3,9})?(?= ?[ap]m\b)")
_HOUR: Final = re.compile(r"(?<![\d:.,])(\d{1,2})(?: ?[時时點点시](?![間间간\d])|(?= ?[ap]m\b))")
_OFFSET: Final = re.compile(r" ?\(?(?:(?:utc|gmt|ut) ?)?([+-])(\d{1,2})(?::?(\d{2}))?(?::\d{2})?(?![\d.:/-])")
_ZONE: Final = re.compile(r" ?\(?([^\W\d_]{1,5})(?![^\W_])")
_WORD: Final = r"([^\W\d_][^\s\d.,،()|·:/+-]*)"
_AFTER: Final = re.compile(rf"[ .(]{{0,2}}{_WORD}(?: {_WORD})?(?: {_WORD})?")
_BEFORE: Final = re.compile(r"([^\s\d.,،()|·:/-]+)[.]? ?$")
_END: Final = re.compile(r"[.\s]*(?:$|[|·,)(-])")
_NEAR: Final = 30
"""Letters between a date and its time."""
_FARTHEST: Final = 14 * 60


class ImpossibleClockError(ValueError):
    """The time or the offset beside a date cannot be one."""


class ClockTime(NamedTuple):
    """A time of day: up to ``24:00``, with seconds up to ``:60``; its offset, and where both begin and end in the text."""

    hour: int
    minute: int
    second: int
    micro: int
    offset: timezone | None
    start: int
    end: int


def clock_near(text: str, start: int, end: int, languages: tuple[str, ...]) -> ClockTime | None:
    """Return the time near a date that stands from `start` to `end` of folded `text`; None if none does, or none is sure.

    Raises ImpossibleClockError for what is written like a time and is none.
    """
    beside = _BESIDE.match(text, end)
    if beside is not None:
        return _read(text, beside, languages)
    for pattern in (_COLON, _DOTS, _LONG_DOTS, _HOUR):
        match = pattern.search(text, end, end + _NEAR + 8)
        if match is None or match.start() - end > _NEAR:
            match = None
            for match in pattern.finditer(text, max(0, start - _NEAR), start if pattern is _HOUR else end):  # noqa: B007 - the last one before the date
                pass
        if match is not None:
            return _read(text, match, languages)
    return None


def _read(text: str, match: re.Match[str], languages: tuple[str, ...]) -> ClockTime | None:
    written = [part for part in match.groups() if part is not None]
    hour, minute, second = (int(part) for part in [*written, "0", "0"][:3])
    micro = int(written[3][:6].ljust(6, "0")) if len(written) > 3 else 0
    half, end = _half(text, match, languages)
    if half is None and 1 <= hour <= 12:
        return None
    if hour > 24 or minute > 59 or second > 60:
        raise ImpossibleClockError(match[0])
    hours = _hours(hour, half or "")
    if hours is None:
        return None
    offset, end = offset_at(text, end)
    return ClockTime(hours, minute, second, micro, offset, match.start(), end)


def _half(text: str, match: re.Match[str], languages: tuple[str, ...]) -> tuple[str | None, int]:
    """Return the mark of the half day beside a time, and where the time ends; None for a mark that is not known."""
    words = words_of_dates()
    after = _AFTER.match(text, match.end())
    for count in (3, 2, 1):
        if after is not None and after[count] is not None:
            half = words.half_of(text[after.start(1) : after.end(count)], languages)
            if half is not None:
                return half, after.end(count)
    before = _BEFORE.search(text, max(0, match.start() - 20), match.start())
    if before is not None:
        word = before[1]
        for mark in (word, *((word[-3:], word[-2:]) if word[-1] > "\u2e80" else ())):
            if len(mark) > 1 and (half := words.half_before(mark, languages)):
                return half, match.end()
    if after is not None and len(after[1]) <= 2 and _END.match(text, after.end(1)) and not words.is_beside(after[1]):
        return None, match.end()
    return "", match.end()


def _hours(hour: int, half: str) -> int | None:
    """Return the hour of 24 of an hour of a half day; None if the two do not fit or say too little."""
    if half == "am":
        return hour % 12 if hour <= 12 else None
    if half == "pm":
        return hour + 12 if 0 < hour < 12 else hour or None
    if half == "noon":
        return hour + 12 if 1 <= hour <= 5 else hour if hour >= 10 else None
    if half == "night":
        return hour + 12 if 6 <= hour <= 11 else None if hour == 12 else hour
    return None if half == "unsure" else hour


def offset_at(text: str, at: int) -> tuple[timezone | None, int]:
    """Return the offset from UTC at `at` in folded `text`, as a number or as a zone's name, and where it ends.

    Raises ImpossibleClockError for an offset that no place has.
    """
    match = _OFFSET.match(text, at)
    if match is not None:
        minutes = int(match[2]) * 60 + int(match[3] or 0)
        if minutes > _FARTHEST or int(match[3] or 0) > 59:
            raise ImpossibleClockError(match[0])
        return timezone(timedelta(minutes=-minutes if match[1] == "-" else minutes)), match.end()
    zone = _ZONE.match(text, at)
    minutes_known = words_of_dates().zones.get(zone[1]) if zone is not None else None
    if zone is None or minutes_known is None:
        return None, at
    return timezone(timedelta(minutes=minutes_known)), zone.end()
