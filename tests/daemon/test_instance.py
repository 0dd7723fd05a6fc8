"""One daemon per state folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from crawler.daemon.instance import InstanceLock, socket_path
from crawler.errors import StateError, UsageError


def test_the_second_is_refused_naming_the_first_until_it_is_gone(tmp_path: Path) -> None:
    lock = InstanceLock.take(tmp_path / "state")
    with pytest.raises(UsageError, match=rf"a daemon runs already on .*state \(pid {os.getpid()}\)"):
        InstanceLock.take(tmp_path / "state")
    lock.free()
    InstanceLock.take(tmp_path / "state").free()


def test_an_unwritable_state_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StateError, match="cannot write"):
        InstanceLock.take(tmp_path / "file" / "state")


def test_the_socket_lies_in_the_state_folder_unless_its_path_is_too_long(tmp_path: Path) -> None:
    short = Path("/var/lib/warraq")
    assert socket_path(short) == short / "warraq.sock"
    long = tmp_path / ("x" * 100)
    assert len(os.fsencode(socket_path(long))) < 100
    assert socket_path(long) != socket_path(long / "y")
