"""What only a folder can do wrong."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from crawler.archive.store import open_store
from crawler.archive.store.folder import FileStore
from crawler.config import Storage
from crawler.errors import ObjectExists, StoreError, StoreRefused

KEY = "warc/2026/11/23/one.warc.gz"


def local(url: str) -> Storage:
    return Storage(url=url, connect_timeout_s=1.0, read_timeout_s=1.0, attempts=1)


def test_of_many_writers_of_one_key_exactly_one_wins_in_a_folder(tmp_path: Path) -> None:
    store = FileStore(tmp_path)

    def write(number: int) -> bool:
        try:
            store.put(KEY, b"%d" % number * 1000)
        except ObjectExists:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        wins = list(pool.map(write, range(4)))
    assert wins.count(True) == 1
    assert store.get(KEY) == b"%d" % wins.index(True) * 1000


def test_file_urls_may_be_relative_or_absolute() -> None:
    assert open_store(local("file:data")).url == "file:data"
    assert open_store(local("file:///srv/news")).url == "file:/srv/news"


def test_a_folder_that_cannot_be_made_is_a_persons_business(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreRefused, match=r"storage\.url"):
        FileStore(tmp_path / "file" / "data").check()


def test_a_reader_of_a_missing_folder_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(StoreRefused, match="no such folder"):
        FileStore(tmp_path / "typo").get("a")


def test_a_folder_has_no_temporary_file_left_after_a_failure(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    store.put("a", b"1")
    with pytest.raises(ObjectExists):
        store.put("a", b"2")
    with pytest.raises(StoreError):
        store.put("b", b"2", sha256=bytes(32))
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
