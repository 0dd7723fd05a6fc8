"""One daemon per state folder: a lock that ends with its process, and the place of the daemon's socket."""

from __future__ import annotations

__all__ = ["InstanceLock", "socket_path"]

import fcntl
import hashlib
import os
import tempfile
from pathlib import Path

from crawler.errors import StateError, UsageError

_SOCKET_LIMIT = 100
"""A Unix socket's path has at most 107 bytes (unix(7)), fewer on some systems."""


class InstanceLock:
    """Held by the one daemon of a state folder; the kernel frees it however the process ends."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def take(cls, state_dir: Path) -> InstanceLock:
        """Return the lock of `state_dir`. Raises UsageError naming the daemon that holds it."""
        path = state_dir / "daemon.lock"
        try:
            state_dir.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise StateError(
                f"cannot write {path}: {error.strerror}", next_step="check permissions, or choose a folder with --state"
            ) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(descriptor, 20).decode("ascii", "replace").strip() or "unknown"
            os.close(descriptor)
            raise UsageError(
                f"a daemon runs already on {state_dir} (pid {holder})", next_step="stop it, or choose another --state"
            ) from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        return cls(descriptor)

    def free(self) -> None:
        """Give the lock up."""
        os.close(self._descriptor)


def socket_path(state_dir: Path) -> Path:
    """Return where the daemon of `state_dir` listens: in it, or in the temporary folder if its path is too long."""
    path = state_dir.resolve() / "warraq.sock"
    if len(os.fsencode(path)) <= _SOCKET_LIMIT:
        return path
    digest = hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"warraq-{os.getuid()}-{digest}.sock"
