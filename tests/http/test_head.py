"""Heads as sent by real servers."""

from __future__ import annotations

import pytest

from crawler.errors import BrokenResponse
from crawler.http.head import parse_head


def test_a_head_is_understood_as_it_was_meant() -> None:
    raw = (
        b"HTTP/1.1 200 Tr\xe8s bien \r\nA: 1\nb:\r\n  two\r\n\tthree\r\nno field\r\n of no field\r\n: no name\r\n"
        b"C :\t3 \r\nA: \x00\r\x07\r\n\r\n"
    )
    head, _ = parse_head(raw)
    assert head.reason == b"Tr\xe8s bien"
    assert head.headers == ((b"A", b"1"), (b"b", b"two three"), (b"C", b"3"), (b"A", b"\x00\r\x07"))
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
    head, _ = parse_head(line + b"\r\n\r\n")
    assert (head.status, head.reason) == (status, reason)


def test_a_head_without_a_status_line_is_broken() -> None:
    with pytest.raises(BrokenResponse, match="not an HTTP status line"):
        parse_head(b"Content-Length: 5\r\n\r\n")
