"""``warraq playback``: the archive, made ready to be browsed with pywb."""

from __future__ import annotations

__all__ = ["playback"]

from pathlib import Path

import click

from crawler.archive.store import open_store
from crawler.cli.common import Settings, settings_options
from crawler.run.playback import prepare_playback


@click.command()
@click.argument("folder", metavar="[DIR]", default="playback", type=click.Path(path_type=Path, file_okay=False))
@settings_options
def playback(folder: Path, config: Path | None, store: str | None, state: Path | None) -> int:
    """Make DIR (default: playback) ready for pywb: index and places of all captures in the store; nothing is copied."""
    loaded = Settings.of(config, store, state).load()
    made = prepare_playback(open_store(loaded.storage), folder)
    click.echo(f"{made.captures} captures in {made.warcs} WARC files; serve them with: wayback -d {made.folder}")
    return 0
