"""What a channel says of when it wants to be read again: in its header fields, and at its beginning.

Pure functions of bytes. What is not understood is not said.
"""

from __future__ import annotations

__all__ = ["header_wishes", "wishes_of"]

import re
from collections.abc import Callable
from datetime import datetime
from email.utils import parsedate_to_datetime

import msgspec

from crawler.model.reading import Wishes

_HEAD_BYTES = 65_536
_LONGEST_S = 31 * 86_400.0
_ITEM = re.compile(rb"<(?:[a-z0-9]+:)?(?:item|entry|url|sitemap)[\s>]", re.IGNORECASE)
_TTL = re.compile(rb"<ttl[^>]*>\s*(\d{1,7})(?:\.\d+)?\s*</ttl>", re.IGNORECASE)
_PERIOD = re.compile(rb"<[a-z0-9]+:updatePeriod[^>]*>\s*(?:<!\[CDATA\[)?\s*(\w+)", re.IGNORECASE)
_FREQUENCY = re.compile(rb"<[a-z0-9]+:updateFrequency[^>]*>\s*(?:<!\[CDATA\[)?\s*(\d{1,6})", re.IGNORECASE)
_PERIODS = {
    b"hourly": 3600.0,
    b"daily": 86_400.0,
    b"weekly": 604_800.0,
    b"monthly": 2_629_800.0,
    b"yearly": 31_557_600.0,
}
_HOURS = re.compile(rb"<skipHours[^>]*>(.*?)</skipHours>", re.IGNORECASE | re.DOTALL)
_DAYS = re.compile(rb"<skipDays[^>]*>(.*?)</skipDays>", re.IGNORECASE | re.DOTALL)
_HOUR = re.compile(rb"<hour[^>]*>\s*(\d{1,2})\s*</hour>", re.IGNORECASE)
_DAY = re.compile(rb"<day[^>]*>\s*([a-z]{3})[a-z]*\s*</day>", re.IGNORECASE)
_WEEK = (b"mon", b"tue", b"wed", b"thu", b"fri", b"sat", b"sun")
_MAX_AGE = re.compile(r"(?i)(?:^|[,\s])max-age\s*=\s*\"?(\d{1,9})")
_NO_CACHE = re.compile(r"(?i)\bno-(?:store|cache)\b")


def wishes_of(body: bytes, get: Callable[[str], str | None], *, now: datetime) -> Wishes:
    """Return what the channel `body` (content-coding undone) and its header fields (`get` by name) ask for.

    `ttl` and what caches are told are the same wish, the longer counts (RSS 2.0; RFC 9111 section 4.2); ``skipHours``
    has 24 for midnight in some feeds.
    """
    head = body[:_HEAD_BYTES]
    item = _ITEM.search(head)
    head = head if item is None else head[: item.start()]
    ttl = _TTL.search(head)
    period = _PERIODS.get(_first(_PERIOD, head).lower(), 0.0)
    often = max(1, int(_first(_FREQUENCY, head) or 1))
    named = header_wishes(get, now=now)
    return msgspec.structs.replace(
        named,
        ttl_s=max(named.ttl_s, min(int(ttl[1]) * 60.0, _LONGEST_S) if ttl else 0.0),
        period_s=period / often,
        skip_hours=tuple(sorted({int(hour) % 24 for hour in _HOUR.findall(_first(_HOURS, head)) if int(hour) <= 24})),
        skip_days=tuple(
            sorted({_WEEK.index(d.lower()) for d in _DAY.findall(_first(_DAYS, head)) if d.lower() in _WEEK})
        ),
    )


def header_wishes(get: Callable[[str], str | None], *, now: datetime) -> Wishes:
    """Return what Cache-Control and Expires ask for; ``no-cache``, ``no-store`` and what has passed ask for nothing."""
    control = get("Cache-Control") or ""
    if _NO_CACHE.search(control):
        return Wishes()
    age = _MAX_AGE.search(control)
    if age is not None:
        passed = get("Age") or ""
        spent = int(passed) if passed.isdecimal() and len(passed) < 10 else 0
        return Wishes(ttl_s=min(max(0.0, float(age[1]) - spent), _LONGEST_S))
    return Wishes(ttl_s=_until(get("Expires"), get("Date"), now))


def _until(expires: str | None, date: str | None, now: datetime) -> float:
    """Return the seconds that Expires leaves, counted from the server's own clock where it tells it."""
    end, begin = _moment(expires), _moment(date) or now
    return 0.0 if end is None else min(max(0.0, (end - begin).total_seconds()), _LONGEST_S)


def _moment(value: str | None) -> datetime | None:
    try:
        moment = parsedate_to_datetime((value or "").strip())
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def _first(pattern: re.Pattern[bytes], text: bytes) -> bytes:
    found = pattern.search(text)
    return found[1] if found else b""
