"""The main job on a newsroom of our own: crawl, crawl again, replay offline, compare. What ``warraq demo`` runs."""

from __future__ import annotations

__all__ = ["Comparison", "DemoReport", "run_demo"]

import asyncio
import hashlib
import shutil
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import msgspec

from crawler.archive.articles.layout import ROOT
from crawler.archive.store import Store, open_store
from crawler.clock import SystemClock
from crawler.config import Config
from crawler.demo.newsroom import Newsroom
from crawler.model.site import Site
from crawler.run.live.crawls import Crawls
from crawler.run.offline.replay import ReplayReport, local_engine, replay
from crawler.run.offline.sources import Filters, find_sources
from crawler.run.offline.unit import Order
from crawler.run.parsing.recipe import Recipe
from crawler.run.progress import Progress, RunReport
from crawler.state import new_run

REFERENCE = "000_d0f9e8e05ad6c6a8.txt"
"""The reference document: what the newsroom's reference page must give, byte for byte."""


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """Live articles against replayed ones, file by file."""

    files: int
    differing: tuple[str, ...]
    """Keys that only one side has, or whose bytes differ."""
    reference_key: str | None
    """Key of the article that is byte-identical with the reference document; None if no article is."""
    reference_sha256: str

    @property
    def identical(self) -> bool:
        """Every file is there on both sides with the same bytes, and there is at least one."""
        return self.files > 0 and not self.differing


class DemoReport(msgspec.Struct, frozen=True, kw_only=True):
    """What the demo did."""

    rounds: tuple[tuple[RunReport, ...], ...]
    replayed: ReplayReport
    comparison: Comparison
    warcs: tuple[str, ...]
    """Keys of the WARC files in the store."""
    requests: tuple[int, ...]
    """Requests the newsroom saw in each round."""


async def run_demo(
    config: Config,
    folder: Path,
    *,
    on_progress: Callable[[str, Progress], None],
    on_step: Callable[[str], None],
) -> DemoReport:
    """Run the demo: archive and articles go to the store of `config`, replayed articles to ``folder/replayed``.

    Raises what opening the store or the state raises.
    """
    rounds = []
    requests = []
    async with Newsroom.open() as newsroom:
        sites = {site.name: site for site in newsroom.sites}
        for number, what in enumerate(("first crawl: everything is new", "second crawl: only what is new")):
            on_step(what)
            if number:
                newsroom.publish()
            seen = len(newsroom.requests)
            rounds.append(await _crawl(config, sites, on_progress))
            requests.append(len(newsroom.requests) - seen)
    on_step("offline replay of the archive; the newsroom is closed")
    live = open_store(config.storage)
    out_folder = folder / "replayed"
    shutil.rmtree(out_folder, ignore_errors=True)
    out = msgspec.structs.replace(config.storage, url=f"file:{out_folder}")
    order = Order(
        recipe=Recipe(furniture=config.parse.furniture, sites=sites),
        filters=Filters(),
        parsing=config.parse,
        work=str(folder / "replay-work"),
        out=out.url,
    )
    sources = find_sources([], config.storage)
    replayed = await asyncio.to_thread(replay, sources, order=order, out=out, engine=local_engine(config.parse))
    on_step("comparing live with replayed articles, byte by byte")
    return DemoReport(
        rounds=tuple(rounds),
        replayed=replayed,
        comparison=await asyncio.to_thread(_compare, live, open_store(out)),
        warcs=tuple(stored.key for stored in live.list("warc/") if stored.key.endswith(".gz")),
        requests=tuple(requests),
    )


def reference_document() -> bytes:
    """Return the reference document."""
    return (files("crawler.demo") / "pages" / REFERENCE).read_bytes()


async def _crawl(
    config: Config, sites: dict[str, Site], on_progress: Callable[[str, Progress], None]
) -> tuple[RunReport, ...]:
    clock = SystemClock()
    async with await Crawls.open(config, clock=clock, sites=sites) as crawls:

        async def one(site: Site) -> RunReport:
            run = crawls.begin(new_run(site.name, trigger="demo", clock=clock))
            return await crawls.run(run, site, on_progress=lambda progress: on_progress(site.name, progress))

        return tuple(await asyncio.gather(*(one(site) for site in sites.values())))


def _compare(live: Store, replayed: Store) -> Comparison:
    kept, again = (
        {stored.key: hashlib.sha256(store.get(stored.key)).hexdigest() for stored in store.list(ROOT)}
        for store in (live, replayed)
    )
    wanted = hashlib.sha256(reference_document()).hexdigest()
    return Comparison(
        files=len(kept),
        differing=tuple(sorted(key for key in kept | again if kept.get(key) != again.get(key))),
        reference_key=next((key for key, digest in sorted(kept.items()) if digest == wanted), None),
        reference_sha256=wanted,
    )
