"""``warraq crawl``: sites and URLs, now, with a progress bar; no daemon needed."""

from __future__ import annotations

__all__ = ["crawl"]

import asyncio
import signal
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, NamedTuple

import click
import msgspec
import uvloop
from rich.console import Console
from rich.table import Table

from crawler import log
from crawler.cli.common import EXIT_FAILED, EXIT_INTERRUPTED, EXIT_PARTIAL, Settings, console, settings_options
from crawler.cli.progress import RunDisplay, human_bytes
from crawler.clock import SystemClock
from crawler.config import Config
from crawler.daemon.declarations import require_sound
from crawler.errors import CrawlStopped, UsageError
from crawler.model.reasons import explain
from crawler.model.site import Site
from crawler.run.live import memory
from crawler.run.live.crawls import Crawls
from crawler.run.lock import StateLock
from crawler.run.progress import RunReport
from crawler.run.target import plan
from crawler.state import new_run

_SHOWN_FAILURES = 10
_ALL_PAGES = 1_000_000
"""Of an archive that is fetched from its beginning; what a run does not come to waits for the next."""


class _Order(NamedTuple):
    """One site to crawl, and the URLs asked for (none: its own channels)."""

    site: Site
    urls: tuple[str, ...]
    max_pages: int
    backfill: bool


@click.command()
@click.argument("targets", nargs=-1, required=True, metavar="TARGET...")
@settings_options
@click.option("--max-pages", type=click.IntRange(min=1), help="Articles to fetch at most, for each site.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]), help="Only articles since (UTC).")
@click.option(
    "--backfill", is_flag=True, help="Fetch the site's archive, too: all that its sitemaps list --from a day."
)
@click.option("--from", "first_day", type=click.DateTime(["%Y-%m-%d"]), help="First day of the --backfill (UTC).")
@click.option("--allow-private", is_flag=True, help="Permit loopback and private addresses.")
@click.option("--furniture", type=click.Choice(["keep", "drop"]), help="Keep or drop page furniture after the body.")
@click.option("--json", "as_json", is_flag=True, help="The summary as JSON Lines, one run a line.")
@click.option(
    "--log-level", default="error", show_default=True, type=click.Choice(["debug", "info", "warning", "error"])
)
def crawl(
    targets: tuple[str, ...],
    config: Path | None,
    store: str | None,
    state: Path | None,
    max_pages: int | None,
    since: datetime | None,
    backfill: bool,
    first_day: datetime | None,
    allow_private: bool,
    furniture: Literal["keep", "drop"] | None,
    as_json: bool,
    log_level: str,
) -> int:
    """Crawl sites by name, or the URL of an article, feed, sitemap or section page, now."""
    log.set_up(log_level)
    settings = Settings.of(config, store, state)
    loaded = settings.load(fetch__allow_private=allow_private or None, parse__furniture=furniture)
    sites = settings.sites()
    planned = plan(targets, sites).values()
    if backfill or first_day:
        since = _first_day(backfill, first_day, since, planned)
    orders = [
        _Order(site, urls, max_pages or _budget(loaded, site, urls, backfill=backfill), backfill)
        for site, urls in planned
    ]
    declared = {order.site.name: order.site for order in orders if order.site.name in sites}
    require_sound(declared, loaded.fetch, settings.seeds_dir)
    moment = since.replace(tzinfo=UTC) if since else None
    out = console()
    memory.settle()
    with StateLock.take(Path(loaded.state.dir), "crawl", clock=SystemClock()), RunDisplay(out) as display:
        reports = uvloop.run(_crawl(loaded, sites, orders, moment, display))
    if as_json:
        for report in reports:
            click.echo(msgspec.json.encode(report))
    else:
        _summarise(reports, loaded, out)
    if len(reports) < len(orders):
        return EXIT_INTERRUPTED
    return _exit_code(reports)


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
    config: Config, sites: dict[str, Site], orders: Sequence[_Order], since: datetime | None, display: RunDisplay
) -> list[RunReport]:
    """Carry out `orders` side by side; return the reports of those that came to their end."""
    clock = SystemClock()
    async with await Crawls.open(config, clock=clock, sites=sites) as crawls:
        for path in crawls.foreign:
            click.echo(f"not a file of ours in the spool, left alone: {path}", err=True)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, crawls.stop)

        async def one(order: _Order) -> RunReport | None:
            run = crawls.begin(new_run(order.site.name, trigger="command", clock=clock, targets=order.urls))
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

        ended = await asyncio.gather(*(one(order) for order in orders), return_exceptions=True)
        waiting = await crawls.ship()
    for result in ended:
        if isinstance(result, BaseException):
            raise result
    reports = [result for result in ended if isinstance(result, RunReport)]
    return [msgspec.structs.replace(report, trouble=(*report.trouble, *waiting)) for report in reports]


def _summarise(reports: Sequence[RunReport], config: Config, out: Console) -> None:
    table = Table("site", "run", "state", "pages", "articles", "not modified", "failed", "bytes", box=None)
    for report in reports:
        counts = report.progress.counts
        row = (report.progress.pages, report.progress.articles, counts.get("not_modified", 0), report.progress.failures)
        table.add_row(report.site, report.run, report.state, *map(str, row), human_bytes(report.progress.size_bytes))
    out.print(table)
    for report in reports:
        for failure in report.failures[:_SHOWN_FAILURES]:
            out.print(f"{failure.outcome}: {failure.url}: {explain(failure.reason)}")
        if len(report.failures) > _SHOWN_FAILURES:
            out.print(f"... and {len(report.failures) - _SHOWN_FAILURES} more; warraq runs, warraq why URL")
        for trouble in report.trouble:
            out.print(f"[yellow]not yet in the store[/]: {trouble}")
        for batch in report.published:
            click.echo(f"{config.storage.url}/{batch.prefix}")


def _exit_code(reports: Sequence[RunReport]) -> int:
    if all(report.state == "done" and not report.trouble for report in reports):
        return 0
    if all(report.state == "failed" for report in reports):
        return EXIT_FAILED
    return EXIT_PARTIAL
