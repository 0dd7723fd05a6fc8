"""Captures out of any WARC, ARC or WACZ file, ours or not: what offline replay lives on.

Goes by content, not by suffix; continues after damage and says where it was (`Fault`). A response of Warraq's comes
with the notes its metadata record keeps; others' come without, and their digests are computed here.
"""

from __future__ import annotations

__all__ = [
    "Admits",
    "ArchivedCapture",
    "CaptureFacts",
    "LeftOut",
    "Original",
    "WarcPart",
    "checked_uri",
    "chosen_captures",
    "is_http",
    "is_package",
    "named_capture",
    "pair_records",
    "read_captures",
    "read_one",
    "response_at",
    "warcs_in",
]

import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol, cast
from urllib.parse import urlsplit

import msgspec

from crawler.archive.capture_metadata import Notes, read_notes
from crawler.archive.read.records import MAX_BLOCK_BYTES, Fault, RawRecord, walk
from crawler.archive.read.zip_entries import BAD_ZIP, EntryStream, open_entry, overlapping
from crawler.archive.record_values import base32, media_type
from crawler.errors import BadArchive
from crawler.http.blocks import Block, SpooledBlock
from crawler.http.body import entity_digests, entity_sha256
from crawler.http.head import ResponseHead, read_head, stored_head
from crawler.model.capture import Capture, Provenance

_HEX_SHA1 = re.compile("[0-9A-Fa-f]{40}")
_BASE32_SHA1 = re.compile("[A-Za-z2-7]{32}")
_USUAL_URI = re.compile(r"https?://[a-z0-9-]+(?:\.[a-z0-9-]+)+/")
_ZIP = b"PK\x03\x04"
_IN_PACKAGE = re.compile("archive/(?:.*/)?[^/]+$", re.DOTALL)
"""Where the WARC files of a WACZ lie (its specification, section 5)."""
_NOTES_LIMIT = 1 << 22
_BARE = ("resource", "conversion")
"""Records of pages without a head of HTTP."""
_REQUEST_LIMIT = 1 << 20
_DATE = re.compile(r"(\d{4})-?(\d\d)?-?(\d\d)?T?(\d\d)?:?(\d\d)?:?(\d\d)?(?:\.(\d{1,9}))?Z?")


class Original(msgspec.Struct, frozen=True, kw_only=True):
    """The capture whose payload a revisit shares, as far as the revisit names it."""

    record_id: str | None = None
    url: str | None = None
    captured_at: datetime | None = None


class ArchivedCapture(msgspec.Struct, frozen=True, kw_only=True):
    """One response (or revisit) record with what belongs to it."""

    capture: Capture
    response: Block
    """The HTTP response as on the wire; of an identical-payload revisit only its head."""
    head: ResponseHead | None
    """None if the block does not begin with one."""
    provenance: Provenance | None = None
    """None: not captured by Warraq."""
    notes: Notes | None = None
    request: bytes | None = None
    """Its first MiB; None if there is no request record beside it."""
    original: Original | None = None
    """Of a revisit."""
    truncated: str | None = None
    """WARC-Truncated, ``length`` also if the block was cut on reading."""

    @property
    def error(self) -> str | None:
        """Why the exchange was not whole, as our own notes have it; None for others' captures."""
        return self.notes.error if self.notes is not None else None


class CaptureFacts(Protocol):
    """What is known of a capture without its bytes; an `ArchivedCapture` is one."""

    @property
    def capture(self) -> Capture: ...
    @property
    def provenance(self) -> Provenance | None: ...
    @property
    def original(self) -> Original | None: ...


def read_captures(
    source: Path | BinaryIO, *, name: str = "", max_block: int = MAX_BLOCK_BYTES
) -> Iterator[ArchivedCapture | Fault]:
    """Yield the captures of `source` in the order of the file, and a Fault for each part that cannot be read.

    `name` is what captures say they lie in (default: the file's name). A WACZ is read as the WARCs in it, each under
    its own name. Blocks of more than 1 MiB wait on disk until they are dropped. Raises BadArchive if `source` cannot
    be opened or is no archive from its first byte on.
    """
    for part in warcs_in(source, name=name):
        if isinstance(part, Fault):
            yield part
        else:
            yield from pair_records(walk(part.stream, name=part.name, max_block=max_block), name=part.name)


class WarcPart(NamedTuple):
    """A WARC or ARC file, by itself or within a package; read it before asking for the next one."""

    name: str
    stream: BinaryIO


def warcs_in(source: Path | BinaryIO, *, name: str = "") -> Iterator[WarcPart | Fault]:
    """Yield the one file that `source` is, or those in the WACZ (or any zip of WARCs) that it is.

    What of a package cannot be read is a Fault with its entry's name: damaged, encrypted, packed by an odd method, or a
    package itself, which is not opened. Raises BadArchive if `source` cannot be opened.
    """
    with ExitStack() as stack:
        try:
            stream = stack.enter_context(source.open("rb", buffering=0)) if isinstance(source, Path) else source
        except OSError as error:
            raise BadArchive(f"{source}: {error.strerror}", next_step="check the path") from error
        name = name or (source.name if isinstance(source, Path) else "stream")
        if is_package(stream):
            yield from _in_package(stream, name)
        else:
            yield WarcPart(name, stream)


def is_package(stream: BinaryIO) -> bool:
    """Tell whether a zip begins where `stream` stands; it stands there still. One that cannot seek is taken for
    none.
    """
    if not stream.seekable():
        return False
    magic = stream.read(len(_ZIP))
    stream.seek(-len(magic), 1)
    return magic == _ZIP


class LeftOut(NamedTuple):
    """A capture that did not meet the conditions: nothing of it was looked at but its heads."""

    offset: int
    url: str = ""


Admits = Callable[[str, datetime, int, str], bool]
"""URL, moment, status, media type."""


def pair_records(records: Iterator[RawRecord | Fault], *, name: str) -> Iterator[ArchivedCapture | Fault]:
    """Yield the captures that `records` of one file (as `walk` yields them) make up."""
    for item in _Pairing(name).run(records):
        if not isinstance(item, LeftOut):
            yield item


def chosen_captures(
    records: Iterator[RawRecord | Fault], *, name: str, admits: Admits
) -> Iterator[ArchivedCapture | LeftOut | Fault]:
    """Yield the captures that `records` make up; of those which `admits` does not take, only that they are there."""
    yield from _Pairing(name, admits).run(records)


def read_one(source: Path | BinaryIO, offset: int, *, name: str = "") -> ArchivedCapture:
    """Return the capture whose record begins at byte `offset`, as CDXJ gives it, with its neighbours' notes.

    Raises BadArchive if there is none.
    """
    with ExitStack() as stack:
        stream = stack.enter_context(source.open("rb")) if isinstance(source, Path) else source
        name = name or (source.name if isinstance(source, Path) else "stream")
        for item in _Pairing(name).run(walk(stream, name=name, start=offset)):
            if isinstance(item, ArchivedCapture) and item.capture.offset == offset:
                return item
            break
    raise BadArchive(f"{name}: no capture begins at byte {offset}")


def response_at(stream: BinaryIO, offset: int, *, name: str) -> Block:
    """Return the block of the response record that begins at byte `offset` of the WARC in `stream`.

    Raises BadArchive if there is none.
    """
    found = next(walk(stream, name=name, start=offset, once=True), None)
    if isinstance(found, RawRecord) and found.type in ("response", *_BARE):
        return as_answer(found).block
    what = str(found) if isinstance(found, Fault) else f"{name}: no response begins at byte {offset}"
    raise BadArchive(what, next_step="`warraq verify` tells what else is damaged")


def _in_package(stream: BinaryIO, name: str) -> Iterator[WarcPart | Fault]:
    try:
        package = zipfile.ZipFile(stream)
    except BAD_ZIP as error:
        yield Fault(file=name, what=f"the zip file is damaged ({error})")
        return
    with package:
        entries = [entry for entry in package.infolist() if _IN_PACKAGE.match(entry.filename)]
        if not entries:
            yield Fault(file=name, what="the package holds no archive/ with WARC files")
        overlaps = overlapping(package)
        for entry in entries:
            inner = entry.filename.rpartition("/")[2]
            what = None
            try:
                if id(entry) in overlaps:
                    raise zipfile.BadZipFile("it lies where another entry does, and is not read again")
                with open_entry(package, entry) as member:
                    if cast("zipfile.ZipExtFile", member).peek(4)[:4] == _ZIP:  # seeking would end the check of its CRC
                        what = "a package within a package is not opened; unpack it first"
                    else:
                        content = EntryStream(member)
                        yield WarcPart(inner, cast("BinaryIO", content))
                        what = content.damage
            except BAD_ZIP as error:
                what = str(error)
            if what is not None:
                yield Fault(file=f"{name}/{entry.filename}", offset=max(entry.header_offset, 0), what=what)


class _Pairing:
    """Puts request and metadata records to the response they were made with; one response waits at a time."""

    def __init__(self, name: str, admits: Admits | None = None) -> None:
        self._name = name
        self._admits = admits
        self._waiting: RawRecord | None = None
        self._notes: Notes | None = None
        self._request: bytes | None = None
        self._early: RawRecord | None = None
        """A request that came before its response, as wget writes them."""

    def run(self, items: Iterator[RawRecord | Fault]) -> Iterator[ArchivedCapture | LeftOut | Fault]:
        for item in items:
            if isinstance(item, Fault):
                yield item
            elif item.type in ("response", "revisit", *_BARE):
                yield from self._flush()
                self._begin(as_answer(item))
            elif item.type == "request":
                self._add_request(item)
            elif item.type == "metadata" and self._belongs(item):
                self._notes = self._notes or read_notes(item.block.read(_NOTES_LIMIT))
        yield from self._flush()

    def _begin(self, record: RawRecord) -> None:
        self._waiting, self._notes, self._request = record, None, None
        early = self._early
        if early is not None and early.headers.get("warc-concurrent-to") == record.headers.get("warc-record-id"):
            self._request = early.block.read(_REQUEST_LIMIT)
        self._early = None

    def _add_request(self, record: RawRecord) -> None:
        if self._belongs(record):
            self._request = record.block.read(_REQUEST_LIMIT)
        else:
            self._early = record

    def _belongs(self, record: RawRecord) -> bool:
        waiting = self._waiting
        if waiting is None:
            return False
        partner = record.headers.get("warc-concurrent-to") or record.headers.get("warc-refers-to")
        return partner == waiting.headers.get("warc-record-id")

    def _flush(self) -> Iterator[ArchivedCapture | LeftOut | Fault]:
        record, self._waiting = self._waiting, None
        if record is None or not is_http(record):
            return
        try:
            yield _archived(record, self._notes, self._request, self._name, self._admits)
        except BadArchive as error:
            yield Fault(file=self._name, offset=record.offset, what=error.what)


def as_answer(record: RawRecord) -> RawRecord:
    """Return `record` with an HTTP response in it, as every reader wants one.

    A resource record of a web address (WARC 1.1 section 6.7) has content that no response was kept of, a conversion
    what was made of one (6.8): they get the least head that says what it is. Others are returned as they are.
    """
    if record.type not in _BARE or not is_http(record):
        return record
    media = record.headers.get("content-type", "") or "application/octet-stream"
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {media}\r\nContent-Length: {record.block.size}\r\n\r\n"
    block = SpooledBlock()
    block.write(head.encode("latin-1", "replace"))
    for piece in record.block.chunks():
        block.write(piece)
    return record.holding(block, record.declared + len(head))


def is_http(record: RawRecord) -> bool:
    """Tell whether the record is of a web address."""
    return record.headers.get("warc-target-uri", "").strip("<>").lower().startswith(("http:", "https:"))


def checked_uri(text: str) -> str:
    """Return the web address `text` if it has a host, and no port or one that is a port. Raises BadArchive."""
    url = text.strip("<>")
    if _USUAL_URI.match(url):
        return url
    try:
        parts = urlsplit(url)
        if parts.hostname and parts.port != 0:
            return url
    except ValueError:
        pass
    raise BadArchive(f"WARC-Target-URI {url!r} is no web address")


def named_capture(record: RawRecord) -> tuple[str, datetime]:
    """Return URL and moment of a record of a web address. Raises BadArchive if one of them cannot be."""
    return checked_uri(record.headers["warc-target-uri"]), _moment(record.headers.get("warc-date", ""))


def _archived(
    record: RawRecord, notes: Notes | None, request: bytes | None, name: str, admits: Admits | None
) -> ArchivedCapture | LeftOut:
    headers = record.headers
    head = _head(record, notes)
    url, captured_at = named_capture(record)
    status, mime = head.status if head else 0, media_type(head)
    if admits is not None and not admits(url, captured_at, status, mime):
        return LeftOut(record.offset, url)  # before its digests: they are most of the work
    revisit = record.type == "revisit"
    sha1, sha256 = (notes.payload_sha1, notes.payload_sha256) if notes else _digests(record, head)
    truncated = headers.get("warc-truncated")
    if revisit and truncated == "length":
        truncated = None  # the payload was left out on purpose
    if record.block.size < record.declared:
        truncated = "length"
    capture = Capture(
        url=url,
        captured_at=captured_at,
        kind="revisit" if revisit else "conversion" if record.type == "conversion" else "response",
        warc=name,
        offset=record.offset,
        length=record.length,
        record_id=headers.get("warc-record-id", ""),
        status=status,
        mime=mime,
        payload_sha1=sha1,
        payload_sha256=sha256,
        truncated=truncated,
    )
    return ArchivedCapture(
        capture=capture,
        response=record.block,
        head=head,
        provenance=notes.provenance if notes else None,
        notes=notes,
        request=request,
        original=_original(headers) if revisit else None,
        truncated=truncated,
    )


def _head(record: RawRecord, notes: Notes | None) -> ResponseHead | None:
    """Return the head: what we recorded is read as it was on the wire, what others did may have been changed since."""
    if notes is None:
        return stored_head(record.block)
    return None if notes.headless else read_head(record.block)


def _digests(record: RawRecord, head: ResponseHead | None) -> tuple[str, str]:
    """Return the entity's digests, the SHA-1 as the record has it: what its maker's revisits refer to it by.

    A revisit has only what it says itself.
    """
    noted = _noted_sha1(record.headers.get("warc-payload-digest", ""))
    if record.type == "revisit":
        return noted, ""
    if noted:
        return noted, entity_sha256(record.block, head).hex()
    sha1, sha256 = entity_digests(record.block, head)
    return base32(sha1), sha256.hex()


def _noted_sha1(digest: str) -> str:
    """Return the SHA-1 that `digest` is, in Base32; empty for one of another kind. Some programs write it in hex."""
    label, _, value = digest.partition(":")
    if label.strip().lower().replace("-", "") != "sha1":
        return ""
    if _HEX_SHA1.fullmatch(value.strip()):
        return base32(bytes.fromhex(value.strip()))
    return value.strip().upper() if _BASE32_SHA1.fullmatch(value.strip()) else ""


def _original(headers: dict[str, str]) -> Original:
    date = headers.get("warc-refers-to-date")
    uri = headers.get("warc-refers-to-target-uri")
    return Original(
        record_id=headers.get("warc-refers-to"),
        url=uri.strip("<>") if uri else None,
        captured_at=_moment_or_none(date),
    )


def _moment_or_none(text: str | None) -> datetime | None:
    with suppress(BadArchive):
        return _moment(text) if text else None
    return None


def _moment(text: str) -> datetime:
    """Return a WARC-Date of any precision (WARC 1.1 section 5.4), or an ARC date. Raises BadArchive."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        pass
    except OverflowError as error:  # the first or last hours of the calendar, moved out of it by their offset
        raise BadArchive(f"not a WARC-Date: {text!r} ({error})") from error
    match = _DATE.fullmatch(text)
    if match is None:
        raise BadArchive(f"not a WARC-Date: {text!r}")
    year, month, day, hour, minute, second, fraction = match.groups()
    try:
        return datetime(
            int(year), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0),
            59 if second == "60" else int(second or 0),  # a leap second, which `datetime` does not know
            int((fraction or "").ljust(6, "0")[:6]), tzinfo=UTC,
        )  # fmt: skip
    except ValueError as error:
        raise BadArchive(f"not a WARC-Date: {text!r}") from error
