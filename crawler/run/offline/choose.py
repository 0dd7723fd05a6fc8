"""One capture of each page, the first or the latest of those that meet the conditions: chosen over all files before any
is parsed.

What is compared (key of the URL, second of the capture, name of the file, place in it) is the same whether an index or
the file tells it, and lies on disk: memory does not grow with the archive.
"""

from __future__ import annotations

__all__ = ["ChosenPages", "list_pages", "places_in"]

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from hashlib import sha256
from pathlib import Path

from crawler.errors import BadArchive, StateError, StoreError
from crawler.model.selection import Selection, Which
from crawler.run.offline.reading import RecordPlace, WantedCaptures, pages_in
from crawler.run.offline.sources import Source

_SCHEMA = """
    CREATE TABLE page (
        urlkey TEXT PRIMARY KEY, timestamp TEXT NOT NULL, source INTEGER NOT NULL, warc TEXT NOT NULL,
        offset INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE source (number INTEGER PRIMARY KEY, identity TEXT NOT NULL);
    CREATE TABLE whole (made INTEGER);
"""
_TAKE = """
    INSERT INTO page VALUES (?, ?, ?, ?, ?) ON CONFLICT (urlkey) DO UPDATE
    SET timestamp = excluded.timestamp, source = excluded.source, warc = excluded.warc, offset = excluded.offset
    WHERE (excluded.timestamp, excluded.source, excluded.warc, excluded.offset) {} (timestamp, source, warc, offset)
"""
_BETTER = {"first": "<", "latest": ">"}


class ChosenPages:
    """Which captures of the `sources` were chosen, on disk in `folder`."""

    def __init__(self, folder: Path, selection: Selection, sources: Sequence[Source]) -> None:
        which: Which = selection.which
        names = "\0".join([str(selection), *(source.identity for source in sources)])
        self._path = folder / f"{sha256(names.encode()).hexdigest()[:16]}.choice"
        self._sources = sources
        self._take = _TAKE.format(_BETTER.get(which, "<"))

    @property
    def path(self) -> str:
        """Where it lies; it has another name for other sources or conditions."""
        return str(self._path)

    def make(self, pages: Callable[[Sequence[Source]], Iterator[tuple[int, Path]]]) -> None:
        """Choose, unless that was done; `pages` gives the number of each source with the file that `list_pages` made of
        it.

        Raises StateError if the disk is full.
        """
        if self._is_whole():
            return
        self._path.unlink(missing_ok=True)
        try:
            with closing(sqlite3.connect(self._path)) as database, database:
                database.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + _SCHEMA)
                for number, path in pages(self._sources):
                    with path.open("rb") as lines:
                        rows = map(json.loads, lines)
                        database.executemany(
                            self._take, ((key, moment, number, warc, offset) for key, moment, warc, offset in rows)
                        )
                    path.unlink()
                numbers = enumerate(source.identity for source in self._sources)
                database.executemany("INSERT INTO source VALUES (?, ?)", numbers)
                database.execute("CREATE INDEX by_source ON page (source)")
                database.execute("INSERT INTO whole VALUES (1)")
        except sqlite3.Error as error:
            raise StateError(f"{self._path}: {error}", next_step="make room, then start again") from error

    def remove(self) -> None:
        """Take it away."""
        self._path.unlink(missing_ok=True)

    def _is_whole(self) -> bool:
        try:
            with closing(sqlite3.connect(f"file:{self._path}?mode=ro", uri=True)) as database:
                return database.execute("SELECT made FROM whole").fetchone() is not None
        except sqlite3.Error:
            return False


def places_in(choice: str, source: Source) -> frozenset[RecordPlace]:
    """Return what of `source` was chosen by the choice that lies at `choice`. Raises StateError."""
    of_source = "SELECT warc, offset FROM page WHERE source IN (SELECT number FROM source WHERE identity = ?)"
    try:
        with closing(sqlite3.connect(f"file:{choice}?mode=ro", uri=True)) as database:
            return frozenset(database.execute(of_source, (source.whole.identity,)))
    except sqlite3.Error as error:
        raise StateError(f"{choice}: {error}", next_step="start again") from error


def list_pages(source: Source, wanted: WantedCaptures, path: Path) -> None:
    """Write what `pages_in` yields of `source` to `path`, a line each; what cannot be read is told when it is parsed.

    Raises OSError.
    """
    with path.open("w", encoding="utf-8") as target:
        try:
            for page in pages_in(source, wanted):
                target.write(json.dumps(page) + "\n")
        except (BadArchive, StoreError):
            return
