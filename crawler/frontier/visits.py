"""When is an article read again? On a plan, for most edits come within a day; at once when its channel says it changed.

Four in five edits come in the first day, so the plan is dense there. What a site's visits found decides how many of
them it gets: of a site that rarely edits a story is read once more, of one that edits all it publishes four times.
A channel that says of everything that it changed just now is believed as far as the visits bear it out.
"""

from __future__ import annotations

__all__ = ["LATE", "PLAN", "EditRate", "budget", "has_moved", "is_conditional", "next_visit"]

import math
import zlib
from datetime import datetime, timedelta

import msgspec

PLAN = (timedelta(hours=1), timedelta(hours=6), timedelta(hours=24), timedelta(days=7))
LATE = timedelta(days=7)
"""A visit that could not be made until so long after it was due is left out."""

_FEW = 20
"""Visits before what they found is trusted."""
_RARE = 0.02
_SELDOM = 0.1
_LEAST_SHARE = 0.05
_MOST_SHARE = 0.5
_SAMPLE = 32
"""One in so many last visits asks for the page whether it changed or not."""


class EditRate(msgspec.Struct, frozen=True):
    """What visits to a site found so far: how many there were, and how many met another text."""

    visits: int = 0
    edits: int = 0

    @property
    def share(self) -> float:
        """The part of visits that find an edit, as far as is known: one in five before anything is."""
        return (self.edits + 1) / (self.visits + 5)


def next_visit(first_at: datetime, *, now: datetime, rate: EditRate) -> datetime | None:
    """Return when an article captured first at `first_at` and last read at `now` is read next; None: not any more.

    Where edits are seldom the first hours are left out, for a visit after a day sees what they brought; where they are
    rare the week is, too.
    """
    return next((first_at + step for step in _steps(rate) if first_at + step > now), None)


def has_moved(said: datetime | None, said_before: datetime | None, read_at: datetime) -> bool:
    """Tell whether a channel says that a page changed since it was read: a later moment, or than the one it said before."""
    if said is None:
        return False
    return said > read_at or (said_before is not None and said > said_before)


def is_conditional(url: str, first_at: datetime, *, now: datetime, rate: EditRate, signalled: bool) -> bool:
    """Tell whether a visit asks only for what changed since; not where a change is told of.

    Some servers answer 304 whatever happened: a few of the last visits ask without a condition and find them out.
    """
    if signalled:
        return False
    return next_visit(first_at, now=now, rate=rate) is not None or zlib.crc32(url.encode()) % _SAMPLE != 0


def budget(max_pages: int, rate: EditRate) -> int:
    """Return how many visits a run may make besides `max_pages` new pages."""
    return math.ceil(max_pages * min(max(rate.share, _LEAST_SHARE), _MOST_SHARE))


def _steps(rate: EditRate) -> tuple[timedelta, ...]:
    if rate.visits < _FEW or rate.share > _SELDOM:
        return PLAN
    return PLAN[2:] if rate.share > _RARE else PLAN[2:3]
