"""SQL over the catalogue: what it finds in each kind of store, and that it reaches nothing else."""

from __future__ import annotations

import csv
import io
import json
import shutil
import socket
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from crawler.archive.articles.layout import Batch
from crawler.archive.store import Store
from crawler.archive.store.folder import FileStore
from crawler.archive.store.memory import MemoryStore
from crawler.archive.takedowns import enter, taken_down
from crawler.corpus.catalogue import update_catalogue
from crawler.corpus.sql import VIEWS, open_query
from crawler.errors import StoreError, StoreUnavailable, UsageError
from crawler.model.takedown import Takedown
from tests.corpus.corpus_factory import STORIES, fill

STORE = ("--store", "file:data", "--state", "state")


def answers(store: Store, *queries: str) -> list[list[tuple[Any, ...]]]:
    with open_query(store) as asked:
        return [list(asked.run(query).rows) for query in queries]


@pytest.fixture(scope="module")
def with_catalogue(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = shutil.copytree(filled, tmp_path_factory.mktemp("catalogued"), dirs_exist_ok=True)
    update_catalogue(FileStore(folder / "data"), lock_folder=folder / "state")
    return folder


@pytest.fixture
def catalogued(with_catalogue: Path, tmp_path: Path) -> FileStore:
    shutil.copytree(with_catalogue, tmp_path, dirs_exist_ok=True)
    return FileStore(tmp_path / "data")


def test_the_views_answer_over_a_folder_and_over_s3(store: Store, tmp_path: Path):
    update_catalogue(store, lock_folder=tmp_path / "state")
    counts = answers(store, *(f"SELECT count(*) FROM {name}" for name in ("captures", "articles", *VIEWS)))
    assert [rows[0][0] for rows in counts] == [7, 7, 6, 2, 7, 0]
    [languages] = answers(store, "SELECT content_languages, count(*) FROM captures GROUP BY ALL ORDER BY ALL")
    assert languages == [("ar", 1), ("en", 3), ("fa", 1), ("fr", 1), ("zh", 1)]


def test_latest_and_revisions_tell_a_changed_article_once_and_twice(catalogued: FileStore):
    latest, revisions = answers(
        catalogued,
        "SELECT title FROM latest WHERE site = 'ferrow' ORDER BY ALL",
        "SELECT title, revision FROM revisions ORDER BY ALL",
    )
    assert latest == [("A miller retires",), ("The bridge is to be pulled down",)]
    assert revisions == [("The bridge is to be pulled down", 2), ("The bridge is to be repaired", 1)]


def test_rights_are_a_row_a_signal(tmp_path: Path):
    store = MemoryStore("rights")
    signed = STORIES[0]._replace(head='<meta name="robots" content="noai, noarchive">')
    fill(store, tmp_path / "spool", [signed])
    update_catalogue(store, lock_folder=tmp_path / "state")
    assert answers(store, "SELECT source, value FROM rights ORDER BY ALL") == [
        [("meta:robots", "noai"), ("meta:robots", "noarchive")]
    ]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('{data}/articles/qiao/2026/11/02/run-qiao-3/articles.jsonl')",
        "SELECT * FROM 'https://warraq.example/x.parquet'",
        "SELECT * FROM read_parquet('s3://bucket/x.parquet')",
        "COPY captures TO '{data}/catalogue/captures/2026-12.parquet'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "ATTACH '{data}/x.db'",
        "SET enable_external_access = true",
        "DROP VIEW captures",
        "CREATE TABLE t AS SELECT 1",
        "PRAGMA database_list",
        "SELECT 1; SELECT 2",
        "",
        "selec 1",
        "SELECT nothing FROM captures",
        "SELECT * FROM capture",
    ],
)
def test_what_is_no_query_of_the_catalogue_is_refused_in_one_line(catalogued: FileStore, tmp_path: Path, sql: str):
    before = sorted((tmp_path / "data").rglob("*"))
    with pytest.raises(UsageError) as refused, open_query(catalogued) as asked:
        list(asked.run(sql.replace("{data}", f"{tmp_path}/data")).rows)
    assert "\n" not in str(refused.value)
    assert sorted((tmp_path / "data").rglob("*")) == before


def test_a_store_behind_a_file_system_is_not_written_to_either(tmp_path: Path):
    store = MemoryStore("shut")
    fill(store, tmp_path / "spool")
    update_catalogue(store, lock_folder=tmp_path / "state")
    with pytest.raises(UsageError), open_query(store) as asked:
        list(asked.run("COPY captures TO 'warraq://catalogue/x.parquet'").rows)
    with pytest.raises(UsageError), open_query(store) as asked:
        list(asked.run(f"SELECT * FROM read_text('warraq://{Batch('articles/x').lines}')").rows)


def test_no_socket_is_opened(catalogued: FileStore, monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object) -> None:
        raise AssertionError("a socket")

    monkeypatch.setattr(socket, "socket", refuse)
    assert answers(catalogued, "SELECT count(*) FROM captures") == [[(7,)]]


def test_without_a_catalogue_it_says_what_makes_one(here: FileStore, warraq: Callable[..., Any]):
    ran = warraq("query", *STORE, "SELECT 1")
    assert (ran.code, ran.err) == (2, "warraq: file:data has no catalogue; `warraq catalogue` makes it\n")


def test_without_the_extra_it_says_how_to_get_it(catalogued: FileStore, warraq: Callable[..., Any], monkeypatch):
    monkeypatch.setitem(sys.modules, "duckdb", None)
    ran = warraq("query", *STORE, "SELECT 1")
    assert (ran.code, "pip install '.[corpus]'" in ran.err) == (2, True)


def test_results_come_in_each_form(catalogued: FileStore, warraq: Callable[..., Any], tmp_path: Path):
    sql = "SELECT url, fetch_time, authors, warc_record_offset, revision_of FROM articles ORDER BY ALL LIMIT 2"
    told = warraq("query", *STORE, sql, "--format", "csv").out
    rows = list(csv.DictReader(io.StringIO(told)))
    assert rows[0]["fetch_time"] == "2026-10-30T08:00:00Z"
    assert (rows[0]["authors"], rows[0]["revision_of"]) == ("[]", "")
    objects = json.loads(warraq("query", *STORE, sql, "--format", "json").out)
    assert objects == [json.loads(line) for line in warraq("query", *STORE, sql, "--format", "jsonl").out.splitlines()]
    assert objects[0]["url"] == rows[0]["url"]
    assert (objects[0]["authors"], objects[0]["revision_of"]) == ([], None)
    assert warraq("query", *STORE, sql + ";", "--out", "some.parquet").code == 0
    assert duckdb.sql(f"SELECT url FROM '{tmp_path}/some.parquet'").fetchall()[0] == (rows[0]["url"],)
    assert warraq("query", *STORE, sql, "--out", "some.csv").code == 0
    assert (tmp_path / "some.csv").read_text() == told
    assert "www.ferrow.example" in warraq("query", *STORE, "SELECT url_host_name FROM captures").out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "some.csv", "some.parquet", "spool", "state"]


def test_no_rows_are_none_in_each_form(catalogued: FileStore, warraq: Callable[..., Any]):
    sql = "SELECT url FROM captures WHERE false"
    assert warraq("query", *STORE, sql, "--format", "json").out == "[]\n"
    assert warraq("query", *STORE, sql, "--format", "csv").out == "url\n"
    assert warraq("query", *STORE, sql, "--format", "jsonl").out == ""


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        ((), "there is no query"),
        (("SELECT 1", "--format", "parquet"), "Parquet needs a file"),
        (("SELECT 1", "--out", "x.txt"), "the suffix names no format"),
        (("SELECT 1", "--format", "table", "--out", "x.csv"), "a table is for the terminal"),
        (("SELECT 1", "--out", "nowhere/x.csv"), "No such file or directory"),
        (("SELECT 1", "--format", "yaml"), "yaml"),
    ],
)
def test_a_mistake_is_told_and_nothing_written(
    catalogued: FileStore, warraq: Callable[..., Any], tmp_path: Path, argv: tuple[str, ...], told: str
):
    ran = warraq("query", *STORE, *argv)
    assert (ran.code, told in ran.err) == (2, True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "spool", "state"]


def test_a_query_that_fails_leaves_the_file_of_before(
    catalogued: FileStore, warraq: Callable[..., Any], tmp_path: Path
):
    (tmp_path / "x.csv").write_text("before")
    assert warraq("query", *STORE, "SELECT nope", "--out", "x.csv").code == 2
    assert (tmp_path / "x.csv").read_text() == "before"


def test_sql_comes_from_standard_input_too(catalogued: FileStore, warraq: Callable[..., Any], monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("SELECT count(*) AS n FROM captures\n"))
    assert warraq("query", *STORE, "-", "--format", "jsonl").out == '{"n":7}\n'


def test_views_are_listed_with_their_columns(catalogued: FileStore, warraq: Callable[..., Any]):
    told = warraq("query", *STORE, "--views").out
    assert [line.partition(":")[0] for line in told.splitlines()] == ["captures", "articles", *VIEWS]
    assert "warc_record_offset" in told


@pytest.mark.parametrize(
    ("taken", "left"),
    [
        ({"url": "http://ferrow.example/mill"}, (6, 6)),
        ({"site": "ferrow"}, (4, 4)),
        ({"site": "gone", "hosts": ("ferrow.example",)}, (7, 7)),
        ({"hosts": ("ferrow.example",)}, (4, 4)),
        ({"hosts": ("errow.example",)}, (7, 7)),
    ],
)
def test_what_was_taken_down_is_not_told(catalogued: FileStore, taken: dict[str, Any], left: tuple[int, int]):
    decision = Takedown(reason="asked", at="2026-11-05T00:00:00Z", **taken)
    counts = "SELECT (SELECT count(*) FROM captures), (SELECT count(*) FROM articles)"
    assert answers(catalogued, counts) == [[(7, 7)]]
    enter(catalogued, decision, datetime(2026, 11, 5, tzinfo=UTC))
    assert answers(catalogued, counts) == [[left]]
    covered = taken_down(catalogued)
    assert left[0] == sum(covered.covers(story.url, story.site) is None for story in STORIES)


def test_a_store_that_does_not_answer_is_told_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    store = MemoryStore("away")
    fill(store, tmp_path / "spool")
    update_catalogue(store, lock_folder=tmp_path / "state")

    def away(*_: object, **__: object) -> None:
        raise StoreUnavailable("the store is away", next_step="try later")

    with open_query(store) as asked:
        monkeypatch.setattr(store, "open", away)
        with pytest.raises(StoreUnavailable, match="the store is away"):
            list(asked.run("SELECT * FROM captures").rows)


@pytest.mark.parametrize("content", [b"", b"PAR1 no", b"x" * 5000])
def test_a_damaged_file_of_the_catalogue_is_told_with_what_mends_it(
    catalogued: FileStore, tmp_path: Path, content: bytes
):
    for month in ("2026-10", "2026-11"):
        (tmp_path / f"data/catalogue/captures/{month}.parquet").write_bytes(content)
        with pytest.raises(StoreError, match="--rebuild"), open_query(catalogued) as asked:
            list(asked.run("SELECT * FROM captures").rows)
    update_catalogue(catalogued, lock_folder=tmp_path / "state", rebuild=True)
    assert answers(catalogued, "SELECT count(*) FROM captures") == [[(7,)]]


def test_coverage_counts_articles_whose_captures_are_not_here(tmp_path: Path):
    fill(FileStore(tmp_path / "archive"), tmp_path / "spool")
    store = FileStore(tmp_path / "replayed")
    shutil.copytree(tmp_path / "archive" / "articles", tmp_path / "replayed" / "articles")
    update_catalogue(store, lock_folder=tmp_path / "state")
    [rows] = answers(store, "SELECT site, day, articles, captures FROM coverage ORDER BY ALL LIMIT 2")
    assert [(site, f"{day}", articles, captures) for site, day, articles, captures in rows] == [
        ("ferrow", "2026-10-30", 1, None),
        ("ferrow", "2026-10-31", 1, None),
    ]
