"""HTTP heads and bodies as a tolerant reader sees them in an archive."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.http.blocks import MemoryBlock
from crawler.http.body import entity, plain_body
from crawler.http.head import stored_head


def parsed(content: bytes) -> tuple[int, tuple[tuple[bytes, bytes], ...], bytes]:
    block = MemoryBlock(content)
    head = stored_head(block)
    assert head is not None
    return head.status, head.headers, b"".join(entity(block, head))


@pytest.mark.parametrize(
    ("content", "status", "headers", "body"),
    [
        (b"HTTP/1.1 200 OK\r\nA: b\r\n\r\nbody", 200, ((b"A", b"b"),), b"body"),
        (b"HTTP/1.0 404\r\n\r\n", 404, (), b""),
        (b"HTTP/1.1 200 OK\nA: b\n\nbody", 200, ((b"A", b"b"),), b"body"),
        (b"HTTP/1.1 200 OK\r\na:1\r\nA: 2\r\n\r\n", 200, ((b"a", b"1"), (b"A", b"2")), b""),
        (b"HTTP/1.1 200 OK\r\nA: b\r\n  c\r\n\td\r\n\r\n", 200, ((b"A", b"b c d"),), b""),
        (b"HTTP/1.1 200 OK\r\nnonsense\r\nA: b\r\n\r\nx", 200, ((b"A", b"b"),), b"x"),
        (b"HTTP/1.1 200 OK\r\nA: b", 200, ((b"A", b"b"),), b""),
        (b"HTTP/1.1 200 \xe9\r\nA: \xff\r\n\r\n", 200, ((b"A", b"\xff"),), b""),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nbody", 200, ((b"Content-Length", b"2"),), b"bo"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nbody", 200, ((b"Content-Length", b"x"),), b"body"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2, 3\r\n\r\nbody", 200, ((b"Content-Length", b"2, 3"),), b"body"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nbody", 200, ((b"Content-Length", b"2, 2"),), b"bo"),
        (b"\r\n\nhttp/1.1  200\tOK\r\nA : b\r\n\r\nbody", 200, ((b"A", b"b"),), b"body"),
    ],
)
def test_heads_are_read_as_sent(
    content: bytes, status: int, headers: tuple[tuple[bytes, bytes], ...], body: bytes
) -> None:
    assert parsed(content) == (status, headers, body)


@pytest.mark.parametrize(
    "content", [b"", b"H", b"SSH-2.0\r\n\r\n", b"HTTP/1.1 OK\r\n\r\n", b"\n" * 65 + b"HTTP/1.1 200 OK\r\n\r\n"]
)
def test_what_is_no_response_has_no_head(content: bytes) -> None:
    assert stored_head(MemoryBlock(content)) is None
    assert b"".join(entity(MemoryBlock(content), None)) == b""


CODED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("coded", "body"),
    [
        (b"5\r\nhello\r\n0\r\n\r\n", b"hello"),
        (b"3;a=b\r\nhel\r\n2 ; c\r\nlo\r\n0\r\nTrailer: x\r\n\r\n", b"hello"),
        (b"5\nhello\n0\n\n", b"hello"),
        (b"5\r\nhel", b"hel"),
        (b"5\r\nhello\r\nxyz\r\n", b"hello"),
        (b"5\r\nhello\r\n0\r\n\r\nHTTP/1.1 200 OK", b"hello"),
        (b"0\r\n\r\n", b""),
        (b"", b""),
    ],
)
def test_chunks_are_joined_as_far_as_they_go(coded: bytes, body: bytes) -> None:
    assert parsed(CODED + coded)[2] == body


@given(pieces=st.lists(st.binary(min_size=1, max_size=300)), rest=st.binary(max_size=20))
def test_any_chunking_gives_the_entity(pieces: list[bytes], rest: bytes) -> None:
    coded = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n" + rest
    assert parsed(CODED + coded)[2] == b"".join(pieces)


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n", b"text"),
        (b'HTTP/1.1 200 OK\r\nServer: x\r\nCONTENT-LENGTH:4\r\nETag: "a"\r\n\r\n', b"text"),
        (b"HTTP/1.1 200\r\nContent-Length: 3\r\n\r\n", None),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", None),
        (b"HTTP/1.1 200 OK\r\nServer: x\r\n\r\n", None),
        (b"HTTP/1.1 200 OK\nContent-Length: 4\n\n", None),
        (b"HTTP/1.1 200 OK\r\nA: b\r\n Content-Length: 1\r\nContent-Length: 4\r\n\r\n", None),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 3\r\n\r\n", None),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n", None),
        (b"HTTP/1.1 200 OK\r\nContent-Length : 4\r\n\r\n", None),
        (b"nothing of the kind", None),
    ],
)
def test_the_quick_way_to_a_body_finds_what_the_thorough_one_does_or_leaves_it(head: bytes, body: bytes | None) -> None:
    response = head + b"text"
    found = plain_body(response)
    assert (None if found is None else bytes(found)) == body
    if body is not None:
        block = MemoryBlock(response)
        assert b"".join(entity(block, stored_head(block))) == body
