"""Full text: an index of titles and bodies in the state folder, in SQLite; a part of it is made anew as batches change.

It holds words, not texts: what is shown of an article is read from the store. It can be thrown away and made again.
What an index file does not know of is not found; `SearchIndex.update` brings it up to the store.
"""

from __future__ import annotations

__all__ = ["Hit", "Indexed", "SearchIndex", "index_path"]

import hashlib
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple, Self

import msgspec

from crawler.archive.articles import Batch, LineReader
from crawler.archive.articles.layout import ROOT
from crawler.archive.store import Store
from crawler.clock import iso_utc
from crawler.corpus.alone import alone
from crawler.corpus.asked import read_query
from crawler.corpus.words import TOKENIZER, indexed
from crawler.errors import BadArchive, StateDamaged, StateError
from crawler.model.selection import Selection
from crawler.model.takedown import NOTHING_TAKEN_DOWN, TakenDown

_VERSION = 1
"""Of the schema and of what `crawler.corpus.words` makes of a text: an index of another one is made anew."""
_COMMIT = 2_000
"""Articles between two commits."""
_PAGE = 100

_SCHEMA = f"""
    CREATE TABLE batches (id INTEGER PRIMARY KEY, prefix TEXT NOT NULL UNIQUE, mark TEXT NOT NULL);
    CREATE TABLE entries (
        id INTEGER PRIMARY KEY AUTOINCREMENT, batch INTEGER NOT NULL, number INTEGER NOT NULL, article TEXT NOT NULL,
        url TEXT NOT NULL,
        site TEXT, run TEXT, captured_at TEXT NOT NULL, language TEXT, title TEXT,
        canonical TEXT
    );
    CREATE INDEX entries_by_batch ON entries (batch);
    CREATE INDEX entries_by_time ON entries (captured_at, url);
    CREATE INDEX entries_by_article ON entries (article);
    CREATE VIRTUAL TABLE words USING fts5 (title, body, content = '', tokenize = '{TOKENIZER}');
    PRAGMA user_version = {_VERSION};
"""
_FIELDS = "e.article, e.url, e.site, e.run, e.captured_at, e.language, e.title, e.canonical, b.prefix, e.number"
_SPAN = "(:since IS NULL OR e.captured_at >= :since) AND (:until IS NULL OR e.captured_at < :until)"
_BEST = f"""
    SELECT {_FIELDS} FROM (
        SELECT rowid AS id, bm25(words, 5.0, 1.0) AS weight FROM words WHERE words MATCH :match
        ORDER BY weight, id LIMIT :limit OFFSET :skip
    ) w LEFT JOIN entries e ON e.id = w.id AND {_SPAN} LEFT JOIN batches b ON b.id = e.batch
    ORDER BY w.weight, e.captured_at DESC, e.url
"""
"""Ranked before anything else is looked at; what no longer is, or is not of the span, comes as a row of nothing."""
_NEWEST = f"""
    SELECT {_FIELDS} FROM words JOIN entries e ON e.id = words.rowid JOIN batches b ON b.id = e.batch
    WHERE words MATCH :match AND {_SPAN} AND (:before_at IS NULL OR (e.captured_at, e.url) < (:before_at, :before_url))
    ORDER BY e.captured_at DESC, e.url DESC LIMIT :limit OFFSET :skip
"""


class Hit(NamedTuple):
    """An article that was found."""

    id: str
    url: str
    site: str | None
    run: str | None
    captured_at: str
    language: str | None
    title: str | None
    canonical_url: str | None
    batch: Batch
    number: int


class Indexed(msgspec.Struct, frozen=True, kw_only=True):
    """What an update did."""

    batches: int
    """New, changed or gone."""
    articles: int
    """Read."""
    known: int
    """Articles in the index."""
    damaged: tuple[str, ...]


class _Text(msgspec.Struct, frozen=True, kw_only=True):
    """What of a line is searched, or shown in lists."""

    id: str
    url: str
    captured_at: str
    body: str
    site: str | None = None
    run: str | None = None
    title: str | None = None
    language: str | None = None
    canonical_url: str | None = None


def index_path(state_dir: Path, store: Store) -> Path:
    """Return where the index of `store` lies: a state folder may be used with several stores."""
    return state_dir / f"search-{hashlib.sha256(store.url.encode()).hexdigest()[:8]}.db"


class SearchIndex:
    """An index that is open; a context manager."""

    def __init__(self, path: Path, database: sqlite3.Connection, withheld: TakenDown = NOTHING_TAKEN_DOWN) -> None:
        self._withheld = withheld
        self._path = path
        self._database = database

    @classmethod
    def open(cls, path: Path, withheld: TakenDown = NOTHING_TAKEN_DOWN) -> Self | None:
        """Return the index at `path` for searching; None if there is none, or one of another version.

        `withheld`: what is in it and not told of; that may be undone again.

        Raises StateDamaged if it cannot be read.
        """
        if not path.exists():
            return None
        database = sqlite3.connect(f"file:{path}?mode=rw", uri=True, timeout=10.0, check_same_thread=False)
        index = cls(path, database, withheld)
        with index._translated():
            if database.execute("PRAGMA user_version").fetchone() == (_VERSION,):
                return index
        database.close()
        return None

    @classmethod
    def update(
        cls,
        path: Path,
        store: Store,
        *,
        rebuild: bool = False,
        on_progress: Callable[[int, int], None] = lambda _done, _total: None,
    ) -> Indexed:
        """Bring the index at `path` up to what `store` holds; make it if there is none, or with `rebuild`, or it is
        damaged.

        `on_progress` is told batches done and in all. Stopped anywhere, the next one goes on. Raises StateError if
        another process updates it, StoreError.
        """
        with alone(path.parent, "search index"):
            index = None
            if not rebuild:
                with suppress(StateDamaged):
                    index = cls.open(path)
            if index is None:
                _remove(path)
                database = sqlite3.connect(path, timeout=10.0)
                path.chmod(0o600)
                index = cls(path, database)
                with index._translated():
                    database.executescript(f"PRAGMA journal_mode = WAL; BEGIN; {_SCHEMA} COMMIT;")
            with index, index._translated():
                return index._update(LineReader(store, withheld=NOTHING_TAKEN_DOWN), _marks(store), on_progress)

    def search(
        self,
        query: str,
        selection: Selection,
        *,
        limit: int = 20,
        newest: bool = False,
        before: tuple[str, str] | None = None,
    ) -> list[Hit]:
        """Return at most `limit` articles that `query` finds, best first, or `newest` first, from the keyset `before`
        on.

        Raises UsageError if the query makes no sense, StateDamaged.
        """
        found: list[Hit] = []
        for hit in self._hits(query, selection, newest=newest or before is not None, before=before, few=True):
            found.append(hit)
            if len(found) == limit:
                break
        return found

    def places(self, query: str, selection: Selection) -> dict[Batch, set[int]]:
        """Return where all articles are that `query` finds. Raises UsageError, StateDamaged."""
        places: dict[Batch, set[int]] = {}
        for hit in self._hits(query, selection, newest=True, before=None, few=False):
            places.setdefault(hit.batch, set()).add(hit.number)
        return places

    def known(self) -> int:
        """Return how many articles it has."""
        with self._translated():
            count: int = self._database.execute("SELECT count(*) FROM entries").fetchone()[0]
        return count

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def _hits(
        self,
        query: str,
        selection: Selection,
        *,
        newest: bool,
        before: tuple[str, str] | None,
        few: bool,
    ) -> Iterator[Hit]:
        values: dict[str, object] = {
            "match": read_query(query).match,
            "since": iso_utc(selection.since) if selection.since else None,
            "until": iso_utc(selection.until) if selection.until else None,
            "before_at": before[0] if before else None,
            "before_url": before[1] if before else None,
        }
        seen: set[str] = set()
        by = _NEWEST if newest or selection.which != "all" else _BEST
        # the first are found without putting all in order; whoever wants more wants all
        for limit, skip in [(_PAGE, 0), (-1, _PAGE)] if few else [(-1, 0)]:
            count = 0
            with self._translated():
                for row in self._database.execute(by, {**values, "limit": limit, "skip": skip}):
                    count += 1
                    hit = None if row[0] is None else Hit._make((*row[:8], Batch(row[8]), row[9]))
                    if hit is None or not _admitted(hit, selection, self._withheld):
                        continue
                    if selection.which == "latest":
                        if hit.url in seen:
                            continue
                        seen.add(hit.url)
                    yield hit
            if count < _PAGE:
                return

    def _update(self, reader: LineReader, marks: dict[str, str], on_progress: Callable[[int, int], None]) -> Indexed:
        run = self._database.execute
        known = {prefix: (mark, key) for key, prefix, mark in run("SELECT id, prefix, mark FROM batches")}
        changed = [prefix for prefix, mark in sorted(marks.items()) if known.get(prefix, ("", 0))[0] != mark]
        gone = [prefix for prefix in known if prefix not in marks]
        damaged: list[str] = []
        articles = waiting = 0
        for prefix in (*gone, *(prefix for prefix in changed if prefix in known)):
            run("DELETE FROM entries WHERE batch = ?", (known[prefix][1],))
            run("DELETE FROM batches WHERE id = ?", (known[prefix][1],))
        for done, prefix in enumerate(changed, 1):
            batch = run("INSERT INTO batches (prefix, mark) VALUES (?, ?)", (prefix, marks[prefix])).lastrowid
            for number, line in reader.numbered(Batch(prefix), _Text):
                if isinstance(line, BadArchive):
                    damaged.append(str(line))
                    continue
                self._add(batch or 0, number, line)
                articles += 1
                waiting += 1
            if waiting >= _COMMIT:
                self._database.commit()
                waiting = 0
            on_progress(done, len(changed))
        self._database.commit()
        if changed and len(known) * 2 < len(changed):
            run("INSERT INTO words (words) VALUES ('optimize')")
            self._database.commit()
        return Indexed(batches=len(changed) + len(gone), articles=articles, known=self.known(), damaged=tuple(damaged))

    def _add(self, batch: int, number: int, line: _Text) -> None:
        entry = self._database.execute(
            "INSERT INTO entries (batch, number, article, url, site, run, captured_at, language, title, canonical) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                batch,
                number,
                line.id,
                line.url,
                line.site,
                line.run,
                line.captured_at,
                line.language,
                line.title,
                line.canonical_url,
            ),
        ).lastrowid
        self._database.execute(
            "INSERT INTO words (rowid, title, body) VALUES (?, ?, ?)",
            (entry, indexed(line.title or ""), indexed(line.body)),
        )

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            raise StateError(
                f"{self._path}: {error}", next_step="try again; `warraq search --rebuild` makes it anew"
            ) from error
        except sqlite3.DatabaseError as error:
            raise StateDamaged(
                f"{self._path}: {error}", next_step="`warraq search --rebuild` makes it anew from the store"
            ) from error


def _admitted(hit: Hit, selection: Selection, withheld: TakenDown) -> bool:
    return (
        selection.admits_site(hit.site, hit.run)
        and selection.admits_language(hit.language)
        and selection.admits_url(hit.url)
        and withheld.covers(hit.url, hit.site, others=(hit.canonical_url,)) is None
    )


def _marks(store: Store) -> dict[str, str]:
    """Return the batches of `store`, each with what changes when it does."""
    return {
        batch.prefix: stored.etag or f"{stored.size}-{stored.modified_at}"
        for stored in store.list(ROOT)
        if stored.key == (batch := Batch.holding(stored.key)).lines
    }


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
