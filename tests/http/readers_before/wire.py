"""A tolerant, incremental reader of one HTTP/1.x response. No I/O: it is fed the wire's bytes in any split.

It promises to find the exact end of the message, to hand every byte of it unchanged to `block`, the de-chunked body
to `entity`, and never to raise, loop or grow without bound, whatever the bytes are. It understands a little more than
RFC 9112 allows (bare LF, white space before the colon, fields without colon, obs-fold, any byte in a value) because
archives are made of what servers send.

Decisions where the standard leaves room:

- Interim (1xx) responses are collected apart; an unasked 101 is taken as the final response, without a body.
- Transfer-Encoding wins over Content-Length (section 6.3 clause 3), in HTTP/1.0 too; such a connection is not reused.
- Content-Length values that differ or are no numbers say nothing: the body runs until the connection closes.
- Bytes after the end of the message are not part of it: they are counted (`surplus`), not handed on, and the
  connection is not reused.
- A response whose framing is broken has no known end: all that follows until the connection closes belongs to the
  block, nothing of it to the entity; `fault` says what was wrong.
- The zero chunk ends the entity (section 8): a connection closed in the trailers leaves the message complete.
"""

from __future__ import annotations

__all__ = ["MAX_INTERIM", "ResponseReader"]

import re
from collections.abc import Callable
from typing import Literal

from crawler.errors import BrokenResponse
from tests.http.readers_before.head import ResponseHead
from tests.http.readers_before.wire_head import Framing, first_line, parse_head

MAX_INTERIM = 16
"""More interim responses than this before the final one are a fault of the server."""

_MAX_EMPTY = 64
"""Bytes of empty lines that may come before the status line."""

_CHUNK_SIZE = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,15})[ \t]*\r?(?:;.*)?", re.DOTALL)
_OWS = b" \t\r"
_Part = Literal["size", "data", "data_end", "trailer"]
Sink = Callable[[bytes], None]


class ResponseReader:
    """Reads one response; see the module. `head_only`: the request was HEAD, so no body follows."""

    __slots__ = (
        "_block",
        "_entity",
        "_head_only",
        "_left",
        "_line",
        "_max_head",
        "_part",
        "_pending",
        "_room",
        "_scanned",
        "_trailer_bytes",
        "capped",
        "complete",
        "fault",
        "framing",
        "head",
        "interim",
        "interim_count",
        "received",
        "surplus",
    )

    def __init__(self, *, head_only: bool, max_head_bytes: int, max_body_bytes: int, block: Sink, entity: Sink) -> None:
        self.head: ResponseHead | None = None
        self.framing: Framing | None = None
        self.complete = False
        """The message has been received to its end."""
        self.capped = False
        """`max_body_bytes` of the body have been handed on; the rest is not wanted."""
        self.fault: str | None = None
        """Why this is not, or no longer, HTTP."""
        self.interim = b""
        self.interim_count = 0
        self.received = 0
        """Bytes fed so far, interim responses and surplus included."""
        self.surplus = 0
        """Bytes that were not handed on: after the end of the message, or beyond the cap."""
        self._block = block
        self._entity = entity
        self._head_only = head_only
        self._max_head = max_head_bytes
        self._room = max_body_bytes
        self._pending: bytes | bytearray = b""
        self._scanned = 0
        self._left = 0
        self._part: _Part = "size"
        self._line = bytearray()
        self._trailer_bytes = 0

    @property
    def ended(self) -> bool:
        """Nothing further is wanted from the connection."""
        return self.complete or self.capped

    @property
    def reusable(self) -> bool:
        """The connection may carry another request."""
        return self.complete and not self.surplus and self.framing is not None and self.framing.keep_alive

    def feed(self, data: bytes) -> bool:
        """Take the next bytes of the connection; return whether the response has ended."""
        self.received += len(data)
        if self.head is None and self.fault is None:
            data = self._take_head(data)
        if data:
            if self.complete or self.capped:
                self.surplus += len(data)
            else:
                self._take_body(data)
        return self.complete or self.capped

    def abandon(self) -> None:
        """Say that no more bytes are waited for: what is held back of an unfinished head goes to the block."""
        if self._pending:
            self._block(bytes(self._pending))
            self._pending = b""

    def close(self, *, orderly: bool = True) -> None:
        """Say that the connection is closed; if `orderly`, a body that runs until then is complete by this."""
        self.abandon()
        if self.fault is not None or self.head is None or self.framing is None:
            return
        if self.framing.chunked:
            self.complete = self.complete or self._part == "trailer"
        elif self.framing.length is None:
            self.complete = orderly and not self.capped

    def _take_head(self, data: bytes) -> bytes:
        """Look for the end of the final response's head; return what follows it."""
        buffer: bytes | bytearray = data
        if self._pending:
            if not isinstance(self._pending, bytearray):
                self._pending = bytearray(self._pending)
            self._pending += data
            buffer = self._pending
        while True:
            start = first_line(buffer)
            fault = _not_http(buffer, start)
            end = -1 if fault else _after_blank_line(buffer, max(start, self._scanned - 2))
            size = (len(buffer) if end < 0 else end) + len(self.interim)
            if size > self._max_head:
                fault = fault or f"the head exceeds {self._max_head} bytes"
            if fault:
                return self._break(fault, bytes(buffer))
            if end < 0:
                self._scanned = len(buffer)
                self._pending = buffer
                return b""
            raw, buffer = bytes(buffer[:end]), bytes(buffer[end:])
            self._pending, self._scanned = b"", 0
            try:
                head, framing = parse_head(raw)
            except BrokenResponse as error:
                return self._break(error.what, raw + buffer)
            if head.status >= 200 or head.status == 101:
                self._begin_body(head, framing, raw)
                return buffer
            self.interim += raw
            self.interim_count += 1
            if self.interim_count > MAX_INTERIM:
                return self._break(f"more than {MAX_INTERIM} interim responses", buffer)

    def _break(self, fault: str, rest: bytes) -> bytes:
        """Note the fault; from here on everything belongs to the block."""
        self.fault = fault
        self._pending = b""
        return rest

    def _begin_body(self, head: ResponseHead, framing: Framing, raw: bytes) -> None:
        self.head = head
        self.framing = framing
        self._block(raw)
        if self._head_only or head.status in (101, 204, 304):
            self.complete = True
            if head.status == 101:
                self.framing = framing._replace(keep_alive=False)
        elif framing.length is not None:
            self._left = framing.length
            self.complete = not framing.length

    def _take_body(self, data: bytes) -> None:
        cut = len(data) > self._room
        if cut:
            self.surplus += len(data) - self._room
            data = data[: self._room]
        used = len(data)
        if self.fault is None and self.framing is not None:
            if self.framing.chunked:
                used = self._take_chunks(data)
            elif self.framing.length is not None:
                used = self._take_length(data)
            elif data:
                self._entity(data)
        if used < len(data):
            self.surplus += len(data) - used
            data = data[:used]
        self._room -= used
        if data:
            self._block(data)
        self.capped = cut and not self.complete

    def _take_length(self, data: bytes) -> int:
        used = len(data)
        if used < self._left:
            self._left -= used
        else:
            used = self._left
            self.complete = True
            if used < len(data):
                data = data[:used]
        self._entity(data)
        return used

    def _take_chunks(self, data: bytes) -> int:
        """De-chunk `data`; return how much of it belongs to the message (RFC 9112 section 7.1)."""
        position, end = 0, len(data)
        while position < end and not self.complete and self.fault is None:
            if self._part == "data":
                piece = data[position : position + self._left]
                self._entity(piece)
                position += len(piece)
                self._left -= len(piece)
                if not self._left:
                    self._part = "data_end"
                    if data[position : position + 2] == b"\r\n":
                        self._part = "size"
                        position += 2
                continue
            newline = data.find(b"\n", position)
            stop = end if newline < 0 else newline
            line = data[position:stop]
            position = stop + 1
            if self._line or newline < 0:
                self._line += line
                line = bytes(self._line) if newline >= 0 else b""
            if len(self._line) + (0 if self._line else len(line)) > self._max_head:
                self.fault = f"a chunk's line exceeds {self._max_head} bytes"
            elif newline >= 0:
                self._line.clear()
                self._take_chunk_line(line)
        return min(position, end) if self.complete else end

    def _take_chunk_line(self, line: bytes) -> None:
        if self._part == "size":
            found = _CHUNK_SIZE.fullmatch(line)
            if found is None:
                self.fault = f"not a chunk size: {line[:40]!r}"
                return
            self._left = int(found[1], 16)
            self._part = "data" if self._left else "trailer"
        elif self._part == "data_end":
            if line.strip(_OWS):
                self.fault = f"a chunk is longer than its size: {line[:40]!r}"
            self._part = "size"
        elif line in (b"", b"\r"):
            self.complete = True
        else:
            self._trailer_bytes += len(line)
            if self._trailer_bytes > self._max_head:
                self.fault = f"the trailers exceed {self._max_head} bytes"


def _not_http(buffer: bytes | bytearray, start: int) -> str | None:
    """Return a fault if what starts at `start` cannot become a status line."""
    begin = bytes(buffer[start : start + 5])
    if start <= _MAX_EMPTY and begin.upper() == b"HTTP/"[: len(begin)]:
        return None
    return f"not HTTP: {bytes(buffer[start : start + 40])!r}"


def _after_blank_line(buffer: bytes | bytearray, start: int) -> int:
    """Return the index after the first blank line from `start` on, -1 if there is none yet."""
    crlf = buffer.find(b"\n\r\n", start)
    bare = buffer.find(b"\n\n", start) if crlf < 0 else buffer.find(b"\n\n", start, crlf + 1)
    if bare >= 0:
        return bare + 2
    return crlf + 3 if crlf >= 0 else -1
