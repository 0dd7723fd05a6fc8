"""A part of the archive as one WACZ file, straight from the store: records copied as they lie, nothing made anew.

The same captures give the same bytes. Each chosen capture comes with its request and metadata records and the warcinfo
of its file; an original that a chosen revisit refers to comes too, wherever it lies. A capture whose record is damaged
is left out and told, as is a damaged request or metadata record of one that is sound.
"""

from __future__ import annotations

__all__ = ["Export", "export"]

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

import msgspec

from crawler import __version__
from crawler.archive.articles import Batch, LineReader
from crawler.archive.capture_metadata import Notes
from crawler.archive.read.catalogue import Holding, Stretch, fetch
from crawler.archive.read.cdxj import CdxLine
from crawler.archive.read.records import RawRecord
from crawler.archive.read.selection import Chosen, Lost, OnLost, exchange_of, in_range, notes_of, select
from crawler.archive.store import Store
from crawler.archive.takedowns import taken_down
from crawler.archive.wacz import PageEntry, WaczWriter, WarcEntry
from crawler.errors import BadArchive, UsageError
from crawler.http.status import is_answer
from crawler.model.article import ArticleHead, ArticleText
from crawler.model.selection import Selection

_PAGES = ("article", "probe", "listing")
_HTML = ("text/html", "application/xhtml+xml")
_NO_DIGIT = re.compile(r"\D")


class Export(msgspec.Struct, frozen=True, kw_only=True):
    """What went into a package."""

    path: str
    captures: int
    """Asked for, and here."""
    originals: int
    """Included because a revisit refers to them."""
    unresolved: int
    """Revisits whose original is not in the store."""
    damaged: int = 0
    """Parts of what was asked for that cannot be read, left out and told."""
    pages: int
    warcs: int
    size_bytes: int


def export(
    store: Store,
    wanted: Selection,
    path: Path,
    *,
    title: str,
    with_text: bool = False,
    on_progress: Callable[[int, int], None] | None = None,
    on_lost: OnLost | None = None,
) -> Export:
    """Write what is `wanted` to the WACZ `path`, replacing it; `on_progress` is told captures done and in all.

    `on_lost` is told of each damaged part, which costs its own capture only. Raises UsageError if nothing is wanted,
    StoreError, BadArchive (nothing of it can be read), ArchiveError (the file cannot be written).
    """
    losses = _Losses(on_lost)
    withheld = taken_down(store)
    selections, unresolved = select(store, wanted, losses.add, withheld=withheld)
    total = sum(len(selection.offsets()) for selection in selections)
    if not total:
        raise _nothing(store, losses)
    newest = max(one.at(offset).timestamp for one in selections for offset in one.offsets())
    package = _Package(store, losses, with_text=with_text)
    with WaczWriter(path, at=_moment(newest), title=title, software=f"Warraq/{__version__}") as writer:
        for selection in selections:
            for _ in package.copy(selection, writer):
                if on_progress is not None:
                    on_progress(len(package.lines), total)
        if not package.lines:
            raise _nothing(store, losses)
        writer.index(package.lines)
        pages = package.pages()
        writer.pages(pages, has_text=with_text)
    return Export(
        path=str(path),
        captures=package.captures,
        originals=len(package.lines) - package.captures,
        unresolved=unresolved,
        damaged=losses.count,
        pages=len(pages),
        warcs=package.warcs,
        size_bytes=path.stat().st_size,
    )


class _Losses:
    """What cannot be read, each part told once."""

    def __init__(self, on_lost: OnLost | None) -> None:
        self._on_lost = on_lost
        self._told: set[tuple[str, int]] = set()

    @property
    def count(self) -> int:
        """How many parts."""
        return len(self._told)

    def add(self, lost: Lost) -> None:
        """Tell `lost`, unless it was."""
        if (lost.file, lost.offset) not in self._told:
            self._told.add((lost.file, lost.offset))
            if self._on_lost is not None:
                self._on_lost(lost)


class _Package:
    """The index lines and pages that come together while WARCs are copied."""

    def __init__(self, store: Store, losses: _Losses, *, with_text: bool) -> None:
        self.lines: list[bytes] = []
        self.captures = 0
        """Of the lines, those that were asked for."""
        self.warcs = 0
        self._store = store
        self._losses = losses
        self._pages: list[tuple[str, Holding, Notes | None]] = []
        self._reader = LineReader(store)
        self._with_text = with_text

    def copy(self, selection: Chosen, writer: WaczWriter) -> Iterator[Holding]:
        """Write the chosen records of one WARC to `writer`, as they lie in the store, and yield each capture's."""
        sound = self._sound(selection)
        first = next(sound, None)
        if first is None:
            return
        self.warcs += 1
        with writer.warc(selection.warc.name, size_hint=selection.warc.size) as entry:
            self._copy_head(selection, entry)
            for stretch, one, exchange in chain((first,), sound):
                self.lines.append(_line(one, entry.position))
                _copy(stretch, exchange, entry)
                if one.offset in selection.asked:
                    self.captures += 1
                    self._note_page(one, exchange)
                yield one

    def _copy_head(self, selection: Chosen, entry: WarcEntry) -> None:
        """Write the warcinfo with which the file begins, if it does."""
        for stretch, _ in fetch(self._store, selection.warc, [(0, selection.head_end)]):
            records, faults = stretch.survey()
            if records and records[0].type == "warcinfo":
                _copy(stretch, records[:1], entry)
            for fault in faults:
                if fault.offset == 0:
                    self._losses.add(Lost(file=fault.file, offset=fault.offset, what=fault.what))

    def _sound(self, selection: Chosen) -> Iterator[tuple[Stretch, Holding, list[RawRecord]]]:
        """Yield each chosen capture whose own record can be read, with its records."""
        chosen = [selection.at(offset) for offset in selection.offsets()]
        left = iter(chosen)
        for stretch, ranges in fetch(self._store, selection.warc, [(one.offset, one.end) for one in chosen]):
            for records, faults in in_range(stretch, ranges):
                one = next(left)
                here = _is_here(one, records)
                if faults or not here:
                    self._losses.add(Lost.of(one, faults))
                if here:
                    yield stretch, one, exchange_of(records)

    def pages(self) -> list[PageEntry]:
        """Return the pages in order of time, with title and date of the article where there is one."""
        told: dict[tuple[str, str], ArticleHead] = {}
        batches = {_batch(date, notes) for date, _, notes in self._pages if notes is not None}
        wanted = {(one.fields.url, date) for date, one, _ in self._pages}
        kind = ArticleText if self._with_text else ArticleHead
        for batch in sorted(batches):
            for article in self._reader.read(batch, kind):
                if (article.url, article.captured_at) in wanted:
                    told[article.url, article.captured_at] = article
        ordered = sorted(self._pages, key=lambda page: (page[0], page[1].fields.url))
        return [_page(date, one, notes, told.get((one.fields.url, date))) for date, one, notes in ordered]

    def _note_page(self, one: Holding, exchange: Sequence[RawRecord]) -> None:
        """Keep what a reader may want to start from: whole HTML pages that are no feeds or the like."""
        notes = notes_of(exchange)
        role = notes.provenance.role if notes else "probe"
        if is_answer(one.fields.status) and role in _PAGES and (one.is_revisit or one.fields.mime in _HTML):
            self._pages.append((exchange[0].headers.get("warc-date", ""), one, notes))


def _is_here(one: Holding, records: Sequence[RawRecord]) -> bool:
    """Tell whether the first of `records` is the one to which the index leads."""
    if not records or records[0].offset != one.offset:
        return False
    headers = records[0].headers
    date = headers.get("warc-date", "")
    dated = not date.endswith("Z") or one.timestamp.startswith(_NO_DIGIT.sub("", date)[:14])
    return dated and headers.get("warc-target-uri", "").strip("<>") == one.fields.url


def _nothing(store: Store, losses: _Losses) -> UsageError | BadArchive:
    if losses.count:
        return BadArchive(
            f"{store.url}: nothing of what was asked for can be read", next_step="`warraq verify` tells more"
        )
    return UsageError(f"{store.url} holds no capture of what was asked for", next_step="ask for more, or --store URL")


def _copy(stretch: Stretch, records: Sequence[RawRecord], entry: WarcEntry) -> None:
    for record in records:
        for piece in stretch.pieces(record.offset, record.length):
            entry.write(piece)


def _line(one: Holding, offset: int) -> bytes:
    fields: CdxLine = msgspec.structs.replace(one.fields, offset=str(offset))
    return f"{one.urlkey} {one.timestamp} ".encode() + msgspec.json.encode(fields) + b"\n"


def _batch(date: str, notes: Notes) -> Batch:
    known = notes.provenance
    return Batch.named(known.site, known.run, date)


def _page(date: str, one: Holding, notes: Notes | None, article: ArticleHead | None) -> PageEntry:
    announced = notes.provenance.announcement if notes else None
    title = (article and article.title) or (announced and announced.title) or one.fields.url
    return PageEntry(
        id=hashlib.sha256(f"{date} {one.fields.url}".encode()).hexdigest()[:32],
        url=one.fields.url,
        ts=date,
        title=title,
        published_at=(article and article.published_at) or (announced and announced.published_at) or None,
        text=article.text if isinstance(article, ArticleText) else None,
    )


def _moment(timestamp: str) -> datetime:
    return datetime.strptime(timestamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
