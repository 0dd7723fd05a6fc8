"""Whenever a writer of the catalogue is killed, what lies there has a digest that is noted."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from crawler.archive.catalogued import DIGESTS, noted_digests, put_catalogued
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
