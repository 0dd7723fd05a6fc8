"""Read one date in any of the forms that pages write it in: ISO 8601, RFC 5322, numbers, month names of many languages.

A date without a time stays one, and an offset is kept as written: nothing is moved to UTC or to a guessed zone.
"""

from __future__ import annotations

__all__ = ["read_moment", "to_iso"]

import re
from datetime import UTC, date, datetime, timedelta, timezone
from typing import NamedTuple

_ISO = re.compile(
    r"(?<!\d)((?:19|20)\d\d)([-/.])(0?[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01]|[1-9])(?!\d)"
    r"(?:[T ,]+\s*(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?\s*(AM|PM|am|pm)?\s*(Z|UTC|GMT|[+-]\d\d:?\d\d(?::\d\d)?|[+-]\d\d(?!\d))?)?"
)
_COMPACT = re.compile(
    r"(?<!\d)((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?:T?(\d\d)(\d\d)(\d\d)?(Z|[+-]\d{4})?)?(?!\d)"
)
_DAY_FIRST = re.compile(r"(?<![\d.])(\d{1,2})[./-](\d{1,2})[./-]((?:19|20)\d\d|\d\d)(?!\d)")
_CJK = re.compile(r"((?:19|20)\d\d)\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일]?")
_CLOCK = re.compile(
    r"(?<!\d)([01]?\d|2[0-3])[:h時시点](\d\d)(?::(\d\d))?\s*(AM|PM|am|pm|a\.m\.|p\.m\.)?(?!\d)\s*(Z|UTC|GMT|[+-]\d\d:?\d\d)?"
)
_MONTHS = (
    ("january janvier januar januari enero janeiro gennaio ocak styczeń stycznia leden ledna января січня яну يناير كانونالثاني ینایر ianuarie tammikuu január"
    " janner jänner jan janv ene gen sty янв januarie ژانویه ינואר มกราคม जनवरी ιανουαρίου tammikuuta يَنَايِر"),
    ("february février fevrier februar februari febrero fevereiro febbraio şubat luty lutego únor února февраля лютого شباط فبراير februarie helmikuu február"
    " feb févr fév fev lut фев febbr فوریه פברואר กุมภาพันธ์ फ़रवरी φεβρουαρίου helmikuuta feber"),
    ("march mars märz maerz maart marzo março mart marzec marca březen března марта березня آذار مارس martie maaliskuu március mar mrz mär мар מרץ มีนาคม मार्च μαρτίου"
    " maaliskuuta mar"),
    ("april avril abril aprile nisan kwiecień kwietnia duben dubna апреля квітня نيسان أبريل ابريل آوریل aprilie huhtikuu április apr avr abr kwi апр nis אפריל เมษายน अप्रैल απριλίου"
    " huhtikuuta"),
    "may mai mei mayo maio maggio mayıs maj maja květen května мая травня أيار مايو مه mai toukokuu május máj mag май מאי พฤษภาคม मई μαΐου toukokuuta",
    "june juin juni junio junho giugno haziran czerwiec czerwca červen června июня червня حزيران يونيو يونيه ژوئن iunie kesäkuu június jun giu cze июн יוני มิถุนายน जून ιουνίου kesäkuuta",
    "july juillet juli julio julho luglio temmuz lipiec lipca červenec července июля липня تموز يوليو يوليه ژوئیه iulie heinäkuu július jul juil lug lip июл יולי กรกฎาคม जुलाई ιουλίου heinäkuuta",
    "august août aout augustus agosto ağustos sierpień sierpnia srpen srpna августа серпня آب أغسطس اغسطس اوت elokuu augusztus aug ago sie авг אוגוסט สิงหาคม अगस्त αυγούστου augusti elokuuta",
    ("september septembre septiembre setembro settembre eylül wrzesień września září сентября вересня أيلول سبتمبر سپتامبر septembrie syyskuu szeptember sep sept set wrz сен ספטמבר"
    " กันยายน सितंबर σεπτεμβρίου syyskuuta"),
    ("october octobre oktober octubre outubro ottobre ekim październik października říjen října октября жовтня أكتوبر اكتوبر اکتبر octombrie lokakuu október oct okt out ott paź окт אוקטובר"
    " ตุลาคม अक्टूबर οκτωβρίου lokakuuta"),
    "november novembre noviembre novembro kasım listopad listopada ноября листопада نوفمبر نوامبر noiembrie marraskuu nov lis ноя נובמבר พฤศจิกายน नवंबर νοεμβρίου marraskuuta",
    ("december décembre decembre dezember diciembre dezembro dicembre aralık grudzień grudnia prosinec prosince декабря грудня ديسمبر دسامبر decembrie joulukuu dec déc dez dic gru дек"
    " דצמבר ธันวาคม दिसंबर δεκεμβρίου joulukuuta des desember"),
)  # fmt: skip
_MONTH = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
_JALALI = {
    "فروردین": 1, "اردیبهشت": 2, "خرداد": 3, "تیر": 4, "مرداد": 5, "شهریور": 6, "مهر": 7, "آبان": 8, "آذر": 9, "دی": 10,
    "بهمن": 11, "اسفند": 12,
}  # fmt: skip
_NAMED = re.compile(
    r"(\d{1,2})\s*(?:st|nd|rd|th|er|º|\.)?(?:\s+de)?[\s\-/,]+([^\W\d_]{2,14})\.?,?(?:\s+del?)?[\s\-/,]+((?:1[34]|19|20)\d\d)(?!\d)"
)
_NAMED_FIRST = re.compile(r"([^\W\d_]{3,14})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+((?:19|20)\d\d)(?!\d)")
_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹०१२३४५६७८९", "012345678901234567890123456789")


class Moment(NamedTuple):
    """A day, and the time and offset if they were written."""

    day: date
    clock: tuple[int, int, int] | None = None
    offset: timezone | None = None


def read_moment(text: str, *, month_first: bool = False) -> Moment | None:
    """Return the first date in `text`, None if there is none; ``3/4/2020`` is 4 March only with `month_first`."""
    text = text.strip()[:200].translate(_DIGITS)
    return _iso(text) or _compact(text) or _cjk(text) or _named(text) or _numbers(text, month_first=month_first)


def to_iso(moment: Moment) -> str:
    """Return ISO 8601 with the offset that was written; the day alone if no time was."""
    if moment.clock is None:
        return moment.day.isoformat()
    hour, minute, second = moment.clock
    return datetime(
        moment.day.year, moment.day.month, moment.day.day, hour, minute, second, tzinfo=moment.offset
    ).isoformat()


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _moment(
    day: date | None, hour: str | None, minute: str | None, second: str | None, half: str | None, zone: str | None
) -> Moment | None:
    if day is None:
        return None
    if hour is None or minute is None:
        return Moment(day)
    hours = int(hour)
    if half:
        hours = hours % 12 + (12 if half[0] in "pP" else 0)
    if hours > 23 or int(minute) > 59 or int(second or 0) > 59:
        return Moment(day)
    return Moment(day, (hours, int(minute), int(second or 0)), _zone(zone))


def _zone(text: str | None) -> timezone | None:
    if not text:
        return None
    if text in ("Z", "UTC", "GMT"):
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    delta = timedelta(hours=int(digits[:2]), minutes=int(digits[2:4]))
    if delta >= timedelta(hours=24):
        return None
    return timezone(-delta if text[0] == "-" else delta)


def _iso(text: str) -> Moment | None:
    match = _ISO.search(text)
    if match is None:
        return None
    year, _, month, day, hour, minute, second, half, zone = match.groups()
    return _moment(_day(int(year), int(month), int(day)), hour, minute, second, half, zone)


def _compact(text: str) -> Moment | None:
    match = _COMPACT.search(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, zone = match.groups()
    return _moment(_day(int(year), int(month), int(day)), hour, minute, second, None, zone)


def _with_clock(day: date | None, text: str, end: int) -> Moment | None:
    """Add the time of day that stands near a date that was read up to `end`."""
    if day is None:
        return None
    match = _CLOCK.search(text, end) or _CLOCK.search(text)
    if match is None or abs(match.start() - end) > 30:
        return Moment(day)
    hour, minute, second, half, zone = match.groups()
    return _moment(day, hour, minute, second, half, zone)


def _cjk(text: str) -> Moment | None:
    match = _CJK.search(text)
    return _with_clock(_day(*map(int, match.groups())), text, match.end()) if match else None


def _named(text: str) -> Moment | None:
    lowered = text.lower()
    for match in _NAMED.finditer(lowered):
        day, name, year = match.groups()
        if name in _JALALI and year[:2] in ("13", "14"):
            return _with_clock(_from_jalali(int(year), _JALALI[name], int(day)), text, match.end())
        if name in _MONTH and year[:2] in ("19", "20"):
            return _with_clock(_day(int(year), _MONTH[name], int(day)), text, match.end())
    for match in _NAMED_FIRST.finditer(lowered):
        name, day, year = match.groups()
        if name in _MONTH:
            return _with_clock(_day(int(year), _MONTH[name], int(day)), text, match.end())
    return None


def _numbers(text: str, *, month_first: bool) -> Moment | None:
    match = _DAY_FIRST.search(text)
    if match is None:
        return None
    first, second, year = (int(part) for part in match.groups())
    year += 2000 if year < 70 else 1900 if year < 100 else 0
    if second > 12 or (month_first and first <= 12):
        first, second = second, first
    return _with_clock(_day(year, second, first), text, match.end())


def _from_jalali(year: int, month: int, day: int) -> date | None:
    """Return the Gregorian day of a day of the Iranian calendar (33-year rule, right for 1343 to 1472)."""
    if not (1343 <= year <= 1472 and 1 <= day <= 31):
        return None
    days = (year - 1343) * 365 + sum(1 for y in range(1343, year) if y % 33 in (1, 5, 9, 13, 17, 22, 26, 30))
    days += 31 * (month - 1) if month <= 7 else 186 + 30 * (month - 7)
    return date(1964, 3, 21) + timedelta(days=days + day - 1)
