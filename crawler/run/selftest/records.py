"""Corruptions of a record: bytes flipped in each part of it, and heads and blocks altered with all that proves them
made anew.
"""

from __future__ import annotations

__all__ = ["CORRUPTIONS"]

import hashlib
from base64 import b32encode
from collections.abc import Callable

from crawler.run.selftest.corruption import Archive, Corruption, Place, not_here

_KINDS = ("warcinfo", "resource", "response", "request", "metadata", "revisit")


def _flip_of(kind: str) -> Callable[[Archive], Place]:
    def plant(archive: Archive) -> Place:
        record = archive.record(kind)
        archive.flip(record.path, record.offset + record.length // 2)
        return archive.place(record)

    return plant


def _flip_at(at: int, *, whole: bool = False) -> Callable[[Archive], Place]:
    """Flip a byte of a response's member, counted from its end if negative; `whole`: only the file's digest knows."""

    def plant(archive: Archive) -> Place:
        record = archive.record("response")
        archive.flip(record.path, record.offset + (at if at >= 0 else record.length + at))
        return Place(record.path.name) if whole else archive.place(record)

    return plant


def _flip_in(part: bytes) -> Callable[[Archive], Place]:
    """Flip a byte of a response that lies as it is, not deflated, where `part` stands."""

    def plant(archive: Archive) -> Place:
        record = archive.record("response", packed=True)
        content = record.path.read_bytes()
        at = content.find(part, record.offset, record.offset + record.length)
        if at < 0:
            raise not_here(f"no {part!r} in a record that is not deflated")
        archive.flip(record.path, at + len(part) - 1)
        return archive.place(record)

    return plant


def _field(kind: str, old: bytes, new: bytes, has: str = "", *, sealed: bool = True) -> Callable[[Archive], Place]:
    """Alter a record's head or block and make its digest anew; it, or the record it belongs to, is to be named."""

    def plant(archive: Archive) -> Place:
        record = archive.record(kind, has)
        place = archive.change(record, old, new, sealed=sealed)
        first = next((r for r in archive.records(record.path) if r.number == record.number), None) if sealed else None
        after = (first.offset + first.length,) if first is not None else ()
        return Place(place.file, (*place.bytes, *after))

    return plant


def _length(more: int) -> Callable[[Archive], Place]:
    def plant(archive: Archive) -> Place:
        record = archive.record("response")
        size = len(record.block)
        return archive.change(record, b"Content-Length: %d" % size, b"Content-Length: %d" % (size + more), sealed=False)

    return plant


def _without_field(kind: str, name: str) -> Callable[[Archive], Place]:
    def plant(archive: Archive) -> Place:
        record = archive.record(kind)
        lines = [line for line in record.head.split(b"\r\n") if not line.startswith(f"{name}: ".encode())]
        return archive.rewrite(record, b"\r\n".join(lines), record.block)

    return plant


def _payload(*, all_digests: bool) -> Callable[[Archive], Place]:
    """Alter what a page says, its block digest made anew, and its payload digest too."""

    def plant(archive: Archive) -> Place:
        record = archive.record("response", "warc-payload-digest")
        http, _, body = record.block.partition(b"\r\n\r\n")
        forged = body.replace(b"a", b"e", 1)
        head = record.head
        if all_digests:
            head = _digest(head, forged)
        place = archive.rewrite(record, head, http + b"\r\n\r\n" + forged)
        notes = archive.partner(record, "metadata")
        return place if not all_digests else Place(place.file, (notes.offset,))

    return plant


def _digest(head: bytes, body: bytes) -> bytes:
    sha1 = b"sha1:" + b32encode(hashlib.sha1(body, usedforsecurity=False).digest())
    lines = head.split(b"\r\n")
    name = b"WARC-Payload-Digest: "
    return b"\r\n".join(name + sha1 if line.startswith(name) else line for line in lines)


def _charset(archive: Archive) -> Place:
    record = archive.record("response", "warc-payload-digest")
    http, _, body = record.block.partition(b"\r\n\r\n")
    again = body.decode("utf-8", "replace").encode("utf-16-le")
    archive.rewrite(record, _digest(record.head, again), http + b"\r\n\r\n" + again)
    return Place(record.path.name, (archive.partner(record, "metadata").offset, record.offset))


def _noted(old: bytes, new: bytes) -> Callable[[Archive], Place]:
    """Alter what a metadata record notes of a response."""

    def plant(archive: Archive) -> Place:
        response = archive.record("response", "warc-payload-digest")
        notes = archive.partner(response, "metadata")
        place = archive.change(notes, old, new)
        return Place(place.file, (*place.bytes, response.offset))

    return plant


def _swapped(archive: Archive) -> Place:
    """Give two responses each other's blocks."""
    for path in archive.warcs():
        found = [record for record in archive.records(path) if record.type == "response"]
        if len(found) > 1:
            first, second = found[:2]
            members = archive.members(path)
            members[first.number], members[second.number] = members[second.number], members[first.number]
            archive.put_members(path, members)
            return Place(path.name, (first.offset, archive.records(path)[first.number + 1].offset))
    raise not_here("no file with two responses")


def _of_another(archive: Archive) -> Place:
    """Let a revisit refer to another response, in all three fields that name one."""
    record = archive.record("revisit", "warc-refers-to")
    first = record.headers["warc-refers-to"]
    fields = {"Refers-To": "record-id", "Refers-To-Target-URI": "target-uri", "Refers-To-Date": "date"}
    for path in archive.warcs():
        for other in archive.records(path):
            if other.type == "response" and other.headers["warc-record-id"] != first:
                head = record.head
                for field, source in fields.items():
                    old, new = (
                        one.headers.get(f"warc-{name}", "") for one, name in ((record, field.lower()), (other, source))
                    )
                    head = head.replace(f"WARC-{field}: {old}".encode(), f"WARC-{field}: {new}".encode())
                return archive.rewrite(record, head, record.block)
    raise not_here("no other response")


_URI = b"WARC-Target-URI: http"
_ID = b"WARC-Record-ID: <urn:uuid:"

CORRUPTIONS = (
    *(
        Corruption(f"flipped {kind}", f"a bit in the middle of a {kind} record's member is flipped", _flip_of(kind))
        for kind in _KINDS
    ),
    Corruption("flipped magic", "a bit of a member's first byte is flipped", _flip_at(0)),
    Corruption("flipped method", "the method in a member's head is another", _flip_at(2)),
    Corruption("flipped flags", "the flags in a member's head are others", _flip_at(3)),
    Corruption("flipped time", "the moment in a member's head, which says nothing, is another", _flip_at(5,
    whole=True)),
    Corruption("flipped system", "the system in a member's head, which says nothing, is another", _flip_at(9,
    whole=True)),
    Corruption("flipped deflate", "the first byte of the deflated bytes is another", _flip_at(10)),
    Corruption("flipped check", "a byte of a member's CRC is another", _flip_at(-8)),
    Corruption("flipped size", "a byte of a member's length is another", _flip_at(-4)),
    Corruption("flipped version", "a byte of a stored record's version line is another", _flip_in(b"WARC/1.1")),
    Corruption("flipped field name", "a byte of a field's name is another", _flip_in(b"WARC-Target")),
    Corruption("flipped field", "a byte of a field's value is another", _flip_in(b"WARC-Target-URI: http://n")),
    Corruption("flipped status line", "a byte of the answer's status line is another", _flip_in(b"HTTP/1.1 2")),
    Corruption("flipped header", "a byte of the answer's header is another", _flip_in(b"Content-Encoding: g")),
    Corruption("flipped payload", "a byte of the answer's body is another", _flip_in(b"\r\n\r\n\x1f\x8b\x08\x00")),
    Corruption("altered address", "WARC-Target-URI is another, digests made anew", _field("response", _URI,
    _URI + b"s")),
    Corruption("altered moment", "WARC-Date is another", _field("response", b"WARC-Date: 20", b"WARC-Date: 19")),
    Corruption("odd moment", "WARC-Date is none", _field("response", b"WARC-Date: 20", b"WARC-Date: 2O")),
    Corruption("altered peer", "WARC-IP-Address is another", _field("response", b"Address: 1", b"Address: 2",
    "warc-ip-address")),
    Corruption("altered id", "WARC-Record-ID is another", _field("response", _ID, _ID + b"0")),
    Corruption("altered type", "a response calls itself a resource", _field("response", b"Type: response",
    b"Type: resource")),
    Corruption("altered origin", "WARC-Warcinfo-ID is another", _field("response", b"Warcinfo-ID: <urn:uuid:",
    b"Warcinfo-ID: <urn:uuid:0")),
    Corruption("altered record type", "the record's Content-Type is another", _field("response", b"msgtype=response",
    b"msgtype=request")),
    Corruption("altered version", "the record calls itself WARC/1.0", _field("response", b"WARC/1.1", b"WARC/1.0")),
    Corruption("altered payload digest", "WARC-Payload-Digest is another", _field("response",
    b"WARC-Payload-Digest: sha1:", b"WARC-Payload-Digest: sha1:A", "warc-payload-digest")),
    Corruption("altered block digest", "WARC-Block-Digest is another", _field("response", b"Block-Digest: sha1:",
    b"Block-Digest: sha1:A", sealed=False)),
    Corruption("length too short", "Content-Length is less than there is", _length(-3)),
    Corruption("length too long", "Content-Length is more than there is", _length(1000)),
    Corruption("length no number", "Content-Length is no number", _field("response", b"Content-Length: ",
    b"Content-Length: -", sealed=False)),
    Corruption("called cut", "a whole response calls itself truncated", _field("response", b"\r\nContent-Type: app",
    b"\r\nWARC-Truncated: time\r\nContent-Type: app")),
    *(
        Corruption(f"no {name}", f"{name} is missing", _without_field("response", name))
        for name in ("WARC-Date", "WARC-Record-ID", "WARC-Type", "WARC-Target-URI", "WARC-Warcinfo-ID")
    ),
    Corruption("altered status", "the answer's status is another, digests made anew", _field("response",
    b"HTTP/1.1 200", b"HTTP/1.1 203")),
    Corruption("altered header", "the answer's media type is another, digests made anew", _field("response",
    b"text/html", b"text/xtml")),
    Corruption("altered body", "the page says something else, its block digest made anew", _payload(all_digests=False)),
    Corruption("forged body", "the page says something else, block and payload digest made anew",
    _payload(all_digests=True)),
    Corruption("other charset", "the page is written in UTF-16, all digests made anew", _charset),
    Corruption("swapped responses", "two responses lie in each other's place", _swapped),
    Corruption("request: address", "the request record's WARC-Target-URI is another", _field("request", _URI,
    _URI + b"s")),
    Corruption("request: moment", "its WARC-Date is another", _field("request", b"WARC-Date: 20", b"WARC-Date: 19")),
    Corruption("request: peer", "its WARC-IP-Address is another", _field("request", b"Address: 1", b"Address: 2",
    "warc-ip-address")),
    Corruption("request: partner", "its WARC-Concurrent-To names nothing", _field("request", b"To: <urn:uuid:",
    b"To: <urn:uuid:0", "warc-concurrent-to")),
    Corruption("request: page", "it asks for another page", _field("request", b" HTTP/1.1\r\n", b"x HTTP/1.1\r\n",
    "warc-concurrent-to")),
    Corruption("request: host", "it asks another host", _field("request", b"\r\nHost: ", b"\r\nHost: x",
    "warc-concurrent-to")),
    Corruption("metadata: address", "the metadata record's WARC-Target-URI is another", _field("metadata", _URI,
    _URI + b"s")),
    Corruption("metadata: moment", "its WARC-Date is another", _field("metadata", b"WARC-Date: 20", b"WARC-Date: 19")),
    Corruption("metadata: partner", "its WARC-Concurrent-To names nothing", _field("metadata", b"To: <urn:uuid:",
    b"To: <urn:uuid:0")),
    Corruption("metadata: SHA-256", "the noted SHA-256 is another", _noted(b'"payload_sha256":"',
    b'"payload_sha256":"0')),
    Corruption("metadata: SHA-1", "the noted SHA-1 is another", _noted(b'"payload_sha1":"', b'"payload_sha1":"A')),
    Corruption("metadata: run", "the noted run is another", _noted(b'"run":"', b'"run":"x')),
    Corruption("metadata: site", "the noted site is another", _noted(b'"site":"', b'"site":"x')),
    Corruption("metadata: role", "the noted role is another", _noted(b'"role":"article"', b'"role":"listing"')),
    Corruption("metadata: garbage", "what is noted cannot be read", _noted(b"warraq-capture: {", b"warraq-capture: [")),
    Corruption("revisit: original", "WARC-Refers-To names nothing", _field("revisit", b"Refers-To: <urn:uuid:",
    b"Refers-To: <urn:uuid:0", "warc-refers-to")),
    Corruption("revisit: address", "WARC-Refers-To-Target-URI is another", _field("revisit",
    b"Refers-To-Target-URI: http", b"Refers-To-Target-URI: https", "warc-refers-to")),
    Corruption("revisit: moment", "WARC-Refers-To-Date is another", _field("revisit", b"Refers-To-Date: 20",
    b"Refers-To-Date: 19", "warc-refers-to")),
    Corruption("revisit: digest", "its WARC-Payload-Digest is another", _field("revisit", b"WARC-Payload-Digest: sha1:",
    b"WARC-Payload-Digest: sha1:A", "warc-payload-digest")),
    Corruption("revisit: another original", "it refers to another response in all its fields", _of_another),
    Corruption("revisit: type", "a revisit calls itself a response", _field("revisit", b"Type: revisit",
    b"Type: response")),
    Corruption("dns: address", "the DNS record names another address", _field("resource", b"\tA\t1", b"\tA\t2")),
    Corruption("dns: host", "the DNS record is of another host", _field("resource", b"WARC-Target-URI: dns:",
    b"WARC-Target-URI: dns:x")),
    Corruption("warcinfo: file", "WARC-Filename is another", _field("warcinfo", b"WARC-Filename: WARRAQ",
    b"WARC-Filename: WARRUQ")),
    Corruption("warcinfo: id", "the warcinfo record's id is another", _field("warcinfo", _ID, _ID + b"0")),
    Corruption("warcinfo: software", "its software is another", _field("warcinfo", b"software: Warraq",
    b"software: Warrak")),
)  # fmt: skip
