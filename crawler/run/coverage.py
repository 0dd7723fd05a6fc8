"""What became of a site's day, in a reader's words: each page that a channel listed is in one column only."""

from __future__ import annotations

__all__ = ["CoverageDay", "coverage_days", "left_alone"]

from collections.abc import Iterable

import msgspec

from crawler.frontier.traps import pattern_of
from crawler.state import CoverageCount, PatternRow, State

_COLUMNS = {
    "parsed": "parsed",
    "captured": "captured",
    "not_modified": "captured",
    "duplicate": "duplicate",
    "alias": "duplicate",
    "redirected": "duplicate",
    "out_of_scope": "refused",
    "disallowed": "refused",
    "announced": "waiting",
    "queued": "waiting",
}


class CoverageDay(msgspec.Struct, frozen=True, kw_only=True):
    """The pages of one site that were first seen on one day."""

    site: str
    day: str
    announced: int
    """All of them."""
    parsed: int = 0
    """Gave an article."""
    revised: int = 0
    """Of the parsed ones: changed since."""
    captured: int = 0
    """Archived, and no article page."""
    duplicate: int = 0
    """Another address of a page that is known."""
    refused: int = 0
    """By robots.txt, or outside of the site's scope."""
    waiting: int = 0
    """Not yet asked for."""
    failed: int = 0
    """Not had so far; a next try is planned."""
    missed: int = 0
    """Not had, and not tried again."""


def coverage_days(counts: Iterable[CoverageCount]) -> list[CoverageDay]:
    """Return the days in the order of site and day."""
    days: dict[tuple[str, str], dict[str, int]] = {}
    for count in counts:
        day = days.setdefault((count.site, count.day), {})
        column = _COLUMNS.get(count.outcome) or ("missed" if count.given_up else "failed")
        for name, number in ((column, count.urls), ("announced", count.urls), ("revised", count.revised)):
            day[name] = day.get(name, 0) + number
    return [CoverageDay(site=site, day=day, **numbers) for (site, day), numbers in sorted(days.items())]


def left_alone(state: State, row: PatternRow) -> int:
    """Return how many addresses of a kind that leads nowhere were announced and not asked for."""
    return sum(pattern_of(url) == row.pattern for url in state.left_alone(row.site))
