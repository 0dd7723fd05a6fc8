"""URLs: normal form, SURT sort key, scope. Pure functions on strings."""

from __future__ import annotations

__all__ = ["host_of", "in_scope", "normalise", "origin_of", "surt"]

import re
from urllib.parse import urlsplit

from w3lib.url import safe_url_string

from crawler.errors import UsageError

_WWW = re.compile(r"^www\d*\.")
_IPV4 = re.compile(r"\d+(\.\d+){3}")


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
    return (urlsplit(url).hostname or "").lower()


def origin_of(url: str) -> str:
    """Return scheme, host and port of `url`: ``https://news.example``, the unit of robots.txt (RFC 9309 section 2.3)."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2].lower()}"


def in_scope(url: str, hosts: tuple[str, ...]) -> bool:
    """Tell whether `url` lies on one of `hosts` or on a subdomain of one (``www.`` is not significant)."""
    host = host_of(url)
    return any(host == base or host.endswith("." + base) for base in (h.removeprefix("www.") for h in hosts))


def surt(url: str) -> str:
    """Return the sort-friendly key of `url` that CDXJ uses: ``example,news)/path?a=1&b=2``.

    Scheme, ``www.``, default port, fragment and trailing slash go, the query is sorted, all in lower case: the form
    the Wayback family canonicalises to, so that our index can be merged with others'.
    """
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    host = _WWW.sub("", host)
    if not _IPV4.fullmatch(host) and ":" not in host:
        host = ",".join(reversed(host.split(".")))
    default = {"http": 80, "https": 443}.get(parts.scheme)
    port = "" if parts.port in (None, default) else f":{parts.port}"
    path = parts.path.lower() or "/"
    if len(path) > 1:
        path = path.rstrip("/") or "/"
    query = "&".join(sorted(parts.query.lower().split("&"))) if parts.query else ""
    return f"{host}{port}){path}" + (f"?{query}" if query else "")
