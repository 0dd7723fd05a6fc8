"""Killed at any moment, cut off from power at any moment: what was acknowledged is there, once."""

from __future__ import annotations

import asyncio
import os
import random
import selectors
import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from crawler.archive.check.verify import verify_store
from crawler.archive.read.captures import ArchivedCapture, read_captures, read_one
from crawler.archive.store.folder import FileStore
from crawler.archive.write.ship import Shipper
from crawler.clock import SystemClock
from crawler.model.capture import Capture
from tests.archive.archive_factory import PROVENANCE, exchange, open_spool

KILLS = 12
PROJECT = Path(__file__).parents[2]


def write_and_kill(root: Path, store: Path, number: int, after_s: float) -> list[str]:
    """Let a writer run, kill it `after_s` seconds after its first acknowledgement, return the lines it wrote."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.archive.crash_writer", str(root), str(store), str(number)],
        stdout=subprocess.PIPE, cwd=PROJECT, env={**os.environ, "PYTHONPATH": str(PROJECT)},
    )  # fmt: skip
    assert process.stdout is not None
    written = bytearray()
    deadline = time.monotonic() + 60
    with process.stdout as pipe, selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while time.monotonic() < deadline:
            first = not written
            if selector.select(0.005):
                written += os.read(pipe.fileno(), 1 << 16)
            if first and written:
                deadline = time.monotonic() + after_s
            if process.poll() is not None:
                break
        process.kill()
        written += pipe.read()
    process.wait()
    return bytes(written).decode().splitlines()


def ship_all(root: Path, store: FileStore) -> None:
    spool = open_spool(root)
    asyncio.run(spool.close())
    report = Shipper(root, store, clock=SystemClock(), grace_s=0.0, on_receipt=lambda receipt: None).ship_ready()
    assert report.problems == ()
    assert report.waiting == 0


@pytest.mark.parametrize("seed", [20261123])
def test_after_many_kills_every_acknowledged_capture_is_in_the_store_exactly_once(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    root, store = tmp_path / "spool", FileStore(tmp_path / "store")
    acknowledged: list[str] = []
    for number in range(KILLS):
        acknowledged += write_and_kill(root, tmp_path / "store", number, chance.uniform(0.0, 0.5))
    ship_all(root, store)
    store.sweep()  # as every start does

    found: dict[str, list[Capture]] = {}
    for path in sorted((tmp_path / "store").rglob("*.warc.gz")):
        for item in read_captures(path):
            assert isinstance(item, ArchivedCapture), item
            found.setdefault(item.capture.url, []).append(item.capture)
    assert len(acknowledged) > KILLS
    for line in acknowledged:
        url, warc, offset, sha256 = line.split(" ")
        (capture,) = found[url]
        assert (capture.warc, capture.offset, capture.payload_sha256) == (warc, int(offset), sha256)
    assert Counter(map(len, found.values())).keys() == {1}
    reports = list(verify_store(store))
    assert reports
    assert [fault for report in reports for fault in report.faults] == []
    assert not list(root.rglob("*.open"))


@pytest.mark.parametrize("seed", range(5))
def test_after_a_power_cut_the_synced_bytes_hold_all_that_was_acknowledged(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    root = tmp_path / "spool"
    durable: dict[str, int] = {}
    syncs: list[int] = []
    acknowledged: list[Capture] = []
    images: list[tuple[Path, list[Capture]]] = []

    def sync(handle: int) -> None:
        os.fdatasync(handle)
        durable[os.readlink(f"/proc/self/fd/{handle}")] = os.fstat(handle).st_size
        syncs.append(handle)
        if len(syncs) % 3 == seed % 3:
            before = list(acknowledged)
            image = tmp_path / f"image-{len(images)}"
            try:
                shutil.copytree(root, image)
            except shutil.Error:  # a file got its final name while it was copied: no moment in time, no image
                shutil.rmtree(image)
                return
            for path in image.rglob("*.open"):
                size = durable.get(str(root / path.relative_to(image)), 0)
                os.truncate(path, size)
                with path.open("ab") as torn:  # blocks that reached the disk on their own, out of order
                    torn.write(chance.choice([b"", bytes(100), chance.randbytes(100)]))
            images.append((image, before))

    async def work() -> None:
        spool = open_spool(root, sync=sync, rotate_bytes=15_000)

        async def capture(number: int) -> None:
            body = b"HTTP/1.1 200 OK\r\n\r\n" + chance.randbytes(chance.randint(0, 4000))
            acknowledged.append(await spool.record(exchange(body, url=f"https://news.example/{number}"), PROVENANCE))

        for start in range(0, 40, 4):
            await asyncio.gather(*(capture(number) for number in range(start, start + 4)))
        await spool.close()

    asyncio.run(work())
    assert images
    for image, captures in images:
        asyncio.run(open_spool(image).close())
        for capture in captures:
            (path,) = image.rglob(capture.warc)
            assert read_one(path, capture.offset).capture == capture
