"""What is replayed: archive files on disk or in a store, and which of their captures."""

from __future__ import annotations

__all__ = ["Filters", "Source", "find_sources", "read_source"]

import fnmatch
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cache
from hashlib import sha256
from pathlib import Path

import msgspec

from crawler.archive.read.captures import ArchivedCapture, read_captures
from crawler.archive.read.records import Fault
from crawler.archive.store import Store, open_store
from crawler.config import Storage
from crawler.errors import UsageError

_SUFFIXES = (".warc", ".warc.gz", ".warc.zst", ".arc", ".arc.gz", ".wacz")


class Source(msgspec.Struct, frozen=True):
    """One archive file: on disk (`storage` is None) or an object of a store. A plain value: any process may open it."""

    name: str
    place: str
    """Path or key."""
    size: int
    storage: Storage | None = None

    @property
    def store(self) -> Store | None:
        """The store it lies in, opened once in a process; None: on disk. Raises StoreRefused."""
        return _opened(self.storage) if self.storage is not None else None

    @property
    def identity(self) -> str:
        """What tells this file from others: 16 hex digits."""
        where = self.storage.url if self.storage is not None else ""
        return sha256(f"{where}\0{self.place}\0{self.size}".encode()).hexdigest()[:16]

    def __str__(self) -> str:
        return f"{self.storage.url}/{self.place}" if self.storage is not None else self.place


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
        """Tell whether `item` is to be parsed; the site is looked at by whoever knows it."""
        capture = item.capture
        return (
            (not self.statuses or capture.status in self.statuses)
            and (not self.mimes or capture.mime in self.mimes)
            and (self.since is None or capture.captured_at >= self.since)
            and (self.until is None or capture.captured_at < self.until)
            and (not self.urls or any(fnmatch.fnmatchcase(capture.url, pattern) for pattern in self.urls))
        )


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
            found.setdefault(str(source), source)
    return sorted(found.values(), key=lambda source: (source.name, source.place))


def read_source(source: Source) -> Iterator[ArchivedCapture | Fault]:
    """Yield the captures of one archive file, and what in it cannot be read. Raises BadArchive, StoreError."""
    store = source.store
    if store is None:
        yield from read_captures(Path(source.place), name=source.name)
        return
    with store.open(source.place) as stream:
        yield from read_captures(stream, name=source.name)


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
    of_url = msgspec.structs.replace(storage, url=url)
    for stored in _opened(of_url).list():
        if stored.key.endswith(_SUFFIXES):
            yield Source(stored.key.rpartition("/")[2], stored.key, stored.size, of_url)


@cache
def _opened(storage: Storage) -> Store:
    return open_store(storage)
