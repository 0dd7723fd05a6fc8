"""``warraq republish``: articles that the store lacks or holds damaged, whole again."""

from __future__ import annotations

__all__ = ["republish"]

import asyncio

import click

from crawler import log
from crawler.archive.profiles import ProfileShelf
from crawler.archive.store import open_store
from crawler.cli.common import Settings, json_text, settings_options
from crawler.cli.consoles import console
from crawler.cli.exit_codes import EXIT_NOTHING_NEW, EXIT_PARTIAL
from crawler.clock import SystemClock
from crawler.config import Config
from crawler.model.site import Site
from crawler.run.lock import StateLock
from crawler.run.offline.republish import Republished
from crawler.run.offline.republish import republish as run_republish
from crawler.run.parsing.pool import ParsePool
from crawler.run.parsing.recipe import Recipe
from crawler.run.parsing.road import Road
from crawler.run.state_folder import state_folder
from crawler.state import open_state
from crawler.visible import visible


@click.command()
@settings_options
@click.option("--json", "as_json", is_flag=True, help="The summary as JSON.")
def republish(settings: Settings, as_json: bool) -> int:
    """Write again what `warraq verify` finds missing or damaged of articles, from their lines or from the archive.

    What is whole is not touched. No daemon and no crawl may be running on the state folder.
    """
    log.set_up("error")
    loaded = settings.load()
    with StateLock.take(state_folder(loaded), "republish", clock=SystemClock()):
        report = asyncio.run(_republish(loaded, settings.sites()))
    ending = EXIT_PARTIAL if report.lost else 0 if report.batches else EXIT_NOTHING_NEW
    if as_json:
        click.echo(json_text(report))
        return ending
    for line in report.lost:
        click.echo(visible(f"lost: {line}"), err=True)
    for prefix in report.mended:
        click.echo(f"{loaded.storage.url}/{prefix}")
    click.echo(
        f"{report.batches} batches, {len(report.mended)} written again, {report.parsed} articles made anew, "
        f"{len(report.lost)} lost",
        err=True,
    )
    if not report.batches:
        click.echo(f"{loaded.storage.url} has no article, and the state knows of none", err=True)
    return ending


async def _republish(config: Config, sites: dict[str, Site]) -> Republished:
    err = console()
    clock = SystemClock()
    store = open_store(config.storage)

    def tell(done: int, total: int) -> None:
        if done == total or done % 100 == 0:
            err.print(f"republish: {done}/{total} batches")

    with open_state(config.state, clock=clock) as state:
        async with ParsePool(config.parse) as pool:
            road = Road(Recipe(furniture=config.parse.furniture, sites=sites), pool)
            return await run_republish(store, state, road=road, profiles=ProfileShelf(store, clock), on_progress=tell)
