"""Blocks too large for memory, kept in an unnamed temporary file until nobody holds them."""

from __future__ import annotations

__all__ = ["FileBlock"]

import os
import tempfile
import weakref
from collections.abc import Iterator
from typing import BinaryIO, cast


class FileBlock:
    """A `crawler.model.exchange.Block` on disk; the file goes when the object does. May be read by many threads."""

    __slots__ = ("__weakref__", "_file", "_size")

    def __init__(self) -> None:
        self._file = cast("BinaryIO", tempfile.TemporaryFile(prefix="warraq-", buffering=0))  # noqa: SIM115 - closed when the block goes
        self._size = 0
        weakref.finalize(self, self._file.close)

    def append(self, piece: bytes) -> None:
        """Add `piece` at the end; only while the block is being made."""
        while piece:
            written = os.pwrite(self._file.fileno(), piece, self._size)
            self._size += written
            piece = piece[written:]

    @property
    def size(self) -> int:
        """Length in bytes."""
        return self._size

    def chunks(self, size: int = 1 << 16) -> Iterator[bytes]:
        """Yield the bytes in order, in pieces of at most `size`."""
        at = 0
        while piece := os.pread(self._file.fileno(), min(size, self._size - at), at):
            at += len(piece)
            yield piece

    def read(self, limit: int = -1) -> bytes:
        """Return the first `limit` bytes (all: -1) as one object."""
        wanted = self._size if limit < 0 else min(limit, self._size)
        return b"".join(_upto(self.chunks(), wanted))


def _upto(pieces: Iterator[bytes], wanted: int) -> Iterator[bytes]:
    for piece in pieces:
        yield piece[:wanted]
        wanted -= len(piece)
        if wanted <= 0:
            return
