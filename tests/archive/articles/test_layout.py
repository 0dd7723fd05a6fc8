"""What the article tree's folders and files are called."""

from __future__ import annotations

from crawler.archive.articles.layout import Batch


def test_articles_of_a_run_lie_under_site_day_and_run():
    batch = Batch.named("paper", "run-1", "2026-11-23T12:00:00Z")
    assert batch.prefix == "articles/paper/2026/11/23/run-1"
    assert batch.lines == "articles/paper/2026/11/23/run-1/articles.jsonl"
    assert batch.text(7, "0123456789abcdef") == "articles/paper/2026/11/23/run-1/007_0123456789abcdef.txt"
    assert batch.text(1234, "ab").endswith("/1234_ab.txt")


def test_captures_of_no_run_are_batched_by_site_and_day():
    assert Batch.named("paper", None, "2026-11-23T12:00:00Z").prefix == "articles/paper/2026/11/23"
    assert Batch.named(None, None, "2026-11-23T12:00:00Z").prefix == "articles/unknown/2026/11/23"


def test_a_file_tells_its_batch():
    batch = Batch.named("paper", "run-1", "2026-11-23T12:00:00Z")
    assert Batch.holding(batch.text(0, "ab")) == Batch.holding(batch.lines) == batch
