"""What is wanted of an archive file is read through its index, and the file itself says whether the index is right."""

from __future__ import annotations

import gzip
import json
import re
import secrets
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from crawler.archive.read.captures import ArchivedCapture, LeftOut
from crawler.archive.read.cdxj import index_warc, parse_line
from crawler.archive.store.folder import FileStore
from crawler.config import load
from crawler.model.selection import Selection
from crawler.run.offline import reading
from crawler.run.offline.reading import (
    BadIndex,
    WantedCaptures,
    _asked,
    captures_of,
    days_in,
    is_read_by_index,
    pages_in,
)
from crawler.run.offline.sources import Source, find_sources
from tests.corpus.corpus_factory import STORIES, archived
from tests.run.offline.test_replay import run, someone_elses, titles

THIRD = "https://news.example/2026/11/22/a-third-bridge"
DAY = {"since": datetime(2026, 11, 22, tzinfo=UTC), "until": datetime(2026, 11, 23, tzinfo=UTC)}


@pytest.fixture
def source(tmp_path: Path) -> Source:
    """An archive of four captures with its index."""
    path = someone_elses(tmp_path / "a.warc.gz", "An Old Bridge", "A New Bridge", "A Third Bridge", "A Wide Bridge")
    index, _ = index_warc(path)
    (tmp_path / "a.cdxj").write_bytes(index)
    return found(tmp_path / "a.warc.gz")


def found(path: Path) -> Source:
    (source,) = find_sources([str(path)], load().storage)
    return source


def urls(items) -> list[str]:
    return [item.capture.url for item in items if isinstance(item, ArchivedCapture)]


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int | None]]:
    """The ranges of archives that are asked for."""
    ranges: list[tuple[int, int | None]] = []
    opened = FileStore.open

    def noted(store, key, *, offset=0, length=None):
        if key.endswith(".gz"):
            ranges.append((offset, length))
        return opened(store, key, offset=offset, length=length)

    monkeypatch.setattr(FileStore, "open", noted)
    return ranges


@pytest.mark.parametrize("conditions", [{"urls": (THIRD,)}, DAY, {"urls": ("*third*",), "mimes": ("text/*",)}])
def test_with_an_index_only_the_ranges_of_what_is_wanted_are_read(source, fetched, conditions):
    wanted = WantedCaptures(Selection(**conditions))
    items = list(captures_of(source, wanted))
    assert urls(items) == [THIRD]
    assert sum(isinstance(item, LeftOut) for item in items) == 3
    ((_, length),) = fetched
    assert length < source.size / 2
    assert urls(captures_of(source, wanted, by_index=False)) == [THIRD]


def test_by_index_and_by_scan_captures_are_the_same(source):
    wanted = WantedCaptures(Selection(urls=(THIRD,)))
    (one,), (other,) = (
        [item for item in captures_of(source, wanted, by_index=by_index) if isinstance(item, ArchivedCapture)]
        for by_index in (True, False)
    )
    assert one.capture == other.capture
    assert one.response.read() == other.response.read()


def test_what_is_most_of_a_file_is_read_in_one_go(source, fetched):
    assert len(urls(captures_of(source, WantedCaptures(Selection(mimes=("text/html",)))))) == 4
    assert fetched == []


@pytest.mark.parametrize("how", ["shifted", "other urls", "beyond the end"])
def test_an_index_that_leads_astray_is_told_and_the_file_is_read_without_it(tmp_path, source, how):
    path = Path(source.index or "")
    text = path.read_text()
    if how == "shifted":
        lines = [line.partition("{") for line in text.splitlines()]
        changed = [head + brace + rest.replace('"offset":"', '"offset":"1') for head, brace, rest in lines]
        text = "\n".join(changed) + "\n"
    elif how == "other urls":
        text = text.replace("22/a-third-bridge", "22/none").replace("23/a-wide-bridge", "22/a-third-bridge")
    else:
        starts = sorted(int(offset) for offset in re.findall(r'"offset": ?"(\d+)"', text))
        (tmp_path / "a.warc.gz").write_bytes((tmp_path / "a.warc.gz").read_bytes()[: starts[1] + 20])  # within a record
    path.write_text(text)
    if how == "other urls":
        with pytest.raises(BadIndex):
            list(captures_of(source, WantedCaptures(Selection(urls=(THIRD,)))))
    report = run(tmp_path, str(tmp_path / "a.warc.gz"), selection=Selection(urls=(THIRD,), statuses=(200,)))
    assert report.articles == (0 if how == "beyond the end" else 1)
    assert bool(report.faults) == (how != "shifted")


def test_a_damaged_line_of_an_index_is_no_reason_to_lose_what_it_leaves_out(source):
    path = Path(source.index or "")
    path.write_bytes(path.read_bytes()[:-40])
    assert urls(captures_of(source, WantedCaptures(Selection(urls=(THIRD,))))) == [THIRD]


def test_pages_are_listed_alike_from_the_index_and_from_the_file(source):
    by_index = list(pages_in(source, WantedCaptures(Selection(urls=("*bridge",)))))
    assert len(by_index) == 4
    assert sorted(
        pages_in(msgspec.structs.replace(source, index=None), WantedCaptures(Selection(urls=("*bridge",))))
    ) == sorted(by_index)


@pytest.mark.parametrize("indexed", [True, False])
@pytest.mark.parametrize(("which", "day"), [("first", "20"), ("latest", "21")])
def test_one_capture_of_each_page_is_chosen_over_all_files(tmp_path, which, day, indexed):
    first = someone_elses(tmp_path / "a.warc.gz", "An Old Bridge")
    later = someone_elses(tmp_path / "b.warc.gz", "A Bridge of Yore", "An Old Bridge")
    text = _renamed(later)
    for path in (first, text) if indexed else ():
        path.with_name(path.name.replace(".warc.gz", ".cdxj")).write_bytes(index_warc(path)[0])
    report = run(tmp_path, str(first), str(text), selection=Selection(which=which))
    assert report.counts["parsed"] == 2
    lines = [
        json.loads(line) for one in (tmp_path / "out").rglob("articles.jsonl") for line in one.read_text().splitlines()
    ]
    (old,) = [line for line in lines if line["url"].endswith("20/an-old-bridge")]
    assert old["captured_at"].startswith(f"2026-11-{day}")
    assert list((tmp_path / "work").iterdir()) == []


def _renamed(path: Path) -> Path:
    """Write the second capture of `path` under the address of the first of the other file."""

    members = gzip.decompress(path.read_bytes()).replace(b"/21/an-old-bridge", b"/20/an-old-bridge")
    target = path.with_name("c.warc.gz")
    records = [part for part in members.split(b"WARC/1.0\r\n") if part]
    target.write_bytes(b"".join(gzip.compress(b"WARC/1.0\r\n" + part) for part in records))
    path.unlink()
    return target


def test_articles_of_other_languages_are_left_out(tmp_path, source):
    assert run(tmp_path, source.place, selection=Selection(languages=("fr",))).counts == {"filtered": 4}
    assert run(tmp_path, source.place, selection=Selection(languages=("en",))).articles == 4
    assert len(titles(tmp_path / "out")) == 4


def of_host(url: str) -> str:
    return url.split("/")[2].removeprefix("www.").split(".")[0]


@pytest.mark.parametrize(("site", "count"), [("news", 4), ("elsewhere", 0)])
def test_a_site_of_anyones_archive_is_found_by_its_hosts_in_the_index(source, fetched, site, count):
    wanted = WantedCaptures(Selection(sites=(site,)), None, of_host)
    assert is_read_by_index(source, wanted) == (not count)
    items = list(captures_of(source, wanted))
    assert len([one for one in urls(items) if wanted.admits_site(one, None)]) == count
    assert len(items) == 4
    assert sum(length or 0 for _, length in fetched) < source.size


def test_whether_an_index_is_gone_by_is_told_from_some_of_its_lines(source, monkeypatch):
    parsed = []
    monkeypatch.setattr(reading, "_SOME", 2)
    monkeypatch.setattr(reading, "parse_line", lambda line: parsed.append(line) or parse_line(line))
    assert is_read_by_index(source, WantedCaptures(Selection(urls=("https://elsewhere.example/",))))
    assert 0 < len(parsed) < 4
    assert not is_read_by_index(source, WantedCaptures(Selection(urls=("https://*",))))
    assert is_read_by_index(source, WantedCaptures(Selection(urls=("https://*",)), places=frozenset()))


def test_an_index_without_a_line_is_none(source, tmp_path):
    Path(source.index).write_bytes(b"")
    wanted = WantedCaptures(Selection(**DAY))
    assert not is_read_by_index(source, wanted)
    assert days_in(source, wanted.selection) is None
    assert urls(captures_of(source, wanted)) == [THIRD]
    assert len(list(pages_in(source, wanted))) == 1
    assert run(tmp_path, source.place, selection=wanted.selection).articles == 1


@pytest.fixture
def ours(tmp_path: Path) -> Source:
    """A file of Warraq's of two sites, with a page of the one under the address of the other, and a lost exchange."""
    store = FileStore(tmp_path / "ours")
    stories = [
        STORIES[0]._replace(site="ferrow", path=f"{number}", text="bridge " * 900 + secrets.token_hex(4_000))
        for number in range(6)
    ]
    stories[3:5] = [story._replace(site="pont") for story in stories[3:5]]
    archived(store, tmp_path / "spool", stories, fetched_for={stories[5].url: "pont"})
    (path,) = (tmp_path / "ours").rglob("*.warc.gz")
    return found(path)


@pytest.mark.parametrize(
    ("conditions", "pages"),
    [({"sites": ("pont",)}, ["3", "4", "5"]), ({"runs": ("run-ferrow-0",)}, ["0", "1", "2", "5"])],
)
def test_a_site_of_our_archive_is_found_by_what_lies_behind_each_capture(ours, conditions, pages):
    wanted = WantedCaptures(Selection(**conditions), None, of_host)
    heads = list(pages_in(ours, wanted))
    assert sorted(one.urlkey.rpartition("/")[2] for one in heads) == pages
    assert sorted(heads) == sorted(pages_in(msgspec.structs.replace(ours, index=None), wanted))
    _, _, asked, others = _asked(ours, wanted, worth=1.0)
    assert [one.fields.url[-1] for one in asked] == pages
    assert others == 6 - len(pages)
    chosen = [item for item in captures_of(ours, wanted) if isinstance(item, ArchivedCapture)]
    by_site = [one.capture.url[-1] for one in chosen if wanted.admits_site(one.capture.url, one.provenance)]
    assert by_site == pages


def test_of_a_page_that_two_sites_have_the_latest_of_the_one_asked_for_is_chosen(tmp_path):
    store = FileStore(tmp_path / "ours")
    for day, site in ((0, "ferrow"), (1, "pont")):
        story = STORIES[0]._replace(site="ferrow", day=day)
        archived(store, tmp_path / f"spool{day}", [story], fetched_for={story.url: site})
    for index in (True, False):
        if not index:
            for path in (tmp_path / "ours").rglob("*.cdxj"):
                path.unlink()
        (tmp_path / f"{index}").mkdir()
        selection = Selection(sites=("ferrow",), which="latest", statuses=(200,))
        assert run(tmp_path / f"{index}", str(tmp_path / "ours"), selection=selection).articles == 1
