"""What Warraq knows of a capture besides the wire, as a metadata record keeps it (WARC 1.1 section 6.6).

``application/warc-fields``, since other programs read (and indexers pass over) that: Heritrix's names where it has one,
and everything as one line of JSON.
"""

from __future__ import annotations

__all__ = ["Notes", "notes_block", "read_notes", "read_provenance", "rendering_notes", "target_uri"]

import re
from functools import lru_cache
from urllib.parse import quote

import msgspec

from crawler.archive.record_values import BAD_JSON
from crawler.model.capture import Provenance
from crawler.model.exchange import Exchange, Timings
from crawler.model.rendered import RenderedPage, Rendering

_NOTES = b"warraq-capture: "
_UNSAFE = re.compile(r"[^\x21-\x7e]")


class Notes(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the metadata record keeps of a capture besides the wire: its way here, its digests, what went wrong."""

    provenance: Provenance
    payload_sha1: str
    """Base32. Of the entity: the body de-chunked, still content-coded. On a 304, that of the original."""
    payload_sha256: str
    """Hex, likewise."""
    payload_size: int
    interim: bytes = b""
    """1xx answers, as read."""
    headless: bool = False
    """What came was not taken for an HTTP response, whatever it begins with: cut within its head, too long, not
    HTTP."""
    error: str | None = None
    timings: Timings | None = None
    rendering: Rendering | None = None
    """Of a page that a browser made of the response it names."""


def notes_block(exchange: Exchange, provenance: Provenance, sha1: str, sha256: str) -> bytes:
    """Return the metadata block with the payload's digests (Base32, hex): Heritrix's field names where there is one,
    and all of it as one line of JSON.
    """
    notes = Notes(
        provenance=provenance,
        payload_sha1=sha1,
        payload_sha256=sha256,
        payload_size=exchange.payload_size,
        interim=exchange.interim,
        headless=exchange.head is None and exchange.response.size > 0,
        error=exchange.error,
        timings=exchange.timings,
    )
    lines = []
    via = provenance.redirects[-1] if provenance.redirects else provenance.announcement and provenance.announcement.via
    if via:
        lines.append(b"via: " + target_uri(via).encode("ascii"))
    lines.append(b"fetchTimeMs: %d" % round(exchange.timings.total_s * 1000))
    lines.append(_NOTES + _NOTES_ENCODER.encode(notes))
    return b"\r\n".join(lines) + b"\r\n"


def rendering_notes(page: RenderedPage, provenance: Provenance, sha1: str, sha256: str) -> bytes:
    """Return the metadata block of a rendered page: how the page came to be fetched, and how it was rendered."""
    notes = Notes(
        provenance=provenance,
        payload_sha1=sha1,
        payload_sha256=sha256,
        payload_size=len(page.html),
        rendering=page.rendering,
    )
    return _NOTES + _NOTES_ENCODER.encode(notes) + b"\r\n"


@lru_cache(2)  # who checks a file and who puts its records together ask one after the other
def read_notes(block: bytes) -> Notes | None:
    """Return what `exchange_records` wrote into a metadata record; None if the block is somebody else's."""
    start = block.find(_NOTES)
    if start < 0 or (start > 0 and block[start - 1 : start] != b"\n"):
        return None
    line = block[start + len(_NOTES) :].split(b"\r\n", 1)[0]
    try:
        return _NOTES_DECODER.decode(line)
    except BAD_JSON:
        return None


def read_provenance(block: bytes) -> Provenance | None:
    """Return how the capture came about from its metadata record's block; None if that is somebody else's."""
    notes = read_notes(block)
    return notes.provenance if notes else None


def target_uri(url: str) -> str:
    """Return `url` as WARC-Target-URI may have it: no fragment, only printable ASCII (WARC 1.1 section 5.12)."""
    url = url.partition("#")[0]
    return quote(url, safe="!#$%&'()*+,/:;=?@[]~") if _UNSAFE.search(url) else url


_NOTES_DECODER = msgspec.json.Decoder(Notes)
_NOTES_ENCODER = msgspec.json.Encoder()
