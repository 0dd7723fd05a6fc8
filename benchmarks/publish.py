"""What writing articles costs: the part of `warraq replay` after the parser, to a folder and to an S3 server that takes
its time.

    python benchmarks/publish.py [--articles 10000] [--files 20] [--jobs 2] [--latency 0.02] [--no-texts]
    python benchmarks/publish.py --pages PAGES [--articles 10000] [--files 20] [--jobs 2] [--rounds 1]

Records of the size of articles are written as the units of so many files leave them; then they are indexed, cut into
shards and written by the processes of an engine, as in a replay. The server is a process of its own
that answers each request after `--latency` seconds. Told are wall time, CPU of this process and of all, requests, and
the resident memory of this process.

With ``--pages``, a folder of saved pages as `benchmarks/replay.py` takes them, the whole of `warraq replay` is run on
so many pages instead: to a folder with JSON Lines only (a file a batch: next to no publishing), to a folder with texts,
and to the server with texts, in turns.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import hashlib
import json
import multiprocessing
import os
import resource
import shutil
import sys
import tempfile
import time
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, urlsplit

import msgspec

from crawler.archive.articles import Batch
from crawler.config import Storage, load
from crawler.run.offline.engine import Local
from crawler.run.offline.publish import PublishIndex, publish_shard
from crawler.run.offline.unit import ArticleKey, Unit, begin_process

WORDS = [
    "the",
    "council",
    "met",
    "on",
    "monday",
    "to",
    "talk",
    "about",
    "the",
    "old",
    "bridge",
    "and",
    "the",
    "new",
    "one",
]


_LOOKED_AT = 20_000


class Slow:
    """An S3 server that keeps what listings and heads tell, in one thread; each answer takes `latency_s`."""

    def __init__(self, latency_s: float) -> None:
        self.latency_s = latency_s
        self.stored: dict[str, tuple[int, str]] = {}
        """Size and checksum by path."""
        self.requests = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
                if fields.get("expect"):
                    writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                await reader.readexactly(int(fields.get("content-length", 0)))
                method, target, _ = head[0].split(" ")
                self.requests += 1
                await asyncio.sleep(self.latency_s)
                writer.write(self.answer(method, urlsplit(target), fields))
        writer.close()

    def answer(self, method: str, target: SplitResult, fields: dict[str, str]) -> bytes:
        if method == "PUT":
            self.stored[target.path] = (int(fields["content-length"]), fields.get("x-amz-checksum-sha256", ""))
            return b'HTTP/1.1 200 OK\r\nETag: "0"\r\nContent-Length: 0\r\n\r\n'
        if method == "HEAD":
            size, checksum = self.stored.get(target.path, (0, ""))
            status = "200 OK" if target.path in self.stored else "404 Not Found"
            return f"HTTP/1.1 {status}\r\nContent-Length: {size}\r\nx-amz-checksum-sha256: {checksum}\r\n\r\n".encode()
        bucket = target.path.rstrip("/") + "/"
        items = "".join(
            f"<Contents><Key>{name.removeprefix(bucket)}</Key><Size>{self.stored[name][0]}</Size></Contents>"
            for name in self.named(bucket + parse_qs(target.query).get("prefix", [""])[0])
        )
        body = f"<ListBucketResult><IsTruncated>false</IsTruncated>{items}</ListBucketResult>"
        return f"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()

    def named(self, prefix: str) -> list[str]:
        """Return the names under `prefix`; those of a batch lie together, as they were put a moment ago."""
        found = []
        for place, name in enumerate(reversed(self.stored)):
            if name.startswith(prefix):
                found.append(name)
            elif place > _LOOKED_AT:
                break
        return sorted(found)


def serve(pipe: Connection, latency_s: float) -> None:
    async def run() -> None:
        server = Slow(latency_s)
        listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
        pipe.send(listening.sockets[0].getsockname()[1])
        await asyncio.get_running_loop().run_in_executor(None, pipe.recv)
        pipe.send(server.requests)

    asyncio.run(run())


def make_units(folder: Path, articles: int, files: int) -> list[Unit]:
    units = []
    for file in range(files):
        unit = Unit(str(folder / f"unit-{file}"))
        at = 0
        with unit.lines.open("wb") as lines, unit.keys.open("wb") as keys:
            for number in range(file, articles, files):
                text = " ".join(WORDS[(number + n) % len(WORDS)] for n in range(600))
                url = f"https://paper-{number % 17}.example/a-story-with-a-name-of-its-own-{number}"
                moment = f"2026-{number // 14_000 % 12 + 1:02}-{number // 500 % 28 + 1:02}T10:00:00.{number:06}Z"
                record = {
                    "id": hashlib.sha256(text.encode()).hexdigest()[:16], "url": url, "captured_at": moment,
                    "site": f"paper-{number % 17}", "title": "A story", "text": text,
                }  # fmt: skip
                line = json.dumps(record).encode()
                lines.write(line + b"\n")
                batch = Batch.named(str(record["site"]), None, moment)
                keys.write(msgspec.json.encode(ArticleKey(batch.prefix, moment, url, at, len(line))) + b"\n")
                at += len(line) + 1
        units.append(unit)
    return units


def publish(units: list[Unit], folder: Path, out: Storage, *, jobs: int, texts: bool) -> int:
    index = PublishIndex(folder / "index", units)
    for unit in units:
        index.add(unit)
    written = 0
    for done in Local(jobs, start=begin_process).map(partial(publish_shard, out=out, texts=texts), index.shards(())):
        assert isinstance(done.result, int)
        index.done(done.shard)
        written += done.result
    index.close()
    index.remove()
    return written


def replay(pages: Path, folder: Path, port: int, options: argparse.Namespace) -> None:
    """Run `warraq replay` on saved pages, with the articles to a folder and to the server in turns."""
    sys.path.insert(0, str(Path(__file__).parent))
    from crawl import measure  # noqa: PLC0415 - scripts beside this one
    from replay import pages_in, write_archive  # noqa: PLC0415

    saved = pages_in(pages)
    warcs = write_archive(folder / "archive", saved, files=options.files, copies=options.articles // len(saved) or 1)
    (folder / "config").mkdir()
    (folder / "config" / "warraq.toml").write_text(
        f'[storage]\nendpoint_url = "http://127.0.0.1:{port}"\nregion = "us-east-1"\n'
    )
    ways = {"lines, folder": ["--no-texts"], "folder": [], "S3": ["--out", "s3://bucket/out-{}"]}
    for number in range(options.rounds):
        for name, words in ways.items():
            place = folder / f"{number}-{name.replace(', ', '-')}"
            place.mkdir()
            command = [str(Path(sys.executable).with_name("warraq")), "replay", *warcs, "--config",
                       str(folder / "config"), "--state", str(place / "state"), "--jobs", str(options.jobs), "--json",
                       *(word.format(number) for word in words)]  # fmt: skip
            process, told = measure(command, place)
            if process.returncode:
                raise SystemExit((place / "err").read_text()[-2000:])
            articles = json.loads((place / "out.json").read_text())["articles"]
            print(
                f"{name:<14}{articles:>8} articles {told.wall_s:>8.1f} s wall {told.cpu_s:>8.1f} CPU s; "
                f"{told.main_peak_mb:.0f} MB; load {os.getloadavg()[0]:.1f}",
                flush=True,
            )
            shutil.rmtree(place)


def units_alone(folder: Path, port: int, options: argparse.Namespace) -> None:
    """Write made-up records of units, without what comes before."""
    units = make_units(folder, options.articles, options.files)
    base = load().storage
    to_s3 = msgspec.structs.replace(base, url="s3://bucket/out", endpoint_url=f"http://127.0.0.1:{port}")
    for where, out in (("folder", msgspec.structs.replace(base, url=f"file:{folder}/out")), ("S3", to_s3)):
        started, own = time.monotonic(), time.process_time()
        others = resource.getrusage(resource.RUSAGE_CHILDREN)
        written = publish(units, folder, out, jobs=options.jobs, texts=options.texts)
        wall, main_s = time.monotonic() - started, time.process_time() - own
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        children = used.ru_utime + used.ru_stime - others.ru_utime - others.ru_stime
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{where:<7}{written:>8} articles {wall:>7.1f} s wall, {1000 * wall / written:.2f} ms an article; "
            "CPU ms an article: "
            f"{1000 * (main_s + children) / written:.2f}, of it {1000 * main_s / written:.2f} in this process; "
            f"{memory:.0f} MB",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--files", type=int, default=20)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--latency", type=float, default=0.02)
    parser.add_argument("--no-texts", dest="texts", action="store_false")
    parser.add_argument("--pages", type=Path)
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    os.environ |= {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs, options.latency))
    server.start()
    port = ours.recv()
    try:
        with tempfile.TemporaryDirectory(prefix="warraq-publish-") as name:
            if options.pages is None:
                units_alone(Path(name), port, options)
            else:
                replay(options.pages, Path(name), port, options)
    finally:
        ours.send("end")
        print(f"{ours.recv()} requests of S3, {options.latency * 1000:.0f} ms each; load {os.getloadavg()[0]:.1f}")
        server.join()


if __name__ == "__main__":
    main()
