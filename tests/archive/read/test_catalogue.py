"""Holdings: captures by the index, their records by byte range, also where no index lies."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.archive.read.catalogue import fetch, holdings, lonely_indexes, stored_warcs
from crawler.archive.store.folder import FileStore
from crawler.archive.write.ship import Shipper
from crawler.clock import FixedClock
from crawler.errors import BadArchive
from tests.archive.archive_factory import AT, PROVENANCE, exchange, open_spool


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    """Two files; the first with three captures and a request that was not answered."""

    async def work() -> None:
        for number, urls in enumerate((("1", "2", "", "3"), ("4",))):
            at = AT + timedelta(hours=number)
            spool = open_spool(tmp_path / f"spool{number}", clock=FixedClock(at))
            for url in urls:
                came = exchange(b"", head=None) if not url else exchange(url=f"https://news.example/{url}")
                await spool.record(came, PROVENANCE)
            await spool.close()

    asyncio.run(work())
    made = FileStore(tmp_path / "data")
    for number in range(2):
        clock = FixedClock(AT + timedelta(hours=number))
        shipper = Shipper(tmp_path / f"spool{number}", made, clock=clock, grace_s=0.0, on_receipt=lambda _: None)
        assert shipper.ship_ready().problems == ()
    return made


def test_files_come_in_the_order_they_were_begun_with_their_captures_in_the_order_of_the_file(store: FileStore):
    first, second = stored_warcs(store)
    assert first.name < second.name
    held = holdings(store, first)
    assert [one.fields.url[-1] for one in held] == ["1", "2", "3"]
    assert [one.end for one in held] == [held[1].offset, held[2].offset, first.size]


def test_without_an_index_the_file_itself_is_read(store: FileStore, tmp_path: Path):
    before = [holdings(store, warc) for warc in stored_warcs(store)]
    for path in (tmp_path / "data").rglob("*.cdxj"):
        path.unlink()
    after = [holdings(store, warc) for warc in stored_warcs(store)]
    assert [[one._replace(warc=None) for one in held] for held in after] == [
        [one._replace(warc=None) for one in held] for held in before
    ]


def test_neighbours_are_fetched_together_and_give_their_records_with_their_places(store: FileStore):
    warc = stored_warcs(store)[0]
    held = holdings(store, warc)
    wanted = [(one.offset, one.end) for one in held]
    ((stretch, ranges),) = [(stretch, ranges) for stretch, ranges in fetch(store, warc, wanted)]
    assert ranges == wanted
    content = store.get(warc.key)
    for stretch, _ in fetch(store, warc, wanted):
        for record in stretch.records():
            found = b"".join(stretch.pieces(record.offset, record.length))
            assert found == content[record.offset : record.offset + record.length]


def test_distant_ranges_are_fetched_apart(store: FileStore, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("crawler.archive.read.catalogue._GAP", 10)
    warc = stored_warcs(store)[0]
    held = holdings(store, warc)
    wanted = [(one.offset, one.offset + one.length) for one in (held[0], held[2])]
    kinds = [[record.type for record in stretch.records()] for stretch, _ in fetch(store, warc, wanted)]
    assert kinds == [["response"], ["response"]]


def test_a_file_shorter_than_its_index_says_is_named(store: FileStore, tmp_path: Path):
    warc = stored_warcs(store)[0]
    with pytest.raises(BadArchive, match="ends before byte"):
        list(fetch(store, warc, [(0, warc.size + 1)]))


def test_a_range_that_begins_within_a_record_is_named(store: FileStore):
    warc = stored_warcs(store)[0]
    stretches = fetch(store, warc, [(7, 300)])
    stretch, _ = next(stretches)
    with pytest.raises(BadArchive, match=r"at byte 7: .*`warraq verify` tells more"):
        stretch.records()
    stretches.close()


def test_an_index_that_is_none_is_named(store: FileStore, tmp_path: Path):
    warc = stored_warcs(store)[0]
    assert warc.index_key is not None
    (store_file,) = tmp_path.rglob(warc.index_key.rpartition("/")[2])
    store_file.write_bytes(b"nonsense\n")
    with pytest.raises(BadArchive, match=rf"{warc.index_key}: not a CDXJ line: b'nonsense"):
        holdings(store, warc)


def test_an_index_without_its_warc_is_found(store: FileStore):
    assert lonely_indexes(store) == []
    store.put("warc/2026/11/23/lonely.cdxj", b"")
    assert lonely_indexes(store) == ["warc/2026/11/23/lonely.cdxj"]
