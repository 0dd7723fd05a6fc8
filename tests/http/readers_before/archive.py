"""HTTP responses as they lie in an archive: the head as a tolerant reader sees it, and the entity behind it."""

from __future__ import annotations

__all__ = ["entity", "parse_head"]

import re
from collections.abc import Iterator, Sequence

from crawler.archive.read.stream import Broken, MemberContent
from crawler.http.blocks import Block
from tests.http.readers_before.head import ResponseHead

_MAX_HEAD = 1 << 18
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_STATUS_LINE = re.compile(
    rb"[\r\n]{0,64}(HTTP/\d{1,3}(?:\.\d{1,3})?)[ \t]+([1-9]\d\d)(?!\d)([^\n]*)(?:\n|$)", re.IGNORECASE
)
_CHUNK = re.compile(rb"[ \t]*([0-9a-fA-F]{1,15})[ \t]*(?:;[^\r\n]*)?\r?\n")
_LENGTH = re.compile(rb"\d{1,18}")
_OWS = b" \t\r"
_PIECE = 1 << 20


def parse_head(block: Block) -> ResponseHead | None:
    """Return the head of the response in `block`; None if it does not begin with one.

    It is read as the wire is. A transfer-coding that the body does not have (archives of programs that took it off and
    left the field) is not reported as ``chunked``.
    """
    start = block.read(_MAX_HEAD)
    match = _STATUS_LINE.match(start)
    if match is None:
        return None
    ends = _HEAD_END.search(start, match.end(3))
    size = ends.end() if ends else len(start)
    headers = tuple(_fields(start[match.end() : ends.start() if ends else size]))
    codings = _codings(headers)
    coded = bool(codings) and codings[-1].partition(b";")[0].rstrip(_OWS) == b"chunked"
    return ResponseHead(
        status=int(match[2]),
        reason=match[3].strip(_OWS),
        version=match[1],
        headers=headers,
        size=size,
        chunked=coded and bool(_CHUNK.match(start, size) or size == len(start)),
    )


def entity(block: Block, head: ResponseHead | None) -> Iterator[bytes]:
    """Yield the body in pieces, its chunked transfer-coding taken off, still content-coded (RFC 9112 section 7.1).

    What is wrong with the chunks ends it; a body that is not chunked ends with the block or its Content-Length.
    """
    feed = _BlockFeed(block)
    if head is None:
        return
    feed.take(head.size)
    if head.chunked:
        yield from _chunks(feed)
        return
    length = _length(head.headers)
    left = block.size if length is None else length
    while left and (piece := feed.take(min(left, _PIECE))):
        left -= len(piece)
        yield piece


def _chunks(feed: MemberContent) -> Iterator[bytes]:
    while feed.find(b"\n", _PIECE) >= 0 and (line := _CHUNK.match(feed.buffer, feed.index)):
        feed.take(line.end() - line.start())
        left = int(line[1], 16)
        if left == 0:
            return
        while left and (piece := feed.take(min(left, _PIECE))):
            left -= len(piece)
            yield piece
        if feed.find(b"\n", 2) >= 0:
            feed.take(feed.find(b"\n", 2) + 1)


def _fields(lines: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the fields; folded lines are joined, lines without colon skipped (RFC 9112 section 5)."""
    name, value = b"", b""
    for line in lines.split(b"\n"):
        if line[:1] in (b" ", b"\t"):
            if name and (more := line.strip(_OWS)):
                value = value + b" " + more if value else more
            continue
        if name:
            yield name, value
        name, colon, value = line.partition(b":")
        name, value = (name.rstrip(b" \t"), value.strip(_OWS)) if colon else (b"", b"")
    if name:
        yield name, value


def _codings(headers: Sequence[tuple[bytes, bytes]]) -> list[bytes]:
    """Return the transfer-codings applied, in lower case."""
    named = [value.lower() for name, value in headers if name.lower() == b"transfer-encoding"]
    codings = [coding.strip(_OWS) for value in named for coding in value.split(b",")]
    return [coding for coding in codings if coding not in (b"", b"identity")]


def _length(headers: Sequence[tuple[bytes, bytes]]) -> int | None:
    """Return what Content-Length says of a body that is not chunked; None if it says nothing (RFC 9112 section 6.3)."""
    if _codings(headers):
        return None
    named = [value for name, value in headers if name.lower() == b"content-length"]
    values = {length.strip(_OWS) for value in named for length in value.split(b",")} - {b""}
    return int(values.pop()) if len(values) == 1 and all(map(_LENGTH.fullmatch, values)) else None


class _BlockFeed(MemberContent):
    def __init__(self, block: Block) -> None:
        super().__init__()
        self._pieces = block.chunks(_PIECE)

    def pull(self) -> bytes:
        return next(self._pieces, b"")

    @property
    def end(self) -> int:
        raise Broken("a block is not a member of a file")
