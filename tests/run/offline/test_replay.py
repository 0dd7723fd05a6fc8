"""Replay of archives that are not ours, damaged, or interrupted."""

from __future__ import annotations

import gc
import gzip
import io
import json
import warnings
from collections import deque
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawler.config import load
from crawler.errors import UsageError
from crawler.model.selection import Selection
from crawler.parse.version import PARSER_VERSION
from crawler.run.offline.engine import Done, Engine
from crawler.run.offline.replay import ReplayReport, captures_in, replay
from crawler.run.offline.sources import find_sources
from crawler.run.offline.unit import Order
from crawler.run.parsing.recipe import Recipe

TEXT = "<p>The council met on Monday to talk about the old bridge and the new one. " * 6 + "</p>"


def html(title: str) -> bytes:
    return (
        f'<html lang="en"><head><title>{title}</title><meta property="og:type" content="article">'
        f"</head><body><article><h1>{title}</h1>{TEXT * 3}</article></body></html>"
    ).encode()


def someone_elses(path: Path, *titles: str) -> Path:
    """Write a WARC as other crawlers do: response records only."""
    with warnings.catch_warnings(), path.open("wb") as stream:
        warnings.simplefilter("ignore", ResourceWarning)  # warcio leaves its temporary files to the collector
        writer = WARCWriter(stream, gzip=True)
        for number, title in enumerate(titles):
            head = StatusAndHeaders("200 OK", [("Content-Type", "text/html; charset=utf-8")], protocol="HTTP/1.1")
            writer.write_record(
                writer.create_warc_record(
                    f"https://news.example/2026/11/2{number}/{title.lower().replace(' ', '-')}",
                    "response",
                    payload=io.BytesIO(html(title)),
                    http_headers=head,
                    warc_headers_dict={"WARC-Date": f"2026-11-2{number}T10:00:00Z"},
                )
            )
        gc.collect()
    return path


def run(
    tmp_path: Path,
    *sources: str,
    selection: Selection | None = None,
    out: str | None = None,
    recipe: Recipe | None = None,
    engine: Engine | None = None,
) -> ReplayReport:
    config = load()
    target = msgspec.structs.replace(config.storage, url=out or f"file:{tmp_path / 'out'}")
    order = Order(
        recipe=recipe or Recipe(),
        selection=selection or Selection(),
        parsing=config.parse,
        work=str(tmp_path / "work"),
        out=target.url,
    )
    found = find_sources(sources, config.storage)
    return replay(found, order=order, out=target, engine=engine or Here())


class Here:
    """An engine that does all in this process: what processes are for is tested with `Local`."""

    def map(self, fn, shards, *, again=None):
        left = shards if isinstance(shards, deque) else deque(shards)
        while left:
            shard = left.popleft()
            yield Done(shard, fn(shard))


def titles(folder: Path) -> list[str]:
    return sorted(
        json.loads(line)["title"] for path in folder.rglob("articles.jsonl") for line in path.read_text().splitlines()
    )


def test_anyones_archive_gives_articles_by_site_and_day(tmp_path):
    someone_elses(tmp_path / "a.warc.gz", "An Old Bridge", "A New Bridge")
    report = run(tmp_path, str(tmp_path / "a.warc.gz"))
    assert report.articles == 2
    assert sorted(path.parent.as_posix() for path in (tmp_path / "out").rglob("articles.jsonl")) == [
        (tmp_path / "out" / "articles/news-example/2026/11/20").as_posix(),
        (tmp_path / "out" / "articles/news-example/2026/11/21").as_posix(),
    ]
    (line, *_) = (tmp_path / "out" / "articles/news-example/2026/11/20/articles.jsonl").read_text().splitlines()
    record = json.loads(line)
    assert (record["run"], record["site"], record["capture"]["warc"]) == (None, "news-example", "a.warc.gz")


def test_a_folder_is_all_archives_in_it_and_naming_a_file_twice_counts_once(tmp_path):
    (tmp_path / "deep" / "er").mkdir(parents=True)
    someone_elses(tmp_path / "deep" / "a.warc.gz", "An Old Bridge")
    someone_elses(tmp_path / "deep" / "er" / "b.warc.gz", "A New Bridge")
    (tmp_path / "deep" / "notes.txt").write_text("not an archive")
    report = run(tmp_path, str(tmp_path / "deep"), str(tmp_path / "deep" / "a.warc.gz"))
    assert (report.files, report.articles) == (2, 2)


def test_filters_choose_by_url_and_date(tmp_path):
    path = str(someone_elses(tmp_path / "a.warc.gz", "An Old Bridge", "A New Bridge"))
    assert run(tmp_path, path, selection=Selection(urls=("*an-old-bridge",))).articles == 1
    assert run(tmp_path, path, selection=Selection(since=datetime(2026, 11, 21, tzinfo=UTC))).articles == 1
    assert run(tmp_path, path, selection=Selection(until=datetime(2026, 11, 20, tzinfo=UTC))).articles == 0
    assert run(tmp_path, path, selection=Selection(sites=("other",))).counts == {"filtered": 2}
    assert run(tmp_path, path, selection=Selection(statuses=(404,))).counts == {"filtered": 2}


def test_a_damaged_member_costs_only_itself_and_is_named(tmp_path):
    path = someone_elses(tmp_path / "a.warc.gz", "An Old Bridge", "A New Bridge", "A Third Bridge")
    content = bytearray(path.read_bytes())
    second = content.index(b"\x1f\x8b\x08", 10)
    content[second + 40 : second + 60] = bytes(20)
    path.write_bytes(content)
    report = run(tmp_path, str(path))
    assert titles(tmp_path / "out") == ["A Third Bridge", "An Old Bridge"]
    assert len(report.faults) == 1
    assert "a.warc.gz" in report.faults[0]
    assert str(second) in report.faults[0]


def test_a_cut_end_is_named(tmp_path):
    path = someone_elses(tmp_path / "a.warc.gz", "An Old Bridge", "A New Bridge")
    path.write_bytes(path.read_bytes()[:-30])
    report = run(tmp_path, str(path))
    assert (report.articles, len(report.faults)) == (1, 1)


def test_what_cannot_be_read_is_a_fault_and_no_capture(tmp_path):
    (tmp_path / "a.warc.gz").write_bytes(b"neither an archive nor a page")
    report = run(tmp_path, str(tmp_path / "a.warc.gz"))
    assert (report.captures, report.counts, len(report.faults)) == (0, {"fault": 1}, 1)
    assert captures_in({"parsed": 3, "revisit": 2, "parsed_revisit": 1, "fault": 4}) == 5


def test_an_empty_file_is_named(tmp_path):
    someone_elses(tmp_path / "a.warc.gz", "An Old Bridge")
    (tmp_path / "b.warc.gz").touch()
    report = run(tmp_path, str(tmp_path / "a.warc.gz"), str(tmp_path / "b.warc.gz"))
    assert (report.articles, report.faults) == (1, ("b.warc.gz: at byte 0: the file holds no record",))


def test_one_gzip_over_the_whole_file_is_read(tmp_path):
    path = someone_elses(tmp_path / "a.warc.gz", "An Old Bridge", "A New Bridge")
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes())))
    assert run(tmp_path, str(path)).articles == 2


def test_uncompressed_archives_are_read_by_content_whatever_their_name(tmp_path):
    path = someone_elses(tmp_path / "a.warc.gz", "An Old Bridge")
    path.write_bytes(gzip.decompress(path.read_bytes()))
    assert run(tmp_path, str(path)).articles == 1


def test_an_interrupted_replay_goes_on_with_the_files_that_are_left(tmp_path):
    someone_elses(tmp_path / "a.warc.gz", "An Old Bridge")
    someone_elses(tmp_path / "b.warc.gz", "A New Bridge")

    class Stopped(Here):
        def map(self, fn, shards, *, again=None):
            for done in super().map(fn, shards):
                yield done
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, str(tmp_path / "a.warc.gz"), str(tmp_path / "b.warc.gz"), engine=Stopped())
    report = run(tmp_path, str(tmp_path / "a.warc.gz"), str(tmp_path / "b.warc.gz"))
    assert (report.files, report.resumed, report.articles) == (2, 1, 2)
    assert report.counts == {"parsed": 2}
    assert not list((tmp_path / "work").glob("*"))


def test_an_output_of_another_recipe_is_refused_by_what_differs(tmp_path):
    path = str(someone_elses(tmp_path / "x.warc.gz", "An Old Bridge"))
    run(tmp_path, path)
    with pytest.raises(UsageError, match=r"furniture drop, not keep"):
        run(tmp_path, path, recipe=Recipe(furniture="keep"))
    (tmp_path / "out" / "replay" / "recipe.json").unlink()
    for lines in (tmp_path / "out").rglob("articles.jsonl"):
        lines.write_text(lines.read_text().replace(PARSER_VERSION, "0.9"))
    with pytest.raises(UsageError, match=r"parser 0\.9, not"):
        run(tmp_path, path)


def test_files_of_one_day_may_be_replayed_one_after_the_other(tmp_path):
    first = someone_elses(tmp_path / "a.warc.gz", "An Old Bridge", "A New Bridge")
    second = someone_elses(tmp_path / "b.warc.gz", "Another Bridge")
    run(tmp_path, str(second))
    run(tmp_path, str(first))
    run(tmp_path, str(first), str(second), out=f"file:{tmp_path / 'together'}")
    one, other = (
        {
            path.relative_to(tmp_path / name): path.read_bytes()
            for path in (tmp_path / name).rglob("*.*")
            if path.is_file()
        }
        for name in ("out", "together")
    )
    assert one == other


def test_the_same_replay_twice_gives_the_same_bytes(tmp_path):
    path = str(someone_elses(tmp_path / "a.warc.gz", "An Old Bridge", "A New Bridge"))
    run(tmp_path, path)
    first = {file: file.read_bytes() for file in (tmp_path / "out").rglob("*") if file.is_file()}
    run(tmp_path, path)
    assert {file: file.read_bytes() for file in (tmp_path / "out").rglob("*") if file.is_file()} == first


def test_what_is_not_there_or_no_archive_is_refused(tmp_path):
    storage = load().storage
    with pytest.raises(UsageError, match="does not exist"):
        find_sources([str(tmp_path / "nothing")], storage)
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="holds no WARC"):
        find_sources([str(tmp_path / "empty")], storage)
