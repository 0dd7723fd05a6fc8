"""Articles as evidence: whatever is done to a text, a line or a name is found."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from crawler.archive.articles import Batch, LineWriter
from crawler.archive.check.articles import Expected, article_id, verify_articles
from crawler.archive.store import Store
from crawler.archive.store.memory import MemoryStore
from tests.archive.articles.test_base import BATCH, lines, record

RECORDS = [record(number) for number in range(3)]
KEYS = [BATCH.text(number, one.id) for number, one in enumerate(RECORDS)]


@pytest.fixture
def store() -> Store:
    made = MemoryStore()
    LineWriter(made).write(BATCH, lines(*RECORDS))
    return made


def known(batch: Batch) -> list[Expected]:
    found = [Expected(key, one.id, one.url) for key, one in zip(KEYS, RECORDS, strict=True)]
    return [one for one in found if Batch.holding(one.key) == batch]


def faults(store: Store) -> list[tuple[str, int, str]]:
    reports = verify_articles(store, known=known, batches=[BATCH])
    return [(fault.file, fault.offset, fault.what) for report in reports for fault in report.faults]


def rewrite(store: Store, key: str, change: Callable[[bytes], bytes]) -> None:
    store.put(key, change(store.get(key)), overwrite=True)


def without(store: Store, *gone: str) -> Store:
    left = MemoryStore()
    for stored in store.list():
        if stored.key not in gone:
            left.put(stored.key, store.get(stored.key))
    return left


def test_what_was_written_is_sound(store: Store) -> None:
    (report,) = verify_articles(store, known=known, batches=[BATCH])
    assert (report.name, report.records, report.faults) == (BATCH.prefix, 3, ())
    assert list(verify_articles(store, sample=0.0)) == []
    assert RECORDS[0].id == article_id(RECORDS[0].text.encode())


def test_a_changed_text_does_not_have_its_name(store: Store) -> None:
    rewrite(store, KEYS[1], lambda text: text.replace(b"council", b"Council", 1))
    assert faults(store) == [(KEYS[1], 0, "the text does not have the SHA-256 that it is named for")]


def test_a_changed_line_is_named_with_its_byte(store: Store) -> None:
    second = msgspec.json.encode(RECORDS[1])
    at = len(msgspec.json.encode(RECORDS[0])) + 1
    forged = second.replace(b'"text":"Bridge 1', b'"text":"Bridge 9', 1)
    rewrite(store, BATCH.lines, lambda whole: whole.replace(second, forged))
    assert faults(store) == [(BATCH.lines, at, f"the text of line 2 does not have the id {RECORDS[1].id}")]
    rewrite(store, BATCH.lines, lambda whole: whole.replace(forged, b"{"))
    ((file, offset, what), *more) = faults(store)
    assert (file, offset, what.startswith("line 2 is damaged")) == (BATCH.lines, at, True)
    assert more == [(KEYS[1], 0, f"no line of {BATCH.lines} has the article of {RECORDS[1].url}")]


def test_what_is_gone_and_what_nobody_knows_is_named(store: Store) -> None:
    assert faults(without(store, KEYS[0])) == [
        (KEYS[0], 0, f"the text of {RECORDS[0].url} is not there"),
        (KEYS[0], 0, f"the state has an article of {RECORDS[0].url} here, and it is not there"),
    ]
    assert faults(without(store, BATCH.lines))[0] == (
        BATCH.lines, 0, "it is not there, though texts lie beside its place",
    )  # fmt: skip
    gone = faults(MemoryStore())
    assert [file for file, _, _ in gone] == KEYS
    store.put(f"{BATCH.prefix}/009_{'0' * 16}.txt", b"stray")
    assert faults(store) == [(f"{BATCH.prefix}/009_{'0' * 16}.txt", 0, "no article of this batch is kept here")]


def test_a_line_told_twice_and_one_without_its_end_are_named(store: Store) -> None:
    rewrite(store, BATCH.lines, lambda whole: whole + whole.splitlines()[0])
    whats = [what for _, _, what in faults(store)]
    assert f"line 4 is a second one of {RECORDS[0].url}" in whats
    assert "line 4 has no end" in whats
