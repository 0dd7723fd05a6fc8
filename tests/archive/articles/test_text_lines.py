"""Text documents with lines of JSON beside them: the bytes, and lines that are none."""

from __future__ import annotations

import msgspec
import pytest

from crawler.archive.articles import Batch, LineReader, LineWriter
from crawler.archive.store.memory import MemoryStore
from crawler.errors import BadArchive
from crawler.model.article import ArticleHead

BATCH = Batch.named("paper", "run-1", "2026-11-23T12:00:00Z")
LINE = msgspec.json.encode(
    {"id": "ab" * 8, "url": "https://news.example/1", "captured_at": "2026-11-23T12:00:00Z", "text": "Bridge\n\nopen"}
)


def test_a_document_is_the_text_and_the_line_is_kept_as_it_came() -> None:
    store = MemoryStore()
    LineWriter(store).write(BATCH, [LINE])
    assert store.get(BATCH.text(0, "ab" * 8)) == b"Bridge\n\nopen"
    assert store.get(BATCH.lines) == LINE + b"\n"


@pytest.mark.parametrize("line", [b"{", b"[]", b'{"id":"x"}', b"\xff\xfe"])
def test_a_line_that_is_no_article_is_told_with_its_file(line: bytes) -> None:
    store = MemoryStore()
    store.put(BATCH.lines, LINE + b"\n" + line + b"\n")
    heads = LineReader(store).read(BATCH, ArticleHead)
    assert next(heads).url == "https://news.example/1"
    with pytest.raises(BadArchive, match=r"run-1/articles\.jsonl: line 2 is damaged"):
        next(heads)
