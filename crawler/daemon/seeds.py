"""The folder of declarations as the daemon sees it: read at start, and again when a file changes."""

from __future__ import annotations

__all__ = ["Seeds"]

from collections.abc import Callable
from pathlib import Path

from crawler.config import load_sites
from crawler.errors import ConfigError, Problem
from crawler.log import EventLog
from crawler.model.site import Site

_log = EventLog(__name__)


class Seeds:
    """The declared sites. A folder of None is the one shipped with the program."""

    def __init__(self, folder: Path | None, *, load: Callable[[Path | None], dict[str, Site]] = load_sites) -> None:
        self._folder = folder
        self._load = load
        self._seen: frozenset[tuple[str, int, int]] = frozenset()
        self._is_troubled = False

    def read(self) -> dict[str, Site]:
        """Return the sites as they are declared now. Raises ConfigError with every mistake of every file."""
        try:
            self._seen = self._signature()
            return self._load(self._folder)
        except OSError as error:
            raise ConfigError([Problem(str(self._folder), "", f"cannot be read: {error.strerror or error}")]) from error

    def changed(self) -> bool:
        """Tell whether a file was added, removed or written since `read`; a folder that cannot be looked at has not
        changed.
        """
        try:
            changed = self._signature() != self._seen
        except OSError as error:
            if not self._is_troubled:
                _log.error(
                    "the declarations cannot be looked at, those in force stay",
                    folder=str(self._folder),
                    error=str(error),
                )
            self._is_troubled = True
            return False
        self._is_troubled = False
        return changed

    def _signature(self) -> frozenset[tuple[str, int, int]]:
        if self._folder is None:
            return frozenset()
        found = set()
        for path in self._folder.rglob("*.toml"):
            try:
                stat = path.stat()
            except OSError:
                continue  # gone between the listing and the look
            found.add((str(path), stat.st_mtime_ns, stat.st_size))
        return frozenset(found)
