"""What a store holds, told by its indexes: its WARC files, the captures in them, and any stretch of their bytes.

Reads only what is asked for: an index is a few hundred bytes a capture, and a capture's records are fetched by offset.
The records that belong to a capture lie between its own offset and that of the next one in the same file.
"""

from __future__ import annotations

__all__ = [
    "Holding",
    "StoredWarc",
    "Stretch",
    "fetch",
    "holdings",
    "lonely_indexes",
    "read_index",
    "stored_warcs",
    "survey",
]

import tempfile
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import datetime
from operator import itemgetter
from typing import BinaryIO, NamedTuple, cast

import msgspec

from crawler.archive.folders import WARCS
from crawler.archive.read.cdxj import CdxLine, index_warc, parse_line
from crawler.archive.read.records import Fault, RawRecord, walk
from crawler.archive.store import Store
from crawler.errors import BadArchive

_SUFFIX = ".warc.gz"
_SPAN = 4 << 20
_GAP = 64 << 10
_IN_MEMORY = 4 << 20
_PIECE = 1 << 20


class StoredWarc(NamedTuple):
    """One WARC of the store."""

    key: str
    size: int
    """Bytes."""
    index_key: str | None
    """None: no index lies beside it."""

    @property
    def name(self) -> str:
        """The file's name without folder; names sort by the moment the file was begun."""
        return self.key.rpartition("/")[2]


class Holding(NamedTuple):
    """One capture as the index has it."""

    warc: StoredWarc
    urlkey: str
    timestamp: str
    """14 digits."""
    fields: CdxLine
    offset: int
    length: int
    """Of its own record."""
    end: int
    """Where the next capture of the file begins, or the file ends: its request and metadata lie before."""

    @property
    def is_cut(self) -> bool:
        """The file ends before its own record does."""
        return self.offset + self.length > self.warc.size

    @property
    def is_revisit(self) -> bool:
        """Its payload is that of an earlier capture."""
        return self.fields.mime == "warc/revisit"


class Stretch:
    """Some bytes of a stored WARC, fetched; a context manager, for they may lie on disk."""

    def __init__(self, content: BinaryIO, warc: StoredWarc, start: int) -> None:
        self._content = content
        self._warc = warc
        self._start = start

    def records(self) -> list[RawRecord]:
        """Return the records in it, with their offsets in the file; a block of more than 1 MiB is left empty.

        Raises BadArchive for what cannot be read.
        """
        found, faults = self.survey()
        if faults:
            raise BadArchive(str(faults[0]), next_step="`warraq verify` tells more")
        return found

    def survey(self) -> tuple[list[RawRecord], list[Fault]]:
        """Return the same, and what cannot be read."""
        self._content.seek(0)
        found, faults = [], []
        for item in walk(self._content, name=self._warc.name, max_block=0):
            offset = self._start + item.offset
            if isinstance(item, RawRecord):
                found.append(item.at(offset))
            else:
                faults.append(Fault(file=self._warc.key, offset=offset, what=item.what))
        return found, faults

    def walk(self) -> Iterator[RawRecord | Fault]:
        """Yield the records in it whole, with their offsets in the file, and what cannot be read."""
        self._content.seek(0)
        for item in walk(self._content, name=self._warc.name):
            offset = self._start + item.offset
            if isinstance(item, RawRecord):
                yield item.at(offset)
            else:
                yield Fault(file=self._warc.key, offset=offset, what=item.what)

    def pieces(self, offset: int, length: int) -> Iterator[bytes]:
        """Yield the bytes of the file from `offset` on, as they lie there."""
        self._content.seek(offset - self._start)
        while length and (piece := self._content.read(min(length, _PIECE))):
            length -= len(piece)
            yield piece

    def __enter__(self) -> Stretch:
        return self

    def __exit__(self, *_: object) -> None:
        self._content.close()


def stored_warcs(store: Store, prefix: str = WARCS) -> list[StoredWarc]:
    """Return the WARC files of `store`, in the order in which they were begun. Raises StoreError."""
    sizes = {stored.key: stored.size for stored in store.list(prefix)}
    found = []
    for key, size in sizes.items():
        if key.endswith(_SUFFIX):
            index = f"{key.removesuffix(_SUFFIX)}.cdxj"
            found.append(StoredWarc(key, size, index if index in sizes else None))
    return sorted(found, key=lambda warc: (warc.name, warc.key))


def lonely_indexes(store: Store, prefix: str = WARCS) -> list[str]:
    """Return the keys of indexes whose WARC is not there. Raises StoreError."""
    keys = {stored.key for stored in store.list(prefix)}
    return sorted(k for k in keys if k.endswith(".cdxj") and f"{k.removesuffix('.cdxj')}{_SUFFIX}" not in keys)


def holdings(store: Store, warc: StoredWarc) -> list[Holding]:
    """Return the captures of `warc` in the order of the file; without an index beside it, the file itself is read.

    Raises StoreError, BadArchive if the index is none.
    """
    found, faults = survey(store, warc)
    if faults and warc.index_key is not None:
        raise BadArchive(f"{warc.index_key}: {faults[0].what}", next_step="`warraq verify` tells more")
    return found


def survey(store: Store, warc: StoredWarc) -> tuple[list[Holding], list[Fault]]:
    """Return the captures of `warc` in the order of the file, and the index lines that are none.

    Without an index beside it: what of the file itself cannot be read. Raises StoreError.
    """
    index, faults = _index(store, warc)
    lines = []
    position = 0
    for line in index.splitlines(keepends=True):
        try:
            lines.append(_addressed(line))
        except BadArchive as error:
            faults.append(Fault(file=warc.index_key or warc.key, offset=position, what=error.what))
        position += len(line)
    lines.sort(key=itemgetter(0))
    starts = [*(line[0] for line in lines), warc.size]
    found = []
    for place, (offset, length, urlkey, timestamp, fields) in enumerate(lines, 1):
        end = starts[place]
        if end < offset + length and place < len(lines):  # a wrong one lies within
            end = starts[bisect_left(starts, offset + length, place, len(lines))]
        found.append(Holding(warc, urlkey, timestamp, fields, offset, length, min(end, warc.size)))
    return found, faults


def read_index(store: Store, warc: StoredWarc) -> bytes:
    """Return the CDXJ of `warc`, made from the file if none lies beside it."""
    return _index(store, warc)[0]


def _index(store: Store, warc: StoredWarc) -> tuple[bytes, list[Fault]]:
    if warc.index_key is not None:
        return store.get(warc.index_key), []
    with store.open(warc.key) as stream:
        index, faults = index_warc(stream, name=warc.name)
    return index, [msgspec.structs.replace(fault, file=warc.key) for fault in faults]


def _addressed(line: bytes) -> tuple[int, int, str, str, CdxLine]:
    """Return what an index line says, offset and length first. Raises BadArchive."""
    urlkey, timestamp, fields = parse_line(line)
    _check_moment(timestamp)
    offset, length = fields.offset, fields.length
    if not (offset.isascii() and offset.isdigit() and length.isascii() and length.isdigit()):
        raise BadArchive(f"not an address: {offset}, {length}")
    return int(offset), int(length), urlkey, timestamp, fields


def _check_moment(timestamp: str) -> None:
    """Raise BadArchive if it is no moment in 14 digits."""
    try:
        datetime.fromisoformat(f"{timestamp[:8]}T{timestamp[8:]}")
    except ValueError as error:
        raise BadArchive(f"not a timestamp: {timestamp!r}") from error
    if len(timestamp) != 14 or not timestamp.isdigit():
        raise BadArchive(f"not a timestamp: {timestamp!r}")


def fetch(
    store: Store, warc: StoredWarc, ranges: Sequence[tuple[int, int]]
) -> Iterator[tuple[Stretch, list[tuple[int, int]]]]:
    """Yield stretches that together hold `ranges` (start, end; sorted), each with the ranges that lie in it.

    Neighbours are fetched together, small gaps included: a request costs more than a few pages. Use each stretch
    before the next one is asked for.
    """
    together: list[tuple[int, int]] = []
    for start, end in ranges:
        if together and (start - together[-1][1] > _GAP or end - together[0][0] > _SPAN):
            yield from _fetch_one(store, warc, together)
            together = []
        together.append((start, end))
    if together:
        yield from _fetch_one(store, warc, together)


def _fetch_one(
    store: Store, warc: StoredWarc, ranges: list[tuple[int, int]]
) -> Iterator[tuple[Stretch, list[tuple[int, int]]]]:
    start, end = ranges[0][0], max(end for _, end in ranges)
    content = cast("BinaryIO", tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY, prefix="warraq-"))  # noqa: SIM115 - the stretch closes it
    with Stretch(content, warc, start) as stretch:
        with store.open(warc.key, offset=start, length=end - start) as stream:
            while piece := stream.read(_PIECE):
                content.write(piece)
        if content.tell() != end - start:
            raise BadArchive(
                f"{store.url}: {warc.key} ends before byte {end}, to which its index leads",
                next_step="`warraq verify` tells more",
            )
        yield stretch, ranges
