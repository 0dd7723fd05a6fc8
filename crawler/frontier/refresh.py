"""Redirects that are no status: the Refresh field, its likeness in a page's head (HTML Living Standard, 4.2.5.3), and a
script that does nothing but to leave for a written address (`crawler.frontier.departures`).
"""

from __future__ import annotations

__all__ = ["refresh_target"]

import html
import re
from collections.abc import Iterator

from crawler.errors import UsageError
from crawler.frontier.departures import departure
from crawler.urls import join, normalise

_FIELD = re.compile(
    r"\s*(\d+(?:\.\d*)?|\.\d+)(?:\s*[;,]|\s)\s*(?:url\s*=\s*)?(?:(['\"])(.+?)\2.*|(.+?)['\"]?\s*)",
    re.IGNORECASE | re.DOTALL,
)
_SOON_S = 10.0
"""A page that is to be read first waits longer; live pages that load themselves anew do, too."""
_MOST_BYTES = 65_536
"""A page that only leads on is small."""
_HEAD = 16_384
_MOST_TEXT = 800
"""Letters: a page with more text than that has something to read."""
_OF_OTHERS = re.compile(r"<!--.*?(?:-->|$)|<(script|style|noscript)\b.*?(?:</\1\s*>|$)", re.IGNORECASE | re.DOTALL)
_META = re.compile(r"<meta\b((?:[^<>\"']|\"[^\"]*\"|'[^']*')*+)>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([^\s\"'<>/=]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
_BASE = re.compile(r"<base\b((?:[^<>\"']|\"[^\"]*\"|'[^']*')*+)>", re.IGNORECASE)
_HEAD_ELEMENT = re.compile(rb"\A(?:[^<]|<(?!head\b))*+<head\b.*?</head\s*>", re.IGNORECASE | re.DOTALL)
_UNSEEN = re.compile(rb"<(script|style|noscript)\b.*?(?:</\1\s*>|\Z)|<[^>]*(?:>|\Z)", re.IGNORECASE | re.DOTALL)
"""What is never closed goes on to the end, as in browsers: so no page makes the search begin again and again."""


def refresh_target(url: str, field: str | None, body: bytes, *, again: bool = False) -> str | None:
    """Return the address that the answer of `url` sends its reader on to at once; None if it is there to be read.

    `field` is the Refresh header field, `body` the decoded entity. A page that loads itself anew leads nowhere, and
    what is within ``noscript`` is for others. Of scripts, one that leaves under no condition for an address written in
    it. With `again` a page that has nothing to read may lead to itself: it set a cookie to come back with.
    """
    is_page = False
    seconds, target = _of_field(field) if field else (None, None)
    if target is None and 0 < len(body) <= _MOST_BYTES and _may_lead_on(body[:_HEAD]) and _leads_on(body):
        is_page, text = True, body[:_HEAD].decode("latin-1")
        seconds, target = _of_page(url, text)
        if target is None:
            seconds, target = 0.0, departure(text)
    if target is None or seconds is None or seconds > _SOON_S:
        return None
    try:
        target = join(url, target)
        return None if target == normalise(url) and not (again and is_page) else target
    except UsageError:
        return None


def _may_lead_on(head: bytes) -> bool:
    return b"refresh" in head.lower() or b"location" in head or b"open(" in head


def _leads_on(body: bytes) -> bool:
    """Tell whether there is next to nothing to read."""
    shown = _UNSEEN.sub(b" ", _HEAD_ELEMENT.sub(b"", body, count=1))
    return len(b"".join(shown.split())) < _MOST_TEXT


def _of_page(url: str, text: str) -> tuple[float | None, str | None]:
    """Return what the first such element says, its address resolved by the page's ``base``."""
    seen = _OF_OTHERS.sub(" ", text)
    for found in _META.finditer(seen):
        said = dict(_attributes(found[1]))
        if said.get("http-equiv", "").strip().lower() != "refresh":
            continue
        seconds, target = _of_field(said.get("content", ""))
        base = _BASE.search(seen)
        href = dict(_attributes(base[1])).get("href") if base is not None else None
        if target is None or href is None:
            return seconds, target
        try:
            return seconds, join(join(url, href.strip()), target)
        except UsageError:
            return None, None
    return None, None


def _attributes(tag: str) -> Iterator[tuple[str, str]]:
    for found in _ATTRIBUTE.finditer(tag):
        yield found[1].lower(), html.unescape(next(value for value in found.groups()[1:] if value is not None))


def _of_field(field: str) -> tuple[float | None, str | None]:
    found = _FIELD.fullmatch(field)
    if found is None:
        return None, None
    try:
        return float(found[1]), (found[3] or found[4]).strip()
    except ValueError:
        return None, None
