"""Where the one daemon of a state folder is reached."""

from __future__ import annotations

__all__ = ["socket_path"]

import hashlib
import os
import tempfile
from pathlib import Path

_SOCKET_LIMIT = 100
"""A Unix socket's path has at most 107 bytes (unix(7)), fewer on some systems."""


def socket_path(state_dir: Path) -> Path:
    """Return where the daemon of `state_dir` listens: in it, or in the temporary folder if its path is too long."""
    path = state_dir.resolve() / "warraq.sock"
    if len(os.fsencode(path)) <= _SOCKET_LIMIT:
        return path
    digest = hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"warraq-{os.getuid()}-{digest}.sock"
