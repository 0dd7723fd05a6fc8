"""``warraq config``: check the configuration, show what is in force."""

from __future__ import annotations

__all__ = ["config"]

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec

from crawler.archive.store.bucket_names import bucket_fault
from crawler.archive.store.opening import open_store
from crawler.cli.common import Settings, json_text, settings_options
from crawler.cli.exit_codes import EXIT_USAGE
from crawler.clock import SystemClock
from crawler.config import OWN, Config, read_sites, shipped, site_files
from crawler.daemon.alarms.notify import channels_from
from crawler.daemon.declarations import declaration_problems
from crawler.daemon.page.access import access_from
from crawler.errors import ConfigError, Problem, StoreError
from crawler.visible import host_alone, masked, visible

_NO_DECLARATION = re.compile(r"^\.|~$|\.(toml|md)$")
"""Names of files in seeds/ that nobody takes for a site's, besides those that are: what editors leave, notes."""


@click.group()
def config() -> None:
    """Check or show the settings."""


@config.command()
@settings_options
def check(settings: Settings) -> int:
    """Report every mistake of config/ and seeds/ at once, with file and key: all that a later command would trip
    over.
    """
    reading = settings.read()
    sites, problems = read_sites(settings.seeds_dir)
    problems += declaration_problems(sites, reading.config.fetch, site_files(settings.seeds_dir))
    placed = (p._replace(file=reading.file_of(p.key)) for p in _place_problems(reading.config))
    problems = [*reading.problems, *placed, *problems]
    for problem in dict.fromkeys(problems):
        click.echo(visible(problem), err=True)
    for note in _notes(settings):
        click.echo(visible(f"note: {note}"), err=True)
    if problems:
        count = len(dict.fromkeys(problems))
        click.echo(f"{count} mistake{'s' if count > 1 else ''}", err=True)
        return EXIT_USAGE
    where = settings.config_dir or "shipped defaults"
    click.echo(f"{where}: settings and {len(sites)} site{'' if len(sites) == 1 else 's'} are right")
    return 0


@config.command()
@settings_options
def show(settings: Settings) -> int:
    """Print the settings in force as JSON, passwords and secret addresses masked."""
    loaded = settings.load()
    alarms = msgspec.structs.replace(
        loaded.alarms, webhook=host_alone(loaded.alarms.webhook), heartbeat_url=host_alone(loaded.alarms.heartbeat_url)
    )
    shown = msgspec.structs.replace(loaded, alarms=alarms)
    click.echo(masked(json_text(shown, indent=2)))
    return 0


def _place_problems(loaded: Config) -> Iterator[Problem]:
    """Yield what is wrong with where things are to be, as those who use it find it."""
    try:
        open_store(loaded.storage)
    except StoreError as error:
        yield Problem("settings", "storage.url", error.what)
    if (fault := bucket_fault(loaded.storage)) is not None:
        yield Problem("settings", "storage.url", fault)
    for key, folder in (("storage.url", loaded.storage.url.removeprefix("file:")), ("state.dir", loaded.state.dir)):
        if Path(folder).is_file():
            yield Problem("settings", key, f"expected a folder; {folder} is a file")
    try:
        access_from(loaded.page, os.environ, SystemClock())
    except ConfigError as error:
        yield from error.problems
    try:
        channels_from(loaded.alarms, os.environ)
    except ConfigError as error:
        yield from error.problems
    for key in ("command", "heartbeat_command"):
        program = getattr(loaded.alarms, key)[:1]
        if program and shutil.which(program[0]) is None:
            yield Problem("settings", f"alarms.{key}", f"there is no program {program[0]!r} here")


def _notes(settings: Settings) -> Iterator[str]:
    """Yield what is no mistake and may not be what was meant."""
    folder = settings.config_dir
    if folder is None or not folder.is_dir():
        return
    for path in sorted(folder.glob("*.toml")):
        if path.name != OWN and not _is_shipped(path):
            yield f"{path} is not read; settings of yours belong into {OWN}"
    for path in sorted(settings.seeds_dir.rglob("*")) if settings.seeds_dir else ():
        if (
            path.is_file()
            and path.suffix not in (".toml", ".md")
            and not path.name.startswith(".")
            and path.name[-1] != "~"
        ):
            yield f"{path} is not read; the file of a site ends in .toml"
    if settings.seeds_dir is None:
        yield f"there is no seeds/ in or beside {folder}: the sites that were shipped are followed"


def _is_shipped(path: Path) -> bool:
    """Tell whether `path` is the copy of the defaults that `warraq init` makes, as it was."""
    default = shipped("config") / path.name
    return default.is_file() and default.read_bytes() == path.read_bytes()
