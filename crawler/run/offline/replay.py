"""Offline replay: archived captures through the same parser, by the same rules, into the same tree of articles.

No network is touched. Each input file is worked through on its own and leaves a staging file named after it and the
recipe, so an interrupted replay goes on with the files that are left. What cannot be read is reported with its place.
"""

from __future__ import annotations

__all__ = ["Filters", "ReplayReport", "Source", "find_sources", "read_source", "replay"]

import asyncio
import fnmatch
import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

import msgspec

from crawler.archive.articles import LineWriter, Published, Staging, publish
from crawler.archive.read.captures import ArchivedCapture, read_captures
from crawler.archive.read.records import Fault
from crawler.archive.store import Store, open_store
from crawler.config import Storage
from crawler.errors import UsageError
from crawler.model.capture import why_no_page
from crawler.run.parsing.pool import ParsePool
from crawler.run.parsing.recipe import Recipe
from crawler.run.parsing.road import Road

_SUFFIXES = (".warc", ".warc.gz", ".warc.zst", ".arc", ".arc.gz", ".wacz")


class Source(NamedTuple):
    """One archive file: on disk (`store` is None) or an object of a store."""

    name: str
    place: str
    """Path or key."""
    size: int
    store: Store | None = None


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """Which captures are parsed; None or empty: all."""

    sites: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    """Shell patterns (``https://news.example/2026/*``)."""
    since: datetime | None = None
    until: datetime | None = None
    """Not included."""
    mimes: tuple[str, ...] = ()
    statuses: tuple[int, ...] = (200,)

    def admits(self, item: ArchivedCapture) -> bool:
        """Tell whether `item` is to be parsed; the site is looked at by `replay`, which knows it."""
        capture = item.capture
        return (
            (not self.statuses or capture.status in self.statuses)
            and (not self.mimes or capture.mime in self.mimes)
            and (self.since is None or capture.captured_at >= self.since)
            and (self.until is None or capture.captured_at < self.until)
            and (not self.urls or any(fnmatch.fnmatchcase(capture.url, pattern) for pattern in self.urls))
        )


class ReplayReport(msgspec.Struct, frozen=True, kw_only=True):
    """The end of a replay."""

    files: int
    resumed: int
    """Files that an earlier, interrupted replay had done."""
    captures: int
    counts: Mapping[str, int]
    """Outcomes; ``filtered`` and ``revisit`` besides those of the ledger."""
    faults: tuple[str, ...]
    published: tuple[Published, ...]

    @property
    def articles(self) -> int:
        """Text documents written."""
        return sum(batch.articles for batch in self.published)


def find_sources(words: Sequence[str], storage: Storage) -> list[Source]:
    """Return the archive files that `words` name: files, folders, ``file:``/``s3://`` prefixes; none: our own store.

    Files are sorted by name, the same one named twice counts once. Raises UsageError for what does not exist or holds
    no archive, StoreError for a store that does not answer.
    """
    found: dict[str, Source] = {}
    for word in words or [storage.url]:
        sources = list(_from_store(word, storage) if ":" in word.split("/", 1)[0] else _from_disk(Path(word)))
        if not sources:
            raise UsageError(f"{word} holds no WARC, ARC or WACZ file", next_step="name files, folders or prefixes")
        for source in sources:
            found.setdefault(f"{source.store.url if source.store else ''}/{source.place}", source)
    return sorted(found.values(), key=lambda source: (source.name, source.place))


def read_source(source: Source) -> Iterator[ArchivedCapture | Fault]:
    """Yield the captures of one archive file, and what in it cannot be read."""
    if source.store is None:
        yield from read_captures(Path(source.place), name=source.name)
        return
    with source.store.open(source.place) as stream:
        yield from read_captures(stream, name=source.name)


async def replay(
    sources: Sequence[Source],
    *,
    pool: ParsePool,
    out: Store,
    work: Path,
    recipe: Recipe,
    filters: Filters,
    on_progress: Callable[[int, Counter[str]], None] | None = None,
) -> ReplayReport:
    """Parse the captures of `sources` and publish the articles to `out`.

    `work` is a folder for staging; it is removed when all is published. `on_progress` is told how many files are done
    and the counts so far. Raises StoreError if `out` fails; started again, the replay goes on where it stopped.
    """
    job = _Replay(Road(recipe, pool), filters)
    asked = hashlib.sha256(recipe.digest.encode() + msgspec.json.encode(filters)).hexdigest()[:16]
    staged = []
    resumed = 0
    for number, source in enumerate(sources):
        identity = hashlib.sha256(f"{source.place}\0{source.size}".encode()).hexdigest()[:16]
        path = work / f"{asked}-{identity}.jsonl"
        staged.append(path)
        if path.exists():
            resumed += 1
        else:
            part = path.with_suffix(".part")
            part.unlink(missing_ok=True)
            with Staging(part) as staging:
                await job.parse_file(source, staging, partial(_tell, on_progress, number, job.counts))
            part.rename(path)
        _tell(on_progress, number + 1, job.counts)
    published = await asyncio.to_thread(publish, staged, LineWriter(out))
    for path in staged:
        path.unlink(missing_ok=True)
    return ReplayReport(
        files=len(sources),
        resumed=resumed,
        captures=sum(job.counts.values()),
        counts=dict(job.counts),
        faults=tuple(job.faults),
        published=tuple(published),
    )


class _Replay:
    """The counts and the parse calls under way of one replay."""

    def __init__(self, road: Road, filters: Filters) -> None:
        self.counts: Counter[str] = Counter()
        self.faults: list[str] = []
        self._road = road
        self._filters = filters

    async def parse_file(self, source: Source, staging: Staging, tell: Callable[[], None]) -> None:
        """Parse one file; at most twice as many pages are in memory as there are parse processes."""
        places = asyncio.Semaphore(self._road.width * 2)

        async def one(item: ArchivedCapture) -> None:
            try:
                await self._parse(item, staging)
            finally:
                places.release()
            tell()

        async with asyncio.TaskGroup() as pages:
            for item in read_source(source):
                if isinstance(item, Fault):
                    self.faults.append(str(item))
                    self.counts["fault"] += 1
                    continue
                skip = self._skipped(item)
                if skip is not None:
                    self.counts[skip] += 1
                    continue
                await places.acquire()
                pages.create_task(one(item))

    def _skipped(self, item: ArchivedCapture) -> str | None:
        known, filters = item.provenance, self._filters
        if not filters.admits(item):
            return "filtered"
        name = known.site if known is not None else self._road.recipe.site_of(item.capture.url).name
        if filters.sites and name not in filters.sites:
            return "filtered"
        return why_no_page(item.capture, known, error=item.error)

    async def _parse(self, item: ArchivedCapture, staging: Staging) -> None:
        result = await self._road.parse(item.capture, item.provenance, item.response, head=item.head)
        self.counts[result.outcome] += 1
        if result.line:
            staging.add(result.line)


def _from_disk(path: Path) -> Iterator[Source]:
    if path.is_file():
        yield Source(path.name, str(path), path.stat().st_size)
        return
    if not path.is_dir():
        raise UsageError(f"{path} does not exist", next_step="name files, folders or prefixes of a store")
    for file in sorted(path.rglob("*")):
        if file.name.endswith(_SUFFIXES) and file.is_file():
            yield Source(file.name, str(file), file.stat().st_size)


def _from_store(url: str, storage: Storage) -> Iterator[Source]:
    store = open_store(msgspec.structs.replace(storage, url=url))
    for stored in store.list():
        if stored.key.endswith(_SUFFIXES):
            yield Source(stored.key.rpartition("/")[2], stored.key, stored.size, store)


def _tell(on_progress: Callable[[int, Counter[str]], None] | None, done: int, counts: Counter[str]) -> None:
    if on_progress is not None:
        on_progress(done, counts)
