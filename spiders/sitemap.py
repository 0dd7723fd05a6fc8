"""Discovery by sitemap: the newest pages first, and of an index only the sitemaps that may hold something new.

The sitemaps of a large publisher list millions of pages in thousands of files. Which of them a run reads is the
policy's (`crawler.frontier.children`): without a budget one index would keep a run busy for days.
"""

from __future__ import annotations

__all__ = ["IndexReading", "from_sitemap"]

from collections.abc import Callable, Generator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from crawler.frontier.admission import vouched_hosts
from crawler.frontier.children import Child, Memory, choose_children
from crawler.model.capture import Announcement
from crawler.parse.dates import moment_of
from crawler.parse.discover.sitemap import Sitemap, SubSitemap, sitemap_steps
from crawler.urls import host_of, in_scope
from spiders.found import Found

_STEP = 4096
"""Pages put in order before others may go on."""
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class IndexReading(NamedTuple):
    """What reading an index needs besides its bytes."""

    hosts: tuple[str, ...]
    """The site's own."""
    robots: tuple[str, ...]
    """Sitemaps that the robots.txt of the index's host names."""
    horizon: Callable[[str], datetime | None]
    memory: Memory
    now: datetime
    budget: int
    """Sitemaps that it may add to the run."""


def from_sitemap(
    body: bytes, *, url: str, reading: IndexReading, sitemap: Sitemap | None = None
) -> Generator[None, None, Found]:
    """Return what the sitemap at `url` lists; of an index, the sitemaps that are to be read now. `sitemap` is what
    it holds, if it was read before.

    A generator: it pauses every few milliseconds, for fifty thousand pages take a second. Raises DiscoveryError if it
    is no sitemap.
    """
    if sitemap is None:
        sitemap = yield from sitemap_steps(body, url=url)
    listed = {child.url: child for child in _vouched(sitemap, reading)}
    children = [
        Child(one.url, moment_of(one.modified_at, latest=True), reading.horizon(one.url)) for one in listed.values()
    ]
    chosen = choose_children(children, reading.memory, now=reading.now, budget=reading.budget)
    announcements = yield from _newest_first(sitemap.announcements)
    return Found(
        announcements=tuple(announcements),
        unlikely=sitemap.unlikely,
        channels=tuple(
            Announcement(url=one, role="sitemap", source="sitemap", via=url, modified_at=listed[one].modified_at)
            for one in chosen.urls
        ),
        hosts=vouched_hosts(None, [one.url for one in sitemap.announcements]),
        whole=not sitemap.truncated and chosen.is_all,
    )


def _vouched(sitemap: Sitemap, reading: IndexReading) -> list[SubSitemap]:
    """Return the sitemaps of an index that may be asked for, wherever they lie (sitemaps.org, "Sitemaps & Cross
    Submits").

    An index on one of the site's own hosts may name any; one elsewhere those of its own host and the site's, and what
    robots.txt names. What they list is the site's or is not asked for.
    """
    if in_scope(sitemap.url, reading.hosts):
        return list(sitemap.children)
    hosts = (*reading.hosts, host_of(sitemap.url))
    return [child for child in sitemap.children if in_scope(child.url, hosts) or child.url in reading.robots]


def _newest_first(announcements: Sequence[Announcement]) -> Generator[None, None, list[Announcement]]:
    ages = []
    for number, announcement in enumerate(announcements):
        moment = moment_of(announcement.published_at) or moment_of(announcement.modified_at) or _LONG_AGO
        ages.append((-moment.timestamp(), number))
        if not (number + 1) % _STEP:
            yield
    return [announcements[number] for _, number in sorted(ages)]
