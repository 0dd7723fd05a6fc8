"""Indexes that lie elsewhere than beside their archives."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

import msgspec
import pytest

from crawler.archive.read.captures import ArchivedCapture, LeftOut
from crawler.archive.read.cdxj import index_warc
from crawler.config import load
from crawler.errors import UsageError
from crawler.model.selection import Selection
from crawler.run.offline.named_indexes import with_indexes
from crawler.run.offline.reading import WantedCaptures, captures_of
from crawler.run.offline.sources import find_sources, listed_sources
from tests.archive.store.odd_s3 import odd_s3
from tests.run.offline.test_replay import someone_elses
from tests.run.offline.test_sources import stream

STORAGE = load().storage
TITLES = [f"Story {number}" for number in range(8)]
ONE = WantedCaptures(Selection(urls=("https://news.example/2026/11/23/story-3",)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two archives of one name in two folders, whose index lies elsewhere, under the names another index knows."""
    lines = []
    for place in ("a", "b"):
        (tmp_path / "warcs" / place).mkdir(parents=True)
        warc = someone_elses(tmp_path / "warcs" / place / "one.warc.gz", *TITLES[: 8 if place == "a" else 4])
        index, _ = index_warc(warc, name=f"{place}/one.warc.gz")
        lines += index.splitlines(keepends=True)
    (tmp_path / "all.cdxj").write_bytes(b"!meta {}\n" + b"".join(sorted(lines)))
    (tmp_path / "all.cdxj.gz").write_bytes(gzip.compress((tmp_path / "all.cdxj").read_bytes()))
    return tmp_path


@pytest.mark.parametrize("name", ["all.cdxj", "all.cdxj.gz"])
def test_only_what_an_index_elsewhere_leads_to_is_read(folder: Path, name: str) -> None:
    found = find_sources([str(folder / "warcs")], STORAGE)
    sources, faults = with_indexes(found, [str(folder / name)], folder / "work", STORAGE)
    assert faults == []
    assert {source.identity for source in sources}.isdisjoint(source.identity for source in found)
    for source, count in zip(sources, (8, 4), strict=True):
        whole = bytearray(Path(source.place).read_bytes())
        whole[:200] = bytes(200)  # which is not looked at
        Path(source.place).write_bytes(whole)
        items = list(captures_of(source, ONE))
        assert [one.capture.url for one in items if isinstance(one, ArchivedCapture)] == list(ONE.selection.urls)
        assert sum(isinstance(one, LeftOut) for one in items) == count - 1


def test_index_and_archive_may_lie_in_stores(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    with odd_s3() as server:
        server.objects["/bucket/x/a/one.warc.gz"] = (folder / "warcs/a/one.warc.gz").read_bytes()
        server.objects["/bucket/indexes/all.cdxj.gz"] = (folder / "all.cdxj.gz").read_bytes()
        storage = msgspec.structs.replace(server.storage, url="s3://bucket")
        listed = listed_sources("list", stream(b"s3://bucket/x/a/one.warc.gz\n"), "", storage).sources
        sources, _ = with_indexes(listed, ["s3://bucket/indexes/all.cdxj.gz"], folder / "work", storage)
        items = list(captures_of(sources[0], ONE))
    assert [one.capture.url for one in items if isinstance(one, ArchivedCapture)] == list(ONE.selection.urls)


def test_an_index_beside_an_archive_is_kept(folder: Path) -> None:
    beside = folder / "warcs/a/one.cdxj"
    shutil.copy(folder / "all.cdxj", beside)
    sources, _ = with_indexes(
        find_sources([str(folder / "warcs")], STORAGE), [str(folder / "all.cdxj")], folder / "work", STORAGE
    )
    assert [(source.index, source.named_index is None) for source in sources] == [(str(beside), True), (None, False)]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "cannot be read"),
        (b"", "tells of none"),
        (b"not an index\n", "tells of none"),
        (b"\x1f\x8bx", "cannot be"),
    ],
)
def test_what_is_no_index_of_these_archives_is_told(folder: Path, content: bytes | None, told: str) -> None:
    path = folder / "other.cdxj"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageError, match=told):
        with_indexes(find_sources([str(folder / "warcs")], STORAGE), [str(path)], folder / "work", STORAGE)


def test_a_damaged_line_is_named_and_costs_nothing_else(folder: Path) -> None:
    with (folder / "all.cdxj").open("ab") as target:
        target.write(b"example,news)/ 2026\n")
    found = find_sources([str(folder / "warcs")], STORAGE)
    sources, faults = with_indexes(found, [str(folder / "all.cdxj")], folder / "work", STORAGE)
    assert [source.named_index is not None for source in sources] == [True, True]
    assert faults[0].startswith(f"{folder}/all.cdxj: line 14: not a CDXJ line")
