"""A process that captures, seals and ships as fast as it can until it is killed; says what was acknowledged.

Arguments: spool folder, store folder, a number that makes its URLs its own. One line on stdout for each capture,
written only after `Spool.record` has returned.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
from pathlib import Path

from crawler.archive.store.folder import FileStore
from crawler.archive.write.ship import Shipper
from crawler.clock import SystemClock
from tests.archive.archive_factory import PROVENANCE, exchange, open_spool


async def main(root: Path, store: Path, number: str) -> None:
    spool = open_spool(root, clock=SystemClock(), rotate_bytes=40_000)
    shipper = Shipper(root, FileStore(store), clock=SystemClock(), grace_s=0.0, on_receipt=lambda receipt: None)
    serial = itertools.count()

    async def capture() -> None:
        while True:
            url = f"https://news.example/{number}/{next(serial)}"
            body = os.urandom(3000)
            head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3000\r\n\r\n"
            taken = await spool.record(exchange(head + body, url=url), PROVENANCE)
            os.write(1, f"{url} {taken.warc} {taken.offset} {taken.payload_sha256}\n".encode())

    async def ship() -> None:
        while True:
            await asyncio.to_thread(shipper.ship_ready)
            await asyncio.sleep(0.01)

    await asyncio.gather(*(capture() for _ in range(4)), ship())


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]))
