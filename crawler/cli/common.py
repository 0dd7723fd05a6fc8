"""Options that every command shares, and the settings they lead to."""

from __future__ import annotations

__all__ = [
    "Settings",
    "json_text",
    "read_profile",
    "settings_options",
    "store_url",
]

import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import click
import msgspec

from crawler.config import OWN, Config, SettingsReading, load, load_sites, read_settings
from crawler.errors import UsageError, WarraqError
from crawler.model.profile import SiteProfile, decoded_profile
from crawler.model.site import Site
from crawler.run.target import no_such_site
from crawler.state import State
from crawler.visible import UNSEEN_CHARACTER

_CODE = "code"
"""Name of the folder with spiders and site parsers of one's own."""

_F = TypeVar("_F", bound=Callable[..., Any])


class Settings(NamedTuple):
    """Where settings come from, as the command line gave it."""

    config_dir: Path | None
    seeds_dir: Path | None
    store: str | None
    state: Path | None

    @classmethod
    def of(cls, config: Path | None, store: str | None, state: Path | None) -> Settings:
        """Return the settings of the three shared options; seeds/ lies beside the configuration folder."""
        folder = config
        if folder is None and Path("config").is_dir() and (Path("seeds").is_dir() or Path("config", OWN).is_file()):
            folder = Path("config")  # settings of one's own count without sites of one's own
        seeds = None
        if folder is not None:
            seeds = next((p for p in (folder / "seeds", folder.parent / "seeds") if p.is_dir()), None)
            _make_importable(folder)
        return cls(folder, seeds, store, state)

    def load(self, **more: object) -> Config:
        """Return the typed settings; `more` maps dotted keys (dots as ``__``) to values that win. Raises
        ConfigError.
        """
        return load(self.config_dir, overrides=self._overrides(more))

    def read(self) -> SettingsReading:
        """Return the settings and every mistake in them."""
        return read_settings(self.config_dir, overrides=self._overrides({}))

    def sites(self) -> dict[str, Site]:
        """Return the declared sites by name."""
        return load_sites(self.seeds_dir)

    def stranger(self, names: Iterable[str]) -> WarraqError | None:
        """Return the error that says which of `names` is no declared site's, None if all are."""
        declared = self.sites()
        unknown = next((name for name in names if name not in declared), None)
        return None if unknown is None else WarraqError(str(no_such_site(unknown, declared)))

    def check_site(self, name: str | None, state: State) -> None:
        """Raise WarraqError if the site `name` is neither declared nor has run: nothing can be known of it."""
        if name is not None and not state.runs(name, 1) and (error := self.stranger([name])):
            raise error

    def _overrides(self, more: Mapping[str, object]) -> dict[str, Any]:
        overrides: dict[str, Any] = {key.replace("__", "."): value for key, value in more.items() if value is not None}
        if self.store is not None:
            overrides["storage.url"] = self.store
        if self.state is not None:
            overrides["state.dir"] = str(self.state)
        return overrides


def _make_importable(folder: Path) -> None:
    """Let what lies in ``code/``, in or beside the configuration `folder`, be imported, here and in processes begun
    here.

    It goes last, so that a file there stands in for no installed package.
    """
    for place in (folder / _CODE, folder.parent / _CODE):
        path = str(place.resolve())
        if place.is_dir() and path not in sys.path:
            sys.path.append(path)
            inherited = os.environ.get("PYTHONPATH")
            os.environ["PYTHONPATH"] = f"{inherited}{os.pathsep}{path}" if inherited else path


def settings_options(command: _F) -> Callable[..., object]:
    """Add ``--config``, ``--store`` and ``--state`` to a command, which gets the `settings` they lead to."""

    @wraps(command)
    def with_settings(config: Path | None, store: str | None, state: Path | None, **options: Any) -> object:
        return command(settings=Settings.of(config, store, state), **options)

    decorated: Callable[..., object] = with_settings
    for option in (
        click.option("--state", type=click.Path(path_type=Path, file_okay=False), help="Folder of database and spool."),
        click.option("--store", metavar="URL", help="file:FOLDER or s3://bucket/prefix."),
        click.option(
            "--config",
            type=click.Path(path_type=Path, file_okay=False),
            help="Configuration folder; seeds/ lies in it or beside it.  [default: ./config, or what was shipped]",
        ),
    ):
        decorated = option(decorated)
    return decorated


def store_url(place: str) -> str:
    """Return the URL of the store that a command line names: a folder may be given without ``file:``."""
    return place if ":" in place.split("/", 1)[0] else f"file:{place}"


def read_profile(path: Path) -> SiteProfile:
    """Return the profile in the file `path`. Raises UsageError."""
    try:
        return decoded_profile(path.read_bytes())
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}", next_step="name a file of the store's profiles/") from error
    except ValueError as error:
        raise UsageError(f"{path} is no profile: {error}", next_step="`warraq learn` makes one") from error


def json_text(value: object, *, indent: int = -1) -> str:
    """Return `value` as JSON on one line, or indented; what moves a cursor or hides on a terminal is escaped, which
    JSON allows.
    """
    encoded = msgspec.json.encode(value)
    if indent >= 0:
        encoded = msgspec.json.format(encoded, indent=indent)
    return UNSEEN_CHARACTER.sub(lambda found: json.dumps(found[0])[1:-1], encoded.decode())
