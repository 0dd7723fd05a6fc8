"""Where the one daemon of a state folder is reached."""

from __future__ import annotations

__all__ = ["is_running", "socket_path"]

import hashlib
import os
import socket
import tempfile
from pathlib import Path

_PATIENCE_S = 5.0
_SOCKET_LIMIT = 100
"""A Unix socket's path has at most 107 bytes (unix(7)), fewer on some systems."""


def socket_path(state_dir: Path) -> Path:
    """Return where the daemon of `state_dir` listens: in it, or in the temporary folder if its path is too long."""
    path = state_dir.resolve() / "warraq.sock"
    if len(os.fsencode(path)) <= _SOCKET_LIMIT:
        return path
    digest = hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"warraq-{os.getuid()}-{digest}.sock"


def is_running(state_dir: Path) -> bool:
    """Tell whether a daemon of `state_dir` takes connections."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(_PATIENCE_S)
        try:
            probe.connect(str(socket_path(state_dir)))
        except OSError:
            return False
    return True
