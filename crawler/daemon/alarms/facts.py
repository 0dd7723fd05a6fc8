"""The facts that rules judge, read from the state and this machine. Blocking: for a thread of its own."""

from __future__ import annotations

__all__ = ["idle_since", "longest_gap_s", "machine_facts", "site_facts"]

import os
import time
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

from crawler.archive.write.seal import companion
from crawler.archive.write.spool_folder import foreign_files, lanes, sealed_in, usage_bytes
from crawler.config import Alarming, Spooling
from crawler.daemon.alarms.rules import ChannelFacts, MachineFacts, SiteFacts
from crawler.daemon.schedule.timetable import Timetable
from crawler.model.run import MISSED
from crawler.model.site import Site
from crawler.state import State
from crawler.urls import normalise

_ARTICLES = 500
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_WEEK = timedelta(weeks=1)
_FIRES = 10


def site_facts(state: State, site: Site, table: Timetable, limits: Alarming, now: datetime) -> SiteFacts:
    """Return how `site` has been doing. Raises StateError."""
    volume, earlier = _volumes(state, site.name, limits, now)
    channels = (*site.feeds, *site.news_sitemaps, *site.sitemaps, *site.sections)
    return SiteFacts(
        site=site.name,
        gap_s=longest_gap_s(table, now),
        channels=tuple(_channel(state, url) for url in channels),
        articles=tuple(state.recent_articles(site.name, _ARTICLES)),
        volume=volume,
        earlier=earlier,
        outcomes=state.outcomes_between(site.name, now - _DAY, now),
        usual=state.outcomes_between(site.name, now - _DAY - 4 * _WEEK, now - _DAY),
        gaps=tuple(state.gaps(now - _DAY, now, site.name)),
    )


def machine_facts(
    state_dir: Path, spool_dir: Path, settings: Spooling, limits: Alarming, *, jump_s: float, idle: datetime | None
) -> MachineFacts:
    """Return how the machine is doing. Raises OSError if its folders cannot be read."""
    disk = os.statvfs(spool_dir if spool_dir.is_dir() else state_dir)
    ages = list(_unshipped_ages_s(spool_dir, limits.unshipped_s))
    return MachineFacts(
        used_bytes=usage_bytes(spool_dir) if spool_dir.is_dir() else 0,
        quota_bytes=settings.quota_bytes,
        free_bytes=disk.f_bavail * disk.f_frsize,
        min_free_bytes=settings.min_free_bytes,
        oldest_unshipped_s=max(ages, default=0.0),
        unshipped=len(ages),
        jump_s=jump_s,
        idle_since=idle,
        foreign=tuple(map(str, foreign_files(spool_dir))),
    )


def idle_since(tables: Iterable[Timetable], last_end: datetime, now: datetime) -> datetime | None:
    """Return the first moment after `last_end` at which one of `tables` was due; None if none was."""
    due = [fire for table in tables if (fire := table.next_after(last_end)) is not None and fire <= now]
    return min(due, default=None)


def longest_gap_s(table: Timetable, now: datetime) -> float:
    """Return the longest wait among the next few fires: nights and weekends count."""
    fires: list[datetime] = []
    fire = table.next_after(now)
    while fire is not None and len(fires) < _FIRES:
        fires.append(fire)
        fire = table.next_after(fire)
    gaps = [(b - a).total_seconds() for a, b in pairwise(fires)]
    return max(gaps, default=_WEEK.total_seconds())


def _volumes(state: State, site: str, limits: Alarming, now: datetime) -> tuple[int, tuple[int, ...]]:
    """Return the articles of the last whole hours and of the same hours of earlier weeks, if they can be compared."""
    until = now.replace(minute=0, second=0, microsecond=0)
    since = until - limits.window_h * _HOUR
    first = state.first_article_at(site)
    if first is None or first > since - limits.weeks * _WEEK:
        return 0, ()
    hours = (since + hour * _HOUR for hour in range(limits.window_h))
    if not all(state.any_run_between(hour, hour + _HOUR) for hour in hours):
        return 0, ()  # the daemon was down for some of it, which is not the site's fault
    weeks = [week * _WEEK for week in range(limits.weeks + 1)]
    counts = [state.articles_between(site, since - back, until - back) for back in weeks]
    return counts[0], tuple(counts[1:])


def _channel(state: State, url: str) -> ChannelFacts:
    known = state.channel_read(normalise(url))
    failed = known.reason if known.outcome in (*MISSED, "disallowed") else None
    return ChannelFacts(url, known.read_at or known.known_since, failed, known.tried)


def _unshipped_ages_s(root: Path, limit_s: float) -> Iterable[float]:
    """Yield the age of each sealed file that has waited for its receipt longer than `limit_s`."""
    now_s = time.time()  # against the file system's own stamps
    for folder in lanes(root):
        for path in sealed_in(folder):
            if companion(path, ".receipt.json").exists():
                continue
            with suppress(FileNotFoundError):  # shipped and removed meanwhile
                age_s = now_s - path.stat().st_mtime
                if age_s > limit_s:
                    yield age_s
