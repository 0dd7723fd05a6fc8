"""One suite for both kinds of store: what `crawler.archive.store.base.Store` promises holds for a folder and for S3."""

from __future__ import annotations

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest

from crawler.archive.store.base import FileStore, Store, open_store
from crawler.config import Storage
from crawler.errors import ObjectExists, StoreError, StoreRefused, StoreUnavailable

KEY = "warc/2026/11/23/one.warc.gz"


def file_storage(url: str) -> Storage:
    return Storage(url=url, connect_timeout_s=1.0, read_timeout_s=1.0, attempts=1)


@pytest.fixture(params=["file", pytest.param("s3", marks=pytest.mark.swift)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "file":
        return open_store(file_storage(f"file:{tmp_path / 'data'}"))
    return open_store(request.getfixturevalue("s3_storage")())


def test_what_is_put_is_what_is_got(store: Store) -> None:
    content = os.urandom(200_000)
    stored = store.put(KEY, content)
    assert (stored.key, stored.size, stored.sha256) == (KEY, 200_000, hashlib.sha256(content).digest())
    assert store.get(KEY) == content


def test_a_file_is_put_without_changing_it(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "source"
    path.write_bytes(b"abc" * 1000)
    store.put(KEY, path, sha256=hashlib.sha256(path.read_bytes()).digest())
    assert store.get(KEY) == path.read_bytes() == b"abc" * 1000


def test_a_second_put_does_not_replace_the_first(store: Store) -> None:
    store.put(KEY, b"first")
    with pytest.raises(ObjectExists, match=r"one\.warc\.gz"):
        store.put(KEY, b"second")
    assert store.get(KEY) == b"first"


def test_overwriting_has_to_be_asked_for(store: Store) -> None:
    store.put(KEY, b"first")
    store.put(KEY, b"second", overwrite=True)
    assert store.get(KEY) == b"second"


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


def test_bytes_that_do_not_have_the_digest_are_not_stored(store: Store) -> None:
    with pytest.raises(StoreError):
        store.put(KEY, b"content", sha256=hashlib.sha256(b"other").digest())
    assert store.head(KEY) is None


@pytest.mark.swift
def test_head_of_a_bucket_knows_the_digest(s3_storage) -> None:
    store = open_store(s3_storage())
    store.put(KEY, b"content")
    stored = store.head(KEY)
    assert stored is not None
    assert stored.sha256 == hashlib.sha256(b"content").digest()


def test_an_empty_object_is_an_object(store: Store) -> None:
    store.put(KEY, b"")
    stored = store.head(KEY)
    assert stored is not None
    assert stored.size == 0
    assert store.get(KEY) == b""


def test_head_of_nothing_is_none(store: Store) -> None:
    store.check()
    assert store.head(KEY) is None
    assert store.head("a/b/c") is None


def test_getting_nothing_names_the_key(store: Store) -> None:
    store.check()
    with pytest.raises(StoreError, match=f"no object {KEY}"):
        store.get(KEY)
    with pytest.raises(StoreError, match=f"no object {KEY}"):
        store.open(KEY)


def test_open_streams_a_range(store: Store) -> None:
    store.put(KEY, bytes(range(256)) * 16)
    with store.open(KEY, offset=250, length=10) as stream:
        assert stream.read(4) == bytes([250, 251, 252, 253])
        assert stream.read() == bytes([254, 255, 0, 1, 2, 3])
        assert stream.read() == b""
    with store.open(KEY, offset=4090) as stream:
        assert stream.read() == bytes([250, 251, 252, 253, 254, 255])
    with store.open(KEY, offset=9999) as stream:
        assert stream.read() == b""


def test_list_is_sorted_and_goes_by_prefix_not_by_folder(store: Store) -> None:
    store.check()
    for key in ("b/2", "a/10", "a/1", "ab", "a/1.cdxj"):
        store.put(key, key.encode())
    assert [stored.key for stored in store.list()] == ["a/1", "a/1.cdxj", "a/10", "ab", "b/2"]
    assert [(stored.key, stored.size) for stored in store.list("a/1")] == [("a/1", 3), ("a/1.cdxj", 8), ("a/10", 4)]
    assert list(store.list("nothing/")) == []


def test_check_passes_and_leaves_nothing_to_list(store: Store) -> None:
    store.check()
    store.check()
    assert list(store.list()) == []


@pytest.mark.parametrize("key", ["", "/abs", "a//b", "../up", "a/../b", "a/.", "a\\b", "nul\0"])
def test_keys_that_could_leave_the_store_are_refused(store: Store, key: str) -> None:
    with pytest.raises(StoreError, match="not a key"):
        store.put(key, b"x")


def test_unicode_keys_work(store: Store) -> None:
    store.put("articles/الجزيرة/000 + %.txt", "نص".encode())
    assert store.get("articles/الجزيرة/000 + %.txt") == "نص".encode()
    assert [stored.key for stored in store.list("articles/ال")] == ["articles/الجزيرة/000 + %.txt"]


@pytest.mark.parametrize("url", ["", "data", "file:", "s3:bucket", "s3://", "http://x/y"])
def test_a_url_that_is_no_store_is_refused_with_what_to_give(url: str) -> None:
    with pytest.raises(StoreRefused, match="give file:FOLDER or s3://bucket/prefix"):
        open_store(file_storage(url))


def test_file_urls_may_be_relative_or_absolute() -> None:
    assert open_store(file_storage("file:data")).url == "file:data"
    assert open_store(file_storage("file:///srv/news")).url == "file:/srv/news"


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


@pytest.mark.swift
class TestS3:
    """What only a bucket can do wrong."""

    def test_a_missing_bucket_is_named(self, s3_storage) -> None:
        storage = msgspec.structs.replace(s3_storage(), url="s3://no-such-bucket-here/x")
        for call in (lambda s: s.check(), lambda s: s.put(KEY, b"x"), lambda s: list(s.list())):
            with pytest.raises(StoreRefused, match="no bucket no-such-bucket-here"):
                call(open_store(storage))

    def test_wrong_credentials_are_a_persons_business(self, s3_storage, monkeypatch: pytest.MonkeyPatch) -> None:
        storage = s3_storage()
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
        store = open_store(storage)
        with pytest.raises(StoreRefused, match="credentials"):
            store.put(KEY, b"x")
        with pytest.raises(StoreRefused, match="credentials"):
            store.check()
        with pytest.raises(StoreRefused, match="credentials"):
            store.head(KEY)

    def test_absent_credentials_are_named(self, s3_storage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        storage = s3_storage()
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.delenv(name)
        monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
        monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
        with pytest.raises(StoreRefused, match="AWS_ACCESS_KEY_ID"):
            open_store(storage).check()

    def test_an_endpoint_nobody_listens_at_is_passing_trouble(self, s3_storage) -> None:
        storage = msgspec.structs.replace(s3_storage(), endpoint_url="http://127.0.0.1:1", attempts=1)
        with pytest.raises(StoreUnavailable, match=r"127\.0\.0\.1:1"):
            open_store(storage).check()

    def test_an_endpoint_that_is_no_url_is_refused(self, s3_storage) -> None:
        storage = msgspec.structs.replace(s3_storage(), endpoint_url="not a url")
        with pytest.raises(StoreRefused, match="endpoint_url"):
            open_store(storage).check()

    def test_large_objects_go_up_in_parts_and_only_once(self, s3_storage, tmp_path: Path) -> None:
        from crawler.archive.store.s3 import S3Store

        storage = s3_storage()
        bucket = storage.url.split("/")[2]
        store = S3Store(storage, bucket=bucket, prefix="p", put_limit=6_000_000, part_size=5 << 20)
        path = tmp_path / "big"
        path.write_bytes(os.urandom(11_000_000))
        store.put(KEY, path)
        assert store.get(KEY) == path.read_bytes()
        with pytest.raises(ObjectExists):
            store.put(KEY, path)

    def test_streams_from_s3_can_be_searched(self, s3_storage) -> None:
        store = open_store(s3_storage())
        store.put(KEY, bytes(range(256)) * 5000)
        with store.open(KEY, offset=256) as stream:
            assert stream.seek(-2, 2) == 5000 * 256 - 258
            assert stream.read() == b"\xfe\xff"
            assert stream.seek(10) == 10
            assert stream.read(2) == b"\x0a\x0b"
            assert stream.tell() == 12
