"""A stream that is hashed while somebody else reads it."""

from __future__ import annotations

__all__ = ["HashedStream"]

import hashlib
from typing import BinaryIO

_PIECE = 1 << 20


class HashedStream:
    """Hashes what passes; not seekable, so that all passes once. Reads only."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.digest = hashlib.sha256()
        self.size = 0
        """Bytes that have passed."""

    def seekable(self) -> bool:
        """Return False."""
        return False

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` bytes (all: -1)."""
        piece = self._stream.read(size)
        self.digest.update(piece)
        self.size += len(piece)
        return piece

    def drain(self) -> None:
        """Let the rest pass."""
        while self.read(_PIECE):
            pass
