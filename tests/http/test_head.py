"""Heads as sent by real servers."""

from __future__ import annotations

import pytest

from crawler.errors import BrokenResponse
from crawler.http.blocks import MemoryBlock
from crawler.http.head import MAX_HEAD, MAX_INTERIM, parse_head, read_head, stored_head


def test_a_head_is_understood_as_it_was_meant() -> None:
    raw = (
        b"HTTP/1.1 200 Tr\xe8s bien \r\nA: 1\nb:\r\n  two\r\n\tthree\r\nno field\r\n of no field\r\n: no name\r\n"
        b"C :\t3 \r\nA: \x00\r\x07\r\n\r\n"
    )
    head = parse_head(raw)
    assert head.reason == b"Tr\xe8s bien"
    assert head.headers == ((b"A", b"1"), (b"b", b"two three"), (b"C", b"3"), (b"A", b"\x07"))
    assert (head.version, head.size, head.get(b"a")) == (b"HTTP/1.1", len(raw), b"1")


@pytest.mark.parametrize(
    ("line", "status", "reason"),
    [
        (b"HTTP/1.1 200", 200, b""),
        (b"HTTP/1.1 200 ", 200, b""),
        (b"HTTP/1.1  404\tGone fishing", 404, b"Gone fishing"),
        (b"http/1.1 200OK", 200, b"OK"),
        (b"HTTP/2 200", 200, b""),
        (b"HTTP/1.1 999 x", 999, b"x"),
    ],
)
def test_status_lines_seen_in_the_wild(line: bytes, status: int, reason: bytes) -> None:
    head = parse_head(line + b"\r\n\r\n")
    assert (head.status, head.reason) == (status, reason)


def test_a_head_without_a_status_line_is_broken() -> None:
    with pytest.raises(BrokenResponse, match="not an HTTP status line"):
        parse_head(b"Content-Length: 5\r\n\r\n")


@pytest.mark.parametrize(
    ("raw", "status", "fields"),
    [
        (b"HTTP/1.1 200 OK\r\nA: b\r\n\r\nx", 200, ((b"A", b"b"),)),
        (b"HTTP/1.1 404\nA: b\nC:d\n\nx", 404, ((b"A", b"b"), (b"C", b"d"))),
        (b"HTTP/1.0 200 OK\r\nA: b\r\n  c\r\n\tD\r\n\r\nx", 200, ((b"A", b"b c D"),)),
        (b"HTTP/1.1 200 \xe9t\xe9\r\nno colon\r\nA: \xe9\r\n\r\nx", 200, ((b"A", b"\xe9"),)),
        (
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nA: b\r\n\r\nx",
            200,
            ((b"A", b"b"),),
        ),
        (b"\r\nHTTP/1.1 200 OK\r\nA: b\r\n\r\nx", 200, ((b"A", b"b"),)),
    ],
)
def test_a_response_in_a_block_is_read_past_what_comes_before_it(
    raw: bytes, status: int, fields: tuple[tuple[bytes, bytes], ...]
) -> None:
    head = read_head(MemoryBlock(raw))
    assert head is not None
    assert (head.status, head.headers, raw[head.size :]) == (status, fields, b"x")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" * (MAX_INTERIM + 1) + b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * MAX_HEAD,
        b"ICY 200 OK\r\n\r\n",
    ],
)
def test_what_never_comes_to_a_final_head_has_none(raw: bytes) -> None:
    assert read_head(MemoryBlock(raw)) is None


@pytest.mark.parametrize(
    ("fields", "body", "framing"),
    [
        (b"Transfer-Encoding: chunked\r\n", b"5\r\nhello\r\n0\r\n\r\n", (True, None, False)),
        (b"Transfer-Encoding: chunked\r\n", b"", (True, None, False)),
        (b"Transfer-Encoding: chunked\r\n", b"<p>hello</p>", (False, None, True)),
        (b"Content-Length: 2\r\n", b"hello", (False, 2, False)),
        (b"Content-Length: 2\r\nContent-Encoding: gzip\r\n", b"<p>hello</p>", (False, None, False)),
        (b"Content-Length: 2\r\nContent-Encoding: br\r\n", b" <p>hello</p>", (False, None, False)),
        (b"Content-Length: 2\r\nContent-Encoding: br\r\n", b"\x8b\x02\x80junk", (False, 2, False)),
        (b"Content-Length: 2\r\nContent-Encoding: gzip\r\n", b"\x1f\x8b\x08\x00", (False, 2, False)),
        (b"Content-Length: 2\r\nContent-Encoding: identity\r\n", b"<p>hello</p>", (False, 2, False)),
    ],
)
def test_what_other_programs_took_off_before_they_archived_is_not_undone_again(
    fields: bytes, body: bytes, framing: tuple[bool, int | None, bool]
) -> None:
    head = stored_head(MemoryBlock(b"HTTP/1.1 200 OK\r\n" + fields + b"\r\n" + body))
    assert head is not None
    assert (head.chunked, head.length, head.unchunked) == framing
