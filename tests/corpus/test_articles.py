"""Articles out of a store: which, in what form, and what is said of what cannot be read."""

from __future__ import annotations

import csv
import gzip
import json
import os
import signal
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import pytest
import zstandard

from crawler.archive.articles import Batch, LineReader, LineWriter
from crawler.archive.store import Store
from crawler.archive.store.folder import FileStore
from crawler.archive.store.memory import MemoryStore
from crawler.corpus.following import Follower
from crawler.corpus.reading import PlacedArticle, selected_articles
from crawler.corpus.writing import write_articles
from crawler.errors import BadArchive
from crawler.model.article import ArticleRecord
from crawler.model.selection import Selection
from tests.corpus.corpus_factory import STORIES, fill, publish

STORE = ("--store", "file:data")


def titles(store: Store, **options: Any) -> list[str]:
    more = {name: options.pop(name) for name in ("places", "unique") if name in options}
    found = selected_articles(LineReader(store), Selection(**options), **more)
    return [str(one.article.title) for one in found if isinstance(one, PlacedArticle)]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, 7),
        ({"sites": ("ferrow",)}, 3),
        ({"sites": ("ferrow", "pont")}, 4),
        ({"sites": ("ferro",)}, 0),
        ({"runs": ("run-ferrow-0",)}, 1),
        ({"languages": ("en",)}, 3),
        ({"urls": ("https://www.ferrow.example/bridge",)}, 2),
        ({"urls": ("surt:example,ferrow)/",)}, 3),
        ({"since": datetime(2026, 11, 1, tzinfo=UTC)}, 4),
        ({"until": datetime(2026, 10, 31, 8, tzinfo=UTC)}, 1),
        ({"since": datetime(2026, 10, 31, 8, 0, 30, tzinfo=UTC), "until": datetime(2026, 11, 1, tzinfo=UTC)}, 1),
        ({"which": "latest"}, 6),
        ({"which": "first", "sites": ("ferrow",)}, 2),
        ({"places": {Batch("articles/pont/2026/10/31/run-pont-1"): {0}}}, 1),
    ],
)
def test_a_selection_is_met_in_a_folder(here: FileStore, options: dict[str, Any], expected: int):
    assert len(titles(here, **options)) == expected


def test_a_selection_is_met_on_s3_too(store: Store):
    assert titles(store, sites=("ferrow",), which="latest") == ["A miller retires", "The bridge is to be pulled down"]
    assert titles(store, sites=("ferrow",), which="first") == ["The bridge is to be repaired", "A miller retires"]


def test_of_equal_texts_the_first_is_taken(tmp_path: Path):
    store = MemoryStore("equal")
    fill(store, tmp_path / "spool", [STORIES[0], STORIES[0]._replace(path="copy"), STORIES[1]])
    assert len(titles(store)) == 3
    assert titles(store, unique=True) == ["The bridge is to be repaired", "A miller retires"]


def test_damage_is_handed_on_and_costs_its_line_only(here: FileStore, tmp_path: Path):
    lines = tmp_path / "data/articles/qiao/2026/11/02/run-qiao-3/articles.jsonl"
    lines.write_bytes(b'{"id": 1}\n' + lines.read_bytes())
    found = list(selected_articles(LineReader(here), Selection()))
    assert [one for one in found if isinstance(one, BadArchive)]
    assert len(found) == 8


def test_memory_does_not_grow_with_the_archive(tmp_path: Path):
    store = FileStore(tmp_path / "data")
    [one] = fill(MemoryStore("one"), tmp_path / "spool", [STORIES[0]])

    def peak(count: int) -> int:
        batch = Batch.named("paper", f"run-{count}", one.captured_at)
        copies = (
            msgspec.structs.replace(one, url=f"https://a.example/{n}", site="paper", run=f"run-{count}")
            for n in range(count)
        )
        LineWriter(store, texts=False).write(batch, (msgspec.json.encode(copy) for copy in copies))
        out = tmp_path / f"out-{count}"
        out.mkdir()
        wanted = Selection(sites=("paper",), which="latest")
        tracemalloc.start()
        found = selected_articles(LineReader(store), wanted, unique=False)
        write_articles((f for f in found if isinstance(f, PlacedArticle)), out, "a", "jsonl.gz")
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    small, large = peak(100), peak(2000)
    assert large < small + 2_000_000


@pytest.fixture
def found(here: FileStore) -> list[PlacedArticle]:
    return [one for one in selected_articles(LineReader(here), Selection()) if isinstance(one, PlacedArticle)]


def test_each_form_holds_every_article(found: list[PlacedArticle], tmp_path: Path):
    out = tmp_path / "out"
    for form in ("jsonl", "jsonl.gz", "jsonl.zst", "csv", "parquet", "text"):
        assert write_articles(found, out, "a", form)[0].articles == 7
    plain = (out / "a.jsonl").read_bytes()
    assert [msgspec.json.decode(line, type=ArticleRecord) for line in plain.splitlines()] == [f.article for f in found]
    assert gzip.decompress((out / "a.jsonl.gz").read_bytes()) == plain
    assert zstandard.ZstdDecompressor().stream_reader((out / "a.jsonl.zst").read_bytes()).read() == plain
    with (out / "a.csv").open(encoding="utf-8", newline="") as stream:
        assert [(row["id"], row["body"]) for row in csv.DictReader(stream)] == [
            (f.article.id, f.article.body) for f in found
        ]
    rows = duckdb.sql(f"SELECT id, text, blocks, capture FROM '{out}/a.parquet'").fetchall()
    assert [row[:2] for row in rows] == [(f.article.id, f.article.text) for f in found]
    assert rows[0][2][0] == msgspec.to_builtins(found[0].article.blocks[0])
    assert rows[0][3] == msgspec.to_builtins(found[0].article.capture)
    texts = sorted(path for path in (out / "a").rglob("*.txt"))
    assert sorted(path.read_text() for path in texts) == sorted(f.article.text for f in found)


@pytest.mark.parametrize("form", ["jsonl", "jsonl.gz", "jsonl.zst", "csv", "parquet"])
def test_the_same_articles_give_the_same_bytes(found: list[PlacedArticle], tmp_path: Path, form: Any):
    for name in ("one", "two"):
        write_articles(found, tmp_path / name, "a", form)
    assert (tmp_path / "one" / f"a.{form}").read_bytes() == (tmp_path / "two" / f"a.{form}").read_bytes()


def test_parts_are_named_for_what_they_hold(found: list[PlacedArticle], tmp_path: Path):
    by_month = write_articles(found, tmp_path, "a", "jsonl", by="month")
    assert [(str(part.path), part.articles) for part in by_month] == [
        ("month=2026-10/a.jsonl", 3), ("month=2026-11/a.jsonl", 4)
    ]  # fmt: skip
    assert len(write_articles(found, tmp_path, "a", "csv", by="site")) == 5
    odd = [found[0]._replace(article=msgspec.structs.replace(found[0].article, site="../../x"))]
    assert [str(part.path) for part in write_articles(odd, tmp_path, "a", "jsonl", by="site")] == ["site=_.._x/a.jsonl"]


def test_any_number_of_sites_can_be_parts(found: list[PlacedArticle], tmp_path: Path):
    many = (found[0]._replace(article=msgspec.structs.replace(found[0].article, site=f"s{n:04}")) for n in range(450))
    assert len(write_articles(many, tmp_path, "a", "jsonl.gz", by="site")) == 450
    assert gzip.decompress((tmp_path / "site=s0000/a.jsonl.gz").read_bytes())


def test_new_articles_are_followed_each_once(here: FileStore, tmp_path: Path):
    started = datetime(2026, 11, 4, tzinfo=UTC)
    follower = Follower(here, Selection(sites=("ferrow",)), started_at=started)
    assert follower.new() == []
    more = STORIES[0]._replace(day=6, path="new", title="A new well")
    [first] = fill(here, tmp_path / "more", [more])
    assert [f.article.title for f in follower.new() if isinstance(f, PlacedArticle)] == ["A new well"]
    assert follower.new() == []
    later = msgspec.structs.replace(
        first, url="https://www.ferrow.example/other", captured_at="2026-11-05T09:00:00.000000Z"
    )
    publish(here, [first, later])
    assert [f.article.url for f in follower.new() if isinstance(f, PlacedArticle)] == [later.url]
    publish(here, [msgspec.structs.replace(first, site="pont", run="other")])
    assert follower.new() == []


def test_the_command_lists_shows_and_writes(here: FileStore, warraq: Callable[..., Any], tmp_path: Path):
    listed = warraq("articles", *STORE, "--site", "kitab")
    assert (listed.code, "\u2068المدرسة والكتاب\u2069" in listed.out) == (0, True)
    one = json.loads(warraq("articles", *STORE, "--site", "kitab", "--json").out)
    for what in (one["id"], one["url"]):
        assert warraq("articles", "show", what, *STORE).out.rstrip("\n") == one["text"]
    newest = json.loads(warraq("articles", "show", "https://www.ferrow.example/bridge", *STORE, "--json").out)
    assert newest["title"] == "The bridge is to be pulled down"
    assert warraq("articles", *STORE, "--latest", "--out", "all.jsonl.gz").code == 0
    assert len(gzip.decompress((tmp_path / "all.jsonl.gz").read_bytes()).splitlines()) == 6
    assert warraq("articles", *STORE, "--by", "site", "--format", "csv", "--out", "parts").code == 0
    assert len(list((tmp_path / "parts").rglob("*.csv"))) == 5
    assert len(warraq("articles", *STORE, "--limit", "2").out.splitlines()) == 2
    assert not list(tmp_path.glob(".*.part"))


def test_damaged_lines_are_named_counted_and_make_the_exit_code_3(here: FileStore, warraq, tmp_path: Path):
    lines = tmp_path / "data/articles/qiao/2026/11/02/run-qiao-3/articles.jsonl"
    lines.write_bytes(lines.read_bytes()[:-300] + b"\n")
    ran = warraq("articles", *STORE, "--out", "all.csv")
    assert ran.code == 3
    assert "articles/qiao/2026/11/02/run-qiao-3/articles.jsonl: line 1 is damaged" in ran.err
    assert "6 articles, 1 damaged lines" in ran.err


@pytest.mark.parametrize(
    ("argv", "code", "told"),
    [
        (("show",), 2, "no article is named"),
        (("show", "0123"), 2, "neither an article's id nor a URL"),
        (("show", "elsewhere.example/bridge"), 1, "no article is elsewhere.example/bridge"),
        (("list", "x"), 2, "warraq articles show x"),
        (("shwo", "x"), 2, "shwo"),
        (("show", "0123456789abcdef"), 1, "no article is 0123456789abcdef"),
        (("--out", "x.doc"), 2, "names no form"),
        (("--by", "site"), 2, "needs --out"),
        (("--out", "data"), 2, "is a folder"),
        (("--by", "site", "--out", "data"), 2, "exists already"),
        (("--follow", "--out", "x.csv"), 2, "--follow writes to standard output"),
        (("--language", "english!"), 2, "no language"),
        (("--site", "nobody"), 4, "there is no site named 'nobody'"),
        (("--out", "nowhere/x.csv"), 1, "No such file or directory"),
    ],
)
def test_a_mistake_is_told(here: FileStore, warraq: Callable[..., Any], argv: tuple[str, ...], code: int, told: str):
    ran = warraq("articles", *argv, *STORE)
    assert (ran.code, told in ran.err) == (code, True), ran.err


def test_without_an_extra_it_says_how_to_get_it(here: FileStore, warraq: Callable[..., Any], monkeypatch):
    monkeypatch.setitem(sys.modules, "zstandard", None)
    monkeypatch.setitem(sys.modules, "duckdb", None)
    assert "pip install '.[zstd]'" in warraq("articles", *STORE, "--out", "x.jsonl.zst").err
    assert "pip install '.[corpus]'" in warraq("articles", *STORE, "--out", "x.parquet").err


@pytest.mark.slow
def test_following_ends_when_it_is_interrupted(here: FileStore, tmp_path: Path):
    command = [sys.executable, "-m", "crawler", "articles", "--follow", "--poll", "0.1", "--json", *STORE]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    ) as running:
        assert running.stderr is not None
        assert running.stdout is not None
        assert b"following" in running.stderr.readline()
        fill(here, tmp_path / "more", [STORIES[0]._replace(day=40, path="new", title="A new well")])
        assert json.loads(running.stdout.readline())["title"] == "A new well"
        running.send_signal(signal.SIGINT)
        assert running.wait() == 130


def test_a_store_without_articles_is_told_apart_from_a_selection_of_none(here: FileStore, warraq: Callable[..., Any]):
    assert warraq("articles", *STORE, "--from", "2031")[::2] == (4, "file:data: no article is of the selection\n")
    for words in (("articles",), ("search", "harbour")):
        ran = warraq(*words, "--store", "file:empty")
        assert (ran.code, ran.err) == (
            4, "file:empty holds no articles; crawl or replay into it first, or name another with --store\n",
        )  # fmt: skip


@pytest.mark.parametrize("text", ["a\rb", "a\r\nb", "\r", 'a"b\rc', "a\u2028b", "a\x0bb", " a ", "\ufeffa"])
def test_a_table_gives_back_every_character(found: list[PlacedArticle], tmp_path: Path, text: str) -> None:
    odd = [one._replace(article=msgspec.structs.replace(one.article, title=text)) for one in found]
    write_articles(odd, tmp_path, "articles", "csv")
    with (tmp_path / "articles.csv").open(encoding="utf-8", newline="") as table:
        assert [row["title"] for row in csv.DictReader(table)] == [text] * len(odd)
