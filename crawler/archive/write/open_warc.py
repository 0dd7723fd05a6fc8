"""One WARC file while it is written: appended to as a whole exchange or not at all, made durable for many at once."""

from __future__ import annotations

__all__ = ["OpenWarc"]

import asyncio
import os
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from errno import EIO
from pathlib import Path

from isal import isal_zlib

from crawler.archive.files import fsync_folder
from crawler.archive.read.cdxj import format_line
from crawler.archive.record_values import media_type
from crawler.archive.write.records import (
    NewId,
    Record,
    dns_record,
    exchange_records,
    is_revisit,
    member,
    payload_digests,
    rendering_records,
)
from crawler.model.capture import Capture, Provenance
from crawler.model.exchange import Exchange
from crawler.model.rendered import RenderedPage
from crawler.urls import host_of

_BATCH = 512
"""Buffers per system call; Linux takes 1,024."""

_HELD = 2 << 20
"""Bytes collected for one system call."""

_GATHER_S = 0.004
"""How long an fsync waits for company while there is much to write: one costs more than a page's records."""

_BUSY_S = 0.05

_ADDRESS = re.compile(r"[0-9.]+|.*:.*")


class OpenWarc:
    """An open file, its index lines, and who waits for its fsync."""

    def __init__(self, path: Path, handle: int, warcinfo_id: str, opened_at: float, new_id: NewId) -> None:
        self.path = path
        self.opened_at = opened_at
        """Of the clock's monotonic seconds."""
        self.size = 0
        self.crc32 = 0
        """Of all bytes written: what is read back at sealing must have it."""
        self.records = 0
        self.lines: list[bytes] = []
        self.failed = False
        """An fsync failed: what was not durable before it cannot be trusted."""
        self._handle = handle
        self._warcinfo_id = warcinfo_id
        self._new_id = new_id
        self._name = path.name.removesuffix(".open")
        self._hosts: set[str] = set()
        self._waiting: list[asyncio.Future[None]] = []
        self._task: asyncio.Task[None] | None = None
        self._synced_at = float("-inf")
        self._durable = (0, 0, 0, 0)
        """Size, checksum, records and lines as of the last fsync that succeeded."""

    @classmethod
    def create(cls, path: Path, warcinfo: Record, *, opened_at: float, new_id: NewId) -> OpenWarc:
        """Make the file with its warcinfo record. Raises OSError; then there is no file."""
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        part = cls(path, handle, warcinfo.id, opened_at, new_id)
        try:
            part._append([warcinfo])
            fsync_folder(path.parent)
        except OSError:
            os.close(handle)
            path.unlink()
            raise
        return part

    @property
    def is_empty(self) -> bool:
        """It holds nothing but its warcinfo."""
        return self.records <= 1

    def write(self, exchange: Exchange, provenance: Provenance, revisit_of: Capture | None) -> Capture:
        """Append the records of one exchange; after an error the file is as before. Raises OSError."""
        records = exchange_records(
            exchange, provenance, warcinfo_id=self._warcinfo_id, new_id=self._new_id, revisit_of=revisit_of
        )
        host = host_of(exchange.url)
        dns = bool(exchange.ip_address) and host not in self._hosts and not _ADDRESS.fullmatch(host)
        if dns and exchange.ip_address:
            records.insert(0, dns_record(
                host, exchange.ip_address, exchange.captured_at, warcinfo_id=self._warcinfo_id, new_id=self._new_id
            ))  # fmt: skip
        places = self._append(records)
        if dns:
            self._hosts.add(host)
        main = 1 if dns else 0
        capture = self._capture(exchange, records[main], places[main], revisit_of)
        if exchange.response.size:
            self.lines.append(format_line(capture))
        return capture

    def write_rendered(self, page: RenderedPage, provenance: Provenance) -> Capture:
        """Append the records of a rendered page; after an error the file is as before. Raises OSError."""
        records, sha1, sha256 = rendering_records(page, provenance, warcinfo_id=self._warcinfo_id, new_id=self._new_id)
        offset, length = self._append(records)[0]
        capture = Capture(
            url=page.capture.url,
            captured_at=page.rendered_at,
            kind="conversion",
            warc=self._name,
            offset=offset,
            length=length,
            record_id=records[0].id,
            status=200,
            mime="text/html",
            payload_sha1=sha1,
            payload_sha256=sha256,
        )
        self.lines.append(format_line(capture))
        return capture

    async def synced(self, pool: ThreadPoolExecutor, sync: Callable[[int], None]) -> None:
        """Return when all that has been written so far is on disk. Raises OSError if it will not get there."""
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        self._waiting.append(future)
        if self._task is None:
            self._task = loop.create_task(self._sync_all(pool, sync))
        await future

    def cut_to_durable(self) -> None:
        """Go back to what was on disk before an fsync failed; nothing after it was acknowledged. Raises OSError."""
        self.size, self.crc32, self.records, lines = self._durable
        del self.lines[lines:]
        os.ftruncate(self._handle, self.size)  # made durable when the file is sealed

    def close(self) -> None:
        """Give the file handle back; closing twice does nothing."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    async def _sync_all(self, pool: ThreadPoolExecutor, sync: Callable[[int], None]) -> None:
        """Serve everybody who waits with one fsync, then those who came meanwhile with the next."""
        loop = asyncio.get_running_loop()
        while self._waiting:
            # Let others join: of this turn of the loop only if nothing was written for a while, else for a moment.
            soon = loop.time() - self._synced_at < _BUSY_S
            await asyncio.sleep(_GATHER_S if soon else 0)
            self._synced_at = loop.time()
            batch, self._waiting = self._waiting, []
            reached = (self.size, self.crc32, self.records, len(self.lines))
            failure: OSError | None = None
            try:
                if self.failed:  # the system reports lost pages once; the next fsync would lie
                    raise OSError(EIO, "an earlier fsync failed")
                if self._durable != reached:
                    await loop.run_in_executor(pool, sync, self._handle)
                    self._durable = reached
            except OSError as error:
                failure, self.failed = error, True
            for future in batch:
                if not future.done():
                    future.set_exception(failure) if failure else future.set_result(None)
        self._task = None

    def _append(self, records: list[Record]) -> list[tuple[int, int]]:
        """Write `records` as members; return offset and length of each. After an error the file is as before."""
        start = at = self.size
        places: list[tuple[int, int]] = []
        buffers: list[bytes] = []
        held, crc = 0, self.crc32
        try:
            for record in records:
                begin = at + held
                for piece in member(record):
                    buffers.append(piece)
                    held += len(piece)
                    crc = isal_zlib.crc32(piece, crc)
                    if len(buffers) == _BATCH or held > _HELD:
                        at, buffers, held = self._write(buffers, at), [], 0
                places.append((begin, at + held - begin))
            self.size = self._write(buffers, at)
        except OSError:
            os.ftruncate(self._handle, start)
            raise
        self.records += len(records)
        self.crc32 = crc
        return places

    def _write(self, buffers: list[bytes], at: int) -> int:
        buffers = [buffer for buffer in buffers if buffer]
        while buffers:
            written = os.pwritev(self._handle, buffers, at)
            at += written
            while buffers and written >= len(buffers[0]):
                written -= len(buffers.pop(0))
            if written:
                buffers[0] = buffers[0][written:]
        return at

    def _capture(
        self, exchange: Exchange, record: Record, place: tuple[int, int], revisit_of: Capture | None
    ) -> Capture:
        sha1, sha256 = payload_digests(exchange, revisit_of)
        return Capture(
            url=exchange.url,
            captured_at=exchange.captured_at,
            kind="revisit" if is_revisit(exchange, revisit_of) else "response",
            warc=self._name,
            offset=place[0],
            length=place[1],
            record_id=record.id,
            status=exchange.head.status if exchange.head else 0,
            mime=media_type(exchange.head),
            payload_sha1=sha1,
            payload_sha256=sha256,
            truncated=exchange.truncated,
        )
