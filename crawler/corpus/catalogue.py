"""The catalogue: one Parquet file of captures and one of articles for each month, in the store beside what they tell
of.

    catalogue/captures/2026-11.parquet   catalogue/articles/2026-11.parquet   catalogue/sources/2026-11.json

Promises: a file appears whole; what it holds, and every byte of it, follows from the WARC files and batches of the
store alone, in whatever steps it was made; a step that was cut short is done again by the next one. `sources` remembers
what has been entered, so that only what is new or changed is read; without it everything is. One at a time may
write to a store: a lock in the state folder sees to that on one machine.
"""

from __future__ import annotations

__all__ = ["Catalogued", "batches_not_entered", "update_catalogue"]

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from crawler.archive.articles import Batch, LineReader, stored_batches
from crawler.archive.catalogued import put_catalogued
from crawler.archive.folders import ARTICLES, CATALOGUE, WARCS
from crawler.archive.read.catalogue import StoredWarc, stored_warcs
from crawler.archive.store import Store, StoredObject
from crawler.corpus.alone import alone
from crawler.corpus.extra import registered_domains
from crawler.corpus.rows import Hosts, article_rows, capture_rows
from crawler.corpus.tables import TABLE_NAMES, Gathered, TableName, Tables
from crawler.errors import BadArchive
from crawler.model.takedown import NOTHING_TAKEN_DOWN

_OF_WARC = re.compile(rf"{WARCS}(\d{{4}})/(\d\d)/")
_OF_BATCH = re.compile(rf"{ARTICLES}[^/]+/(\d{{4}})/(\d\d)/")
_SOURCES = f"{CATALOGUE}sources/"
_UNDATED = "undated"
_VERSION = 3
"""Of the columns: a catalogue of another version is made anew."""

_ENCODER = msgspec.json.Encoder()


class Catalogued(msgspec.Struct, frozen=True, kw_only=True):
    """What an update did."""

    sources: int
    """WARC files and batches read: new or changed ones."""
    captures: int
    """Rows that came of them."""
    articles: int
    months: tuple[str, ...]
    """Whose files were written."""
    known: int
    """WARC files and batches that the store has."""
    damaged: tuple[str, ...]
    """What could not be read, with its place."""


class _Sources(msgspec.Struct, kw_only=True):
    """What has been entered of one month: the mark of each WARC file and each batch, by key."""

    version: int = _VERSION
    captures: dict[str, str] = {}
    articles: dict[str, str] = {}
    damaged: dict[str, list[str]] = {}
    """What of an entered source cannot be read: told each time, until it is whole."""


OnFileDone = Callable[[int, int], None]


def update_catalogue(
    store: Store,
    *,
    lock_folder: Path,
    rebuild: bool = False,
    on_progress: OnFileDone | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> Catalogued:
    """Enter into the catalogue of `store` what is not in it yet; with `rebuild`, make it anew.

    `on_progress` is told sources read and in all; once `stopped` tells so, the month under way is the last.
    Raises UsageError if DuckDB is not installed, StateError if another process updates it, StoreError.
    """
    with alone(lock_folder, "catalogue"):
        return _Update(store, on_progress or (lambda _done, _total: None), stopped, rebuild=rebuild).carry_out()


def batches_not_entered(store: Store) -> list[Batch] | None:
    """Return the batches of `store` of which the catalogue does not tell, or not as they are now; None: there is no
    catalogue. Raises StoreError.
    """
    noted = _noted(store)
    if not noted:
        return None
    entered = {key: mark for month in noted.values() for key, mark in month.articles.items()}
    return [batch for batch, stored in stored_batches(store) if entered.get(stored.key) != _mark(stored)]


class _Update:
    def __init__(self, store: Store, on_progress: OnFileDone, stopped: Callable[[], bool], *, rebuild: bool) -> None:
        self._rebuild = rebuild
        self._store = store
        self._stopped = stopped
        self._on_progress = on_progress
        self._reader = LineReader(store, withheld=NOTHING_TAKEN_DOWN)  # whoever asks is told of none of it: `sql`
        self._hosts = Hosts(registered_domains())
        self._tables = Tables(store, forgiving=rebuild)
        self._done = self._total = 0
        self._rows = {"captures": 0, "articles": 0}
        self._written: set[str] = set()
        self._damaged: list[str] = []

    def carry_out(self) -> Catalogued:
        warcs = {warc.key: warc for warc in stored_warcs(self._store)}
        found = self._found(warcs)
        noted = _noted(self._store)
        if noted is None or (self._rebuild and noted):
            self._tables.forgiving = True  # what is there may have other columns
            self._forget()
        known = {} if self._rebuild or noted is None else noted
        self._tables.begin(key for one in found.values() for key in (*one.captures, *one.articles))
        changed = {month: _changed(found.get(month, _Sources()), known.get(month)) for month in {*found, *known}}
        self._total = sum(len(one.captures) + len(one.articles) for one in changed.values())
        for month in sorted(changed):
            if self._stopped():
                break
            self._enter(month, changed[month], found.get(month, _Sources()), known.get(month), warcs)
        else:
            if not known:
                self._tidy()
        return Catalogued(
            sources=self._done,
            captures=self._rows["captures"],
            articles=self._rows["articles"],
            months=tuple(sorted(self._written)),
            known=sum(len(one.captures) + len(one.articles) for one in found.values()),
            damaged=tuple(self._damaged),
        )

    def _forget(self) -> None:
        """Let nothing count as entered: what is stopped from here on is begun anew."""
        for stored in self._store.list(_SOURCES):
            put_catalogued(self._store, stored.key, _ENCODER.encode(_Sources()))

    def _tidy(self) -> None:
        """Drop the rows of sources that the store no longer has from the months that nothing else led to."""
        left = {kind: self._tables.months(kind) - self._written for kind in TABLE_NAMES}
        for month in sorted(left["articles"]):
            self._tables.write("articles", month, None, self._written.add)
        for month in sorted((left["captures"] | left["articles"]) & self._tables.months("captures")):
            self._tables.write("captures", month, None, self._written.add)

    def _found(self, warcs: Mapping[str, StoredWarc]) -> dict[str, _Sources]:
        """Return what the store has, by month."""
        found: dict[str, _Sources] = {}
        marks = {stored.key: _mark(stored) for stored in self._store.list(WARCS)}
        for key, warc in warcs.items():
            mark = marks[key] + (f"+{marks[warc.index_key]}" if warc.index_key else "")
            found.setdefault(_dated(_OF_WARC, key), _Sources()).captures[key] = mark
        for _, stored in stored_batches(self._store):
            found.setdefault(_dated(_OF_BATCH, stored.key), _Sources()).articles[stored.key] = _mark(stored)
        return found

    def _enter(
        self, month: str, changed: _Sources, found: _Sources, known: _Sources | None, warcs: Mapping[str, StoredWarc]
    ) -> None:
        """Read what `changed`, write the months that this touches, then note it."""
        before = known or _Sources()
        gone = {key for key in (*before.captures, *before.articles) if key not in (found.captures | found.articles)}
        told = {key: lines for key, lines in before.damaged.items() if key not in gone}
        if changed.captures or changed.articles or gone:
            with TemporaryDirectory(prefix="warraq-") as folder, Gathered(Path(folder)) as gathered:
                for key in sorted(changed.captures):
                    told[key] = self._gather(gathered, "captures", key, self._captures(warcs[key]))
                for key in sorted(changed.articles):
                    told[key] = self._gather(gathered, "articles", key, self._articles(key))
                again = any(
                    key in before.captures or key in before.articles for key in (*changed.captures, *changed.articles)
                )
                self._tables.replace((*changed.captures, *changed.articles))
                self._write(gathered, month, everywhere=again or bool(gone))
            noted = _Sources(
                captures=found.captures, articles=found.articles, damaged={k: v for k, v in sorted(told.items()) if v}
            )
            put_catalogued(self._store, f"{_SOURCES}{month}.json", _ENCODER.encode(noted))
        self._damaged += [line for lines in told.values() for line in lines]

    def _captures(self, warc: StoredWarc) -> Iterator[msgspec.Struct | str]:
        return capture_rows(self._store, warc, self._hosts)

    def _articles(self, key: str) -> Iterator[msgspec.Struct | str]:
        return article_rows(self._reader, Batch.holding(key), self._hosts)

    def _gather(self, gathered: Gathered, kind: TableName, key: str, rows: Iterator[msgspec.Struct | str]) -> list[str]:
        """Set the rows of one source down by month; return what of it cannot be read."""
        damaged = []
        try:
            for row in rows:
                if isinstance(row, str):
                    damaged.append(row)
                else:
                    gathered.add(kind, row)
                    self._rows[kind] += 1
        except BadArchive as damage:
            damaged.append(f"{key}: {damage}")
        self._done += 1
        self._on_progress(self._done, self._total)
        return damaged

    def _write(self, gathered: Gathered, own: str, *, everywhere: bool) -> None:
        """Write anew each month of the catalogue that the rows gathered, or those they replace, lie in."""
        gathered.flush()
        articles, captures = gathered.months("articles"), gathered.months("captures")
        if everywhere:  # a WARC that goes over the end of a month has rows in the next one, too
            articles |= {month for month in self._tables.months("articles") if own in (month, _UNDATED)}
            captures |= {month for month in self._tables.months("captures") if month >= own or own == _UNDATED}
        for month in sorted(articles):
            self._tables.write("articles", month, gathered.file("articles", month), self._written.add)
        for month in sorted(captures | (articles & self._tables.months("captures"))):
            self._tables.write("captures", month, gathered.file("captures", month), self._written.add)


def _noted(store: Store) -> dict[str, _Sources] | None:
    """Return what has been entered, by month; None if that cannot be told."""
    noted = {}
    for stored in store.list(_SOURCES):
        month = stored.key.rpartition("/")[2].removesuffix(".json")
        try:
            noted[month] = msgspec.json.decode(store.get(stored.key), type=_Sources)
        except msgspec.DecodeError:
            return None
    return None if any(one.version != _VERSION for one in noted.values()) else noted


def _changed(found: _Sources, known: _Sources | None) -> _Sources:
    before = known or _Sources()
    return _Sources(
        captures={key: mark for key, mark in found.captures.items() if before.captures.get(key) != mark},
        articles={key: mark for key, mark in found.articles.items() if before.articles.get(key) != mark},
    )


def _mark(stored: StoredObject) -> str:
    """Return what changes when the object does."""
    return stored.etag or f"{stored.size}-{stored.modified_at.isoformat() if stored.modified_at else ''}"


def _dated(pattern: re.Pattern[str], key: str) -> str:
    match = pattern.match(key)
    return f"{match[1]}-{match[2]}" if match else _UNDATED
