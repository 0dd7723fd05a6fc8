"""What became of every difference between the three readers there were and the one there is: the table and its
rules."""

from __future__ import annotations

__all__ = [
    "BEFORE",
    "DECISIONS",
    "Decision",
    "Reading",
    "explained",
    "is_cut",
    "mended",
    "read_block",
    "read_stored",
    "read_wire",
]

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from crawler.capture.wire.response import ResponseReader
from crawler.http.blocks import Block, MemoryBlock
from crawler.http.body import ChunkReader, entity
from crawler.http.head import ResponseHead, read_head, status_line_start, stored_head
from tests.http.readers_before import archive, parse, wire


class Reading(NamedTuple):
    """What a reader makes of a response; all but `body` come from the head."""

    status: int
    reason: bytes
    version: bytes
    fields: tuple[tuple[bytes, bytes], ...]
    body: bytes


class Decision(NamedTuple):
    """One kind of difference between a reader before and the one now: what is right, and by which clause."""

    name: str
    clause: str
    right: str
    mend: Callable[[bytes], bytes] | None = None
    """Takes the kind out of a response without changing how it is read now; then the reader before must agree."""
    applies: Callable[[bytes, Reading | None, Reading | None], bool] | None = None
    """Whether the response, read so before and so now, is of this kind."""


_STRICT_LINE = re.compile(rb"HTTP/\d{1,3}(?:\.\d{1,3})?[ \t]+[1-9]\d\d(?!\d)", re.IGNORECASE)
_INTERIM = re.compile(rb"[\r\n]*HTTP/\d{1,3}(?:\.\d{1,3})?[ \t]+1(?!01)\d\d(?!\d)", re.IGNORECASE)
_FOLDED = re.compile(rb"\n[ \t]")


def read_wire(raw: bytes, reader: Any = ResponseReader) -> Reading | None:
    """Return `raw` as the wire's reader has it when the connection is then closed."""
    body = bytearray()
    read = reader(
        head_only=False, max_head_bytes=1 << 18, max_body_bytes=1 << 20, block=lambda _: None, entity=body.extend
    )
    read.feed(raw)
    read.close()
    return _reading(read.head, bytes(body))


def read_block(raw: bytes, head_of: Callable[[Block], ResponseHead | None] = read_head) -> Reading | None:
    """Return `raw` as what lies in our own archive is read."""
    block = MemoryBlock(raw)
    head = head_of(block)
    return _reading(head, b"".join(entity(block, head)))


def read_stored(raw: bytes) -> Reading | None:
    """Return `raw` as what lies in somebody's archive is read."""
    return read_block(raw, stored_head)


def _archive(raw: bytes) -> Reading | None:
    block = MemoryBlock(raw)
    head = archive.parse_head(block)
    return _reading(head, b"".join(archive.entity(block, head)))


def _parse(raw: bytes) -> Reading | None:
    head = parse.read_head(raw)
    if head is None:
        return None
    body = raw[head.size :]
    return _reading(head, parse.unchunk(body)[0] if head.chunked else body)


def _reading(head: Any, body: bytes) -> Reading | None:
    return None if head is None else Reading(head.status, head.reason, head.version, head.headers, body)


BEFORE: dict[str, tuple[Callable[[bytes], Reading | None], Callable[[bytes], Reading | None]]] = {
    "wire": (lambda raw: read_wire(raw, wire.ResponseReader), read_wire),
    "archive": (_archive, read_stored),
    "parse": (_parse, read_stored),
}
"""The readers there were, each with what took its place."""


def mended(raw: bytes) -> bytes:
    """Return `raw` without the kinds that can be taken out."""
    for decision in DECISIONS:
        if decision.mend is not None:
            raw = decision.mend(raw)
    return raw


def explained(raw: bytes, before: Reading | None, now: Reading | None) -> list[str]:
    """Return the names of the decisions that the mended `raw` is a case of."""
    return [one.name for one in DECISIONS if one.applies is not None and one.applies(raw, before, now)]


def is_cut(raw: bytes) -> bool:
    """Tell whether the last head in `raw` has no blank line: on the wire it never came, a block ends there."""
    rest = _without_interim(raw)
    return re.search(rb"\n\r?\n", rest[status_line_start(rest) :]) is None


def _without_bare_cr(raw: bytes) -> bytes:
    return re.sub(rb"\r(?!\n)|\0", b" ", raw)


def _without_vt(raw: bytes) -> bytes:
    return re.sub(rb"[\v\f]", b"v", raw)


def _without_interim(raw: bytes) -> bytes:
    while (
        _INTERIM.match(raw)
        and status_line_start(raw) <= 64
        and (end := re.search(rb"\n\r?\n", raw[status_line_start(raw) :]))
    ):
        raw = raw[status_line_start(raw) + end.end() :]
    return raw


def _same_head(before: Reading | None, now: Reading | None) -> bool:
    return before is not None and now is not None and before[:4] == now[:4]


def _line(raw: bytes) -> bytes:
    return raw[status_line_start(raw) :].split(b"\n", 1)[0]


def _values(now: Reading | None, name: bytes) -> list[bytes]:
    fields = now.fields if now is not None else ()
    return [part.strip(b" \t").lower() for key, value in fields if key.lower() == name for part in value.split(b",")]


def _is_interim(raw: bytes, before: Reading | None, now: Reading | None) -> bool:
    return now is None and _INTERIM.match(raw) is not None


def _is_no_status(raw: bytes, before: Reading | None, now: Reading | None) -> bool:
    return before is not None and now is None and _STRICT_LINE.match(_line(raw)) is None


def _is_lenient_line(raw: bytes, before: Reading | None, now: Reading | None) -> bool:
    return (
        now is not None
        and re.match(rb"(?i)HTTP/(?:\d\d|\d\.\d\d)|HTTP/\S+[ \t]+\d{3}[^ \t\r\d]", _line(raw)) is not None
    )


def _is_far_down(raw: bytes, before: Reading | None, now: Reading | None) -> bool:
    return before is not None and now is None and status_line_start(raw) > 64


def _is_fold_of_nothing(raw: bytes, before: Reading | None, now: Reading | None) -> bool:
    return _FOLDED.search(raw) is not None and before is not None and now is not None and before.fields != now.fields


def _is_bodiless(raw: bytes, before: Reading | None, now: Reading | None) -> bool:
    return _same_head(before, now) and now is not None and now.status in (101, 204, 304) and now.body == b""


def _is_other_coding(raw: bytes, before: Reading | None, now: Reading | None) -> bool:
    codings = [coding for coding in _values(now, b"transfer-encoding") if coding not in (b"", b"identity")]
    return (
        _same_head(before, now)
        and b"chunked" in b",".join(codings)
        and codings[-1].split(b";")[0].strip() != b"chunked"
    )


def _is_beyond_length(raw: bytes, before: Reading | None, now: Reading | None) -> bool:
    lengths = set(_values(now, b"content-length")) - {b""}
    if before is None or now is None or len(lengths) != 1:
        return False
    return before.body.startswith(now.body) and lengths.pop() == str(len(now.body)).encode()


def _is_no_chunk(raw: bytes, before: Reading | None, now: Reading | None) -> bool:
    """Tell whether what follows the head, chunked by its last coding, has a fault or no end."""
    head = read_head(MemoryBlock(raw))
    if head is None or not head.chunked:
        return False
    reader = ChunkReader(lambda _: None)
    reader.feed(raw[head.size :])
    return reader.fault is not None or not reader.complete


def _is_blank_after_chunk(raw: bytes, before: Reading | None, now: Reading | None) -> bool:
    head = read_head(MemoryBlock(raw))
    return (
        _same_head(before, now)
        and head is not None
        and head.chunked
        and re.search(rb"[ \t]\r?\n", raw[head.size :]) is not None
    )


def _is_taken_off(raw: bytes, before: Reading | None, now: Reading | None) -> bool:
    coded = set(_values(now, b"content-encoding")) - {b"identity", b""}
    return (
        bool(coded)
        and _same_head(before, now)
        and before is not None
        and now is not None
        and now.body.startswith(before.body)
    )


DECISIONS = (
    Decision(
        "bare CR", "RFC 9112 2.2, RFC 9110 5.5", "CR that ends no line, and NUL, are spaces", mend=_without_bare_cr
    ),
    Decision("VT", "RFC 9110 5.6.3", "VT and FF are no white space: they belong to names and values", mend=_without_vt),
    Decision("interim", "RFC 9110 15.2", "interim answers, sixteen at most, are passed over", mend=_without_interim),
    Decision("only interim", "RFC 9110 15.2", "an interim answer alone is no response", applies=_is_interim),
    Decision(
        "status line",
        "RFC 9112 4",
        "a status is three digits, the first not 0; the protocol is HTTP",
        applies=_is_no_status,
    ),
    Decision(
        "lenient line",
        "RFC 9112 2.3, 4",
        "versions of two digits, and a reason without a blank before it, are read",
        applies=_is_lenient_line,
    ),
    Decision(
        "empty lines",
        "RFC 9112 2.2",
        "at most 64 bytes of empty lines come before the status line",
        applies=_is_far_down,
    ),
    Decision(
        "fold",
        "RFC 9112 2.2, 5.2",
        "a folded line belongs to the field right before it, or to none",
        applies=_is_fold_of_nothing,
    ),
    Decision("no body", "RFC 9112 6.3 (1)", "answers 101, 204 and 304 have none", applies=_is_bodiless),
    Decision(
        "last coding",
        "RFC 9112 6.3 (4)",
        "a body is chunked if the last coding is `chunked`, as a word",
        applies=_is_other_coding,
    ),
    Decision(
        "length",
        "RFC 9112 6.3 (6)",
        "what follows Content-Length bytes is no part of the body",
        applies=_is_beyond_length,
    ),
    Decision(
        "taken off",
        "RFC 9110 8.6",
        "a length holds for the coded body: not for one that was decoded before it was archived",
        applies=_is_taken_off,
    ),
    Decision(
        "chunks",
        "RFC 9112 7.1, 8",
        "what is no chunk ends the body; nothing after it belongs to it",
        applies=_is_no_chunk,
    ),
    Decision(
        "blank after chunk",
        "RFC 9112 7.1.1",
        "blanks round a size, and before the line end after a chunk, are put up with",
        applies=_is_blank_after_chunk,
    ),
)
