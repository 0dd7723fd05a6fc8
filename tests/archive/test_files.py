"""What is made to last leaves nothing open behind it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from crawler.archive.files import fsync_folder, replace_durably


def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    before = os.listdir("/proc/self/fd")
    for _ in range(3):
        fsync_folder(tmp_path)
        replace_durably(tmp_path / "a", b"content")
        with pytest.raises(FileNotFoundError):
            fsync_folder(tmp_path / "none")
    assert len(os.listdir("/proc/self/fd")) == len(before)
    assert (tmp_path / "a").read_bytes() == b"content"
