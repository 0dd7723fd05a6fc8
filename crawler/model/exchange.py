"""What crossed the wire: one request and its response, byte for byte."""

from __future__ import annotations

__all__ = ["Block", "Exchange", "MemoryBlock", "ResponseHead", "Timings", "Truncation"]

from collections.abc import Iterator
from datetime import datetime
from typing import Literal, Protocol

import msgspec

Truncation = Literal["length", "time", "disconnect"]
"""Why a response is not whole, as WARC-Truncated has it (WARC 1.1 section 5.13)."""


class Block(Protocol):
    """Bytes that may be too many for memory; may be read any number of times."""

    @property
    def size(self) -> int:
        """Length in bytes."""

    def chunks(self, size: int = 1 << 16) -> Iterator[bytes]:
        """Yield the bytes in order, in pieces of at most `size` (the last may be shorter)."""

    def read(self, limit: int = -1) -> bytes:
        """Return the first `limit` bytes (all: -1) as one object."""


class MemoryBlock:
    """A `Block` held in memory."""

    __slots__ = ("_content",)

    def __init__(self, content: bytes) -> None:
        self._content = content

    @property
    def size(self) -> int:
        return len(self._content)

    def chunks(self, size: int = 1 << 16) -> Iterator[bytes]:
        for start in range(0, len(self._content), size):
            yield self._content[start : start + size]

    def read(self, limit: int = -1) -> bytes:
        return self._content if limit < 0 else self._content[:limit]


class ResponseHead(msgspec.Struct, frozen=True, kw_only=True):
    """The response's status line and header fields as a tolerant reader understood them."""

    status: int
    reason: bytes
    version: bytes
    """``HTTP/1.1``, as sent."""
    headers: tuple[tuple[bytes, bytes], ...]
    """In wire order, names as sent, values trimmed of outer white space, obs-fold joined by one space."""
    size: int
    """Length of the head in the response block, blank line included; the body starts here."""
    chunked: bool
    """The body is transfer-coded (RFC 9112 section 7)."""

    def get(self, name: bytes) -> bytes | None:
        """Return the first value of the field `name` (lower case), None if it was not sent."""
        for key, value in self.headers:
            if key.lower() == name:
                return value
        return None


class Timings(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds since the request was started; None for a phase that did not happen (reused connection: no connect)."""

    connect_s: float | None = None
    tls_s: float | None = None
    first_byte_s: float | None = None
    total_s: float


class Exchange(msgspec.Struct, frozen=True, kw_only=True):
    """One request with its response as they crossed the wire (after TLS, before any decoding)."""

    url: str
    """Target URI: percent-encoded, without fragment."""
    method: str
    captured_at: datetime
    """Moment the request was sent: WARC-Date of all records of this exchange."""
    request: bytes
    """The request's bytes, head and body, as written to the socket."""
    response: Block
    """The response's bytes as read from the socket, interim 1xx answers left out; empty if none came."""
    interim: bytes = b""
    """The 1xx answers, as read."""
    head: ResponseHead | None
    """None if no head could be read: nothing came, or it is not HTTP."""
    truncated: Truncation | None = None
    error: str | None = None
    """Why the exchange is not whole, in words; None for a whole one."""
    ip_address: str | None = None
    """The peer's address; None behind a proxy."""
    protocols: tuple[str, ...] = ("http/1.1",)
    """Values of WARC-Protocol, e.g. ``("http/1.1", "tls/1.3")``."""
    cipher_suite: str | None = None
    payload_sha1: bytes
    """Digest (20 bytes) of the entity: the body de-chunked, still content-coded."""
    payload_sha256: bytes
    payload_size: int
    timings: Timings
