"""How a channel is read: when its validators are not believed, and when it has moved on by more than it holds."""

from __future__ import annotations

__all__ = ["MOST_UNCHANGED", "is_overrun", "trusts_validators"]

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from crawler.model.run import Outcome

_WHOLE_EVERY = timedelta(days=1)
MOST_UNCHANGED = 24
"""Answers of 304 in a row, after which a channel is read whole: two in an hour for half a day."""


def trusts_validators(read_at: datetime | None, outcomes: Iterable[Outcome], *, now: datetime) -> bool:
    """Tell whether the next request for a channel may be conditional.

    Servers exist whose ETag never changes, whatever the feed does: a channel is read whole once a day, and after so
    many answers in a row that nothing has changed. `read_at`: when it was last read whole; `outcomes`: the latest
    first.
    """
    if read_at is None or now - read_at >= _WHOLE_EVERY:
        return False
    unchanged = 0
    for outcome in outcomes:
        if outcome != "not_modified":
            break
        unchanged += 1
    return unchanged < MOST_UNCHANGED


def is_overrun(*, was_read: bool, listed: Sequence[str], known: Iterable[str]) -> bool:
    """Tell whether a channel moved on by more than it holds: it was read before, and nothing of that is in it now."""
    return was_read and bool(listed) and not set(known).intersection(listed)
