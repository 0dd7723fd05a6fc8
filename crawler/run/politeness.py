"""How politely a host was asked, day by day. Pure."""

from __future__ import annotations

__all__ = ["PoliteDay", "polite_days"]

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

import msgspec

from crawler.state import Answered, Unanswered

_NEVER_SENT = ("refused", "backed_off", "cancelled", "host_down", "scheme", "host", "port", "private_address")


class PoliteDay(msgspec.Struct, frozen=True, kw_only=True):
    """What one host was asked on one day (UTC)."""

    day: str
    requests: int
    """Those that were answered, and those that were not."""
    size_bytes: int
    """Of the answers, as their records are kept: compressed where they came uncompressed."""
    least_gap_s: float | None
    """Shortest time between two requests, that to the last one of the day before included; None: there was one only."""
    median_gap_s: float | None
    robots_txt: int
    """Of the requests, how many were for robots.txt."""
    not_modified: int
    status_429: int
    status_503: int
    status_403: int
    other_errors: int
    """Other answers of 400 and above."""
    unanswered: int
    """Requests that no answer came to."""
    disallowed: int
    """URLs that were wanted and not asked for because robots.txt forbids them."""
    sites: tuple[str, ...]
    """For which of our sites."""


def polite_days(answered: Sequence[Answered], unanswered: Sequence[Unanswered]) -> list[PoliteDay]:
    """Return the days on which anything was asked, or wanted, in order; both lists are in order of time."""
    answers: dict[str, list[Answered]] = defaultdict(list)
    gaps: dict[str, list[float]] = defaultdict(list)
    missing: dict[str, list[Unanswered]] = defaultdict(list)
    for answer in answered:
        answers[f"{answer.at:%Y-%m-%d}"].append(answer)
    for before, after in pairwise(answered):
        gaps[f"{after.at:%Y-%m-%d}"].append((after.at - before.at).total_seconds())
    for one in unanswered:
        missing[f"{one.at:%Y-%m-%d}"].append(one)
    return [_day(day, answers[day], gaps[day], missing[day]) for day in sorted(answers.keys() | missing.keys())]


def _day(day: str, answers: Sequence[Answered], gaps: Sequence[float], missing: Sequence[Unanswered]) -> PoliteDay:
    statuses = Counter(answer.status for answer in answers)
    named = sum(statuses[status] for status in (429, 503, 403))
    disallowed = sum(one.outcome == "disallowed" for one in missing)
    no_answer = sum(one.outcome == "failed" and one.reason not in _NEVER_SENT for one in missing)
    return PoliteDay(
        day=day,
        requests=len(answers) + no_answer,
        size_bytes=sum(answer.size_bytes for answer in answers),
        least_gap_s=round(min(gaps), 3) if gaps else None,
        median_gap_s=round(median(gaps), 3) if gaps else None,
        robots_txt=sum(answer.role == "robots" for answer in answers),
        not_modified=statuses[304],
        status_429=statuses[429],
        status_503=statuses[503],
        status_403=statuses[403],
        other_errors=sum(number for status, number in statuses.items() if status >= 400) - named,
        unanswered=no_answer,
        disallowed=disallowed,
        sites=tuple(sorted({answer.site for answer in answers} | {one.site for one in missing})),
    )
