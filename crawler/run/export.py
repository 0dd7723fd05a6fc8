"""A part of the archive as one WACZ file, straight from the store: records copied as they lie, nothing made anew.

The same captures give the same bytes. Each chosen capture comes with its request and metadata records and the warcinfo
of its file; an original that a chosen revisit refers to comes too, wherever it lies.
"""

from __future__ import annotations

__all__ = ["Export", "export"]

import hashlib
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from crawler import __version__
from crawler.archive.cdxj import CdxLine
from crawler.archive.holdings import Holding, Stretch, fetch
from crawler.archive.notes import Notes
from crawler.archive.records import RawRecord
from crawler.archive.store import Store
from crawler.archive.wacz import PageEntry, WaczWriter, WarcEntry
from crawler.errors import BadArchive, UsageError
from crawler.run.batch import batch_prefix
from crawler.run.selection import Selection, Wanted, exchange_of, in_range, notes_of, select

_PAGES = ("article", "probe", "listing")
_HTML = ("text/html", "application/xhtml+xml")


class Export(msgspec.Struct, frozen=True, kw_only=True):
    """What went into a package."""

    path: str
    captures: int
    """Asked for."""
    originals: int
    """Included because a revisit refers to them."""
    unresolved: int
    """Revisits whose original is not in the store."""
    pages: int
    warcs: int
    size_bytes: int


class _Told(msgspec.Struct, frozen=True):
    """What of a line of articles.jsonl goes into the page list."""

    url: str
    captured_at: str
    title: str | None = None
    published_at: str | None = None
    text: str | None = None


def export(
    store: Store,
    wanted: Wanted,
    path: Path,
    *,
    title: str,
    with_text: bool = False,
    on_progress: Callable[[int, int], None] | None = None,
) -> Export:
    """Write what is `wanted` to the WACZ `path`, replacing it; `on_progress` is told captures done and in all.

    Raises UsageError if nothing is, StoreError, BadArchive, ArchiveError (the file cannot be written).
    """
    selections, unresolved = select(store, wanted)
    total = sum(len(selection.offsets()) for selection in selections)
    if not total:
        raise UsageError(
            f"{store.url} holds no capture of what was asked for", next_step="ask for more, or --store URL"
        )
    newest = max(one.at(offset).timestamp for one in selections for offset in one.offsets())
    package = _Package(store, with_text=with_text)
    with WaczWriter(path, at=_moment(newest), title=title, software=f"Warraq/{__version__}") as writer:
        for selection in selections:
            with writer.warc(selection.warc.name, size_hint=selection.warc.size) as entry:
                for _ in package.copy(selection, entry):
                    if on_progress is not None:
                        on_progress(len(package.lines), total)
        writer.index(package.lines)
        pages = package.pages()
        writer.pages(pages, has_text=with_text)
    return Export(
        path=str(path),
        captures=sum(len(selection.asked) for selection in selections),
        originals=sum(len(selection.needed) for selection in selections),
        unresolved=unresolved,
        pages=len(pages),
        warcs=len(selections),
        size_bytes=path.stat().st_size,
    )


class _Package:
    """The index lines and pages that come together while WARCs are copied."""

    def __init__(self, store: Store, *, with_text: bool) -> None:
        self.lines: list[bytes] = []
        self._store = store
        self._pages: list[tuple[str, Holding, Notes | None]] = []
        self._with_text = with_text

    def copy(self, selection: Selection, entry: WarcEntry) -> Iterator[Holding]:
        """Write the chosen records of one WARC to `entry`, as they lie in the store, and yield each capture's."""
        for stretch, _ in fetch(self._store, selection.warc, [(0, selection.head_end)]):
            first = stretch.records()[:1]
            if first and first[0].type == "warcinfo":
                _copy(stretch, first, entry)
        chosen = [selection.at(offset) for offset in selection.offsets()]
        left = iter(chosen)
        for stretch, ranges in fetch(self._store, selection.warc, [(one.offset, one.end) for one in chosen]):
            for records in in_range(stretch, ranges):
                one = next(left)
                if not records or records[0].offset != one.offset:
                    raise BadArchive(
                        f"{selection.warc.key}: no record begins at byte {one.offset}, to which its index leads",
                        next_step="`warraq verify` tells more",
                    )
                exchange = exchange_of(records)
                self.lines.append(_line(one, entry.position))
                _copy(stretch, exchange, entry)
                if one.offset in selection.asked:
                    self._note_page(one, exchange)
                yield one

    def pages(self) -> list[PageEntry]:
        """Return the pages in order of time, with title and date of the article where there is one."""
        told: dict[tuple[str, str], _Told] = {}
        batches = {_batch_key(date, notes) for date, _, notes in self._pages if notes is not None}
        wanted = {(one.fields.url, date) for date, one, _ in self._pages}
        for key in sorted(batches):
            for article in self._articles(key):
                if (article.url, article.captured_at) in wanted:
                    told[article.url, article.captured_at] = article
        ordered = sorted(self._pages, key=lambda page: (page[0], page[1].fields.url))
        return [_page(date, one, notes, told.get((one.fields.url, date))) for date, one, notes in ordered]

    def _articles(self, key: str) -> Iterator[_Told]:
        if self._store.head(key) is None:
            return
        for line in self._store.get(key).splitlines():
            try:
                article = msgspec.json.decode(line, type=_Told)
            except msgspec.DecodeError as error:
                raise BadArchive(f"{key}: not a line of articles.jsonl ({error})") from error
            yield article if self._with_text else msgspec.structs.replace(article, text=None)

    def _note_page(self, one: Holding, exchange: Sequence[RawRecord]) -> None:
        """Keep what a reader may want to start from: whole HTML pages that are no feeds or the like."""
        notes = notes_of(exchange)
        role = notes.provenance.role if notes else "probe"
        if one.fields.status == "200" and role in _PAGES and (one.is_revisit or one.fields.mime in _HTML):
            self._pages.append((exchange[0].headers.get("warc-date", ""), one, notes))


def _copy(stretch: Stretch, records: Sequence[RawRecord], entry: WarcEntry) -> None:
    for record in records:
        for piece in stretch.pieces(record.offset, record.length):
            entry.write(piece)


def _line(one: Holding, offset: int) -> bytes:
    fields: CdxLine = msgspec.structs.replace(one.fields, offset=str(offset))
    return f"{one.urlkey} {one.timestamp} ".encode() + msgspec.json.encode(fields) + b"\n"


def _batch_key(date: str, notes: Notes) -> str:
    known = notes.provenance
    return f"{batch_prefix(known.site, known.run, date)}/articles.jsonl"


def _page(date: str, one: Holding, notes: Notes | None, article: _Told | None) -> PageEntry:
    announced = notes.provenance.announcement if notes else None
    title = (article and article.title) or (announced and announced.title) or one.fields.url
    return PageEntry(
        id=hashlib.sha256(f"{date} {one.fields.url}".encode()).hexdigest()[:32],
        url=one.fields.url,
        ts=date,
        title=title,
        published_at=(article and article.published_at) or (announced and announced.published_at) or None,
        text=article.text if article else None,
    )


def _moment(timestamp: str) -> datetime:
    return datetime.strptime(timestamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
