"""Figures over the ledger that reports are made of: what became of each day's stories, who told of them, what
changed.
"""

from __future__ import annotations

__all__ = ["Coverage", "CoverageCount", "Edit"]

from collections import defaultdict
from datetime import datetime
from typing import NamedTuple

from crawler.clock import iso_utc
from crawler.model.run import Outcome
from crawler.state.protocol import Part
from crawler.state.statements import coverage as sql


class CoverageCount(NamedTuple):
    """How many URLs of one site, first seen on one day, are at one outcome."""

    site: str
    day: str
    outcome: Outcome
    given_up: bool
    """Not tried again of itself."""
    reason: str
    urls: int
    revised: int
    """Of them: articles whose text changed since the first."""


class Edit(NamedTuple):
    """A revision, or what a visit met in an article's place."""

    site: str
    url: str
    at: datetime
    before_at: datetime | None
    """Capture of the revision before it; None: the article was not there."""
    outcome: Outcome
    reason: str | None


class Coverage(Part):
    """What reports ask the ledger."""

    def coverage(self, since: datetime, until: datetime, site: str | None = None) -> list[CoverageCount]:
        """Return what became of the pages first seen from `since` until before `until`."""
        return [
            CoverageCount(
                r["site"], r["day"], r["outcome"], bool(r["given_up"]), r["why"], r["urls"], r["revised"] or 0
            )
            for r in self._db.all(sql.COVERAGE_DAYS, _span(since, until, site))
        ]

    def announced_by(
        self, since: datetime, until: datetime, site: str | None = None
    ) -> dict[str, list[frozenset[str]]]:
        """Return for each site the kinds of channel that announced each story of the time; other addresses count with
        their page.
        """
        sources: dict[tuple[str, str], set[str]] = defaultdict(set)
        for row in self._db.all(sql.COVERAGE_SOURCES, _span(since, until, site)):
            sources[row["site"], row["page"]].add(row["source"])
        found: dict[str, list[frozenset[str]]] = defaultdict(list)
        for (name, _), kinds in sources.items():
            found[name].append(frozenset(kinds))
        return dict(found)

    def edits(self, since: datetime, until: datetime, site: str | None = None) -> list[Edit]:
        """Return the revisions of the time, and what visits met in the place of an article."""
        span = _span(since, until, site)
        revised = [
            Edit(r["site"], r["url"], _moment(r["captured_at"]), _moment(r["before_at"]), "parsed", None)
            for r in self._db.all(sql.EDITS, span)
        ]
        met = [
            Edit(r["site"], r["url"], _moment(r["at"]), None, r["outcome"], r["reason"])
            for r in self._db.all(sql.EDITS_MET, span)
        ]
        return [*revised, *met]


def _span(since: datetime, until: datetime, site: str | None) -> dict[str, object]:
    return {"since": iso_utc(since), "until": iso_utc(until), "site": site}


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
