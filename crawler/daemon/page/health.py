"""Is it well? Looked at in the background every few seconds, so that asking costs nothing and the answer is true."""

from __future__ import annotations

__all__ = ["Check", "HealthWatch", "SpoolHealth"]

import asyncio
import os
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from crawler.archive.store import Store
from crawler.archive.write.spool_folder import OPEN_SUFFIX, SEALED, lanes
from crawler.clock import Clock
from crawler.config import Config
from crawler.daemon.fleet import WorkerView
from crawler.daemon.housekeeping import Housekeeping
from crawler.errors import StateError, StoreError
from crawler.log import EventLog
from crawler.run.state_folder import SPOOL
from crawler.state import State

_log = EventLog(__name__)

_EVERY_S = 5.0
_STORE_EVERY_S = 120.0
_STORE_AGAIN_S = 15.0
"""While it is in trouble."""
_LATE_S = 60.0


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that must be so for captures to be kept."""

    name: str
    ok: bool
    detail: str


class SpoolHealth(msgspec.Struct, frozen=True, kw_only=True):
    """What waits on this machine."""

    used_bytes: int
    quota_bytes: int
    free_bytes: int
    """Of the disk, for this user."""
    min_free_bytes: int
    open_files: int
    waiting_files: int
    """Sealed, and not confirmed by the store."""
    oldest_waiting_s: float
    """Since the oldest of them was last written; 0 without any."""

    @property
    def has_room(self) -> bool:
        """Tell whether fetching goes on."""
        return self.used_bytes <= self.quota_bytes and self.free_bytes >= self.min_free_bytes


class HealthWatch:
    """Looks after spool, store and state; `run` until cancelled."""

    def __init__(
        self, config: Config, state: State, store: Store, housekeeping: Housekeeping, clock: Clock, threads: Executor
    ) -> None:
        """`state` is a connection of its own: looking must not hold up the pages."""
        self.spool: SpoolHealth | None = None
        self.sites: tuple[str, ...] = ()
        """All that URLs are known of, declared or not."""
        self.languages: tuple[str, ...] = ()
        self._config = config
        self._state = state
        self._store = store
        self._housekeeping = housekeeping
        self._clock = clock
        self._threads = threads
        self._root = Path(config.state.dir) / SPOOL
        self._store_check = Check(name="store", ok=False, detail="not looked at yet")
        self._state_check = Check(name="state", ok=False, detail="not looked at yet")
        self._spool_trouble: str | None = "not looked at yet"
        self._looked_at: float | None = None
        self.store_checked_at: datetime | None = None

    @property
    def behind(self) -> bool:
        """Tell whether something happened that is not counted yet."""
        return self._housekeeping.behind

    def set_config(self, config: Config) -> None:
        """Judge by these settings from now on."""
        self._config = config

    async def run(self) -> None:
        """Look at everything, again and again."""
        await asyncio.gather(self._look_repeatedly(), self._look_at_store_repeatedly())

    async def look(self) -> None:
        """Look at state and spool."""
        await self._thread(self._look_at_spool)
        await self._thread(self._look_at_state)
        self._looked_at = self._clock.monotonic()

    async def look_at_store(self) -> None:
        """Prove that the store can be written to."""
        await self._thread(self._check_store)

    def checks(self, workers: Sequence[WorkerView], *, stopping: bool) -> tuple[Check, ...]:
        """Return all checks as of now; `workers` are the supervisor's."""
        return (self._state_check, self._store_check, self._room(), self._workers(workers, stopping))

    async def _look_repeatedly(self) -> None:
        while True:
            await self.look()
            await asyncio.sleep(_EVERY_S)

    async def _look_at_store_repeatedly(self) -> None:
        while True:
            await self.look_at_store()
            await asyncio.sleep(_STORE_EVERY_S if self._store_check.ok else _STORE_AGAIN_S)

    async def _thread(self, call: Callable[[], None]) -> None:
        await asyncio.get_running_loop().run_in_executor(self._threads, call)

    def _look_at_state(self) -> None:
        try:
            self.sites = tuple(self._state.tallied_sites())
            self.languages = tuple(self._state.languages())
        except StateError as error:
            self._note_state(Check(name="state", ok=False, detail=error.what))
        else:
            trouble = self._housekeeping.trouble
            self._note_state(Check(name="state", ok=trouble is None, detail=trouble or "reads and writes"))

    def _note_state(self, check: Check) -> None:
        if not check.ok and check != self._state_check:
            _log.warning("the state is in trouble", error=check.detail)
        self._state_check = check

    def _check_store(self) -> None:
        try:
            self._store.check()
        except StoreError as error:
            self._store_check = Check(name="store", ok=False, detail=error.what)
        else:
            self._store_check = Check(name="store", ok=True, detail="takes and keeps objects")
        self.store_checked_at = self._clock.now()

    def _look_at_spool(self) -> None:
        settings = self._config.spool
        try:
            self._root.mkdir(parents=True, exist_ok=True)
            disk = os.statvfs(self._root)
            used, opened, waiting = _survey(self._root)
        except OSError as error:
            self._spool_trouble = f"{self._root} cannot be read: {error.strerror}"
            return
        oldest = min(waiting, default=None)
        self.spool = SpoolHealth(
            used_bytes=used,
            quota_bytes=settings.quota_bytes,
            free_bytes=disk.f_bavail * disk.f_frsize,
            min_free_bytes=settings.min_free_bytes,
            open_files=opened,
            waiting_files=len(waiting),
            oldest_waiting_s=max(0.0, (self._clock.now() - oldest).total_seconds()) if oldest else 0.0,
        )
        self._spool_trouble = None

    def _room(self) -> Check:
        spool = self.spool
        if self._spool_trouble is not None or spool is None:
            return Check(name="spool", ok=False, detail=self._spool_trouble or "not looked at yet")
        if self._looked_at is not None and self._clock.monotonic() - self._looked_at > _LATE_S:
            return Check(name="spool", ok=False, detail=f"not looked at for more than {_LATE_S:.0f} s")
        if spool.has_room:
            return Check(name="spool", ok=True, detail="there is room")
        full = "its quota is used up" if spool.used_bytes > spool.quota_bytes else "the disk is nearly full"
        return Check(name="spool", ok=False, detail=f"{full}; fetching has stopped")

    def _workers(self, workers: Sequence[WorkerView], stopping: bool) -> Check:
        limit_s = self._config.daemon.heartbeat_s
        alive = [worker for worker in workers if not worker.retiring and worker.silent_s <= limit_s]
        wanted = self._config.daemon.workers
        if stopping:
            return Check(name="workers", ok=False, detail="the daemon is stopping")
        return Check(name="workers", ok=len(alive) >= wanted, detail=f"{len(alive)} of {wanted} alive")


def _survey(root: Path) -> tuple[int, int, list[datetime]]:
    """Return bytes used, how many files are open, and when each file that waits for the store was last written."""
    used = opened = 0
    waiting = []
    for folder in lanes(root):
        names = {entry.name: entry for entry in os.scandir(folder)}
        for name, entry in names.items():
            with suppress(FileNotFoundError):  # shipped and removed meanwhile
                status = entry.stat()
                used += status.st_size
                opened += name.endswith(OPEN_SUFFIX)
                if SEALED.fullmatch(name) and f"{name.removesuffix('.warc.gz')}.receipt.json" not in names:
                    waiting.append(datetime.fromtimestamp(status.st_mtime, UTC))
    return used, opened, waiting
