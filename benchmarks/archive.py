"""Records per CPU second of the archive: writing, sealing, reading, verifying. Run: python benchmarks/archive.py

``floor`` is what cannot be left out: two digests of each payload, one of each block, the bytes written, made durable
once, read back and hashed. ``digests`` are those that verifying compares: of the file, the blocks, the payloads.

CPU seconds of the whole process (all threads), so that a busy machine does not spoil the figure; fsync's waiting does
not count, its system time does. Of what only reads, the quickest of five times: what others do to the caches counts
otherwise.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import hashlib
import os
import random
import resource
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crawler.archive.check.verify import verify_warc
from crawler.archive.read.captures import read_captures
from crawler.archive.read.cdxj import index_warc
from crawler.archive.write.spool import Spool
from crawler.clock import SystemClock
from crawler.config import load
from crawler.http.blocks import MemoryBlock
from crawler.http.head import stored_head
from crawler.model.capture import Provenance
from crawler.model.exchange import Exchange, Timings

WORDS = 40_000
IN_FLIGHT = 16


def page(seed: int) -> bytes:
    """About 238 KB of HTML that gzip brings to about 47 KB, as a news page."""
    chance = random.Random(seed)
    vocabulary = ["".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=chance.randint(2, 9))) for _ in range(700)]
    text, size = [], 0
    while size < 238_000:
        line = (
            f'<div class="story-{chance.randint(1, 40)}"><p>{" ".join(chance.choices(vocabulary, k=12))}</p>'
            + "<br/>" * 12
        )
        text.append(line)
        size += len(line)
    return "\n".join(text).encode()


def exchanges(count: int, *, packed: bool) -> list[Exchange]:
    pages = [page(seed) for seed in range(4)]
    bodies = [gzip.compress(one, 6, mtime=0) for one in pages] if packed else pages
    print(f"  body {sum(map(len, bodies)) // len(bodies):,} bytes" + (", gzip" if packed else ", identity"))
    coding = "Content-Encoding: gzip\r\n" if packed else ""
    made = []
    for number in range(count):
        body = bodies[number % len(bodies)]
        head = (
            "HTTP/1.1 200 OK\r\nServer: nginx\r\nDate: Mon, 23 Nov 2026 18:41:04 GMT\r\nContent-Type: text/html; "
            "charset=utf-8\r\n"
            f"{coding}Content-Length: {len(body)}\r\nConnection: keep-alive\r\nETag: \"{number:x}\"\r\nVary: "
            "Accept-Encoding\r\n\r\n"
        ).encode()  # fmt: skip
        block = MemoryBlock(head + body)
        url = f"https://news{number % 20}.example/2026/11/23/politics/story-{number}.html"
        made.append(
            Exchange(
                url=url, method="GET", captured_at=datetime.now(UTC), response=block, head=stored_head(block),
                request=(f"GET {url[url.index('/', 8) :]} HTTP/1.1\r\nHost: news{number % 20}.example\r\n"
                "User-Agent: Warraq/1.0 (+https://library.example)\r\n"
                "Accept: text/html\r\nAccept-Encoding: gzip, deflate\r\nAccept-Language: en\r\n\r\n").encode(),
                ip_address="192.0.2.1", protocols=("http/1.1", "tls/1.3"), cipher_suite="TLS_AES_128_GCM_SHA256",
                payload_sha1=hashlib.sha1(body).digest(), payload_sha256=hashlib.sha256(body).digest(),
                payload_size=len(body), timings=Timings(connect_s=0.01, tls_s=0.02, first_byte_s=0.1, total_s=0.2),
            )
        )  # fmt: skip
    return made


async def write(root: Path, made: list[Exchange]) -> tuple[float, float, list[Path]]:
    provenance = Provenance(run="20261123T184104Z-example-0a1b", site="example", role="article")
    spool = Spool.open(
        root, settings=load().spool, software="Warraq", user_agent="Warraq", robots="obey", config_digest="",
        host="bench", clock=SystemClock(),
    )  # fmt: skip
    queue = iter(made)

    async def worker() -> None:
        for exchange in queue:
            await spool.record(exchange, provenance)

    start = time.process_time()
    await asyncio.gather(*(worker() for _ in range(IN_FLIGHT)))
    written = time.process_time()
    sealed = await spool.seal()
    done = time.process_time()
    await spool.close()
    return written - start, done - written, [warc.path for warc in sealed]


def floor(folder: Path, made: list[Exchange]) -> float:
    path = folder / "floor"
    start = time.process_time()
    with path.open("wb", buffering=0) as stream:
        for exchange in made:
            block = exchange.response.read()
            assert exchange.head is not None
            body = memoryview(block)[exchange.head.size :]
            hashlib.sha1(body).digest(), hashlib.sha256(body).digest(), hashlib.sha1(block).digest()
            stream.write(block)
        os.fsync(stream.fileno())
    with path.open("rb", buffering=0) as stream:
        hashlib.file_digest(stream, "sha256")
    return time.process_time() - start


def digests(made: list[Exchange]) -> None:
    for exchange in made:
        block = exchange.response.read()
        assert exchange.head is not None
        body = memoryview(block)[exchange.head.size :]
        hashlib.sha1(body).digest(), hashlib.sha256(body).digest()
        hashlib.sha1(block).digest(), hashlib.sha256(block).digest()


def quickest(work: Callable[[Any], object], what: list[Any]) -> float:
    taken = []
    for _ in range(5):
        start = time.process_time()
        for one in what:
            work(one)
        taken.append(time.process_time() - start)
    return min(taken)


def report(what: str, records: int, exchanges_: int, cpu_s: float) -> None:
    rate = records / cpu_s
    print(f"  {what:<22} {rate:>9,.0f} records/CPU-s   {cpu_s / exchanges_ * 1000:.3f} ms an exchange")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("count", type=int, nargs="?", default=2000, help="exchanges, three records each (2000)")
    count = options.parse_args().count
    for packed in (True, False):
        print("gzip-coded bodies" if packed else "identity bodies")
        made = exchanges(count, packed=packed)
        with tempfile.TemporaryDirectory(prefix="warraq-bench-") as folder:
            cpu_write, cpu_seal, paths = asyncio.run(write(Path(folder), made))
            records = 3 * count
            report("floor", records, count, floor(Path(folder), made))
            report("write (acknowledged)", records, count, cpu_write)
            report("seal", records, count, cpu_seal)
            for name, work in (
                ("read captures", lambda path: sum(1 for _ in read_captures(path))),
                ("index", lambda path: len(index_warc(path)[0])),
                ("verify", lambda path: verify_warc(path, cdxj=path.with_name(path.name[:-8] + ".cdxj").read_bytes())),
            ):
                report(name, records, count, quickest(work, paths))
            report("digests of verify", records, count, quickest(digests, [made]))
            print(f"  {sum(p.stat().st_size for p in paths):,} bytes on disk")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB (most of it the pages)")


if __name__ == "__main__":
    main()
