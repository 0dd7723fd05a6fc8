"""Articles in memory, for tests and trials: writer and reader in one."""

from __future__ import annotations

__all__ = ["MemoryArticles"]

from collections.abc import Iterable, Iterator

import msgspec

from crawler.archive.articles.base import Document, Published, T, line_digest
from crawler.archive.articles.layout import Batch
from crawler.errors import BadArchive
from crawler.model.article import ArticleHead, ArticleRecord


class MemoryArticles:
    """Keeps what is written; see `ArticleWriter` and `ArticleReader`."""

    def __init__(self) -> None:
        self._lines: dict[Batch, tuple[bytes, ...]] = {}

    def write(self, batch: Batch, lines: Iterable[bytes]) -> Published:
        self._lines[batch] = tuple(lines)
        documents = (
            Document(batch.text(number, head.id), head, line_digest(line))
            for number, (head, line) in enumerate(zip(self.read(batch, ArticleHead), self._lines[batch], strict=True))
        )
        return Published(batch.prefix, tuple(documents))

    def batches(self, prefix: str = "") -> Iterator[Batch]:
        return (batch for batch in sorted(self._lines) if batch.prefix.startswith(prefix))

    def read(self, batch: Batch, kind: type[T]) -> Iterator[T]:
        return (msgspec.json.decode(line, type=kind) for line in self._lines.get(batch, ()))

    def numbered(self, batch: Batch, kind: type[T]) -> Iterator[tuple[int, T | BadArchive]]:
        return enumerate(self.read(batch, kind))

    def find(self, batch: Batch, article_id: str, url: str) -> ArticleRecord | None:
        return next((one for one in self.read(batch, ArticleRecord) if (one.id, one.url) == (article_id, url)), None)
