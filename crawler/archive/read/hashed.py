"""A stream that is hashed while somebody else reads it."""

from __future__ import annotations

__all__ = ["HashedStream"]

import hashlib
from typing import BinaryIO

_PIECE = 1 << 20


class HashedStream:
    """Hashes what passes, each byte once and in order, whatever is read twice or skipped. Reads only."""

    def __init__(self, stream: BinaryIO) -> None:
        """`stream` is hashed from where it stands; offsets count from there."""
        self._stream = stream
        self._start = stream.tell() if stream.seekable() else 0
        self._at = 0
        self.digest = hashlib.sha256()
        self.size = 0
        """Bytes that have passed."""

    def seekable(self) -> bool:
        """Tell whether what has passed may be read again."""
        return self._stream.seekable()

    def tell(self) -> int:
        """Return the offset of what is read next."""
        return self._at

    def seek(self, offset: int) -> int:
        """Go to `offset`; what is skipped passes."""
        while self.size < offset and self._pass(min(offset - self.size, _PIECE)):
            pass
        self._stream.seek(self._start + offset)
        self._at = offset
        return offset

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` bytes (all: -1)."""
        piece = self._stream.read(size)
        before, self._at = self._at, self._at + len(piece)
        if self._at > self.size:
            self.digest.update(piece if before == self.size else memoryview(piece)[self.size - before :])
            self.size = self._at
        return piece

    def drain(self) -> None:
        """Let the rest pass."""
        while self._pass(_PIECE):
            pass

    def _pass(self, size: int) -> bytes:
        if self._at != self.size:
            self._stream.seek(self._start + self.size)
            self._at = self.size
        return self.read(size)
