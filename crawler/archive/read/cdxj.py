"""CDXJ: one sorted line per capture, ``urlkey timestamp14 {json}``, as pywb and cdxj-indexer read and write it.

The digest is that of the entity (body de-chunked, still content-coded), also where the record could not carry it.
"""

from __future__ import annotations

__all__ = ["CdxLine", "format_line", "index_warc", "parse_line", "render_index", "url_key"]

from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

import msgspec

from crawler.archive.read.captures import ArchivedCapture, read_captures
from crawler.archive.read.records import Fault
from crawler.archive.record_values import BAD_JSON
from crawler.clock import timestamp14
from crawler.errors import BadArchive
from crawler.model.capture import Capture
from crawler.urls import surt


class CdxLine(msgspec.Struct, frozen=True, kw_only=True):
    """The JSON of a line; numbers are strings there, by custom."""

    url: str
    mime: str = "unk"
    """``unk``, as pywb has it, where another program's line does not say."""
    status: str = "-"
    """Three digits; ``-`` if no head could be read, or another program's line does not say."""
    digest: str = ""
    """``sha1:`` and Base32."""
    sha256: str | None = None
    """Hex; other programs' indexes have none."""
    length: str
    offset: str
    filename: str


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(CdxLine)


def format_line(capture: Capture) -> bytes:
    """Return the line of `capture`, newline included."""
    line = CdxLine(
        url=capture.url,
        mime="warc/revisit" if capture.kind == "revisit" else capture.mime,
        status=str(capture.status) if capture.status else "-",
        digest=f"sha1:{capture.payload_sha1}",
        sha256=capture.payload_sha256,
        length=str(capture.length),
        offset=str(capture.offset),
        filename=capture.warc,
    )
    return f"{url_key(capture.url)} {timestamp14(capture.captured_at)} ".encode() + _ENCODER.encode(line) + b"\n"


def url_key(url: str) -> str:
    """Return what the lines of `url` begin with."""
    return surt(url).replace(" ", "%20")


def render_index(captures: Iterable[Capture]) -> bytes:
    """Return the whole index of `captures`, sorted by bytes as ``LC_ALL=C sort`` does."""
    return b"".join(sorted(format_line(capture) for capture in captures))


def index_warc(source: Path | BinaryIO, *, name: str = "") -> tuple[bytes, list[Fault]]:
    """Return the index of any WARC or ARC file, made from its content, and what of it could not be read.

    Raises BadArchive if it cannot be opened.
    """
    lines, faults = [], []
    for item in read_captures(source, name=name):
        if isinstance(item, ArchivedCapture):
            lines.append(format_line(item.capture))
        else:
            faults.append(item)
    return b"".join(sorted(lines)), faults


def parse_line(line: bytes) -> tuple[str, str, CdxLine]:
    """Return urlkey, timestamp14 and fields of a line. Raises BadArchive if it is not one."""
    parts = line.rstrip(b"\r\n").split(b" ", 2)
    try:
        if len(parts) != 3:
            raise BadArchive(f"not a CDXJ line: {line[:80]!r}")
        return parts[0].decode(), parts[1].decode(), _DECODER.decode(parts[2])
    except BAD_JSON as error:
        raise BadArchive(f"not a CDXJ line: {line[:80]!r} ({error})") from error
