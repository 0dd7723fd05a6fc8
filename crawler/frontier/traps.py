"""Does a kind of address lead anywhere? Calendars, visitors' ids, lists without end and folders within folders do not.

A trap announces new addresses for ever, and by its address alone none of them can be told from a story. What can be
told is what its kind gave so far: a pattern of addresses of which a number of pages in a row gave no article is cut
off. It is still looked at once a day, so that a pattern that begins to give articles comes back by itself. A pattern
that has given articles is believed for longer. Addresses that repeat a folder again and again are never asked for.
"""

from __future__ import annotations

__all__ = [
    "LOOK_AGAIN",
    "NEEDLESS_PROOF",
    "Yield",
    "is_barren_end",
    "needless_at",
    "needless_parameter",
    "pathological",
    "pattern_of",
]

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import lru_cache
from urllib.parse import urlsplit

import msgspec

from crawler.model.run import Outcome

LOOK_AGAIN = timedelta(days=1)
"""After so long one more page of a pattern that was cut off is asked for."""

NEEDLESS_PROOF = 2
"""Stories that must have shown a parameter to be needless."""
_BARREN = 25
"""Pages in a row without an article that cut off a pattern that never gave one."""
_CREDIT = 10
_MOST_CREDITED = 100
_NAMED = 2
"""Folders, from the root on, that keep their name in a pattern if it looks like one."""
_NAME = re.compile(r"[^\W\d](?:[^\W\d]|-){0,23}")
_EXTENSION = re.compile(r"\.[A-Za-z][A-Za-z0-9]{1,4}$")
_REPEATED = re.compile(r"((?:/[^/]+){1,3})\1{2,}(?=/|$)")
_LETTER = re.compile(r"[^\W\d_]")
_MOST_SEGMENTS = 20
_LONGEST = 2000
_IN_VAIN = frozenset(("no_article", "not_an_article", "not_html", "http_404", "http_410", "soft404"))


class Yield(msgspec.Struct, frozen=True):
    """What the addresses of one pattern gave so far."""

    pages: int = 0
    articles: int = 0
    barren: int = 0
    """Pages in a row, up to now, that gave no article."""

    @property
    def is_cut(self) -> bool:
        """Tell whether the pattern is a trap as far as is known: ten further pages are granted for each article it
        gave.
        """
        return self.barren >= self._granted

    @property
    def _granted(self) -> int:
        return _BARREN + _CREDIT * min(self.articles, _MOST_CREDITED)

    def may_begin(self, under_way: int) -> bool:
        """Tell whether one more page may be asked for while so many are not judged yet."""
        return self.barren + under_way < self._granted

    def after(self, *, article: bool) -> Yield:
        """Return the same with one more page."""
        return Yield(self.pages + 1, self.articles + article, 0 if article else self.barren + 1)


@lru_cache(maxsize=1024)
def pattern_of(url: str) -> str:
    """Return the kind of address that `url` is of: ``/events/#/#/#/*``, ``/browse/*?page=#``; its host does not count.

    ``#`` is a number, ``*`` anything else, ``*+`` several folders. The first two folders keep their names, the
    parameters theirs.
    """
    parts = urlsplit(url)
    segments = [segment for segment in parts.path.split("/") if segment]
    kept: list[str] = []
    for place, segment in enumerate(segments):
        is_last = place == len(segments) - 1
        shape = segment if place < _NAMED and not is_last and _NAME.fullmatch(segment) else _shape(segment, is_last)
        if shape == "*" and kept and kept[-1] in ("*", "*+"):
            kept[-1] = "*+"
        else:
            kept.append(shape)
    pairs = sorted(
        {name: value for name, _, value in (p.partition("=") for p in parts.query.split("&")) if name}.items()
    )
    query = "&".join(f"{name}={'#' if value.isdecimal() else '*'}" for name, value in pairs[:8])
    return "/" + "/".join(kept) + (f"?{query}" if query else "")


def pathological(url: str) -> str | None:
    """Return why an address is one that no paper gives a page: ``repeating_path`` or ``too_deep``; None if it may be
    one.

    After the rules that Heritrix and Nutch have for it: a folder, or a row of up to three, that comes three times in
    succession; more than twenty folders.
    """
    path = urlsplit(url).path
    if path.count("/") > _MOST_SEGMENTS or len(url) > _LONGEST:
        return "too_deep"
    repeated = _REPEATED.search(path)
    return "repeating_path" if repeated is not None and _LETTER.search(repeated[1]) else None


def is_barren_end(outcome: Outcome, reason: str | None, *, is_alias: bool) -> bool | None:
    """Tell whether a page that ended so gave nothing (True) or an article (False); None: it says nothing of its kind.

    `is_alias`: its text is that of another page. Refusals, walls and failures of the host tell of the host alone.
    """
    if outcome == "parsed":
        return False
    if outcome == "duplicate":
        return True if is_alias else None
    return True if outcome in ("captured", "failed", "walled") and reason in _IN_VAIN else None


def needless_parameter(url: str, other: str) -> str | None:
    """Return the one parameter by which two addresses differ whose pages are the same; None if they differ
    otherwise.
    """
    ours, theirs = urlsplit(url), urlsplit(other)
    if (ours.netloc, ours.path) != (theirs.netloc, theirs.path) or not _LETTER.search(ours.path):
        return None
    one, two = _pairs(ours.query), _pairs(theirs.query)
    differing = {name for name in {*one, *two} if one.get(name) != two.get(name)}
    return differing.pop() if len(differing) == 1 else None


def needless_at(url: str, shown: Mapping[str, Sequence[str]]) -> frozenset[str]:
    """Return the parameters that are needless anywhere on a site, or at the address of this very story.

    `shown`: by parameter, the addresses without query of the stories that showed it to be.
    """
    path = url.partition("?")[0]
    return frozenset(name for name, paths in shown.items() if len(paths) >= NEEDLESS_PROOF or path in paths)


def _pairs(query: str) -> dict[str, str]:
    return {name.lower(): value for name, _, value in (p.partition("=") for p in query.split("&")) if name}


def _shape(segment: str, is_last: bool) -> str:
    if segment.isdecimal():
        return "#"
    extension = _EXTENSION.search(segment) if is_last else None
    return "*" + (extension[0].lower() if extension else "")
