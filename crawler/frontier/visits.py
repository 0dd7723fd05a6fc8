"""When is an article read again? On a plan, for most edits come within a day; at once when its channel says it changed.

Four in five edits come in the first day, so the plan is dense there, and a single visit after a day sees most of what
the others would. How much of the plan a site's stories get follows from what earlier visits found: where one story in
four is edited, as is usual, all get the visit after a day; where clearly more are, the earlier and the last ones, too;
where fewer are, so many fewer, and where hardly any is, one story in ten is still looked at. A story that a channel
lists as unchanged is not visited, where that channel has told of edits and was not found to keep silent. A channel that
says of everything that it changed just now is believed as far as the visits bear it out, and then put to the test with
few stories, once a day each.
"""

from __future__ import annotations

__all__ = [
    "LATE", "PLAN", "Credit", "EditRate", "Signals", "budget", "has_moved", "is_audited", "is_heeded", "is_judged",
    "is_planned", "next_visit", "plan_of",
]  # fmt: skip

import math
import zlib
from datetime import datetime, timedelta

import msgspec

PLAN = (timedelta(hours=1), timedelta(hours=6), timedelta(hours=24), timedelta(days=7))
LATE = timedelta(days=7)
"""A visit that could not be made until so long after it was due is left out."""

_WORTH = (PLAN[2], PLAN[1], PLAN[0], PLAN[3])
"""The visits of the plan, the one that sees most for its request first."""
_JUDGED = PLAN[2]
"""So long after it was first read a story shows whether it is one of those that are edited."""
_PRIOR_STORIES, _PRIOR_CHANGED = 8, 2
"""What is believed of a site of which nothing is known; a dozen stories tell little against it."""
_PER_EDIT = 4.0
"""Visits after a day that are spent for one edited story."""
_BUSY, _FURTHER = 0.3, 3.6
"""Where more stories are edited than that, all get further visits: at last 2.5 of the three others."""
_LEAST_VISITS = 0.1
_LEAST_SHARE = 0.05
_MOST_SHARE = 0.5
_PROOF = 2
"""Edits that a site's channels told of, before their silence counts."""
_MOST_SILENT = 0.25
_VAIN = 8
"""Visits that found nothing new, for each that did and one more, until a site's channels have lost their credit."""
_LONG_AGO = 128
"""So many visits later what the first of them found counts half."""
_TEST_EVERY = timedelta(days=1)
_AUDITED = 8
"""One in so many visits is made although the channel tells of no change."""


class EditRate(msgspec.Struct, frozen=True):
    """What visits to a site found so far, but for those that a channel asked for."""

    stories: int = 0
    """Stories that were looked at after a day or later."""
    changed: int = 0
    """Of these: how many said something else than at first."""

    @property
    def share(self) -> float:
        """The part of stories that are edited, as far as is known: one in four before anything is."""
        return (self.changed + _PRIOR_CHANGED) / (self.stories + _PRIOR_STORIES)

    @property
    def visits_a_story(self) -> float:
        """How many visits of the plan a story is worth on average, from a tenth to all four."""
        wanted = min(1.0, _PER_EDIT * self.share) + max(0.0, _FURTHER * (self.share - _BUSY))
        return min(max(wanted, _LEAST_VISITS), float(len(PLAN)))


class Signals(msgspec.Struct, frozen=True):
    """How well a site's channels tell of edits."""

    told: int = 0
    """Edits found where a channel said that there was one."""
    silent: int = 0
    """Edits found where the channel that lists the story said that there was none."""

    @property
    def are_trusted(self) -> bool:
        """Tell whether a story that is listed as unchanged may be taken to be so."""
        return self.told >= _PROOF and self.silent <= _MOST_SILENT * self.told


class Credit(msgspec.Struct, frozen=True):
    """How often a site's channels were right when they told of a change: many stamp all pages at every reading."""

    right: int = 0
    """Visits they led to that found another text."""
    vain: int = 0
    """Visits they led to that found the same."""

    def after(self, *, edited: bool) -> Credit:
        """Return the credit after such a visit."""
        right, vain = self.right + edited, self.vain + (not edited)
        return Credit(right // 2, vain // 2) if right + vain > _LONG_AGO else Credit(right, vain)

    @property
    def is_good(self) -> bool:
        """Tell whether a change that is told of is looked at at once."""
        return self.vain < _VAIN * (self.right + 1)


def is_heeded(url: str, credit: Credit, *, read_at: datetime, now: datetime) -> bool:
    """Tell whether the article at `url`, read last at `read_at`, is read again because a channel says that it changed.

    Where that has no credit it is still tried with one story in eight, once a day: channels are mended.
    """
    return credit.is_good or (now - read_at >= _TEST_EVERY and is_audited(url, now))


def plan_of(url: str, rate: EditRate, *, a_story: float | None = None) -> tuple[timedelta, ...]:
    """Return when after its first reading the article at `url` is read again.

    `a_story`: so many visits a story on average, whatever `rate` says. Which stories get a part of a visit is drawn by
    their URL, so the same story always gets the same.
    """
    wanted = rate.visits_a_story if a_story is None else a_story
    luck = zlib.crc32(url.encode()) / 2**32
    return tuple(step for step in PLAN if wanted - _WORTH.index(step) > luck)


def next_visit(first_at: datetime, *, now: datetime, plan: tuple[timedelta, ...]) -> datetime | None:
    """Return when an article captured first at `first_at` and last read at `now` is read next; None: not any more."""
    return next((first_at + step for step in plan if first_at + step > now), None)


def is_planned(first_at: datetime, read_at: datetime | None, *, now: datetime, plan: tuple[timedelta, ...]) -> bool:
    """Tell whether a visit of `plan` has fallen due since the article was last read: the plan may have changed
    meanwhile.
    """
    return any((read_at is None or read_at < first_at + step) and first_at + step <= now for step in plan)


def is_judged(first_at: datetime, *, now: datetime) -> bool:
    """Tell whether a visit now tells if the story is one that is edited."""
    return now - first_at >= _JUDGED


def is_audited(url: str, now: datetime) -> bool:
    """Tell whether a visit is made although a trusted channel tells of no change: one in eight, to see if it is
    right.
    """
    return zlib.crc32(f"{url} {now:%Y%m%d}".encode()) % _AUDITED == 0


def has_moved(said: datetime | None, said_before: datetime | None, read_at: datetime) -> bool:
    """Tell whether a channel says that a page changed since it was read: a later moment, or than the one it said
    before.
    """
    if said is None:
        return False
    return said > read_at or (said_before is not None and said > said_before)


def budget(max_pages: int, rate: EditRate) -> int:
    """Return how many visits a run may make besides `max_pages` new pages."""
    return math.ceil(max_pages * min(max(rate.share, _LEAST_SHARE), _MOST_SHARE))
