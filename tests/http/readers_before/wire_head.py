"""The head of an HTTP/1.x response, and how the end of its body is found (RFC 9112 section 6.3).

What servers send is put up with; `wire` says what was decided where the standard leaves room.
"""

from __future__ import annotations

__all__ = ["Framing", "first_line", "parse_head"]

import re
from typing import NamedTuple

from crawler.errors import BrokenResponse
from tests.http.readers_before.head import ResponseHead

_STATUS_LINE = re.compile(rb"(HTTP/\d{1,3}(?:\.\d{1,3})?)[ \t]+([1-9]\d\d)(?!\d)(.*)", re.IGNORECASE | re.DOTALL)
_LENGTH = re.compile(rb"\d{1,18}")
_OWS = b" \t\r"
_BLANKS = (b" ", b"\t")
_FRAMING_NAMES = frozenset(
    len(name) for name in (b"content-length", b"transfer-encoding", b"connection", b"proxy-connection")
)
"""Lengths of the names that matter here; most fields need not be looked at further."""


class Framing(NamedTuple):
    """How the end of a body is found: by `length`, by chunks, or (neither) by the connection's end."""

    length: int | None
    chunked: bool
    keep_alive: bool


def parse_head(raw: bytes) -> tuple[ResponseHead, Framing]:
    """Return the head in `raw` (up to and with its blank line) and the framing it declares.

    Raises BrokenResponse if it has no HTTP status line.
    """
    lines = raw[first_line(raw) :].split(b"\n")
    found = _STATUS_LINE.fullmatch(lines[0])
    if found is None:
        raise BrokenResponse(f"not an HTTP status line: {lines[0][:60]!r}")
    version, status, reason = found.groups()
    fields = _fields(lines)
    framing = _framing(fields, version.upper())
    head = ResponseHead(
        status=int(status),
        reason=reason.strip(_OWS),
        version=version,
        headers=fields,
        size=len(raw),
        chunked=framing.chunked,
    )
    return head, framing


def _fields(lines: list[bytes]) -> tuple[tuple[bytes, bytes], ...]:
    """Return the fields of a head's lines (the first is the status line); what has no name is left out."""
    parts = [line.partition(b":") for line in lines]
    del parts[0]
    for name, _, _ in parts:
        if name[:1] in _BLANKS or name[-1:] in _BLANKS:
            return _odd_fields(lines)
    return tuple([(name, value.strip(_OWS)) for name, colon, value in parts if colon and name])


def _odd_fields(lines: list[bytes]) -> tuple[tuple[bytes, bytes], ...]:
    """Do the same where lines are folded (RFC 9112 section 5.2) or names are followed by white space."""
    fields: list[tuple[bytes, bytes]] = []
    named = False
    for index in range(1, len(lines)):
        line = lines[index]
        if line[:1] in (b" ", b"\t"):
            if named and (more := line.strip(_OWS)):
                name, value = fields[-1]
                fields[-1] = (name, value + b" " + more if value else more)
            continue
        name, colon, value = line.partition(b":")
        name = name.rstrip(_OWS)
        named = bool(colon and name)
        if named:
            fields.append((name, value.strip(_OWS)))
    return tuple(fields)


def _framing(fields: tuple[tuple[bytes, bytes], ...], version: bytes) -> Framing:
    """Apply RFC 9112 section 6.3 to the fields of a head."""
    lengths: list[bytes] = []
    codings: list[bytes] = []
    options: list[bytes] = []
    for name, value in fields:
        if len(name) not in _FRAMING_NAMES:
            continue
        key = name.lower()
        if key == b"content-length":
            lengths += value.split(b",")
        elif key == b"transfer-encoding":
            codings += value.lower().split(b",")
        elif key in (b"connection", b"proxy-connection"):
            options += value.lower().split(b",")
    keep_alive = version > b"HTTP/1.0"
    if options:
        tokens = [option.strip(_OWS) for option in options]
        keep_alive = b"close" not in tokens and (keep_alive or b"keep-alive" in tokens)
    if codings:
        applied = [stripped for coding in codings if (stripped := coding.strip(_OWS)) not in (b"", b"identity")]
        if applied:
            chunked = applied[-1].partition(b";")[0].rstrip(_OWS) == b"chunked"
            return Framing(None, chunked, keep_alive and chunked and not lengths and version > b"HTTP/1.0")
    values = {stripped for length in lengths if (stripped := length.strip(_OWS))}
    if len(values) == 1 and _LENGTH.fullmatch(value := values.pop()):
        return Framing(int(value), chunked=False, keep_alive=keep_alive)
    return Framing(None, chunked=False, keep_alive=keep_alive and not lengths)


def first_line(buffer: bytes | bytearray) -> int:
    """Return where the status line starts: empty lines before it are passed over (RFC 9112 section 2.2)."""
    if buffer[:1] not in (b"\r", b"\n"):
        return 0
    return len(buffer) - len(buffer.lstrip(b"\r\n"))
