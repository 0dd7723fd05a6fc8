"""The folder of declarations as the daemon sees it: read at start, and again when a file changes."""

from __future__ import annotations

__all__ = ["Seeds"]

from collections.abc import Callable
from pathlib import Path

from crawler.config import load_sites
from crawler.model.site import Site


class Seeds:
    """The declared sites. A folder of None is the one shipped with the program."""

    def __init__(self, folder: Path | None, *, load: Callable[[Path | None], dict[str, Site]] = load_sites) -> None:
        self._folder = folder
        self._load = load
        self._seen: frozenset[tuple[str, int, int]] = frozenset()

    def read(self) -> dict[str, Site]:
        """Return the sites as they are declared now. Raises ConfigError with every mistake of every file."""
        self._seen = self._signature()
        return self._load(self._folder)

    def changed(self) -> bool:
        """Tell whether a file was added, removed or written since `read`."""
        return self._signature() != self._seen

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
