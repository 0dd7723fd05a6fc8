"""Where the bytes of a response go while they arrive: a block that spills to disk, an entity that is only measured.

A `SpooledBlock` holds up to ``MEMORY_BYTES`` in memory and the rest, whatever its size, in an unnamed temporary file;
an `Entity` keeps digests, the size and a bounded beginning. Neither ever holds a large body in memory.
"""

from __future__ import annotations

__all__ = ["MEMORY_BYTES", "Entity", "SpooledBlock"]

import hashlib
import os
import tempfile
from collections.abc import Iterator

MEMORY_BYTES = 1 << 20
"""A block larger than this lives in a file."""


class SpooledBlock:
    """A `crawler.model.exchange.Block` that is written once, in order, and read any number of times.

    The file has no name: it is gone when the block is, even if the process is killed.
    """

    __slots__ = ("_fd", "_memory_bytes", "_pieces", "size")

    def __init__(self, memory_bytes: int = MEMORY_BYTES) -> None:
        self._pieces: list[bytes] = []
        self._fd = -1
        self._memory_bytes = memory_bytes
        self.size = 0
        """Length in bytes."""

    def write(self, piece: bytes) -> None:
        """Append `piece`. Raises OSError if the disk is full; the block then ends with what fitted before."""
        if self._fd >= 0:
            _write_all(self._fd, piece, self.size)
        else:
            self._pieces.append(piece)
        self.size += len(piece)
        if self._fd < 0 and self.size > self._memory_bytes:
            self._spill()

    def chunks(self, size: int = 1 << 16) -> Iterator[bytes]:
        """Yield the bytes in order, in pieces of at most `size` (the last may be shorter)."""
        if self._fd < 0:
            content = self.read()
            for start in range(0, len(content), size):
                yield content[start : start + size]
            return
        for start in range(0, self.size, size):
            yield os.pread(self._fd, min(size, self.size - start), start)

    def read(self, limit: int = -1) -> bytes:
        """Return the first `limit` bytes (all: -1) as one object."""
        wanted = self.size if limit < 0 else min(limit, self.size)
        if self._fd < 0:
            if len(self._pieces) > 1:
                self._pieces = [b"".join(self._pieces)]
            content = self._pieces[0] if self._pieces else b""
            return content if wanted == len(content) else content[:wanted]
        return _read_all(self._fd, wanted)

    def _spill(self) -> None:
        handle = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - it lives as long as the block
        with handle:
            fd = os.dup(handle.fileno())
        try:
            _write_all(fd, b"".join(self._pieces), 0)
        except OSError:
            os.close(fd)
            raise
        self._fd = fd
        self._pieces = []

    def __del__(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


class Entity:
    """The entity (body de-chunked, still content-coded) as it arrives: digests, size and the first `keep_bytes`."""

    __slots__ = ("_keep", "_pieces", "_sha1", "_sha256", "size")

    def __init__(self, keep_bytes: int) -> None:
        self._pieces: list[bytes] = []
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
            self._pieces.append(piece[: self._keep - self.size])
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
        if len(self._pieces) == 1:
            return self._pieces[0]
        return b"".join(self._pieces)


def _write_all(fd: int, content: bytes, offset: int) -> None:
    view = memoryview(content)
    while view:
        written = os.pwrite(fd, view, offset)
        view = view[written:]
        offset += written


def _read_all(fd: int, wanted: int) -> bytes:
    parts = []
    offset = 0
    while offset < wanted:
        part = os.pread(fd, min(1 << 20, wanted - offset), offset)
        parts.append(part)
        offset += len(part)
    return b"".join(parts)
