"""A power cut: of all that was written only what was fsynced is left, contents and names alike.

Every fsync of a file keeps its content as it was then, every fsync of a folder the names in it. `left` builds the tree
that a machine finds which lost its power now; nothing that merely happened to reach the disk is in it.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest


class PowerCut:
    """Watches every fsync of this process from now on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._contents: dict[int, bytes] = {}
        """By inode."""
        self._names: dict[str, dict[str, tuple[int, bool]]] = {}
        """By folder: inode of each name, and whether it is a folder."""
        for name in ("fsync", "fdatasync"):
            monkeypatch.setattr(os, name, self._watching(getattr(os, name)))

    def left(self, folder: Path, into: Path) -> Path:
        """Return `into`, made to hold what of `folder` would be left now. `folder` itself counts as durable."""
        into.mkdir()
        for name, (inode, is_folder) in self._names.get(str(folder), {}).items():
            if is_folder:
                self.left(folder / name, into / name)
            else:
                (into / name).write_bytes(self._contents.get(inode, b""))
        return into

    def _watching(self, sync):
        def watched(handle: int) -> None:
            sync(handle)
            status = os.fstat(handle)
            path = os.readlink(f"/proc/self/fd/{handle}")
            if stat.S_ISDIR(status.st_mode):
                entries = [entry for entry in os.scandir(path) if not entry.is_symlink()]
                self._names[path] = {entry.name: (entry.inode(), entry.is_dir()) for entry in entries}
            else:
                self._contents[status.st_ino] = Path(f"/proc/self/fd/{handle}").read_bytes()

        return watched
