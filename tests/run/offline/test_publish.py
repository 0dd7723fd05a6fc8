"""From records to batches: in order, flat in memory, and once whatever is done twice."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from crawler.archive.store import open_store
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


def index_of(tmp_path: Path, units: list[Unit], *, done: list[Unit] | None = None) -> PublishIndex:
    index = PublishIndex(tmp_path / "index", units)
    for unit in units if done is None else done:
        index.add(unit)
    return index


def publish(index: PublishIndex, folder: Path, *, waiting: tuple[str, ...] = (), **options: bool) -> int:
    out = msgspec.structs.replace(STORAGE, url=f"file:{folder}")
    return sum(publish_shard(shard, out, **options) for shard in index.shards(waiting))


def tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_batches_are_numbered_over_all_files_and_a_capture_in_two_counts_once(tmp_path, units):
    index = index_of(tmp_path, units)
    assert index.counts() == (3, 4)
    assert publish(index, tmp_path / "out") == 4
    lines = (tmp_path / "out/articles/news-example/2026/11/21/articles.jsonl").read_text().splitlines()
    assert [json.loads(line)["title"] for line in lines] == ["A New Bridge", "Another Bridge"]
    names = sorted(path.name[:4] for path in (tmp_path / "out/articles/news-example/2026/11/21").glob("*.txt"))
    assert names == ["000_", "001_"]


def test_the_order_in_which_units_get_done_changes_no_byte(tmp_path, units):
    for name, order in (("forth", units), ("back", units[::-1])):
        (tmp_path / name).mkdir()
        index = index_of(tmp_path / name, units, done=list(order))
        publish(index, tmp_path / name / "out")
        index.close()
    assert tree(tmp_path / "forth" / "out") == tree(tmp_path / "back" / "out") != {}


def test_batches_are_written_as_soon_as_nothing_can_join_them(tmp_path, units):
    first, second = units
    index = index_of(tmp_path, units, done=[first])
    assert index.shards(None) == []
    assert publish(index, tmp_path / "out", waiting=("2026-11-21", "2026-11-22")) == 1
    assert [path.parent.name for path in (tmp_path / "out").rglob("articles.jsonl")] == ["20"]
    assert publish(index, tmp_path / "out", waiting=("2026-11-21",)) == 0
    index.add(second)
    publish(index, tmp_path / "out")
    (tmp_path / "x").mkdir()
    publish(index_of(tmp_path / "x", units), tmp_path / "all")
    assert tree(tmp_path / "out") == tree(tmp_path / "all")


def test_without_texts_only_the_lines_are_written(tmp_path, units):
    publish(index_of(tmp_path, units), tmp_path / "out", texts=False)
    assert {path.rpartition("/")[2] for path in tree(tmp_path / "out")} == {"articles.jsonl"}


def test_what_was_under_way_is_written_again_and_what_is_done_is_not(tmp_path, units):
    index = index_of(tmp_path, units)
    publish(index, tmp_path / "out")
    first = tree(tmp_path / "out")
    index.close()
    index = PublishIndex(tmp_path / "index", units)
    assert publish(index, tmp_path / "out") == 4
    assert tree(tmp_path / "out") == first
    index.close()
    index = PublishIndex(tmp_path / "index", units)
    for shard in index.shards(()):
        index.done(shard)
    index.close()
    index = index_of(tmp_path, units)
    assert index.shards(()) == []
    index.close()
    index = index_of(tmp_path, units[:1])
    assert index.shards(()) != []


def test_what_another_replay_left_in_a_batch_stays_there(tmp_path, units):
    out = msgspec.structs.replace(STORAGE, url=f"file:{tmp_path / 'out'}")
    for number, unit in enumerate(units[::-1]):
        (tmp_path / str(number)).mkdir()
        index = PublishIndex(tmp_path / str(number) / "index", [unit])
        index.note_there(open_store(out))
        index.add(unit)
        publish(index, tmp_path / "out")
        index.close()
    publish(index_of(tmp_path, units), tmp_path / "all")
    assert tree(tmp_path / "out").keys() == tree(tmp_path / "all").keys()


@pytest.mark.parametrize("left", [b"", b"half an index", b"SQLite format 3\0" + bytes(100)])
def test_an_index_that_was_left_half_made_is_made_anew(tmp_path, units, left):
    (tmp_path / "index").write_bytes(left)
    assert index_of(tmp_path, units).counts() == (3, 4)
