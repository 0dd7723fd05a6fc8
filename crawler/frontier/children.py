"""Which sitemaps of an index a run reads: those that say they changed, the newest first, and of those that say nothing,
by turns.

An index may list thousands. What is dated is read when it changed. Of what is not dated the newest by its name, or else
the first and the last, are read in every run, for there the news is; the others have their turn, the longest unread
first, each at most once a day, or a month if its name says that it is old. What vanished is remembered and rarely asked
for.
"""

from __future__ import annotations

__all__ = ["Child", "ChosenChildren", "Memory", "choose_children", "is_at_rest"]

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

_DATED = re.compile(r"(?<!\d)(20\d\d)[-_/.]?(0[1-9]|1[0-2])?(?!\d{3})")
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_TURN = timedelta(days=1)
_OLD_TURN = timedelta(days=30)
_OLD = timedelta(days=62)
"""A month's sitemap is still added to some weeks after it."""
_GONE = frozenset(("http_404", "http_410", "not_a_sitemap"))
_RESTS = (timedelta(days=1), timedelta(days=7), timedelta(days=30))
"""How long what vanished is left alone, after one, two, three and more tries."""


class Child(NamedTuple):
    """A sitemap that an index lists."""

    url: str
    modified_at: datetime | None
    """The last moment that what the index says of it may mean; None: it does not say."""
    horizon: datetime | None
    """Before which nothing matters; None: everything does."""


class Memory(NamedTuple):
    """What is remembered of the sitemaps of an index."""

    read_at: Callable[[str], datetime | None]
    """When one was last read whole."""
    is_at_rest: Callable[[str], bool]
    """Whether it vanished, and is not to be asked for yet; asked of those alone that would be read."""


class ChosenChildren(NamedTuple):
    """The sitemaps to be read now."""

    urls: tuple[str, ...]
    """In that order."""
    is_all: bool
    """Everything that may have changed is among them, and the index will say so when more of it does."""


def choose_children(children: Sequence[Child], memory: Memory, *, now: datetime, budget: int) -> ChosenChildren:
    """Return which of `children`, in their index's order, are read at the moment `now`; at most `budget`."""
    dated = [c for c in children if c.modified_at is not None and (c.horizon is None or c.modified_at >= c.horizon)]
    dated.sort(key=lambda child: -(child.modified_at or _LONG_AGO).timestamp())
    undated = [child.url for child in children if child.modified_at is None]
    reserved = min(len(undated), budget // 2)
    first = _waking((child.url for child in dated), memory, budget - reserved)
    turns = _waking(_by_turns(undated, memory, now), memory, budget - len(first))
    more = _waking((c.url for c in dated if c.url not in first), memory, budget - len(first) - len(turns))
    urls = (*first, *more, *turns)
    left = [c.url for c in dated if c.url not in urls and not memory.is_at_rest(c.url)] if len(urls) >= budget else []
    return ChosenChildren(urls, not undated and not left)


def is_at_rest(reason: str | None, failed_at: datetime, times: int, *, now: datetime) -> bool:
    """Tell whether a sitemap whose last `times` tries failed, the last of them at `failed_at`, is left alone for
    now.
    """
    return reason in _GONE and now - failed_at < _RESTS[min(times, len(_RESTS)) - 1]


def _by_turns(undated: Sequence[str], memory: Memory, now: datetime) -> list[str]:
    """Return those whose turn it is: the ones where the news is, then the longest unread."""
    dates = {url: _date_in_name(url) for url in undated}
    newest = max(dates.values(), default=_LONG_AGO)
    live = [url for url in undated if dates[url] == newest] if newest > _LONG_AGO else [*undated[:1], *undated[-1:]]
    live = list(dict.fromkeys(live))
    read_at = {url: memory.read_at(url) for url in undated}

    def is_due(url: str) -> bool:
        read = read_at[url]
        turn = _OLD_TURN if _LONG_AGO < dates[url] < now - _OLD else _TURN
        return read is None or now - read >= turn

    rest = [url for url in undated if url not in live and is_due(url)]
    rest.sort(key=lambda url: ((read_at[url] or _LONG_AGO).timestamp(), -dates[url].timestamp()))
    return live + rest


def _waking(urls: Iterable[str], memory: Memory, most: int) -> list[str]:
    found: list[str] = []
    for url in urls:
        if len(found) >= most:
            break
        if not memory.is_at_rest(url):
            found.append(url)
    return found


def _date_in_name(url: str) -> datetime:
    dates = [datetime(int(year), int(month or 12), 1, tzinfo=UTC) for year, month in _DATED.findall(url)]
    return max(dates, default=_LONG_AGO)
