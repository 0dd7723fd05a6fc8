"""Content-codings as servers really send them: right, wrong, doubled, cut, and without end."""

from __future__ import annotations

import gzip
import zlib

import brotli
import pytest
import zstandard

from crawler.http.coding import decode_body

TEXT = "<p>Der Fluss steigt, und die Brücke bleibt gesperrt.</p>".encode() * 40
GZIP = gzip.compress(TEXT, mtime=0)


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


PACKED = {
    "gzip": GZIP,
    "x-gzip": GZIP,
    "deflate": zlib.compress(TEXT),
    "br": brotli.compress(TEXT),
    "zstd": zstandard.ZstdCompressor().compress(TEXT),
}


def decoded(coding: str, body: bytes, **limits: int) -> tuple[bytes, tuple[str, ...]]:
    return decode_body([(b"Content-Encoding", coding.encode())] if coding else [], body, **limits)


@pytest.mark.parametrize("coding", PACKED)
def test_each_coding_is_undone(coding: str) -> None:
    assert decoded(coding, PACKED[coding]) == (TEXT, ())


@pytest.mark.parametrize("coding", PACKED)
def test_what_decodes_before_the_cut_is_given_and_flagged(coding: str) -> None:
    noise = bytes(n * n * 7 % 251 for n in range(100_000))
    whole = {
        "deflate": zlib.compress(noise),
        "br": brotli.compress(noise, quality=1),
        "zstd": zstandard.ZstdCompressor(level=1).compress(noise),
    }.get(coding, gzip.compress(noise))
    found, flags = decoded(coding, whole[:-4])
    assert noise.startswith(found)
    assert flags in (("content_coding_truncated",), ()) if coding == "zstd" else flags == ("content_coding_truncated",)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_a_coding_that_is_only_declared_leaves_the_body_as_it_is(coding: str) -> None:
    assert decoded(coding, TEXT) == (TEXT, ("content_coding_false",))


@pytest.mark.parametrize("coding", PACKED)
def test_a_bomb_ends_at_the_bound(coding: str) -> None:
    zeros = bytes(3_000_000)
    bomb = {
        "deflate": zlib.compress(zeros),
        "br": brotli.compress(zeros),
        "zstd": zstandard.ZstdCompressor().compress(zeros),
    }.get(coding, gzip.compress(zeros))
    assert decoded(coding, bomb, max_body=100_000) == (zeros[:100_000], ("body_capped",))


def test_deflate_without_its_zlib_head_is_read() -> None:
    assert decoded("deflate", raw_deflate(TEXT)) == (TEXT, ())


def test_all_members_of_gzip_count_and_padding_after_them_does_not() -> None:
    assert decoded("gzip", GZIP + GZIP + bytes(100)) == (TEXT + TEXT, ())


def test_codings_are_undone_last_first() -> None:
    assert decoded("deflate, gzip", gzip.compress(zlib.compress(TEXT))) == (TEXT, ())


def test_gzip_that_nobody_declared_or_that_was_packed_twice_is_undone_and_flagged() -> None:
    assert decoded("", GZIP) == (TEXT, ("content_coding_undeclared",))
    assert decoded("gzip", gzip.compress(GZIP)) == (TEXT, ("content_coding_doubled",))


def test_a_body_broken_in_the_middle_gives_what_came_before() -> None:
    body = bytearray(gzip.compress(bytes(n * n * 7 % 251 for n in range(200_000))))
    body[len(body) // 2 : len(body) // 2 + 64] = b"\xff" * 64
    _, flags = decoded("gzip", bytes(body))
    assert flags == ("content_coding_broken",)


def test_codings_nobody_can_undo_are_flagged() -> None:
    assert decoded("compress", TEXT) == (TEXT, ("content_coding_unsupported",))
    assert decoded("utf-8", TEXT) == (TEXT, ("content_coding_false",))
    assert decoded("identity", TEXT) == (TEXT, ())
    assert decoded("gzip", b"") == (b"", ())
