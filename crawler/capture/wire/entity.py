"""The entity of a response as it arrives: measured whole, kept in part."""

from __future__ import annotations

__all__ = ["Entity"]

import hashlib

from crawler.http.blocks import Pieces


class Entity:
    """The entity (body de-chunked, still content-coded) as it arrives: digests, size and the first `keep_bytes`."""

    __slots__ = ("_keep", "_pieces", "_sha1", "_sha256", "size")

    def __init__(self, keep_bytes: int) -> None:
        self._pieces = Pieces()
        self._keep = keep_bytes
        self._sha1 = hashlib.sha1(usedforsecurity=False)
        self._sha256 = hashlib.sha256()
        self.size = 0
        """Length in bytes, all of it."""

    def write(self, piece: bytes) -> None:
        """Take the next `piece` into account."""
        self._sha1.update(piece)
        self._sha256.update(piece)
        if self.size < self._keep:
            self._pieces.add(piece[: self._keep - self.size])
        self.size += len(piece)

    @property
    def sha1(self) -> bytes:
        """Digest of what was written so far, 20 bytes."""
        return self._sha1.digest()

    @property
    def sha256(self) -> bytes:
        """Digest of what was written so far, 32 bytes."""
        return self._sha256.digest()

    def beginning(self) -> bytes:
        """Return the entity, or its first `keep_bytes` if it is longer."""
        return self._pieces.joined()
