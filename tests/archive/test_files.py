"""What is made to last leaves nothing open behind it."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest

from crawler.archive.files import fsync_folder, locked, make_folder, replace_durably
from crawler.archive.store.folder import FileStore
from crawler.archive.write.open_warc import OpenWarc
from crawler.archive.write.records import warcinfo_record
from crawler.archive.write.spool_folder import claim_lane
from tests.archive.archive_factory import AT, counting_ids


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


def test_who_may_read_what_is_made_is_for_the_umask_to_say(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        make_folder(tmp_path / "shared" / "own", mode=0o700)
        with locked(tmp_path / "turn"):
            pass
        FileStore(tmp_path / "data").put("a/b", b"content")
        FileStore(tmp_path / "data").put_many([("a/c", b"content")])
        claim_lane(tmp_path / "spool").release()
        warcinfo = warcinfo_record("x.warc.gz", AT, [], new_id=counting_ids())
        OpenWarc.create(tmp_path / "x", warcinfo, opened_at=0.0, new_id=counting_ids()).close()
    finally:
        os.umask(before)
    assert [(tmp_path / name).stat().st_mode & 0o777 for name in ("shared", "shared/own")] == [0o777, 0o700]
    files = [
        path for name in ("turn", "x", "data", "spool") for path in [tmp_path / name, *(tmp_path / name).rglob("*")]
    ]
    assert {path.stat().st_mode & 0o777 for path in files if path.is_file()} == {0o666}
