"""One suite for every kind of store: what `crawler.archive.store.base.Store` promises holds for each."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from crawler.archive.store import Store, open_store
from crawler.config import Storage
from crawler.errors import ObjectExists, StoreError

KEY = "warc/2026/11/23/one.warc.gz"


def local(url: str) -> Storage:
    return Storage(url=url, connect_timeout_s=1.0, read_timeout_s=1.0, attempts=1)


@pytest.fixture(params=["file", "memory", pytest.param("s3", marks=pytest.mark.swift)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "s3":
        return open_store(request.getfixturevalue("s3_storage")())
    return open_store(local(f"{request.param}:{tmp_path / 'data'}"))


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


def test_bytes_that_do_not_have_the_digest_are_not_stored(store: Store) -> None:
    with pytest.raises(StoreError):
        store.put(KEY, b"content", sha256=hashlib.sha256(b"other").digest())
    assert store.head(KEY) is None


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
    assert [stored.key for stored in store.list("a", ends="1")] == ["a/1"]
    assert [stored.key for stored in store.list(ends="b")] == ["ab"]


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


def test_what_was_opened_is_read_to_its_end_whatever_is_put_meanwhile(store: Store) -> None:
    store.put(KEY, b"first " * 1000)
    with store.open(KEY, length=12) as stream:
        assert stream.read(6) == b"first "
        store.put(f"{KEY}.cdxj", b"other")
        assert stream.read() == b"first "


def test_a_store_tells_what_the_user_configured(store: Store) -> None:
    assert store.url.startswith(("file:/", "memory:/", "s3://"))
    assert "secret" not in store.url


def test_a_store_that_nobody_died_in_has_no_leftovers(store: Store) -> None:
    store.put(KEY, b"content")
    assert (list(store.leftovers()), store.sweep(), store.get(KEY)) == ([], (), b"content")
    assert list(store.strays()) == []


@pytest.mark.parametrize("in_flight", [1, 4])
def test_many_objects_are_put_at_once_in_the_place_of_what_is_there(store: Store, in_flight: int) -> None:
    store.put("a/3.txt", b"before")
    store.put_many(((f"a/{number}.txt", b"%d" % number) for number in range(9)), in_flight=in_flight)
    assert {stored.key: store.get(stored.key) for stored in store.list("a/")} == {
        f"a/{number}.txt": b"%d" % number for number in range(9)
    }
    with pytest.raises(StoreError):
        store.put_many([("a/x.txt", b"x"), ("../x", b"x")], in_flight=in_flight)


@pytest.mark.parametrize("in_flight", [1, 4])
def test_a_folder_of_many_objects_is_put_whole_and_one_that_fails_is_told(store: Store, in_flight: int) -> None:
    store.put_many(((f"a/b/{number:02}.txt", b"%d" % number) for number in range(40)), in_flight=in_flight)
    assert [stored.key for stored in store.list("a/b/")] == [f"a/b/{number:02}.txt" for number in range(40)]
    with pytest.raises(StoreError):
        store.put_many([*((f"a/c/{number}.txt", b"x") for number in range(30)), ("../x", b"x")], in_flight=in_flight)
    assert list(store.leftovers()) == []


def test_what_is_removed_is_gone_and_removing_it_again_does_nothing(store: Store) -> None:
    store.put("a/b.txt", b"b")
    store.put("a/c.txt", b"c")
    store.delete("a/b.txt")
    store.delete("a/b.txt")
    assert [stored.key for stored in store.list("a/")] == ["a/c.txt"]
    assert store.head("a/b.txt") is None
