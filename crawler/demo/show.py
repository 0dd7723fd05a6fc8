"""The main job on a newsroom of our own: crawl, crawl again, replay offline, compare. What ``warraq demo`` runs."""

from __future__ import annotations

__all__ = ["DemoReport", "ReplayComparison", "run_demo"]

import asyncio
import hashlib
import shutil
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import msgspec

from crawler.archive.folders import ARTICLES, WARCS
from crawler.archive.store import Store, open_store
from crawler.clock import SystemClock
from crawler.config import Config, Storage
from crawler.demo.newsroom import Newsroom
from crawler.model.selection import Selection
from crawler.model.site import Furniture, Site
from crawler.run.live.crawls import Crawls
from crawler.run.offline.replay import ReplayReport, local_engine, replay
from crawler.run.offline.sources import find_sources
from crawler.run.offline.unit import Order
from crawler.run.parsing.recipe import Recipe
from crawler.run.progress import Progress, RunReport
from crawler.state import new_run

REFERENCE_SITE = "demo-arabic"
REFERENCE = "000_d0f9e8e05ad6c6a8.txt"
"""The reference document: what the newsroom's reference page must give, byte for byte."""


class ReplayComparison(msgspec.Struct, frozen=True, kw_only=True):
    """Live articles against replayed ones, file by file."""

    files: int
    differing: tuple[str, ...]
    """Keys that only one side has, or whose bytes differ."""
    reference_key: str | None
    """Key, in ``reference/``, of the article that is byte-identical with the reference document; None if none is."""
    reference_sha256: str

    @property
    def identical(self) -> bool:
        """Every file is there on both sides with the same bytes, and there is at least one."""
        return self.files > 0 and not self.differing


class DemoReport(msgspec.Struct, frozen=True, kw_only=True):
    """What the demo did."""

    rounds: tuple[tuple[RunReport, ...], ...]
    replayed: ReplayReport
    comparison: ReplayComparison
    shown_key: str | None
    """Key of the same page's article as the default gives it."""
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
    async with Newsroom.open() as newsroom:
        sites = {site.name: site for site in newsroom.sites}
        rounds, requests = await _two_rounds(newsroom, config, sites, on_progress, on_step)
    on_step("offline replay of the archive; the newsroom is closed")
    live = open_store(config.storage)
    out, kept = (_beside(config.storage, folder / name) for name in ("replayed", "reference"))

    def again(out: Storage, furniture: Furniture, selection: Selection) -> ReplayReport:
        order = Order(
            recipe=Recipe(furniture=furniture, sites=sites),
            selection=selection,
            parsing=config.parse,
            work=str(folder / "replay-work"),
            out=out.url,
        )
        return replay(find_sources([], config.storage), order=order, out=out, engine=local_engine(config.parse))

    replayed = await asyncio.to_thread(again, out, config.parse.furniture, Selection())
    on_step('the reference page once more, with furniture = "keep"')
    await asyncio.to_thread(again, kept, "keep", Selection(sites=(REFERENCE_SITE,)))
    on_step("comparing live with replayed articles, byte by byte")
    comparison = await asyncio.to_thread(_compare, live, open_store(out), open_store(kept))
    place = (comparison.reference_key or "").partition("_")[0]
    return DemoReport(
        rounds=rounds,
        replayed=replayed,
        comparison=comparison,
        shown_key=next((stored.key for stored in live.list(f"{place}_") if place), None),
        warcs=tuple(stored.key for stored in live.list(WARCS) if stored.key.endswith(".gz")),
        requests=requests,
    )


def reference_document() -> bytes:
    """Return the reference document."""
    return (files("crawler.demo") / "pages" / REFERENCE).read_bytes()


async def _two_rounds(
    newsroom: Newsroom,
    config: Config,
    sites: dict[str, Site],
    on_progress: Callable[[str, Progress], None],
    on_step: Callable[[str], None],
) -> tuple[tuple[tuple[RunReport, ...], ...], tuple[int, ...]]:
    """Crawl before and after more is published; return the runs of both rounds, and how many requests each took."""
    rounds, requests = [], []
    for number, what in enumerate(("first crawl: everything is new", "second crawl: only what is new")):
        on_step(what)
        if number:
            newsroom.publish()
        seen = len(newsroom.requests)
        rounds.append(await _crawl(config, sites, on_progress))
        requests.append(len(newsroom.requests) - seen)
    return tuple(rounds), tuple(requests)


async def _crawl(
    config: Config, sites: dict[str, Site], on_progress: Callable[[str, Progress], None]
) -> tuple[RunReport, ...]:
    clock = SystemClock()
    async with await Crawls.open(config, clock=clock, sites=sites) as crawls:

        async def one(site: Site) -> RunReport:
            run = crawls.begin(new_run(site.name, trigger="demo", clock=clock))
            return await crawls.run(run, site, on_progress=lambda progress: on_progress(site.name, progress))

        return tuple(await asyncio.gather(*(one(site) for site in sites.values())))


def _beside(storage: Storage, folder: Path) -> Storage:
    shutil.rmtree(folder, ignore_errors=True)
    return msgspec.structs.replace(storage, url=f"file:{folder}")


def _digests(store: Store) -> dict[str, str]:
    return {stored.key: hashlib.sha256(store.get(stored.key)).hexdigest() for stored in store.list(ARTICLES)}


def _compare(live: Store, replayed: Store, reference: Store) -> ReplayComparison:
    kept, again = _digests(live), _digests(replayed)
    wanted = hashlib.sha256(reference_document()).hexdigest()
    return ReplayComparison(
        files=len(kept),
        differing=tuple(sorted(key for key in kept | again if kept.get(key) != again.get(key))),
        reference_key=next((key for key, digest in sorted(_digests(reference).items()) if digest == wanted), None),
        reference_sha256=wanted,
    )
