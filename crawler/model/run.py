"""A run: one execution of a crawl, and what became of its URLs."""

from __future__ import annotations

__all__ = [
    "BARRED",
    "GIVEN",
    "KNOWN_PAGE",
    "MISSED",
    "NOTHING_NEW",
    "OPEN",
    "UNASKED",
    "UNDER_WAY",
    "Counted",
    "LedgerEntry",
    "Outcome",
    "Run",
    "RunState",
    "UrlEnd",
    "Validators",
    "found_nothing_new",
]

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import msgspec

RunState = Literal["queued", "running", "done", "partial", "failed", "interrupted"]
"""``partial``: finished, some URLs failed. ``interrupted``: stopped or killed; its open URLs wait for the next run."""

Outcome = Literal[
    "announced",  # known, not yet asked for
    "queued",  # a run will ask for it
    "captured",  # archived (feeds, sitemaps, listings, robots.txt end here)
    "parsed",  # archived and an article emitted
    "not_modified",  # 304
    "duplicate",  # the same document as an earlier capture
    "alias",  # another address of a page that is known: not asked for
    "redirected",  # another URL holds the answer
    "out_of_scope",
    "disallowed",  # robots.txt
    "walled",  # archived; consent, bot or pay wall instead of the article
    "failed",  # not obtained; the reason says why
    "lost",  # obtained and then lost (parser crash, torn record); the reason says how
]

OPEN: tuple[Outcome, ...] = ("announced", "queued")
"""Nothing has become of it yet."""
MISSED: tuple[Outcome, ...] = ("failed", "lost")
"""It is not there, and should be."""
BARRED: tuple[Outcome, ...] = ("walled", "disallowed")
"""Somebody stands before it."""
GIVEN: tuple[Outcome, ...] = ("captured", "duplicate", "not_modified")
"""It answered, and gave no article of its own."""
UNASKED: tuple[Outcome, ...] = ("alias", "out_of_scope", "disallowed")
"""Settled without a request of its own."""
KNOWN_PAGE = "known_page"
"""Why a redirect is not followed to a page that is asked for under its own name: one request for each page is
enough."""
UNDER_WAY: tuple[RunState, ...] = ("queued", "running")
"""States of a run that has not ended."""


NOTHING_NEW = "nothing new"
"""How the reason of a run begins that is done and had nothing to obtain."""


def found_nothing_new(state: RunState, reason: str | None) -> bool:
    """Tell whether a run that ended so had nothing to obtain, and failed at nothing."""
    return state == "done" and (reason or "").startswith(NOTHING_NEW)


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """What URLs at each outcome come to."""

    counts: Mapping[Outcome, int]

    @property
    def pages(self) -> int:
        """URLs asked for and answered, whatever the answer; each page once, whatever its addresses."""
        return sum(n for outcome, n in self.counts.items() if outcome not in OPEN and outcome not in UNASKED)

    @property
    def waiting(self) -> int:
        """URLs still to be asked for."""
        return sum(self.counts.get(outcome, 0) for outcome in OPEN)

    @property
    def articles(self) -> int:
        return self.counts.get("parsed", 0)

    @property
    def failures(self) -> int:
        return sum(self.counts.get(outcome, 0) for outcome in MISSED)


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One execution of a crawl."""

    id: str
    """``<yyyymmdd>T<hhmmss>Z-<site>-<4 hex>``: sorts by time, names the site."""
    site: str
    trigger: Literal["schedule", "manual", "command", "demo"]
    targets: tuple[str, ...] = ()
    """URLs of a one-off crawl; empty: the site's own channels."""
    scheduled_at: datetime | None = None
    queued_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    state: RunState = "queued"
    reason: str | None = None


class UrlEnd(msgspec.Struct, frozen=True, kw_only=True):
    """URLs of a run that ended alike."""

    role: str
    outcome: Outcome
    reason: str | None
    urls: int


class LedgerEntry(msgspec.Struct, frozen=True, kw_only=True):
    """The current outcome of one URL."""

    url: str
    site: str
    role: str
    outcome: Outcome
    reason: str | None = None
    """The class of failure, in snake case, or the URL redirected to."""
    via: str | None = None
    source: str | None = None
    title: str | None = None
    published_at: str | None = None
    first_seen_at: datetime
    updated_at: datetime
    run: str
    attempts: int = 0
    """Tries in a row that gave nothing."""
    article_id: str | None = None
    page: str | None = None
    """The URL of the page that this one is only another address of."""
    next_try_at: datetime | None = None
    next_visit_at: datetime | None = None
    """When the article is to be read again."""
    first_article_at: datetime | None = None
    """When the first capture was made that gave an article."""
    first_article_id: str | None = None


class Validators(msgspec.Struct, frozen=True):
    """What makes the next request for a URL conditional (RFC 9110 section 13)."""

    etag: str | None = None
    last_modified: str | None = None
