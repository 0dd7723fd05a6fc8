"""Entries of zip files others packed: what can be read of them, without `zipfile`'s surprises."""

from __future__ import annotations

__all__ = ["BAD_ZIP", "EntryStream", "open_entry", "overlapping"]

import lzma
import struct
import zipfile
import zlib
from typing import IO

BAD_ZIP = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OverflowError,
    OSError,
    lzma.LZMAError,
)
"""What `zipfile` raises over damaged, encrypted and oddly packed files: where a file's directory says that something
lies before its first byte, the system refuses to go there.
"""


def open_entry(package: zipfile.ZipFile, entry: zipfile.ZipInfo) -> IO[bytes]:
    """Return the content of `entry`, wherever its directory says that it ends; `overlapping` tells what shares bytes.

    Newer Pythons refuse an entry whose size is said to reach into the next, and warn of two at one place: the archive
    would be read with one Python and not with another.
    """
    if hasattr(entry, "_end_offset"):
        entry._end_offset = None
    return package.open(entry)


def overlapping(package: zipfile.ZipFile) -> frozenset[int]:
    """Return the identities of entries that share bytes with one before them: a small file of such is read for ever."""
    found = []
    end, limit = 0, package.start_dir
    for entry in sorted(package.infolist(), key=lambda entry: entry.header_offset):
        if entry.header_offset < end:
            found.append(id(entry))
        elif entry.header_offset + entry.compress_size <= limit:
            end = entry.header_offset + max(entry.compress_size, 1)
    return frozenset(found)


class EntryStream:
    """An entry of a zip file as a stream that ends where the entry cannot be read on, and then says why."""

    def __init__(self, content: IO[bytes]) -> None:
        self._content = content
        self.damage: str | None = None

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` bytes (-1: all); nothing after damage."""
        try:
            return b"" if self.damage else self._content.read(size)
        except BAD_ZIP as error:
            self.damage = str(error)
            return b""

    def readinto(self, buffer: memoryview) -> int:
        """Fill `buffer` from `read`; return how far."""
        piece = self.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)

    def seekable(self) -> bool:
        """Return False: seeking in a packed entry reads it from its start."""
        return False

    def __enter__(self) -> EntryStream:
        return self

    def __exit__(self, *_: object) -> None:
        pass
