"""Whenever a writer of the catalogue is killed, what lies there has a digest that is noted."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from crawler.archive.catalogued import ABSENT, DIGESTS, noted_digests, put_catalogued
from crawler.archive.check.catalogue import verify_catalogue
from crawler.archive.store import StoredObject
from crawler.archive.store.memory import MemoryStore

KEY = "catalogue/captures/2026-11.parquet"


def digest(content: bytes) -> str:
    return sha256(content).hexdigest()


def test_the_digest_is_noted_before_the_object_is_written_beside_the_one_before_it(tmp_path: Path) -> None:
    store = MemoryStore()
    assert noted_digests(store) == {}
    (tmp_path / "made").write_bytes(b"one")
    put_catalogued(store, KEY, tmp_path / "made")
    assert (store.get(KEY), noted_digests(store)) == (b"one", {KEY: [digest(b"one")]})
    put_catalogued(store, KEY, b"two")
    assert noted_digests(store) == {KEY: [digest(b"one"), digest(b"two")]}
    put_catalogued(store, KEY, b"two")
    put_catalogued(store, KEY, b"three")
    assert noted_digests(store) == {KEY: [digest(b"two"), digest(b"three")]}


def test_digests_that_cannot_be_read_are_written_anew() -> None:
    store = MemoryStore()
    store.put(DIGESTS, b"[")
    assert noted_digests(store) is None
    put_catalogued(store, KEY, b"one")
    assert noted_digests(store) == {KEY: [digest(b"one")]}


def test_what_lay_there_before_digests_were_noted_is_named_with_none_and_its_own_goes_beside_the_first() -> None:
    store = MemoryStore()
    other = KEY.replace("11", "10")
    store.put(KEY, b"old")
    store.put(other, b"older")
    put_catalogued(store, KEY, b"one")
    assert noted_digests(store) == {KEY: [digest(b"old"), digest(b"one")], other: []}
    put_catalogued(store, KEY, b"two")
    assert noted_digests(store) == {KEY: [digest(b"one"), digest(b"two")], other: []}


def test_a_writer_killed_before_an_object_was_there_for_the_first_time_has_noted_that(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = MemoryStore()
    put = store.put

    def killed(key: str, content: bytes, **options: bool) -> StoredObject:
        if key == KEY:
            raise KeyboardInterrupt
        return put(key, content, **options)

    monkeypatch.setattr(store, "put", killed)
    for content in (b"one", b"two"):
        with pytest.raises(KeyboardInterrupt):
            put_catalogued(store, KEY, content)
    assert noted_digests(store) == {KEY: [ABSENT, digest(b"one"), digest(b"two")]}
    assert list(verify_catalogue(store)) == []
    monkeypatch.undo()
    put_catalogued(store, KEY, b"two")
    assert noted_digests(store) == {KEY: [digest(b"one"), digest(b"two")]}
