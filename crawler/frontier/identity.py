"""When are two addresses one page? A key that all addresses of a page share, as far as addresses alone can tell.

What is asked for and archived is always the address as it was announced; the key only decides what is the same page as
one that is known. It ignores scheme, ``www.`` and mobile hosts, default ports, needless escapes, dot segments, empty
segments, a trailing slash, index files, session ids, AMP and print views, the order of parameters, and parameters that
only count readers (``tracking.json``, which says where its lists come from). It keeps the case of path and query.
"""

from __future__ import annotations

__all__ = ["identity_of", "identity_rules", "is_home"]

import functools
import hashlib
import re
import unicodedata
from contextlib import suppress
from importlib.resources import files
from urllib.parse import quote, unquote_to_bytes, urlsplit

import msgspec

_PLAIN = re.compile(r"https?://(?:www\.)?([a-z0-9-]+(?:\.[a-z0-9-]+)+)((?:/[A-Za-z0-9_][A-Za-z0-9_-]*)*)/?")
"""No port, query, escape or dot: most addresses of the news."""
_VIEWED = re.compile(r"(?:/amp|/print|-amp)$", re.IGNORECASE)
"""May be the end of a view's path in one of those."""
_HOST_PREFIX = re.compile(r"^(?:www\d*|m|mobile?|amp|touch|wap)\.(?=[^.]+\.)")
_HOST_INFIX = re.compile(r"^([a-z]{2,3})\.(?:m|mobile?|amp)\.(?=[^.]+\.[^.]+$)")
"""Of the edition in one language: ``de.m.news.example``."""
_MAY_BE_VIEW = re.compile(r"(?:[a-z]{2,3}\.)?(?:www\d*|m|mobile?|amp|touch|wap)\.")
_AMP_CACHE = re.compile(
    r"https?://(?:[a-z0-9-]+\.cdn\.ampproject\.org/[a-z](?:/s)?|www\.google\.[a-z.]{2,6}/amp(?:/s)?)/"
    r"(?=[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:[/?]|$))"
)
"""Google keeps views of pages under these, followed by the page's address (AMP Cache URL format)."""
_GLUED = re.compile(r"&(?:amp;)?utm_[^/]*$")
"""What a template adds to an address that has no query."""
_SAFE = "!$&'()*+,;=:@-._~"
_SESSION_SEGMENT = re.compile(r";(?:jsessionid|phpsessid|sid|sessionid)=[^/;]*", re.IGNORECASE)
_ASP_SESSION = re.compile(r"^\((?:[A-Za-z]\([0-9a-zA-Z]{20,}\))+\)$|^\([0-9a-z]{24}\)$")
_INDEX = re.compile(r"^(?:index|default)\.(?:s?html?|php\d?|aspx?|jsp|cfm)$", re.IGNORECASE)
_SCRIPT = re.compile(r"\.(?:php\d?|aspx?|jsp|cgi|do|cfm|pl)$", re.IGNORECASE)
_VIEW_SUFFIX = re.compile(r"(?:\.amp|\.print|-amp)(\.html?)?$", re.IGNORECASE)
_VIEW_PAGE = re.compile(r"^(?:amp|print)(?:\.html?)?$", re.IGNORECASE)
_VIEW_FOLDERS = frozenset(("amp", "print", "m", "mobile"))
_VIEW_NAMES = frozenset((
    "amp", "print", "printable", "outputtype", "view", "mode", "type", "format", "output", "mobile", "app", "feed",
    "noamp", "nopaging", "rss", "tmpl", "nb", "nocache", "_escaped_fragment_",
))  # fmt: skip
_VIEW_VALUES = frozenset(("", "1", "true", "yes", "amp", "amp-type", "print", "printable", "mobile", "component"))
_WORDS = re.compile(r"[^\W\d][\w.+ -]{0,40}")
_MOST_DIGITS = 3
_SESSION_ID = re.compile(r"(?=[^\d]*\d)[0-9A-Za-z,.-]{16,}")
_SHARED_FROM = re.compile(r"\d\d")
"""Twitter's ``s``: the kind of device on which a link was shared."""
_TITLED = re.compile(r"\d|-")
_CLOCK = re.compile(r"\d{9,17}|0?\.\d{4,}|[0-9a-f]{8,}")
_HOME = re.compile(r"^/?(?:[a-z]{2}(?:[-_][a-z]{2,4})?/?)?$", re.IGNORECASE)


class _Lists(msgspec.Struct, frozen=True):
    """The file tracking.json."""

    prefixes: tuple[str, ...]
    names: frozenset[str]
    vague: frozenset[str]
    """Names that also stand for what a page is; they only count readers where their value is a word."""
    sessions: frozenset[str]
    clocks: frozenset[str]
    """Names of what keeps a cache from answering."""


@functools.lru_cache(maxsize=2048)
def identity_of(url: str, *, needless: frozenset[str] = frozenset()) -> str:
    """Return the key of the page at `url`, an absolute http(s) URL: ``news.example/2026/a-story?id=5``.

    `needless`: parameters, in lower case, of which it was learnt that on this site they tell no page from another.
    """
    plain = _PLAIN.fullmatch(url)
    if plain is not None and not _MAY_BE_VIEW.match(plain[1]):
        segments = plain[2].split("/")
        folder = segments[1].lower() if len(segments) > 1 else ""
        if folder not in _VIEW_FOLDERS and not _VIEWED.search(plain[2]):
            return f"{plain[1]}{plain[2]}"
    cached = _AMP_CACHE.match(url)
    parts = urlsplit(url if cached is None else "https://" + url[cached.end() :])
    path = _path(_GLUED.sub("", parts.path))
    query = _query(parts.query, path, needless)
    return f"{_host(parts.hostname or '', parts.netloc)}{path}" + (f"?{query}" if query else "")


@functools.cache
def identity_rules() -> str:
    """Return a digest of these rules: an identity that other rules gave is no key to one of these."""
    folder = files(__package__)
    told = b"".join(folder.joinpath(name).read_bytes() for name in ("identity.py", "tracking.json"))
    return hashlib.sha256(told).hexdigest()[:16]


def is_home(url: str) -> bool:
    """Tell whether `url` is a site's front page, or that of one of its languages."""
    parts = urlsplit(url)
    last = parts.path.rpartition("/")[2]
    path = parts.path[: -len(last)] if last and _INDEX.match(last) else parts.path
    return _HOME.fullmatch(path) is not None and not _query(parts.query, "/", frozenset())


@functools.cache
def _lists() -> _Lists:
    return msgspec.json.decode(files(__package__).joinpath("tracking.json").read_bytes(), type=_Lists)


def _host(host: str, netloc: str) -> str:
    port = netloc.rpartition("@")[2].rpartition(":")[2]
    plain = _HOST_INFIX.sub(r"\1.", _HOST_PREFIX.sub("", host.rstrip(".")))
    return f"{plain}:{port}" if port.isdecimal() and port not in ("80", "443") else plain


def _path(path: str) -> str:
    """Resolve dot segments, drop what changes no page; escape what is left in one way only."""
    kept: list[str] = []
    for raw in path.split("/"):
        segment = _once_escaped(_SESSION_SEGMENT.sub("", raw))
        if segment == "..":
            del kept[-1:]
        elif segment not in ("", ".") and not _ASP_SESSION.match(segment):
            kept.append(segment)
    if kept and _INDEX.match(kept[-1]):
        kept.pop()
    return "".join(f"/{segment}" for segment in _without_view(kept))


def _once_escaped(segment: str) -> str:
    """Return a segment escaped in one way, its letters composed (Unicode NFC): some systems take them apart."""
    plain = unquote_to_bytes(segment)
    if not plain.isascii():
        with suppress(UnicodeDecodeError):
            plain = unicodedata.normalize("NFC", plain.decode()).encode()
    return quote(plain, safe=_SAFE)


def _without_view(segments: list[str]) -> list[str]:
    """Leave out what asks for the AMP, the print or the mobile view of a page."""
    if len(segments) > 1 and _VIEW_PAGE.match(segments[-1]):
        segments = segments[:-1]
    if len(segments) > 1 and segments[0].lower() in _VIEW_FOLDERS:
        segments = segments[1:]
    if segments and (match := _VIEW_SUFFIX.search(segments[-1])) and match.start():
        segments = [*segments[:-1], segments[-1][: match.start()] + (match[1] or "")]
    return segments


def _query(query: str, path: str, needless: frozenset[str]) -> str:
    """Return the parameters that tell which page is meant, sorted by name."""
    if not query:
        return ""
    pairs = set()
    for parameter in query.replace(";", "&").replace("?", "&").split("&"):
        name, _, value = parameter.partition("=")
        plain = _plain(name)
        if plain and plain.lower() not in needless and not _counts_readers(plain.lower(), _plain(value), path):
            pairs.add((plain, _plain(value)))
    return "&".join(_escaped(name) + (f"={_escaped(value)}" if value else "") for name, value in sorted(pairs))


def _plain(text: str) -> str:
    return unquote_to_bytes(text.replace("+", " ")).decode("utf-8", "surrogateescape")


def _escaped(text: str) -> str:
    return quote(text.encode("utf-8", "surrogateescape"), safe="!$'()*,:@-._~/")


def _counts_readers(name: str, value: str, path: str) -> bool:
    """Tell whether a parameter says nothing of which page is meant."""
    lists = _lists()
    if name in lists.names or name.startswith(lists.prefixes):
        return True
    if name in _VIEW_NAMES and value.lower() in _VIEW_VALUES:
        return True
    if (
        name == "m" and value == "1" and _names_a_page(path)
    ):  # Blogger's view for telephones; elsewhere it may be a month
        return True
    if name in lists.sessions and (name not in ("sid", "session", "s", "si") or _SESSION_ID.fullmatch(value)):
        return True
    if name == "s" and _SHARED_FROM.fullmatch(value) and _TITLED.search(path.rpartition("/")[2]):
        return _names_a_page(path)
    if name in lists.clocks and _CLOCK.fullmatch(value) and _names_a_page(path):
        return True
    return name in lists.vague and _is_word(value) and _names_a_page(path)


def _is_word(value: str) -> bool:
    """Tell whether a value is a word such as ``rss`` or ``home-top``, no number or code that names something."""
    return not value or (
        _WORDS.fullmatch(value) is not None and sum(letter.isdecimal() for letter in value) <= _MOST_DIGITS
    )


def _names_a_page(path: str) -> bool:
    """Tell whether the path alone can tell a page from others: the parameters of a script may be all that does."""
    last = path.rpartition("/")[2]
    return bool(last) and (not _SCRIPT.search(last) or any(letter.isdecimal() for letter in last))
