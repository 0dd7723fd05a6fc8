"""``warraq rebuild``: the state anew, from the store alone."""

from __future__ import annotations

__all__ = ["rebuild"]

import asyncio

import click

from crawler import log
from crawler.archive.store import open_store
from crawler.cli.common import Settings, json_text, settings_options
from crawler.cli.consoles import console
from crawler.cli.exit_codes import EXIT_PARTIAL
from crawler.clock import SystemClock
from crawler.config import Config
from crawler.model.site import Site
from crawler.run.lock import StateLock
from crawler.run.offline.rebuild import Rebuilt
from crawler.run.offline.rebuild import rebuild as run_rebuild
from crawler.run.parsing.pool import ParsePool
from crawler.run.parsing.recipe import Recipe
from crawler.run.state_folder import state_folder
from crawler.visible import visible

_SHOWN_FAULTS = 20


@click.command()
@settings_options
@click.option("--force", is_flag=True, help="Replace the database that is there.")
@click.option("--json", "as_json", is_flag=True, help="The summary as JSON.")
def rebuild(settings: Settings, force: bool, as_json: bool) -> int:
    """Make the state's database anew from what the store holds: runs, outcomes, captures, receipts, articles.

    Afterwards `warraq crawl` fetches only what is new. No daemon and no crawl may be running on the state folder.
    """
    log.set_up("error")
    loaded = settings.load()
    with StateLock.take(state_folder(loaded), "rebuild", clock=SystemClock()):
        report = asyncio.run(_rebuild(loaded, settings.sites(), force=force))
    if as_json:
        click.echo(json_text(report))
    else:
        _summarise(report)
    return EXIT_PARTIAL if report.faults else 0


async def _rebuild(config: Config, sites: dict[str, Site], *, force: bool) -> Rebuilt:
    err = console()

    def tell(done: int, total: int) -> None:
        err.print(f"rebuild: {done}/{total} WARC files")

    async with ParsePool(config.parse) as pool:
        return await run_rebuild(
            open_store(config.storage),
            config.state,
            recipe=Recipe(furniture=config.parse.furniture, sites=sites),
            pool=pool,
            force=force,
            on_progress=tell,
        )


def _summarise(report: Rebuilt) -> None:
    for fault in report.faults[:_SHOWN_FAULTS]:
        click.echo(visible(f"damaged: {fault}"), err=True)
    click.echo(
        f"{report.runs} runs, {report.captures} captures, {report.articles} articles "
        f"from {report.warcs} WARC files, {report.receipts} of them sound"
    )
    if report.foreign:
        click.echo(f"{report.foreign} captures left out: no note of ours on them, or one that cannot be read")
    if report.unpublished:
        click.echo(f"{report.unpublished} pages give articles that the store does not have; `warraq replay` makes them")
