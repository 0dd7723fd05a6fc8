"""One suite for every form of articles: what is written is read back, whole, in order, and again the same."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from crawler.archive.articles import Batch, LineReader, LineWriter
from crawler.archive.articles.base import ArticleReader, ArticleWriter
from crawler.archive.articles.memory import MemoryArticles
from crawler.archive.store import Store, open_store
from crawler.archive.store.memory import MemoryStore
from crawler.config import Storage
from crawler.model.article import ArticleHead, ArticleRecord, to_record
from crawler.model.page import Page
from crawler.parse.article import parse_article

BATCH = Batch.named("paper", "run-1", "2026-11-23T12:00:00Z")
Form = tuple[ArticleWriter, ArticleReader]


def record(number: int, *, title: str = "Bridge") -> ArticleRecord:
    body = f"<article><h1>{title} {number}</h1>" + "<p>The council met on Monday about the bridge. " * 9 + "</article>"
    page = Page(
        url=f"https://news.example/{number}",
        captured_at=datetime(2026, 11, 23, 12, 0, number, tzinfo=UTC),
        body=body.encode(),
    )
    return to_record(parse_article(page), site="paper", run="run-1")


def lines(*records: ArticleRecord) -> list[bytes]:
    return [msgspec.json.encode(one) for one in records]


def store_of(request: pytest.FixtureRequest, tmp_path: Any) -> Store:
    if request.param == "s3":
        return open_store(request.getfixturevalue("s3_storage")())
    url = f"file:{tmp_path / 'data'}"
    store = open_store(Storage(url=url, connect_timeout_s=1.0, read_timeout_s=1.0, attempts=1))
    store.check()
    return store


@pytest.fixture(params=["memory", "lines in a folder", pytest.param("s3", marks=pytest.mark.swift)])
def form(request: pytest.FixtureRequest, tmp_path: Any) -> Form:
    if request.param == "memory":
        both = MemoryArticles()
        return both, both
    store = store_of(request, tmp_path)
    return LineWriter(store), LineReader(store)


def test_what_was_written_is_read_back_whole_and_in_order(form: Form):
    writer, reader = form
    records = [record(number) for number in range(3)]
    published = writer.write(BATCH, lines(*records))
    assert (published.prefix, published.articles) == (BATCH.prefix, 3)
    assert list(reader.read(BATCH, ArticleRecord)) == records
    assert [document.key for document in published.documents] == [
        BATCH.text(number, one.id) for number, one in enumerate(records)
    ]


def test_heads_have_what_lists_need(form: Form):
    writer, reader = form
    one = record(1)
    published = writer.write(BATCH, lines(one))
    (head,) = reader.read(BATCH, ArticleHead)
    assert head == published.documents[0].head
    assert (head.id, head.url, head.captured_at, head.site, head.run) == (
        one.id, one.url, one.captured_at, "paper", "run-1",
    )  # fmt: skip
    assert (head.title, head.language, head.word_count) == (one.title, one.language, one.word_count)


def test_writing_again_takes_the_place_of_what_was_there(form: Form):
    writer, reader = form
    writer.write(BATCH, lines(record(1), record(2)))
    writer.write(BATCH, lines(record(1, title="Tunnel"), record(2)))
    assert [one.title for one in reader.read(BATCH, ArticleRecord)] == ["Tunnel 1", "Bridge 2"]


def test_batches_are_listed_in_order_and_by_prefix(form: Form):
    writer, reader = form
    others = [Batch.named(site, "run-2", "2026-11-24T00:00:00Z") for site in ("other", "paper")]
    for batch in (BATCH, *others):
        writer.write(batch, lines(record(1)))
    assert list(reader.batches()) == [others[0], BATCH, others[1]]
    assert list(reader.batches("articles/paper/2026/11/23")) == [BATCH]
    assert list(reader.batches("articles/nobody/")) == []


def test_a_batch_that_is_not_there_has_nothing(form: Form):
    _, reader = form
    assert (
        list(reader.read(BATCH, ArticleHead)) == list(reader.read(BATCH, ArticleRecord)) == list(reader.batches()) == []
    )
    assert reader.find(BATCH, "0" * 16, "https://news.example/1") is None


def test_one_article_is_found_by_its_text_and_its_url(form: Form):
    writer, reader = form
    records = [record(number) for number in range(3)]
    writer.write(BATCH, lines(*records))
    assert reader.find(BATCH, records[1].id, records[1].url) == records[1]
    assert reader.find(BATCH, records[1].id, records[2].url) is None


def test_a_batch_of_nothing_is_a_batch(form: Form):
    writer, reader = form
    assert writer.write(BATCH, []).articles == 0
    assert list(reader.batches()) == [BATCH]


def test_forms_keep_what_others_keep() -> None:
    store, memory = MemoryStore(), MemoryArticles()
    written = lines(record(1), record(2))
    assert LineWriter(store).write(BATCH, written) == memory.write(BATCH, written)
    assert list(LineReader(store).read(BATCH, ArticleRecord)) == list(memory.read(BATCH, ArticleRecord))
