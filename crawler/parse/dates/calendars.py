"""Days of other calendars in the Gregorian one: Solar Hijri, Umm al-Qura, Buddhist and Minguo years, Japan's eras.

A day that a calendar does not have is None. The lunar calendar is that of Saudi Arabia, as printed; where months begin
with the sighting of the moon a day may be one off, so it is read only where a page gives no other date.
"""

from __future__ import annotations

__all__ = ["ERAS", "GREGORIAN", "LUNAR", "SOLAR", "day_in", "year_of_era"]

from datetime import date, timedelta

from crawler.parse.words import table

GREGORIAN, SOLAR, LUNAR = "gregorian", "solar", "lunar"
ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "民國": 1911, "民国": 1911}
"""The Gregorian year before the first of each era."""
_BUDDHIST = 543
_MINGUO = 1911
_LEAPS = (1, 5, 9, 13, 17, 22, 26, 30)
"""The long years of each 33 of the Iranian calendar; right for 1343 to 1472."""


def day_in(calendar: str, year: int, month: int, day: int) -> date | None:
    """Return the Gregorian day of a day of `calendar`; None if there is no such day, or none between 1964 and 2100."""
    if calendar == SOLAR:
        return _from_solar(year, month, day)
    if calendar == LUNAR:
        return _from_lunar(year, month, day)
    return _gregorian(year - _BUDDHIST if 2490 <= year <= 2643 else year, month, day)


def year_of_era(era: str, year: int) -> int:
    """Return the Gregorian year of a year of `era`; without an era a year of two or three digits is one of the Minguo."""
    return year + (ERAS[era] if era else _MINGUO)


def _gregorian(year: int, month: int, day: int) -> date | None:
    if not 1964 <= year <= 2100:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _from_solar(year: int, month: int, day: int) -> date | None:
    if not 1343 <= year <= 1472 or not 1 <= month <= 12:
        return None
    long_year = year % 33 in _LEAPS
    if not 1 <= day <= (31 if month < 7 else 30 if month < 12 or long_year else 29):
        return None
    days = (year - 1343) * 365 + sum(1 for y in range(1343, year) if y % 33 in _LEAPS)
    days += 31 * (month - 1) if month <= 7 else 186 + 30 * (month - 7)
    return date(1964, 3, 21) + timedelta(days=days + day - 1)


def _from_lunar(year: int, month: int, day: int) -> date | None:
    known = table("umm_al_qura")
    long_months: list[int] = known["long_months"]
    at = year - int(known["first_year"])
    if not 0 <= at < len(long_months) or not 1 <= month <= 12:
        return None
    if not 1 <= day <= 29 + (long_months[at] >> month - 1 & 1):
        return None
    days = sum(12 * 29 + months.bit_count() for months in long_months[:at])
    days += 29 * (month - 1) + (long_months[at] & (1 << month - 1) - 1).bit_count()
    return date.fromisoformat(known["first_day"]) + timedelta(days=days + day - 1)
