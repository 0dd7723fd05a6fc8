"""Full text over a store: found in every script, kept up as batches change, made again from nothing."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from crawler.archive.articles import Batch, LineWriter
from crawler.archive.store import Store
from crawler.archive.store.folder import FileStore
from crawler.archive.store.memory import MemoryStore
from crawler.corpus import search as search_module
from crawler.corpus.alone import alone
from crawler.corpus.search import SearchIndex, index_path
from crawler.errors import StateDamaged, StateError
from crawler.model.selection import Selection
from crawler.model.takedown import Takedown, TakenDown
from tests.corpus.corpus_factory import STORIES, fill, publish

_CONNECT = sqlite3.connect
STORE = ("--store", "file:data", "--state", "state")


def found(path: Path, query: str, *, taken_down: TakenDown | None = None, **options: Any) -> list[str]:
    how = {name: options.pop(name) for name in ("limit", "newest", "before") if name in options}
    index = SearchIndex.open(path, *([taken_down] if taken_down else []))
    assert index is not None
    with index:
        return [str(hit.title) for hit in index.search(query, Selection(**options), **how)]


@pytest.fixture
def path(here: FileStore, tmp_path: Path) -> Path:
    made = index_path(tmp_path / "state", here)
    SearchIndex.update(made, here)
    return made


def test_a_store_is_indexed_wherever_it_is(store: Store, tmp_path: Path):
    path = index_path(tmp_path / "state", store)
    assert SearchIndex.update(path, store).articles == 7
    assert found(path, "المدرسه") == ["المدرسة والكتاب"]


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("المدرسة الكتاب", ["المدرسة والكتاب"]),
        ("إعلان OR اخره", ["المدرسة والكتاب"]),
        ("كتابخانه", ["پل قدیمی شهر"]),
        ("图书馆", ["旧桥的故事"]),
        ("桥", ["旧桥的故事"]),
        ("decide hotel", ["Le pont sera réparé"]),
        ('"old mill"', ["A miller retires"]),
        ("mill NOT ferrow", []),
        ("title:miller", ["A miller retires"]),
        ("xyzzy", []),
    ],
)
def test_words_are_found_in_each_script(path: Path, query: str, titles: list[str]):
    assert found(path, query) == titles


def test_a_selection_narrows_what_is_found(path: Path):
    assert len(found(path, "council")) == 3
    assert len(found(path, "council", which="latest")) == 2
    assert found(path, "council", urls=("surt:example,ferrow)/mill",)) == ["A miller retires"]
    assert found(path, "council", since=datetime(2026, 11, 1, tzinfo=UTC)) == ["The bridge is to be pulled down"]
    assert found(path, "council", sites=("pont",)) == found(path, "council", languages=("fr",)) == []
    assert found(path, "council", newest=True, limit=1) == ["The bridge is to be pulled down"]
    assert found(path, "council", before=("2026-11-03", "x"), limit=5) == [
        "A miller retires",
        "The bridge is to be repaired",
    ]


def test_titles_weigh_more_than_texts(path: Path):
    assert found(path, "miller OR mill")[0] == "A miller retires"


def test_what_was_taken_down_is_not_told_and_comes_back_when_that_is_undone(path: Path):
    taken = TakenDown((Takedown(url="http://ferrow.example/mill", reason="asked", at="2026-11-05T00:00:00Z"),))
    assert found(path, "mill", taken_down=taken) == []
    assert found(path, "mill") == ["A miller retires"]


def test_only_what_changed_is_read_again(here: FileStore, path: Path, tmp_path: Path):
    assert SearchIndex.update(path, here).batches == 0
    batch = Batch("articles/ferrow/2026/10/31/run-ferrow-1")
    [line] = (tmp_path / "data" / batch.lines).read_bytes().splitlines()
    LineWriter(here).write(batch, [line.replace(b"A miller retires", b"A baker retires")])
    assert (SearchIndex.update(path, here).batches, found(path, "title:miller")) == (1, [])
    assert found(path, "title:baker") == ["A baker retires"]
    (tmp_path / "data" / batch.lines).unlink()
    SearchIndex.update(path, here)
    assert found(path, "baker") == []
    fill(here, tmp_path / "more", [STORIES[0]._replace(day=9, path="new", title="A well is dug", text="water " * 300)])
    SearchIndex.update(path, here)
    assert found(path, "well") == found(path, "water") == ["A well is dug"]


def test_rows_of_before_never_answer_for_those_of_after(tmp_path: Path):
    store = FileStore(tmp_path / "data")
    fill(store, tmp_path / "a", [STORIES[0]])
    path = tmp_path / "state" / "x.db"
    SearchIndex.update(path, store)
    for lines in (tmp_path / "data").rglob("articles.jsonl"):
        lines.unlink()
    fill(store, tmp_path / "b", [STORIES[4]])
    SearchIndex.update(path, store)
    assert found(path, "bridge") == []


def test_one_that_was_stopped_goes_on(tmp_path: Path):
    store = MemoryStore("stopped")
    fill(store, tmp_path / "spool")
    path = tmp_path / "state" / "x.db"

    def stop(done: int, _: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        SearchIndex.update(path, store, on_progress=stop)
    SearchIndex.update(path, store)
    assert len(found(path, "council OR conseil OR المدرسه OR شوراي OR 议会")) == 7


def test_damage_costs_its_own_line(here: FileStore, tmp_path: Path):
    lines = tmp_path / "data/articles/qiao/2026/11/02/run-qiao-3/articles.jsonl"
    lines.write_bytes(lines.read_bytes() + b"{\n")
    report = SearchIndex.update(tmp_path / "state" / "x.db", here)
    assert (report.known, len(report.damaged)) == (7, 1)


def test_an_index_that_is_damaged_or_of_another_version_is_made_anew(here: FileStore, path: Path):
    path.write_bytes(b"no database" * 1000)
    with pytest.raises(StateDamaged, match="--rebuild"):
        SearchIndex.open(path)
    assert SearchIndex.update(path, here).articles == 7
    other = sqlite3.connect(path)
    other.execute("PRAGMA user_version = 99")
    other.close()
    assert SearchIndex.open(path) is None
    assert SearchIndex.update(path, here).articles == 7


def test_two_updates_at_once_are_one(here: FileStore, path: Path):
    with alone(path.parent, "search index"), pytest.raises(StateError, match="another process"):
        SearchIndex.update(path, here)


def test_the_command_finds_shows_and_tells(here: FileStore, warraq: Callable[..., Any], tmp_path: Path):
    ran = warraq("search", "المدرسه", *STORE)
    assert (ran.code, "المدرسة والكتاب" in ran.out, "https://www.kitab.example/school" in ran.out) == (0, True, True)
    told = json.loads(warraq("search", "old", "bridge", *STORE, "--json", "--limit", "1").out)
    text, marks = told["snippet"]["text"], told["snippet"]["marks"]
    assert [text[begin:end] for begin, end in marks][:2] == ["old", "bridge"]
    none = warraq("search", "xyzzy", *STORE)
    assert (none.code, none.err) == (4, "no article is found\n")
    fill(here, tmp_path / "more", [STORIES[0]._replace(day=9, path="new", title="A well is dug")])
    assert "A well is dug" in warraq("search", "well", *STORE).out
    assert warraq("articles", "--search", '"old mill"', *STORE, "--json").out.count("\n") == 1
    wrong = warraq("search", "bridge OR", *STORE)
    assert (wrong.code, "missing beside OR" in wrong.err) == (2, True)
    assert warraq("search", *STORE).code == 2
    assert warraq("search", "--rebuild", *STORE).code == 0
    assert warraq("search", "x", "--store", "file:data", "--state", "elsewhere", "--no-update").code == 2


def test_more_than_a_page_is_found_each_once(tmp_path: Path):
    store = FileStore(tmp_path / "data")
    [one] = fill(MemoryStore("one"), tmp_path / "spool", [STORIES[0]])
    copies = [msgspec.structs.replace(one, url=f"https://a.example/{number}") for number in range(350)]
    publish(store, copies)
    path = tmp_path / "state" / "x.db"
    SearchIndex.update(path, store)
    for newest in (False, True):
        index = SearchIndex.open(path)
        assert index is not None
        with index:
            urls = [hit.url for hit in index.search("bridge", Selection(), limit=1000, newest=newest)]
            assert sorted(urls) == sorted(copy.url for copy in copies)
            assert [len(numbers) for numbers in index.places("bridge", Selection()).values()] == [350]
            assert len(index.search("bridge", Selection(urls=("https://a.example/7",)), limit=5)) == 1


def copies(tmp_path: Path, *moments: str) -> FileStore:
    """Return a store with one article under as many addresses as there are moments."""
    store = FileStore(tmp_path / "data")
    [one] = fill(MemoryStore("one"), tmp_path / "spool", [STORIES[0]])
    publish(
        store,
        [
            msgspec.structs.replace(one, url=f"https://a.example/{number:02}", captured_at=moment)
            for number, moment in enumerate(moments)
        ],
    )
    return store


def addresses(path: Path, **how: Any) -> list[str]:
    index = SearchIndex.open(path)
    assert index is not None
    with index:
        return [hit.url[-2:] for hit in index.search("bridge", Selection(), **how)]


def test_the_newest_are_told_page_by_page_each_once_though_many_are_of_one_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawler.corpus.search._SAME_MOMENT", 4)
    at = ["2026-11-03T08:00:00Z"] * 11 + ["1996-05-01T00:00:00Z", "1969-01-01T00:00:00Z", "2026-11-03T08:00:01.000001Z"]
    path = tmp_path / "state" / "x.db"
    SearchIndex.update(path, copies(tmp_path, *at))
    told: list[str] = []
    before = None
    while True:
        index = SearchIndex.open(path)
        assert index is not None
        with index:
            hits = index.search("bridge", Selection(), limit=3, newest=True, before=before)
        if not hits:
            break
        told += [hit.url[-2:] for hit in hits]
        before = (hits[-1].captured_at, hits[-1].url)
    assert told == ["13", *(f"{number:02}" for number in reversed(range(11))), "11", "12"]


def test_an_article_that_was_written_anew_at_its_moment_does_not_answer_for_what_it_was(tmp_path: Path) -> None:
    store = copies(tmp_path, *["2026-11-03T08:00:00Z"] * 3)
    path = tmp_path / "state" / "x.db"
    SearchIndex.update(path, store)
    for lines in (tmp_path / "data").rglob("articles.jsonl"):
        batch = Batch.holding(lines.relative_to(tmp_path / "data").as_posix())
        changed = [line.replace(b"bridge", b"tunnel") for line in lines.read_bytes().splitlines()]
        LineWriter(store).write(batch, changed)
    assert SearchIndex.update(path, store).known == 3
    assert found(path, "bridge") == []
    assert len(found(path, "tunnel")) == len(found(path, "tunnel", newest=True)) == 3


def test_of_very_many_the_newest_are_ranked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "state" / "x.db"
    SearchIndex.update(path, copies(tmp_path, *(f"2026-11-0{day}T08:00:00Z" for day in range(1, 6))))
    assert len(addresses(path)) == 5
    monkeypatch.setattr("crawler.corpus.search._BEST", search_module._BEST.replace("LIMIT 50000", "LIMIT 2"))
    assert addresses(path) == ["04", "03"]
    assert len(addresses(path, newest=True)) == 5


@pytest.mark.parametrize(
    ("conditions", "count"),
    [
        ({"sites": ("ferrow", "pont")}, 3),
        ({"runs": ("run-ferrow-1",)}, 1),
        ({"languages": ("EN",)}, 3),
        ({"languages": ("en-GB",)}, 0),
        ({"sites": ("no such site",)}, 0),
        ({"sites": ("ferrow",), "until": datetime(2026, 11, 1, tzinfo=UTC)}, 2),
    ],
)
@pytest.mark.parametrize("newest", [True, False])
def test_sites_runs_and_languages_are_words_that_nobody_can_type(
    path: Path, conditions: dict[str, Any], count: int, newest: bool
) -> None:
    assert len(found(path, "council", newest=newest, **conditions)) == count
    for facet in search_module._facets(search_module._Text(id="", url="", captured_at="", body="", site="ferrow")):
        assert found(path, facet, newest=newest) == []


def test_an_index_that_cannot_be_read_is_let_go_of(tmp_path: Path, here: FileStore, monkeypatch):
    path = index_path(tmp_path / "state", here)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"no database at all" * 100)
    opened: list[sqlite3.Connection] = []

    def connect(*args: Any, **options: Any) -> sqlite3.Connection:
        opened.append(_CONNECT(*args, **options))
        return opened[-1]

    monkeypatch.setattr(sqlite3, "connect", connect)
    with pytest.raises(StateDamaged):
        SearchIndex.open(path)
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        opened[0].execute("SELECT 1")


def test_a_new_index_has_no_empty_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawler.corpus.search._COMMIT", 1)
    path = tmp_path / "state" / "x.db"
    SearchIndex.update(path, copies(tmp_path, *(f"2026-11-{day:02}T08:00:00Z" for day in range(1, 29))))
    database = sqlite3.connect(path)
    assert database.execute("PRAGMA freelist_count").fetchone() == (0,)
    assert database.execute("PRAGMA auto_vacuum").fetchone() == (2,)
    database.close()
