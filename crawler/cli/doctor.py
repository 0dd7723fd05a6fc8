"""``warraq doctor``: proofs that this installation, on this machine, does what it promises."""

from __future__ import annotations

__all__ = ["doctor"]

import asyncio
import tempfile
from collections import defaultdict
from pathlib import Path

import click
import msgspec
from rich.table import Table

from crawler.archive.read.captures import read_one
from crawler.archive.write.spool import Spool
from crawler.capture.selftest import CaseResult, run_selftest
from crawler.cli.common import Settings, print_table
from crawler.cli.exit_codes import EXIT_FAILED
from crawler.clock import SystemClock
from crawler.config import Config
from crawler.model.capture import Provenance
from crawler.model.exchange import Exchange
from crawler.run.live.services import open_spool

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
            click.echo(msgspec.json.encode(result))
    else:
        _tell(results)
    exact = len(results) - len(wrong)
    click.echo(
        f"{exact} of {len(results)} exchanges byte-exact, from the socket to the WARC file and back", err=as_json
    )
    return EXIT_FAILED if wrong else 0


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
