"""Responses as servers and archives really have them, and what becomes of their bodies."""

from __future__ import annotations

import gzip
import zlib
from datetime import UTC, datetime

import msgspec
import pytest

from crawler.errors import ParseError
from crawler.http.blocks import MemoryBlock
from crawler.http.coding import decode_body
from crawler.http.head import read_head
from crawler.parse.http import page_from_response

HTML = b"<html><body><p>word</p></body></html>"
AT = datetime(2025, 1, 2, tzinfo=UTC)


def page(raw: bytes, **more: object):
    return page_from_response(MemoryBlock(raw), url="https://n.example/", captured_at=AT, **more)


def chunked(body: bytes, size: int = 7) -> bytes:
    parts = [body[i : i + size] for i in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def test_what_has_no_head_is_a_broken_response():
    with pytest.raises(ParseError) as caught:
        page(b"<html>no head</html>")
    assert caught.value.reason == "broken_response"


@pytest.mark.parametrize(
    ("body", "content", "flags"),
    [
        (b"4;name=v\r\nword\r\n0\r\nTrailer: x\r\n\r\n", b"word", ()),
        (b"4\nword\n0\n\n", b"word", ()),
        (b"4\r\nword\r\n9\r\nmo", b"wordmo", ("truncated",)),
        (b"4\r\nword\r\n", b"word", ("truncated",)),
        (b"<html>not chunked</html>", b"<html>not chunked</html>", ("chunking_false",)),
        (b"4\r\nword\r\n<p>garbage that is no chunk</p>\n and goes on", b"word", ("chunking_broken",)),
        (b"4\r\nwords\r\n0\r\n\r\n", b"word", ("chunking_broken",)),
    ],
)
def test_chunked_bodies_as_they_are_found(body, content, flags):
    found = page(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body)
    assert (found.body, found.flags) == (content, flags)


def test_a_head_that_was_read_on_the_wire_is_not_read_again():
    raw = b"HTTP/1.1 200 OK\r\nA: b\r\n\r\nword"
    head = msgspec.structs.replace(read_head(MemoryBlock(raw)), headers=((b"X", b"y"),), length=2)
    found = page(raw, head=head)
    assert (found.headers, found.body) == ((("x", "y"),), b"wo")


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
