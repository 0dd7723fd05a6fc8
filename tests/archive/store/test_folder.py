"""What only a folder can do wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from crawler.archive.check.verify import verify_store
from crawler.archive.files import replace_durably
from crawler.archive.store import open_store
from crawler.archive.store.folder import FileStore
from crawler.config import Storage
from crawler.errors import BadStoreUrl, ObjectExists, StoreError, StoreRefused

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
    assert {path.name for path in tmp_path.rglob("*")} == {"a", ".part"}


WRITER = """
import sys
from pathlib import Path
from crawler.archive.store import folder

def stop(path, source):
    path.write_bytes(b"half")
    print("writing", flush=True)
    sys.stdin.read()

folder._write = stop
folder.FileStore(Path(sys.argv[1])).put("warc/a", b"content")
"""


def test_what_a_killed_writer_left_is_seen_and_swept_but_nothing_of_a_live_one(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert writer.stdout is not None
    assert writer.stdout.readline() == b"writing\n"
    assert (list(store.leftovers()), store.sweep()) == ([], ())
    writer.kill()
    writer.communicate()
    (left,) = store.leftovers()
    assert list(store.list()) == []
    (report,) = verify_store(store)
    assert [str(fault) for fault in report.faults] == [
        f"{left}: at byte 0: a writer that died left it; the next crawl or start of the daemon removes it"
    ]
    assert store.sweep() == (left,)
    assert (list(store.leftovers()), list(verify_store(store))) == ([], [])


def test_temporary_files_that_the_version_before_left_among_the_objects_are_seen(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    store.put(KEY, b"content")
    (tmp_path / KEY).with_name(f".{'0a' * 16}.tmp").write_bytes(b"half")
    assert list(store.leftovers()) == [f"warc/2026/11/23/.{'0a' * 16}.tmp"]


def test_a_file_that_cannot_be_replaced_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "place" / "taken").mkdir(parents=True)
    with pytest.raises(OSError, match="place"):
        replace_durably(tmp_path / "place", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["place"]


def test_a_folder_is_listed_in_the_order_of_keys_and_what_vanishes_meanwhile_is_left_out(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    keys = ["a-b/1", "a.txt", "a/.b/c", "a/b", "a/b-c", "a0", "é/\udcff"]
    for key in (*keys, "a/.hidden", ".part/.x.tmp"):
        (tmp_path / key).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / key).write_bytes(b"x")
    (tmp_path / "empty").mkdir()
    (tmp_path / "away").symlink_to(tmp_path / "nowhere")
    assert [stored.key for stored in store.list()] == sorted(keys)
    listing = store.list("a/")
    assert next(listing).key == "a/.b/c"
    (tmp_path / "a/b").unlink()
    assert [stored.key for stored in listing] == ["a/b-c"]


def test_what_is_no_object_is_told_of_and_nothing_else(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "data")
    store.put(KEY, b"content")
    store.check()
    folder = (tmp_path / "data" / KEY).parent
    assert list(store.strays()) == []
    assert list(FileStore(tmp_path / "none").strays()) == []
    os.mkfifo(folder / "pipe")
    (folder / ".hidden").write_bytes(b"x")
    (folder / "nowhere").symlink_to(tmp_path / "nowhere")
    (folder / "elsewhere").symlink_to(tmp_path)
    (folder / "copy.warc.gz").symlink_to(tmp_path / "data" / KEY)
    (folder / f".{'0a' * 16}.tmp").write_bytes(b"half")
    (tmp_path / "data" / ".warraq-check-1").write_bytes(b"")
    place = KEY.rpartition("/")[0]
    assert list(store.strays()) == [f"{place}/{name}" for name in (".hidden", "elsewhere", "nowhere", "pipe")]
    assert [stored.key for stored in store.list()] == [f"{place}/copy.warc.gz", KEY]


def test_a_range_is_read_as_far_as_it_is_asked_for(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    store.put(KEY, b"0123456789")
    with store.open(KEY, offset=2, length=5) as stream:
        assert [stream.read(0), stream.read(2), stream.read(), stream.read()] == [b"", b"23", b"456", b""]


def test_a_url_that_names_no_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for url, said in (("file:", "names no folder"), (f"file:{tmp_path}/file", "is a file")):
        with pytest.raises(BadStoreUrl, match=said):
            FileStore.of(local(url))
