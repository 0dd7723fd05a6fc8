"""What a case is, and the messages cases are made of."""

from __future__ import annotations

__all__ = ["BODY", "CHUNKED", "LIMITS", "OCTETS", "OK", "ZIPPED", "Case", "Ends", "chunks", "head", "once", "sized"]

import gzip
from typing import Literal

import msgspec

from crawler.capture.selftest.script import Script, Send, Step

Ends = Literal["whole", "length", "time", "disconnect", "broken", "no_answer"]
"""How the last exchange ends: whole, or truncated by length, time, disconnect; not HTTP; nothing received."""


class CaseLimits(msgspec.Struct, frozen=True, kw_only=True):
    """The settings the cases are written for."""

    head_timeout_s: float = 1.4
    body_timeout_s: float = 1.7
    idle_timeout_s: float = 0.9
    max_head_bytes: int = 65_536
    max_body_bytes: int = 200_000


LIMITS = CaseLimits()


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One thing a server may do."""

    name: str
    about: str
    scripts: tuple[Script, ...]
    """One for each request that is to reach the server, in order."""
    method: str = "GET"
    body: bytes = b""
    ends: Ends = "whole"
    status: int | None = 200
    """Of the last exchange; None: no head."""
    entity: bytes | None = None
    """The body de-chunked; None: not looked at."""
    interim: bytes = b""
    """What is sent before the response proper."""
    surplus: bytes = b""
    """What is sent after its end, and is no part of it."""
    kept_body: int | None = None
    """Bytes of the body that are kept; None: all."""
    prefix: bool = False
    """The server may have sent more than was waited for; what is kept must begin what it sent."""
    warm: bool = False
    """A whole exchange comes first, so that its connection is used again."""


BODY = b"<!doctype html><title>News</title><p>Caf\xc3\xa9, \xd8\xb5\xd8\xad\xd9\x8a\xd9\x81\xd8\xa9.</p>\n"
ZIPPED = gzip.compress(BODY * 50, mtime=0)
OCTETS = bytes(range(256)) * 8
OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Content-Type: text/html\r\nTransfer-Encoding: chunked\r\n"


def head(*fields: bytes, start: bytes = b"HTTP/1.1 200 OK") -> bytes:
    """Return a head: status line, fields, blank line."""
    return b"\r\n".join((start, *fields)) + b"\r\n\r\n"


def sized(body: bytes, *fields: bytes, start: bytes = b"HTTP/1.1 200 OK") -> bytes:
    """Return a response whose Content-Length is that of `body`."""
    return head(*fields, b"Content-Length: %d" % len(body), start=start) + body


def chunks(*pieces: bytes, last: bytes = b"0\r\n\r\n") -> bytes:
    """Return `pieces` as chunks, then `last`."""
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + last


def once(*steps: bytes | Step) -> tuple[Script, ...]:
    """Return the scripts of a case with one request; bytes stand for sending them."""
    return (tuple(Send(step) if isinstance(step, bytes) else step for step in steps),)
