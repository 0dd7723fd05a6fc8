"""Fixity: whether an archive still is what it says it is. Structure, block and payload digests, index against file.

Every fault is named with its file and offset and the check goes on after it. A payload digest is accepted over the
stored bytes of the body or over the entity without its chunked coding: programs differ, the standard means the latter.
"""

from __future__ import annotations

__all__ = ["Report", "verify_store", "verify_warc"]

import base64
import binascii
import hashlib
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

import msgspec

from crawler.archive.cdxj import parse_line
from crawler.archive.hashed import HashedStream
from crawler.archive.heads import entity, entity_digests, parse_head, plain_body
from crawler.archive.notes import read_notes
from crawler.archive.records import Fault, RawRecord, walk
from crawler.archive.store import Store
from crawler.archive.warc import base32
from crawler.errors import BadArchive
from crawler.model.exchange import Block, MemoryBlock

_NOTES_LIMIT = 1 << 22
_PIECE = 1 << 20
_BASE32 = {
    **dict.fromkeys(range(128), "!"),
    **{ord(c): "0123456789abcdefghijklmnopqrstuv"[n] for n, c in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")},
}
"""From the digits of Base32 to Python's of base 32."""
_MANDATORY = ("warc-record-id", "warc-type", "warc-date")


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What was found in one file."""

    name: str
    size: int
    """Bytes."""
    sha256: str
    """Hex, of the file as read: what receipts and manifests have."""
    records: int
    captures: int
    """Responses and revisits."""
    digests: int
    """Digests that were checked."""
    faults: tuple[Fault, ...] = ()

    @property
    def is_sound(self) -> bool:
        """Nothing was found wrong."""
        return not self.faults


def verify_warc(source: Path | BinaryIO, *, name: str = "", cdxj: bytes | None = None) -> Report:
    """Read `source` through and report; with `cdxj`, also compare that index with it, line by line.

    Raises BadArchive only if the file cannot be opened.
    """
    name = name or (source.name if isinstance(source, Path) else "stream")
    try:
        stream = source.open("rb", buffering=0) if isinstance(source, Path) else source
    except OSError as error:
        raise BadArchive(f"{source}: {error.strerror}", next_step="check the path") from error
    with stream:
        measured = HashedStream(stream)
        check = _Check(name)
        for item in walk(cast("BinaryIO", measured), name=name):
            check.take(item)
        measured.drain()
    if cdxj is not None:
        check.compare(cdxj)
    return Report(
        name=name,
        size=measured.size,
        sha256=measured.digest.hexdigest(),
        records=check.records,
        captures=len(check.captures),
        digests=check.digests,
        faults=tuple(check.faults),
    )


def verify_store(store: Store, *, prefix: str = "warc/", sample: float = 1.0, seed: int = 0) -> Iterator[Report]:
    """Yield a report on each WARC under `prefix`, with its index; of a fraction `sample` of them, chosen by `seed`.

    A WARC without an index and an index without a WARC are faults. Raises StoreError.
    """
    sizes = {stored.key: stored.size for stored in store.list(prefix)}
    chosen = random.Random(seed)  # noqa: S311 - a sample, not a secret
    for key, size in sizes.items():
        stem = key.removesuffix(".cdxj") if key.endswith(".cdxj") else key.removesuffix(".warc.gz")
        if key.endswith(".cdxj") and f"{stem}.warc.gz" not in sizes:
            fault = Fault(file=key, offset=0, what="an index whose WARC is not there")
            yield Report(name=key, size=size, sha256="", records=0, captures=0, digests=0, faults=(fault,))
        if not key.endswith(".warc.gz") or chosen.random() >= sample:
            continue
        index = store.get(f"{stem}.cdxj") if f"{stem}.cdxj" in sizes else None
        with store.open(key) as stream:
            report = verify_warc(stream, name=key.rpartition("/")[2], cdxj=index)
        if index is None:
            missing = Fault(file=key, offset=0, what="no index lies beside it")
            report = msgspec.structs.replace(report, faults=(*report.faults, missing))
        yield report


class _Check:
    """The state of one verification."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.records = 0
        self.digests = 0
        self.faults: list[Fault] = []
        self.captures: dict[int, tuple[str, str, bytes, str]] = {}
        """By offset: URL, length, SHA-1 and SHA-256 of the entity (empty: not known, a revisit)."""
        self._ids: set[str] = set()
        self._last: tuple[str, str] = ("", "")
        """Record id and entity SHA-256 of the last response."""

    def take(self, item: RawRecord | Fault) -> None:
        if isinstance(item, Fault):
            self.faults.append(item)
            return
        self.records += 1
        if item.complaint:
            self._fault(item.offset, item.complaint)
        self._check_head(item)
        self._check_digest(item, "warc-block-digest", item.block)
        kind = item.type
        if kind in ("response", "revisit"):
            self._check_response(item)
        elif kind == "metadata":
            self._check_notes(item)

    def compare(self, cdxj: bytes) -> None:
        """Check that the lines are sorted and that each names a capture, each capture a line."""
        lines = cdxj.splitlines(keepends=True)
        if lines != sorted(lines):
            self._fault(0, "the index is not sorted")
        left = dict(self.captures)
        for line in lines:
            try:
                _, _, fields = parse_line(line)
            except BadArchive as error:
                self._fault(0, error.what)
                continue
            offset = int(fields.offset) if fields.offset.isdigit() else -1
            url, length, sha1, sha256 = left.pop(offset, ("", "", b"", ""))
            if (url, length) != (fields.url, fields.length) or fields.filename != self.name:
                self._fault(offset, f"the index has a capture of {fields.url} here, the file has not")
            elif (sha1 and not _is_sha1(fields.digest, sha1)) or (sha256 and fields.sha256 not in (None, sha256)):
                self._fault(offset, f"the index has another digest for {fields.url}")
        for offset, (url, *_) in left.items():
            self._fault(offset, f"the index lacks the capture of {url}")

    def _check_head(self, record: RawRecord) -> None:
        headers = record.headers
        record_id = headers.get("warc-record-id", "")
        if record.version.startswith("ARC"):
            return
        if not (record_id and headers.get("warc-type") and headers.get("warc-date")):
            for field in _MANDATORY:
                if not headers.get(field):
                    self._fault(record.offset, f"the record has no {field}")
        if record_id in self._ids:
            self._fault(record.offset, f"a second record {record_id}")
        self._ids.add(record_id)

    def _check_response(self, record: RawRecord) -> None:
        url = record.headers.get("warc-target-uri", "").strip("<>")
        if not url.lower().startswith(("http:", "https:")):
            return
        if record.type == "revisit":
            self.captures[record.offset] = (url, str(record.length), b"", "")
            self._last = (record.headers.get("warc-record-id", ""), "")
            return
        body = plain_body(record.block.read()) if isinstance(record.block, MemoryBlock) else None
        if body is not None:
            sha1, sha256 = hashlib.sha1(body, usedforsecurity=False).digest(), hashlib.sha256(body).hexdigest()
        else:
            head = parse_head(record.block)
            sha1, digest = entity_digests(record.block, head)
            sha256 = digest.hex()
        declared = record.headers.get("warc-payload-digest", "")
        if declared and "warc-segment-number" not in record.headers:
            self.digests += 1
            if not _is_sha1(declared, sha1) and not self._has_payload(record, declared):
                self._fault(record.offset, f"the payload does not have its digest {declared}")
        self.captures[record.offset] = (url, str(record.length), sha1, sha256)
        self._last = (record.headers.get("warc-record-id", ""), sha256)

    def _has_payload(self, record: RawRecord, declared: str) -> bool:
        """Tell whether `declared` is the digest of the stored body or of its entity."""
        head = parse_head(record.block)
        if _matches(declared, record.block, head.size if head else 0):
            return True
        return head is not None and _matches_digest(declared, entity(record.block, head))

    def _check_notes(self, record: RawRecord) -> None:
        record_id, sha256 = self._last
        if sha256 and record.headers.get("warc-concurrent-to") == record_id:
            notes = read_notes(record.block.read(_NOTES_LIMIT))
            if notes is not None:
                self.digests += 1
                if notes.payload_sha256 != sha256 and notes.error is None:  # where a broken body ends is anyone's guess
                    self._fault(record.offset, "the payload beside it does not have the SHA-256 noted here")

    def _check_digest(self, record: RawRecord, field: str, block: Block) -> None:
        declared = record.headers.get(field)
        if declared is None or block.size < record.declared:
            return
        self.digests += 1
        if not (_is_usual(declared, block) or _matches(declared, block)):
            self._fault(record.offset, f"the block does not have its digest {declared}")

    def _fault(self, offset: int, what: str) -> None:
        self.faults.append(Fault(file=self.name, offset=offset, what=what))


def _is_usual(declared: str, block: Block) -> bool:
    """Tell whether `block` is in memory and `declared` its digest as nearly all programs write it."""
    if not isinstance(block, MemoryBlock):
        return False
    return _is_sha1(declared, hashlib.sha1(block.read(), usedforsecurity=False).digest())


def _is_sha1(declared: str, digest: bytes) -> bool:
    """Tell whether `declared` is `digest` (20 bytes) in Base32, without making the text: five times as fast."""
    if len(declared) != 37 or not declared.isascii() or not declared.startswith("sha1:"):
        return False
    try:
        return int(declared[5:].translate(_BASE32), 32) == int.from_bytes(digest, "big")
    except ValueError:
        return False


def _matches(declared: str, block: Block, skip: int = 0) -> bool:
    """Tell whether the bytes of `block` from `skip` on have the digest `declared`."""
    return _matches_digest(declared, _from(block.chunks(_PIECE), skip))


def _from(pieces: Iterator[bytes], skip: int) -> Iterator[bytes]:
    for piece in pieces:
        yield piece[skip:]
        skip = max(skip - len(piece), 0)


def _matches_digest(declared: str, pieces: Iterator[bytes]) -> bool:
    """Compare with a labelled digest in Base32, hex or Base64; one of an algorithm unknown here counts as matched."""
    label, _, value = declared.partition(":")
    algorithm = label.strip().lower().replace("-", "")
    if algorithm not in hashlib.algorithms_guaranteed or algorithm.startswith("shake"):
        return True
    digest: Any = hashlib.new(algorithm, usedforsecurity=False)
    for piece in pieces:
        digest.update(piece)
    if algorithm == "sha1" and value == base32(digest.digest()):
        return True
    return digest.digest() in set(_readings(value.strip()))


def _readings(value: str) -> Iterator[bytes]:
    """Yield the bytes that `value` may stand for; the encoding is not labelled (WARC 1.1 section 5.8)."""
    for decode in (
        lambda text: base64.b32decode(text + "=" * (-len(text) % 8), casefold=True),
        bytes.fromhex,
        lambda text: base64.urlsafe_b64decode(text.replace("+", "-").replace("/", "_") + "=" * (-len(text) % 4)),
    ):
        try:
            yield decode(value)
        except (ValueError, binascii.Error):
            continue
