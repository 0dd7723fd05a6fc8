"""One process at a time, on one machine: a lock that ends with its holder."""

from __future__ import annotations

__all__ = ["alone"]

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crawler.errors import StateError


@contextmanager
def alone(folder: Path, name: str) -> Iterator[None]:
    """Keep others from updating `name`, of the state folder, meanwhile. Raises StateError if one does, or it cannot
    be.
    """
    path = folder / f"{name}.lock"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = path.open("ab")
    except OSError as error:
        raise StateError(
            f"cannot write {path}: {error.strerror}", next_step="check permissions, or choose a folder with --state"
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StateError(
                f"another process is updating the {name}", next_step="wait for it; what it began it ends"
            ) from error
        yield
