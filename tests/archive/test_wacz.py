"""The WACZ file itself: blocks of the index, moments, and nothing left of one that failed."""

from __future__ import annotations

import gzip
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.archive.wacz import PageEntry, WaczWriter
from crawler.errors import ArchiveError
from tests.archive.archive_factory import AT


def write(path: Path, *, lines: int = 1, at: datetime = AT) -> Path:
    with WaczWriter(path, at=at, title="Title", software="Warraq/1") as writer:
        with writer.warc("a.warc.gz") as entry:
            entry.write(b"record")
        writer.index(b"example,news)/%05d 20261123184104 {}\n" % number for number in reversed(range(lines)))
        writer.pages(
            [PageEntry(id="1", url="https://news.example/", ts="2026-11-23T18:41:04Z", title="T")], has_text=False
        )
    return path


def test_the_index_is_sorted_in_blocks_that_can_be_read_alone(tmp_path: Path):
    with zipfile.ZipFile(write(tmp_path / "a.wacz", lines=2500)) as package:
        content = package.read("indexes/index.cdx.gz")
        meta, *heads = package.read("indexes/index.idx").decode().splitlines()
    assert json.loads(meta.removeprefix("!meta 0 ")) == {"format": "cdxj-gzip-1.0", "filename": "index.cdx.gz"}
    assert [head.split(" ")[0] for head in heads] == [f"example,news)/{n:05}" for n in (0, 1024, 2048)]
    places = [json.loads(head.split(" ", 2)[2]) for head in heads]
    blocks = [gzip.decompress(content[place["offset"] : place["offset"] + place["length"]]) for place in places]
    assert [block.count(b"\n") for block in blocks] == [1024, 1024, 452]
    assert b"".join(blocks) == gzip.decompress(content)
    assert blocks[1].startswith(b"example,news)/01024 ")


def test_every_moment_in_it_is_that_of_the_newest_capture(tmp_path: Path):
    with zipfile.ZipFile(write(tmp_path / "a.wacz")) as package:
        assert {entry.date_time for entry in package.infolist()} == {(2026, 11, 23, 18, 41, 4)}
        assert json.loads(package.read("datapackage.json"))["created"] == "2026-11-23T18:41:04Z"


def test_captures_older_than_zip_files_can_say_are_possible(tmp_path: Path):
    path = write(tmp_path / "a.wacz", at=datetime(1970, 1, 1, tzinfo=UTC))
    with zipfile.ZipFile(path) as package:
        assert package.infolist()[0].date_time == (1980, 1, 1, 0, 0, 0)


def test_a_failure_leaves_the_package_that_was_there(tmp_path: Path):
    path = write(tmp_path / "a.wacz")
    before = path.read_bytes()

    def broken() -> list[bytes]:
        raise KeyError

    with pytest.raises(KeyError), WaczWriter(path, at=AT, title="", software="") as writer:
        writer.index(broken())
    assert path.read_bytes() == before
    assert [found.name for found in tmp_path.iterdir()] == ["a.wacz"]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path):
    with pytest.raises(ArchiveError, match="nowhere"):
        WaczWriter(tmp_path / "nowhere" / "a.wacz", at=AT, title="", software="")
