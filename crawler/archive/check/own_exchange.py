"""One exchange as this program writes it, checked in one go: a response, its request, its metadata, each just what is
due.

Nearly all that a store holds is that. Taking each record's fields apart and holding them against each other costs four
times as much as comparing the bytes that say the same in all three. Whatever differs in anything is left to
`crawler.archive.check.verify` and `crawler.archive.check.groups`, which tell what is wrong with it, if anything is.
"""

from __future__ import annotations

__all__ = ["OwnExchange", "begins_exchange", "own_exchange"]

import hashlib
import re
from datetime import datetime
from typing import NamedTuple

from crawler.archive.capture_metadata import Notes, read_notes
from crawler.archive.check.groups import asks_for
from crawler.archive.read.captures import checked_uri
from crawler.archive.read.records import RawRecord
from crawler.archive.record_values import is_base32
from crawler.errors import BadArchive
from crawler.http.blocks import MemoryBlock
from crawler.http.body import plain_body
from crawler.model.capture import Capture, Provenance

_RESPONSE = b"WARC/1.1\r\nWARC-Type: response\r\nWARC-Record-ID: "
_REQUEST = b"WARC/1.1\r\nWARC-Type: request\r\nWARC-Record-ID: "
_METADATA = b"WARC/1.1\r\nWARC-Type: metadata\r\nWARC-Record-ID: "
_ID = rb"(<urn:uuid:[0-9a-f-]{36}>)\r\n"
_FIRST = re.compile(
    _RESPONSE + _ID + rb"(WARC-Date: (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)\r\nWARC-Target-URI: ([\x21-\x7e]+)\r\n"
    rb"WARC-Warcinfo-ID: (<[^\r\n]+>)\r\n)"
    rb"((?:WARC-IP-Address: [0-9a-fA-F.:]+\r\n)?(?:WARC-Protocol: [^\s]+\r\n)*(?:WARC-Cipher-Suite: [^\s]+\r\n)?)"
    rb"(?:WARC-Payload-Digest: (sha1:[A-Z2-7]{32})\r\n)?WARC-Block-Digest: (sha1:[A-Z2-7]{32})\r\n"
    rb"Content-Type: application/http;msgtype=response\r\nContent-Length: \d+"
)
_MEDIA_TYPE = re.compile(rb"\r\ncontent-type: *([a-z0-9!#$%&'*+.^_`|~-]+/[a-z0-9!#$%&'*+.^_`|~-]+)(?=[ ;\r])")
_LATER = re.compile(_ID, re.ASCII)
_DIGEST = b"WARC-Block-Digest: "
_DIGEST_SIZE = len(b"sha1:") + 32
_NOTES_LIMIT = 1 << 22


class OwnExchange(NamedTuple):
    """What was found sound: a capture, as `crawler.archive.read.captures.CaptureFacts` has them."""

    capture: Capture
    provenance: Provenance
    ids: tuple[str, str, str]
    """Of its records."""
    digests: int
    """How many were checked."""
    original: None = None


def begins_exchange(record: RawRecord) -> bool:
    """Tell whether `own_exchange` is worth asking about what begins with `record`."""
    return record.head.startswith(_RESPONSE)


def own_exchange(
    response: RawRecord, request: RawRecord, metadata: RawRecord, *, warcinfo: str, name: str
) -> OwnExchange | None:
    """Return the capture that the three make up if they are as `exchange_records` writes them and all digests are
    right.

    `warcinfo` is the record id of the warcinfo of the file `name`. None: look closer.
    """
    said = _FIRST.fullmatch(response.head)
    if said is None:
        return None
    record_id, page, date, uri, origin, wire, payload, digest = said.groups()
    concurrent = b"WARC-Concurrent-To: " + record_id + b"\r\n"
    ids = (
        record_id.decode(),
        _id_of(request, _REQUEST, page + wire + concurrent, b"application/http;msgtype=request"),
        _id_of(metadata, _METADATA, page + concurrent, b"application/warc-fields"),
    )
    block = response.block
    notes = read_notes(metadata.block.read(_NOTES_LIMIT))
    if origin.decode() != warcinfo or not ids[1] or not ids[2] or notes is None or notes.error or notes.headless:
        return None
    content = block.read() if isinstance(block, MemoryBlock) else b""
    body = plain_body(content)
    answer = _answer(content[: len(content) - len(body)].lower()) if body is not None else None
    if body is None or answer is None or not _has_digests(content, body, digest, notes):
        return None
    if not asks_for(request.block.read(), uri.decode()):
        return None
    if payload is not None and payload[5:].decode() != notes.payload_sha1:
        return None
    capture = _capture(response, uri, date, answer, notes, record_id=ids[0], name=name)
    return OwnExchange(capture, notes.provenance, ids, 4 + (payload is not None)) if capture is not None else None


def _capture(
    response: RawRecord, uri: bytes, date: bytes, answer: tuple[int, str], notes: Notes, *, record_id: str, name: str
) -> Capture | None:
    """Return the capture; None if its address or its moment is none."""
    try:
        url, captured_at = checked_uri(uri.decode()), datetime.fromisoformat(date.decode())
    except (BadArchive, ValueError):
        return None
    return Capture(
        url=url,
        captured_at=captured_at,
        kind="response",
        warc=name,
        offset=response.offset,
        length=response.length,
        record_id=record_id,
        status=answer[0],
        mime=answer[1],
        payload_sha1=notes.payload_sha1,
        payload_sha256=notes.payload_sha256,
    )


def _has_digests(content: bytes, body: memoryview, digest: bytes, notes: Notes) -> bool:
    """Tell whether a block has its declared `digest`, and the `body` in it those that are noted."""
    return (
        is_base32(digest, hashlib.sha1(content, usedforsecurity=False).digest())
        and is_base32(b"sha1:" + notes.payload_sha1.encode(), hashlib.sha1(body, usedforsecurity=False).digest())
        and notes.payload_sha256 == hashlib.sha256(body).hexdigest()
    )


def _answer(head: bytes) -> tuple[int, str] | None:
    """Return status and media type as a plain head, in lower case, says them; None: let `read_head` read it."""
    declared = head.find(b"\r\ncontent-type")
    if declared < 0:
        return int(head[9:12]), "unk"
    media = _MEDIA_TYPE.match(head, declared)
    return None if media is None else (int(head[9:12]), media[1].decode())


def _id_of(record: RawRecord, begin: bytes, fields: bytes, media: bytes) -> str:
    """Return the id of a record whose head is `begin`, an id, `fields` and what all have, if its digest is right; else
    empty.
    """
    head, block = record.head, record.block
    said = _LATER.match(head, len(begin))
    if said is None or not head.startswith(begin) or not isinstance(block, MemoryBlock):
        return ""
    rest = said.end()
    digest = rest + len(fields) + len(_DIGEST)
    if not head.startswith(fields + _DIGEST, rest):
        return ""
    content = block.read()
    due = b"\r\nContent-Type: %s\r\nContent-Length: %d" % (media, len(content))
    if head[digest + _DIGEST_SIZE :] != due:
        return ""
    declared = head[digest : digest + _DIGEST_SIZE]
    return said[1].decode() if is_base32(declared, hashlib.sha1(content, usedforsecurity=False).digest()) else ""
