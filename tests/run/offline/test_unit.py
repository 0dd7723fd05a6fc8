"""One file's unit: pages that end their process cost themselves only, and what is half done has no name."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import msgspec
import pytest

from crawler.config import load
from crawler.errors import StateError
from crawler.model.selection import Selection
from crawler.run.offline import sources
from crawler.run.offline.replay import local_engine, replay
from crawler.run.offline.sources import Source, find_sources
from crawler.run.offline.unit import Order, Unit, replay_file
from crawler.run.parsing.recipe import Recipe
from tests.run.offline.test_replay import someone_elses


def order(tmp_path: Path, recipe: Recipe | None = None, **parsing: object) -> Order:
    changed = msgspec.structs.replace(load().parse, processes=1, **parsing)
    (tmp_path / "work").mkdir(exist_ok=True)
    return Order(recipe=recipe or Recipe(), selection=Selection(), parsing=changed, work=str(tmp_path / "work"))


def source(path: Path) -> Source:
    (found,) = find_sources([str(path)], load().storage)
    return found


@pytest.fixture
def misbehaving(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes whose parser dies or hangs when the page's title tells it to."""
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\n"
        "if any('multiprocessing' in word or 'parsing.process' in word for word in sys.orig_argv):\n"
        "    import os, time\n"
        "    import crawler.run.parsing.perform as module\n"
        "    real = module.read_page\n"
        "    def read_page(page, **options):\n"
        "        if b'A Crash' in page.body: os.kill(os.getpid(), 11)\n"
        "        if b'A Hang' in page.body: time.sleep(60)\n"
        "        return real(page, **options)\n"
        "    module.read_page = read_page\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))


@pytest.mark.parametrize(("title", "word"), [("A Crash", "ended in the middle"), ("A Hang", "longer than 2 s")])
@pytest.mark.usefixtures("misbehaving")
def test_a_page_that_ends_its_process_is_named_with_its_place_and_the_rest_of_the_file_is_replayed(
    tmp_path, title, word
):
    path = someone_elses(tmp_path / "a.warc.gz", "An Old Bridge", title, "A New Bridge")
    asked = order(tmp_path, timeout_s=2.0)
    out = msgspec.structs.replace(load().storage, url=f"file:{tmp_path / 'out'}")
    report = replay([source(path)], order=asked, out=out, engine=local_engine(asked.parsing))
    assert report.counts == {"lost": 1, "parsed": 2}
    (fault,) = report.faults
    assert fault.startswith("a.warc.gz: at byte ")
    assert f"/{title.lower().replace(' ', '-')}: " in fault
    assert word in fault
    assert (report.articles, report.unread) == (2, ())


def test_careful_or_not_the_output_is_the_same(tmp_path):
    path = someone_elses(tmp_path / "a.warc.gz", "An Old Bridge", "A New Bridge")
    asked = order(tmp_path)
    made = []
    for carefully in (False, True):
        unit = Unit(str(tmp_path / "work" / str(carefully)))
        counts = replay_file(source(path), unit, asked, carefully=carefully)
        made.append((counts, unit.lines.read_bytes(), unit.keys.read_bytes()))
    assert made[0] == made[1]


def test_an_order_of_another_parser_has_other_names_so_that_nothing_is_mixed(tmp_path):
    path = someone_elses(tmp_path / "a.warc.gz", "An Old Bridge")
    before, now = order(tmp_path, Recipe(parser_version="1.0")), order(tmp_path)
    assert Unit.of(source(path), before, before.digest) != Unit.of(source(path), now, now.digest)
    with pytest.raises(StateError, match=r"1\.0 was asked for"):
        replay_file(source(path), Unit.of(source(path), before, before.digest), before)


def test_a_replay_taken_up_after_an_upgrade_starts_over(tmp_path):
    path = someone_elses(tmp_path / "a.warc.gz", "An Old Bridge")
    before, now = order(tmp_path, Recipe(parser_version="1.0")), order(tmp_path)
    old = Unit.of(source(path), before, before.digest)
    for left, content in ((old.lines, b'{"id":"old"}\n'), (old.keys, b""), (old.counts, b'{"counts":{"parsed":9}}')):
        left.write_bytes(content)
    (tmp_path / "work" / "f0d7bc48fa91940b-6e07b87d9dfd215d.jsonl").write_text('{"id":"of version 0.1"}\n')
    out = msgspec.structs.replace(load().storage, url=f"file:{tmp_path / 'out'}")
    report = replay([source(path)], order=now, out=out, engine=local_engine(now.parsing))
    assert (report.resumed, report.counts) == (0, {"parsed": 1})
    (lines,) = (tmp_path / "out").rglob("articles.jsonl")
    assert json.loads(lines.read_text())["title"] == "An Old Bridge"


def test_a_source_that_is_gone_is_named_and_tried_again_by_the_next_replay(tmp_path, monkeypatch):
    path = someone_elses(tmp_path / "a.warc.gz", "An Old Bridge")
    storage = msgspec.structs.replace(load().storage, url=f"file:{tmp_path}")
    in_store = Source("b.warc.gz", "b.warc.gz", 10, storage)
    asked = order(tmp_path)
    out = msgspec.structs.replace(load().storage, url=f"file:{tmp_path / 'out'}")
    run = partial(replay, order=asked, out=out, engine=local_engine(asked.parsing))
    report = run([source(path), in_store])
    assert (report.articles, report.unread) == (1, (f"file:{tmp_path}/b.warc.gz",))
    assert "b.warc.gz" in report.faults[0]
    someone_elses(tmp_path / "b.warc.gz", "A New Bridge")
    report = run([source(path), in_store])
    assert (report.resumed, report.articles, report.unread, report.faults) == (1, 2, (), ())
    assert not list((tmp_path / "work").iterdir())


def test_what_a_killed_process_left_half_done_is_no_output(tmp_path):
    path = someone_elses(tmp_path / "a.warc.gz", "An Old Bridge")
    asked = order(tmp_path)
    unit = Unit.of(source(path), asked, asked.digest)
    unit.lines.write_bytes(b'{"id":"half')
    unit.keys.write_bytes(b'["articles/x')
    assert unit.done() is None
    counts = replay_file(source(path), unit, asked)
    assert (unit.done(), counts.articles) == (counts, 1)
    assert len(unit.lines.read_bytes().splitlines()) == 1


def test_a_store_is_opened_once_for_all_its_files(tmp_path):
    storage = msgspec.structs.replace(load().storage, url=f"file:{tmp_path}")
    assert Source("a", "a", 1, storage).store is Source("b", "b", 1, storage).store
    assert sources.Source("a", "a", 1).store is None
