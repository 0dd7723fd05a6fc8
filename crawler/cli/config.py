"""``warraq config``: check the configuration, show what is in force."""

from __future__ import annotations

__all__ = ["config"]

from pathlib import Path

import click
import msgspec

from crawler.cli.common import Settings, settings_options
from crawler.daemon.schedule.timetable import timetable
from crawler.errors import ConfigError, Problem


@click.group()
def config() -> None:
    """Check or show the settings."""


@config.command()
@settings_options
def check(config: Path | None, store: str | None, state: Path | None) -> int:
    """Report every mistake of config/ and seeds/ at once, with file and key."""
    settings = Settings.of(config, store, state)
    problems: list[Problem] = []
    sites = 0
    try:
        settings.load()
    except ConfigError as error:
        problems += error.problems
    try:
        declared = settings.sites()
    except ConfigError as error:
        problems += error.problems
    else:
        sites = len(declared)
        for site in declared.values():
            try:
                timetable(site.name, site.schedule)
            except ValueError as error:
                problems.append(Problem(f"{site.country}/{site.name}.toml", "schedule", str(error)))
    for problem in problems:
        click.echo(str(problem), err=True)
    if problems:
        click.echo(f"{len(problems)} mistake{'s' if len(problems) > 1 else ''}", err=True)
        return 2
    where = settings.config_dir or "shipped defaults"
    click.echo(f"{where}: settings and {sites} sites are right")
    return 0


@config.command()
@settings_options
def show(config: Path | None, store: str | None, state: Path | None) -> int:
    """Print the settings in force as JSON."""
    loaded = Settings.of(config, store, state).load()
    click.echo(msgspec.json.format(msgspec.json.encode(loaded), indent=2).decode())
    return 0
