"""Responses as servers and archives really have them, and what becomes of their bodies."""

from __future__ import annotations

import gzip
import zlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.errors import ParseError
from crawler.model.exchange import MemoryBlock
from crawler.parse.http import decode_body, page_from_response, read_head, unchunk

HTML = b"<html><body><p>word</p></body></html>"
AT = datetime(2025, 1, 2, tzinfo=UTC)


def page(raw: bytes, **more: object):
    return page_from_response(MemoryBlock(raw), url="https://n.example/", captured_at=AT, **more)


def chunked(body: bytes, size: int = 7) -> bytes:
    parts = [body[i : i + size] for i in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


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
def test_heads_are_read_leniently(raw, status, fields):
    head = read_head(raw)
    assert head is not None
    assert (head.status, head.headers, raw[head.size :]) == (status, fields, b"x")


def test_what_has_no_head_is_a_broken_response():
    with pytest.raises(ParseError) as caught:
        page(b"<html>no head</html>")
    assert caught.value.reason == "broken_response"


@given(st.binary(max_size=400), st.integers(1, 50))
def test_a_chunked_body_is_read_back(body, size):
    assert unchunk(chunked(body, size)) == (body, ())


@pytest.mark.parametrize(
    ("body", "content", "flags"),
    [
        (b"4;name=v\r\nword\r\n0\r\nTrailer: x\r\n\r\n", b"word", ()),
        (b"4\nword\n0\n\n", b"word", ()),
        (b"4\r\nword\r\n9\r\nmo", b"wordmo", ("truncated",)),
        (b"4\r\nword\r\n", b"word", ("truncated",)),
        (b"<html>not chunked</html>", b"<html>not chunked</html>", ("chunking_false",)),
        (
            b"4\r\nword\r\n<p>garbage that is no chunk</p> and goes on",
            b"word<p>garbage that is no chunk</p> and goes on",
            ("chunking_broken",),
        ),
    ],
)
def test_chunked_bodies_as_they_are_found(body, content, flags):
    assert unchunk(body) == (content, flags)


def deflated(body: bytes, wbits: int) -> bytes:
    coder = zlib.compressobj(wbits=wbits)
    return coder.compress(body) + coder.flush()


@pytest.mark.parametrize(
    ("codings", "body", "flags"),
    [
        (b"gzip", gzip.compress(HTML), ()),
        (b"x-gzip", gzip.compress(HTML[:9]) + gzip.compress(HTML[9:]), ()),
        (b"deflate", deflated(HTML, 15), ()),
        (b"deflate", deflated(HTML, -15), ()),
        (b"deflate, gzip", gzip.compress(deflated(HTML, 15)), ()),
        (b"gzip", gzip.compress(gzip.compress(HTML)), ("content_coding_doubled",)),
        (b"gzip", HTML, ("content_coding_false",)),
        (b"deflate", HTML, ("content_coding_false",)),
        (b"utf-8", HTML, ("content_coding_false",)),
        (b"compress", HTML, ("content_coding_unsupported",)),
        (b"identity", gzip.compress(HTML), ("content_coding_undeclared",)),
        (b"gzip", gzip.compress(HTML) + b"\0\0padding", ()),
    ],
)
def test_content_codings_are_undone_however_declared(codings, body, flags):
    assert decode_body(((b"Content-Encoding", codings),), body) == (HTML, flags)


def test_a_truncated_gzip_body_gives_what_is_there():
    content = b"".join(b"<p>paragraph %d</p>" % i for i in range(5000))
    found, flags = decode_body(((b"content-encoding", b"gzip"),), gzip.compress(content)[:-2000])
    assert content.startswith(found)
    assert len(found) > 10_000
    assert flags == ("content_coding_truncated",)


def test_a_damaged_gzip_body_gives_what_came_before_the_damage():
    raw = bytearray(gzip.compress(bytes(i * 7919 % 251 for i in range(400_000)), 1))
    raw[len(raw) // 2 : len(raw) // 2 + 9] = b"\xff" * 9
    _, flags = decode_body(((b"content-encoding", b"gzip"),), bytes(raw))
    assert flags == ("content_coding_broken",)


def test_a_bomb_is_capped():
    bomb = gzip.compress(b"\0" * 30_000_000)
    body, flags = decode_body(((b"content-encoding", b"gzip"),), bomb, max_body=1_000_000)
    assert (len(body), flags) == (1_000_000, ("body_capped",))


def test_brotli_is_undone_or_flagged():
    brotli = pytest.importorskip("brotli")
    body, flags = decode_body(((b"content-encoding", b"br"),), brotli.compress(HTML))
    assert (body, flags) == (HTML, ())


def test_a_response_block_gives_a_page_with_lower_case_header_names():
    raw = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n"
    found = page(raw + chunked(gzip.compress(HTML), 11))
    assert (found.body, found.status, found.get("content-type"), found.flags) == (HTML, 200, "text/html", ())


def test_a_body_shorter_than_its_content_length_is_flagged():
    assert page(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nshort").flags == ("truncated",)


def test_the_record_s_truncation_is_carried_on():
    assert page(b"HTTP/1.1 200 OK\r\n\r\nx", truncated="length").flags == ("truncated",)
