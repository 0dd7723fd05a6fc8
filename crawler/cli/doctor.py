"""``warraq doctor``: proofs that this installation, on this machine, does what it promises."""

from __future__ import annotations

__all__ = ["doctor"]

import asyncio
import tempfile
from collections import defaultdict
from pathlib import Path

import click
from rich.markup import escape
from rich.table import Table

from crawler.archive.read.captures import read_one
from crawler.archive.store import open_store
from crawler.archive.write.spool import Spool
from crawler.capture.selftest import CaseResult, run_selftest
from crawler.cli.common import Settings, json_text, settings_options
from crawler.cli.consoles import print_table
from crawler.cli.exit_codes import EXIT_FAILED
from crawler.clock import SystemClock
from crawler.config import Config
from crawler.errors import UsageError
from crawler.model.capture import Provenance
from crawler.model.exchange import Exchange
from crawler.run.live.services import open_spool
from crawler.run.parsing.recipe import Recipe
from crawler.run.selftest import CORRUPTIONS, TrialOutcome, copy_sample, make_sample, run_trial

_PROVENANCE = Provenance(run="doctor", site="doctor", role="probe")


@click.group()
def doctor() -> None:
    """Prove that this installation does what it promises."""


@doctor.command()
@click.option("--json", "as_json", is_flag=True, help="One case a line.")
def capture(as_json: bool) -> int:
    """Prove that captures are byte-exact.

    A server on loopback misbehaves in every way a case describes and keeps a log of the bytes it sent and received;
    each exchange is written to a WARC, read back from there, and must equal the log.
    """
    with tempfile.TemporaryDirectory(prefix="warraq-doctor-") as folder:
        config = Settings.of(None, None, Path(folder)).load(spool__min_free_bytes=0)
        results = asyncio.run(_capture(config, Path(folder)))
    wrong = [result for result in results if result.problem is not None]
    if as_json:
        for result in results:
            click.echo(json_text(result))
    else:
        _tell(results)
    exact = len(results) - len(wrong)
    click.echo(
        f"{exact} of {len(results)} exchanges byte-exact, from the socket to the WARC file and back", err=as_json
    )
    return EXIT_FAILED if wrong else 0


@doctor.command()
@settings_options
@click.option(
    "--copy", "copied", is_flag=True, help="Spoil copies of a part of the store, not of an archive made here."
)
@click.option(
    "--most", type=click.IntRange(1), default=32, show_default=True, help="With --copy: MiB of WARC files to copy."
)
@click.option("--json", "as_json", is_flag=True, help="One corruption a line.")
def archive(settings: Settings, copied: bool, most: int, as_json: bool) -> int:
    """Prove that what is done to an archive is found.

    A small archive is made, or a part of the store copied; each corruption is planted into a copy of it, which plain
    `warraq verify` must then name, with file and byte. The store itself is only read.
    """
    if settings.store is not None and not copied:
        raise UsageError("--store is for --copy", next_step="add --copy, or leave out the store")
    loaded = settings.load()
    with tempfile.TemporaryDirectory(prefix="warraq-doctor-") as name:
        folder = Path(name, "sound")
        folder.mkdir()
        places = {"storage__url": f"file:{folder / 'data'}", "spool__min_free_bytes": 0}
        own = settings._replace(store=None, state=folder / "state").load(**places)
        recipe = Recipe(furniture=loaded.parse.furniture)
        if copied:
            asyncio.run(copy_sample(open_store(loaded.storage), own, recipe, most_bytes=most << 20))
        else:
            asyncio.run(make_sample(own, recipe))
        results = []
        for outcome in run_trial(own, folder, CORRUPTIONS):
            results.append(outcome)
            if as_json:
                click.echo(json_text(outcome))
    return _tell_trial(results, as_json=as_json)


def _tell_trial(results: list[TrialOutcome], *, as_json: bool) -> int:
    """Print a row a corruption and how many were named; return the exit code."""
    planted = [outcome for outcome in results if outcome.left_out is None]
    unseen = [outcome for outcome in planted if outcome.named is None]
    if not as_json:
        table = Table("corruption", "what is done", "what verify says", box=None)
        for outcome in results:
            told = f"[dim]left out: {escape(outcome.left_out)}[/]" if outcome.left_out else None
            told = told or (escape(outcome.named) if outcome.named else f"[red]{escape(outcome.problem or '')}[/]")
            table.add_row(outcome.name, outcome.about, told)
        print_table(table)
    left = f", {len(results) - len(planted)} could not be planted here" if len(results) > len(planted) else ""
    click.echo(
        f"{len(planted) - len(unseen)} of {len(planted)} corruptions named with file and byte by plain verify{left}",
        err=as_json,
    )
    return EXIT_FAILED if unseen else 0


async def _capture(config: Config, folder: Path) -> list[CaseResult]:
    spool: Spool = await asyncio.to_thread(open_spool, config, SystemClock())

    async def through_the_archive(exchange: Exchange) -> tuple[bytes, bytes]:
        kept = await spool.record(exchange, _PROVENANCE)
        if not exchange.response.size:
            return exchange.request, b""  # no response record to read back
        read = read_one(_open_file(folder, kept.warc), kept.offset, name=kept.warc)
        return read.request or b"", read.response.read()

    try:
        return await run_selftest(readback=through_the_archive)
    finally:
        await spool.close()


def _open_file(folder: Path, warc: str) -> Path:
    """Return the file that will be `warc` once it is sealed."""
    (path,) = folder.rglob(f"{warc}*.open")
    return path


def _tell(results: list[CaseResult]) -> None:
    """Print a row a case: the routes over which it is exact, and what is wrong where it is not."""
    routes: dict[tuple[str, str], dict[str, str | None]] = defaultdict(dict)
    for result in results:
        routes[result.case, result.about][result.route] = result.problem
    names = list(dict.fromkeys(result.route for result in results))
    table = Table("case", "what the server does", *names, box=None)
    for (case, about), found in routes.items():
        marks = [
            "[green]exact[/]" if found[name] is None else f"[red]{found[name]}[/]" for name in names if name in found
        ]
        table.add_row(case, about, *marks)
    print_table(table)
