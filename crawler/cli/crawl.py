"""``warraq crawl``: sites and URLs, now, with a progress bar; no daemon needed."""

from __future__ import annotations

__all__ = ["crawl"]

import asyncio
import tempfile
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal, NamedTuple, TextIO

import click
import msgspec
import uvloop
from rich.console import Console
from rich.table import Table

from crawler import log
from crawler.archive.store import Store, open_store
from crawler.archive.store.folder import FileStore
from crawler.capture.wire.client import Client
from crawler.cli.common import Settings, json_text, settings_options, store_url
from crawler.cli.consoles import console
from crawler.cli.endings import ending_lines
from crawler.cli.exit_codes import EXIT_FAILED, EXIT_INTERRUPTED, EXIT_NOTHING_NEW, EXIT_PARTIAL
from crawler.cli.interrupts import on_interrupt
from crawler.cli.moments import MOMENT
from crawler.cli.progress import RunDisplay, human_bytes
from crawler.cli.summaries import CrawlSummary
from crawler.cli.targets import wanted_targets
from crawler.clock import SystemClock
from crawler.config import PROJECT_PAGE, Config
from crawler.daemon.declarations import require_sound
from crawler.errors import CrawlStopped, UsageError
from crawler.model.run import found_nothing_new
from crawler.model.site import Site
from crawler.run.contact import is_unsigned
from crawler.run.live import memory
from crawler.run.live.crawls import Crawls
from crawler.run.lock import StateLock
from crawler.run.offline.archive_client import ArchiveClient, OfflineStore, index_archives
from crawler.run.offline.sources import find_sources
from crawler.run.progress import RunReport
from crawler.run.target import plan
from crawler.state import new_run
from crawler.visible import visible

_ALL_PAGES = 1_000_000
"""Of an archive that is fetched from its beginning; what a run does not come to waits for the next."""
_AT_ONCE = 64
"""Runs under way at once: a list may name thousands of sites."""


class _Order(NamedTuple):
    """One site to crawl, and the URLs asked for (none: its own channels)."""

    site: Site
    urls: tuple[str, ...]
    max_pages: int
    backfill: bool


@click.command()
@click.argument("targets", nargs=-1, metavar="[TARGET]...")
@settings_options
@click.option(
    "-i",
    "--input",
    "lists",
    multiple=True,
    type=click.File("r", encoding="utf-8-sig", errors="replace"),
    metavar="FILE",
    help="More targets, one a line (- or a TARGET of -: standard input); repeatable.",
)
@click.option("--max-pages", type=click.IntRange(min=1), help="Articles to fetch at most, for each site.")
@click.option("--since", type=MOMENT, help="Only articles since (2d, yesterday, 2026-11).")
@click.option(
    "--backfill", is_flag=True, help="Fetch the site's archive, too: all that its sitemaps list --from a day."
)
@click.option("--from", "first_day", type=MOMENT, help="First day of the --backfill.")
@click.option("--contact", metavar="TEXT", help="A page or e-mail address of yours, for publishers.")
@click.option("--allow-private", is_flag=True, help="Permit loopback and private addresses.")
@click.option("--furniture", type=click.Choice(["keep", "drop"]), help="Keep or drop page furniture after the body.")
@click.option("--offline", is_flag=True, help="Against the archive, in the place of the web; nothing is fetched.")
@click.option(
    "--archive",
    "archives",
    multiple=True,
    metavar="SOURCE",
    help="What --offline answers from, as replay takes it; repeatable.  [default: our own store]",
)
@click.option("--out", metavar="URL", help="Store that gets the articles of --offline.  [default: file:offline]")
@click.option("--json", "as_json", is_flag=True, help="The summary as JSON Lines, one run a line.")
@click.option(
    "--log-level", default="error", show_default=True, type=click.Choice(["debug", "info", "warning", "error"])
)
def crawl(
    targets: tuple[str, ...],
    settings: Settings,
    lists: tuple[TextIO, ...],
    max_pages: int | None,
    since: datetime | None,
    backfill: bool,
    first_day: datetime | None,
    contact: str | None,
    allow_private: bool,
    furniture: Literal["keep", "drop"] | None,
    offline: bool,
    archives: tuple[str, ...],
    out: str | None,
    as_json: bool,
    log_level: str,
) -> int:
    """Crawl sites by name, or the URL of an article, feed, sitemap or section page, now."""
    log.set_up(log_level)
    loaded = settings.load(
        fetch__allow_private=allow_private or None, fetch__contact=contact, parse__furniture=furniture
    )
    sites = settings.sites()
    _require_fitting(since, archives, out, offline=offline)
    wanted = wanted_targets(targets, lists, sites)
    planned = plan(wanted.targets, sites).values()
    if backfill or first_day:
        since = _first_day(backfill, first_day, since, planned)
    orders = [
        _Order(site, urls, max_pages or _budget(loaded, site, urls, backfill=backfill), backfill)
        for site, urls in planned
    ]
    require_sound(_declared(orders, sites), loaded.fetch, settings.seeds_dir)
    err = console()
    for fault in wanted.faults:
        err.print(f"left out: {fault}", markup=False)
    if offline:
        return _offline(loaded, sites, orders, since, archives, out or "file:offline", as_json=as_json)
    _say_unsigned(orders, loaded, err)
    memory.settle()
    with StateLock.take(Path(loaded.state.dir), "crawl", clock=SystemClock()), RunDisplay(err) as display:
        reports = uvloop.run(_crawl(loaded, sites, orders, since, display))
    (_tell_json if as_json else _summarise)(reports, loaded, err)
    interrupted = _say_interrupted(orders, reports, loaded, err)
    return EXIT_INTERRUPTED if interrupted else _exit_code(reports, complete=not wanted.faults)


def _require_fitting(since: datetime | None, archives: Sequence[str], out: str | None, *, offline: bool) -> None:
    """Raise UsageError for options that cannot be meant."""
    if since is not None and since > SystemClock().now():
        raise UsageError("--since is still to come: no article can be newer", next_step="name a day that has been")
    if (archives or out) and not offline:
        raise UsageError("--archive and --out are for --offline", next_step="leave them out, or add --offline")


def _offline(
    config: Config,
    sites: dict[str, Site],
    orders: Sequence[_Order],
    since: datetime | None,
    archives: Sequence[str],
    out: str,
    *,
    as_json: bool,
) -> int:
    """Carry out `orders` against archives: a state of its own, which goes with it, articles to `out`, nothing else
    anywhere.
    """
    err = console()
    sources = find_sources(archives, config.storage)
    storage = msgspec.structs.replace(config.storage, url=store_url(out))
    with tempfile.TemporaryDirectory(prefix="warraq-offline-") as name, RunDisplay(err) as display:
        folder = Path(name)
        for fault in index_archives(sources, folder / "index"):
            err.print(f"damaged: {fault}", markup=False)
        client = ArchiveClient(sources, folder / "index", clock=SystemClock())
        store = OfflineStore(open_store(storage), open_store(config.storage), FileStore(folder / "store"))
        offline = msgspec.structs.replace(
            config,
            storage=storage,
            state=msgspec.structs.replace(config.state, dir=str(folder / "state")),
            fetch=msgspec.structs.replace(config.fetch, delay_s=0.0, retries=0, robots="ignore", requests_per_day=0),
        )
        at_once = {name: msgspec.structs.replace(site, delay_s=0.0) for name, site in sites.items()}
        planned = [one._replace(site=msgspec.structs.replace(one.site, delay_s=0.0)) for one in orders]
        reports = uvloop.run(_crawl(offline, at_once, planned, since, display, client=client, store=store))
        missing = client.missing
    if as_json:
        for report in reports:
            click.echo(json_text(CrawlSummary.of(report, storage.url)))
    else:
        _summarise(reports, offline, err)
    if missing:
        err.print(f"{missing} requests were for what was never captured, and got a 404", markup=False)
    return _exit_code(reports)


def _say_unsigned(orders: Sequence[_Order], config: Config, err: Console) -> None:
    """Say so where publishers are not told who crawls."""
    asked = [url for order in orders for url in order.urls]
    if is_unsigned(config.fetch, [order.site for order in orders if not order.urls], asked):
        err.print(f"publishers are told {PROJECT_PAGE} as your contact: give your own with --contact, or fetch.contact")


def _declared(orders: Sequence[_Order], sites: dict[str, Site]) -> dict[str, Site]:
    return {order.site.name: order.site for order in orders if order.site.name in sites}


def _first_day(
    backfill: bool, first_day: datetime | None, since: datetime | None, planned: Iterable[tuple[Site, tuple[str, ...]]]
) -> datetime:
    """Return the day from which the archive is wanted. Raises UsageError for what does not go together."""
    if not backfill or first_day is None:
        raise UsageError("--backfill and --from go together", next_step="crawl SITE --backfill --from 2026-01-01")
    if since is not None:
        raise UsageError("--from says what --since does", next_step="leave out --since")
    if any(urls for _, urls in planned):
        raise UsageError("only a declared site can be back-filled", next_step="name one: `warraq sites` lists them")
    return first_day


def _budget(config: Config, site: Site, urls: tuple[str, ...], *, backfill: bool) -> int:
    if backfill:
        return _ALL_PAGES
    return config.crawl.max_pages if urls else site.max_pages


async def _crawl(
    config: Config,
    sites: dict[str, Site],
    orders: Sequence[_Order],
    since: datetime | None,
    display: RunDisplay,
    *,
    client: Client | None = None,
    store: Store | None = None,
) -> list[RunReport]:
    """Carry out `orders` side by side; return the reports of those that came to their end."""
    clock = SystemClock()
    async with await Crawls.open(config, clock=clock, sites=sites, client=client, store=store) as crawls:
        for path in crawls.foreign:
            click.echo(visible(f"not a file of ours in the spool, left alone: {path}"), err=True)
        on_interrupt(crawls.stop)

        turns = asyncio.Semaphore(_AT_ONCE)
        ended = await asyncio.gather(
            *(_carry_out(crawls, order, since, display, turns) for order in orders), return_exceptions=True
        )
        waiting = await crawls.ship()
    for result in ended:
        if isinstance(result, BaseException):
            raise result
    reports = [result for result in ended if isinstance(result, RunReport)]
    return [msgspec.structs.replace(report, trouble=(*report.trouble, *waiting)) for report in reports]


async def _carry_out(
    crawls: Crawls, order: _Order, since: datetime | None, display: RunDisplay, turns: asyncio.Semaphore
) -> RunReport | None:
    """Crawl one site when it is its turn; return the report, None if the run was interrupted."""
    async with turns:
        run = crawls.begin(new_run(order.site.name, trigger="command", clock=SystemClock(), targets=order.urls))
        try:
            return await crawls.run(
                run,
                order.site,
                since=since,
                max_pages=order.max_pages,
                backfill=order.backfill,
                on_progress=lambda progress: display.update(order.site.name, progress),
            )
        except CrawlStopped:
            crawls.interrupt(run)
            return None


def _say_interrupted(orders: Sequence[_Order], reports: Sequence[RunReport], config: Config, err: Console) -> bool:
    """Say which sites did not come to their end, and where what they captured is; return whether there is one."""
    ended = {report.site for report in reports}
    interrupted = [order.site.name for order in orders if order.site.name not in ended]
    for name in interrupted:
        err.print(
            f"{name}: interrupted; what was captured is safe in {config.storage.url} and {config.state.dir}/spool; "
            "the same command goes on with what waits",
            markup=False,
        )
    return bool(interrupted)


def _tell_json(reports: Sequence[RunReport], config: Config, err: Console) -> None:
    for report in reports:
        for line in ending_lines(report):
            err.print(line, markup=False)
        click.echo(json_text(CrawlSummary.of(report, config.storage.url)))


def _summarise(reports: Sequence[RunReport], config: Config, out: Console) -> None:
    table = Table("site", "run", "state", "pages", "articles", "not modified", "failed", "bytes", box=None)
    for report in reports:
        counts = report.progress.counts
        row = (report.progress.pages, report.progress.articles, counts.get("not_modified", 0), report.progress.failures)
        table.add_row(report.site, report.run, report.state, *map(str, row), human_bytes(report.progress.size_bytes))
    out.print(table)
    for report in reports:
        for line in ending_lines(report):
            out.print(line, markup=False)
        for batch in report.published:
            click.echo(f"{config.storage.url}/{batch.prefix}")


def _exit_code(reports: Sequence[RunReport], *, complete: bool = True) -> int:
    """Return what became of the runs; not `complete`: some of what was asked for was left out."""
    if reports and all(report.state == "failed" for report in reports):
        return EXIT_FAILED
    if not complete:
        return EXIT_PARTIAL
    if all(found_nothing_new(report.state, report.reason) and not report.trouble for report in reports):
        return EXIT_NOTHING_NEW
    if all(report.state == "done" and not report.trouble for report in reports):
        return 0
    return EXIT_PARTIAL
