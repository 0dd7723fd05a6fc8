"""What only memory does: it is one store for all who name it, and gone with its process."""

from __future__ import annotations

import hashlib

from crawler.archive.store import open_store
from crawler.archive.store.memory import MemoryStore
from crawler.config import Storage


def named(name: str) -> Storage:
    return Storage(url=f"memory:{name}", connect_timeout_s=1.0, read_timeout_s=1.0, attempts=1)


def test_all_who_name_it_get_the_same_store() -> None:
    open_store(named("shared")).put("a", b"1")
    assert open_store(named("shared")).get("a") == b"1"
    assert open_store(named("other")).head("a") is None


def test_made_directly_it_is_nobody_elses() -> None:
    one, other = MemoryStore("x"), MemoryStore("x")
    one.put("a", b"1")
    assert other.head("a") is None


def test_it_knows_the_digest_of_what_it_keeps() -> None:
    store = MemoryStore()
    store.put("a", b"content")
    stored = store.head("a")
    assert stored is not None
    assert stored.sha256 == hashlib.sha256(b"content").digest()
