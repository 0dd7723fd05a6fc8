"""What writing articles costs: the part of `warraq replay` after the parser, to a folder and to an S3 server that takes
its time.

    python benchmarks/publish.py [--articles 10000] [--files 20] [--jobs 2] [--latency 0.02] [--no-texts]

Records of the size of articles are written as the units of so many files leave them; then they are indexed, cut into
shards and written by the processes of an engine, as in a replay. The server is one of threads in a process of its own
that answers each request after `--latency` seconds. Told are wall time, CPU of this process and of all, requests, and
the resident memory of this process.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing
import os
import resource
import tempfile
import threading
import time
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

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


class Slow(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512
    latency_s = 0.0

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.sizes: dict[str, int] = {}
        self.checksums: dict[str, str] = {}
        self.requests = 0
        self.lock = threading.Lock()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Slow

    def log_message(self, *_: object) -> None:
        pass

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.sizes[urlsplit(self.path).path] = len(body)
        self.server.checksums[urlsplit(self.path).path] = self.headers["x-amz-checksum-sha256"] or ""
        self.answer(200, b"", {"ETag": f'"{hashlib.md5(body).hexdigest()}"'})

    def do_HEAD(self) -> None:
        size = self.server.sizes.get(urlsplit(self.path).path)
        if size is None:
            self.answer(404, b"", {})
        else:
            checksum = self.server.checksums[urlsplit(self.path).path]
            self.answer(200, b"", {"x-amz-checksum-sha256": checksum}, size=size)

    def do_GET(self) -> None:
        prefix = parse_qs(urlsplit(self.path).query).get("prefix", [""])[0]
        bucket = urlsplit(self.path).path.rstrip("/")
        found = sorted(key for key in list(self.server.sizes) if key.startswith(f"{bucket}/{prefix}"))
        items = "".join(
            f"<Contents><Key>{key.removeprefix(bucket + '/')}</Key><Size>{self.server.sizes[key]}</Size></Contents>"
            for key in found
        )
        body = f"<ListBucketResult><IsTruncated>false</IsTruncated>{items}</ListBucketResult>".encode()
        self.answer(200, body, {"Content-Type": "application/xml"})

    def answer(self, status: int, body: bytes, headers: dict[str, str], *, size: int | None = None) -> None:
        with self.server.lock:
            self.server.requests += 1
        time.sleep(self.server.latency_s)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if size is None else size))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def serve(pipe: Connection, latency_s: float) -> None:
    server = Slow()
    server.latency_s = latency_s
    threading.Thread(target=server.serve_forever, daemon=True).start()
    pipe.send(server.server_address[1])
    pipe.recv()
    pipe.send(server.requests)


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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--files", type=int, default=20)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--latency", type=float, default=0.02)
    parser.add_argument("--no-texts", dest="texts", action="store_false")
    options = parser.parse_args()
    os.environ |= {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs, options.latency))
    server.start()
    port = ours.recv()
    with tempfile.TemporaryDirectory(prefix="warraq-publish-") as name:
        units = make_units(Path(name), options.articles, options.files)
        base = load().storage
        to_s3 = msgspec.structs.replace(base, url="s3://bucket/out", endpoint_url=f"http://127.0.0.1:{port}")
        for where, out in (("folder", msgspec.structs.replace(base, url=f"file:{name}/out")), ("S3", to_s3)):
            started, own = time.monotonic(), time.process_time()
            others = resource.getrusage(resource.RUSAGE_CHILDREN)
            written = publish(units, Path(name), out, jobs=options.jobs, texts=options.texts)
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
    ours.send("end")
    print(f"{ours.recv()} requests of S3, {options.latency * 1000:.0f} ms each; load {os.getloadavg()[0]:.1f}")
    server.join()


if __name__ == "__main__":
    main()
