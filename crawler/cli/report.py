"""``warraq report``: figures over the archive."""

from __future__ import annotations

__all__ = ["report"]

from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec
from rich.table import Table

from crawler.archive.read.selection import Wanted
from crawler.archive.revisit_report import Saving, savings
from crawler.archive.store import open_store
from crawler.cli.common import Settings, print_table, settings_options
from crawler.cli.progress import human_bytes

_DAY = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"])


@click.group()
def report() -> None:
    """Figures over the archive."""


@report.command()
@settings_options
@click.option("--site", "sites", multiple=True, help="Only this site; repeatable.")
@click.option("--from", "since", type=_DAY, help="Only captures since (UTC).")
@click.option("--to", "until", type=_DAY, help="Only captures before (UTC).")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines: one a site and day.")
def dedup(
    config: Path | None,
    store: str | None,
    state: Path | None,
    sites: tuple[str, ...],
    since: datetime | None,
    until: datetime | None,
    as_json: bool,
) -> int:
    """Tell what revisits saved: payloads not stored a second time, by day and site."""
    loaded = Settings.of(config, store, state).load()
    wanted = Wanted(
        sites=frozenset(sites),
        since=since.replace(tzinfo=UTC) if since else None,
        until=until.replace(tzinfo=UTC) if until else None,
    )
    found = savings(open_store(loaded.storage), wanted)
    if as_json:
        for saving in found:
            click.echo(msgspec.json.encode(saving))
        return 0
    _show(found)
    return 0


def _show(found: list[Saving]) -> None:
    table = Table("day", "site", "identical", "not modified", "saved", "no original", box=None)
    for one in found:
        row = (str(one.identical), str(one.not_modified), human_bytes(one.saved_bytes), str(one.unknown or ""))
        table.add_row(one.day, one.site, *row)
    if found:
        print_table(table)
    count = sum(one.identical + one.not_modified for one in found)
    click.echo(f"{count} revisits saved {human_bytes(sum(one.saved_bytes for one in found))}")
