"""Full text: an index of titles and bodies in the state folder, in SQLite; a part of it is made anew as batches change.

It holds words, not texts: what is shown of an article is read from the store. It can be thrown away and made again.
What an index file does not know of is not found; `SearchIndex.update` brings it up to the store.

A row's number is the second of its capture, so that the newest are found first without putting all in order; sites,
runs and languages are words of a column of their own, so that a selection costs no more than a word.
"""

from __future__ import annotations

__all__ = ["Hit", "Indexed", "SearchIndex", "index_path"]

import hashlib
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple, Self

import msgspec

from crawler.archive.articles import Batch, LineReader, stored_batches
from crawler.archive.store import Store
from crawler.corpus.alone import alone
from crawler.corpus.asked import read_query
from crawler.corpus.words import TOKENIZER, indexed
from crawler.errors import BadArchive, StateDamaged, StateError
from crawler.model.selection import Selection
from crawler.model.takedown import NOTHING_TAKEN_DOWN, TakenDown

_VERSION = 3
"""Of the schema and of what `crawler.corpus.words` makes of a text: an index of another one is made anew."""
_COMMIT = 5_000
"""Articles between two commits."""
_PAGE = 100
_RANKED = 50_000
"""So many are ranked, the newest: each costs some microseconds, and a word that more have tells them not apart."""
_HASHED = 32 << 20
"""Bytes of words in memory before they are written: fewer, larger pieces, that need not be merged as often."""
_MERGED = 4_000
"""Pages that one step of merging writes."""
_SAME_MOMENT = 1 << 6
"""Row numbers that a second has; those of the next ones serve if they are all taken. More would cost: each word of each
article notes how far its row is from the one before."""
_ASIDE = 1 << 10
"""So many seconds on, a row is looked for."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)

_SCHEMA = f"""
    CREATE TABLE batches (id INTEGER PRIMARY KEY, prefix TEXT NOT NULL UNIQUE, mark TEXT NOT NULL);
    CREATE TABLE entries (
        id INTEGER PRIMARY KEY, batch INTEGER, number INTEGER NOT NULL, article TEXT NOT NULL,
        url TEXT NOT NULL,
        site TEXT, run TEXT, captured_at TEXT NOT NULL, language TEXT, title TEXT,
        canonical TEXT
    );
    CREATE INDEX entries_by_batch ON entries (batch);
    CREATE VIRTUAL TABLE words USING fts5 (title, body, facets, content = '', tokenize = '{TOKENIZER}');
    INSERT INTO words (words, rank) VALUES ('hashsize', {_HASHED});
    PRAGMA user_version = {_VERSION};
"""
_CLEAR = "UPDATE entries SET batch = NULL, article = '', url = '', title = NULL, canonical = NULL WHERE batch = ?"
"""The row stays: its words are in the index for good, and must not be taken for another article's."""
_FIELDS = "e.article, e.url, e.site, e.run, e.captured_at, e.language, e.title, e.canonical, b.prefix, e.number"
_MATCH = "words MATCH :match AND words.rowid >= :since AND words.rowid < :until"
_BEST = f"""
    SELECT {_FIELDS} FROM (
        SELECT id, weight FROM (
            SELECT rowid AS id, bm25(words, 5.0, 1.0, 0.0) AS weight FROM words WHERE {_MATCH}
            ORDER BY rowid DESC LIMIT {_RANKED}
        ) ORDER BY weight, id DESC LIMIT :limit OFFSET :skip
    ) w LEFT JOIN entries e ON e.id = w.id AND e.batch IS NOT NULL LEFT JOIN batches b ON b.id = e.batch
    ORDER BY w.weight, w.id DESC
"""
"""Ranked before anything else is looked at; what no longer is comes as a row of nothing."""
_NEWEST = f"""
    SELECT {_FIELDS} FROM words CROSS JOIN entries e ON e.id = words.rowid CROSS JOIN batches b ON b.id = e.batch
    WHERE {_MATCH} ORDER BY words.rowid DESC
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


class _Entry(NamedTuple):
    """An article that is to be entered."""

    row: int
    batch: int
    number: int
    line: _Text


def index_path(state_dir: Path, store: Store) -> Path:
    """Return where the index of `store` lies: a state folder may be used with several stores."""
    return state_dir / f"search-{hashlib.sha256(store.url.encode()).hexdigest()[:8]}.db"


@contextmanager
def _closed_if_it_fails(database: sqlite3.Connection) -> Iterator[None]:
    try:
        yield
    except BaseException:
        database.close()
        raise


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
        with _closed_if_it_fails(database), index._translated():
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
                with _closed_if_it_fails(database), index._translated():
                    database.executescript(
                        f"PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; BEGIN; {_SCHEMA} COMMIT;"
                    )
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
        """Return at most `limit` articles that `query` finds, best first (of more than 50,000, those of the newest), or
        `newest` first, from the keyset `before` on.

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
            count: int = self._database.execute("SELECT count(batch) FROM entries").fetchone()[0]
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
            "match": _narrowed(read_query(query).match, selection),
            "since": _first_row(selection.since) if selection.since else -(1 << 63),
            "until": self._row_before(before, selection.until),
        }
        rows = self._rows(_NEWEST, values) if newest or selection.which != "all" else self._ranked(values, few=few)
        seen: set[str] = set()
        for row in rows:
            hit = Hit._make((*row[:8], Batch(row[8]), row[9]))
            if not _admitted(hit, selection, self._withheld) or (selection.which == "latest" and hit.url in seen):
                continue
            if selection.which == "latest":
                seen.add(hit.url)
            yield hit

    def _ranked(self, values: dict[str, object], *, few: bool) -> Iterator[tuple[Any, ...]]:
        """Yield rows, the best first: the first are found without putting all in order, and whoever wants more wants
        all.
        """
        for limit, skip in [(_PAGE, 0), (-1, _PAGE)] if few else [(-1, 0)]:
            count = 0
            for row in self._rows(_BEST, {**values, "limit": limit, "skip": skip}):
                count += 1
                if row[0] is not None:
                    yield row
            if count < _PAGE:
                return

    def _rows(self, statement: str, values: dict[str, object]) -> Iterator[tuple[Any, ...]]:
        with self._translated():
            yield from self._database.execute(statement, values)

    def _row_before(self, before: tuple[str, str] | None, until: datetime | None) -> int:
        """Return the row that what is asked for lies before: captured before `until`, and told after the one that
        `before` names.
        """
        last = (1 << 63) - 1 if until is None else _first_row(until) + _SAME_MOMENT * _ASIDE
        if before is None:
            return last
        begin = _first_row(_moment(before[0]))
        own = "SELECT min(id) FROM entries WHERE id >= ? AND captured_at = ? AND url = ? AND id < ?"
        with self._translated():
            found = self._database.execute(own, (begin, *before, begin + _SAME_MOMENT * _ASIDE)).fetchone()[0]
        return min(last, begin if found is None else found)

    def _update(self, reader: LineReader, marks: dict[str, str], on_progress: Callable[[int, int], None]) -> Indexed:
        run = self._database.execute
        run("PRAGMA synchronous = NORMAL")  # it can be made anew
        run(f"PRAGMA cache_size = -{_HASHED >> 10}")
        known = {prefix: (mark, key) for key, prefix, mark in run("SELECT id, prefix, mark FROM batches")}
        changed = sorted(prefix for prefix, mark in marks.items() if known.get(prefix, ("", 0))[0] != mark)
        changed.sort(key=lambda prefix: Batch(prefix).day or "")
        gone = [prefix for prefix in known if prefix not in marks]
        damaged: list[str] = []
        waiting: list[_Entry] = []
        articles = 0
        for prefix in (*gone, *(prefix for prefix in changed if prefix in known)):
            run(_CLEAR, (known[prefix][1],))
            run("DELETE FROM batches WHERE id = ?", (known[prefix][1],))
        for done, prefix in enumerate(changed, 1):
            batch = run("INSERT INTO batches (prefix, mark) VALUES (?, ?)", (prefix, marks[prefix])).lastrowid
            for number, line in reader.numbered(Batch(prefix), _Text):
                if isinstance(line, BadArchive):
                    damaged.append(str(line))
                    continue
                waiting.append(_Entry(_first_row(_moment(line.captured_at)), batch or 0, number, line))
                articles += 1
            if len(waiting) >= _COMMIT:
                self._add(waiting)
                waiting = []
            on_progress(done, len(changed))
        self._add(waiting)
        if changed and len(known) * 2 < len(changed):
            self._merge()
        return Indexed(batches=len(changed) + len(gone), articles=articles, known=self.known(), damaged=tuple(damaged))

    def _add(self, entries: list[_Entry]) -> None:
        """Enter `entries`, in the order of their moments: words that come in any other are written at once."""
        run = self._database.execute
        for row, batch, number, line in sorted(entries, key=lambda entry: entry.row):
            free = self._free_row(row)
            run(
                "INSERT INTO entries (id, batch, number, article, url, site, run, captured_at, language, title, "
                "canonical) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    free,
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
            )
            run(
                "INSERT INTO words (rowid, title, body, facets) VALUES (?, ?, ?, ?)",
                (free, indexed(line.title or ""), indexed(line.body), " ".join(_facets(line))),
            )
        self._database.commit()

    def _free_row(self, row: int) -> int:
        """Return the first row that is free from `row` on."""
        while True:
            last = self._database.execute(
                "SELECT max(id) FROM entries WHERE id BETWEEN ? AND ?", (row, row + _SAME_MOMENT - 1)
            ).fetchone()[0]
            if last is None or last < row + _SAME_MOMENT - 1:
                return row if last is None else int(last) + 1
            row += _SAME_MOMENT

    def _merge(self) -> None:
        """Make one piece of all that was written, in steps that are each kept; then what the smaller ones took is
        given back.
        """
        merge = "INSERT INTO words (words, rank) VALUES ('merge', ?)"
        pages = -_MERGED
        while True:
            before = self._database.total_changes
            self._database.execute(merge, (pages,))
            changed = self._database.total_changes - before
            self._database.commit()
            if changed < 2:  # as SQLite has it: nothing was merged
                break
            pages = _MERGED
        self._database.executescript("PRAGMA incremental_vacuum")  # a step for each page: `execute` takes but one

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
        and (not (selection.since or selection.until) or selection.admits_moment(_moment(hit.captured_at)))
        and withheld.covers(hit.url, hit.site, others=(hit.canonical_url,)) is None
    )


def _moment(text: str) -> datetime:
    """Return the moment that `text` is, as far as it is one: it decides on the order, and on nothing else."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return _EPOCH
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _first_row(moment: datetime) -> int:
    return (moment - _EPOCH) // _SECOND * _SAME_MOMENT


def _facets(line: _Text) -> Iterator[str]:
    """Yield the words by which an article is selected; ``pt-BR`` is ``pt``, too."""
    if line.site is not None:
        yield _facet("site", line.site)
    if line.run is not None:
        yield _facet("run", line.run)
    parts = (line.language or "").lower().split("-")
    for count in range(1, len(parts) + 1):
        yield _facet("language", "-".join(parts[:count]))


def _facet(kind: str, name: str) -> str:
    return f"{kind[0]}{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:20]}"


def _narrowed(match: str, selection: Selection) -> str:
    """Return what `match` asks for, of the sites, runs and languages of `selection` alone."""
    asked = (
        [_facet("site", site) for site in selection.sites],
        [_facet("run", run) for run in selection.runs],
        [_facet("language", language.lower()) for language in selection.languages],
    )
    wanted = [f"facets : ({' OR '.join(words)})" for words in asked if words]
    return " AND ".join([f"{{title body}} : ({match})", *wanted])


def _marks(store: Store) -> dict[str, str]:
    """Return the batches of `store`, each with what changes when it does."""
    return {
        batch.prefix: stored.etag or f"{stored.size}-{stored.modified_at}" for batch, stored in stored_batches(store)
    }


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
