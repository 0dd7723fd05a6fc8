"""What the wire client costs: CPU milliseconds of the client per exchange, against a trivial server in another process.

    python benchmarks/wire.py [--pages 4000] [--size 20000] [--chunked] [--tls]

Prints one line a variant. ``wire`` is the client alone, ``scrapy`` the whole crawl with the capture handler; records
are not written. CPU seconds of this process only; imports are not counted.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import multiprocessing
import os
import random
import resource
import socket
import ssl
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import scrapy
from scrapy.crawler import AsyncCrawlerRunner
from scrapy.settings import Settings

sys.path.insert(0, str(Path(__file__).parent.parent))

from crawler.capture.manners.gate import HostGate
from crawler.capture.scrapy.engine import RunCrawler
from crawler.capture.scrapy.services import Live
from crawler.capture.scrapy.settings import scrapy_settings
from crawler.capture.selftest.certificate import Certificate, make_certificate
from crawler.capture.wire.client import WireClient
from crawler.capture.wire.request import WireRequest
from crawler.clock import SystemClock
from crawler.config import load
from crawler.model.capture import Provenance

FIELDS = (
    (b"User-Agent", b"Warraq/0 (+https://warraq.example)"),
    (b"Accept", b"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
    (b"Accept-Language", b"*;q=0.5"),
    (b"Accept-Encoding", b"gzip, deflate"),
)


def page(size: int, *, chunked: bool) -> bytes:
    """Return a response like a news site's: a dozen fields, a gzip body of about `size` bytes."""
    noise = random.Random(1).randbytes(int(size * 0.98))
    body = gzip.compress(noise, 1, mtime=0)
    fields = [
        b"HTTP/1.1 200 OK",
        b"Date: Mon, 23 Nov 2026 18:41:04 GMT",
        b"Content-Type: text/html; charset=utf-8",
        b"Content-Encoding: gzip",
        b"Cache-Control: public, max-age=60",
        b'ETag: "5f3c-61a0b2c3d4e5f"',
        b"Vary: Accept-Encoding",
        b"Strict-Transport-Security: max-age=31536000",
        b"X-Cache: HIT from edge-17",
        b"Set-Cookie: session=0123456789abcdef; Path=/; Secure; HttpOnly",
        b"Server: nginx",
    ]
    if not chunked:
        return b"\r\n".join([*fields, b"Content-Length: %d" % len(body)]) + b"\r\n\r\n" + body
    chunks = [body[start : start + 8192] for start in range(0, len(body), 8192)]
    coded = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"
    return b"\r\n".join([*fields, b"Transfer-Encoding: chunked"]) + b"\r\n\r\n" + coded


class Server(asyncio.Protocol):
    response = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.pending = b""

    def data_received(self, data: bytes) -> None:
        self.pending += data
        while b"\r\n\r\n" in self.pending:
            _, _, self.pending = self.pending.partition(b"\r\n\r\n")
            self.transport.write(self.response)  # type: ignore[attr-defined]


def serve(answer: Connection, response: bytes, certificate: Certificate | None) -> None:
    async def main() -> None:
        Server.response = response
        context = certificate.server_context() if certificate else None
        server = await asyncio.get_running_loop().create_server(Server, "127.0.0.1", 0, ssl=context)
        answer.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(main())


@asynccontextmanager
async def client(context: ssl.SSLContext | None) -> AsyncIterator[WireClient]:
    wire = WireClient(load(overrides={"fetch.concurrency_per_host": 16}).fetch, ssl_context=context)
    try:
        yield wire
    finally:
        await wire.close()


async def over_the_wire(url: str, pages: int, context: ssl.SSLContext | None, lanes: int) -> float:
    """Return CPU seconds for `pages` exchanges over `lanes` kept-alive connections."""

    async def lane(wire: WireClient, count: int) -> None:
        async def keep(_: Any) -> None:
            return None

        for n in range(count):
            request = WireRequest(url=f"{url}/news/2026/11/23/{n}", headers=FIELDS)
            answer = await wire.ask(request, allow_private=True, on_exchange=keep)
            assert answer.error is None

    async with client(context) as wire:
        await asyncio.gather(*(lane(wire, 2) for _ in range(lanes)))
        start = time.process_time()
        await asyncio.gather(*(lane(wire, pages // lanes) for _ in range(lanes)))
        return time.process_time() - start


async def through_scrapy(url: str, pages: int, context: ssl.SSLContext | None, lanes: int) -> float:
    """Return CPU seconds for a crawl of `pages` pages with the capture handler and the real host gate."""
    settings = {"fetch.concurrency_per_host": lanes, "fetch.concurrency": lanes, "fetch.robots": "ignore"}
    config = load(overrides=settings)
    provenance = Provenance(run="r", site="s", role="article")

    class Pages(scrapy.Spider):
        name = "pages"
        count = 0

        async def start(self) -> AsyncIterator[Any]:
            for n in range(pages):
                yield scrapy.Request(f"{url}/news/2026/11/23/{n}", meta={"provenance": provenance})

        def parse(self, _: Any) -> None:
            Pages.count += 1

    async def record(*_: Any) -> Any:
        return None

    gate = HostGate(SystemClock(), max_delay_s=10, concurrency_per_host=lanes)
    start = time.process_time()
    async with client(context) as wire:
        live = Live(client=wire, gate=gate, record=record, fetch=config.fetch, allow_private=True, delay_s=0)
        await RunCrawler(Pages, Settings(scrapy_settings(config)), live=live).crawl_async()
    assert Pages.count == pages
    return time.process_time() - start


async def plain_scrapy(url: str, pages: int, lanes: int, handler: str, items: int) -> float:
    """Return CPU seconds of Scrapy as it comes (bodies decoded, nothing kept), with `handler` of its own."""

    class Pages(scrapy.Spider):
        name = "pages"
        count = 0

        async def start(self) -> AsyncIterator[Any]:
            for n in range(pages):
                yield scrapy.Request(f"{url}/news/2026/11/23/{n}")

        def parse(self, _: Any) -> None:
            Pages.count += 1

    start = time.process_time()
    settings = {
        "TWISTED_REACTOR_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
        "LOG_ENABLED": False,
        "CONCURRENT_REQUESTS_PER_DOMAIN": lanes,
        "CONCURRENT_ITEMS": items,
        "DOWNLOAD_HANDLERS": {"http": handler, "https": handler},
    }
    await AsyncCrawlerRunner(settings).crawl(Pages)
    assert Pages.count == pages
    return time.process_time() - start


async def bare(url: str, pages: int, lanes: int) -> float:
    """Return CPU seconds for the same with a socket and nothing else: what no client can go below on this loop."""
    host, port = url.removeprefix("http://").split(":")
    loop = asyncio.get_running_loop()

    class Bare(asyncio.Protocol):
        def __init__(self) -> None:
            self.waiter: asyncio.Future[None] = loop.create_future()
            self.size = self.due = 0

        def data_received(self, data: bytes) -> None:
            self.size += len(data)
            if not self.due:
                head, _, _ = data.partition(b"\r\n\r\n")
                self.due = len(head) + 4 + int(head.rpartition(b"Content-Length: ")[2])
            if self.size == self.due:
                self.size = 0
                self.waiter.set_result(None)

    async def lane(count: int) -> None:
        transport, protocol = await loop.create_connection(Bare, host, int(port))
        for n in range(count):
            protocol.waiter = loop.create_future()
            transport.write(b"GET /%d HTTP/1.1\r\nHost: x\r\n\r\n" % n)
            await protocol.waiter
        transport.close()

    start = time.process_time()
    await asyncio.gather(*(lane(pages // lanes) for _ in range(lanes)))
    return time.process_time() - start


def run_in_child(function: Callable[..., float], *arguments: Any, uvloop: bool) -> dict[str, float]:
    """Run a coroutine function in a process of its own; return its CPU seconds and peak memory."""
    here, there = multiprocessing.get_context("fork").Pipe()
    pid = os.fork()
    if pid == 0:
        if uvloop:
            import uvloop as fast  # noqa: PLC0415 - optional

            seconds = fast.run(function(*arguments))  # type: ignore[arg-type]
        else:
            seconds = asyncio.run(function(*arguments))  # type: ignore[arg-type]
        there.send({"cpu_s": seconds, "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024})
        os._exit(0)
    result = here.recv()
    os.waitpid(pid, 0)
    return result  # type: ignore[no-any-return]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=4000)
    parser.add_argument("--size", type=int, default=20_000)
    parser.add_argument("--lanes", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--chunked", action="store_true")
    parser.add_argument("--tls", action="store_true")
    options = parser.parse_args()
    certificate = make_certificate() if options.tls else None
    context = certificate.client_context() if certificate else None
    answer, child = multiprocessing.Pipe()
    response = page(options.size, chunked=options.chunked)
    server = multiprocessing.get_context("fork").Process(target=serve, args=(child, response, certificate), daemon=True)
    server.start()
    url = f"{'https' if options.tls else 'http'}://127.0.0.1:{answer.recv()}"
    variants: dict[str, tuple[Callable[..., Any], tuple[Any, ...], bool]] = {}
    for loop in ("asyncio", "uvloop"):
        fast = loop == "uvloop"
        if not options.tls and not options.chunked:
            variants[f"bare {loop}"] = (bare, (url, options.pages, options.lanes), fast)
        variants[f"wire {loop}"] = (over_the_wire, (url, options.pages, context, options.lanes), fast)
        variants[f"scrapy {loop}"] = (through_scrapy, (url, options.pages, context, options.lanes), fast)
    aiohttp = "scrapy.core.downloader.handlers._aiohttp.AiohttpDownloadHandler"
    variants["plain scrapy, aiohttp"] = (plain_scrapy, (url, options.pages, options.lanes, aiohttp, 100), False)
    best: dict[str, dict[str, float]] = {}
    for _ in range(options.rounds):
        for name, (function, arguments, fast) in variants.items():
            found = run_in_child(function, *arguments, uvloop=fast)
            if name not in best or found["cpu_s"] < best[name]["cpu_s"]:
                best[name] = found
    for name, found in best.items():
        each = 1000 * found["cpu_s"] / options.pages
        print(json.dumps({"variant": name, "cpu_ms_per_exchange": round(each, 4), "rss_mb": round(found["rss_mb"])}))
    server.terminate()
    server.join()


if __name__ == "__main__":
    socket.setdefaulttimeout(10)
    main()
