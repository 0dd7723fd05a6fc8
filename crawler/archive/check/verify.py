"""Fixity: whether an archive still is what it says it is. Structure, block and payload digests, index against file.

Every fault is named with its file and offset and the check goes on after it. A payload digest is accepted over the
stored bytes of the body or over the entity without its chunked coding: programs differ, the standard means the latter.
"""

from __future__ import annotations

__all__ = ["Report", "WarcCheck", "Watch", "checked_index", "verify_store", "verify_warc"]

import hashlib
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, Protocol, cast

import msgspec

from crawler.archive.capture_metadata import Notes, read_notes
from crawler.archive.check.declared_digests import is_usual, matches, matches_digest
from crawler.archive.check.groups import Groups
from crawler.archive.check.index_lines import index_faults
from crawler.archive.check.own_exchange import begins_exchange, own_exchange
from crawler.archive.check.references import References
from crawler.archive.folders import WARCS
from crawler.archive.read.captures import ArchivedCapture, CaptureFacts, is_http, named_capture, pair_records, warcs_in
from crawler.archive.read.cdxj import format_line
from crawler.archive.read.hashed import HashedStream
from crawler.archive.read.records import Fault, RawRecord, walk_whole
from crawler.archive.record_values import is_base32
from crawler.archive.store import Store
from crawler.archive.takedowns import digests_after, is_or_became
from crawler.archive.write.ship import object_key
from crawler.archive.write.spool_folder import SEALED
from crawler.errors import BadArchive
from crawler.http.blocks import Block, MemoryBlock
from crawler.http.body import entity, entity_digests, plain_body
from crawler.http.head import stored_head
from crawler.model.capture import Capture

_NOTES_LIMIT = 1 << 22
_EXCHANGE = ("response", "request", "metadata")
_OF_PAGES = ("response", "revisit", "resource", "conversion")
_MANDATORY = ("warc-record-id", "warc-type", "warc-date")


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What was found in one file."""

    name: str
    size: int = 0
    """Bytes."""
    sha256: str = ""
    """Hex, of the file as read: what receipts and manifests have; empty if it was not."""
    records: int = 0
    captures: int = 0
    """Responses and revisits."""
    digests: int = 0
    """Digests that were checked."""
    faults: tuple[Fault, ...] = ()
    types: dict[str, int] = {}
    """How many records of each WARC-Type."""
    key: str = ""
    """Of the file in a store."""

    @property
    def is_sound(self) -> bool:
        """Nothing was found wrong."""
        return not self.faults


class Watch(Protocol):
    """Whoever holds the captures of one file against what is known of them elsewhere."""

    def see(self, item: CaptureFacts) -> None:
        """Take note of a capture."""

    def see_unanswered(self, request: RawRecord) -> None:
        """Take note of a request that has no response."""

    def end(self) -> Iterable[Fault]:
        """Return what is wrong, the file being over."""


def verify_warc(
    source: Path | BinaryIO,
    *,
    name: str = "",
    cdxj: bytes | None = None,
    watch: Watch | None = None,
    in_place: bool = False,
) -> Report:
    """Read `source` through and report; with `cdxj`, also compare that index with it, line by line.

    `watch` is told of each capture; `in_place`: see `Groups`. Raises BadArchive only if the file cannot be opened.
    """
    name = name or (source.name if isinstance(source, Path) else "stream")
    try:
        stream = source.open("rb", buffering=0) if isinstance(source, Path) else source
    except OSError as error:
        raise BadArchive(f"{source}: {error.strerror}", next_step="check the path") from error
    with stream:
        measured = HashedStream(stream)
        check = WarcCheck(name, watch=watch, in_place=in_place)
        check.run(walk_whole(cast("BinaryIO", measured), name=name), index=cdxj is not None or watch is not None)
        measured.drain()
    if cdxj is not None:
        check.compare(cdxj)
    if watch is not None:
        check.faults += watch.end()
    return Report(
        name=name,
        size=measured.size,
        sha256=measured.digest.hexdigest(),
        records=check.records,
        captures=check.captures,
        digests=check.digests,
        faults=tuple(check.faults),
        types=dict(check.types),
    )


def checked_index(source: Path | BinaryIO, *, name: str) -> tuple[bytes, list[Fault]]:
    """Return the index of any WARC or ARC file, made from its content, and all that is wrong with the file.

    What a damaged record gives is in the index all the same: it is there to be looked at. Raises BadArchive if the
    file cannot be opened.
    """
    lines: list[bytes] = []
    faults: list[Fault] = []
    for part in warcs_in(source, name=name):
        if isinstance(part, Fault):
            faults.append(part)
            continue
        check = WarcCheck(part.name)
        for item in pair_records(check.watched(walk_whole(part.stream, name=part.name)), name=part.name):
            check.remember(item)
            if isinstance(item, ArchivedCapture):
                lines.append(format_line(item.capture))
        faults += check.faults
    return b"".join(sorted(lines)), faults


def verify_store(
    store: Store,
    *,
    prefix: str = WARCS,
    sample: float = 1.0,
    seed: int = 0,
    receipts: Mapping[str, str] | None = None,
    watch: Callable[[str], Watch | None] = lambda _: None,
) -> Iterator[Report]:
    """Yield a report on each WARC under `prefix`, with its index; of a fraction `sample` of them, chosen by `seed`.

    A WARC without an index, an index without a WARC, and what is neither are faults; of all of them (no sample) also
    a revisit whose original is not there. `receipts` maps keys to the SHA-256 (hex) of what was shipped, WARC files and
    indexes: each must be there, and be that. If none of them is there they are of another store, and say nothing.
    `watch` gives who looks at the captures of the WARC with that key. Raises StoreError.
    """
    for name in store.leftovers():
        yield _absent(name, 0, "a writer that died left it; the next crawl or start of the daemon removes it")
    sizes = {stored.key: stored.size for stored in store.list(prefix)}
    receipts = receipts if receipts and not sizes.keys().isdisjoint(receipts) else {}
    for key in sorted(receipts.keys() - sizes.keys()):
        yield _absent(key, 0, "it was shipped, and is not there")
    chosen = random.Random(seed)  # noqa: S311 - a sample, not a secret
    references = References() if sample >= 1.0 else None
    keys: dict[str, str] = {}
    rewritten = digests_after(store)
    for key, size in sizes.items():
        stem = key.removesuffix(".cdxj") if key.endswith(".cdxj") else key.removesuffix(".warc.gz")
        if key.endswith(".cdxj") and f"{stem}.warc.gz" not in sizes:
            yield _absent(key, size, "an index whose WARC is not there")
        elif stem == key:
            yield _absent(key, size, "neither a WARC nor an index of ours")
        if not key.endswith(".warc.gz") or chosen.random() >= sample:
            continue
        report = _verify_stored(
            store, key, f"{stem}.cdxj" in sizes, receipts, rewritten, _Watches(references, watch(key))
        )
        keys[report.name] = key
        yield report
    for fault in references.missing() if references is not None else ():
        yield _absent(keys.get(fault.file, fault.file), fault.offset, fault.what)


def _verify_stored(
    store: Store,
    key: str,
    has_index: bool,
    receipts: Mapping[str, str],
    rewritten: Mapping[tuple[str, str], str],
    watch: Watch,
) -> Report:
    """Return the report on one WARC of a store, and on the index beside it."""
    name, index_key = key.rpartition("/")[2], f"{key.removesuffix('.warc.gz')}.cdxj"
    index = store.get(index_key) if has_index else None
    with store.open(key) as stream:
        report = verify_warc(stream, name=name, cdxj=index, watch=watch, in_place=True)
    faults = list(report.faults)
    if index is None:
        faults.append(Fault(file=key, what="no index lies beside it"))
    elif receipts.get(index_key) and not is_or_became(
        rewritten, index_key, receipts[index_key], digest := hashlib.sha256(index).hexdigest()
    ):
        what = f"it is not the index that was shipped, which has SHA-256 {receipts[index_key]}, but {digest}"
        faults.append(Fault(file=index_key, what=what))
    if not is_or_became(rewritten, key, receipts.get(key, report.sha256), report.sha256):
        what = f"it is not what was shipped, which has SHA-256 {receipts[key]}"
        faults.append(Fault(file=key, what=what))
    if SEALED.fullmatch(name) and object_key(name) != key:
        faults.append(Fault(file=key, what=f"a file of that name belongs under {object_key(name)}"))
    return msgspec.structs.replace(report, faults=tuple(faults), key=key)


class _Watches:
    """References of a whole store, and whoever else looks at one of its files."""

    def __init__(self, references: References | None, other: Watch | None) -> None:
        self._references = references
        self._other = other

    def see(self, item: CaptureFacts) -> None:
        if self._references is not None:
            self._references.see(item)
        if self._other is not None:
            self._other.see(item)

    def see_unanswered(self, request: RawRecord) -> None:
        if self._other is not None:
            self._other.see_unanswered(request)

    def end(self) -> Iterable[Fault]:
        return self._other.end() if self._other is not None else ()


def _absent(key: str, size: int, what: str) -> Report:
    """Return the report on an object that cannot be read as a WARC."""
    fault = Fault(file=key, what=what)
    return Report(name=key, size=size, faults=(fault,))


class WarcCheck:
    """The check of one file, record by record; for whoever reads it anyway."""

    def __init__(self, name: str, *, watch: Watch | None = None, in_place: bool = False) -> None:
        self.name = name
        self.types: Counter[str] = Counter()
        """How many records of each type."""
        self.captures = 0
        """Responses and revisits over HTTP."""
        self.digests = 0
        self.faults: list[Fault] = []
        self._indexed: dict[int, Capture] = {}
        """What an index of the file has, by offset."""
        self._ids: set[str] = set()
        self._groups = Groups(name, self._fault, in_place=in_place)
        self._watch = watch
        self._last: tuple[str, str] = ("", "")
        """Record id and entity SHA-256 of the last response."""

    def run(self, items: Iterator[RawRecord | Fault], *, index: bool) -> None:
        """Check all records of the file; with `index`, remember its captures for `compare`."""
        rest = self.watched(self._without_usual(items, index=index))
        if index:
            for item in pair_records(rest, name=self.name):
                self.remember(item)
        else:
            for _ in rest:
                pass

    def watched(self, items: Iterator[RawRecord | Fault]) -> Iterator[RawRecord | Fault]:
        """Yield `items` as they are, each checked before."""
        for item in items:
            self._take(item)
            yield item

    def _without_usual(self, items: Iterator[RawRecord | Fault], *, index: bool) -> Iterator[RawRecord | Fault]:
        """Yield `items` but for exchanges of ours in which everything is as it is due: those are taken note of here."""
        for item in items:
            if isinstance(item, Fault) or not self._groups.warcinfo or not begins_exchange(item):
                yield item
                continue
            request, metadata = next(items, None), next(items, None)
            if not self._take_usual(item, request, metadata, index=index):
                yield item
                yield from (one for one in (request, metadata) if one is not None)

    def _take_usual(
        self, response: RawRecord, request: RawRecord | Fault | None, metadata: RawRecord | Fault | None, *, index: bool
    ) -> bool:
        """Take note of an exchange if everything in it is as it is due; tell whether it is."""
        if not isinstance(request, RawRecord) or not isinstance(metadata, RawRecord):
            return False
        found = own_exchange(response, request, metadata, warcinfo=self._groups.warcinfo, name=self.name)
        if found is None:
            return False
        if not self._ids.isdisjoint(found.ids) or len({*found.ids}) < len(found.ids):
            return False
        self._ids.update(found.ids)
        for kind in _EXCHANGE:
            self.types[kind] += 1
        self.captures += 1
        self.digests += found.digests
        self._last = (found.ids[0], found.capture.payload_sha256)
        self._groups.take_whole(response)
        if index:
            self._see(found)
        return True

    @property
    def records(self) -> int:
        """How many there are."""
        return self.types.total()

    def remember(self, item: ArchivedCapture | Fault) -> None:
        """Take note of a capture that the file's records make up, or of one that they do not."""
        if isinstance(item, ArchivedCapture):
            self._see(item)
        elif item not in self.faults:
            self.faults.append(item)

    def compare(self, cdxj: bytes) -> None:
        """Hold an index against the file: sorted, a line for each capture, each line what indexing the record gives.

        Lines of other programs may say less and write digests in their own way. Faults name the line by its byte.
        """
        self.faults += index_faults(self.name, cdxj, self._indexed)

    def _see(self, item: CaptureFacts) -> None:
        self._indexed[item.capture.offset] = item.capture
        if self._watch is not None:
            self._watch.see(item)

    def _take(self, item: RawRecord | Fault) -> None:
        if isinstance(item, Fault):
            self.faults.append(item)
            self._groups.tear()
            return
        self.types[item.type] += 1
        if item.complaint:
            self._fault(item.offset, item.complaint)
        self._check_head(item)
        self._check_digest(item, "warc-block-digest", item.block)
        kind = item.type
        notes = None
        if kind in _OF_PAGES and is_http(item):
            self._check_name(item)
        if kind in ("response", "revisit"):
            self._check_response(item)
        elif kind == "metadata":
            notes = read_notes(item.block.read(_NOTES_LIMIT))
            if notes is not None:
                self._check_notes(item, notes)
        elif kind == "request" and self._watch is not None and "warc-concurrent-to" not in item.headers:
            self._watch.see_unanswered(item)
        self._groups.take(item, notes)

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

    def _check_name(self, record: RawRecord) -> None:
        if not record.headers.get("warc-date"):
            return  # told where the head is looked at
        try:
            named_capture(record)
        except BadArchive as error:
            self._fault(record.offset, error.what)

    def _check_response(self, record: RawRecord) -> None:
        if not is_http(record):
            return
        self.captures += 1
        if record.type == "revisit":
            self._last = (record.headers.get("warc-record-id", ""), "")
            return
        body = plain_body(record.block.read()) if isinstance(record.block, MemoryBlock) else None
        if body is not None:
            sha1, sha256 = hashlib.sha1(body, usedforsecurity=False).digest(), hashlib.sha256(body).hexdigest()
        else:
            sha1, digest = entity_digests(record.block, stored_head(record.block))
            sha256 = digest.hex()
        declared = record.headers.get("warc-payload-digest", "")
        if declared and "warc-segment-number" not in record.headers:
            self.digests += 1
            if not is_base32(declared.encode(), sha1) and not self._has_payload(record, declared):
                self._fault(record.offset, f"the payload does not have its digest {declared}")
        self._last = (record.headers.get("warc-record-id", ""), sha256)

    def _has_payload(self, record: RawRecord, declared: str) -> bool:
        """Tell whether `declared` is the digest of the stored body or of its entity."""
        head = stored_head(record.block)
        if matches(declared, record.block, head.size if head else 0):
            return True
        return head is not None and matches_digest(declared, entity(record.block, head))

    def _check_notes(self, record: RawRecord, notes: Notes) -> None:
        record_id, sha256 = self._last
        if sha256 and record.headers.get("warc-concurrent-to") == record_id:
            self.digests += 1
            if notes.error is None and notes.payload_sha256 != sha256:  # where a broken body ends is anyone's guess
                self._fault(record.offset, "the payload beside it does not have the SHA-256 noted here")

    def _check_digest(self, record: RawRecord, field: str, block: Block) -> None:
        declared = record.headers.get(field)
        if declared is None or block.size < record.declared:
            return
        self.digests += 1
        if not (is_usual(declared, block) or matches(declared, block)):
            self._fault(record.offset, f"the block does not have its digest {declared}")

    def _fault(self, offset: int, what: str) -> None:
        self.faults.append(Fault(file=self.name, offset=offset, what=what))
