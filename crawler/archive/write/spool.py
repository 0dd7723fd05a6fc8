"""The spool: where every exchange becomes durable before anybody sees it.

`Spool.record` returns when the exchange's records are on disk; what it acknowledged is found again after any crash.
Files are open (``.open``), then sealed, then shipped (`crawler.archive.write.ship`). One fsync serves all who wait.
When there is no room it says so (SpoolFull), keeps what it has whole, and goes on by itself when there is room again.
"""

from __future__ import annotations

__all__ = ["Spool", "SpoolReport"]

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from errno import EDQUOT, EFBIG, ENOSPC
from functools import partial
from pathlib import Path
from typing import TypeVar

import msgspec

from crawler.archive.write.open_warc import OpenWarc
from crawler.archive.write.records import NewId, new_record_id, warcinfo_record
from crawler.archive.write.seal import Salvage, SealedWarc, salvage, seal, sealed_warc
from crawler.archive.write.spool_folder import (
    OPEN_SUFFIX,
    HeldFolder,
    claim_lane,
    foreign_files,
    free_lanes,
    lanes,
    next_name,
    usage_bytes,
)
from crawler.clock import Clock
from crawler.config import Spooling
from crawler.errors import ArchiveError, BadArchive, SpoolFull
from crawler.model.capture import Capture, Provenance
from crawler.model.exchange import Exchange
from crawler.model.rendered import RenderedPage

T = TypeVar("T")

_INLINE = 4 << 20
"""Bytes of a response up to which writing it on the event loop costs less than handing it to a thread."""

_RECOUNT_S = 1.0
"""How long the room counted is believed, less what was written since; others write to the disk too."""

_FRESH_S = 900.0
"""How long a file that was read back when it was sealed is taken to be still the same, if the system agrees."""

_NO_ROOM = {ENOSPC, EDQUOT, EFBIG}


class SpoolReport(msgspec.Struct, frozen=True, kw_only=True):
    """What was found in the spool when it was opened."""

    salvaged: tuple[Salvage, ...] = ()
    foreign: tuple[str, ...] = ()
    """Files somebody else put there; left alone."""


class Spool:
    """The local WARC files of this process. Make one with `open`, on the event loop's thread or before it runs."""

    def __init__(
        self, root: Path, lane: HeldFolder, *, settings: Spooling, info: list[tuple[str, str]], host: str, clock: Clock,
        report: SpoolReport, new_id: NewId, sync: Callable[[int], None],
    ) -> None:  # fmt: skip
        self.report = report
        self.faults: list[str] = []
        """What went wrong while files were sealed in the background; they wait as ``.open`` and are tried again."""
        self._root = root
        self._lane = lane
        self._settings = settings
        self._info = info
        self._host = host
        self._clock = clock
        self._new_id = new_id
        self._sync = sync
        self._turn = asyncio.Lock()
        self._syncer = ThreadPoolExecutor(1, thread_name_prefix="spool-sync")
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="spool-write")
        self._sealer = ThreadPoolExecutor(1, thread_name_prefix="spool-seal")
        self._part: OpenWarc | None = None
        self._sealing: dict[OpenWarc, asyncio.Task[SealedWarc | None]] = {}
        self._fresh: dict[str, tuple[tuple[int, ...], float]] = {}
        """By name: what the system says of a file sealed lately, and when that was."""
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False
        self._usage = self._free = self._free_at = 0
        self._count(clock.monotonic())

    @classmethod
    def open(
        cls, root: Path, *, settings: Spooling, software: str, user_agent: str, robots: str, config_digest: str,
        host: str, clock: Clock, new_id: NewId = new_record_id, sync: Callable[[int], None] = os.fdatasync,
    ) -> Spool:  # fmt: skip
        """Take a lane under `root` and salvage what dead processes left in theirs; see `report`. Blocking.

        `software`, `user_agent`, `robots` (the policy) and `config_digest` go into every file's warcinfo. `sync` makes
        a file's content durable. Raises ArchiveError if the spool cannot be written to.
        """
        lane = claim_lane(root)
        try:
            salvaged = _tidy(lane)
            for other in free_lanes(root, besides=lane):
                salvaged += _tidy(other)
            foreign = [str(path) for path in foreign_files(root)]
        except OSError as error:
            lane.release()
            raise _failed(root, error) from error
        info = [
            ("software", software), ("robots", robots), ("http-header-user-agent", user_agent),
            ("operator", settings.operator), ("hostname", host), ("warraq-config-digest", config_digest),
        ]  # fmt: skip
        report = SpoolReport(salvaged=tuple(salvaged), foreign=tuple(foreign))
        return cls(
            root, lane, settings=settings, info=info, host=host, clock=clock, report=report, new_id=new_id, sync=sync
        )

    async def record(self, exchange: Exchange, provenance: Provenance, *, revisit_of: Capture | None = None) -> Capture:
        """Write the records of `exchange`, one after the other, and return when they are on disk.

        `revisit_of` is an earlier capture, safe in the store, that this one may repeat; see
        `crawler.archive.write.records.exchange_records`. An exchange without an answer gives a capture with status 0
        that points at its request record. Raises SpoolFull (nothing of the exchange is kept; try again when there is
        room), ArchiveError.
        """
        part = None if self._turn.locked() else self._current_part(exchange.response.size)
        if part is not None and exchange.response.size <= _INLINE:  # nothing to wait for: no other can come between
            capture = _write(part, exchange, provenance, revisit_of)
        else:
            async with self._turn:
                part = await self._ready_part(exchange.response.size)
                write = partial(_write, part, exchange, provenance, revisit_of)
                capture = await self._undisturbed(write)
        await self._durable(part)
        return capture

    async def record_rendered(self, page: RenderedPage, provenance: Provenance) -> Capture:
        """Write the records of a page that a browser made of a capture; as `record`."""
        async with self._turn:
            part = await self._ready_part(len(page.html))
            try:
                capture = part.write_rendered(page, provenance)
            except OSError as error:
                raise _failed(part.path, error) from error
        await self._durable(part)
        return capture

    def check_room(self) -> None:
        """Return if there is room for more. Raises SpoolFull with what is used up and what to do."""
        self._check_room(0)

    def sealed(self) -> list[SealedWarc]:
        """Return the sealed files in this process's lane and in those nobody holds, oldest first."""
        found = self._lane.sealed()
        for other in free_lanes(self._root, besides=self._lane):
            found += other.sealed()
        known = [warc for path in found if (warc := _known(path)) is not None]
        return sorted(known, key=lambda warc: warc.path.name)

    def vouches_for(self, path: Path) -> bool:
        """Tell whether the sealed file `path` was read back by this spool a moment ago and is untouched since."""
        known = self._fresh.get(path.name)
        return known is not None and self._clock.monotonic() - known[1] < _FRESH_S and known[0] == _mark(path)

    def find(self, name: str) -> Path | None:
        """Return the WARC file `name` in whichever lane it lies, also another process's, sealed or being written."""
        for folder in lanes(self._root):
            for path in (folder / name, folder / f"{name}{OPEN_SUFFIX}"):
                if path.is_file():
                    return path
        return None

    def path_of(self, name: str) -> Path:
        """Return where the WARC file `name`, which this process writes or wrote, lies when it is finished.

        Read it with `crawler.archive.write.spool_folder.open_spooled`.
        """
        return self._lane.folder / name

    async def rotate_if_due(self) -> None:
        """Seal the open file in the background if it is old enough; a timer calls this too."""
        async with self._turn:
            part = self._part
            if part is not None and self._clock.monotonic() - part.opened_at >= self._settings.rotate_s:
                self._retire(part)

    async def seal(self) -> list[SealedWarc]:
        """Seal what is open and return all files sealed by now. Raises ArchiveError, SpoolFull if that fails."""
        async with self._turn:
            if self._part is not None:
                self._retire(self._part)
            for part, task in list(self._sealing.items()):
                if task.done() and not task.cancelled() and task.exception() is not None:
                    self._start_sealing(part)
        for task in list(self._sealing.values()):
            await asyncio.shield(task)
        return self.sealed()

    async def close(self) -> None:
        """Seal what is open and give the lane back; what cannot be sealed is salvaged by the next process."""
        if self._closed:
            return
        try:
            await self.seal()
        finally:
            self._closed = True
            for part in self._sealing:
                part.close()
            self._writer.shutdown()
            self._syncer.shutdown()
            self._sealer.shutdown()
            self._lane.release()

    async def _ready_part(self, size: int) -> OpenWarc:
        """Return the file to write to, made if need be; only by who has the turn."""
        part = self._current_part(size)
        if part is None:
            part = await self._undisturbed(self._open_part)
        return part

    def _current_part(self, size: int) -> OpenWarc | None:
        """Return the open file if it may still grow, having made sure of room for about `size` bytes."""
        if self._closed:
            raise ArchiveError(f"the spool {self._root} is closed")
        self._check_room(size)
        part = self._part
        if part is not None and self._is_due(part):
            self._retire(part)
            return None
        return part

    def _is_due(self, part: OpenWarc) -> bool:
        age = self._clock.monotonic() - part.opened_at
        return part.failed or part.size >= self._settings.rotate_bytes or age >= self._settings.rotate_s

    def _open_part(self) -> OpenWarc:
        try:
            now = self._clock.now()
            name = next_name(self._root, self._host, now)
            record = warcinfo_record(name, now, self._info, new_id=self._new_id)
            part = OpenWarc.create(
                self._lane.folder / (name + OPEN_SUFFIX), record, opened_at=self._clock.monotonic(), new_id=self._new_id
            )
        except OSError as error:
            raise _failed(self._root, error) from error
        self._part = part
        return part

    def _retire(self, part: OpenWarc) -> None:
        """Write no more to `part` and seal it in the background."""
        self._part = None
        self._usage += part.size
        self._free, self._free_at = self._free + self._free_at - part.size, 0
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._start_sealing(part)

    def _start_sealing(self, part: OpenWarc) -> None:
        task = asyncio.get_running_loop().create_task(self._seal(part))
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._sealing[part] = task

    async def _seal(self, part: OpenWarc) -> SealedWarc | None:
        """Seal one file; if that fails it stays as it is and the next `seal` tries again."""
        try:
            if not part.failed:
                await part.synced(self._syncer, self._sync)
            result = await asyncio.get_running_loop().run_in_executor(self._sealer, _seal_part, part)
        except (OSError, ArchiveError) as error:
            failure = _failed(part.path, error) if isinstance(error, OSError) else error
            self.faults.append(str(failure))
            raise failure from error
        part.close()
        del self._sealing[part]
        now = self._clock.monotonic()
        self._fresh = {name: known for name, known in self._fresh.items() if now - known[1] < _FRESH_S}
        if result is not None:
            self._fresh[result.path.name] = (_mark(result.path), now)
        return result

    async def _durable(self, part: OpenWarc) -> None:
        self._start_timer(part)
        try:
            await part.synced(self._syncer, self._sync)
        except OSError as error:
            raise _failed(part.path, error) from error

    def _start_timer(self, part: OpenWarc) -> None:
        if self._timer is None and part is self._part:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(self._settings.rotate_s, self._on_timer)

    def _on_timer(self) -> None:
        self._timer = None
        task = asyncio.get_running_loop().create_task(self.rotate_if_due())
        task.add_done_callback(lambda done: done.cancelled() or done.exception())

    async def _undisturbed(self, call: Callable[[], T]) -> T:
        """Run `call` in a thread; if we are cancelled meanwhile, wait for its end: it holds the file."""
        future = asyncio.get_running_loop().run_in_executor(self._writer, call)
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            await asyncio.gather(future, return_exceptions=True)
            raise

    def _check_room(self, size: int) -> None:
        settings = self._settings
        open_size = self._part.size if self._part else 0
        now = self._clock.monotonic()
        used = self._usage + open_size + size
        free = self._free + self._free_at - open_size - size
        if (
            used > settings.quota_bytes
            or free < settings.min_free_bytes
            or not 0 <= now - self._counted_at < _RECOUNT_S
        ):
            self._count(now)
            used, free = self._usage + open_size + size, self._free - size
        if used > settings.quota_bytes:
            raise SpoolFull(
                f"the spool {self._root} holds {used} bytes, more than its quota of {settings.quota_bytes}",
                next_step="see that the store takes the sealed files, or raise spool.quota_bytes",
            )
        if free < settings.min_free_bytes:
            raise SpoolFull(
                f"the disk of the spool {self._root} has {max(free, 0)} bytes left, spool.min_free_bytes is"
                f" {settings.min_free_bytes}",
                next_step="free space; fetching goes on by itself",
            )

    def _count(self, now: float) -> None:
        """See how much the spool holds (without the open file) and the disk has left."""
        open_size = self._part.size if self._part else 0
        disk = os.statvfs(self._root)
        self._usage = usage_bytes(self._root) - open_size
        self._free, self._free_at = disk.f_bavail * disk.f_frsize, open_size
        self._counted_at = now


def _write(part: OpenWarc, exchange: Exchange, provenance: Provenance, revisit_of: Capture | None) -> Capture:
    try:
        return part.write(exchange, provenance, revisit_of)
    except OSError as error:
        raise _failed(part.path, error) from error


def _seal_part(part: OpenWarc) -> SealedWarc | None:
    if part.failed:
        part.cut_to_durable()
    if part.is_empty:
        part.path.unlink()
        return None
    return seal(part.path, part.lines, size=part.size, crc32=part.crc32)


def _mark(path: Path) -> tuple[int, ...]:
    """Return what changes when anybody writes to `path`, replaces it, or gives it another name."""
    status = path.stat()
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def _known(path: Path) -> SealedWarc | None:
    """Return a sealed file; None if what lies beside it is damaged, which shipping tells and which holds up no
    other.
    """
    try:
        return sealed_warc(path)
    except BadArchive:
        return None


def _tidy(lane: HeldFolder) -> list[Salvage]:
    """Salvage what was left unfinished in a lane we hold."""
    lane.sweep()
    return [result for path in lane.unfinished() if (result := salvage(path)) is not None]


def _failed(where: Path, error: OSError) -> ArchiveError:
    if error.errno in _NO_ROOM:
        return SpoolFull(f"{where}: {error.strerror}", next_step="free space; fetching goes on by itself")
    return ArchiveError(f"{where}: {error.strerror}", next_step="make the spool writable, then start again")
