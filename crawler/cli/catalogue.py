"""``warraq catalogue``: captures and articles as Parquet, in the store."""

from __future__ import annotations

__all__ = ["catalogue", "keep_up"]

from importlib.util import find_spec
from pathlib import Path

import click

from crawler.archive.store import Store, open_store
from crawler.cli.common import Settings, json_text, settings_options
from crawler.cli.consoles import console
from crawler.cli.exit_codes import EXIT_NOTHING_NEW, EXIT_PARTIAL
from crawler.corpus.catalogue import Catalogued, update_catalogue
from crawler.corpus.tables import TABLE_NAMES, catalogue_files
from crawler.errors import WarraqError
from crawler.visible import visible

_SHOWN = 20
_SAY_EVERY = 1000


@click.command()
@settings_options
@click.option("--rebuild", is_flag=True, help="Read all WARC files and articles again.")
@click.option("--json", "as_json", is_flag=True, help="The summary as JSON.")
def catalogue(settings: Settings, rebuild: bool, as_json: bool) -> int:
    """Enter what is new in the store into its catalogue: Parquet files of captures and articles, one a month.

    Columns are those of Common Crawl's index; `warraq query` reads it, and so does anything that reads Parquet. The
    daemon and `warraq replay` keep it up.
    """
    loaded = settings.load()
    err = console()

    def tell(done: int, total: int) -> None:
        if done == total or done % _SAY_EVERY == 0:
            err.print(f"catalogue: {done}/{total} files read")

    target = open_store(loaded.storage)
    report = update_catalogue(target, lock_folder=Path(loaded.state.dir), rebuild=rebuild, on_progress=tell)
    if as_json:
        click.echo(json_text(report))
    else:
        _tell(report, target.url)
    if report.damaged:
        return EXIT_PARTIAL
    return 0 if report.known else EXIT_NOTHING_NEW


def keep_up(store: Store, state: Path, *, rebuild: bool = False) -> None:
    """Enter what is new in `store` into its catalogue, if it has one; what prevents that is said and costs nothing
    else.
    """
    if find_spec("duckdb") is None:
        return
    try:
        if any(catalogue_files(store, kind) for kind in TABLE_NAMES):
            update_catalogue(store, lock_folder=state, rebuild=rebuild)
    except WarraqError as error:
        click.echo(visible(f"the catalogue was not brought up to date: {error}"), err=True)


def _tell(report: Catalogued, where: str) -> None:
    """Say what an update did: what is damaged to stderr, the sum to stdout."""
    for damaged in report.damaged[:_SHOWN]:
        click.echo(visible(f"damaged: {damaged}"), err=True)
    if len(report.damaged) > _SHOWN:
        click.echo(f"... and {len(report.damaged) - _SHOWN} more", err=True)
    if not report.known:
        click.echo(f"{where} holds neither captures nor articles", err=True)
    elif not report.sources:
        click.echo(f"{where}/catalogue holds everything: {report.known} files, none of them new", err=True)
    else:
        click.echo(
            f"{where}/catalogue: {report.captures} captures and {report.articles} articles of {report.sources} files, "
            f"{len(report.months)} months written"
            + (f", {len(report.damaged)} damaged parts" if report.damaged else "")
        )
