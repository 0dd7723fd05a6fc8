"""One process per state folder: the lock of the database's and the spool's owner, which ends with its process."""

from __future__ import annotations

__all__ = ["StateLock"]

import fcntl
import os
from pathlib import Path

from crawler.clock import Clock, iso_utc
from crawler.errors import SpoolBusy, StateError

_NAME = "owner.lock"
_DAEMON = "daemon"


class StateLock:
    """Held by the one crawl, daemon or rebuild of a state folder; the system frees it however the process ends.

    A daemon's workers are its own: they take lanes of the spool (`crawler.archive.write.spool_folder`), not this lock. Commands that
    only read need none.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def take(cls, folder: Path, command: str, *, clock: Clock) -> StateLock:
        """Return the lock of the state folder for ``warraq COMMAND``.

        Raises SpoolBusy naming the process that holds it, StateError if the folder cannot be written to.
        """
        path = folder / _NAME
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StateError(
                f"cannot write {path}: {error.strerror}", next_step="check permissions, or choose a folder with --state"
            ) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(descriptor, 200).decode("utf-8", "replace").strip()
            os.close(descriptor)
            raise _busy(folder, holder, command) from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{command} {os.getpid()} {iso_utc(clock.now())}\n".encode(), 0)
        return cls(descriptor)

    def free(self) -> None:
        """Give the lock up; doing so twice does nothing."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> StateLock:
        return self

    def __exit__(self, *_: object) -> None:
        self.free()


def _busy(folder: Path, holder: str, command: str) -> SpoolBusy:
    name, _, rest = holder.partition(" ")
    pid, _, since = rest.partition(" ")
    who = f"`warraq {name}` (process {pid}, since {since})" if since else "a process that has just started"
    own = "or choose a folder of its own with --state DIR"
    if name == _DAEMON and command == "crawl":
        step = f"have the daemon crawl with `warraq trigger SITE`, {own}"
    elif name == _DAEMON and command == "sites":
        step = f"what its own polls found tells `warraq sites NAME`; to ask now, stop it first, {own}"
    elif name == _DAEMON:
        step = f"stop it first, {own}"
    else:
        step = f"wait for its end, {own}"
    return SpoolBusy(f"{folder} is in use by {who}", next_step=step)
