"""Values that are more than their type: addresses, names, intervals, templates. Each function returns what is wrong, or
None.
"""

from __future__ import annotations

__all__ = [
    "contact_fault",
    "dotted_name_fault",
    "host_fault",
    "host_port",
    "interval_s",
    "mail_fault",
    "page_fault",
    "pattern_fault",
    "proxy_fault",
    "quiet_minutes",
    "template_fault",
    "text_fault",
    "url_fault",
    "zone_fault",
]

import re
import warnings
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from crawler.errors import UsageError
from crawler.hosts import ascii_host
from crawler.urls import is_port_of_others, normalise

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_INTERVAL = re.compile(r"(\d{1,6})\s*([smhdw])")
_LONGEST_S = 31_536_000
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
_ENDS_A_URL = re.compile(r"[\s\"<>]")
"""In a text: who masks the password of one would not see its end."""
_HOST_PORT = re.compile(r"(?:\[(?P<six>[0-9a-fA-F:.]+)\]|(?P<host>[^\[\]:\s/@]+)):(?P<port>\d{1,5})")
_QUIET = re.compile(r"([01]?\d|2[0-3])(?::([0-5]\d))?\s*-\s*([01]?\d|2[0-4])(?::([0-5]\d))?")
_MAIL = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+")
_DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")


def interval_s(text: str) -> float:
    """Return the seconds of an interval like ``90s``, ``15m``, ``6h``, ``1d``. Raises ValueError."""
    match = _INTERVAL.fullmatch(text.strip())
    if match is None or int(match[1]) == 0:
        raise ValueError(f"expected a number and a unit (s, m, h, d, w), as in 15m; found {text!r}")
    seconds = float(int(match[1]) * _UNITS[match[2]])
    if seconds > _LONGEST_S:
        raise ValueError(f"expected a year at most; found {text!r}")
    return seconds


def quiet_minutes(text: str) -> tuple[int, int]:
    """Return the minutes of the day at which hours like ``23:00-06:00`` begin and end. Raises ValueError."""
    match = _QUIET.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"expected two times of the day, as in 23:00-06:00; found {text!r}")
    begin, end = (int(hour) * 60 + int(minute or 0) for hour, minute in (match.groups()[:2], match.groups()[2:]))
    if begin == end % 1440:
        raise ValueError(f"expected two times that differ, as in 23:00-06:00; found {text!r}")
    return begin, end % 1440


def host_port(text: str) -> tuple[str, int]:
    """Return host and port of ``host:port`` or ``[IPv6]:port``. Raises ValueError."""
    match = _HOST_PORT.fullmatch(text)
    if match is None or int(match["port"]) > 65535:
        found = "a user's name before it" if "@" in text else repr(text)  # which a password may be
        raise ValueError(f"expected host:port, as in 127.0.0.1:8080; found {found}")
    return match["six"] or match["host"], int(match["port"])


def text_fault(text: str) -> str | None:
    """Return why `text` is not a line of text: it could end a header field or a log line."""
    return f"expected no control characters; found {text!r}" if _CONTROLS.search(text) else None


def host_fault(text: str) -> str | None:
    """Return why `text` is not a host's name or address with nothing around it."""
    if "://" in text or "/" in text:
        return f"expected a host's name alone, without scheme and path; found {text!r}"
    if text.startswith("*."):
        return f"subdomains are in scope by themselves: write {text[2:]}; found {text!r}"
    return None if _is_host(text) else f"expected a host's name, as news.example; found {text!r}"


def url_fault(text: str) -> str | None:
    """Return why `text` is not an absolute http(s) URL whose host can exist."""
    try:
        parts = urlsplit(normalise(text))
        right = _is_host(parts.hostname or "") and parts.port != 0
    except (UsageError, ValueError):
        right = False
    return None if right and not _CONTROLS.search(text) else f"expected an http(s) URL; found {text!r}"


def page_fault(text: str) -> str | None:
    """Return why `text` is not the URL of something that is fetched as pages are."""
    fault = url_fault(text)
    if fault is not None:
        return fault
    port = urlsplit(normalise(text)).port
    if port is not None and is_port_of_others(port):
        return f"port {port} is another service's, and never asked by HTTP; found {text!r}"
    return None


def proxy_fault(text: str) -> str | None:
    """Return why `text` is not ``http://[user:password@]host:port``, without the password."""
    try:
        parts = urlsplit(text)
        right = parts.scheme == "http" and _is_host(parts.hostname or "") and parts.port != 0
        right = right and parts.path in ("", "/") and not (parts.query or parts.fragment or _ENDS_A_URL.search(text))
    except ValueError:
        right = False
    return None if right else "expected an HTTP proxy, http://host:port"


def mail_fault(text: str) -> str | None:
    """Return why `text` is not an e-mail address."""
    return None if _MAIL.fullmatch(text) else f"expected an e-mail address; found {text!r}"


def contact_fault(text: str) -> str | None:
    """Return why `text` is nothing a publisher can use: neither a page nor an e-mail address is in it."""
    words = text.removeprefix("mailto:").replace(",", " ").replace(";", " ").split()
    if any(_MAIL.fullmatch(word.strip("<>()")) or url_fault(word.strip("<>()")) is None for word in words):
        return None
    return f"expected a page (https://...) or an e-mail address; found {text!r}"


def template_fault(text: str) -> str | None:
    """Return why `text` is no template of a User-Agent: it has other braces, or what a header field cannot hold."""
    try:
        filled = text.format(version="0", contact="x")
    except (KeyError, IndexError, ValueError, AttributeError, TypeError):
        return f"expected a text with {{version}} and {{contact}} in it and no other braces; found {text!r}"
    if not filled.strip() or not filled.isascii():
        return f"expected printable ASCII, as RFC 9110 has it; found {text!r}"
    return None


def pattern_fault(text: str) -> str | None:
    """Return why `text` is not a regular expression."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what a later Python may read otherwise
        try:
            re.compile(text)
        except (re.error, RecursionError, OverflowError) as error:
            return f"not a regular expression: {text!r} ({error})"
    return None if text else "an empty pattern matches every URL"


def zone_fault(text: str) -> str | None:
    """Return why `text` is not the name of a time zone that this machine knows."""
    try:
        ZoneInfo(text)
    except (LookupError, ValueError, OSError):
        return f"no such time zone: {text!r}; expected a name as Europe/Berlin"
    return None


def dotted_name_fault(text: str) -> str | None:
    """Return why `text` is not the dotted name of a class."""
    return (
        None
        if _DOTTED.fullmatch(text)
        else f"expected a class by its dotted name, package.module.Class; found {text!r}"
    )


def _is_host(text: str) -> bool:
    try:
        return bool(ascii_host(f"[{text}]" if text.count(":") > 1 and not text.startswith("[") else text))
    except ValueError:
        return False
