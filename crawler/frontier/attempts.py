"""When is a URL that gave no article tried again? In time, not in polls: three polls may be three minutes or three
days.

A wait that somebody asked for is no attempt. What cannot be had now is tried at growing intervals; what the publisher
or the declaration forbids is judged anew in the course of days; nothing is tried for ever.
"""

from __future__ import annotations

__all__ = ["LONGEST", "NextTry", "is_asked_anew", "is_waiting", "next_try"]

from datetime import datetime, timedelta

import msgspec

from crawler.model.run import Outcome

LONGEST = timedelta(days=30)
"""After its first announcement a URL is no longer tried of itself."""

_M, _H, _D = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_PASSING = (10 * _M, _H, 6 * _H, _D, 3 * _D)
_MISSING = (10 * _M, _H, 6 * _H, _D, 3 * _D)
"""Feeds announce pages a little before they are there."""
_GONE = (_D,)
_WALLED = (_H, 6 * _H, _D, 3 * _D)
_CLOSED = (_D, 7 * _D)
_EMPTY = (_H, _D, 7 * _D)
"""A page without an article may be one whose text is still to come."""
_OTHER_KIND = (7 * _D,)
_FORBIDDEN = (_D, 3 * _D, 7 * _D, 14 * _D)
_OURS = (_D, 7 * _D)
"""The parser's own faults: another version of it may do better."""

_TOLD_AGAIN = (0 * _M, _H, 6 * _H, _D)
"""A channel that tells of a change at each reading tells of none."""

_WAITING = frozenset(("backed_off", "cancelled", "host_down", "robots_unreachable"))
_OF_THE_HOST = frozenset(
    ("dns", "connect", "connect_timeout", "no_answer", "unreachable", "tls", "proxy", "timeout", "head_timeout")
)
_LADDERS: dict[str, tuple[timedelta, ...]] = {
    "http_404": _MISSING,
    "http_410": _GONE,
    "http_451": _FORBIDDEN,
    "http_401": _FORBIDDEN,
    "http_402": _FORBIDDEN,
    "soft404": _MISSING,
    "bot_wall": _WALLED,
    "consent": _WALLED,
    "wall": _CLOSED,
    "login": _CLOSED,
    "needs_javascript": _CLOSED,
    "no_article": _EMPTY,
    "not_html": _OTHER_KIND,
    "not_an_article": _OTHER_KIND,
    "bad_rules": _OURS,
    "site_parser": _OURS,
    "spider_crash": _OURS,
    "robots": _FORBIDDEN,
    "disallowed": _FORBIDDEN,
    "scheme": (),
    "host": (),
    "port": (),
}
_OF_OUTCOMES: dict[Outcome, tuple[timedelta, ...]] = {
    "failed": _PASSING,
    "lost": _OURS,
    "walled": _WALLED,
    "disallowed": _FORBIDDEN,
    "captured": _OTHER_KIND,
}


class NextTry(msgspec.Struct, frozen=True):
    """How often a URL was tried in a row, and when it is next; None: never of itself."""

    attempts: int
    at: datetime | None


def is_waiting(reason: str | None) -> bool:
    """Tell whether a URL was not asked for because somebody is to be left alone for a while."""
    return reason in _WAITING


def next_try(outcome: Outcome, reason: str | None, *, attempts: int, now: datetime, first_seen_at: datetime) -> NextTry:
    """Return when a URL is tried again that ended as `outcome` for `reason`, after `attempts` earlier tries in a row.

    A host that does not answer is asked once in three days until `LONGEST` is over: it may be down for a week, and its
    stories are not lost for that.
    """
    if outcome not in _OF_OUTCOMES or (outcome == "captured" and reason is None):
        return NextTry(0, None)
    tried = attempts + 1
    ladder = _LADDERS.get(reason or "", _OF_OUTCOMES[outcome])
    if tried <= len(ladder):
        wait = ladder[tried - 1]
    elif reason in _OF_THE_HOST or _is_servers_fault(reason):
        wait = ladder[-1]
    else:
        return NextTry(tried, None)
    at = now + wait
    return NextTry(tried, at if at <= first_seen_at + LONGEST else None)


def is_asked_anew(attempts: int, *, read_at: datetime | None, is_due: bool, now: datetime) -> bool:
    """Tell whether a page that gave no article in `attempts` tries in a row, the last one at `read_at`, is asked for
    at once because a channel says that it changed; `is_due`: it is tried of itself some time.

    The first time it is, then at growing intervals; what was never had (`read_at` is None), when nothing else does it.
    """
    if read_at is None:
        return attempts <= 1 or not is_due
    return now - read_at >= _TOLD_AGAIN[min(max(attempts, 1), len(_TOLD_AGAIN)) - 1]


def _is_servers_fault(reason: str | None) -> bool:
    return reason is not None and (reason.startswith("http_5") or reason == "http_429")
