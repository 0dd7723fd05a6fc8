"""URLs: normal form, SURT sort key, scope. Pure functions on strings."""

from __future__ import annotations

__all__ = [
    "bare_host", "host_of", "in_scope", "is_loopback", "is_port_of_others", "join", "normalise", "origin_of",
    "sent_link", "surt",
]  # fmt: skip

import codecs
import functools
import ipaddress
import re
from urllib.parse import quote, unquote_to_bytes, urlsplit

from crawler.errors import BadHost, UsageError
from crawler.hosts import ascii_host

_AUTHORITY = re.compile(r"https?://([a-z0-9.-]+)(:\d+)?(?=[/?#]|\Z)")
"""As nearly all URLs have it, without credentials; taking them all apart costs twenty times as much."""
_SIMPLE = re.compile(r"https?://([a-z0-9.-]+)((?:/[A-Za-z0-9_-][A-Za-z0-9_.-]*)+)/?")
"""No port, query or escape, no empty or dotted segment."""
_NORMAL = re.compile(
    r"https?://(?:(?!xn--)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+(?!xn--)[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?"
    r"(?:/(?:(?!\.|%2[eE])[A-Za-z0-9_~!$&()*+,;=:@%.-]+)?)+(?:\?[A-Za-z0-9_~!$&()*+,;=:@%./-]+)?"
)
"""What `normalise` leaves as it is: nearly every URL it is given. (Not all of them.)"""
_ABSOLUTE = re.compile(r"(https?):[/\\]*([^/\\?#]*)([^?#]*)(?:\?([^#]*))?(?:#.*)?", re.IGNORECASE | re.DOTALL)
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
_MARK = re.compile(r"[?#]")
_PORT = re.compile(r"(\[[^\]]*\]|[^:]*)(?::([0-9]*))?")
_DEFAULT_PORTS = {"http": 80, "https": 443}
_PORTS_OF_OTHERS = frozenset(
    (
        0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109,
        110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530,
        531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190,
        5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
    )
)  # fmt: skip
_C0_AND_SPACE = "".join(map(chr, range(0x21)))
_TABS_AND_LINES = str.maketrans("", "", "\t\n\r")
_PATH_SAFE = "!$%&'()*+,/:;=@~"
_QUERY_SAFE = "!$%&()*+,/:;=?@~"
_DOT = frozenset((".", "%2e"))
_DOTS = frozenset(("..", ".%2e", "%2e.", "%2e%2e"))
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


def normalise(url: str, *, encoding: str = "utf-8") -> str:
    """Return the one form of an absolute http(s) URL, read as browsers do (WHATWG URL), in which Warraq asks and keeps.

    Host as `ascii_host` has it, no default port, credentials or fragment; backslashes and surplus slashes before the
    host are slashes; dot segments, escaped ones too, are resolved; percent-encoded, letters of the query in `encoding`.
    So nobody after this (robots.txt, scope, ledger, wire) sees another path than the server. Raises UsageError if `url`
    is no such URL, BadHost if its host cannot be one.
    """
    if _NORMAL.fullmatch(url):
        return url
    found = _ABSOLUTE.fullmatch(_trimmed(url))
    if found is None:
        raise UsageError(f"not an http(s) URL: {url!r}", next_step="give an absolute one, https://host/path")
    scheme, authority, path, query = found.groups()
    scheme = scheme.lower()
    host, port = _host_and_port(authority.rpartition("@")[2], url)
    if port == _DEFAULT_PORTS[scheme]:
        port = None
    escaped = quote(path.replace("\\", "/"), safe=_PATH_SAFE, errors="replace")
    return (
        f"{scheme}://{host}"
        + (f":{port}" if port is not None else "")
        + _resolved(escaped)
        + (f"?{_escaped_query(query, encoding)}" if query else "")
    )


def join(base: str, link: str, *, encoding: str = "utf-8") -> str:
    """Return where `link` leads from the page at `base`, in normal form; `encoding` is the page's.

    Raises UsageError if that is no http(s) URL.
    """
    if _NORMAL.fullmatch(link):
        return link
    base, link = normalise(base), _trimmed(link)
    origin = origin_of(base)
    scheme = _SCHEME.match(link)
    if scheme is not None:
        if not base.startswith(scheme[1].lower() + "://"):
            return normalise(link, encoding=encoding)
        link = link[scheme.end() :]
    path, mark, rest = _first_part(link)
    path = path.replace("\\", "/")
    if path.startswith("//"):
        return normalise(f"{origin.partition(':')[0]}:{path}{mark}{rest}", encoding=encoding)
    if not path and mark != "?":
        return base
    here = base[len(origin) :].partition("?")[0]
    if not path.startswith("/"):
        path = here[: here.rfind("/") + 1] + path if path else here
    return normalise(f"{origin}{path}{mark}{rest}", encoding=encoding)


def sent_link(value: bytes) -> str:
    """Return the link in a field like Location: UTF-8, or else its bytes escaped as they were sent."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return "".join(chr(byte) if byte < 0x80 else f"%{byte:02X}" for byte in value)


def host_of(url: str) -> str:
    """Return the host of `url` in lower case, without port."""
    usual = _AUTHORITY.match(url)
    if usual is not None:
        return usual[1]
    return (urlsplit(url).hostname or "").lower()


def is_port_of_others(port: int) -> bool:
    """Tell whether `port` is another service's (mail, shell, names): no browser asks there by HTTP (Fetch, "port
    blocking").
    """
    return port in _PORTS_OF_OTHERS


def origin_of(url: str) -> str:
    """Return scheme, host and port of `url`: ``https://news.example``, the unit of robots.txt (RFC 9309 section
    2.3).
    """
    usual = _AUTHORITY.match(url)
    if usual is not None:
        return usual[0]
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2].lower()}"


def in_scope(url: str, hosts: tuple[str, ...]) -> bool:
    """Tell whether `url` lies on one of `hosts` or on a subdomain of one (``www.`` is not significant)."""
    host = host_of(url)
    return any(host == base or host.endswith("." + base) for base in map(bare_host, hosts))


@functools.lru_cache(4096)
def bare_host(host: str) -> str:
    """Return the name of a declared host as URLs in normal form have it, without ``www.``."""
    try:
        return ascii_host(host).removeprefix("www.")
    except ValueError:
        return host.removeprefix("www.")


def is_loopback(host: str) -> bool:
    """Tell whether `host`, as written in a URL, can only be this machine."""
    if host == "localhost" or host.endswith(".localhost"):  # RFC 6761 section 6.3
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def surt(url: str) -> str:
    """Return the sort-friendly key of `url` that CDXJ uses: ``example,news)/path?a=1&b=2``.

    The form the Wayback family canonicalises to, so that our index can be merged with others': scheme, ``www.``,
    default port, fragment, trailing slash, empty path segments and session ids go, escapes are reduced, the query is
    sorted, all in lower case.
    """
    simple = _SIMPLE.fullmatch(url)
    if simple is not None:
        return ",".join(reversed(_WWW.sub("", simple[1]).split("."))) + ")" + simple[2].lower()
    try:
        parts = urlsplit(url)
        default = _DEFAULT_PORTS.get(parts.scheme)
        port = "" if parts.port in (None, default) else f":{parts.port}"
    except ValueError:  # no address at all; a key it has all the same
        return url.lower()
    host = ",".join(reversed(_WWW.sub("", (parts.hostname or "").lower()).split(".")))
    path = _without(_PATH_SESSIONS, _plain(_segments(_unescaped(parts.path))).lower()).rstrip("/") or "/"
    query = _without(_QUERY_SESSIONS, _plain(_unescaped(parts.query)).lower())
    by_name_and_value = sorted(query.split("&"), key=lambda field: field.partition("="))
    sorted_query = "&".join(by_name_and_value) if query else ""
    return f"{host}{port}){path}" + (f"?{sorted_query}" if sorted_query else "")


def _trimmed(url: str) -> str:
    """Return `url` without what browsers take out: control characters and blanks around it, tabs and line ends in
    it.
    """
    return url.strip(_C0_AND_SPACE).translate(_TABS_AND_LINES)


def _first_part(link: str) -> tuple[str, str, str]:
    """Split before the first ``?`` or ``#``."""
    found = _MARK.search(link)
    return (link, "", "") if found is None else (link[: found.start()], found[0], link[found.end() :])


def _host_and_port(text: str, url: str) -> tuple[str, int | None]:
    found = _PORT.fullmatch(text)
    port = found[2].lstrip("0") or found[2][:1] if found is not None and found[2] else ""
    if found is None or len(port) > 5 or int(port or "0") > 65535:
        raise UsageError(f"not a URL: {url!r} (its port is none)")
    if not found[1]:
        raise UsageError(f"not an http(s) URL: {url!r}", next_step="give an absolute one, https://host/path")
    try:
        return ascii_host(found[1]), int(port) if port else None
    except ValueError as error:
        raise BadHost(f"not a URL: {url!r} ({error})") from error


def _escaped_query(query: str, encoding: str) -> str:
    """Return `query` percent-encoded; letters that `encoding` lacks become references, as browsers send them."""
    try:
        if not query.isascii() and codecs.lookup(encoding).name not in ("utf-8", "utf-16", "utf-16-le", "utf-16-be"):
            query = _NOT_ASCII.sub(lambda found: quote(found[0].encode(encoding, "xmlcharrefreplace"), safe=""), query)
    except (LookupError, UnicodeError):
        pass
    return quote(query, safe=_QUERY_SAFE, errors="replace")


def _resolved(path: str) -> str:
    """Resolve dot segments, written in whatever way (RFC 3986 section 5.2.4); empty segments stay."""
    if "/." not in path and "%2" not in path:
        return path or "/"
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        plain = segment.lower()
        if plain in _DOTS:
            del kept[-1:]
        elif plain not in _DOT:
            kept.append(segment)
    if segments[-1].lower() in _DOT | _DOTS:
        kept.append("")
    return "/" + "/".join(kept)


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
