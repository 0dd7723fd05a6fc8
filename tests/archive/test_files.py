"""What is made to last leaves nothing open behind it."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest

from crawler.archive.files import fsync_folder, locked, replace_durably


def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    before = os.listdir("/proc/self/fd")
    for _ in range(3):
        fsync_folder(tmp_path)
        replace_durably(tmp_path / "a", b"content")
        with pytest.raises(FileNotFoundError):
            fsync_folder(tmp_path / "none")
    assert len(os.listdir("/proc/self/fd")) == len(before)
    assert (tmp_path / "a").read_bytes() == b"content"


def test_a_lock_is_held_until_the_block_ends_and_leaves_nothing_open(tmp_path: Path) -> None:
    before = os.listdir("/proc/self/fd")
    with locked(tmp_path / "turn"), (tmp_path / "turn").open("rb") as other, pytest.raises(BlockingIOError):
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    with locked(tmp_path / "turn") as handle:
        os.pwrite(handle, b"1", 0)
    assert len(os.listdir("/proc/self/fd")) == len(before)
