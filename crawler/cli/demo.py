"""``warraq demo``: the main job from end to end, on a small newsroom that comes with the program."""

from __future__ import annotations

__all__ = ["demo"]

import asyncio
import shutil
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from crawler import log
from crawler.archive.store import open_store
from crawler.cli.consoles import console, print_table
from crawler.cli.exit_codes import EXIT_FAILED
from crawler.cli.progress import RunDisplay, human_bytes
from crawler.clock import SystemClock
from crawler.config import Config, load
from crawler.demo.show import DemoReport, run_demo
from crawler.errors import UsageError
from crawler.model.run import MISSED, OPEN
from crawler.parse.compiled import is_compiled
from crawler.run.lock import StateLock

_MARK = ".warraq-demo"


@click.command()
@click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default="demo",
    show_default=True,
    help="Where everything goes; made anew each time.",
)
@click.option(
    "--store", metavar="URL", help="Archive and articles go here instead of DIR/data, e.g. s3://bucket/prefix."
)
@click.option("--endpoint-url", help="Of an S3-compatible service; credentials come from the environment.")
def demo(folder: Path, store: str | None, endpoint_url: str | None) -> int:
    """Crawl a small newsroom on loopback, archive, parse, crawl again, replay offline and compare."""
    log.set_up("error")
    _make_anew(folder)
    config = load(
        overrides={
            "storage.url": store or f"file:{folder / 'data'}",
            "storage.endpoint_url": endpoint_url or "",
            "state.dir": str(folder / "state"),
            "spool.min_free_bytes": 0,
        }
    )
    out = console()
    with _lock(folder), RunDisplay(out) as display:
        report = asyncio.run(
            run_demo(config, folder, on_progress=display.update, on_step=lambda w: _step(out, display, w))
        )
    _tell(report, config, folder)
    click.echo(f"parser        {_parser()}")
    right = report.comparison.identical and report.comparison.reference_key is not None
    return 0 if right else EXIT_FAILED


def _parser() -> str:
    if is_compiled():
        return "compiled"
    return "not compiled: the same articles at little more than half the speed (README, Install)"


def _make_anew(folder: Path) -> None:
    """Empty `folder` if an earlier demo made it; anything else that is there is not ours to remove."""
    if folder.exists() and any(folder.iterdir()):
        if not (folder / _MARK).exists():
            raise UsageError(f"{folder} is not empty and no demo made it", next_step="name another folder with --dir")
        _lock(folder).free()
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _MARK).touch()


def _lock(folder: Path) -> StateLock:
    """Return the lock of a demo's folder. Raises SpoolBusy while another demo works in it."""
    return StateLock.take(folder / "state", "demo", clock=SystemClock())


def _step(out: Console, display: RunDisplay, what: str) -> None:
    display.clear()
    out.print(f"[bold]{what}[/]")


def _tell(report: DemoReport, config: Config, folder: Path) -> None:
    table = Table("site", "round", "pages", "articles", "same", "failed", "bytes", "other", box=None)
    for number, reports in enumerate(report.rounds, 1):
        for run in reports:
            counts = dict(run.progress.counts)
            other = ", ".join(
                f"{n} {outcome}"
                for outcome, n in sorted(counts.items())
                if outcome not in ("parsed", "not_modified", "captured", *MISSED, *OPEN)
            )
            row = (run.progress.pages, run.progress.articles, counts.get("not_modified", 0), run.progress.failures)
            table.add_row(run.site, str(number), *map(str, row), human_bytes(run.progress.size_bytes), other)
    print_table(table)
    comparison = report.comparison
    click.echo(f"requests      {report.requests[0]} in the first round, {report.requests[1]} in the second")
    click.echo(
        f"replay        {report.replayed.files} WARC files, {report.replayed.captures} captures, "
        f"{report.replayed.articles} articles, {len(report.replayed.faults)} faults"
    )
    verdict = "identical" if comparison.identical else f"DIFFERENT: {', '.join(comparison.differing[:5])}"
    click.echo(f"live/replay   {comparison.files} files, {verdict}")
    if comparison.reference_key is None:
        click.echo("reference     NO article equals the reference document")
    else:
        click.echo(f"reference     byte-identical with furniture kept, sha256 {comparison.reference_sha256}")
    click.echo("")
    for kind, place in (
        ("archive", f"{config.storage.url}/{report.warcs[0] if report.warcs else 'warc'}"),
        ("index", f"{config.storage.url}/warc/.../*.cdxj"),
        ("articles", f"{config.storage.url}/{report.rounds[0][0].published[0].prefix}/"),
        ("replayed", f"{folder / 'replayed'}/articles/"),
        ("reference", f"{folder / 'reference'}/articles/"),
        ("state", f"{folder / 'state'}/"),
    ):
        click.echo(f"{kind:<13} {place}")
    if report.shown_key is not None:
        click.echo(f"\nan article, as the default gives it: {config.storage.url}/{report.shown_key}\n")
        click.echo(open_store(config.storage).get(report.shown_key).decode())
        kept = folder / "reference" / (comparison.reference_key or "")
        click.echo(f'with furniture = "keep" the same page gives the reference document, byte for byte: {kept}')
