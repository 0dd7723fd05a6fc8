"""In which order waiting pages are fetched: the day's news before what is old, the newest first, whatever a channel's
order.

What is old waits for what is left of a run's budget, but for a share that is always its own: a site that publishes more
than a run may fetch would otherwise never come to its past.
"""

from __future__ import annotations

__all__ = ["FRESH", "Split", "day_in_address", "rank", "split"]

import re
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

FRESH = timedelta(days=2)
"""What was published, or first announced, longer ago belongs to the backlog once a run has passed it over."""

_DAY = re.compile(r"(?<!\d)((?:19[89]|20\d)\d)[-/_.]?(0[1-9]|1[0-2])[-/_.]?(0[1-9]|[12]\d|3[01])(?!\d)")
_NAMED = re.compile(
    r"/((?:19[89]|20\d)\d)[-/](jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)(?:uary|ruary|ch|il|e|y|ust|t|tember|ober|ember)?[-/](0?[1-9]|[12]\d|3[01])(?=[-/])",
    re.IGNORECASE,
)
_DAY_FIRST = re.compile(r"(?<![\d])(0[1-9]|[12]\d|3[01])[-/.](0[1-9]|1[0-2])[-/.]((?:19[89]|20\d)\d)(?!\d)")
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = re.compile(r"/((?:19[89]|20\d)\d)[-/](0[1-9]|1[0-2])/")
_STEP = timedelta(microseconds=1)


class Split(NamedTuple):
    """How many pages of a run are news, and how many of the backlog."""

    fresh: int
    backlog: int


def rank(moment: datetime | None, url: str, *, now: datetime, place: int) -> datetime:
    """Return the moment by which the page at `url` is put in order, the later the sooner.

    `moment` is when it was published or changed, as its channel says: a date still to come counts as now. Without one
    the day in its address counts, without that it is taken as just published, in the order of its channel (`place`).
    """
    if moment is None:
        day = day_in_address(url)
        moment = now if day is None else datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=UTC)
    return min(moment, now) - place * _STEP


def day_in_address(url: str) -> date | None:
    """Return the day that a news address often carries, the last of the month if it has no more than that."""
    path = url.partition("?")[0]
    if (found := _DAY.search(path)) is not None:
        return _day(found[1], int(found[2]), found[3])
    if (found := _NAMED.search(path)) is not None:
        return _day(found[1], 1 + _MONTHS.index(found[2].lower()), found[3])
    if (found := _DAY_FIRST.search(path)) is not None:
        return _day(found[3], int(found[2]), found[1])
    month = _MONTH.search(path)
    return date(int(month[1]), int(month[2]), 28) if month is not None else None


def _day(year: str, month: int, day: str) -> date | None:
    try:
        return date(int(year), month, int(day))
    except ValueError:
        return None


def split(budget: int, *, fresh: int, backlog: int, share: float) -> Split:
    """Divide `budget` among `fresh` and `backlog` pages that wait; `share` of it is the backlog's own."""
    reserved = min(backlog, int(budget * share))
    news = min(fresh, budget - reserved)
    return Split(news, min(backlog, budget - news))
