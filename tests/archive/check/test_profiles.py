"""Profiles as evidence: one that is not what its name says, or was here once, is named."""

from __future__ import annotations

from crawler.archive.check.profiles import verify_profiles
from crawler.archive.profiles import put_profile
from crawler.archive.store.memory import MemoryStore
from tests.archive.test_profiles import profile


def faults(store: MemoryStore, mirror: MemoryStore | None = None) -> dict[str, str]:
    return {fault.file: fault.what for report in verify_profiles(store, mirror=mirror) for fault in report.faults}


def test_each_profile_is_held_against_its_name() -> None:
    store = MemoryStore()
    first, second = (put_profile(store, profile(days)) for days in (0, 30))
    assert faults(store, store) == {}
    moved = second.replace("/paper/", "/other/")
    store.put(moved, store.get(second))
    store.put("profiles/paper/notes.txt", b"mine")
    store.put(first, store.get(first).replace(b'"articles":40', b'"articles":41'), overwrite=True)
    found = faults(store)
    assert found.keys() == {first, moved, "profiles/paper/notes.txt"}
    assert "is not what version" in found[first]
    store.put(second, store.get(second).replace(b",", b", ", 1), overwrite=True)
    assert faults(store)[second] == "it is not written as profiles are"


def test_one_that_was_read_here_and_is_gone_is_named() -> None:
    mirror = MemoryStore()
    key = put_profile(mirror, profile(0))
    assert faults(MemoryStore(), mirror) == {key: "it was read from here once, and is not there any more"}


def test_a_copy_that_is_not_what_lies_in_the_store_is_named() -> None:
    store, mirror = MemoryStore(), MemoryStore()
    key = put_profile(store, profile(0))
    mirror.put(key, store.get(key) + b" ")
    assert faults(store, mirror) == {key: "the copy of it that the state's folder keeps, and parses by, is another"}
