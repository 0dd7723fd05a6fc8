"""Articles as readers get them: staged while a run goes on, written in batches, read back."""

from __future__ import annotations

__all__ = [
    "ArticleReader",
    "ArticleWriter",
    "Batch",
    "Document",
    "LineReader",
    "LineWriter",
    "Published",
    "Staging",
    "line_digest",
    "publish",
    "stored_batches",
]

from crawler.archive.articles.base import ArticleReader, ArticleWriter, Document, Published, line_digest
from crawler.archive.articles.layout import Batch
from crawler.archive.articles.staging import Staging, publish
from crawler.archive.articles.text_lines import LineReader, LineWriter, stored_batches
