"""How digests and media types are written."""

from __future__ import annotations

import base64
import hashlib

import pytest

from crawler.archive.record_values import base32, media_type
from crawler.http.blocks import MemoryBlock
from crawler.http.head import stored_head


def declared(value: bytes):
    return stored_head(MemoryBlock(b"HTTP/1.1 200 OK\r\nContent-Type: " + value + b"\r\n\r\n"))


def test_a_sha1_is_32_letters_without_padding():
    digest = hashlib.sha1(b"hello").digest()
    assert base32(digest) == base64.b32encode(digest).decode() == "VL2MMHO4YXUKFWV63YHTWSBM3GXKSQ2N"


@pytest.mark.parametrize(
    ("value", "mime"),
    [
        (b"Text/HTML; charset=x", "text/html"),
        (b"text/html;charset=x", "text/html"),
        (b"", "unk"),
        (b"nonsense", "unk"),
        (b"text/ html", "unk"),
        (b"\xff/\xfe", "unk"),
    ],
)
def test_media_types_are_read_without_parameters(value: bytes, mime: str) -> None:
    assert media_type(declared(value)) == mime
    assert media_type(None) == "unk"
