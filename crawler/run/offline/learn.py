"""Learning profiles from an archive: its newest captures of each site, through the parser, into what recurs.

One walk over the files serves all sites, from the newest file back, until each site has the pages that are asked for.
Pages are parsed in the pool, without a profile: what is learned never rests on what was learned before. In memory
are fingerprints (some kilobytes a page), never pages.
"""

from __future__ import annotations

__all__ = ["VALID_AFTER_S", "Kept", "keep", "learn"]

import asyncio
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from crawler.archive.profiles import ProfileShelf, put_profile
from crawler.archive.read.captures import ArchivedCapture
from crawler.archive.read.records import Fault
from crawler.archive.store import Store
from crawler.clock import Clock, timestamp14
from crawler.model.capture import why_no_page
from crawler.model.profile import SiteProfile
from crawler.model.site import Site
from crawler.parse.profile.learn import Learner, Lesson
from crawler.run.offline.reading import read_source
from crawler.run.offline.sources import Source
from crawler.run.parsing.pool import ParsePool
from crawler.run.parsing.recipe import Recipe
from crawler.run.parsing.road import Road

VALID_AFTER_S = 7200.0
"""A profile holds so much longer after it was learned than a run may take: no run under way ever misses it."""

_NAME = re.compile(r"WARRAQ-(\d{14})")
_SLACK = timedelta(days=1)
"""A file holds what was captured within less than this of its beginning."""


async def learn(
    sources: Sequence[Source],
    *,
    pool: ParsePool,
    sites: Mapping[str, Site],
    wanted: Collection[str] = (),
    since: datetime | None = None,
    until: datetime | None = None,
    most: int = 1000,
    most_bytes: int | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> dict[str, Lesson]:
    """Return what the captures of `sources` teach of each site of `wanted` (default: all that are found), by name.

    At most `most` pages of a site are taken, captured from `since` until before `until`, and no further file is read
    after `most_bytes` of files. `on_progress` is told files done and pages taken. Raises StoreError.
    """
    walk = _Walk(Road(Recipe(sites=sites), pool), frozenset(wanted), most)
    left = most_bytes
    for done, source in enumerate(_newest_first(sources, since), 1):
        await walk.read(source, since, until)
        left = None if left is None else left - source.size
        if on_progress is not None:
            on_progress(done, walk.pages)
        if walk.full or (left is not None and left <= 0):
            break
    return walk.lessons()


class _Walk:
    """The learners of all sites, and the pages under way to them."""

    def __init__(self, road: Road, wanted: frozenset[str], most: int) -> None:
        self.pages = 0
        self._road = road
        self._wanted = wanted
        self._most = most
        self._learners: dict[str, Learner] = {}

    @property
    def full(self) -> bool:
        """Every site that is wanted has its pages."""
        return bool(self._wanted) and all(name in self._learners and self._learners[name].full for name in self._wanted)

    def lessons(self) -> dict[str, Lesson]:
        """Return what was learned, by site."""
        found = ((name, self._learners[name].lesson()) for name in sorted(self._learners))
        return {name: lesson for name, lesson in found if lesson is not None}

    async def read(self, source: Source, since: datetime | None, until: datetime | None) -> None:
        """Take in the pages of one file; at most twice as many are in memory as there are parse processes."""
        places = asyncio.Semaphore(self._road.width * 2)

        async def one(item: ArchivedCapture, learner: Learner) -> None:
            try:
                await self._take(item, learner)
            finally:
                places.release()

        async with asyncio.TaskGroup() as pages:
            for item in read_source(source):
                if isinstance(item, Fault) or not _is_page(item, since, until):
                    continue
                known = item.provenance
                name = known.site if known is not None else self._road.recipe.site_of(item.capture.url).name
                if self._wanted and name not in self._wanted:
                    continue
                learner = self._learners.setdefault(name, Learner(most=self._most))
                if learner.knows(item.capture.url, item.capture.captured_at):
                    continue
                await places.acquire()
                pages.create_task(one(item, learner))

    async def _take(self, item: ArchivedCapture, learner: Learner) -> None:
        result = await self._road.parse(item.capture, item.provenance, item.response, head=item.head, sketch=True)
        if result.sketch is not None:
            learner.add(result.sketch)
            self.pages += 1


def _is_page(item: ArchivedCapture, since: datetime | None, until: datetime | None) -> bool:
    """Tell whether an article may be on it: a whole answer of the time asked for, fetched as a page."""
    capture = item.capture
    return (
        why_no_page(capture, item.provenance, error=item.error) is None
        and capture.truncated is None
        and (since is None or capture.captured_at >= since)
        and (until is None or capture.captured_at < until)
    )


def _newest_first(sources: Sequence[Source], since: datetime | None) -> Iterator[Source]:
    """Yield the files by their names, which begin with the moment of ours; those that are too old are left out."""
    earliest = timestamp14(since - _SLACK) if since is not None else ""
    for source in sorted(sources, key=lambda source: source.name, reverse=True):
        named = _NAME.match(source.name)
        if named is None or named[1] >= earliest:
            yield source


class Kept(NamedTuple):
    """The profile that a lesson led to, and where the store has it."""

    profile: SiteProfile
    key: str | None
    """None: not written; nobody asked for it, or the last profile says the same and is the one here."""


def keep(lesson: Lesson, site: str, *, store: Store, clock: Clock, deadline_s: float, dry: bool = False) -> Kept | None:
    """Write the profile that `lesson` leads to, unless `dry` or it says what the last one said; None if it says
    nothing.

    It is valid from a midnight that no run under way now, of at most `deadline_s`, can reach. Raises StoreError,
    BadArchive.
    """
    now = max(clock.now(), lesson.until)  # a clock that is behind must not date it among the captures it comes from
    last = next(reversed(ProfileShelf(store, clock).of(site, now)), None)
    profile = lesson.profile(site, learned_at=now, valid_after_s=deadline_s + VALID_AFTER_S)
    if not lesson.enough or (last is None and not lesson.findings):
        return None
    if last is not None and (last.texts, last.places) == (profile.texts, profile.places):
        return Kept(last, None)
    return Kept(profile, None if dry else put_profile(store, profile))
