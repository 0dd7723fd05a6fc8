"""What crossed the wire: one request and its response, byte for byte."""

from __future__ import annotations

__all__ = ["Exchange", "Timings", "Truncation"]

from datetime import datetime
from typing import Literal

import msgspec

from crawler.http.blocks import Block
from crawler.http.head import ResponseHead

Truncation = Literal["length", "time", "disconnect"]
"""Why a response is not whole, as WARC-Truncated has it (WARC 1.1 section 5.13)."""


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
