"""Bytes that may be too many for memory: a block held in memory, and one that moves to a file when it grows.

The file has no name: it is gone when nobody holds the block any longer, even if the process is killed.
"""

from __future__ import annotations

__all__ = ["MEMORY_BYTES", "Block", "MemoryBlock", "Pieces", "SpooledBlock"]

import os
import tempfile
from collections.abc import Iterator
from typing import Protocol

MEMORY_BYTES = 1 << 20
"""A block larger than this lives in a file."""

_SMALL = 1 << 12
_RUN = 1 << 16
_READ = 1 << 20


class Block(Protocol):
    """Bytes in order; may be read any number of times."""

    @property
    def size(self) -> int:
        """Length in bytes."""

    def chunks(self, size: int = 1 << 16) -> Iterator[bytes]:
        """Yield the bytes in order, in pieces of at most `size` (the last may be shorter)."""

    def read(self, limit: int = -1) -> bytes:
        """Return the first `limit` bytes (all: -1) as one object."""


class MemoryBlock:
    """A `Block` held in memory."""

    __slots__ = ("_content",)

    def __init__(self, content: bytes) -> None:
        self._content = content

    @property
    def size(self) -> int:
        return len(self._content)

    def chunks(self, size: int = 1 << 16) -> Iterator[bytes]:
        for start in range(0, len(self._content), size):
            yield self._content[start : start + size]

    def read(self, limit: int = -1) -> bytes:
        return self._content if limit < 0 else self._content[:limit]


class Pieces:
    """Bytes gathered as they come. Small pieces are run together: each alone would cost forty times its content."""

    __slots__ = ("_pieces", "_run")

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._run = bytearray()

    def add(self, piece: bytes) -> None:
        """Append `piece`."""
        if len(piece) < _SMALL:
            self._run += piece
            if len(self._run) < _RUN:
                return
            piece = b""
        if self._run:
            self._pieces.append(bytes(self._run))
            self._run = bytearray()
        if piece:
            self._pieces.append(piece)

    def joined(self) -> bytes:
        """Return all of it as one object, the same one until more is added."""
        if self._run or len(self._pieces) != 1:
            self._pieces = [b"".join((*self._pieces, self._run))]
            self._run = bytearray()
        return self._pieces[0]


class SpooledBlock:
    """A `Block` that is written once, in order, and read any number of times, by any thread once it is written."""

    __slots__ = ("_fd", "_memory_bytes", "_pieces", "size")

    def __init__(self, memory_bytes: int = MEMORY_BYTES) -> None:
        self._pieces = Pieces()
        self._fd = -1
        self._memory_bytes = memory_bytes
        self.size = 0
        """Length in bytes."""

    def write(self, piece: bytes) -> None:
        """Append `piece`. Raises OSError if the disk is full; the block then ends with what fitted before."""
        if self._fd >= 0:
            _write_all(self._fd, piece, self.size)
        else:
            self._pieces.add(piece)
        self.size += len(piece)
        if self._fd < 0 and self.size > self._memory_bytes:
            self._spill()

    def chunks(self, size: int = 1 << 16) -> Iterator[bytes]:
        """Yield the bytes in order, in pieces of at most `size` (the last may be shorter)."""
        if self._fd < 0:
            yield from MemoryBlock(self._pieces.joined()).chunks(size)
            return
        for start in range(0, self.size, size):
            yield _read_at(self._fd, min(size, self.size - start), start)

    def read(self, limit: int = -1) -> bytes:
        """Return the first `limit` bytes (all: -1) as one object."""
        if self._fd < 0:
            content = self._pieces.joined()
            return content if limit < 0 or limit >= len(content) else content[:limit]
        return _read_at(self._fd, self.size if limit < 0 else min(limit, self.size), 0)

    def _spill(self) -> None:
        handle = tempfile.TemporaryFile(prefix="warraq-", buffering=0)  # noqa: SIM115 - it lives as long as the block
        with handle:
            fd = os.dup(handle.fileno())
        try:
            _write_all(fd, self._pieces.joined(), 0)
        except OSError:
            os.close(fd)
            raise
        self._fd = fd
        self._pieces = Pieces()

    def __del__(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def _write_all(fd: int, content: bytes, offset: int) -> None:
    view = memoryview(content)
    while view:
        written = os.pwrite(fd, view, offset)
        view = view[written:]
        offset += written


def _read_at(fd: int, wanted: int, offset: int) -> bytes:
    """Return `wanted` bytes of the file from `offset` on; one read gives fewer only if there are many."""
    parts = []
    while wanted and (part := os.pread(fd, min(_READ, wanted), offset)):
        parts.append(part)
        offset += len(part)
        wanted -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)
