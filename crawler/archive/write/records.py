"""WARC/1.1 records of exchanges, serialised here so that not a byte of the wire is touched (ISO 28500:2017).

Promises: one gzip member per record; blocks are what crossed the wire; bodies that are compressed already are not
deflated again (they lie in stored blocks); a payload digest is given only where the body is not transfer-coded, since
there the standard and every checker agree on it; nothing is held in memory beyond a piece of the block.
Refuses nothing about HTTP: what cannot be read as a response is recorded as it came.
"""

from __future__ import annotations

__all__ = [
    "RENDERED_TYPE",
    "NewId",
    "Record",
    "asks_if_changed",
    "dns_record",
    "exchange_records",
    "member",
    "new_record_id",
    "rendering_records",
    "warcinfo_record",
]

import hashlib
import os
import re
import struct
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import NamedTuple

from isal import igzip_lib, isal_zlib

from crawler.archive.capture_metadata import notes_block, rendering_notes, target_uri
from crawler.archive.record_values import base32, media_type
from crawler.clock import iso_utc, timestamp14
from crawler.http.blocks import Block, MemoryBlock
from crawler.http.head import ResponseHead
from crawler.model.capture import Capture, Provenance
from crawler.model.exchange import Exchange
from crawler.model.rendered import RenderedPage

NewId = Callable[[], str]
"""Makes a WARC-Record-ID, angle brackets included; tests hand in their own."""

_HTTP_RESPONSE = "application/http;msgtype=response"
_HTTP_REQUEST = "application/http;msgtype=request"
_FIELDS = "application/warc-fields"
RENDERED_TYPE = "text/html; charset=utf-8"
_CONFORMS_TO = "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"
_REVISIT = "http://netpreserve.org/warc/1.1/revisit/"

_GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"  # deflate, no name, no time, unknown system (RFC 1952)
_STORED_MAX = 0xFFFF
_STORED_HEAD = struct.Struct("<BHH")
_GZIP_TAIL = struct.Struct("<II")
_IN_MEMORY = 1 << 20
_LEVEL = 2
"""Of isal: the size of zlib's level 6 on pages, in a fifteenth of its time."""

_CONDITION = re.compile(rb"^if-(?:none-match|modified-since):", re.IGNORECASE | re.MULTILINE)

_VARIANT = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}

_PACKED = ("audio/", "video/", "font/woff", "application/zip", "application/gzip", "application/x-gzip")


class Record(NamedTuple):
    """A record ready to be written."""

    type: str
    id: str
    head: bytes
    """From ``WARC/1.1`` to the empty line, both included."""
    block: Block
    packed: bool
    """The block is compressed already: store it, do not deflate it."""


def new_record_id() -> str:
    """Return a fresh WARC-Record-ID (WARC 1.1 section 5.2)."""
    text = os.urandom(16).hex()  # version 4, variant 1 (RFC 9562); benchmarks/record_ids.py tells what it saves
    return f"<urn:uuid:{text[:8]}-{text[8:12]}-4{text[13:16]}-{_VARIANT[text[16]]}{text[17:20]}-{text[20:]}>"


def member(record: Record) -> Iterator[bytes]:
    """Yield the gzip member that holds `record`, in pieces."""
    if record.packed:
        yield from _stored(record)
    elif record.block.size <= _IN_MEMORY:
        whole = b"".join((record.head, record.block.read(), b"\r\n\r\n"))
        yield igzip_lib.compress(whole, _LEVEL, igzip_lib.COMP_GZIP)
    else:
        packer = isal_zlib.compressobj(_LEVEL, isal_zlib.DEFLATED, 31)
        yield packer.compress(record.head)
        for piece in record.block.chunks(_IN_MEMORY):
            yield packer.compress(piece)
        yield packer.compress(b"\r\n\r\n") + packer.flush()


def warcinfo_record(name: str, at: datetime, fields: list[tuple[str, str]], *, new_id: NewId) -> Record:
    """Return the record that opens the file `name` (WARC 1.1 section 6.2).

    `fields` follow ``format`` and ``conformsTo``; those with an empty value are left out.
    """
    known = [("format", "WARC File Format 1.1"), ("conformsTo", _CONFORMS_TO), *fields]
    block = "".join(f"{key}: {_one_line(value)}\r\n" for key, value in known if value).encode()
    own = [("WARC-Type", "warcinfo"), ("WARC-Record-ID", new_id()), ("WARC-Date", iso_utc(at)), ("WARC-Filename", name)]
    return _record(own, MemoryBlock(block), _FIELDS)


def dns_record(host: str, address: str, at: datetime, *, warcinfo_id: str, new_id: NewId) -> Record:
    """Return the ``dns:`` resource that says which address was used for `host` (RFC 4501, RFC 4027).

    It is the address connected to, not the whole answer: no time to live is known.
    """
    kind = "AAAA" if ":" in address else "A"
    block = f"{timestamp14(at)}\n{host}.\tIN\t{kind}\t{address}\n".encode()
    own = [
        ("WARC-Type", "resource"),
        ("WARC-Record-ID", new_id()),
        ("WARC-Date", iso_utc(at)),
        ("WARC-Target-URI", f"dns:{host}"),
        ("WARC-Warcinfo-ID", warcinfo_id),
    ]
    return _record(own, MemoryBlock(block), "text/dns")


def exchange_records(
    exchange: Exchange, provenance: Provenance, *, warcinfo_id: str, new_id: NewId, revisit_of: Capture | None = None
) -> list[Record]:
    """Return the records of one exchange in the order in which they are written.

    Response (or revisit), request, metadata; without the first if nothing came back. A 304 that was asked for becomes a
    revisit with the profile server-not-modified. With `revisit_of`, a whole response whose payload has the same SHA-256
    becomes one with the profile identical-payload-digest; a response that differs from it is written in full (WARC 1.1
    section 6.7).
    """
    common = [
        ("WARC-Date", iso_utc(exchange.captured_at)),
        ("WARC-Target-URI", target_uri(exchange.url)),
        ("WARC-Warcinfo-ID", warcinfo_id),
    ]
    wire = [("WARC-IP-Address", exchange.ip_address)] if exchange.ip_address else []
    wire += [("WARC-Protocol", protocol) for protocol in exchange.protocols]
    if exchange.cipher_suite:
        wire.append(("WARC-Cipher-Suite", exchange.cipher_suite))
    records = []
    concurrent: list[tuple[str, str]] = []
    if exchange.response.size:
        records.append(_answer(exchange, common + wire, new_id(), revisit_of))
        concurrent = [("WARC-Concurrent-To", records[0].id)]
    own = [("WARC-Type", "request"), ("WARC-Record-ID", new_id()), *common, *wire, *concurrent]
    records.append(_record(own, MemoryBlock(exchange.request), _HTTP_REQUEST))
    own = [("WARC-Type", "metadata"), ("WARC-Record-ID", new_id()), *common]
    own.append(("WARC-Concurrent-To", records[0].id))
    records.append(
        _record(own, MemoryBlock(notes_block(exchange, provenance, *payload_digests(exchange, revisit_of))), _FIELDS)
    )
    return records


def rendering_records(
    page: RenderedPage, provenance: Provenance, *, warcinfo_id: str, new_id: NewId
) -> tuple[list[Record], str, str]:
    """Return the records of a rendered page, and SHA-1 (Base32) and SHA-256 (hex) of its document.

    A conversion is "an alternative version of another record's content" (WARC 1.1 section 6.8), and unlike a resource
    it may say of which (section 5.7: WARC-Refers-To). Its metadata record says how it was made.
    """
    common = [
        ("WARC-Date", iso_utc(page.rendered_at)),
        ("WARC-Target-URI", target_uri(page.capture.url)),
        ("WARC-Warcinfo-ID", warcinfo_id),
    ]
    sha1 = base32(hashlib.sha1(page.html, usedforsecurity=False).digest())
    sha256 = hashlib.sha256(page.html).hexdigest()
    own = [("WARC-Type", "conversion"), ("WARC-Record-ID", new_id()), *common, ("WARC-Refers-To", page.rendering.of)]
    made = _record(own, MemoryBlock(page.html), RENDERED_TYPE)
    own = [("WARC-Type", "metadata"), ("WARC-Record-ID", new_id()), *common, ("WARC-Concurrent-To", made.id)]
    notes = _record(own, MemoryBlock(rendering_notes(page, provenance, sha1, sha256)), _FIELDS)
    return [made, notes], sha1, sha256


def is_revisit(exchange: Exchange, revisit_of: Capture | None) -> str | None:
    """Return the revisit profile's name under which `exchange` is recorded, None for a response in full."""
    if exchange.head is None or not exchange.response.size:
        return None
    if exchange.head.status == 304:
        return "server-not-modified" if asks_if_changed(exchange.request) else None
    if revisit_of is None or exchange.truncated or exchange.payload_sha256.hex() != revisit_of.payload_sha256:
        return None
    return "identical-payload-digest"


def asks_if_changed(request: bytes) -> bool:
    """Tell whether a request asked for the page only if it has changed: else a 304 answers nothing that was asked."""
    return _CONDITION.search(request) is not None


def payload_digests(exchange: Exchange, revisit_of: Capture | None) -> tuple[str, str]:
    """Return SHA-1 (Base32) and SHA-256 (hex) of the payload; of a 304 the original's, where it is known."""
    if revisit_of is not None and is_revisit(exchange, revisit_of):
        return revisit_of.payload_sha1, revisit_of.payload_sha256
    return base32(exchange.payload_sha1), exchange.payload_sha256.hex()


def _answer(exchange: Exchange, common: list[tuple[str, str]], record_id: str, revisit_of: Capture | None) -> Record:
    """Return the response or revisit record."""
    profile = is_revisit(exchange, revisit_of)
    head = exchange.head
    own = [("WARC-Type", "revisit" if profile else "response"), ("WARC-Record-ID", record_id), *common]
    block = exchange.response
    if profile and revisit_of is not None:
        own += _refers_to(revisit_of)
    if profile:
        own.append(("WARC-Profile", _REVISIT + profile))
    if profile == "identical-payload-digest" and head is not None:
        block = MemoryBlock(block.read(head.size))
        own.append(("WARC-Truncated", "length"))
    elif exchange.truncated:
        own.append(("WARC-Truncated", exchange.truncated))
    if head is not None and profile is None and _plain(exchange, head):
        own.append(("WARC-Payload-Digest", f"sha1:{base32(exchange.payload_sha1)}"))
    return _record(own, block, _HTTP_RESPONSE, packed=profile is None and _packed(head))


def _refers_to(original: Capture) -> list[tuple[str, str]]:
    return [
        ("WARC-Refers-To", original.record_id),
        ("WARC-Refers-To-Target-URI", target_uri(original.url)),
        ("WARC-Refers-To-Date", iso_utc(original.captured_at)),
        ("WARC-Payload-Digest", f"sha1:{original.payload_sha1}"),
    ]


def _plain(exchange: Exchange, head: ResponseHead) -> bool:
    """Tell whether all that follows the head is the entity, and every reader finds the head's end at the same byte."""
    if head.chunked or head.size + exchange.payload_size != exchange.response.size:
        return False
    raw = exchange.response.read(head.size)
    return raw.endswith(b"\r\n\r\n") and raw.count(b"\n") == raw.count(b"\r\n")


def _packed(head: ResponseHead | None) -> bool:
    """Tell whether deflating the body again would only cost time."""
    if head is None:
        return False
    coding = (head.get(b"content-encoding") or b"").strip().lower()
    if coding and coding != b"identity":
        return True
    kind = media_type(head)
    return kind.startswith(_PACKED) or (kind.startswith("image/") and "svg" not in kind and "bmp" not in kind)


def _record(own: list[tuple[str, str]], block: Block, content_type: str, *, packed: bool = False) -> Record:
    """Return the record with the fields every record has; the block digest costs one pass over the block."""
    digest = hashlib.sha1(usedforsecurity=False)
    for piece in block.chunks(_IN_MEMORY):
        digest.update(piece)
    lines = [f"{key}: {value}\r\n" for key, value in own]
    head = (
        f"WARC/1.1\r\n{''.join(lines)}WARC-Block-Digest: sha1:{base32(digest.digest())}\r\n"
        f"Content-Type: {content_type}\r\nContent-Length: {block.size}\r\n\r\n"
    )
    return Record(own[0][1], own[1][1], head.encode("utf-8"), block, packed)


def _stored(record: Record) -> Iterator[bytes]:
    """Yield a gzip member of stored blocks (RFC 1951 section 3.2.4)."""
    crc = isal_zlib.crc32(record.head)
    size = len(record.head) + record.block.size + 4
    yield _GZIP_HEAD
    for start in range(0, len(record.head), _STORED_MAX):
        piece = record.head[start : start + _STORED_MAX]
        yield _stored_head(len(piece), final=False) + piece
    for piece in record.block.chunks(_STORED_MAX):
        crc = isal_zlib.crc32(piece, crc)
        yield _stored_head(len(piece), final=False)
        yield piece
    crc = isal_zlib.crc32(b"\r\n\r\n", crc)
    yield _stored_head(4, final=True) + b"\r\n\r\n" + _GZIP_TAIL.pack(crc, size & 0xFFFFFFFF)


def _stored_head(length: int, *, final: bool) -> bytes:
    return _STORED_HEAD.pack(final, length, length ^ _STORED_MAX)


def _one_line(value: str) -> str:
    return " ".join(value.split())
