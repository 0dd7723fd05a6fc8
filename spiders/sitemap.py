"""Discovery by sitemap: the newest pages first, and of an index only the sitemaps that may hold something new.

The sitemaps of a large publisher list millions of pages in thousands of files. A run reads those modified since the
frontier's horizon, newest first, up to a budget: without it one index would keep a run busy for days.
"""

from __future__ import annotations

__all__ = ["due_children", "from_sitemap"]

import re
from collections.abc import Callable, Generator, Sequence
from datetime import UTC, datetime

from crawler.model.capture import Announcement
from crawler.parse.dates import moment_of
from crawler.parse.discover.sitemap import Sitemap, SubSitemap, sitemap_steps
from crawler.urls import host_of, in_scope
from spiders.found import Found

_STEP = 4096
"""Pages put in order before others may go on."""
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_DATED = re.compile(r"(?<!\d)(20\d\d)[-_/.]?(0[1-9]|1[0-2])?(?!\d{3})")

Horizon = Callable[[str], datetime | None]


def from_sitemap(
    body: bytes, *, url: str, hosts: tuple[str, ...], horizon: Horizon, budget: int
) -> Generator[None, None, Found]:
    """Return what the sitemap at `url` lists; of an index, at most `budget` sitemaps within `hosts`.

    A generator: it pauses every few milliseconds, for fifty thousand pages take a second. Raises DiscoveryError if it is
    no sitemap.
    """
    sitemap = yield from sitemap_steps(body, url=url)
    children = due_children(sitemap, hosts=hosts, horizon=horizon)
    announcements = yield from _newest_first(sitemap.announcements)
    return Found(
        announcements=tuple(announcements),
        unlikely=sitemap.unlikely,
        channels=tuple(
            Announcement(url=child.url, role="sitemap", source="sitemap", via=url, modified_at=child.modified_at)
            for child in children[:budget]
        ),
        whole=not sitemap.truncated and len(children) <= budget,
    )


def due_children(sitemap: Sitemap, *, hosts: tuple[str, ...], horizon: Horizon) -> list[SubSitemap]:
    """Return the sitemaps of an index that lie in scope and may have changed since their horizon, newest first."""
    scope = (*hosts, host_of(sitemap.url))
    due = [child for child in sitemap.children if in_scope(child.url, scope) and _is_due(child, horizon(child.url))]
    return sorted(due, key=_age)


def _is_due(child: SubSitemap, horizon: datetime | None) -> bool:
    modified = moment_of(child.modified_at, latest=True)
    return modified is None or horizon is None or modified >= horizon


def _age(child: SubSitemap) -> float:
    """Sort key, newest first; a file that says nothing of its date may carry one in its name."""
    modified = moment_of(child.modified_at) or _date_in_name(child.url)
    return -modified.timestamp()


def _date_in_name(url: str) -> datetime:
    dates = [datetime(int(year), int(month or 12), 1, tzinfo=UTC) for year, month in _DATED.findall(url)]
    return max(dates, default=_LONG_AGO)


def _newest_first(announcements: Sequence[Announcement]) -> Generator[None, None, list[Announcement]]:
    ages = []
    for number, announcement in enumerate(announcements):
        moment = moment_of(announcement.published_at) or moment_of(announcement.modified_at) or _LONG_AGO
        ages.append((-moment.timestamp(), number))
        if not (number + 1) % _STEP:
            yield
    return [announcements[number] for _, number in sorted(ages)]
