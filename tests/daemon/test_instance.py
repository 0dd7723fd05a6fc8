"""Where the daemon is reached."""

from __future__ import annotations

import os
from pathlib import Path

from crawler.daemon.instance import socket_path


def test_the_socket_lies_in_the_state_folder_unless_its_path_is_too_long(tmp_path: Path) -> None:
    short = Path("/var/lib/warraq")
    assert socket_path(short) == short / "warraq.sock"
    long = tmp_path / ("x" * 100)
    assert len(os.fsencode(socket_path(long))) < 100
    assert socket_path(long) != socket_path(long / "y")
