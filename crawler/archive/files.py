"""Files that outlive a power cut: the few calls that must be made in the right order, in one place."""

from __future__ import annotations

__all__ = ["fsync_folder", "locked", "make_folder", "replace_durably", "sha256_of"]

import fcntl
import hashlib
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def fsync_folder(folder: Path) -> None:
    """Make the names in `folder` durable: a new, renamed or removed file is only then sure to stay so."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_folder(folder: Path, *, mode: int = 0o777) -> None:
    """Make `folder` with `mode` (less the umask) and those above it, so that they outlive a power cut. Raises
    OSError.
    """
    if not folder.is_dir():
        make_folder(folder.parent)
        with suppress(FileExistsError):
            folder.mkdir(mode)
        fsync_folder(folder.parent)


@contextmanager
def locked(path: Path) -> Iterator[int]:
    """Yield the descriptor of the file `path`, which is made if it is missing, while nobody else has it so. Waits.

    The system takes the lock back when the process dies. Raises OSError.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle
    finally:
        os.close(handle)


def replace_durably(path: Path, content: bytes) -> None:
    """Give `path` the bytes `content`, whole or not at all, on disk when this returns. Raises OSError."""
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}.tmp")
    try:
        with temporary.open("xb") as target:
            target.write(content)
            target.flush()
            os.fsync(target.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    fsync_folder(path.parent)


def sha256_of(path: Path) -> bytes:
    """Return the digest (32 bytes) of a file's content, read once in pieces."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").digest()
