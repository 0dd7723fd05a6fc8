"""``warraq replay``: parse archives again, without a network."""

from __future__ import annotations

__all__ = ["replay"]

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import BinaryIO, Literal

import click
import msgspec
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from crawler import log
from crawler.archive.store import open_store
from crawler.archive.takedowns import taken_down
from crawler.cli.catalogue import keep_up
from crawler.cli.common import Settings, json_text, read_profile, settings_options, store_url
from crawler.cli.comparison import limits_of, run_comparison
from crawler.cli.consoles import console
from crawler.cli.exit_codes import EXIT_FAILED, EXIT_PARTIAL
from crawler.cli.selecting import selection_options
from crawler.config import Config, Storage
from crawler.errors import UsageError
from crawler.http.status import ANSWERED
from crawler.model.selection import Selection
from crawler.model.takedown import TakenDown
from crawler.run.offline.engine import Engine
from crawler.run.offline.named_indexes import with_indexes
from crawler.run.offline.replay import ReplayReport, captures_in, local_engine
from crawler.run.offline.replay import replay as run_replay
from crawler.run.offline.sources import Search, Source, find_sources, listed_sources, source_of_stream
from crawler.run.offline.unit import Order
from crawler.run.parsing.profiles_in_force import ArchivedProfiles, NoProfiles, OneProfile, Profiles
from crawler.run.parsing.recipe import Recipe
from crawler.run.target import no_such_site

_SHOWN_FAULTS = 20
_STDIN = "-"
_LOOKING_S = 3.0
"""Looking for archives says where it is, once in so long."""


@click.command()
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@settings_options
@click.option("--out", default="file:replayed", show_default=True, metavar="URL", help="Store that gets the articles.")
@click.option(
    "-i",
    "--input",
    "lists",
    multiple=True,
    metavar="FILE",
    help="A list of archives, a path or address a line, gzip or not (-: standard input); repeatable.",
)
@click.option("--base", default="", metavar="URL", help="Put before the lines of lists: s3://commoncrawl, or a folder.")
@click.option("--anonymous", is_flag=True, help="Read s3:// sources without credentials.")
@click.option(
    "--index",
    "indexes",
    multiple=True,
    metavar="FILE|URL",
    help="A CDXJ of archives that have none beside them, gzip or not; repeatable.",
)
@selection_options("site", "url", "from", "to", "mime", "status", "language", "which", statuses=ANSWERED)
@click.option("--jobs", type=click.IntRange(min=1), help="Processes.  [default: one per core]")
@click.option(
    "--engine",
    type=click.Choice(["local", "ray"]),
    default="local",
    show_default=True,
    help="Processes of this machine, or a Ray cluster (pip install '.[ray]').",
)
@click.option("--texts/--no-texts", default=True, help="Write a text file for each article, or their JSON Lines only.")
@click.option("--replace", "replacing", is_flag=True, help="Remove the articles that are in --out first.")
@click.option("--furniture", type=click.Choice(["keep", "drop"]), help="Keep or drop page furniture after the body.")
@click.option(
    "--profiles",
    "which",
    default="archived",
    show_default=True,
    metavar="archived|none|FILE",
    help=(
        "Sites' profiles: those of the store, as they were in force; none; or that of FILE for all its site's captures."
    ),
)
@click.option(
    "--compare", "comparing", is_flag=True, help="Compare two outputs, SOURCE OLD and NEW; nothing is parsed."
)
@click.option(
    "--fail-over",
    "limits",
    multiple=True,
    metavar="[FIELD=]PERCENT",
    help="With --compare: exit code 1 if a field changed in more articles (1%, body=0.5%); repeatable.",
)
@click.option(
    "--samples", type=click.IntRange(min=0), default=3, show_default=True, help="With --compare: shown of each change."
)
@click.option("--json", "as_json", is_flag=True, help="The summary as JSON.")
def replay(
    sources: tuple[str, ...],
    settings: Settings,
    out: str,
    lists: tuple[str, ...],
    base: str,
    anonymous: bool,
    indexes: tuple[str, ...],
    selection: Selection,
    jobs: int | None,
    engine: str,
    texts: bool,
    replacing: bool,
    furniture: Literal["keep", "drop"] | None,
    which: str,
    comparing: bool,
    limits: tuple[str, ...],
    samples: int,
    as_json: bool,
) -> int:
    """Parse archives again: WARC, ARC or WACZ files, folders, patterns, s3:// or file: objects and prefixes, - for a
    WARC on standard input; without SOURCE, our own store.

    Interrupted, the same command goes on with the files that are left.
    """
    log.set_up("error")
    loaded = settings.load(parse__furniture=furniture, parse__processes=jobs)
    if limits and not comparing:
        raise UsageError("--fail-over is for --compare", next_step="warraq replay --compare OLD NEW --fail-over 1%")
    if comparing:
        return run_comparison(
            sources, loaded.storage, selection, limits=limits_of(limits), samples=samples, as_json=as_json
        )
    reading = msgspec.structs.replace(loaded.storage, anonymous=anonymous or loaded.storage.anonymous)
    err = console()
    found, faults = _sources(sources, lists, base, loaded, reading, Search(_telling_where(err)))
    if indexes:
        found, damaged = with_indexes(found, indexes, _work(loaded), reading)
        faults += damaged
    target = _target(loaded.storage, out, replacing=replacing)
    order = _order(loaded, settings, selection, target, which)
    report = _carry_out(found, order, target, _engine(engine, loaded), texts=texts, replacing=replacing)
    report = msgspec.structs.replace(report, faults=(*faults, *report.faults))
    keep_up(open_store(target), Path(loaded.state.dir))
    return _tell(report, order, settings, err, as_json=as_json)


def _carry_out(
    found: Sequence[Source], order: Order, target: Storage, engine: Engine, *, texts: bool, replacing: bool
) -> ReplayReport:
    """Carry out `order` and show how far it is; what was kept of standard input goes when all of it is read."""
    err = console()
    with _display(err) as bars:
        report = run_replay(
            found,
            order=order,
            out=target,
            on_progress=_on_progress(bars, err, found),
            engine=engine,
            texts=texts,
            replacing=replacing,
        )
    if not report.unread:
        _forget_stream(found)
    return report


def _order(config: Config, settings: Settings, selection: Selection, target: Storage, profiles: str) -> Order:
    recipe = Recipe(furniture=config.parse.furniture, sites=settings.sites(), profiles=_profiles(profiles, config))
    return Order(
        recipe=recipe,
        selection=selection,
        withheld=_withheld(config.storage, target),
        parsing=config.parse,
        work=str(_work(config)),
        out=target.url,
    )


def _sources(
    words: Sequence[str], lists: Sequence[str], base: str, config: Config, storage: Storage, search: Search
) -> tuple[list[Source], list[str]]:
    """Return the archives that the words and the lists name, and the lines of lists that name none.

    `storage` is how stores that are named are read; our own is read as `config` says. Raises UsageError if there is
    no archive at all.
    """
    if base and not lists:
        raise UsageError("--base is put before the lines of a list", next_step="name the list with -i")
    found: dict[str, Source] = {}
    faults: list[str] = []
    if words.count(_STDIN) + lists.count(_STDIN) > 1:
        raise UsageError("standard input is read once", next_step="name it once: as an archive (-) or as a list (-i -)")
    named = [word for word in words if word != _STDIN]
    if named or not (words or lists):
        own = storage if named else config.storage
        found.update((str(source), source) for source in find_sources(named, own, search))
        faults += search.faults
    for name in lists:
        with _opened_list(name) as stream:
            listed = listed_sources("standard input" if name == _STDIN else name, stream, base, storage)
        found.update((str(source), source) for source in listed.sources)
        faults += listed.faults
    if _STDIN in words:
        source = source_of_stream(sys.stdin.buffer, _work(config))
        found[str(source)] = source
    if not found:
        told = f": {faults[0]}" if faults else ""
        raise UsageError(f"the list names no archive{told}", next_step="put a path or an address on each line")
    return sorted(found.values(), key=lambda source: (source.name, source.place)), faults


def _target(own: Storage, out: str, *, replacing: bool) -> Storage:
    """Return the store that gets the articles, which answers. Raises StoreError, UsageError."""
    target = msgspec.structs.replace(own, url=store_url(out))
    open_store(target).check()
    if replacing and target.url == own.url:
        raise UsageError("the articles of the archive itself are not removed", next_step="name another --out")
    return target


def _withheld(*storages: Storage) -> TakenDown:
    """Return what was taken down in these stores, of which one may not be there yet."""
    entries = {entry: None for storage in storages for entry in taken_down(open_store(storage)).entries}
    return TakenDown(tuple(entries))


def _opened_list(name: str) -> AbstractContextManager[BinaryIO]:
    """Return the list `name`, opened. Raises UsageError."""
    if name == _STDIN:
        return nullcontext(sys.stdin.buffer)
    try:
        return Path(name).open("rb")
    except OSError as error:
        raise UsageError(f"{name}: {error.strerror}", next_step="name a file of paths or addresses") from error


def _work(config: Config) -> Path:
    return Path(config.state.dir) / "replay"


def _forget_stream(sources: Sequence[Source]) -> None:
    """Remove what was kept of standard input."""
    for source in sources:
        if source.name == "stdin" and Path(source.place).parent.name == "replay":
            Path(source.place).unlink(missing_ok=True)


def _why_none(report: ReplayReport, selection: Selection, settings: Settings) -> str:
    """Return why a replay gave nothing, and the next step."""
    left = report.captures - report.counts.get("filtered", 0)
    declared = settings.sites()
    unknown = [name for name in selection.sites if name not in declared]
    if not left and report.counts.get("filtered"):
        told = f"; {no_such_site(unknown[0], declared)}" if unknown else ""
        return f"none of the {report.captures} captures meets the conditions{told}"
    if not report.captures:
        return "the archive holds no capture; `warraq verify` tells what it holds"
    if withheld := report.counts.get("taken_down", 0):
        return f"{withheld} of {report.captures} captures are taken down; `warraq takedown` lists what is, and why"
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


def _telling_where(err: Console) -> Callable[[Search], None]:
    """Return what says how far looking for archives has come, every few seconds."""
    next_at = time.monotonic() + _LOOKING_S

    def tell(search: Search) -> None:
        nonlocal next_at
        if time.monotonic() >= next_at:
            next_at = time.monotonic() + _LOOKING_S
            told = f"{search.archives} archives among {search.files} files; now in {search.folder}"
            err.print(f"replay: looking for archives: {told}", markup=False, highlight=False)

    return tell


def _on_progress(bars: Progress, err: Console, sources: Sequence[Source]) -> Callable[[int, Mapping[str, int]], None]:
    """Return what shows progress: a bar on a terminal, a line a file elsewhere."""
    task = bars.add_task("replay", total=len(sources), pages=0, rate=0.0)
    started = time.monotonic()
    said = 0

    def show(done: int, counts: Mapping[str, int]) -> None:
        nonlocal said
        pages = captures_in(counts)
        rate = pages / max(time.monotonic() - started, 1e-6)
        bars.update(task, completed=done, pages=pages, rate=rate)
        if not err.is_terminal and done > said:
            said = done
            err.print(f"replay: {done}/{len(sources)} files, {pages} captures, {rate:.0f}/s")

    return show


def _tell(report: ReplayReport, order: Order, settings: Settings, err: Console, *, as_json: bool) -> int:
    """Say what the replay gave; return the exit code."""
    if as_json:
        click.echo(json_text(report))
    else:
        _summarise(report, order.out, err)
    if not (report.articles or report.resumed or report.faults):
        err.print(f"no article: {_why_none(report, order.selection, settings)}", markup=False)
        return EXIT_FAILED
    if not report.faults:
        return 0
    return EXIT_PARTIAL if report.articles or report.resumed or report.captures else EXIT_FAILED


def _summarise(report: ReplayReport, out: str, err: Console) -> None:
    for fault in report.faults[:_SHOWN_FAULTS]:
        err.print(f"[yellow]damaged[/]: {escape(fault)}")
    if len(report.faults) > _SHOWN_FAULTS:
        err.print(f"... and {len(report.faults) - _SHOWN_FAULTS} more faults")
    told = sorted((name, count) for name, count in report.counts.items() if name != "fault")
    outcomes = ", ".join(f"{count} {name}" for name, count in told)
    for name in report.unread:
        err.print(f"[red]not read[/]: {escape(name)}; run the same command again when it can be")
    resumed = f" ({report.resumed} done before)" if report.resumed else ""
    faults = f"; {unread} faults" if (unread := report.counts.get("fault", 0)) else ""
    click.echo(f"{report.files} files{resumed}, {report.captures} captures: {outcomes or 'nothing new'}{faults}")
    click.echo(f"{report.articles} articles in {out}/articles")
