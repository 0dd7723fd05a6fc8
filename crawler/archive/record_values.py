"""How digests and media types are written, in records and in indexes alike."""

from __future__ import annotations

__all__ = ["base32", "media_type"]

import re
from base64 import b32encode
from functools import lru_cache

from crawler.http.head import ResponseHead

_TYPE = re.compile(rb"[A-Za-z0-9!#$%&'*+.^_`|~-]+/[A-Za-z0-9!#$%&'*+.^_`|~-]+")


@lru_cache(64)
def base32(digest: bytes) -> str:
    """Return `digest` as WARC digests and CDXJ write sha1: Base32, no padding for 20 bytes."""
    return b32encode(digest).decode("ascii")


def media_type(head: ResponseHead | None) -> str:
    """Return the declared media type in lower case without parameters; ``unk`` if none that can be read."""
    declared = head.get(b"content-type") if head is not None else None
    match = _TYPE.match(declared.strip()) if declared else None
    return match[0].decode("ascii").lower() if match else "unk"
