"""URLs: normal form, SURT sort key, scope. Pure functions on strings."""

from __future__ import annotations

__all__ = ["host_of", "in_scope", "normalise", "origin_of", "surt"]

import re
from urllib.parse import unquote_to_bytes, urlsplit

from w3lib.url import safe_url_string

from crawler.errors import UsageError

_AUTHORITY = re.compile(r"https?://([a-z0-9.-]+)(:\d+)?(?=[/?#]|\Z)")
"""As nearly all URLs have it, without credentials; taking them all apart costs twenty times as much."""
_SIMPLE = re.compile(r"https?://([a-z0-9.-]+)((?:/[A-Za-z0-9_-][A-Za-z0-9_.-]*)+)/?")
"""No port, query or escape, no empty or dotted segment."""
_WWW = re.compile(r"^www\d*\.")
_PLAIN = re.compile(rb"[!-\"$&-~]*")
"""Printable ASCII but # and %."""
_MAY_HAVE_SESSION = re.compile(r"sid=|sessid=|sessionid|cftoken=|\(")
_PATH_SESSIONS = (
    re.compile(r"(.*/)\((?:[a-z]\([0-9a-z]{24}\))+\)/([^?]+\.aspx.*)"),
    re.compile(r"(.*/)\([0-9a-z]{24}\)/([^?]+\.aspx.*)"),
    re.compile(r"(.*);jsessionid=[0-9a-z]{32}(.*)"),
)
"""Of ASP.NET and Java."""
_QUERY_SESSIONS = tuple(
    re.compile(rf"(.*){name}(?:&(.*))?")
    for name in (
        r"jsessionid=[0-9a-z]{32}",
        r"phpsessid=[0-9a-z]{32}",
        r"sid=[0-9a-z]{32}",
        r"aspsessionid[a-z]{8}=[a-z]{24}",
        r"cfid=[^&]+&cftoken=[^&]+",
    )
)


def normalise(url: str) -> str:
    """Return `url` percent-encoded, host in lower case and IDNA, without fragment and default port.

    Raises UsageError if it is not an absolute http(s) URL with a host.
    """
    text = url.strip()
    try:
        parts = urlsplit(safe_url_string(text))
        port = parts.port
    except ValueError as error:
        raise UsageError(f"not a URL: {url!r} ({error})") from error
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme not in ("http", "https") or not host:
        raise UsageError(f"not an http(s) URL: {url!r}", next_step="give an absolute one, https://host/path")
    if ":" in host:
        host = f"[{host}]"
    default = {"http": 80, "https": 443}[parts.scheme]
    netloc = host if port in (None, default) else f"{host}:{port}"
    return parts._replace(netloc=netloc, path=parts.path or "/", fragment="").geturl()


def host_of(url: str) -> str:
    """Return the host of `url` in lower case, without port."""
    usual = _AUTHORITY.match(url)
    if usual is not None:
        return usual[1]
    return (urlsplit(url).hostname or "").lower()


def origin_of(url: str) -> str:
    """Return scheme, host and port of `url`: ``https://news.example``, the unit of robots.txt (RFC 9309 section 2.3)."""
    usual = _AUTHORITY.match(url)
    if usual is not None:
        return usual[0]
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2].lower()}"


def in_scope(url: str, hosts: tuple[str, ...]) -> bool:
    """Tell whether `url` lies on one of `hosts` or on a subdomain of one (``www.`` is not significant)."""
    host = host_of(url)
    return any(host == base or host.endswith("." + base) for base in (h.removeprefix("www.") for h in hosts))


def surt(url: str) -> str:
    """Return the sort-friendly key of `url` that CDXJ uses: ``example,news)/path?a=1&b=2``.

    The form the Wayback family canonicalises to, so that our index can be merged with others': scheme, ``www.``,
    default port, fragment, trailing slash, empty path segments and session ids go, escapes are reduced, the query is
    sorted, all in lower case.
    """
    simple = _SIMPLE.fullmatch(url)
    if simple is not None:
        return ",".join(reversed(_WWW.sub("", simple[1]).split("."))) + ")" + simple[2].lower()
    parts = urlsplit(url)
    host = ",".join(reversed(_WWW.sub("", (parts.hostname or "").lower()).split(".")))
    default = {"http": 80, "https": 443}.get(parts.scheme)
    port = "" if parts.port in (None, default) else f":{parts.port}"
    path = _without(_PATH_SESSIONS, _plain(_segments(_unescaped(parts.path))).lower()).rstrip("/") or "/"
    query = _without(_QUERY_SESSIONS, _plain(_unescaped(parts.query)).lower())
    sorted_query = "&".join(sorted(query.split("&"))) if query else ""
    return f"{host}{port}){path}" + (f"?{sorted_query}" if sorted_query else "")


def _without(sessions: tuple[re.Pattern[str], ...], text: str) -> str:
    """Return `text` without the session ids that the patterns find between their two groups."""
    for pattern in sessions if _MAY_HAVE_SESSION.search(text) else ():
        match = pattern.fullmatch(text)
        if match:
            text = match[1] + (match[2] or "")
    return text


def _unescaped(text: str) -> bytes:
    """Undo percent-escapes until none is left: ``%2525`` is ``%``."""
    found = text.encode()
    while (once := unquote_to_bytes(found)) != found:
        found = once
    return found


def _plain(text: bytes) -> str:
    """Escape again what cannot stand in a key, byte by byte."""
    if _PLAIN.fullmatch(text):
        return text.decode("ascii")
    return "".join(chr(byte) if 0x20 < byte < 0x7F and byte not in b"%#" else f"%{byte:02x}" for byte in text)


def _segments(path: bytes) -> bytes:
    """Resolve ``.`` and ``..`` and drop empty segments."""
    kept: list[bytes] = []
    for segment in path.split(b"/"):
        if segment == b".." and kept and kept[-1] != b"..":
            kept.pop()
        elif segment not in (b"", b"."):
            kept.append(segment)
    return b"/" + b"/".join(kept)
