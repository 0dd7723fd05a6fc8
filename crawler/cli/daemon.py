"""``warraq daemon``, and the commands that talk to it: ``trigger``, ``pause``, ``resume``, ``status``."""

from __future__ import annotations

__all__ = ["daemon", "pause", "resume", "status", "trigger"]

import asyncio
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.table import Table

from crawler import log
from crawler.cli.common import Settings, json_text, settings_options
from crawler.cli.consoles import ShownConsole, console
from crawler.cli.exit_codes import EXIT_FAILED, EXIT_INTERRUPTED, EXIT_NOTHING_NEW, EXIT_PARTIAL
from crawler.cli.progress import RunDisplay, human_bytes
from crawler.daemon.api.client import DaemonClient
from crawler.daemon.api.control import DaemonView, RunView
from crawler.model.reasons import explain_reason
from crawler.model.run import Run, found_nothing_new
from crawler.run.progress import Progress

_POLL_S = 0.3
_EXIT_CODES = {"done": 0, "partial": EXIT_PARTIAL, "failed": EXIT_FAILED, "interrupted": EXIT_INTERRUPTED}
_SHOWN_FAILURES = 10
_SHOWN_SITES = 200


@click.command()
@settings_options
@click.option(
    "--log-level", default="info", show_default=True, type=click.Choice(["debug", "info", "warning", "error"])
)
@click.option("--log-json", is_flag=True, help="Log lines as JSON.")
def daemon(settings: Settings, log_level: str, log_json: bool) -> int:
    """Run the schedules of seeds/ until told to stop.

    SIGTERM or ^C stops in good order, a second one at once; SIGHUP reloads settings and seeds/, as does a change in
    seeds/ by itself. A database that is missing or damaged is made anew from the store first.
    """
    from crawler.daemon.declarations import read_declarations  # noqa: PLC0415
    from crawler.daemon.seeds import Seeds  # noqa: PLC0415 - the other commands do not need the scheduler
    from crawler.daemon.supervisor import Supervisor  # noqa: PLC0415

    log.set_up(log_level, json=log_json)
    loaded = settings.load()
    supervisor = Supervisor(
        loaded,
        Seeds(settings.seeds_dir, load=lambda folder: read_declarations(folder, settings.read().config.fetch)),
        reread=settings.load,
        log_level=log_level,
        log_json=log_json,
    )
    out = console()

    def ready(socket: Path) -> None:
        out.print(f"warraq daemon: following {len(supervisor.sites)} sites, answering at {socket}")

    return asyncio.run(supervisor.serve(on_ready=ready))


@click.command()
@click.argument("targets", nargs=-1, required=True, metavar="SITE...")
@settings_options
@click.option("--wait", is_flag=True, help="Wait for the end, with progress; the exit code tells how it was.")
@click.option("--json", "as_json", is_flag=True, help="The runs as JSON Lines.")
def trigger(
    targets: tuple[str, ...],
    *,
    settings: Settings,
    wait: bool,
    as_json: bool,
) -> int:
    """Have the running daemon crawl SITE (a name, or a URL) now."""
    folder = _state_dir(settings)
    if not wait:
        runs = asyncio.run(_trigger(folder, targets))
        for run in runs:
            click.echo(json_text(run) if as_json else run.id)
        return 0
    with RunDisplay(console()) as display:
        views = asyncio.run(_trigger_and_wait(folder, targets, display))
    for view in views:
        click.echo(json_text(view) if as_json else view.run.id)
    if not as_json:
        _summarise(views, console())
    return _exit_code([view.run for view in views])


@click.command()
@click.argument("site")
@settings_options
def pause(site: str, settings: Settings) -> int:
    """Stop the schedule of SITE until it is resumed; a run under way goes on."""
    changed = asyncio.run(_set_paused(_state_dir(settings), site, True))
    click.echo(f"{site}: {'paused' if changed else 'was paused already'}", err=True)
    return 0


@click.command()
@click.argument("site")
@settings_options
def resume(site: str, settings: Settings) -> int:
    """Let the schedule of SITE go on; what the pause left out is not made good."""
    changed = asyncio.run(_set_paused(_state_dir(settings), site, False))
    click.echo(f"{site}: {'resumed' if changed else 'was not paused'}", err=True)
    return 0


@click.command()
@settings_options
@click.option("--json", "as_json", is_flag=True, help="Everything, as one JSON object.")
def status(settings: Settings, as_json: bool) -> int:
    """Tell what the running daemon does: workers, runs under way, what is due, what was skipped."""
    view = asyncio.run(_status(_state_dir(settings)))
    if as_json:
        click.echo(json_text(view))
        return 0
    _show(view, ShownConsole(highlight=False, soft_wrap=True))
    return 0


def _exit_code(runs: Sequence[Run]) -> int:
    if runs and all(found_nothing_new(run.state, run.reason) for run in runs):
        return EXIT_NOTHING_NEW
    return max((_EXIT_CODES.get(run.state, EXIT_FAILED) for run in runs), default=0)


def _state_dir(settings: Settings) -> Path:
    return Path(settings.load().state.dir)


async def _trigger(folder: Path, targets: Sequence[str]) -> list[Run]:
    async with DaemonClient(folder) as client:
        return await client.trigger(list(targets))


async def _trigger_and_wait(folder: Path, targets: Sequence[str], display: RunDisplay) -> list[RunView]:
    async with DaemonClient(folder) as client:
        waiting = [run.id for run in await client.trigger(list(targets))]
        ended: list[RunView] = []
        while waiting:
            for run in list(waiting):
                view = await client.run(run)
                display.update(view.run.site, _progress(view))
                if view.run.finished_at is not None:
                    waiting.remove(run)
                    ended.append(view)
            if waiting:
                await asyncio.sleep(_POLL_S)
        return ended


async def _set_paused(folder: Path, site: str, paused: bool) -> bool:
    async with DaemonClient(folder) as client:
        return await client.set_paused(site, paused)


async def _status(folder: Path) -> DaemonView:
    async with DaemonClient(folder) as client:
        return await client.status()


def _progress(view: RunView) -> Progress:
    """Return what the worker said last, or, before and after the run, what the ledger knows."""
    if view.progress:
        return msgspec.convert(view.progress, Progress)
    return Progress(run=view.run.id, counts=view.counts, size_bytes=0, elapsed_s=_elapsed_s(view.run))


def _elapsed_s(run: Run) -> float:
    if run.started_at is None or run.finished_at is None:
        return 0.0
    return (run.finished_at - run.started_at).total_seconds()


def _summarise(views: Sequence[RunView], out: Console) -> None:
    table = Table("site", "run", "state", "pages", "articles", "not modified", "failed", "took", box=None)
    for view in views:
        progress = _progress(view)
        state = f"{view.run.state} ({view.run.reason})" if view.run.reason else view.run.state
        same = view.counts.get("not_modified", 0)
        row = (progress.pages, progress.articles, same, progress.failures)
        table.add_row(view.run.site, view.run.id, state, *map(str, row), f"{_elapsed_s(view.run):.1f} s")
    out.print(table)
    for view in views:
        for event in view.failures[:_SHOWN_FAILURES]:
            out.print(f"{event.outcome}: {event.url}: {explain_reason(event.reason)}", markup=False)


def _show(view: DaemonView, out: Console) -> None:
    out.print(f"Warraq {view.version}, pid {view.pid}, since {_when(view.started_at)}")
    if view.seeds_error:
        out.print(f"seeds/ changed but could not be taken over: {view.seeds_error}")
    if view.settings_error:
        out.print(f"settings changed but could not be taken over: {view.settings_error}")
    if view.settings_waiting:
        out.print(f"settings that need a restart of the daemon: {', '.join(view.settings_waiting)}")
    workers = Table("worker", "runs under way", "runs done", "memory", "last heard", box=None)
    for worker in view.workers:
        memory, heard = human_bytes(worker.rss_bytes), f"{worker.silent_s:.1f} s ago"
        workers.add_row(str(worker.pid), str(len(worker.active)), str(worker.runs_done), memory, heard)
    out.print(workers)
    for run in view.open_runs:
        began = f"since {_when(run.started_at)}" if run.started_at else f"waits since {_when(run.queued_at)}"
        out.print(f"{run.state}: {run.site}, {began}, run {run.id}" + (f" ({run.reason})" if run.reason else ""))
    sites = Table("site", "next", "last run", "state", box=None)
    for site in sorted(view.sites, key=lambda s: (s.next_fire_at is None, s.next_fire_at, s.name))[:_SHOWN_SITES]:
        due = "paused" if site.paused_at else _when(site.next_fire_at) if site.next_fire_at else "not scheduled"
        last = site.last_run
        ended = (f"{last.state} ({last.reason})" if last.reason else last.state) if last else ""
        sites.add_row(site.name, due, _when(last.queued_at) if last else "never", ended)
    out.print(sites)
    for fire in view.fires:
        if fire.policy != "ran":
            more = f", and {fire.earlier} before it" if fire.earlier else ""
            out.print(f"{fire.policy}: {fire.site}, due {_when(fire.scheduled_at)}{more}")


def _when(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
