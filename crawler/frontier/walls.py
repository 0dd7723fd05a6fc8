"""What an address says of itself: a front page, a log-in, a question for consent, a check for robots, nothing found.

For redirects and canonical addresses, of which only the address is known. The words are in ``walls.json``, by language;
they count as whole segments of a path, or as the first name of a host.
"""

from __future__ import annotations

__all__ = ["is_front", "wall_at"]

import functools
import re
from importlib.resources import files
from urllib.parse import unquote, urlsplit

import msgspec

from crawler.frontier.identity import is_home

_TELLS_A_PAGE = re.compile(r"(?:^|[&;])(?:[apnq]|\w*id|nr|(?:page|post|article|story|news)\w*)=", re.IGNORECASE)
_EXTENSION = re.compile(r"\.(?:s?html?|php\d?|aspx?|jsp|cfm)$", re.IGNORECASE)


class _Words(msgspec.Struct, frozen=True):
    """The file walls.json: lists of words, one string a language."""

    home: tuple[str, ...]
    walls: dict[str, tuple[str, ...]]
    """By the reason that stands in the ledger."""


def is_front(url: str) -> bool:
    """Tell whether `url` is a front page: under a name of its own, or with a word on why one was led there, too."""
    parts = urlsplit(url)
    if parts.query and _TELLS_A_PAGE.search(parts.query):
        return False
    names = _names(parts.path)
    own = names[1:] if len(names) == 2 and is_home(f"{parts.scheme}://{parts.netloc}/{names[0]}") else names
    return is_home(f"{parts.scheme}://{parts.netloc}{parts.path}") or (len(own) == 1 and own[0] in _homes())


def wall_at(url: str, *, of: str) -> str | None:
    """Return what stands at `url` in the place of the story at `of`; None if it may be the story.

    A story that only moved keeps its own name.
    """
    before, after = urlsplit(of), urlsplit(url)
    theirs, ours = _names(after.path), _names(before.path)
    if theirs and ours and theirs[-1] == ours[-1]:
        return None
    label = (after.hostname or "").partition(".")[0]
    host = [label] if label != (before.hostname or "").partition(".")[0] else []
    reasons = _reasons()
    named = (word for word in (*host, *theirs[:2], *theirs[-1:]) if word in reasons and word not in ours)
    return next((reasons[word] for word in named), None)


def _names(path: str) -> list[str]:
    """Return the segments of `path` in lower case and unescaped, the last without its extension."""
    return [unquote(name) for name in _EXTENSION.sub("", path).lower().split("/") if name]


@functools.cache
def _words() -> _Words:
    return msgspec.json.decode(files(__package__).joinpath("walls.json").read_bytes(), type=_Words)


@functools.cache
def _homes() -> frozenset[str]:
    return frozenset(" ".join(_words().home).split())


@functools.cache
def _reasons() -> dict[str, str]:
    return {word: reason for reason, tongues in _words().walls.items() for words in tongues for word in words.split()}
