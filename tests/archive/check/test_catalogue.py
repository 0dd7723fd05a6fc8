"""The catalogue is held against the digests of what was written; what is no table of it, or only a part of one, is
named, too.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from crawler.archive.catalogued import DIGESTS, put_catalogued
from crawler.archive.check.catalogue import verify_catalogue, wrong_in_catalogue
from crawler.archive.folders import CATALOGUE
from crawler.archive.store import StoredObject
from crawler.archive.store.memory import MemoryStore

TABLE = "catalogue/captures/2026-11.parquet"
FOOTER = b"f" * 20
WHOLE = b"PAR1" + b"pages" * 9 + FOOTER + len(FOOTER).to_bytes(4, "little") + b"PAR1"


def wrong(key: str, content: bytes) -> str | None:
    store = MemoryStore()
    return wrong_in_catalogue(store, store.put(key, content))


def test_what_the_catalogue_is_made_of_is_sound() -> None:
    assert wrong(TABLE, WHOLE) is None
    assert wrong(TABLE.replace("captures", "articles"), WHOLE) is None
    assert wrong(TABLE, b"PAR1" + b"f" + (1).to_bytes(4, "little") + b"PAR1") is None
    assert wrong("catalogue/sources/2026-11.json", b'{"sources":{}}') is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        WHOLE[:-1],
        WHOLE[:-8],
        WHOLE[1:],
        b"X" + WHOLE[1:],
        WHOLE[:-5] + b"\x7fPAR1",
        WHOLE[:-8] + bytes(4) + b"PAR1",
        b"PAR1PAR1",
        b"PAR1" + (1).to_bytes(4, "little") + b"PAR1",
    ],
)
def test_a_table_that_is_not_whole_is_named(content: bytes) -> None:
    assert "no whole Parquet file" in (wrong(TABLE, content) or "")


def test_sources_that_cannot_be_read_and_what_is_neither_are_named() -> None:
    assert "cannot be read" in (wrong("catalogue/sources/2026-11.json", b'{"a":') or "")
    assert "cannot be read" in (wrong("catalogue/sources/2026-11.json", b'{"a":"\xff"}') or "")
    for key in ("catalogue/notes.txt", "catalogue/captures/a/b.parquet", "catalogue/captures/2026-11.json"):
        assert wrong(key, WHOLE) == "nothing of this program lies there"


def test_what_is_not_what_was_written_is_named() -> None:
    store = MemoryStore()
    sources = "catalogue/sources/2026-11.json"
    put_catalogued(store, TABLE, WHOLE)
    put_catalogued(store, sources, b"{}")
    assert list(verify_catalogue(store)) == []
    store.put(TABLE, WHOLE.replace(b"pages", b"pagos", 1), overwrite=True)
    store.put(TABLE.replace("11", "12"), WHOLE)
    store.delete(sources)
    assert {key: what.partition(";")[0] for key, what in verify_catalogue(store)} == {
        TABLE: "it is not what was written",
        TABLE.replace("11", "12"): "nobody wrote it here",
        sources: "it was written, and is not there",
    }
    store.put(DIGESTS, b"[", overwrite=True)
    assert [key for key, _ in verify_catalogue(store)] == [DIGESTS]


def test_one_from_before_digests_were_noted_is_sound() -> None:
    store = MemoryStore()
    store.put(TABLE, WHOLE)
    assert list(verify_catalogue(store)) == []


def test_a_month_from_before_digests_were_noted_is_sound_beside_one_that_was_written_since() -> None:
    store = MemoryStore()
    store.put(TABLE, WHOLE)
    put_catalogued(store, TABLE.replace("11", "12"), WHOLE)
    assert list(verify_catalogue(store)) == []
    store.delete(TABLE)
    assert [key for key, _ in verify_catalogue(store)] == [TABLE]


def test_a_table_that_is_written_while_it_is_checked_is_sound(monkeypatch: pytest.MonkeyPatch) -> None:
    store = MemoryStore()
    put_catalogued(store, TABLE, WHOLE)
    found = store.list

    def listed_late(prefix: str) -> Iterator[StoredObject]:
        if prefix == CATALOGUE:
            monkeypatch.undo()
            for number in range(3):
                put_catalogued(store, TABLE, WHOLE.replace(b"pages", b"page%d" % number, 1))
        yield from found(prefix)

    monkeypatch.setattr(store, "list", listed_late)
    assert list(verify_catalogue(store)) == []
