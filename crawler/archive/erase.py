"""Records removed from WARC files for good, with an audit record of the same length in their place.

The file keeps its name and its length and every other record its place, so no index, no receipt of an article and no
revisit that leads elsewhere has to change. What was done is written beside the decision before the file is replaced,
and the lines of the index, by which a run that was interrupted finds what is left to do, go last: ended anywhere and
done again, it ends as if never ended.
"""

from __future__ import annotations

__all__ = ["ErasedArticle", "erase_articles", "erase_from"]

import hashlib
import tempfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import BinaryIO, NamedTuple
from uuid import UUID

import msgspec

from crawler.archive.articles import Batch, Document, LineReader, LineWriter, line_digest
from crawler.archive.capture_metadata import read_notes
from crawler.archive.read.catalogue import StoredWarc, stored_warcs
from crawler.archive.read.cdxj import CdxLine, parse_line
from crawler.archive.read.records import Fault, RawRecord, walk
from crawler.archive.record_values import base32
from crawler.archive.store import Store
from crawler.archive.takedowns import AUDIT_TYPE, Decision, ErasedRecord, Erasure
from crawler.errors import BadArchive
from crawler.model.article import ArticleHead
from crawler.model.takedown import NOTHING_TAKEN_DOWN, Takedown, TakenDown

_PIECE = 1 << 20
_BLOCK = 65_535
"""Bytes of a stored block of deflate at most (RFC 1951 section 3.2.4)."""
_FRAME = 18
"""Bytes of a gzip member around its blocks (RFC 1952)."""
_ANSWERS = ("response", "revisit", "resource", "conversion")
_DIGEST_AND_LENGTH = "WARC-Block-Digest: sha1:\r\nContent-Length: \r\n\r\n\r\n\r\n"


class _Range(NamedTuple):
    """Records side by side that are to go."""

    start: int
    end: int
    records: tuple[ErasedRecord, ...]
    warcinfo: str
    """Record id of the file's warcinfo; empty: it has none."""


def erase_from(store: Store, decision: Decision, on_file: Callable[[str], None] | None = None) -> Iterator[Erasure]:
    """Replace the records that `decision` covers in all WARC files of `store`; yield what was done to each file.

    With a response go its request and metadata, and the revisits that refer to it. Raises StoreError, BadArchive for a
    file that is not a gzip member a record.
    """
    covers = TakenDown((decision.takedown,))
    warcs = stored_warcs(store)
    indexes = {warc: store.get(warc.index_key) if warc.index_key else None for warc in warcs}
    digests = {
        fields.digest
        for index in indexes.values()
        for _, _, fields in _lines(index)
        if fields.digest and covers.covers(fields.url)
    }
    for warc, index in indexes.items():
        if decision.takedown.url is not None and index is not None and not _may_hold(index, covers, digests):
            continue
        if on_file is not None:
            on_file(warc.key)
        done = _erase_one(store, warc, index, decision, covers)
        if done is not None:
            yield done


class ErasedArticle(msgspec.Struct, frozen=True):
    """An article that is no longer there: what of it the state remembers it by."""

    batch: str
    """Prefix of its batch."""
    url: str
    captured_at: str


def erase_articles(store: Store, decision: Decision) -> tuple[list[ErasedArticle], list[Document]]:
    """Remove the articles that `decision` covers; return them and those of their batches that are left, with their
    places now.

    What is to go is written beside the decision first: called again, it returns what was removed before as well. Raises
    StoreError, BadArchive.
    """
    covers = TakenDown((decision.takedown,))
    reader = LineReader(store, withheld=NOTHING_TAKEN_DOWN)
    place = f"{decision.key.removesuffix('.json')}/articles.json"
    before = msgspec.json.decode(store.get(place), type=list[ErasedArticle]) if store.head(place) else []
    found = dict.fromkeys(before)
    for batch in reader.batches():
        for head in reader.read(batch, ArticleHead):
            if _is_covered(covers, head):
                found[ErasedArticle(batch.prefix, head.url, head.captured_at)] = None
    if list(found) != before:
        store.put(place, msgspec.json.encode(list(found)), overwrite=True)
    left: list[Document] = []
    for prefix in dict.fromkeys(one.batch for one in found):
        left += _without(store, Batch(prefix), covers, reader)
    return list(found), left


def _is_covered(covers: TakenDown, head: ArticleHead) -> Takedown | None:
    return covers.covers(head.url, head.site, others=(head.canonical_url,))


def _without(store: Store, batch: Batch, covers: TakenDown, reader: LineReader) -> list[Document]:
    """Write `batch` without what is covered, unless that was done; return what is left of it."""
    if store.head(batch.lines) is not None:
        lines = store.get(batch.lines).splitlines()
        kept = [line for line in lines if not _is_covered(covers, msgspec.json.decode(line, type=ArticleHead))]
        if kept and kept != lines:
            LineWriter(store).write(batch, kept)
        elif not kept:
            store.delete(batch.lines)
    digests = map(line_digest, store.get(batch.lines).splitlines() if store.head(batch.lines) is not None else ())
    left = [
        Document(batch.text(number, head.id), head, digest)
        for number, (head, digest) in enumerate(zip(reader.read(batch, ArticleHead), digests, strict=True))
    ]
    told = {batch.lines, *(document.key for document in left)}
    for stored in list(store.list(f"{batch.prefix}/")):
        if Batch.holding(stored.key) == batch and stored.key not in told:
            store.delete(stored.key)
    return left


def _lines(index: bytes | None) -> Iterator[tuple[str, str, CdxLine]]:
    for line in (index or b"").splitlines():
        try:
            yield parse_line(line)
        except BadArchive:
            continue


def _may_hold(index: bytes, covers: TakenDown, digests: set[str]) -> bool:
    """Tell whether a file may hold something that is covered, or a revisit that refers to it."""
    return any(
        covers.covers(fields.url) is not None or (fields.mime == "warc/revisit" and fields.digest in digests)
        for _, _, fields in _lines(index)
    )


def _erase_one(
    store: Store, warc: StoredWarc, index: bytes | None, decision: Decision, covers: TakenDown
) -> Erasure | None:
    ranges = _ranges(store, warc, covers)
    if not ranges:
        _finish_index(store, warc, index)
        return None
    left = _index_without(index, {record.offset for one in ranges for record in one.records}) if index else None
    with tempfile.NamedTemporaryFile(prefix="warraq-") as target:
        before, after = _rewrite(store, warc, ranges, decision, target)  # type: ignore[arg-type]  # a BinaryIO that has a name
        target.flush()
        erasure = Erasure(
            takedown=decision.key,
            key=warc.key,
            size=warc.size,
            before_sha256=before,
            after_sha256=after.hex(),
            index_key=warc.index_key,
            before_index_sha256=_digest(index),
            after_index_sha256=_digest(left),
            records=tuple(record for one in ranges for record in one.records),
        )
        place = f"{decision.key.removesuffix('.json')}/{warc.name}.json"
        store.put(place, msgspec.json.encode(erasure), overwrite=True)
        store.put(warc.key, Path(target.name), sha256=after, overwrite=True)
    if warc.index_key is not None and left is not None:
        store.put(warc.index_key, left, overwrite=True)
    return erasure


def _finish_index(store: Store, warc: StoredWarc, index: bytes | None) -> None:
    """Take out of the index what an interrupted run erased from the file and not from it."""
    if index is None or warc.index_key is None:
        return
    with store.open(warc.key) as stream:
        items = walk(stream, name=warc.name, max_block=0)
        gone = {one.offset for one in items if isinstance(one, RawRecord) and one.type not in _ANSWERS}
    left = _index_without(index, gone)
    if left != index:
        store.put(warc.index_key, left, overwrite=True)


def _index_without(index: bytes, gone: set[int]) -> bytes:
    """Return the lines of `index` that lead to none of the places `gone`."""
    kept = []
    for line in index.splitlines(keepends=True):
        try:
            offset = parse_line(line)[2].offset
        except BadArchive:
            offset = ""
        if not offset.isdigit() or int(offset) not in gone:
            kept.append(line)
    return b"".join(kept)


def _digest(content: bytes | None) -> str:
    return hashlib.sha256(content).hexdigest() if content is not None else ""


def _ranges(store: Store, warc: StoredWarc, covers: TakenDown) -> list[_Range]:
    """Return where the records lie that are to go. Raises BadArchive."""
    records: list[_Seen] = []
    with store.open(warc.key) as stream:
        for item in walk(stream, name=warc.name, max_block=0):
            if isinstance(item, Fault):
                raise BadArchive(
                    f"{store.url}: {warc.key}: {item}", next_step="`warraq verify` tells more; nothing of it was erased"
                )
            records.append(_Seen.of(item))
    gone = {one.id for one in records if one.type in _ANSWERS and _goes(one, covers)}
    gone |= {one.partner for one in records if one.site is not None and covers.covers("", one.site)}
    going = [one for one in records if one.id in gone or one.partner in gone or (one.url and covers.covers(one.url))]
    return _joined(store, warc, going)


class _Seen(NamedTuple):
    """A record, as far as it matters here."""

    record: ErasedRecord
    type: str
    id: str
    partner: str
    url: str
    refers_to: str
    site: str | None
    warcinfo: str

    @classmethod
    def of(cls, record: RawRecord) -> _Seen:
        headers = record.headers
        notes = read_notes(record.block.read()) if record.type == "metadata" else None
        told = ErasedRecord(
            type=record.type,
            id=headers.get("warc-record-id", ""),
            date=headers.get("warc-date", ""),
            offset=record.offset,
            length=record.length,
            digest=headers.get("warc-block-digest", ""),
        )
        return cls(
            told,
            told.type,
            told.id,
            headers.get("warc-concurrent-to", ""),
            headers.get("warc-target-uri", "").strip("<>"),
            headers.get("warc-refers-to-target-uri", "").strip("<>"),
            notes.provenance.site if notes is not None else None,
            headers.get("warc-warcinfo-id", ""),
        )


def _goes(one: _Seen, covers: TakenDown) -> bool:
    return covers.covers(one.url) is not None or (one.refers_to != "" and covers.covers(one.refers_to) is not None)


def _joined(store: Store, warc: StoredWarc, going: Sequence[_Seen]) -> list[_Range]:
    joined: list[_Range] = []
    for one in going:
        start, end = one.record.offset, one.record.offset + one.record.length
        if joined and joined[-1].end == start:
            last = joined.pop()
            joined.append(_Range(last.start, end, (*last.records, one.record), one.warcinfo))
        else:
            joined.append(_Range(start, end, (one.record,), one.warcinfo))
    for place in joined:
        with store.open(warc.key, offset=place.start, length=2) as stream:
            if stream.read(2) != b"\x1f\x8b":
                raise BadArchive(
                    f"{store.url}: {warc.key} is not a gzip member a record", next_step="erase from it by hand"
                )
    return joined


def _rewrite(
    store: Store, warc: StoredWarc, ranges: Sequence[_Range], decision: Decision, target: BinaryIO
) -> tuple[str, bytes]:
    """Write the file to `target` with audit records in the place of `ranges`; return the digests before and after."""
    before, after = hashlib.sha256(), hashlib.sha256()

    def write(piece: bytes) -> None:
        after.update(piece)
        target.write(piece)

    def pass_over(stream: BinaryIO, size: int, *, keep: bool) -> None:
        while size and (piece := stream.read(min(size, _PIECE))):
            size -= len(piece)
            before.update(piece)
            if keep:
                write(piece)

    at = 0
    with store.open(warc.key) as stream:
        for one in ranges:
            pass_over(stream, one.start - at, keep=True)
            pass_over(stream, one.end - one.start, keep=False)
            for piece in _audit_member(one, decision, warc.name):
                write(piece)
            at = one.end
        pass_over(stream, warc.size - at, keep=True)
    return before.hexdigest(), after.digest()


def _audit_member(one: _Range, decision: Decision, name: str) -> Iterator[bytes]:
    """Yield a gzip member, as long as what it stands for, with a record that says what was there. Raises BadArchive."""
    size = one.end - one.start
    blocks = -(-(size - _FRAME) // (_BLOCK + 5))
    content = _audit_record(one, decision, size - _FRAME - 5 * blocks)
    if content is None:
        raise BadArchive(f"{name}: at byte {one.start}: the record is too small to be replaced")
    yield b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
    for number in range(blocks):
        piece = content[number * _BLOCK : (number + 1) * _BLOCK]
        last = b"\x01" if number + 1 == blocks else b"\x00"
        length = len(piece).to_bytes(2, "little")
        yield last + length + bytes(byte ^ 0xFF for byte in length) + piece
    yield zlib.crc32(content).to_bytes(4, "little") + (len(content) & 0xFFFFFFFF).to_bytes(4, "little")


def _audit_record(one: _Range, decision: Decision, size: int) -> bytes | None:
    """Return a WARC record of `size` bytes that tells what it stands for, as far as there is room; None: there is
    none.
    """
    own = UUID(bytes=hashlib.sha256(f"{decision.key}{one}".encode()).digest()[:16], version=4)
    own_file = f"WARC-Warcinfo-ID: {one.warcinfo}\r\n" if one.warcinfo else ""
    told: dict[str, object] = {"erased": one.records, "takedown": decision.key, "at": decision.takedown.at}
    for left_out in ((), ("erased",), ("erased", "takedown", "at")):
        block = msgspec.json.encode({key: value for key, value in told.items() if key not in left_out})
        head = (
            f"WARC/1.1\r\nWARC-Type: metadata\r\nWARC-Record-ID: <urn:uuid:{own}>\r\nWARC-Date: "
            f"{decision.takedown.at}\r\n"
            f"{own_file}Content-Type: {AUDIT_TYPE}\r\n"
        )
        for digits, blank in product(range(1, 12), ("", " ")):
            length = size - len(head) - len(_DIGEST_AND_LENGTH) - 32 - digits - len(blank)
            if length >= len(block) and len(str(length)) == digits:
                padded = block + b" " * (length - len(block))
                digest = base32(hashlib.sha1(padded, usedforsecurity=False).digest())
                whole = f"{head}WARC-Block-Digest: sha1:{digest}\r\nContent-Length: {blank}{length}\r\n\r\n".encode()
                return whole + padded + b"\r\n\r\n"
    return None
