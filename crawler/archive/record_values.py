"""How digests and media types are written, in records and in indexes alike; how what is no JSON shows."""

from __future__ import annotations

__all__ = ["BAD_JSON", "base32", "is_base32", "media_type"]

import re
from base64 import b32encode
from functools import lru_cache

import msgspec

from crawler.http.head import ResponseHead

BAD_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What reading JSON of unknown origin raises: also over a hundred thousand brackets."""

_TYPE = re.compile(rb"[A-Za-z0-9!#$%&'*+.^_`|~-]+/[A-Za-z0-9!#$%&'*+.^_`|~-]+")

_DIGITS = bytes.maketrans(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567abcdefghijklmnopqrstuvwxyz0189", b"0123456789abcdefghijklmnopqrstuv" + b"!" * 30
)
"""From the digits of Base32 to Python's of base 32."""


@lru_cache(64)
def base32(digest: bytes) -> str:
    """Return `digest` as WARC digests and CDXJ write sha1: Base32, no padding for 20 bytes."""
    return b32encode(digest).decode("ascii")


def is_base32(declared: bytes, digest: bytes) -> bool:
    """Tell whether `declared` is ``sha1:`` and `digest` (20 bytes) in Base32, without making the text: six times as
    fast.
    """
    if len(declared) != 37 or not declared.startswith(b"sha1:") or not declared[5:].isalnum():
        return False
    try:
        return int(declared[5:].translate(_DIGITS), 32) == int.from_bytes(digest, "big")
    except ValueError:
        return False


def media_type(head: ResponseHead | None) -> str:
    """Return the declared media type in lower case without parameters; ``unk`` if none that can be read."""
    declared = head.get(b"content-type") if head is not None else None
    match = _TYPE.match(declared.strip()) if declared else None
    return match[0].decode("ascii").lower() if match else "unk"
