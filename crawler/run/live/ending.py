"""How a run ended: its state and its reason, from what became of its URLs. Pure.

``failed``: nothing was obtained. ``partial``: something was, and something that should have been was not. ``done``: the
rest; a run that is done and had nothing to obtain says so in its reason (`crawler.model.run.NOTHING_NEW`).
"""

from __future__ import annotations

__all__ = ["Ending", "ending_of"]

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from crawler.model.run import BARRED, GIVEN, MISSED, NOTHING_NEW, Outcome, RunState, UrlEnd

_PAGES = ("article", "probe")
_CUT = "truncated"
_BY_CHOICE = ("before_since", "not_included", "excluded", "other_host")
"""Left alone because the declaration or the command said so."""
_TRAPS = ("barren_pattern", "repeating_path", "too_deep")
"""Left alone because addresses of their kind lead nowhere."""


class Ending(NamedTuple):
    """The end of a run."""

    state: RunState
    reason: str | None


def ending_of(ends: Sequence[UrlEnd], *, waiting: int = 0, held_up: int = 0, stopped_by: str | None = None) -> Ending:
    """Return the ending of a run whose URLs ended as `ends` say; `waiting` pages were left for the next one.

    `held_up` pages were wanted, and their host is to be left alone for longer than a run waits. `stopped_by` is what
    ended it before its time, as ``deadline``.
    """
    missed = [end for end in ends if _is_missed(end)]
    parts = [stopped_by] if stopped_by else []
    parts += [_told(outcome, missed) for outcome in dict.fromkeys(end.outcome for end in missed)]
    trapped = sum(end.urls for end in ends if end.outcome == "out_of_scope" and end.reason in _TRAPS)
    if trapped:
        parts.append(f"{trapped} left alone: addresses of their kind lead nowhere")
    if held_up:
        parts.append(f"{held_up} wait for their host")
    elif waiting:
        parts.append(f"{waiting} wait")
    articles = sum(end.urls for end in ends if end.outcome == "parsed")
    read = sum(end.urls for end in ends if end.outcome in GIVEN)
    if not (articles or read) and (missed or stopped_by or held_up):
        return Ending("failed", "; ".join(parts))
    if stopped_by or held_up or any(_is_fault(end) for end in missed) or (missed and not articles):
        return Ending("partial", "; ".join(parts))
    if not articles and not waiting and not _other_pages(ends):
        return Ending("done", f"{NOTHING_NEW}: {_why_nothing(ends)}")
    return Ending("done", "; ".join(parts) or None)


def _is_missed(end: UrlEnd) -> bool:
    if end.outcome == "out_of_scope":
        return end.reason not in (*_BY_CHOICE, *_TRAPS)
    cut_channel = end.outcome in GIVEN and (end.reason or "").startswith(_CUT)
    return end.outcome in (*MISSED, *BARRED) or cut_channel


def _is_fault(end: UrlEnd) -> bool:
    """Tell whether a miss is one that the run is blamed for: a page may be walled or forbidden, a channel may not."""
    return end.outcome not in ("walled", "disallowed", "out_of_scope") or end.role != "article"


def _told(outcome: Outcome, missed: Iterable[UrlEnd]) -> str:
    """Return ``3 failed (http_404 2, timeout 1)``."""
    reasons: Counter[str] = Counter()
    for end in missed:
        if end.outcome == outcome:
            reasons[end.reason or "no reason was kept"] += end.urls
    told = ", ".join(reason if len(reasons) == 1 else f"{reason} {n}" for reason, n in reasons.most_common())
    return f"{reasons.total()} {'cut' if outcome in GIVEN else outcome} ({told})"


def _other_pages(ends: Iterable[UrlEnd]) -> int:
    """Count the pages that were captured and are no articles: something was obtained."""
    return sum(end.urls for end in ends if end.role == "article" and end.outcome == "captured")


def _why_nothing(ends: Sequence[UrlEnd]) -> str:
    left = Counter({end.reason: end.urls for end in ends if end.outcome == "out_of_scope"})
    if left:
        return ", ".join(f"{n} {reason}" for reason, n in left.most_common())
    channels = [end for end in ends if end.outcome in GIVEN]
    if not ends:
        return "nothing was due"
    if channels and all(end.reason == "empty" for end in channels):
        return "what was read announces nothing"
    if channels and all(end.outcome == "not_modified" for end in channels):
        return "not modified"
    return "all that is announced is known"
