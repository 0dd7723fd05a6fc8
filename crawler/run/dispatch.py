"""How a run gets to a worker, and who may crawl a site: the two seams that crawling on several machines needs.

Embedded: the queue of the state, and a lock file for each site in the state folder. Whoever adds others passes
tests/run/test_dispatch.py with them.
"""

from __future__ import annotations

__all__ = ["Dispatcher", "FileSiteLocks", "MemoryDispatcher", "MemorySiteLocks", "QueueDispatcher", "SiteLocks"]

import fcntl
import os
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from crawler.errors import StateError
from crawler.model.run import Run
from crawler.state import State


class Dispatcher(Protocol):
    """Hands runs to workers."""

    def submit(self, run: Run, *, lane: str) -> bool:
        """Have `run` carried out soon, by one worker, never beside another run of its politeness key `lane`.

        Returns False if its fire (site, scheduled_at) has a run already; then nothing happens. Raises StateError.
        """


class SiteLocks(Protocol):
    """One lock for each site. Its holder alone crawls the site, and asks before each request whether it still does."""

    def take(self, site: str) -> bool:
        """Take the lock of `site`; return False if somebody else holds it. Raises StateError."""

    def free(self, site: str) -> None:
        """Give the lock of `site` up; doing so twice does nothing."""

    def alive(self, site: str) -> bool:
        """Tell whether the lock of `site` is held by us, still."""


class QueueDispatcher:
    """The queue of the state, from which the workers of this machine claim."""

    def __init__(self, state: State, *, on_queued: Callable[[Run], None]) -> None:
        """`on_queued` is told of each run that was queued: workers look once a second, and sooner if woken."""
        self._state = state
        self._on_queued = on_queued

    def submit(self, run: Run, *, lane: str) -> bool:
        added = self._state.add_run(run, lane=lane)
        if added:
            self._on_queued(run)
        return added


class MemoryDispatcher:
    """Keeps what is submitted, for tests."""

    def __init__(self) -> None:
        self.submitted: list[tuple[Run, str]] = []

    def submit(self, run: Run, *, lane: str) -> bool:
        fire = (run.site, run.scheduled_at)
        if run.scheduled_at is not None and fire in ((one.site, one.scheduled_at) for one, _ in self.submitted):
            return False
        self.submitted.append((run, lane))
        return True


class FileSiteLocks:
    """Lock files in a folder; the system frees those of a process however it ends."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: dict[str, int] = {}

    def take(self, site: str) -> bool:
        if site in self._held:
            return False
        path = self._path(site)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise StateError(f"cannot write {path}: {error.strerror}", next_step="check permissions") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            return False
        self._held[site] = descriptor
        return True

    def free(self, site: str) -> None:
        descriptor = self._held.pop(site, None)
        if descriptor is not None:
            os.close(descriptor)

    def alive(self, site: str) -> bool:
        """Tell whether the file that we locked is still the one that others would lock."""
        descriptor = self._held.get(site)
        if descriptor is None:
            return False
        try:
            return os.path.samestat(os.fstat(descriptor), self._path(site).stat())
        except OSError:
            return False

    def _path(self, site: str) -> Path:
        return self._folder / f"{site}.lock"


class MemorySiteLocks:
    """Locks among those who share `holders`, for tests."""

    def __init__(self, holders: dict[str, object]) -> None:
        self._holders = holders

    def take(self, site: str) -> bool:
        if site in self._holders:
            return False
        self._holders[site] = self
        return True

    def free(self, site: str) -> None:
        if self.alive(site):
            del self._holders[site]

    def alive(self, site: str) -> bool:
        return self._holders.get(site) is self
