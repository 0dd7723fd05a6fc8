"""A raw HTTP/1.x response, as it lies in an archive, to a page: tolerant of all that servers and archives do to it.

Read here are heads with bare LF, folded fields, missing reason phrases, Latin-1 bytes and interim answers before them,
and chunked bodies with extensions, trailers, garbage, or no end. Flags say what had to be put up with:
``truncated``, ``chunking_false`` (declared, but the body is not), ``chunking_broken``, and those of `coding`.
"""

from __future__ import annotations

__all__ = ["read_head", "unchunk"]

import re

from tests.http.readers_before.head import ResponseHead

_MAX_HEAD = 2**20
_STATUS = re.compile(rb"(HTTP/\d(?:\.\d)?|ICY)[ \t]+(\d{3})(?:[ \t]+([^\r\n]*))?", re.IGNORECASE)
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
_CHUNK = re.compile(rb"[ \t]*([0-9a-fA-F]{1,15})[ \t]*(?:;[^\n]{0,4096})?\r?\n")


def read_head(raw: bytes) -> ResponseHead | None:
    """Return the head of the final response in `raw`, None if it does not begin like one (RFC 9112 section 2,
    leniently).

    Interim answers before it are passed over; `size` counts them in, so the body starts at ``raw[head.size:]``.
    """
    start = 0
    for _ in range(16):
        while raw[start : start + 1] in (b"\r", b"\n") and start < _MAX_HEAD:
            start += 1
        match = _STATUS.match(raw, start)
        if match is None:
            return None
        end = _END_OF_HEAD.search(raw, match.end(), start + _MAX_HEAD)
        stop, body = (end.start(), end.end()) if end else (len(raw[: start + _MAX_HEAD]),) * 2
        status = int(match[2])
        if not (100 <= status < 200 and status != 101 and end):
            headers = _fields(raw[match.end() : stop])
            return ResponseHead(
                status=status,
                reason=(match[3] or b"").strip(),
                version=match[1],
                headers=headers,
                size=body,
                chunked=_is_chunked(headers),
            )
        start = body
    return None


def _fields(raw: bytes) -> tuple[tuple[bytes, bytes], ...]:
    """Return name and value of each field line; lines that are none are skipped, folded ones joined by one space."""
    fields: list[tuple[bytes, bytes]] = []
    for line in re.split(rb"\r?\n|\r", raw):
        if line[:1] in (b" ", b"\t"):
            if fields and line.strip():
                name, value = fields[-1]
                fields[-1] = (name, (value + b" " + line.strip()).strip())
            continue
        name, colon, value = line.partition(b":")
        if colon and name.strip():
            fields.append((name.strip(), value.strip()))
    return tuple(fields)


def _is_chunked(headers: tuple[tuple[bytes, bytes], ...]) -> bool:
    codings = b",".join(value for name, value in headers if name.lower() == b"transfer-encoding")
    return b"chunked" in codings.lower()


def unchunk(body: bytes) -> tuple[bytes, tuple[str, ...]]:
    """Return the content of a chunked body (RFC 9112 section 7.1) and flags; trailers are dropped.

    What cannot be a chunk ends the reading: before the first one the body is taken as not chunked, later the rest is
    kept as it is.
    """
    pieces: list[bytes] = []
    position = 0
    view = memoryview(body)
    while True:
        match = _CHUNK.match(body, position)
        if match is None:
            return _unread(body, position, pieces)
        size = int(match[1], 16)
        if size == 0:
            return b"".join(pieces), ()
        start = match.end()
        piece = view[start : start + size]
        pieces.append(bytes(piece))
        if len(piece) < size:
            return b"".join(pieces), ("truncated",)
        position = start + size
        if body[position : position + 2] == b"\r\n":
            position += 2
        elif body[position : position + 1] == b"\n":
            position += 1


def _unread(body: bytes, position: int, pieces: list[bytes]) -> tuple[bytes, tuple[str, ...]]:
    rest = body[position:]
    if not pieces and rest.strip():
        return body, ("chunking_false",)
    if not rest.strip(b"\r\n"):
        return b"".join(pieces), ("truncated",)
    if re.fullmatch(rb"[ \t]*[0-9a-fA-F]{0,15}[^\n]{0,64}", rest) and len(rest) < 32:
        return b"".join(pieces), ("truncated",)
    return b"".join([*pieces, rest]), ("chunking_broken",)
