"""A tolerant, incremental reader of one HTTP/1.x response. No I/O: it is fed the wire's bytes in any split.

It promises to find the exact end of the message, to hand every byte of it unchanged to `block`, the de-chunked body
to `entity`, and never to raise, loop or grow without bound, whatever the bytes are. What a head and a body mean is
`crawler.http`'s to say; what is decided here is what only the wire knows:

- Interim (1xx) responses are collected apart.
- Bytes after the end of the message are not part of it: they are counted (`surplus`), not handed on, and the
  connection is not reused.
- A response whose framing is broken has no known end: all that follows until the connection closes belongs to the
  block, nothing of it to the entity; `fault` says what was wrong.
- The zero chunk ends the entity (section 8): a connection closed in the trailers leaves the message complete.
"""

from __future__ import annotations

__all__ = ["ResponseReader"]

from collections.abc import Callable

from crawler.errors import BrokenResponse
from crawler.http.body import ChunkReader
from crawler.http.head import MAX_INTERIM, ResponseHead, head_end, not_http, parse_head, status_line_start

Sink = Callable[[bytes], None]


class ResponseReader:
    """Reads one response; see the module. `head_only`: the request was HEAD, so no body follows."""

    __slots__ = (
        "_block",
        "_chunks",
        "_entity",
        "_head_only",
        "_left",
        "_max_head",
        "_pending",
        "_room",
        "_scanned",
        "capped",
        "complete",
        "fault",
        "head",
        "interim",
        "interim_count",
        "received",
        "surplus",
    )

    def __init__(self, *, head_only: bool, max_head_bytes: int, max_body_bytes: int, block: Sink, entity: Sink) -> None:
        self.head: ResponseHead | None = None
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
        self._chunks: ChunkReader | None = None

    @property
    def ended(self) -> bool:
        """Nothing further is wanted from the connection."""
        return self.complete or self.capped

    @property
    def reusable(self) -> bool:
        """The connection may carry another request."""
        return self.complete and not self.surplus and self.head is not None and self.head.keep_alive

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
        if self.fault is not None or self.head is None:
            return
        if self._chunks is not None:
            self.complete = self._chunks.has_entity
        elif self.head.length is None:
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
            start = status_line_start(buffer)
            fault = not_http(buffer, start)
            end = -1 if fault else head_end(buffer, max(start, self._scanned - 2))
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
                head = parse_head(raw)
            except BrokenResponse as error:
                return self._break(error.what, raw + buffer)
            if head.status >= 200 or head.status == 101:
                self._begin_body(head, raw)
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

    def _begin_body(self, head: ResponseHead, raw: bytes) -> None:
        self.head = head
        self._block(raw)
        if self._head_only or head.length == 0:
            self.complete = True
        elif head.chunked:
            self._chunks = ChunkReader(self._entity)
        else:
            self._left = head.length or 0

    def _take_body(self, data: bytes) -> None:
        cut = len(data) > self._room
        if cut:
            self.surplus += len(data) - self._room
            data = data[: self._room]
        used = len(data)
        if self.fault is None and self.head is not None:
            if self._chunks is not None:
                used = self._chunks.feed(data)
                self.complete, self.fault = self._chunks.complete, self._chunks.fault
            elif self.head.length is not None:
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
