"""The one reader of dates, for pages, feeds and sitemaps.

It takes what people write in some seventy languages and what programs print, and gives what is written: a date without a
time stays one, an offset is kept and none is guessed, days of other calendars become Gregorian. What it cannot read is
None: a wrong date is worse than none.
"""

from __future__ import annotations

__all__ = ["iso_date", "read_date"]

import re
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from typing import Final

from crawler.parse.dates.calendars import LUNAR
from crawler.parse.dates.clock import ClockTime, ImpossibleClockError, clock_near, offset_at
from crawler.parse.dates.fold import fold_date
from crawler.parse.dates.moment import Moment, to_iso
from crawler.parse.dates.named import named_dates
from crawler.parse.dates.numeric import Dated, compact_date, numeric_date, with_digits

_USUAL: Final = re.compile(
    r"((?:19|20)\d\d-[01]\d-[0-3]\d)T((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?:\.(\d{1,9}))?(Z|[+-][01]\d:?[0-5]\d)?"
)
_EPOCH: Final = re.compile(r"(?:/date\()?(\d{9,10})(\d{3})?(?:\d{3})?(?:\.\d{1,9})?(?:\)/)?")
_YEAR: Final = re.compile(r" (?:19|20)\d\d(?=[ ]|$)")
_ANY_DIGIT: Final = re.compile(r"\d")
_LONGEST: Final = 200
_NOUGHT: Final = date(1970, 1, 1)
"""What programs write where they have no date: nought seconds, in some zone."""


@lru_cache(maxsize=2048)
def read_date(
    text: str, *, languages: tuple[str, ...] = (), month_first: bool | None = False, exact: bool = False
) -> Moment | None:
    """Return the first date in `text`; None if there is none that is sure.

    `languages` (BCP 47 without regions, the likeliest first) decide what a word or a number means that has two meanings.
    ``3/4/2020`` is 4 March if `month_first` is true, and is not read if it is None. With `exact` all of `text` is a date,
    as in a feed: a year may have two digits, and a time or an offset that cannot be makes the whole unread.
    """
    usual = _usual(text)
    if usual is not None:
        return usual
    folded = with_digits(fold_date(text.strip()[:_LONGEST]))
    if _ANY_DIGIT.search(folded) is None:
        return None
    epoch = _epoch(folded)
    if epoch is not None:
        return epoch
    dated = _first(folded, languages, month_first=month_first, short_years=exact)
    try:
        if dated is None:
            return _compact(folded)
        clock = clock_near(folded, dated.start, dated.end, languages)
        return _joined(dated, clock, folded)
    except ImpossibleClockError:
        return None if exact or dated is None else Moment(dated.day)


def iso_date(text: str | None, *, language: str | None = None) -> str | None:
    """Return the date that a feed or sitemap gives in ISO 8601, with the precision and the offset it has; None if unread.

    `language` is the feed's own (BCP 47); without it, or in plain ``en``, ``3/4/2020`` could be two days and is not read.
    """
    if not text:
        return None
    tag = (language or "").replace("_", "-").lower()
    order = None if tag in ("", "en") else tag == "en-us"
    moment = read_date(text[:_LONGEST], languages=(tag.split("-")[0],) if tag else (), month_first=order, exact=True)
    if moment is None or moment.day <= _NOUGHT:
        return None
    return to_iso(moment, fraction=True)


def _usual(text: str) -> Moment | None:
    """Read the commonest form by far, many times faster than the others are read."""
    match = _USUAL.fullmatch(text)
    if match is None:
        return None
    try:
        at = datetime.fromisoformat(f"{match[1]}T{match[2]}{match[4] or ''}")
    except ValueError:
        return None
    micro = int((match[3] or "0")[:6].ljust(6, "0"))
    offset = at.tzinfo if isinstance(at.tzinfo, timezone) else None
    return Moment(at.date(), (at.hour, at.minute, at.second), offset, micro)


def _first(text: str, languages: tuple[str, ...], *, month_first: bool | None, short_years: bool) -> Dated | None:
    """Return the date that stands first; one of the lunar calendar only if there is no other."""
    number = numeric_date(text, languages, month_first=month_first)
    named: Dated | None = None
    lunar: Dated | None = None
    for calendar, dated in named_dates(text, languages, short_years=short_years):
        if calendar == LUNAR:
            lunar = lunar or dated
        else:
            named = dated
            break
    found = [dated for dated in (number, named) if dated is not None]
    return min(found, key=lambda dated: dated.start, default=lunar)


def _epoch(text: str) -> Moment | None:
    """Read seconds, milliseconds or microseconds since 1970, where that is all there is."""
    match = _EPOCH.fullmatch(text)
    if match is None:
        return None
    at = datetime.fromtimestamp(int(match[1]), UTC)
    return Moment(at.date(), (at.hour, at.minute, at.second), UTC)


def _compact(text: str) -> Moment | None:
    found = compact_date(text)
    if found is None:
        return None
    dated, (hour, minute, second, zone) = found
    if hour is None or minute is None:
        return Moment(dated.day)
    offset = offset_at(zone, 0)[0] if zone else None
    return _joined(dated, ClockTime(int(hour), int(minute), int(second or 0), 0, offset, 0, 0), text)


def _joined(dated: Dated, clock: ClockTime | None, text: str) -> Moment | None:
    """Return day and time as one; 24:00 is the next day's start and a leap second the next second, as their authors mean."""
    if clock is None:
        return Moment(dated.day)
    past_midnight = clock.hour == 24 and (clock.minute or clock.second)
    if clock.hour > 24 or clock.minute > 59 or clock.second > 60 or past_midnight:
        raise ImpossibleClockError(text)
    offset = clock.offset or _late_offset(dated, clock, text)
    at = datetime.combine(dated.day, datetime.min.time()) + timedelta(hours=clock.hour, minutes=clock.minute, seconds=clock.second)  # fmt: skip
    return Moment(at.date(), (at.hour, at.minute, at.second), offset, clock.micro)


def _late_offset(dated: Dated, clock: ClockTime, text: str) -> timezone | None:
    """Return the offset that stands behind the day that follows the time, or behind asctime's year."""
    if clock.end <= dated.start:
        return offset_at(text, dated.end)[0]
    year = _YEAR.match(text, clock.end)
    return offset_at(text, year.end())[0] if year is not None else None
