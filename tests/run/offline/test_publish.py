"""From records to batches: in order, flat in memory, and once whatever is done twice."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from crawler.config import load
from crawler.model.selection import Selection
from crawler.run.offline.publish import PublishIndex, publish_shard
from crawler.run.offline.sources import find_sources
from crawler.run.offline.unit import Order, Unit, replay_file
from crawler.run.parsing.recipe import Recipe
from tests.run.offline.test_replay import someone_elses

STORAGE = load().storage


@pytest.fixture
def units(tmp_path: Path) -> list[Unit]:
    """Those of two files that share a day and one capture."""
    (tmp_path / "work").mkdir()
    someone_elses(tmp_path / "a.warc.gz", "An Old Bridge", "A New Bridge")
    someone_elses(tmp_path / "b.warc.gz", "An Old Bridge", "Another Bridge", "A Last Bridge")
    order = Order(recipe=Recipe(), selection=Selection(), parsing=load().parse, work=str(tmp_path / "work"))
    made = []
    for source in find_sources([str(tmp_path / "a.warc.gz"), str(tmp_path / "b.warc.gz")], STORAGE):
        made.append(Unit.of(source, order, order.digest))
        replay_file(source, made[-1], order)
    return made


def publish(index: PublishIndex, folder: Path, **options: bool) -> int:
    out = msgspec.structs.replace(STORAGE, url=f"file:{folder}")
    return sum(publish_shard(shard, out, **options) for shard in index.shards())


def tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_batches_are_numbered_over_all_files_and_a_capture_in_two_counts_once(tmp_path, units):
    index = PublishIndex(tmp_path / "index")
    index.make(units)
    assert list(index.batches()) == [
        ("articles/news-example/2026/11/20", 1),
        ("articles/news-example/2026/11/21", 2),
        ("articles/news-example/2026/11/22", 1),
    ]
    assert publish(index, tmp_path / "out") == 4
    lines = (tmp_path / "out/articles/news-example/2026/11/21/articles.jsonl").read_text().splitlines()
    assert [json.loads(line)["title"] for line in lines] == ["A New Bridge", "Another Bridge"]
    names = sorted(path.name[:4] for path in (tmp_path / "out/articles/news-example/2026/11/21").glob("*.txt"))
    assert names == ["000_", "001_"]


def test_without_texts_only_the_lines_are_written(tmp_path, units):
    index = PublishIndex(tmp_path / "index")
    index.make(units)
    publish(index, tmp_path / "out", texts=False)
    assert {path.rpartition("/")[2] for path in tree(tmp_path / "out")} == {"articles.jsonl"}


def test_publishing_twice_changes_nothing_and_what_is_done_is_not_done_again(tmp_path, units):
    index = PublishIndex(tmp_path / "index")
    index.make(units)
    publish(index, tmp_path / "out")
    first = tree(tmp_path / "out")
    publish(index, tmp_path / "out")
    assert tree(tmp_path / "out") == first
    for shard in index.shards():
        index.done(shard)
    index.make(units)
    assert index.shards() == []
    index.make(units[:1])
    assert index.shards() != []


@pytest.mark.parametrize("left", [b"", b"half an index", b"SQLite format 3\0" + bytes(100)])
def test_an_index_that_was_left_half_made_is_made_anew(tmp_path, units, left):
    (tmp_path / "index").write_bytes(left)
    index = PublishIndex(tmp_path / "index")
    index.make(units)
    assert sum(articles for _, articles in index.batches()) == 4
