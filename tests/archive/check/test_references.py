"""A revisit refers to a record that is in the store, and says of it what is so."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest

from crawler.archive.check.references import References
from crawler.archive.check.verify import verify_store
from crawler.archive.read.captures import ArchivedCapture, read_captures
from crawler.archive.store.folder import FileStore
from crawler.archive.write.ship import object_key
from tests.archive.archive_factory import AT, PROVENANCE, exchange, open_spool


@pytest.fixture
def files(spool_root: Path) -> list[Path]:
    """A file with a page, one in which it is unchanged, and not modified."""

    async def work() -> None:
        spool = open_spool(spool_root)
        first = await spool.record(exchange(), PROVENANCE)
        await spool.seal()
        await spool.record(exchange(), PROVENANCE, revisit_of=first)
        await spool.record(exchange(b"HTTP/1.1 304 Not Modified\r\n\r\n"), PROVENANCE, revisit_of=first)
        await spool.close()

    asyncio.run(work())
    return sorted(spool_root.rglob("*.warc.gz"))


def captures(path: Path) -> list[ArchivedCapture]:
    return [item for item in read_captures(path) if isinstance(item, ArchivedCapture)]


def missing(*items: ArchivedCapture) -> list[tuple[str, int]]:
    references = References()
    for item in items:
        references.see(item)
    return [(fault.file, fault.offset) for fault in references.missing()]


def test_a_revisit_finds_its_original_in_whatever_order_they_come(files: list[Path]) -> None:
    (page,), revisits = captures(files[0]), captures(files[1])
    assert [item.capture.kind for item in revisits] == ["revisit", "revisit"]
    assert missing(page, *revisits) == missing(*revisits, page) == []


def test_one_that_refers_to_nothing_or_to_something_else_is_named(files: list[Path]) -> None:
    (page,), (revisit, same) = captures(files[0]), captures(files[1])
    places = [(one.capture.warc, one.capture.offset) for one in (revisit, same)]
    assert missing(revisit, same) == places
    for change in (
        {"record_id": "<urn:uuid:1>"},
        {"url": "https://news.example/b"},
        {"captured_at": AT.replace(hour=3)},
    ):
        other = msgspec.structs.replace(page, capture=msgspec.structs.replace(page.capture, **change))
        assert missing(other, revisit) == places[:1]


def test_what_others_wrote_and_what_nobody_knew_refer_to_nothing(files: list[Path]) -> None:
    revisit = captures(files[1])[0]
    assert missing(msgspec.structs.replace(revisit, notes=None, provenance=None)) == []
    assert missing(msgspec.structs.replace(revisit, original=None)) == []


def test_a_store_without_the_original_is_not_sound(tmp_path: Path, files: list[Path]) -> None:
    store = FileStore(tmp_path / "data")
    for path in files:
        store.put(object_key(path.name), path)
        store.put(object_key(path.name, ".cdxj"), path.with_name(path.name.replace(".warc.gz", ".cdxj")))
    assert not any(report.faults for report in verify_store(store))
    for suffix in ("", ".cdxj"):
        (tmp_path / "data" / object_key(files[0].name, suffix)).unlink()
    faults = [fault for report in verify_store(store) for fault in report.faults]
    assert [fault.file for fault in faults] == [object_key(files[1].name)] * 2
    assert "refers to" in faults[0].what
    assert list(verify_store(store, sample=0.0)) == []
