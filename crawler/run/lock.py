"""One process per state folder: the lock of the database's and the spool's owner, which ends with its process."""

from __future__ import annotations

__all__ = ["OWNER", "StateLock"]

import fcntl
import os
from pathlib import Path

from crawler.clock import Clock, iso_utc
from crawler.errors import SpoolBusy, StateError

OWNER = "owner.lock"
"""Its name in the folder; it stays there."""
_GUESTS = "guests.lock"
"""Locked, shared, by those who are at work beside a daemon: it may end before they do."""
_DAEMON = "daemon"


class StateLock:
    """Held by the one crawl, daemon or rebuild of a state folder; the system frees it however the process ends.

    A daemon's workers are its own: they take lanes of the spool (`crawler.archive.write.spool_folder`), not this lock.
    So do commands that may be at work beside a daemon (`beside_daemon`). Commands that only read need none.
    """

    def __init__(self, *descriptors: int) -> None:
        self._descriptors = descriptors

    @classmethod
    def take(cls, folder: Path, command: str, *, clock: Clock) -> StateLock:
        """Return the lock of the state folder for ``warraq COMMAND``.

        Raises SpoolBusy naming the process that holds it, StateError if the folder cannot be written to.
        """
        descriptor = _opened(folder, OWNER)
        holder = _owned(descriptor, command, clock)
        if holder is not None:
            os.close(descriptor)
            raise _busy(folder, holder, command)
        if command != _DAEMON and _has_guests(folder):
            os.close(descriptor)
            raise SpoolBusy(
                f"{folder} is in use by a command that a daemon had beside it", next_step="wait for its end"
            )
        return cls(descriptor)

    @classmethod
    def beside_daemon(cls, folder: Path, command: str, *, clock: Clock) -> StateLock:
        """Return the lock, or a guest's place beside the daemon that holds it: another process that crawls, like its
        workers.

        No other command takes the lock before the guests have left. Raises as `take`; any number may be guests at once.
        """
        guests, descriptor = _opened(folder, _GUESTS), _opened(folder, OWNER)
        try:
            fcntl.flock(guests, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError as error:
            os.close(guests)
            os.close(descriptor)
            raise _busy(folder, "", command) from error
        holder = _owned(descriptor, command, clock)
        if holder is None or holder.partition(" ")[0] == _DAEMON:
            return cls(descriptor, guests)
        os.close(guests)
        os.close(descriptor)
        raise _busy(folder, holder, command)

    def free(self) -> None:
        """Give the lock up; doing so twice does nothing."""
        for descriptor in self._descriptors:
            os.close(descriptor)
        self._descriptors = ()

    def __enter__(self) -> StateLock:
        return self

    def __exit__(self, *_: object) -> None:
        self.free()


def _opened(folder: Path, name: str) -> int:
    path = folder / name
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StateError(
            f"cannot write {path}: {error.strerror}", next_step="check permissions, or choose a folder with --state"
        ) from error


def _owned(descriptor: int, command: str, clock: Clock) -> str | None:
    """Lock `descriptor` for ``warraq COMMAND`` and return None, or return who has it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return os.read(descriptor, 200).decode("utf-8", "replace").strip()
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{command} {os.getpid()} {iso_utc(clock.now())}\n".encode(), 0)
    return None


def _has_guests(folder: Path) -> bool:
    descriptor = _opened(folder, _GUESTS)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False


def _busy(folder: Path, holder: str, command: str) -> SpoolBusy:
    name, _, rest = holder.partition(" ")
    pid, _, since = rest.partition(" ")
    who = f"`warraq {name}` (process {pid}, since {since})" if since else "a process that has just started"
    own = "or choose a folder of its own with --state DIR"
    if name == _DAEMON and command == "crawl":
        step = f"have the daemon crawl with `warraq trigger SITE`, {own}"
    elif name == _DAEMON:
        step = f"stop it first, {own}"
    else:
        step = f"wait for its end, {own}"
    return SpoolBusy(f"{folder} is in use by {who}", next_step=step)
