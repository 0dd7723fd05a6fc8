"""Which captures, or the articles made of them, are wanted: one value for replay, packages, indexes and the corpus.

All conditions must hold; an empty one is none. What a condition is about and who knows it: URL, moment, status and
media type are in the index of an archive, the site in its metadata records, the language in the article.
"""

from __future__ import annotations

__all__ = ["Selection", "Which", "check_mime", "check_url_pattern"]

import fnmatch
import re
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Literal

import msgspec

from crawler.clock import timestamp14
from crawler.errors import UsageError
from crawler.urls import normalise, surt

Which = Literal["all", "first", "latest"]
"""Of the captures of one page that meet the conditions."""

_REGEX = ("regex:", "re:")
_SURT = "surt:"
_STAR = "*"
"""Makes a pattern: a question mark alone is where a query begins."""
_SURT_FORM = re.compile(r"[^\s/?#()]+(?:\).*)?")
_MIME = re.compile(r"[a-z0-9*][\w.+*-]*/[\w.+*-]+", re.ASCII)
_UNKNOWN_MIMES = ("unk", "warc/revisit")
"""What an index has where it does not say what came."""


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for. A plain value: any process may go by it."""

    sites: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    """One of these: an address (its page, whatever scheme, ``www.`` or order of its query), a shell pattern
    (``https://news.example/2026/*``), ``regex:...`` found anywhere in the URL, ``surt:example,news)/2026`` as a prefix
    of its key."""
    since: datetime | None = None
    until: datetime | None = None
    """Not included."""
    statuses: tuple[int, ...] = ()
    mimes: tuple[str, ...] = ()
    """In lower case; ``image/*``."""
    languages: tuple[str, ...] = ()
    """BCP 47; ``pt`` means ``pt-BR`` too."""
    which: Which = "all"

    def admits_url(self, url: str) -> bool:
        """Tell whether `url` is one of those asked for."""
        return not self.urls or any(_pattern(text)(url) for text in self.urls)

    def admits(self, url: str, timestamp: str, status: int, mime: str) -> bool:
        """Tell whether what an index says of a capture meets the conditions.

        `timestamp` is 14 digits; what is not known (status 0, media type ``unk``) may meet them.
        """
        return (
            (not self.statuses or not status or status in self.statuses)
            and (not self.mimes or mime in _UNKNOWN_MIMES or self.admits_mime(mime))
            and (self.since is None or timestamp >= timestamp14(self.since))
            and (self.until is None or timestamp < timestamp14(self.until))
            and self.admits_url(url)
        )

    def admits_capture(self, url: str, captured_at: datetime, status: int, mime: str) -> bool:
        """Tell whether a capture of which all this is known meets the conditions."""
        return (
            (not self.statuses or status in self.statuses)
            and (not self.mimes or self.admits_mime(mime))
            and self.admits_moment(captured_at)
            and self.admits_url(url)
        )

    def admits_mime(self, mime: str) -> bool:
        """Tell whether the media type `mime`, in lower case, is one of those asked for."""
        return not self.mimes or any(mime == one or fnmatch.fnmatchcase(mime, one) for one in self.mimes)

    def admits_moment(self, moment: datetime) -> bool:
        """Tell whether `moment` lies in the span asked for."""
        return (self.since is None or moment >= self.since) and (self.until is None or moment < self.until)

    def admits_site(self, site: str | None, run: str | None) -> bool:
        """Tell whether the site and the run are of those asked for."""
        return (not self.sites or site in self.sites) and (not self.runs or run in self.runs)

    def admits_language(self, language: str | None) -> bool:
        """Tell whether an article's language is one of those asked for; one that is not known is none of them."""
        if not self.languages:
            return True
        own = (language or "").lower()
        return any(own == one or own.startswith(f"{one}-") for one in map(str.lower, self.languages))

    @property
    def by_index(self) -> bool:
        """Whether an index can tell that something is not wanted."""
        return bool(self.urls or self.since or self.until or self.statuses or self.mimes or self.which != "all")


def check_url_pattern(text: str) -> str:
    """Return `text` if it is a way to name URLs (see `Selection.urls`). Raises UsageError that says what is wrong."""
    regex = _regex_in(text)
    if regex is not None:
        try:
            re.compile(regex)
        except re.error as error:
            raise UsageError(
                f"{text!r} is no regular expression: {error}", next_step="write it as Python's re has it"
            ) from error
    elif text.startswith(_SURT):
        if not _SURT_FORM.fullmatch(_surt_prefix(text)):
            raise UsageError(
                f"{text!r} is no SURT prefix", next_step="write the host backwards: surt:example,news)/2026/"
            )
    elif _STAR in text:
        if "://" not in text and not text.startswith("*"):
            raise UsageError(
                f"no URL is of the pattern {text!r}", next_step=f"begin with the scheme or a star: '*{text}'"
            )
    else:
        normalise(text)
    return text


def check_mime(text: str) -> str:
    """Return the media type `text` in lower case. Raises UsageError."""
    mime = text.strip().lower()
    if not _MIME.fullmatch(mime):
        raise UsageError(f"{text!r} is no media type", next_step="write it as text/html, or image/*")
    return mime


@lru_cache(1024)
def _pattern(text: str) -> Callable[[str], bool]:
    """Return what tells whether a URL is meant by `text`."""
    regex = _regex_in(text)
    if regex is not None:
        search = re.compile(regex).search
        return lambda url: search(url) is not None
    if text.startswith(_SURT):
        return _under(_surt_prefix(text))
    if _STAR in text:
        match = re.compile(fnmatch.translate(text)).match
        return lambda url: url == text or match(url) is not None
    key = surt(text)
    return lambda url: url == text or surt(url) == key


def _under(prefix: str) -> Callable[[str], bool]:
    """Return what tells whether a URL's key lies under `prefix`: a host without its end means its subdomains, too."""
    if ")" in prefix or prefix.endswith(","):
        return lambda url: surt(url).startswith(prefix)
    ends = (f"{prefix})", f"{prefix},", f"{prefix}:")
    return lambda url: surt(url).startswith(ends)


def _regex_in(text: str) -> str | None:
    return next((text.removeprefix(mark) for mark in _REGEX if text.startswith(mark)), None)


def _surt_prefix(text: str) -> str:
    """Return the prefix as our keys have it, in which a host has no ``www``.

    Heritrix writes ``http://(example,news,)/``, and ``http://(example,news,`` for a host with what is below it.
    """
    prefix = text.removeprefix(_SURT).strip().lower()
    plain = re.sub(r"^(?:https?://)?\(", "", prefix)
    if plain != prefix:
        plain = plain.removesuffix(",")
    return re.sub(r",www(?=\)|$)", "", plain.replace(",)", ")"))
