"""What waits in the spool is as it was sealed, and nothing else lies there."""

from __future__ import annotations

import asyncio
import os
import shutil
from errno import EACCES, EIO, ENOENT
from pathlib import Path

import pytest

from crawler.archive.check.spool import verify_spool
from crawler.archive.store.memory import MemoryStore
from crawler.archive.write.ship import Shipper
from crawler.clock import FixedClock
from crawler.errors import ArchiveError
from tests.archive.archive_factory import AT, PROVENANCE, exchange, open_spool


@pytest.fixture
def sealed(spool_root: Path) -> Path:
    async def work() -> None:
        spool = open_spool(spool_root)
        await spool.record(exchange(), PROVENANCE)
        await spool.close()

    asyncio.run(work())
    (path,) = spool_root.rglob("*.warc.gz")
    return path


def faults(root: Path) -> dict[str, list[str]]:
    return {report.name: [fault.what for fault in report.faults] for report in verify_spool(root) if report.faults}


def test_what_was_sealed_is_sound_and_looked_at_until_it_is_shipped(spool_root: Path, sealed: Path) -> None:
    assert [(report.name, report.captures) for report in verify_spool(spool_root)] == [(sealed.name, 1)]
    Shipper(spool_root, MemoryStore(), clock=FixedClock(AT), grace_s=3600.0, on_receipt=lambda _: None).ship_ready()
    assert sealed.exists()
    assert list(verify_spool(spool_root)) == []
    assert list(verify_spool(spool_root / "none")) == []


def test_a_file_that_is_not_what_was_sealed_is_named(spool_root: Path, sealed: Path) -> None:
    content = bytearray(sealed.read_bytes())
    content[4] ^= 1  # the moment in gzip's head, which says nothing
    sealed.write_bytes(bytes(content))
    (report,) = verify_spool(spool_root)
    (fault,) = report.faults
    assert (fault.file, fault.offset) == (str(sealed), 0)
    assert fault.what.startswith("it is not what was sealed")
    sealed.with_name(sealed.name.replace(".warc.gz", ".sha256")).write_text("nothing")
    assert any("not the digests of" in what for whats in faults(spool_root).values() for what in whats)


def test_litter_strangers_and_damaged_copies_are_named(spool_root: Path, sealed: Path) -> None:
    lane = sealed.parent
    for name in (".WARRAQ-x.cdxj.0.tmp", "holiday.jpg", sealed.name.replace(".warc.gz", ".damaged")):
        (lane / name).write_bytes(b"x")
    orphan = lane / sealed.name.replace("-00000-", "-00007-").replace(".warc.gz", ".cdxj")
    orphan.write_bytes(b"")
    alone = [report for report in verify_spool(spool_root) if report.name != sealed.name]
    assert {(one.size, one.records, one.captures, one.digests) for one in alone} == {(0, 0, 0, 0)}
    assert {fault.offset for one in alone for fault in one.faults} == {0}
    assert faults(spool_root).keys() == {
        str(lane / name)
        for name in (".WARRAQ-x.cdxj.0.tmp", "holiday.jpg", sealed.name.replace(".warc.gz", ".damaged"), orphan.name)
    }


@pytest.mark.parametrize("content", ["{}", "\xff", '{"name":"another.warc.gz"}'])
def test_a_receipt_that_is_none_does_not_hide_the_file(spool_root: Path, sealed: Path, content: str) -> None:
    receipt = sealed.with_name(sealed.name.replace(".warc.gz", ".receipt.json"))
    receipt.write_text(content, encoding="latin-1")
    assert faults(spool_root) == {str(receipt): ["it is no receipt of the file beside it"]}
    assert sealed.name in {report.name for report in verify_spool(spool_root)}


def test_the_receipt_of_another_file_is_none(spool_root: Path, sealed: Path) -> None:
    Shipper(spool_root, MemoryStore(), clock=FixedClock(AT), grace_s=3600.0, on_receipt=lambda _: None).ship_ready()
    receipt = sealed.with_name(sealed.name.replace(".warc.gz", ".receipt.json"))
    receipt.write_bytes(receipt.read_bytes().replace(b"-00000-", b"-00001-", 1))
    assert faults(spool_root) == {str(receipt): ["it is no receipt of the file beside it"]}


def test_one_file_in_two_lanes_is_named(spool_root: Path, sealed: Path) -> None:
    shutil.copytree(sealed.parent, spool_root / "lane-07")
    copy = spool_root / "lane-07" / sealed.name
    assert faults(spool_root) == {str(copy): [f"{sealed} has the same name: one of them is a copy"]}


@pytest.mark.parametrize("suffix", [".warc.gz", ".cdxj", ".sha256"])
def test_what_is_no_file_is_named_and_not_waited_for(spool_root: Path, sealed: Path, suffix: str) -> None:
    pipe = sealed.with_name(sealed.name.replace(".warc.gz", suffix))
    pipe.unlink()
    os.mkfifo(pipe)
    assert faults(spool_root) == {str(pipe): ["not of this program: it is never touched"]}
    assert (
        Shipper(spool_root, MemoryStore(), clock=FixedClock(AT), grace_s=0.0, on_receipt=lambda _: None)
        .ship_ready()
        .shipped
        == ()
    )


def test_a_file_with_the_name_of_another_is_named_and_an_altered_index_at_its_first_byte(
    spool_root: Path, sealed: Path
) -> None:
    index = sealed.with_name(sealed.name.replace(".warc.gz", ".cdxj"))
    whole = index.read_bytes()
    index.write_bytes(whole + b"\n")
    found = [(fault.file, fault.offset) for report in verify_spool(spool_root) for fault in report.faults]
    assert (str(index), 0) in found
    index.write_bytes(whole)
    for path in list(sealed.parent.iterdir()):
        if path.name != "lock":
            renamed = path.with_name(path.name.replace("-00000-", "-00001-"))
            path.rename(renamed)
            renamed.write_bytes(renamed.read_bytes().replace(b"-00000-", b"-00001-"))
    assert any("WARC-Filename is" in what for whats in faults(spool_root).values() for what in whats)


@pytest.mark.parametrize("number", [EACCES, EIO])
def test_a_spool_that_cannot_be_read_is_told_and_not_taken_for_an_empty_one(
    spool_root: Path, sealed: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuse(folder: Path) -> list[Path]:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("crawler.archive.check.spool.sealed_in", refuse)
    with pytest.raises(ArchiveError, match=f"{spool_root}: {os.strerror(number)}"):
        list(verify_spool(spool_root))


def test_what_was_shipped_and_removed_while_it_was_looked_at_is_no_fault(
    spool_root: Path, sealed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(folder: Path) -> list[Path]:
        raise FileNotFoundError(ENOENT, os.strerror(ENOENT))

    monkeypatch.setattr("crawler.archive.check.spool.sealed_in", gone)
    assert list(verify_spool(spool_root)) == []
