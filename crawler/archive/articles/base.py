"""The two sides of the articles' form: who writes batches of them, and who reads them back.

Text and JSON Lines (`crawler.archive.articles.text_lines`) are one form, memory (`crawler.archive.articles.memory`)
another. Who adds one passes tests/archive/articles/test_base.py with it.
"""

from __future__ import annotations

__all__ = ["ArticleReader", "ArticleWriter", "Document", "Published", "T", "line_digest"]

import hashlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple, Protocol, TypeVar

import msgspec

from crawler.archive.articles.layout import Batch
from crawler.errors import BadArchive
from crawler.model.article import ArticleHead, ArticleRecord

T = TypeVar("T", bound=msgspec.Struct)


class Document(NamedTuple):
    """One written article."""

    key: str
    """Of its text in the store."""
    head: ArticleHead
    line_sha256: str
    """Hex, of its line (`line_digest`)."""


class Published(NamedTuple):
    """One written batch."""

    prefix: str
    """Store key of its folder."""
    documents: tuple[Document, ...]

    @property
    def articles(self) -> int:
        """How many there are."""
        return len(self.documents)


def line_digest(line: bytes) -> str:
    """Return the SHA-256 (hex) of an article's line, its end left out."""
    return hashlib.sha256(line.rstrip(b"\n")).hexdigest()


class ArticleWriter(Protocol):
    """Writes batches of articles for good. Blocking."""

    def write(self, batch: Batch, lines: Iterable[bytes]) -> Published:
        """Write `batch`, whole, in the place of what was there: the same lines give the same bytes.

        `lines` are its records as JSON (`ArticleRecord`), in order of (captured_at, url). Raises StoreError.
        """


class ArticleReader(Protocol):
    """Reads back what was written. Blocking."""

    def batches(self, prefix: str = "") -> Iterator[Batch]:
        """Yield the batches, in order, whose prefix begins with `prefix` (``articles/<site>/2026``). Raises
        StoreError.
        """

    def read(self, batch: Batch, kind: type[T]) -> Iterator[T]:
        """Yield the articles of `batch` in order, so much of each as `kind` holds; nothing if there is no such batch.

        `kind` is ArticleRecord, or a struct of some of its fields, as ArticleHead: less is read then. Raises
        StoreError, BadArchive for what is no article.
        """

    def numbered(self, batch: Batch, kind: type[T]) -> Iterator[tuple[int, T | BadArchive]]:
        """Yield the articles of `batch` as `read` does, each with its number; in the place of a damaged one, what is
        wrong.

        Raises StoreError.
        """

    def find(self, batch: Batch, article_id: str, url: str) -> ArticleRecord | None:
        """Return the article of `batch` with that text and URL, None if there is none; see `read`."""
