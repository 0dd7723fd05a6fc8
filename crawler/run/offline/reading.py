"""The captures of one archive file that are wanted: through its index where there is one, else by reading it all.

With an index only the byte ranges of what may be wanted are fetched. An index is believed only where it leads to what
it says: one that is damaged, or of another file, is told and the file is read as if there were none.

An index names no sites. Of a file of Warraq's, which its warcinfo tells, the metadata record behind each capture says
for whom it was fetched; it is read without the body before it. Of any other file a capture's site follows from its URL.
"""

from __future__ import annotations

__all__ = [
    "BadIndex",
    "WantedCaptures",
    "captures_of",
    "days_in",
    "is_read_by_index",
    "pages_in",
    "read_source",
]

from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from crawler.archive.capture_metadata import Notes
from crawler.archive.read.captures import (
    Admits,
    ArchivedCapture,
    LeftOut,
    chosen_captures,
    read_captures,
    warcs_in,
)
from crawler.archive.read.catalogue import Holding, StoredWarc, fetch, read_index, survey
from crawler.archive.read.cdxj import parse_line, url_key
from crawler.archive.read.records import Fault, RawRecord, walk, walk_whole
from crawler.archive.read.selection import admits_holding, beside, line_admitted, notes_of
from crawler.archive.store import Store
from crawler.clock import timestamp14
from crawler.errors import BadArchive, StoreError
from crawler.model.capture import Provenance
from crawler.model.selection import Selection
from crawler.run.offline.sources import Source

_HEAD = 1 << 16
"""Of a file, in which its warcinfo lies."""
_WORTH_IT = 0.5
"""Share of a file beyond which reading all of it is no slower than fetching ranges of it."""
_SOME = 500
"""Lines of an index that are looked at, all over it, to know what share of the file is wanted."""


class BadIndex(Exception):  # noqa: N818 - control flow between these modules, never seen outside
    """The index does not lead to what it says."""


class PageHead(NamedTuple):
    """A capture as an index has it."""

    urlkey: str
    timestamp: str
    """14 digits."""
    warc: str
    """Name of the file, which may lie in a package with others."""
    offset: int


RecordPlace = tuple[str, int]
"""Name of a WARC file, and where in it a record begins."""


class WantedCaptures(NamedTuple):
    """Which captures of a file are wanted."""

    selection: Selection
    places: frozenset[RecordPlace] | None = None
    """Of their records, where that has been decided (one capture of each page); None: all that meet the conditions."""
    site_of: Callable[[str], str] | None = None
    """Name of the site in whose scope a URL lies: that of a capture of which nothing else is known."""

    def admits(self, url: str, captured_at: datetime, status: int, mime: str) -> bool:
        """Tell whether a capture meets the conditions that its heads can tell of."""
        return self.selection.admits_capture(url, captured_at, status, mime)

    def admits_site(self, url: str, known: Provenance | None) -> bool:
        """Tell whether a capture of `url` is of the sites and runs asked for; `known`: how Warraq came to it."""
        selection = self.selection
        if not selection.sites and not selection.runs:
            return True
        site = known.site if known is not None else self.site_of(url) if self.site_of is not None else None
        return selection.admits_site(site, known.run if known is not None else None)

    def left_out(self, item: ArchivedCapture) -> bool:
        """Tell whether another capture of its page was chosen."""
        return self.places is not None and (item.capture.warc, item.capture.offset) not in self.places


def read_source(source: Source) -> Iterator[ArchivedCapture | Fault]:
    """Yield the captures of one archive file, and what in it cannot be read. Raises BadArchive, StoreError."""
    store = source.store
    if store is None:
        yield from read_captures(Path(source.place), name=source.name)
        return
    with store.open(source.place) as stream:
        yield from read_captures(stream, name=source.name)


def captures_of(
    source: Source, wanted: WantedCaptures, *, by_index: bool = True
) -> Iterator[ArchivedCapture | LeftOut | Fault]:
    """Yield the captures of `source` that are `wanted`, a `LeftOut` for others that were met, and what cannot be read.

    `by_index`: its index, if there is one, may tell where they lie. Raises BadIndex, BadArchive, StoreError.
    """
    held = _asked(source, wanted) if by_index else None
    if held is None:
        yield from _scanned(source, wanted.admits)
    else:
        yield from _fetched(*held, wanted.admits)


def is_read_by_index(source: Source, wanted: WantedCaptures) -> bool:
    """Tell whether only ranges of `source` will be fetched, as far as some lines of its index tell: what is decided by
    that is how the file is cut, not what is read of it. Raises BadArchive, StoreError.
    """
    selection = wanted.selection
    place = source.held() if _may_go_by_index(source, selection) else None
    if place is None:
        return False
    store, warc = place
    lines = read_index(store, warc).splitlines()
    asked = total = 0
    for line in lines[:: len(lines) // _SOME + 1]:
        _, _, fields = parse_line(line)
        offset, length = (int(one) if one.isdecimal() else 0 for one in (fields.offset, fields.length))
        total += length
        chosen = wanted.places is None or (warc.name, offset) in wanted.places
        if chosen and line_admitted(selection, line) and (selection.runs or wanted.admits_site(fields.url, None)):
            asked += length
    return total > 0 and asked <= _WORTH_IT * total


def pages_in(source: Source, wanted: WantedCaptures) -> Iterator[PageHead]:
    """Yield the responses of `source` that meet the conditions an index can tell of, of the sites and runs asked for.

    Raises BadArchive, StoreError.
    """
    surveyed = _surveyed(source)
    if surveyed is not None:
        store, warc, held = surveyed
        responses = [one for one in held if not one.is_revisit and admits_holding(wanted.selection, one)]
        for one in _of_sites(store, warc, held, responses, wanted):
            yield PageHead(one.urlkey, one.timestamp, one.warc.name, one.offset)
        return
    for item in _scanned(source, wanted.admits):
        if isinstance(item, ArchivedCapture) and item.capture.kind != "revisit":
            capture = item.capture
            if wanted.admits_site(capture.url, item.provenance):
                yield PageHead(url_key(capture.url), timestamp14(capture.captured_at), capture.warc, capture.offset)


def days_in(source: Source, selection: Selection) -> frozenset[str] | None:
    """Return the days (``2026-11-23``) of the captures of `source` that may be wanted, as its index has them; None:
    there is none to go by.

    What is damaged, or cannot be had, is none.
    """
    try:
        place = source.held() if not source.name.endswith(".wacz") else None
        if place is None:
            return None
        store, warc = place
        since, until = (timestamp14(one) if one else None for one in (selection.since, selection.until))
        moments = {line.split(b" ", 2)[1][:8].decode("ascii") for line in store.get(warc.index_key or "").splitlines()}
    except (BadArchive, StoreError, IndexError, UnicodeDecodeError):
        return None
    if not moments or not all(len(one) == 8 and one.isdigit() for one in moments):
        return None
    wanted = (one for one in moments if (since is None or one >= since[:8]) and (until is None or one <= until[:8]))
    return frozenset(f"{one[:4]}-{one[4:6]}-{one[6:]}" for one in wanted)


def _scanned(source: Source, admits: Admits) -> Iterator[ArchivedCapture | LeftOut | Fault]:
    store = source.store
    with store.open(source.place) if store is not None else nullcontext(Path(source.place)) as content:
        for part in warcs_in(content, name=source.name):
            if isinstance(part, Fault):
                yield part
            else:
                yield from chosen_captures(walk_whole(part.stream, name=part.name), name=part.name, admits=admits)


def _surveyed(source: Source) -> tuple[Store, StoredWarc, list[Holding]] | None:
    """Return what the index of `source` has; None: there is none that can be used. One without a line tells nothing: it
    may have been cut off.
    """
    place = source.held()
    if place is None:
        return None
    store, warc = place
    held, faults = survey(store, warc)
    if faults or not held or any(one.is_cut for one in held) or any(one.fields.filename != source.name for one in held):
        return None
    return store, warc, held


def _asked(
    source: Source, wanted: WantedCaptures, *, worth: float = _WORTH_IT
) -> tuple[Store, StoredWarc, Sequence[Holding], int] | None:
    """Return what is to be fetched by the index, and how many captures are not; None: the file is better read whole.

    `worth`: the share of it that may be fetched.
    """
    selection = wanted.selection
    if not _may_go_by_index(source, selection):
        return None
    surveyed = _surveyed(source)
    if surveyed is None:
        return None
    store, warc, held = surveyed
    asked = [
        one
        for one in held
        if admits_holding(selection, one) and (wanted.places is None or (warc.name, one.offset) in wanted.places)
    ]
    asked = list(_of_sites(store, warc, held, asked, wanted))
    if sum(one.end - one.offset for one in asked) > worth * warc.size:
        return None
    return store, warc, asked, len(held) - len(asked)


def _may_go_by_index(source: Source, selection: Selection) -> bool:
    """Tell whether an index can tell of what is asked for, and of such a file."""
    return (selection.by_index or bool(selection.sites or selection.runs)) and not source.name.endswith(".wacz")


def _of_sites(
    store: Store, warc: StoredWarc, held: Sequence[Holding], asked: Sequence[Holding], wanted: WantedCaptures
) -> Iterator[Holding]:
    """Yield those of `asked` that are of the sites and runs asked for, or may be: what cannot be read is looked at."""
    if not wanted.selection.sites and not wanted.selection.runs:
        yield from asked
    elif not _is_ours(store, warc, min((one.offset for one in held), default=0)):
        yield from (one for one in asked if wanted.admits_site(one.fields.url, None))
    else:
        left = iter(asked)
        for stretch, ranges in fetch(store, warc, [(one.offset + one.length, one.end) for one in asked]):
            for start, end in ranges:
                one = next(left)
                notes, is_whole = _notes_in(b"".join(stretch.pieces(start, end - start)))
                known = notes.provenance if notes is not None else None
                if not is_whole or wanted.admits_site(one.fields.url, known):
                    yield one


def _is_ours(store: Store, warc: StoredWarc, end: int) -> bool:
    """Tell whether a file of which the first capture begins at `end` is Warraq's; True if that cannot be told."""
    if not end:
        return False
    with store.open(warc.key, length=min(end, _HEAD)) as stream:
        first = next(walk(stream, name=warc.name, once=True, max_block=_HEAD), None)
    if not isinstance(first, RawRecord) or first.type != "warcinfo":
        return not isinstance(first, RawRecord)
    return b"\nsoftware: Warraq/" in b"\n" + first.block.read(_HEAD)


def _notes_in(behind: bytes) -> tuple[Notes | None, bool]:
    """Return what the metadata record among the records `behind` a capture keeps, and whether all could be read."""
    items = list(walk(BytesIO(behind), name="", max_block=_HEAD))
    records = [item for item in items if isinstance(item, RawRecord)]
    return notes_of(beside(records)), len(records) == len(items)


def _fetched(
    store: Store, warc: StoredWarc, asked: Sequence[Holding], others: int, admits: Admits
) -> Iterator[ArchivedCapture | LeftOut | Fault]:
    """Yield what is asked for from the ranges in which it lies."""
    for _ in range(others):
        yield LeftOut(-1)
    left = {one.offset: one for one in asked}
    try:
        for stretch, ranges in fetch(store, warc, [(one.offset, one.end) for one in asked]):
            for item in chosen_captures(stretch.walk(), name=warc.name, admits=admits):
                if isinstance(item, Fault):
                    if any(start <= item.offset < end for start, end in ranges):
                        yield item
                    continue
                offset, url = item if isinstance(item, LeftOut) else (item.capture.offset, item.capture.url)
                one = left.pop(offset, None)
                if one is not None and url != one.fields.url:
                    raise BadIndex(warc.index_key)
                if one is not None:
                    yield item
    except BadArchive as error:  # the file is shorter than its index says
        raise BadIndex(warc.index_key) from error
    if left:
        raise BadIndex(warc.index_key)
