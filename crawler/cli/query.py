"""``warraq query``: SQL over the catalogue."""

from __future__ import annotations

__all__ = ["query"]

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

import click
from rich.table import Table

from crawler.archive.store import Store, open_store
from crawler.cli.common import Settings, settings_options
from crawler.cli.consoles import console, print_table
from crawler.corpus.results import cell, write_csv, write_json, write_lines
from crawler.corpus.sql import VIEWS, Result, SqlQuery, open_query
from crawler.errors import UsageError
from crawler.visible import visible

_FORMATS = ("table", "csv", "json", "jsonl", "parquet")
_TEXTS: dict[str, Callable[[Result, TextIO], int]] = {"csv": write_csv, "json": write_json, "jsonl": write_lines}
_SHOWN = 200
"""Rows of a table; more are for programs."""


@click.command()
@click.argument("sql", required=False)
@settings_options
@click.option(
    "--format",
    "form",
    type=click.Choice(_FORMATS),
    help="How rows are written.  [default: by the suffix of --out, else table]",
)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file, whole or not at all.")
@click.option("--views", is_flag=True, help="List the tables and their columns.")
def query(
    sql: str | None,
    settings: Settings,
    form: str | None,
    out: Path | None,
    views: bool,
) -> int:
    """Answer SQL (DuckDB's) over the catalogue: `warraq query "SELECT site, count(*) FROM captures GROUP BY ALL"`.

    Tables: captures, articles, latest, revisions, coverage, rights. SQL of - is read from standard input. Nothing but
    the catalogue can be reached from a query.
    """
    loaded = settings.load()
    opened = open_store(loaded.storage)
    if views:
        return _tell_views(opened)
    if sql is None:
        raise UsageError("there is no query", next_step='warraq query "SELECT count(*) FROM captures"')
    wanted = sys.stdin.read() if sql == "-" else sql
    chosen = form or _by_suffix(out)
    if chosen == "parquet" and out is None:
        raise UsageError("Parquet needs a file", next_step="name it with --out FILE.parquet")
    if chosen == "table" and out is not None:
        raise UsageError("a table is for the terminal", next_step="add --format csv, json, jsonl or parquet")
    with _target(out) as part, open_query(opened, out=part) as asked:
        if not asked.months:
            click.echo(f"{opened.url}: the catalogue is empty", err=True)
        count = _write(asked, wanted, chosen, part)
    if out is not None:
        click.echo(f"{out}: {count} rows", err=True)
    return 0


def _write(asked: SqlQuery, sql: str, form: str, part: Path | None) -> int:
    if form == "parquet":
        return asked.write_parquet(sql)
    result = asked.run(sql)
    if part is not None:
        with part.open("w", encoding="utf-8", newline="") as target:
            return _TEXTS[form](result, target)
    if form != "table":
        return _TEXTS[form](result, sys.stdout)
    return _show(result)


def _show(result: Result) -> int:
    """Print a table; say what it leaves out."""
    table = Table(*result.columns)
    count = 0
    for count, row in enumerate(result.rows, 1):
        if count <= _SHOWN:
            table.add_row(*("" if value is None else visible(cell(value)) for value in row))
    print_table(table)
    if count > _SHOWN:
        console().print(f"{_SHOWN} of {count} rows are shown; --format csv writes all")
    return count


def _tell_views(store: Store) -> int:
    with open_query(store) as asked:
        for name in ("captures", "articles", *VIEWS):
            columns = ", ".join(str(row[0]) for row in asked.run(f"DESCRIBE {name}").rows)
            click.echo(f"{name}: {columns}")
    return 0


def _by_suffix(out: Path | None) -> str:
    if out is None:
        return "table"
    form = out.suffix.removeprefix(".").lower()
    if form in _FORMATS:
        return form
    raise UsageError(f"{out}: the suffix names no format", next_step=f"add --format {'|'.join(_FORMATS[1:])}")


@contextmanager
def _target(out: Path | None) -> Iterator[Path | None]:
    """Yield a file to be written, which gets the name `out` if all went well. Raises UsageError if it cannot."""
    if out is None:
        yield None
        return
    part = out.absolute().with_name(f".{out.name}.part")
    try:
        part.touch()
        yield part
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.replace(out)
    except OSError as error:
        raise UsageError(f"{out}: {error.strerror}", next_step="name a file that can be written") from error
    finally:
        with suppress(OSError):
            part.unlink()
