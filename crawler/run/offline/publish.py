"""From the records of many units to the batches a reader gets, by many writers at once, as soon as each batch is known.

Numbers follow from the order of (captured_at, url) in a batch, so a batch is written when no unit that is still to be
done can have anything of its day: indexes tell the days of a file before it is read. What the order needs is kept on
disk; shards of batches are written by the engine's processes between the units, each with several puts under way. A
shard is written again to the same names with the same bytes, so one that was interrupted is simply done again. What
lies in a batch already, of a replay of other files by the same recipe, stays there.
"""

from __future__ import annotations

__all__ = ["PublishIndex", "Shard", "publish_shard"]

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from functools import cache
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import BinaryIO, NamedTuple

import msgspec

from crawler.archive.articles import Batch, LineWriter, stored_batches
from crawler.archive.store import Store, open_store
from crawler.config import Storage
from crawler.errors import StateError
from crawler.model.article import ArticleHead
from crawler.model.takedown import NOTHING_TAKEN_DOWN, TakenDown
from crawler.run.offline.unit import ArticleKey, Unit

_SHARD = 200
"""Articles of a shard at least, its last batch whole."""

_IN_FLIGHT = 16
"""Puts of one batch under way."""

_SCHEMA = """
    CREATE TABLE whole (of TEXT NOT NULL);
    CREATE TABLE units (id INTEGER PRIMARY KEY, lines TEXT NOT NULL);
    CREATE TABLE keys (
        prefix TEXT NOT NULL, captured_at TEXT NOT NULL, url TEXT NOT NULL,
        unit INTEGER NOT NULL, start INTEGER NOT NULL, length INTEGER NOT NULL,
        PRIMARY KEY (prefix, captured_at, url)
    ) WITHOUT ROWID;
    CREATE TABLE batches (prefix TEXT PRIMARY KEY, day TEXT NOT NULL, shard INTEGER) WITHOUT ROWID;
    CREATE INDEX by_day ON batches (day) WHERE shard IS NULL;
    CREATE INDEX by_shard ON batches (shard);
    CREATE TABLE shards (id INTEGER PRIMARY KEY, name TEXT NOT NULL, articles INTEGER NOT NULL, done INTEGER NOT NULL);
    CREATE TABLE there (prefix TEXT PRIMARY KEY) WITHOUT ROWID;
"""
_ADD = """
    INSERT INTO keys VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (prefix, captured_at, url) DO UPDATE
    SET unit = excluded.unit, start = excluded.start, length = excluded.length WHERE excluded.unit < unit
"""

_BATCHES = 4
"""Batches of one process under way: one may be two articles and their lines, each put a round trip.

All their puts find a connection that is kept open.
"""

_DECODER = msgspec.json.Decoder(ArticleKey)
_HEADS = msgspec.json.Decoder(ArticleHead)


class Shard(NamedTuple):
    """Batches that are written together; which, and where their records lie, is in a file."""

    path: str
    number: int
    name: str
    """Of its first batch."""
    articles: int

    def __str__(self) -> str:
        return self.name


class _Place(NamedTuple):
    path: str
    start: int
    length: int


class PublishIndex:
    """The order of all records of an order's units, on disk at `path`; written by one process."""

    def __init__(self, path: Path, units: Sequence[Unit]) -> None:
        """`units`: all there are; what was known of others is forgotten. Raises StateError."""
        self._path = path
        self._numbers = {unit: number for number, unit in enumerate(units)}
        of = sha256("\0".join(unit.stem for unit in units).encode()).hexdigest()
        try:
            if not self._is_of(of):
                self.remove()
                self._make(of)
            self._database = sqlite3.connect(self._path, isolation_level=None)
            self._database.execute("PRAGMA synchronous = OFF")
        except sqlite3.Error as error:
            raise self._failed(error) from error

    def note_there(self, store: Store) -> None:
        """Remember which batches lie in `store` already. Raises StoreError."""
        with self._changing() as database:
            prefixes = ((batch.prefix,) for batch, _ in stored_batches(store))
            database.executemany("INSERT OR IGNORE INTO there VALUES (?)", prefixes)

    def add(self, unit: Unit) -> None:
        """Index `unit`, which is done. Of two records of one capture that of the first unit is kept. Raises
        StateError.
        """
        number = self._numbers[unit]
        with self._changing() as database:
            if database.execute("SELECT 1 FROM units WHERE id = ?", (number,)).fetchone() is None:
                database.execute("INSERT INTO units VALUES (?, ?)", (number, str(unit.lines)))
                prefixes: dict[str, str] = {}
                database.executemany(_ADD, _rows(unit, number, prefixes))
                late = [(one,) for one in prefixes if _is_cut(database, one)]  # of a file that could not be read before
                database.executemany("INSERT OR IGNORE INTO there VALUES (?)", late)
                database.executemany(
                    "INSERT INTO batches VALUES (?, ?, NULL) ON CONFLICT (prefix) DO UPDATE SET shard = NULL",
                    list(prefixes.items()),
                )

    def shards(self, waiting: Collection[str] | None) -> list[Shard]:
        """Return what can be written now: batches of days that are not in `waiting` (None: of no day).

        Each is returned once, after an interruption again unless it was done. Raises StateError.
        """
        if waiting is None:
            return []
        with self._changing() as database:
            days = [day for (day,) in database.execute("SELECT DISTINCT day FROM batches WHERE shard IS NULL")]
            self._cut(database, [day for day in days if day not in waiting])
            rows = database.execute("SELECT id, name, articles FROM shards WHERE done = 0 ORDER BY id").fetchall()
            database.execute("UPDATE shards SET done = -1 WHERE done = 0")
            return [self._written(database, *row) for row in rows]

    def done(self, shard: Shard) -> None:
        """Note that `shard` has been written."""
        with self._changing() as database:
            database.execute("UPDATE shards SET done = 1 WHERE id = ?", (shard.number,))
        Path(shard.path).unlink(missing_ok=True)

    def counts(self) -> tuple[int, int]:
        """Return how many batches there are, and how many articles in them."""
        with self._changing() as database:
            (batches,) = database.execute("SELECT COUNT(*) FROM batches").fetchone()
            (articles,) = database.execute("SELECT COUNT(*) FROM keys").fetchone()
            return batches, articles

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def remove(self) -> None:
        """Take it away."""
        for path in self._path.parent.glob(f"{self._path.name}*"):
            path.unlink(missing_ok=True)

    def _make(self, of: str) -> None:
        with closing(sqlite3.connect(self._path)) as database:
            database.executescript("PRAGMA journal_mode = WAL;" + _SCHEMA)
            with database:
                database.execute("INSERT INTO whole VALUES (?)", (of,))

    def _is_of(self, of: str) -> bool:
        if not self._path.exists():
            return False
        try:
            with closing(sqlite3.connect(self._path)) as database, database:
                database.execute("UPDATE shards SET done = 0 WHERE done < 0")  # who was at it is gone
                found: tuple[str] | None = database.execute("SELECT of FROM whole").fetchone()
        except sqlite3.Error:
            return False
        return found == (of,)

    def _cut(self, database: sqlite3.Connection, days: Sequence[str]) -> None:
        """Make shards of the batches of `days`."""
        counted = (
            "SELECT prefix, (SELECT COUNT(*) FROM keys WHERE keys.prefix = batches.prefix) FROM batches"
            " WHERE day = ? AND shard IS NULL"
        )
        rows = sorted(row for day in days for row in database.execute(counted, (day,)))
        held: list[str] = []
        articles = 0
        for place, (prefix, count) in enumerate(rows, 1):
            held.append(prefix)
            articles += count
            if articles >= _SHARD or place == len(rows):
                number = database.execute(
                    "INSERT INTO shards (name, articles, done) VALUES (?, ?, 0)", (held[0], articles)
                ).lastrowid
                database.executemany("UPDATE batches SET shard = ? WHERE prefix = ?", ((number, one) for one in held))
                held, articles = [], 0

    def _written(self, database: sqlite3.Connection, number: int, name: str, articles: int) -> Shard:
        """Write where the records of a shard lie, for whoever writes it: another process, or another machine."""
        path = f"{self._path}.{number}"
        paths = dict(database.execute("SELECT id, lines FROM units"))
        rows = database.execute(
            "SELECT keys.prefix, unit, start, length, EXISTS (SELECT 1 FROM there WHERE there.prefix = keys.prefix)"
            " FROM batches JOIN keys ON keys.prefix = batches.prefix WHERE shard = ?"
            " ORDER BY keys.prefix, captured_at, url",
            (number,),
        )
        with Path(path).open("w", encoding="utf-8") as target:
            target.writelines(
                json.dumps([prefix, paths[unit], start, length, there]) + "\n"
                for prefix, unit, start, length, there in rows
            )
        return Shard(path, number, name, articles)

    def _changing(self) -> _Transaction:
        return _Transaction(self, self._database)

    def _failed(self, error: Exception) -> StateError:
        return StateError(f"{self._path}: {error}", next_step="make room, then start again")


class _Transaction:
    """All or nothing; what goes wrong with the file is a StateError."""

    def __init__(self, index: PublishIndex, database: sqlite3.Connection) -> None:
        self._index = index
        self._database = database

    def __enter__(self) -> sqlite3.Connection:
        self._database.execute("BEGIN")
        return self._database

    def __exit__(self, kind: object, error: BaseException | None, _: object) -> None:
        if error is None:
            self._database.execute("COMMIT")
            return
        self._database.execute("ROLLBACK")
        if isinstance(error, sqlite3.Error | OSError):
            raise self._index._failed(error) from error


def _is_cut(database: sqlite3.Connection, prefix: str) -> bool:
    cut = "SELECT 1 FROM batches WHERE prefix = ? AND shard IS NOT NULL"
    return database.execute(cut, (prefix,)).fetchone() is not None


def publish_shard(shard: Shard, out: Storage, *, texts: bool = True, withheld: TakenDown = NOTHING_TAKEN_DOWN) -> int:
    """Write the batches of `shard` to `out`; return how many articles they have. Raises StoreError."""
    store = _opened(out)
    writer = LineWriter(store, in_flight=_IN_FLIGHT, texts=texts)
    with Path(shard.path).open("rb") as lines:
        rows = [json.loads(line) for line in lines]
    batches = [
        (Batch(prefix), there, [_Place(*row[1:4]) for row in places])
        for (prefix, there), places in groupby(rows, key=lambda row: (row[0], bool(row[4])))
    ]

    def write(batch: Batch, there: bool, places: Sequence[_Place]) -> int:
        lines = _lines(places)
        if not there:
            return writer.write(batch, lines).articles
        merged = _merged(store, batch, lines, withheld)
        published = writer.write(batch, merged)
        _drop_others(store, batch, {document.key for document in published.documents} if texts else set())
        return len(places)

    with ThreadPoolExecutor(_BATCHES, thread_name_prefix="batch") as writing:
        written = [writing.submit(write, *one) for one in batches]
        return sum(one.result() for one in written)


@cache
def _opened(out: Storage) -> Store:
    """Return the store, one in a process: making its client takes as long as writing a hundred articles."""
    return open_store(out)


def _merged(store: Store, batch: Batch, lines: Iterable[bytes], withheld: TakenDown) -> list[bytes]:
    """Return the records of `batch` in `store`, and `lines` among them and in their place."""
    found = {}
    before = store.get(batch.lines).splitlines() if store.head(batch.lines) is not None else []
    for line in before:
        head = _HEADS.decode(line)
        if not withheld.covers(head.url, head.site, others=(head.canonical_url,)):
            found[head.captured_at, head.url] = line
    for line in lines:
        head = _HEADS.decode(line)
        found[head.captured_at, head.url] = line
    return [found[key] for key in sorted(found)]


def _drop_others(store: Store, batch: Batch, told: Collection[str]) -> None:
    """Remove the texts of `batch` that are no longer its own: their numbers moved."""
    for stored in list(store.list(f"{batch.prefix}/")):
        if Batch.holding(stored.key) == batch and stored.key != batch.lines and stored.key not in told:
            store.delete(stored.key)


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


def _rows(unit: Unit, number: int, prefixes: dict[str, str]) -> Iterator[tuple[str, str, str, int, int, int]]:
    """Yield the keys of `unit`; `prefixes` gets each batch with its day."""
    with unit.keys.open("rb") as stream:
        for line in stream:
            key = _DECODER.decode(line)
            prefixes.setdefault(key.prefix, key.captured_at[:10])
            yield key.prefix, key.captured_at, key.url, number, key.offset, key.length
