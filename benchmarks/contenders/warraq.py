"""Warraq's own crawl of the newsroom, for `benchmarks/capture.py`: all of it but the parse processes.

    python benchmarks/contenders/warraq.py URL PAGES FOLDER MODE

MODE ``kept``: archived, bodies left as they came; ``decoded``: the same, and each article's body decoded in this
process; ``unkept``: the same crawl without an archive (no records, digests, index, deduplication, addresses).
Prints one line of JSON: what was done, and resident memory a fifth of the way through and at the end.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import uvloop

sys.path.insert(0, str(Path(__file__).parents[2]))

from crawler.archive.read.captures import response_at
from crawler.archive.write.spool_folder import open_spooled
from crawler.capture.wire import client as wire
from crawler.clock import SystemClock
from crawler.config import Config, load
from crawler.http.blocks import Block
from crawler.model.capture import Capture, Provenance
from crawler.model.exchange import Exchange
from crawler.model.site import Site
from crawler.parse.http import page_from_response
from crawler.run.live import memory
from crawler.run.live.crawls import Crawls
from crawler.run.live.services import Services
from crawler.run.parsing.page_task import InArchive, PageTask, TaskResult
from crawler.state.runs import new_run


def resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


class NoParser:
    """Stands in for the parse pool: says at once that the page is kept; decodes its body first if asked to."""

    def __init__(self, pages: int, *, decode: bool) -> None:
        self.count = 0
        self.decoded_bytes = 0
        self.early_mb = 0.0
        self._decode = decode
        self._early = pages // 5

    async def parse(self, task: PageTask, _: Block | None = None) -> TaskResult:
        self.count += 1
        if self.count == self._early:
            self.early_mb = resident_mb()
        if self._decode:
            assert isinstance(task.place, InArchive)
            with open_spooled(Path(task.place.path)) as stream:
                block = response_at(stream, task.place.offset, name="")
            page = page_from_response(block, url=task.url, captured_at=task.captured_at)
            self.decoded_bytes += len(page.body)
        return TaskResult(outcome="captured", reason="not_parsed")

    async def close(self) -> None:
        return None


class NoSpool:
    """Stands in for the spool: nothing is written, nothing waited for."""

    async def record(self, exchange: Exchange, _: Provenance, **__: Any) -> Capture:
        head = exchange.head
        return Capture(
            url=exchange.url, captured_at=exchange.captured_at, kind="response", warc="", offset=0, length=0,
            record_id="", status=head.status if head else 0, mime="text/html", payload_sha1="", payload_sha256="",
        )  # fmt: skip

    def check_room(self) -> None:
        return None

    def vouches_for(self, _: Path) -> bool:
        return False

    async def seal(self) -> list[Any]:
        return []

    def sealed(self) -> list[Any]:
        return []

    async def close(self) -> None:
        return None


class Unmeasured(wire.Entity):
    """An entity whose digests nobody wants."""

    def write(self, piece: bytes) -> None:
        self._pieces.append(piece)
        self.size += len(piece)

    sha1 = property(lambda _: b"")
    sha256 = property(lambda _: b"")


def without_archive(services: Services) -> Services:
    wire.Entity = Unmeasured  # type: ignore[misc]
    services.state.add_capture = lambda *_, **__: None  # type: ignore[method-assign]
    services.state.same_payload = lambda *_: None  # type: ignore[method-assign]
    return services._replace(spool=NoSpool())  # type: ignore[arg-type]


def settings(folder: Path) -> Config:
    most = next((word.partition("=")[2] for word in sys.argv if word.startswith("--max-body-bytes=")), None)
    return load(
        overrides={
            **({"fetch.max_body_bytes": int(most)} if most else {}),
            "storage.url": f"file:{folder / 'store'}",
            "state.dir": str(folder / "state"),
            "spool.min_free_bytes": 1 << 20,
            "fetch.concurrency": 16,
            "fetch.concurrency_per_host": 16,
            "fetch.allow_private": True,
        }
    )


async def crawl(url: str, pages: int, folder: Path, mode: str) -> dict[str, Any]:
    clock, config = SystemClock(), settings(folder)
    services = await Services.open(config, clock)
    pool = NoParser(pages, decode=mode == "decoded")
    services = services._replace(pool=pool)  # type: ignore[arg-type]
    if mode == "unkept":
        services = without_archive(services)
    site = Site(
        name="newsroom", title="Newsroom", country="zz", languages=(), home=url, sitemaps=(f"{url}/sitemap.xml",),
        delay_s=0.0, max_pages=pages, allow_private=True,
    )  # fmt: skip
    async with Crawls(services, config, clock) as crawls:
        run = crawls.begin(new_run(site.name, trigger="command", clock=clock))
        report = await crawls.run(run, site, max_pages=pages)
        late = resident_mb()
        counts = dict(report.progress.counts)
    assert pool.count == pages or "--max-body-bytes" in " ".join(sys.argv), (pool.count, report)
    return {
        "pages": pool.count,
        "counts": counts,
        "decoded_bytes": pool.decoded_bytes,
        "early_mb": round(pool.early_mb, 1),
        "late_mb": round(late, 1),
        "kept_bytes": sum(path.stat().st_size for path in stored(folder)),
    }


def stored(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*.warc.gz") if "store" in path.parts)


def main() -> None:
    url, pages, folder, mode = sys.argv[1:5]
    memory.settle()  # as `warraq crawl` does
    loop = asyncio.run if "--asyncio" in sys.argv else uvloop.run
    result = loop(crawl(url, int(pages), Path(folder), mode))
    sys.stdout.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
