"""``warraq backup``: a copy of the state's database, while everything goes on."""

from __future__ import annotations

__all__ = ["backup"]

import os
from pathlib import Path

import click

from crawler.cli.common import Settings, settings_options
from crawler.clock import SystemClock
from crawler.errors import UsageError
from crawler.state import read_state


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@settings_options
def backup(file: Path, settings: Settings) -> int:
    """Copy the database to the new FILE, checked, while daemon and crawls go on. FILE is there when it is whole."""
    with read_state(settings.load().state, clock=SystemClock()) as opened:
        if file.exists():
            raise UsageError(f"{file} is there already", next_step="name a new file")
        if not os.access(file.parent, os.W_OK | os.X_OK):
            why = "cannot be written to" if file.parent.exists() else "is not there"
            raise UsageError(
                f"{file} cannot be made: {file.parent} {why}", next_step="name a file in a folder of yours"
            )
        opened.back_up(file)
    click.echo(f"{file}: {file.stat().st_size} bytes")
    return 0
