"""``warraq replay``: parse archives again, without a network."""

from __future__ import annotations

__all__ = ["replay"]

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import click
import msgspec
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from crawler import log
from crawler.archive.profiles import ProfileShelf
from crawler.archive.store import open_store
from crawler.cli.common import EXIT_PARTIAL, Settings, console, read_profile, settings_options
from crawler.clock import SystemClock
from crawler.config import Config
from crawler.run.offline.replay import Filters, ReplayReport, Source, find_sources
from crawler.run.offline.replay import replay as run_replay
from crawler.run.parsing.pool import ParsePool
from crawler.run.parsing.profiles_in_force import NoProfiles, OneProfile, Profiles
from crawler.run.parsing.recipe import Recipe

_DAY = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"])
_SHOWN_FAULTS = 20


@click.command()
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@settings_options
@click.option("--out", default="file:replayed", show_default=True, metavar="URL", help="Store that gets the articles.")
@click.option("--site", "sites", multiple=True, help="Only captures of this site; repeatable.")
@click.option("--url", "urls", multiple=True, help="Only URLs of this shell pattern; repeatable.")
@click.option("--from", "since", type=_DAY, help="Only captures since (UTC).")
@click.option("--to", "until", type=_DAY, help="Only captures before (UTC).")
@click.option("--mime", "mimes", multiple=True, help="Only this media type; repeatable.")
@click.option("--status", "statuses", multiple=True, type=int, default=[200], show_default=True, help="HTTP status.")
@click.option("--jobs", type=click.IntRange(min=1), help="Parse processes.  [default: one per core]")
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
    furniture: Literal["keep", "drop"] | None,
    which: str,
    as_json: bool,
) -> int:
    """Parse archives again: WARC, ARC or WACZ files, folders, s3:// or file: prefixes; without SOURCE, our own store.

    Interrupted, the same command goes on with the files that are left.
    """
    log.set_up("error")
    settings = Settings.of(config, store, state)
    loaded = settings.load(parse__furniture=furniture, parse__processes=jobs)
    filters = Filters(
        sites=sites,
        urls=urls,
        since=since.replace(tzinfo=UTC) if since else None,
        until=until.replace(tzinfo=UTC) if until else None,
        mimes=mimes,
        statuses=statuses,
    )
    found = find_sources(sources, loaded.storage)
    out_url = out if ":" in out.split("/", 1)[0] else f"file:{out}"
    err = console()
    recipe = Recipe(furniture=loaded.parse.furniture, sites=settings.sites(), profiles=_profiles(which, loaded))
    with _display(err) as bars:
        told = _on_progress(bars, err, found)
        report = asyncio.run(_replay(found, loaded, recipe, filters, out_url, told))
    if as_json:
        click.echo(msgspec.json.encode(report))
    else:
        _summarise(report, out_url, err)
    return EXIT_PARTIAL if report.faults else 0


async def _replay(
    sources: Sequence[Source],
    config: Config,
    recipe: Recipe,
    filters: Filters,
    out: str,
    on_progress: Callable[[int, Counter[str]], None],
) -> ReplayReport:
    target = open_store(msgspec.structs.replace(config.storage, url=out))
    await asyncio.to_thread(target.check)
    async with ParsePool(config.parse) as pool:
        return await run_replay(
            sources,
            pool=pool,
            out=target,
            work=Path(config.state.dir) / "replay",
            recipe=recipe,
            filters=filters,
            on_progress=on_progress,
        )


def _profiles(which: str, config: Config) -> Profiles:
    """Return the profiles asked for. Raises UsageError, StoreError."""
    if which == "none":
        return NoProfiles()
    if which != "archived":
        return OneProfile(read_profile(Path(which)))
    shelf = ProfileShelf(open_store(config.storage), SystemClock())
    shelf.look()
    return shelf


def _display(err: Console) -> Progress:
    return Progress(
        TextColumn("[bold]replay"),
        BarColumn(bar_width=24),
        TextColumn("{task.completed}/{task.total} files, {task.fields[pages]} pages, {task.fields[rate]:.0f} pages/s"),
        TimeElapsedColumn(),
        console=err,
        disable=not err.is_terminal,
    )


def _on_progress(bars: Progress, err: Console, sources: Sequence[Source]) -> Callable[[int, Counter[str]], None]:
    """Return what shows progress: a bar on a terminal, a line a file elsewhere."""
    task = bars.add_task("replay", total=len(sources), pages=0, rate=0.0)
    started = time.monotonic()
    said = 0

    def show(done: int, counts: Counter[str]) -> None:
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
    resumed = f" ({report.resumed} done before)" if report.resumed else ""
    click.echo(f"{report.files} files{resumed}, {report.captures} captures: {outcomes or 'nothing new'}")
    click.echo(f"{report.articles} articles in {out}/articles")
