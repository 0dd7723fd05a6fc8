"""``warraq backup``: a copy of the state's database, while everything goes on."""

from __future__ import annotations

__all__ = ["backup"]

import os
from pathlib import Path

import click

from crawler.cli.common import Settings, settings_options
from crawler.clock import SystemClock
from crawler.errors import StateError, UsageError
from crawler.state import DATABASE, State


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@settings_options
def backup(file: Path, config: Path | None, store: str | None, state: Path | None) -> int:
    """Copy the database to the new FILE, checked, while daemon and crawls go on. FILE is there when it is whole."""
    path = Path(Settings.of(config, store, state).load().state.dir) / DATABASE
    if not path.is_file():
        raise StateError(f"there is no {path}: nothing was run here", next_step="name the folder with --state")
    if file.exists():
        raise UsageError(f"{file} is there already", next_step="name a new file")
    part = file.with_name(f"{file.name}.part")
    try:
        part.unlink(missing_ok=True)
        with State.open_to_read(path, clock=SystemClock()) as opened:
            opened.back_up(part)
        with State.open(part, clock=SystemClock()) as copied:
            copied.check()
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.rename(file)
    except OSError as error:
        raise StateError(f"{file}: {error.strerror}", next_step="make room, or name another folder") from error
    click.echo(f"{file}: {file.stat().st_size} bytes")
    return 0
