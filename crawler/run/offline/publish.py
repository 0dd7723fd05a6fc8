"""From the records of many units to the batches a reader gets, by many writers at once and with flat memory.

Numbers follow from the order of (captured_at, url) in a batch, so they are known when all units are done. What that order
needs is kept on disk, in an index; shards of batches are written by the engine's processes, each with several puts under
way. A shard is written again to the same names with the same bytes, so one that was interrupted is simply done again.
"""

from __future__ import annotations

__all__ = ["PublishIndex", "Shard", "publish_shard"]

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from hashlib import sha256
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import BinaryIO, NamedTuple

import msgspec

from crawler.archive.articles import Batch, LineWriter
from crawler.archive.store import open_store
from crawler.config import Storage
from crawler.errors import StateError
from crawler.run.offline.unit import ArticleKey, Unit

_SHARD = 200
"""Articles of a shard at least, its last batch whole."""

_IN_FLIGHT = 16
"""Puts of one process."""

_SCHEMA = """
    CREATE TABLE units (id INTEGER PRIMARY KEY, lines TEXT NOT NULL);
    CREATE TABLE keys (
        prefix TEXT NOT NULL, captured_at TEXT NOT NULL, url TEXT NOT NULL,
        unit INTEGER NOT NULL, start INTEGER NOT NULL, length INTEGER NOT NULL,
        PRIMARY KEY (prefix, captured_at, url)
    ) WITHOUT ROWID;
    CREATE TABLE shards (first TEXT PRIMARY KEY, last TEXT NOT NULL, articles INTEGER NOT NULL, done INTEGER NOT NULL);
    CREATE TABLE whole (of TEXT NOT NULL);
"""

_BATCHES = 8
"""Batches of one process under way: one may be two articles and their lines, each put a round trip."""

_DECODER = msgspec.json.Decoder(ArticleKey)


class Shard(NamedTuple):
    """Batches that are written together: those from `first` to `last`, by prefix."""

    database: str
    first: str
    last: str
    articles: int

    def __str__(self) -> str:
        return self.first


class _Place(NamedTuple):
    path: str
    start: int
    length: int


class PublishIndex:
    """The order of all records of an order's units, on disk at `path`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def make(self, units: Sequence[Unit]) -> None:
        """Index `units`, unless that was done. Of two records of one capture the first is kept."""
        of = sha256("\0".join(unit.stem for unit in units).encode()).hexdigest()
        if self._is_whole(of):
            return
        self.remove()
        try:
            with closing(sqlite3.connect(self._path)) as database, database:
                database.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + _SCHEMA)
                for number, unit in enumerate(units):
                    database.execute("INSERT INTO units VALUES (?, ?)", (number, str(unit.lines)))
                    database.executemany("INSERT OR IGNORE INTO keys VALUES (?, ?, ?, ?, ?, ?)", _rows(unit, number))
                database.executemany("INSERT INTO shards VALUES (?, ?, ?, 0)", list(_shards(database)))
                database.execute("INSERT INTO whole VALUES (?)", (of,))
        except sqlite3.Error as error:
            raise StateError(f"{self._path}: {error}", next_step="make room, then start again") from error

    def shards(self) -> list[Shard]:
        """Return what is still to be written."""
        with closing(sqlite3.connect(self._path)) as database:
            rows = database.execute("SELECT first, last, articles FROM shards WHERE NOT done ORDER BY first")
            return [Shard(str(self._path), *row) for row in rows]

    def done(self, shard: Shard) -> None:
        """Note that `shard` has been written."""
        with closing(sqlite3.connect(self._path)) as database, database:
            database.execute("UPDATE shards SET done = 1 WHERE first = ?", (shard.first,))

    def batches(self) -> Iterator[tuple[str, int]]:
        """Yield the prefix of each batch and how many articles it has."""
        with closing(sqlite3.connect(self._path)) as database:
            yield from database.execute("SELECT prefix, COUNT(*) FROM keys GROUP BY prefix ORDER BY prefix")

    def remove(self) -> None:
        """Take it away."""
        for suffix in ("", "-journal"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)

    def _is_whole(self, of: str) -> bool:
        if not self._path.exists():
            return False
        try:
            with closing(sqlite3.connect(self._path)) as database:
                found: tuple[str] | None = database.execute("SELECT of FROM whole").fetchone()
        except sqlite3.Error:
            return False
        return found == (of,)


def publish_shard(shard: Shard, out: Storage, *, texts: bool = True) -> int:
    """Write the batches of `shard` to `out`; return how many articles they have. Raises StoreError."""
    writer = LineWriter(open_store(out), in_flight=_IN_FLIGHT, texts=texts)
    with closing(sqlite3.connect(f"file:{shard.database}?mode=ro", uri=True)) as database:
        paths = dict(database.execute("SELECT id, lines FROM units"))
        rows = database.execute(
            "SELECT prefix, unit, start, length FROM keys WHERE prefix BETWEEN ? AND ? ORDER BY prefix, captured_at, url",
            (shard.first, shard.last),
        )
        batches = [
            (Batch(prefix), [_Place(paths[unit], start, length) for _, unit, start, length in places])
            for prefix, places in groupby(rows, key=itemgetter(0))
        ]
    with ThreadPoolExecutor(_BATCHES, thread_name_prefix="batch") as writing:
        written = [writing.submit(writer.write, batch, _lines(places)) for batch, places in batches]
        return sum(one.result().articles for one in written)


def _lines(places: Iterable[_Place]) -> Iterator[bytes]:
    """Yield the records at `places`; neighbours mostly lie in one file."""
    with ExitStack() as stack:
        streams: dict[str, BinaryIO] = {}
        for place in places:
            if place.path not in streams:
                stack.close()
                streams = {place.path: stack.enter_context(Path(place.path).open("rb"))}
            streams[place.path].seek(place.start)
            yield streams[place.path].read(place.length)


def _rows(unit: Unit, number: int) -> Iterator[tuple[str, str, str, int, int, int]]:
    with unit.keys.open("rb") as stream:
        for line in stream:
            key = _DECODER.decode(line)
            yield key.prefix, key.captured_at, key.url, number, key.offset, key.length


def _shards(database: sqlite3.Connection) -> Iterator[tuple[str, str, int]]:
    first, articles = "", 0
    for prefix, count in database.execute("SELECT prefix, COUNT(*) FROM keys GROUP BY prefix ORDER BY prefix"):
        first = first or prefix
        articles += count
        if articles >= _SHARD:
            yield first, prefix, articles
            first, articles = "", 0
    if first:
        yield first, prefix, articles
