"""``warraq manifest``: note for good what the store holds; and what ``warraq verify --manifest`` says of it."""

from __future__ import annotations

__all__ = ["manifest", "tell_manifests"]

from collections.abc import Mapping
from datetime import date

import click

from crawler.archive.check.manifest import make_manifests, verify_manifests
from crawler.archive.read.catalogue import stored_warcs
from crawler.archive.store import Store, open_store
from crawler.cli.common import Settings, json_text, settings_options
from crawler.cli.exit_codes import EXIT_FAILED, EXIT_NOTHING_NEW
from crawler.cli.moments import DAY
from crawler.clock import SystemClock
from crawler.errors import UsageError
from crawler.run.receipts import keep_manifests, known_receipts


@click.command()
@settings_options
@click.option(
    "--day",
    "days",
    multiple=True,
    type=DAY,
    help="Only this day (UTC); repeatable.  [default: every day before today that has files in no manifest]",
)
@click.option("--json", "as_json", is_flag=True, help="JSON Lines: each manifest with its key and digest.")
def manifest(settings: Settings, days: tuple[date, ...], as_json: bool) -> int:
    """Write a manifest for each day: digest, size and record counts of its WARC files, chained to the one before.

    Prints key and SHA-256 of each; sign that file with any tool. The daemon does this by itself once a day.
    """
    loaded = settings.load()
    clock = SystemClock()
    if early := [day for day in days if day > clock.now().date()]:
        raise UsageError(f"--day {early[0]} is still to come", next_step="name a day that has files")
    store = open_store(loaded.storage)
    made = make_manifests(
        store,
        clock=clock,
        days=list(days) or None,
        receipts=known_receipts(loaded.state, clock=clock),
    )
    keep_manifests(loaded.state, made, clock=clock)
    for link in made:
        if as_json:
            told = {"key": link.key, "sha256": link.sha256, "manifest": link.manifest}
            click.echo(json_text(told))
        else:
            click.echo(f"{link.sha256}  {link.key}")
    if made:
        return 0
    if days:
        click.echo(f"nothing is waiting for a manifest of {', '.join(map(str, days))}", err=True)
        return EXIT_NOTHING_NEW
    if not stored_warcs(store):
        raise UsageError(f"{store.url} holds no WARC file", next_step="crawl something first, or --store URL")
    click.echo("nothing is waiting for a manifest: every file of the days before today is in one", err=True)
    return 0


def tell_manifests(store: Store, *, known: Mapping[str, str], sample: float, seed: int, as_json: bool) -> int:
    """Check `store` against its manifests, and those against the digests `known` here; say what was found.

    Returns the exit code.
    """
    report = verify_manifests(store, sample=sample, seed=seed, known=known)
    if not report.manifests and not report.breaks:
        raise UsageError(f"{store.url} has no manifest", next_step="`warraq manifest` writes one")
    if as_json:
        click.echo(json_text(report))
    else:
        for found in report.breaks:
            click.echo(found)
        click.echo(
            f"{report.manifests} manifests, {report.warcs} files, {report.read} of them read, "
            f"{len(report.breaks)} breaks; {report.waiting} files have no manifest yet"
        )
    return EXIT_FAILED if report.breaks else 0
