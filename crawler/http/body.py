"""The body of an HTTP/1.x response without its framing: what the chunks carry, however they arrive (RFC 9112 section
7.1).

`ChunkReader` is fed the wire's bytes in any split; `entity` and `read_entity` read a block through it, so a body means
the same live and in replay. What is wrong with the chunks ends the entity: nothing after it belongs to it. Bare LF,
white space (and bare CR, section 2.2) round a size and any extension are put up with; the zero chunk ends the entity
(section 8), trailers are dropped.
"""

from __future__ import annotations

__all__ = [
    "MAX_LINE",
    "MOST_CHUNKS",
    "ChunkReader",
    "Flaw",
    "entity",
    "entity_digests",
    "entity_sha256",
    "plain_body",
    "read_entity",
]

import hashlib
import re
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Literal

from crawler.http.blocks import Block, MemoryBlock
from crawler.http.head import ResponseHead

MOST_CHUNKS = 1 << 20
"""Of one body: chunks of a byte or two cost a thousand times what their content does."""

MAX_LINE = 1 << 16
"""Bytes of a chunk's line, and of all trailers together."""

Flaw = Literal["truncated", "chunking_broken"]
"""The body ends before its framing says so; its chunks are none."""

_PIECE = 1 << 20
_OWS = b" \t\r"
_CHUNK_SIZE = re.compile(rb"[ \t\r]*([0-9A-Fa-f]{1,15})[ \t\r]*(?:;.*)?", re.DOTALL)
_USUAL_CHUNK = re.compile(rb"(0{0,8}[1-9A-Fa-f][0-9A-Fa-f]{0,6})\r\n").match
_PLAIN_HEAD = re.compile(
    rb"HTTP/1\.\d (?!204|304)[2-9]\d\d(?: [^\r\n]*)?\r\n"
    rb"(?:(?!content-length)[^\s:][^\r\n]*\r\n)*content-length: ?(\d{1,15})\r\n(?:[^\s:][^\r\n]*\r\n)*\r\n",
    re.IGNORECASE,
)
_MAX_PLAIN_HEAD = 1 << 18


class ChunkReader:
    """Takes a chunked body in any split and hands what the chunks carry to `sink`; never raises, never grows."""

    __slots__ = ("_chunks", "_left", "_line", "_part", "_sink", "_trailer_bytes", "complete", "fault")

    def __init__(self, sink: Callable[[bytes], None]) -> None:
        self.complete = False
        """The body has been received to its end, trailers included."""
        self.fault: str | None = None
        """Why the rest is no chunked body."""
        self._sink = sink
        self._part: Literal["size", "data", "data_end", "trailer"] = "size"
        self._left = 0
        self._chunks = 0
        self._line = bytearray()
        self._trailer_bytes = 0

    @property
    def has_entity(self) -> bool:
        """The zero chunk was there: nothing is missing but, perhaps, trailers."""
        return self._part == "trailer"

    def feed(self, data: bytes) -> int:
        """Take `data`; return how much of it belongs to the message (all of it unless it is complete)."""
        pieces: list[bytes] = []
        position, end = 0, len(data)
        while position < end and not self.complete and self.fault is None:
            if self._part == "size" and not self._line:
                position = self._take_usual(data, position, pieces)
            if self._part == "data":
                piece = data[position : position + self._left]
                pieces.append(piece)
                position += len(piece)
                self._left -= len(piece)
                if not self._left:
                    self._part = "data_end"
                    if data[position : position + 2] == b"\r\n":
                        self._part = "size"
                        position += 2
                continue
            position = self._take_line(data, position)
        if pieces:
            self._sink(pieces[0] if len(pieces) == 1 else b"".join(pieces))
        return min(position, end) if self.complete else end

    def _take_usual(self, data: bytes, position: int, pieces: list[bytes]) -> int:
        """Take the chunks that lie whole in `data`, as nearly all are written; return where the next one begins.

        Chunks of a byte or two would cost eight times as much otherwise.
        """
        while self._chunks < MOST_CHUNKS and (found := _USUAL_CHUNK(data, position)):
            start = found.end()
            stop = start + int(found[1], 16)
            if data[stop : stop + 2] != b"\r\n":
                break
            pieces.append(data[start:stop])
            position = stop + 2
            self._chunks += 1
        return position

    def _take_line(self, data: bytes, position: int) -> int:
        """Take the line that begins at `position`, or what has come of it; return where the next one does."""
        newline = data.find(b"\n", position)
        line = data[position:] if newline < 0 else data[position:newline]
        if self._line or newline < 0:
            self._line += line
            line = bytes(self._line) if newline >= 0 else b""
        if max(len(self._line), len(line)) > MAX_LINE:
            self.fault = f"a chunk's line exceeds {MAX_LINE} bytes"
        elif newline >= 0:
            self._line.clear()
            self._read_line(line)
        return len(data) if newline < 0 else newline + 1

    def _read_line(self, line: bytes) -> None:
        if self._part == "size":
            self._begin_chunk(line)
        elif self._part == "data_end":
            if line.strip(_OWS):
                self.fault = f"a chunk is longer than its size: {line[:40]!r}"
            self._part = "size"
        elif line in (b"", b"\r"):
            self.complete = True
        else:
            self._trailer_bytes += len(line)
            if self._trailer_bytes > MAX_LINE:
                self.fault = f"the trailers exceed {MAX_LINE} bytes"

    def _begin_chunk(self, line: bytes) -> None:
        found = _CHUNK_SIZE.fullmatch(line)
        if found is None:
            self.fault = f"not a chunk size: {line[:40]!r}"
            return
        self._left = int(found[1], 16)
        self._part = "data" if self._left else "trailer"
        self._chunks += 1
        if self._chunks > MOST_CHUNKS:
            self.fault = f"more than {MOST_CHUNKS} chunks"


def entity(block: Block, head: ResponseHead | None) -> Iterator[bytes]:
    """Yield the body in `block`, behind `head`, in pieces: de-chunked, still content-coded; none without a head."""
    yield from _entity(block, head)


def read_entity(block: Block, head: ResponseHead, *, limit: int) -> tuple[bytes, Flaw | None, bool]:
    """Return the body as `entity` has it, at most `limit` bytes, what is wrong with it, and whether it was cut."""
    if not head.chunked:
        stored = max(block.size - head.size, 0)
        size = stored if head.length is None else min(head.length, stored)
        content = block.read(head.size + min(size, limit))[head.size :]
        return content, "truncated" if size < (head.length or 0) else None, size > limit
    pieces, size = [], 0
    reading = _entity(block, head)
    while size <= limit:
        try:
            pieces.append(next(reading))
        except StopIteration as end:
            return b"".join(pieces), end.value, False
        size += len(pieces[-1])
    return b"".join(pieces)[:limit], None, True


def entity_digests(block: Block, head: ResponseHead | None) -> tuple[bytes, bytes]:
    """Return SHA-1 (20 bytes) and SHA-256 (32) of what `entity` yields."""
    sha1, sha256 = _hashed(block, head, hashlib.sha1(usedforsecurity=False), hashlib.sha256())
    return sha1, sha256


def entity_sha256(block: Block, head: ResponseHead | None) -> bytes:
    """Return the SHA-256 (32 bytes) of what `entity` yields."""
    (sha256,) = _hashed(block, head, hashlib.sha256())
    return sha256


def _hashed(block: Block, head: ResponseHead | None, *digests: hashlib._Hash) -> Iterator[bytes]:
    for piece in _pieces(block, head):
        for digest in digests:
            digest.update(piece)
    return (digest.digest() for digest in digests)


def _pieces(block: Block, head: ResponseHead | None) -> Iterable[bytes | memoryview]:
    """Return what `entity` yields; at once where that is simply there."""
    if head is not None and not head.chunked and isinstance(block, MemoryBlock):
        body = memoryview(block.read())[head.size :]
        return [body if head.length is None else body[: head.length]]
    return entity(block, head)


def plain_body(response: bytes) -> memoryview | None:
    """Return the entity in `response` if its head is as nearly all are; None: let `stored_head` and `entity` read it.

    That is: each line ends with CRLF, none is folded, no transfer-coding, a Content-Length with just that behind it.
    """
    size = response.find(b"\r\n\r\n", 0, _MAX_PLAIN_HEAD) + 4
    match = _PLAIN_HEAD.fullmatch(response, 0, size)
    if match is None or int(match[1]) != len(response) - size:
        return None
    head = response[:size].lower()
    if b"transfer-encoding" in head or head.count(b"content-length") > 1:
        return None
    return memoryview(response)[size:]


def _entity(block: Block, head: ResponseHead | None) -> Generator[bytes, None, Flaw | None]:
    """Yield the pieces of the body; the value of the generator is what is wrong with it."""
    if head is None:
        return None
    pieces = _behind(block, head.size)
    if not head.chunked:
        return (yield from _until(pieces, head.length))
    found: list[bytes] = []
    reader = ChunkReader(found.append)
    for piece in pieces:
        reader.feed(piece)
        yield from found
        found.clear()
        if reader.fault is not None:
            return "chunking_broken"
        if reader.complete:
            return None
    return None if reader.has_entity else "truncated"


def _until(pieces: Iterator[bytes], length: int | None) -> Generator[bytes, None, Flaw | None]:
    if length is None:
        yield from pieces
        return None
    while length and (piece := next(pieces, b"")):
        yield piece[:length]
        length -= min(length, len(piece))
    return "truncated" if length else None


def _behind(block: Block, size: int) -> Iterator[bytes]:
    """Yield what lies behind the first `size` bytes of `block`."""
    for piece in block.chunks(_PIECE):
        if size < len(piece):
            yield piece[size:]
        size = max(size - len(piece), 0)
