"""Takedowns as evidence: a decision that is not what it is named for, and what is told of erasing and is not so."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from crawler.archive.check.manifest import SeenWarc
from crawler.archive.check.takedowns import verify_takedowns
from crawler.archive.check.verify import verify_store
from crawler.archive.erase import erase_articles, erase_from
from crawler.archive.store.memory import MemoryStore
from crawler.archive.takedowns import Decision, Erasure, digests_after, enter, erasures
from crawler.archive.write.ship import Shipper
from crawler.clock import FixedClock, iso_utc
from crawler.errors import BadArchive
from crawler.model.takedown import Takedown
from tests.archive.archive_factory import AT, PROVENANCE, exchange, open_spool

GONE = "https://news.example/1"


@pytest.fixture
def store(tmp_path: Path) -> MemoryStore:
    async def work() -> None:
        spool = open_spool(tmp_path)
        for number in range(3):
            await spool.record(exchange(url=f"https://news.example/{number}"), PROVENANCE)
        await spool.close()

    asyncio.run(work())
    made = MemoryStore()
    Shipper(tmp_path, made, clock=FixedClock(AT), grace_s=0.0, on_receipt=lambda _: None).ship_ready()
    return made


@pytest.fixture
def decision(store: MemoryStore) -> Decision:
    """A decision that was carried out."""
    made = enter(store, Takedown(url=GONE, reason="court order", at=iso_utc(AT), erase=True), AT)
    assert len(list(erase_from(store, made))) == 1
    erase_articles(store, made)
    return made


def seen(store: MemoryStore) -> dict[str, SeenWarc]:
    return {one.key: SeenWarc(one.size, one.sha256, one.types) for one in verify_store(store) if one.key}


def faults(store: MemoryStore) -> dict[str, str]:
    return {one.file: one.what for report in verify_takedowns(store, seen(store)) for one in report.faults}


def key_of_erasure(decision: Decision, store: MemoryStore) -> str:
    (one,) = erasures(store)
    return f"{decision.key.removesuffix('.json')}/{one.key.rpartition('/')[2]}.json"


def test_what_was_decided_and_carried_out_is_sound(store: MemoryStore, decision: Decision) -> None:
    assert faults(store) == {}
    assert all(report.is_sound for report in verify_store(store))
    undone = enter(store, Takedown(url=GONE, reason="a mistake", at=iso_utc(AT), undoes=decision.key), AT)
    assert faults(store) == {}
    store.delete(decision.key)
    assert faults(store)[undone.key] == f"it undoes {decision.key}, which is not there"


def test_a_decision_that_was_altered_or_is_gone_is_named(store: MemoryStore, decision: Decision) -> None:
    whole = store.get(decision.key)
    store.put(decision.key, whole.replace(b"court", b"sport"), overwrite=True)
    assert faults(store) == {decision.key: "it does not have the SHA-256 that it is named for"}
    for damaged in (whole[:-3], b"", b"\xff\xfe"):
        store.put(decision.key, damaged, overwrite=True)
        assert "cannot be read" in faults(store)[decision.key]
    store.delete(decision.key)
    assert faults(store).keys() == {key_of_erasure(decision, store)}


def test_a_decision_under_the_name_of_another_moment_is_named(store: MemoryStore, decision: Decision) -> None:
    other = decision.key.replace("takedowns/20", "takedowns/19")
    store.put(other, store.get(decision.key))
    assert faults(store) == {other: f"it was decided at {decision.takedown.at}, not at the moment that it is named for"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda one: msgspec.structs.replace(one, size=one.size + 1), "bytes, not"),
        (lambda one: msgspec.structs.replace(one, after_sha256="0" * 64), "has neither the SHA-256 noted here"),
        (lambda one: msgspec.structs.replace(one, takedown="takedowns/x.json"), "does not hold what its name says"),
        (lambda one: msgspec.structs.replace(one, key=f"{one.key}x"), "does not hold what its name says"),
        (lambda one: altered(one, digest="sha1:X"), "tells something else of what was erased"),
        (lambda one: altered(one, id="<urn:uuid:0>"), "tells something else of what was erased"),
        (lambda one: altered(one, offset=one.records[0].offset + 1), "no record at byte"),
        (lambda one: altered(one, length=one.records[0].length + 1), "no record at byte"),
    ],
)
def test_what_is_told_of_erasing_is_held_against_the_file(
    store: MemoryStore, decision: Decision, change: Callable[[Erasure], Erasure], said: str
) -> None:
    key = key_of_erasure(decision, store)
    (one,) = erasures(store)
    store.put(key, msgspec.json.encode(change(one)), overwrite=True)
    assert said in faults(store)[key]


def altered(one: Erasure, **fields: object) -> Erasure:
    first, *rest = one.records
    return msgspec.structs.replace(one, records=(msgspec.structs.replace(first, **fields), *rest))


def test_what_is_still_to_be_erased_is_no_fault(store: MemoryStore) -> None:
    before = {one.key: store.get(one.key) for one in store.list("warc/")}
    made = enter(store, Takedown(url=GONE, reason="court order", at=iso_utc(AT), erase=True), AT)
    list(erase_from(store, made))
    for key, content in before.items():
        store.put(key, content, overwrite=True)
    assert faults(store) == {}


def test_damage_to_what_is_told_is_named_and_vouches_for_nothing(store: MemoryStore, decision: Decision) -> None:
    key = key_of_erasure(decision, store)
    whole = store.get(key)
    for damaged in (whole[:-4], b"", b"\xff"):
        store.put(key, damaged, overwrite=True)
        assert "cannot be read" in faults(store)[key]
        assert digests_after(store) == {}
        with pytest.raises(BadArchive):
            list(erasures(store))
    store.put(key, whole.replace(b",", b", ", 1), overwrite=True)
    assert faults(store) == {key: "it is not written as this program does"}


def test_the_list_of_articles_is_read_and_what_is_no_takedown_is_named(store: MemoryStore, decision: Decision) -> None:
    articles = f"{decision.key.removesuffix('.json')}/articles.json"
    store.put(articles, b'[{"batch":"articles/a","url":"u","captured_at":"t"}]', overwrite=True)
    store.put("takedowns/notes.txt", b"mine")
    assert faults(store) == {"takedowns/notes.txt": "nothing of this program lies there"}
    store.put(articles, b"[1]", overwrite=True)
    assert "cannot be read" in faults(store)[articles]
