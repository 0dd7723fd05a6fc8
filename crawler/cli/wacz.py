"""``warraq wacz``: a part of the archive as one file that a browser opens."""

from __future__ import annotations

__all__ = ["wacz"]

from collections.abc import Sequence
from pathlib import Path

import click
import msgspec

from crawler.archive.export import Export, export
from crawler.archive.read.selection import Lost
from crawler.archive.store import open_store
from crawler.cli.common import Settings, json_text, settings_options
from crawler.cli.consoles import console
from crawler.cli.exit_codes import EXIT_PARTIAL
from crawler.cli.progress import human_bytes
from crawler.cli.selecting import selected_urls, selection_options
from crawler.errors import UsageError
from crawler.model.selection import Selection

_SAY_EVERY = 1000


@click.command()
@click.argument("path", metavar="OUT.wacz", type=click.Path(path_type=Path, dir_okay=False))
@settings_options
@selection_options("site", "run", "url", "from", "to", "mime", "status")
@click.option(
    "--urls", "url_file", type=click.File("r", encoding="utf-8"), help="Only the URLs of this file, one a line."
)
@click.option("--title", help="Title of the package.  [default: what was asked for]")
@click.option("--text", "with_text", is_flag=True, help="Put the articles' text into the page list, for search.")
@click.option("--json", "as_json", is_flag=True, help="The summary as JSON.")
def wacz(
    path: Path,
    settings: Settings,
    selection: Selection,
    url_file: Sequence[str] | None,
    title: str | None,
    with_text: bool,
    as_json: bool,
) -> int:
    """Write a part of the archive to OUT.wacz, which ReplayWeb.page and pywb open: captures that meet all conditions.

    What revisits refer to is included. The same captures give the same bytes. What is damaged is named and left out.
    """
    loaded = settings.load()
    wanted = msgspec.structs.replace(selection, urls=(*selection.urls, *selected_urls(_listed(url_file))))
    if url_file is not None and not wanted.urls:
        raise UsageError("the file of URLs is empty", next_step="put one URL on each line")
    err = console()

    def tell(done: int, total: int) -> None:
        if done % _SAY_EVERY == 0:
            err.print(f"wacz: {done}/{total} captures")

    def name_lost(lost: Lost) -> None:
        err.print(f"damaged: {lost}", markup=False)

    report = export(
        open_store(loaded.storage),
        wanted,
        path,
        title=title or _title(wanted),
        with_text=with_text,
        on_progress=tell,
        on_lost=name_lost,
    )
    click.echo(json_text(report) if as_json else _summary(report))
    return EXIT_PARTIAL if report.unresolved or report.damaged else 0


def _listed(lines: Sequence[str] | None) -> list[str]:
    return [line.strip() for line in lines or () if line.strip() and not line.startswith("#")]


def _title(wanted: Selection) -> str:
    """Return the conditions in words; it must not depend on anything else."""
    parts = [", ".join(wanted.sites), ", ".join(wanted.runs)]
    parts.append(f"from {wanted.since:%Y-%m-%d}" if wanted.since else "")
    parts.append(f"to {wanted.until:%Y-%m-%d}" if wanted.until else "")
    return " ".join(part for part in parts if part) or "News archive"


def _summary(report: Export) -> str:
    said = [f"{report.path}: {report.captures} captures, {report.pages} pages, {human_bytes(report.size_bytes)}"]
    if report.originals:
        said.append(f"{report.originals} originals of revisits included")
    if report.unresolved:
        said.append(f"{report.unresolved} revisits refer to nothing in this store")
    if report.damaged:
        said.append(f"{report.damaged} damaged parts left out")
    return "; ".join(said)
