"""``warraq playback``: the archive, made ready to be browsed with pywb."""

from __future__ import annotations

__all__ = ["playback"]

from pathlib import Path

import click

from crawler.archive.pywb import prepare_playback
from crawler.archive.store import open_store
from crawler.cli.common import Settings, settings_options


@click.command()
@click.argument("folder", metavar="[DIR]", default="playback", type=click.Path(path_type=Path, file_okay=False))
@settings_options
def playback(folder: Path, settings: Settings) -> int:
    """Make DIR (default: playback) ready for pywb: index and places of all captures in the store; nothing is copied."""
    loaded = settings.load()
    made = prepare_playback(open_store(loaded.storage), folder)
    click.echo(f"{made.captures} captures in {made.warcs} WARC files; serve them with: wayback -d {made.folder}")
    return 0
