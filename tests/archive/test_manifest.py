"""Manifests: everything is listed once, and every later change shows."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec
import pytest

from crawler.archive.manifest import Manifest, read_manifests, verify_manifests, write_manifest
from crawler.archive.store import FileStore, Store, open_store
from crawler.clock import FixedClock
from crawler.errors import BadArchive
from tests.archive.archive_factory import AT

DAY = "warc/2026/11/23/"


@pytest.fixture(params=["file", pytest.param("s3", marks=pytest.mark.swift)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "file":
        return FileStore(tmp_path / "data")
    return open_store(request.getfixturevalue("s3_storage")())


def add(store: Store, name: str, content: bytes = b"warc") -> None:
    store.put(f"{DAY}{name}.warc.gz", content)
    store.put(f"{DAY}{name}.cdxj", b"line\n" * len(content))


def faults(store: Store) -> list[tuple[str, str]]:
    return [(fault.file, fault.what) for fault in verify_manifests(store)]


def test_each_file_is_listed_once_and_manifests_are_chained(store: Store) -> None:
    clock = FixedClock(AT)
    add(store, "a")
    first = write_manifest(store, clock=clock)
    assert first == "manifest/2026/20261123184104.json"
    clock.advance(86_400)
    assert write_manifest(store, clock=clock) is None
    add(store, "c")
    add(store, "b", b"late")
    second = write_manifest(store, clock=clock)
    assert second == "manifest/2026/20261124184104.json"
    manifest = msgspec.json.decode(store.get(second), type=Manifest)
    assert (manifest.previous_key, manifest.previous_sha256) == (first, hashlib.sha256(store.get(first)).hexdigest())
    assert [entry.key for entry in manifest.files] == [f"{DAY}b.warc.gz", f"{DAY}c.warc.gz"]
    entry = manifest.files[0]
    assert (entry.size, entry.sha256, entry.captures) == (4, hashlib.sha256(b"late").hexdigest(), 4)
    assert faults(store) == []


def test_every_later_change_shows(store: Store) -> None:
    clock = FixedClock(AT)
    add(store, "a")
    add(store, "b")
    first = write_manifest(store, clock=clock)
    clock.advance(1)
    add(store, "c")
    second = write_manifest(store, clock=clock)
    assert first is not None
    store.put(f"{DAY}a.warc.gz", b"WARC", overwrite=True)
    assert faults(store) == [(f"{DAY}a.warc.gz", "it is not what its manifest lists")]
    store.put(f"{DAY}a.warc.gz", b"warc", overwrite=True)
    store.put(f"{DAY}b.cdxj", b"x", overwrite=True)
    assert faults(store) == [(f"{DAY}b.cdxj", "it is not what its manifest lists")]
    store.put(f"{DAY}b.cdxj", b"line\n" * 4, overwrite=True)
    add(store, "d")
    assert faults(store) == [(f"{DAY}d.warc.gz", "no manifest lists it")]
    forged = msgspec.json.decode(store.get(first), type=Manifest)
    store.put(first, msgspec.json.encode(msgspec.structs.replace(forged, files=forged.files[1:])), overwrite=True)
    assert (second, f"it does not follow {first} as that is now") in faults(store)


def test_a_file_that_is_gone_is_named(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    add(store, "a")
    write_manifest(store, clock=FixedClock(AT))
    (tmp_path / DAY / "a.warc.gz").unlink()
    assert faults(store) == [(f"{DAY}a.warc.gz", "a manifest lists it, and it is gone")]


def test_what_is_no_manifest_is_refused(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    store.put("manifest/2026/x.json", b"{}")
    with pytest.raises(BadArchive, match="not a manifest"):
        list(read_manifests(store))
