"""The head of an HTTP/1.x response, and how the end of its body is found: the one reading of it (RFC 9112).

Fed by the wire, by records of any archive, and by nothing else: what a server sent means the same wherever it lies.
It understands a little more than the standard allows, because archives are made of what servers send: bare LF, white
space before the colon, fields without colon, obs-fold, any byte in a value. Where the standard leaves room:

- Empty lines before the status line are passed over, up to ``MOST_EMPTY`` bytes (RFC 9112 section 2.2).
- A status is three digits, the first of them not 0, and no fourth (section 4); the reason may be missing.
- A line that begins with white space belongs to the field before it, one space in between (section 5.2); after the
  status line, or after a line that is no field, it belongs to nothing (section 2.2).
- CR that ends no line, and NUL, are read as spaces (section 2.2, RFC 9110 section 5.5).
- Transfer-Encoding wins over Content-Length (section 6.3 clause 3), in HTTP/1.0 too; the connection is not reused.
- A body is chunked if ``chunked`` is the last coding, whole word, in any case (section 6.3 clause 4).
- Content-Length values that differ or are no numbers say nothing: the body runs to the end (clause 5).
- Answers 1xx, 204 and 304 have no body (clause 1); an unasked 101 is taken for the final one.
- Interim answers are passed over (RFC 9110 section 15.2), at most ``MAX_INTERIM``.
"""

from __future__ import annotations

__all__ = [
    "MAX_HEAD",
    "MAX_INTERIM",
    "MOST_EMPTY",
    "ResponseHead",
    "head_end",
    "not_http",
    "parse_head",
    "read_head",
    "status_line_start",
    "stored_head",
]

import re
from typing import NamedTuple

import msgspec

from crawler.errors import BrokenResponse
from crawler.http.blocks import Block

MAX_HEAD = 1 << 20
"""Bytes of a head in an archive; what is longer is none. (On the wire ``fetch.max_head_bytes`` holds.)"""
MAX_INTERIM = 16
"""More interim answers than this before the final one are a fault of the server."""
MOST_EMPTY = 64
"""Bytes of empty lines that may come before the status line."""

_STATUS_LINE = re.compile(rb"(HTTP/\d{1,3}(?:\.\d{1,3})?)[ \t]+([1-9]\d\d)(?!\d)(.*)", re.IGNORECASE | re.DOTALL)
_LENGTH = re.compile(rb"\d{1,18}")
_OWS = b" \t\r"
_BLANKS = (b" ", b"\t")
_NOT_IN_A_LINE = bytes.maketrans(b"\r\0", b"  ")
_FRAMING_NAMES = frozenset(
    len(name) for name in (b"content-length", b"transfer-encoding", b"connection", b"proxy-connection")
)
"""Lengths of the names that matter here; most fields need not be looked at further."""
_BODILESS = frozenset((101, 204, 304))
_CHUNK_LINE = re.compile(rb"[ \t\r]*[0-9A-Fa-f]{1,15}[ \t\r]*(?:;[^\n]*)?(?:\n|\Z)")
_CODED = {b"gzip": b"\x1f\x8b", b"x-gzip": b"\x1f\x8b", b"zstd": b"\x28\xb5\x2f\xfd"}
"""What bodies in these codings begin with; of the others nothing is known for sure."""
_USUAL_HEAD = 1 << 13
_PEEK = 1 << 12


class ResponseHead(msgspec.Struct, frozen=True, kw_only=True):
    """The response's status line and header fields, and how its body ends."""

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
    length: int | None = None
    """Bytes of the body if it is not chunked; None: it runs to the end of the connection, or of the block."""
    unchunked: bool = False
    """The body is declared as chunked, but somebody took that off before it was archived."""
    keep_alive: bool = False
    """The connection may carry another request after this (RFC 9112 section 9.3)."""

    def get(self, name: bytes) -> bytes | None:
        """Return the first value of the field `name` (lower case), None if it was not sent."""
        for key, value in self.headers:
            if key.lower() == name:
                return value
        return None


class _Framing(NamedTuple):
    length: int | None
    chunked: bool
    keep_alive: bool


def parse_head(raw: bytes, *, size: int | None = None) -> ResponseHead:
    """Return the head in `raw`, which ends with its blank line; `size` is what it gives as its own (default: all).

    Raises BrokenResponse if it has no HTTP status line.
    """
    if size is None:
        size = len(raw)
    if b"\0" in raw or raw.count(b"\r") != raw.count(b"\r\n"):
        raw = raw.replace(b"\r\n", b"\n").translate(_NOT_IN_A_LINE)
    lines = raw[status_line_start(raw) :].split(b"\n")
    found = _STATUS_LINE.fullmatch(lines[0])
    if found is None:
        raise BrokenResponse(f"not an HTTP status line: {lines[0][:60]!r}")
    version, code, reason = found.groups()
    status = int(code)
    fields = _fields(lines)
    framing = _framing(fields, version.upper())
    if status in _BODILESS:
        framing = _Framing(0, chunked=False, keep_alive=framing.keep_alive and status != 101)
    return ResponseHead(
        status=status,
        reason=reason.strip(_OWS),
        version=version,
        headers=fields,
        size=size,
        chunked=framing.chunked,
        length=framing.length,
        keep_alive=framing.keep_alive,
    )


def read_head(block: Block) -> ResponseHead | None:
    """Return the head of the final response in `block`, as it was sent; None if it does not begin with one.

    `size` counts the interim answers before it. A head that the block ends in counts, as far as it goes.
    """
    for limit in (_USUAL_HEAD, MAX_HEAD):
        start = block.read(limit)
        head, decided = _final_head(start, whole=len(start) == block.size)
        if decided:
            return head
    return None


def stored_head(block: Block) -> ResponseHead | None:
    """Do as `read_head`, for a record of some other program, which may have undone what the head still declares.

    A body that is declared as chunked and does not begin with a chunk is none; a Content-Length does not count for a
    longer body whose content-coding was taken off.
    """
    head = read_head(block)
    if head is None or not (head.chunked or head.length) or block.size <= head.size:
        return head
    start = block.read(head.size + _PEEK)[head.size :]
    if head.chunked and not _CHUNK_LINE.match(start):
        return msgspec.structs.replace(head, chunked=False, unchunked=True)
    if head.length and block.size > head.size + head.length and _is_decoded(head, start):
        return msgspec.structs.replace(head, length=None)
    return head


def status_line_start(buffer: bytes | bytearray) -> int:
    """Return where the status line starts: empty lines before it are passed over (RFC 9112 section 2.2)."""
    if buffer[:1] not in (b"\r", b"\n"):
        return 0
    return len(buffer) - len(buffer.lstrip(b"\r\n"))


def not_http(buffer: bytes | bytearray, start: int) -> str | None:
    """Return a fault if what starts at `start` cannot become a status line."""
    begin = bytes(buffer[start : start + 5])
    if start <= MOST_EMPTY and begin.upper() == b"HTTP/"[: len(begin)]:
        return None
    return f"not HTTP: {bytes(buffer[start : start + 40])!r}"


def head_end(buffer: bytes | bytearray, start: int) -> int:
    """Return the index after the first blank line from `start` on, -1 if there is none yet."""
    crlf = buffer.find(b"\n\r\n", start)
    bare = buffer.find(b"\n\n", start) if crlf < 0 else buffer.find(b"\n\n", start, crlf + 1)
    if bare >= 0:
        return bare + 2
    return crlf + 3 if crlf >= 0 else -1


def _final_head(start: bytes, *, whole: bool) -> tuple[ResponseHead | None, bool]:
    """Return the final head, and whether `start` (the `whole` block, or its beginning) is enough to tell."""
    at = 0
    for _ in range(MAX_INTERIM + 1):
        rest = start[at:]
        begin = status_line_start(rest)
        if not_http(rest, begin):
            return None, True
        end = head_end(rest, begin)
        if end < 0:
            if not whole:
                return None, False
            end = len(rest)
        try:
            head = parse_head(rest[:end], size=at + end)
        except BrokenResponse:
            return None, True
        if head.status >= 200 or head.status == 101:
            return head, True
        at += end
    return None, True


def _is_decoded(head: ResponseHead, start: bytes) -> bool:
    """Tell whether a body is declared to be content-coded and begins like one that is not (any longer)."""
    coding = (head.get(b"content-encoding") or b"").rpartition(b",")[2].strip().lower()
    if coding in (b"", b"identity"):
        return False
    magic = _CODED.get(coding)
    return start.lstrip()[:1] in (b"<", b"{", b"[") if magic is None else not start.startswith(magic)


def _fields(lines: list[bytes]) -> tuple[tuple[bytes, bytes], ...]:
    """Return the fields of a head's lines (the first is the status line); what has no name is left out."""
    parts = [line.partition(b":") for line in lines]
    del parts[0]
    for name, _, _ in parts:
        if name[:1] in _BLANKS or name[-1:] in _BLANKS:
            return _odd_fields(lines)
    return tuple([(name, value.strip(_OWS)) for name, colon, value in parts if colon and name])


def _odd_fields(lines: list[bytes]) -> tuple[tuple[bytes, bytes], ...]:
    """Do the same where lines are folded or names are followed by white space."""
    fields: list[tuple[bytes, bytes]] = []
    named = False
    for index in range(1, len(lines)):
        line = lines[index]
        if line[:1] in _BLANKS:
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


def _framing(fields: tuple[tuple[bytes, bytes], ...], version: bytes) -> _Framing:
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
            return _Framing(None, chunked, keep_alive and chunked and not lengths and version > b"HTTP/1.0")
    values = {stripped for length in lengths if (stripped := length.strip(_OWS))}
    if len(values) == 1 and _LENGTH.fullmatch(value := values.pop()):
        return _Framing(int(value), chunked=False, keep_alive=keep_alive)
    return _Framing(None, chunked=False, keep_alive=keep_alive and not lengths)
