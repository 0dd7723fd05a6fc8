"""Is the canonical address that a page names its own? Systems that print the wrong one do so on every page."""

from __future__ import annotations

__all__ = ["Canonical", "canonical_claim"]

from typing import Literal
from urllib.parse import urlsplit

from crawler.frontier.identity import identity_of, is_home
from crawler.frontier.walls import is_front, wall_at

Canonical = Literal["same", "credible", "lie"]
"""What a page's canonical address says: its own, another one that may well be it, or one that cannot be it."""


def canonical_claim(canonical: str | None, url: str) -> Canonical:
    """Weigh the canonical address that the page at `url` names.

    A front page is never the canonical address of a story, nor is a log-in or a page that says not found, nor an
    address that is the beginning of the story's own. Whether a credible one holds, the texts of both decide.
    """
    if not canonical or identity_of(canonical) == identity_of(url):
        return "same"
    theirs, ours = urlsplit(canonical), urlsplit(url)
    if theirs.scheme not in ("http", "https") or not theirs.hostname:
        return "lie"
    if (is_front(canonical) and not is_home(url)) or wall_at(canonical, of=url) is not None:
        return "lie"
    above = theirs.path.rstrip("/") + "/"
    if not theirs.query and ours.path.startswith(above) and _is_one_host(canonical, url):
        return "lie"
    return "credible"


def _is_one_host(one: str, other: str) -> bool:
    """Tell whether two addresses are of one host, or of views of it."""
    return identity_of(one).partition("/")[0] == identity_of(other).partition("/")[0]
