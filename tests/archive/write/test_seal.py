"""Salvage: what a dead process left becomes a sealed file of its whole records, wherever it was cut."""

from __future__ import annotations

import asyncio
import random
import shutil
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from crawler.archive.check.verify import verify_warc
from crawler.archive.read.captures import ArchivedCapture, read_captures
from crawler.archive.read.records import RawRecord, walk
from crawler.archive.write.seal import companion, salvage, seal, sealed_warc
from crawler.errors import BadArchive
from tests.archive.archive_factory import PROVENANCE, exchange, open_spool


@pytest.fixture
def whole(spool_root: Path) -> Path:
    """A sealed file of three exchanges: identity, gzip-coded, without an answer."""

    async def work() -> None:
        spool = open_spool(spool_root)
        await spool.record(exchange(url="https://news.example/1"), PROVENANCE)
        coded = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + random.Random(1).randbytes(500)
        await spool.record(exchange(coded, url="https://news.example/2"), PROVENANCE)
        await spool.record(exchange(b"", url="https://news.example/3", error="reset"), PROVENANCE)
        await spool.close()

    asyncio.run(work())
    (path,) = spool_root.rglob("*.warc.gz")
    return path


def torn(whole: Path, folder: Path, content: bytes) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{whole.name}.open"
    path.write_bytes(content)
    return path


def test_every_cut_keeps_the_whole_records_before_it(whole: Path, tmp_path: Path) -> None:
    content = whole.read_bytes()
    with whole.open("rb") as stream:
        ends = [item.offset + item.length for item in walk(stream, name="") if isinstance(item, RawRecord)]
    cuts = sorted(
        {0, *ends, *(end + d for end in ends for d in (-1, 1)), *range(7, len(content), 97)} - {len(content) + 1}
    )
    for cut in cuts:
        folder = tmp_path / f"cut-{cut}"
        result = salvage(torn(whole, folder, content[:cut]))
        kept = [end for end in ends if end <= cut]
        if len(kept) <= 1:
            assert list(folder.iterdir()) == [], cut
            continue
        assert result is not None
        assert result.sealed is not None
        assert (result.records, result.lost_bytes) == (len(kept), cut - kept[-1])
        assert result.sealed.path.read_bytes() == content[: kept[-1]]
        assert verify_warc(result.sealed.path, cdxj=result.sealed.cdxj.read_bytes()).is_sound


def test_the_checkers_accept_what_was_salvaged(whole: Path, tmp_path: Path, accepted: Callable[..., None]) -> None:
    result = salvage(torn(whole, tmp_path / "lane", whole.read_bytes()[:-30]))
    assert result is not None
    assert result.sealed is not None
    accepted(result.sealed.path)


@pytest.mark.parametrize(
    "tail", [b"\0" * 5000, b"\x1f\x8b\x08\x00", bytes(range(256)) * 20], ids=["zeros", "magic", "noise"]
)
def test_rubbish_after_the_last_record_is_cut_off(whole: Path, tmp_path: Path, tail: bytes) -> None:
    content = whole.read_bytes()
    result = salvage(torn(whole, tmp_path / "lane", content + tail))
    assert result is not None
    assert result.sealed is not None
    assert result.lost_bytes == len(tail)
    assert result.sealed.path.read_bytes() == content
    assert result.damaged is None


@pytest.mark.parametrize(
    "content", [b"\0" * 5000, b"\x1f\x8b\x08\x00", b"WARC/1.1\r\n"], ids=["zeros", "magic", "head"]
)
def test_all_of_a_file_without_a_whole_record_is_lost(tmp_path: Path, content: bytes) -> None:
    unfinished = tmp_path / "WARRAQ-20261123184104000-00000-box.warc.gz.open"
    unfinished.write_bytes(content)
    result = salvage(unfinished)
    assert result is not None
    assert (result.records, result.lost_bytes, result.sealed, result.damaged) == (0, len(content), None, None)
    assert list(tmp_path.iterdir()) == []


def test_damage_in_the_middle_leaves_a_copy_of_the_file_as_it_was(whole: Path, tmp_path: Path) -> None:
    content = bytearray(whole.read_bytes())
    captures = [item.capture for item in read_captures(whole) if isinstance(item, ArchivedCapture)]
    content[captures[1].offset + 40] ^= 0xFF
    result = salvage(torn(whole, tmp_path / "lane", bytes(content)))
    assert result is not None
    assert result.sealed is not None
    assert result.damaged is not None
    assert Path(result.damaged).read_bytes() == bytes(content)
    assert [item.capture.url for item in read_captures(result.sealed.path)] == ["https://news.example/1"]  # type: ignore[union-attr]


def test_salvaging_again_gives_the_same(whole: Path, tmp_path: Path) -> None:
    first = salvage(torn(whole, tmp_path / "lane", whole.read_bytes()[:-5]))
    assert first is not None
    assert first.sealed is not None
    again = salvage(torn(whole, tmp_path / "other", first.sealed.path.read_bytes()))
    assert again is not None
    assert again.sealed is not None
    assert (again.sealed.sha256, again.sealed.cdxj_sha256) == (first.sealed.sha256, first.sealed.cdxj_sha256)


def test_a_process_that_comes_after_salvages_all_lanes_nobody_holds(whole: Path, spool_root: Path) -> None:
    for lane, cut in (("lane-00", -3), ("lane-07", -40)):
        torn(whole, spool_root / lane, whole.read_bytes()[:cut])
    shutil.move(whole, spool_root / "aside")
    spool = open_spool(spool_root)
    assert [(s.name, s.records) for s in spool.report.salvaged] == [(whole.name, 8), (whole.name, 8)]
    asyncio.run(spool.close())
    assert len(list(spool_root.rglob("*.warc.gz"))) == 2


def test_what_is_not_on_disk_as_written_is_not_sealed(whole: Path, tmp_path: Path) -> None:
    content = whole.read_bytes()
    written = {"size": len(content), "crc32": zlib.crc32(content)}
    with pytest.raises(BadArchive, match=r"not written as it should.*whole, but not those"):
        seal(torn(whole, tmp_path / "a", content + content), [], **written)
    with pytest.raises(BadArchive, match=r"not written as it should.*ends inside a member"):
        seal(torn(whole, tmp_path / "b", content[:-1]), [], **written)
    damaged = bytearray(content)
    damaged[len(content) // 2] ^= 0xFF
    with pytest.raises(BadArchive, match=r"not written as it should.*at byte"):
        seal(torn(whole, tmp_path / "c", bytes(damaged)), [], **written)
    assert not list(tmp_path.glob("*/*.warc.gz"))


def test_a_sealed_file_without_its_digest_is_refused(whole: Path) -> None:
    assert sealed_warc(whole).path == whole
    companion(whole, ".sha256").write_text("nonsense")
    with pytest.raises(BadArchive, match="not the digests"):
        sealed_warc(whole)


def test_a_file_without_a_record_goes_with_what_lies_beside_it(tmp_path: Path) -> None:
    unfinished = tmp_path / "WARRAQ-20261123184104000-00000-box.warc.gz.open"
    for suffix in (".cdxj", ".sha256"):
        companion(unfinished, suffix).write_bytes(b"")
    unfinished.write_bytes(b"")
    assert salvage(unfinished) is None
    assert list(tmp_path.iterdir()) == []
