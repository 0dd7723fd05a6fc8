"""``warraq replay``: parse archives again, without a network."""

from __future__ import annotations

__all__ = ["replay"]

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal

import click
import msgspec
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from crawler import log
from crawler.archive.store import open_store
from crawler.cli.common import Settings, console, read_profile, settings_options
from crawler.cli.exit_codes import EXIT_FAILED, EXIT_PARTIAL
from crawler.cli.moments import MOMENT, check_span
from crawler.config import Config
from crawler.run.offline.engine import Engine
from crawler.run.offline.replay import ReplayReport, local_engine
from crawler.run.offline.replay import replay as run_replay
from crawler.run.offline.sources import Filters, Source, find_sources
from crawler.run.offline.unit import Order
from crawler.run.parsing.profiles_in_force import ArchivedProfiles, NoProfiles, OneProfile, Profiles
from crawler.run.parsing.recipe import Recipe
from crawler.run.target import no_such_site

_SHOWN_FAULTS = 20


@click.command()
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@settings_options
@click.option("--out", default="file:replayed", show_default=True, metavar="URL", help="Store that gets the articles.")
@click.option("--site", "sites", multiple=True, help="Only captures of this site; repeatable.")
@click.option("--url", "urls", multiple=True, help="Only URLs of this shell pattern; repeatable.")
@click.option("--from", "since", type=MOMENT, help="Only captures since (2d, yesterday, 2026-11).")
@click.option("--to", "until", type=MOMENT, help="Only captures before.")
@click.option("--mime", "mimes", multiple=True, help="Only this media type; repeatable.")
@click.option("--status", "statuses", multiple=True, type=int, default=[200], show_default=True, help="HTTP status.")
@click.option("--jobs", type=click.IntRange(min=1), help="Processes.  [default: one per core]")
@click.option(
    "--engine",
    type=click.Choice(["local", "ray"]),
    default="local",
    show_default=True,
    help="Processes of this machine, or a Ray cluster (pip install 'warraq[ray]').",
)
@click.option("--texts/--no-texts", default=True, help="Write a text file for each article, or their JSON Lines only.")
@click.option("--furniture", type=click.Choice(["keep", "drop"]), help="Keep or drop page furniture after the body.")
@click.option(
    "--profiles",
    "which",
    default="archived",
    show_default=True,
    metavar="archived|none|FILE",
    help="Sites' profiles: those of the store, as they were in force; none; or that of FILE for all its site's captures.",
)
@click.option("--json", "as_json", is_flag=True, help="The summary as JSON.")
def replay(
    sources: tuple[str, ...],
    config: Path | None,
    store: str | None,
    state: Path | None,
    out: str,
    sites: tuple[str, ...],
    urls: tuple[str, ...],
    since: datetime | None,
    until: datetime | None,
    mimes: tuple[str, ...],
    statuses: tuple[int, ...],
    jobs: int | None,
    engine: str,
    texts: bool,
    furniture: Literal["keep", "drop"] | None,
    which: str,
    as_json: bool,
) -> int:
    """Parse archives again: WARC, ARC or WACZ files, folders, s3:// or file: prefixes; without SOURCE, our own store.

    Interrupted, the same command goes on with the files that are left.
    """
    log.set_up("error")
    check_span(since, until)
    settings = Settings.of(config, store, state)
    loaded = settings.load(parse__furniture=furniture, parse__processes=jobs)
    filters = Filters(
        sites=sites,
        urls=urls,
        since=since,
        until=until,
        mimes=mimes,
        statuses=statuses,
    )
    found = find_sources(sources, loaded.storage)
    target = msgspec.structs.replace(loaded.storage, url=out if ":" in out.split("/", 1)[0] else f"file:{out}")
    open_store(target).check()
    order = Order(
        recipe=Recipe(furniture=loaded.parse.furniture, sites=settings.sites(), profiles=_profiles(which, loaded)),
        filters=filters,
        parsing=loaded.parse,
        work=str(Path(loaded.state.dir) / "replay"),
        out=target.url,
    )
    err = console()
    with _display(err) as bars:
        told = _on_progress(bars, err, found)
        report = run_replay(
            found, order=order, out=target, engine=_engine(engine, loaded), texts=texts, on_progress=told
        )
    if as_json:
        click.echo(msgspec.json.encode(report))
    else:
        _summarise(report, target.url, err)
    if not (report.articles or report.resumed or report.faults):
        err.print(f"no article: {_why_none(report, filters, settings)}", markup=False)
        return EXIT_FAILED
    return EXIT_PARTIAL if report.faults else 0


def _why_none(report: ReplayReport, filters: Filters, settings: Settings) -> str:
    """Return why a replay gave nothing, and the next step."""
    left = report.captures - report.counts.get("filtered", 0)
    declared = settings.sites()
    unknown = [name for name in filters.sites if name not in declared]
    if not left and report.counts.get("filtered"):
        told = f"; {no_such_site(unknown[0], declared)}" if unknown else ""
        return f"none of the {report.captures} captures meets the conditions{told}"
    if not report.captures:
        return "the archive holds no capture; `warraq verify` tells what it holds"
    return "no capture is an article's page; `warraq why URL` tells of one"


def _engine(name: str, config: Config) -> Engine:
    """Return what carries out the work. Raises UsageError if it is not installed."""
    if name == "local":
        return local_engine(config.parse)
    from crawler.run.offline.on_ray import OnRay  # noqa: PLC0415 - an extra, and slow to import

    return OnRay()


def _profiles(which: str, config: Config) -> Profiles:
    """Return the profiles asked for. Raises UsageError, StoreError."""
    if which == "none":
        return NoProfiles()
    if which != "archived":
        return OneProfile(read_profile(Path(which)))
    return ArchivedProfiles(config.storage)


def _display(err: Console) -> Progress:
    return Progress(
        TextColumn("[bold]replay"),
        BarColumn(bar_width=24),
        TextColumn("{task.completed}/{task.total} files, {task.fields[pages]} pages, {task.fields[rate]:.0f} pages/s"),
        TimeElapsedColumn(),
        console=err,
        disable=not err.is_terminal,
    )


def _on_progress(bars: Progress, err: Console, sources: Sequence[Source]) -> Callable[[int, Mapping[str, int]], None]:
    """Return what shows progress: a bar on a terminal, a line a file elsewhere."""
    task = bars.add_task("replay", total=len(sources), pages=0, rate=0.0)
    started = time.monotonic()
    said = 0

    def show(done: int, counts: Mapping[str, int]) -> None:
        nonlocal said
        pages = sum(counts.values())
        rate = pages / max(time.monotonic() - started, 1e-6)
        bars.update(task, completed=done, pages=pages, rate=rate)
        if not err.is_terminal and done > said:
            said = done
            err.print(f"replay: {done}/{len(sources)} files, {pages} captures, {rate:.0f}/s")

    return show


def _summarise(report: ReplayReport, out: str, err: Console) -> None:
    for fault in report.faults[:_SHOWN_FAULTS]:
        err.print(f"[yellow]damaged[/]: {escape(fault)}")
    if len(report.faults) > _SHOWN_FAULTS:
        err.print(f"... and {len(report.faults) - _SHOWN_FAULTS} more faults")
    outcomes = ", ".join(f"{count} {name}" for name, count in sorted(report.counts.items()))
    for name in report.unread:
        err.print(f"[red]not read[/]: {escape(name)}; run the same command again when it can be")
    resumed = f" ({report.resumed} done before)" if report.resumed else ""
    click.echo(f"{report.files} files{resumed}, {report.captures} captures: {outcomes or 'nothing new'}")
    click.echo(f"{report.articles} articles in {out}/articles")
