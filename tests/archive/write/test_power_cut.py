"""What a power cut leaves: all that was acknowledged, sealed, shipped or staged, and nothing under a name it has not
earned."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from crawler.archive.articles import Batch, LineReader, LineWriter, Staging, publish
from crawler.archive.check.verify import verify_warc
from crawler.archive.files import replace_durably
from crawler.archive.read.captures import ArchivedCapture, read_captures
from crawler.archive.store.folder import FileStore
from crawler.archive.write.seal import companion, sealed_warc
from crawler.archive.write.ship import Shipper
from crawler.clock import FixedClock
from crawler.model.article import ArticleHead
from tests.archive.archive_factory import AT, PROVENANCE, exchange, open_spool
from tests.archive.articles.test_base import lines, record
from tests.archive.power_cut import PowerCut

URLS = [f"https://news.example/{number}" for number in range(3)]


@pytest.fixture
def power(monkeypatch: pytest.MonkeyPatch) -> PowerCut:
    return PowerCut(monkeypatch)


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    (tmp_path / "disk").mkdir()
    return tmp_path / "disk"


async def fill(root: Path, *, sealed: bool) -> None:
    spool = open_spool(root, sync=os.fdatasync)
    for url in URLS:
        await spool.record(exchange(url=url), PROVENANCE)
    if sealed:
        await spool.close()
    else:
        spool._lane.release()  # as if the process had died


def urls_in(path: Path) -> list[str]:
    return [item.capture.url for item in read_captures(path) if isinstance(item, ArchivedCapture)]


def test_what_was_acknowledged_is_salvaged_after_a_power_cut(power: PowerCut, disk: Path) -> None:
    asyncio.run(fill(disk / "spool", sealed=False))
    left = power.left(disk, disk.with_name("left"))
    spool = open_spool(left / "spool")
    (salvaged,) = spool.report.salvaged
    assert salvaged.sealed is not None
    assert (salvaged.lost_bytes, urls_in(salvaged.sealed.path)) == (0, URLS)
    asyncio.run(spool.close())


def test_a_sealed_file_is_whole_with_all_that_belongs_to_it(power: PowerCut, disk: Path) -> None:
    asyncio.run(fill(disk / "spool", sealed=True))
    left = power.left(disk, disk.with_name("left"))
    (path,) = left.rglob("*.warc.gz")
    assert list(left.rglob("*.open")) == []
    assert urls_in(path) == URLS
    assert verify_warc(path, cdxj=companion(path, ".cdxj").read_bytes()).faults == ()
    assert sealed_warc(path).sha256 == verify_warc(path).sha256


def test_at_every_fsync_of_sealing_a_final_name_means_a_whole_file(
    power: PowerCut, disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asyncio.run(fill(disk / "spool", sealed=False))
    sync, lefts = os.fsync, []

    def cut(handle: int) -> None:
        sync(handle)
        lefts.append(power.left(disk, disk.with_name(f"left-{len(lefts)}")))

    monkeypatch.setattr(os, "fsync", cut)
    asyncio.run(open_spool(disk / "spool").close())  # salvages, as sealing does: content, index, digest, name
    monkeypatch.setattr(os, "fsync", sync)
    assert len(lefts) >= 6
    finished = 0
    for left in lefts:
        for path in left.rglob("*.warc.gz"):
            finished += 1
            assert urls_in(path) == URLS
            assert sealed_warc(path).sha256 == verify_warc(path).sha256
        again = open_spool(left / "spool")
        assert [urls_in(sealed.path) for sealed in again.sealed()] == [URLS]
        asyncio.run(again.close())
    assert finished


def test_a_torn_tail_is_gone_for_good(power: PowerCut, disk: Path) -> None:
    asyncio.run(fill(disk / "spool", sealed=False))
    (unfinished,) = disk.rglob("*.open")
    whole = unfinished.read_bytes()
    unfinished.write_bytes(whole + whole[:50])
    spool = open_spool(disk / "spool")
    asyncio.run(spool.close())
    (path,) = power.left(disk, disk.with_name("left")).rglob("*.warc.gz")
    assert path.read_bytes() == whole


def test_what_was_shipped_is_in_the_store_before_it_leaves_the_spool(power: PowerCut, disk: Path) -> None:
    asyncio.run(fill(disk / "spool", sealed=True))
    store = FileStore(disk / "data")
    receipts = []
    shipper = Shipper(disk / "spool", store, clock=FixedClock(AT), grace_s=0.0, on_receipt=receipts.append)
    assert shipper.ship_ready().removed
    left = power.left(disk, disk.with_name("left"))
    (receipt,) = receipts
    assert urls_in(left / "data" / receipt.key) == URLS
    assert (left / "data" / receipt.cdxj_key).read_bytes() == store.get(receipt.cdxj_key)
    assert {path.name for path in (left / "spool").rglob("*") if path.is_file()} <= {"lock", "serial", "shipping"}


@pytest.mark.parametrize("overwrite", [True, False])
def test_an_object_that_was_put_is_there(power: PowerCut, disk: Path, overwrite: bool) -> None:
    store = FileStore(disk / "data")
    if overwrite:
        store.put("a/b/c", b"before")
    store.put("a/b/c", b"content", overwrite=overwrite)
    left = power.left(disk, disk.with_name("left"))
    assert (left / "data" / "a" / "b" / "c").read_bytes() == b"content"


def test_many_objects_put_at_once_are_there_and_one_that_was_removed_stays_away(power: PowerCut, disk: Path) -> None:
    store = FileStore(disk / "data")
    store.put_many((f"a/{number}", b"content") for number in range(3))
    left = power.left(disk, disk.with_name("left"))
    assert {path.name: path.read_bytes() for path in (left / "data" / "a").iterdir()} == dict.fromkeys(
        "012", b"content"
    )
    store.delete("a/1")
    assert sorted(path.name for path in (power.left(disk, disk.with_name("later")) / "data" / "a").iterdir()) == [
        "0",
        "2",
    ]


def test_a_file_replaced_durably_has_its_new_content(power: PowerCut, disk: Path) -> None:
    replace_durably(disk / "note", b"one")
    replace_durably(disk / "note", b"two")
    assert (power.left(disk, disk.with_name("left")) / "note").read_bytes() == b"two"


def test_staged_articles_outlive_a_power_cut_once_their_run_is_over(power: PowerCut, disk: Path) -> None:
    records = [record(number) for number in range(3)]
    with Staging(disk / "staging" / "run-1.jsonl") as staging:
        for line in lines(*records):
            staging.add(line)
    left = power.left(disk, disk.with_name("left"))
    store = FileStore(left / "data")
    publish([left / "staging" / "run-1.jsonl"], LineWriter(store))
    batch = Batch.named("paper", "run-1", records[0].captured_at)
    assert [head.id for head in LineReader(store).read(batch, ArticleHead)] == [one.id for one in records]
