"""Articles as text documents, one file each, and whole records as lines of JSON beside them, in a store."""

from __future__ import annotations

__all__ = ["LineReader", "LineWriter", "stored_batches"]

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

import msgspec

from crawler.archive.articles.base import Document, Published, T, line_digest
from crawler.archive.articles.layout import ARTICLES_JSONL, Batch
from crawler.archive.folders import ARTICLES
from crawler.archive.record_values import BAD_JSON
from crawler.archive.store import Store, StoredObject
from crawler.archive.takedowns import taken_down
from crawler.errors import BadArchive, StoreError
from crawler.model.article import ArticleHead, ArticleRecord, ArticleText
from crawler.model.takedown import TakenDown

_TEXTS = msgspec.json.Decoder(ArticleText)
_HEADS = msgspec.json.Decoder(ArticleHead)
_RECORDS = msgspec.json.Decoder(ArticleRecord)


class LineWriter:
    """Writes to a store; see `crawler.archive.articles.base.ArticleWriter`."""

    def __init__(self, store: Store, *, in_flight: int = 1, texts: bool = True) -> None:
        """`in_flight`: puts under way at once; without `texts` only the lines are written."""
        self._store = store
        self._texts = texts
        self._in_flight = in_flight

    def write(self, batch: Batch, lines: Iterable[bytes]) -> Published:
        documents: list[Document] = []
        sizes: dict[str, int] = {}
        with NamedTemporaryFile(prefix="warraq-") as whole:
            texts = self._written(batch, lines, whole, documents, sizes)
            if self._texts:
                self._store.put_many(texts, in_flight=self._in_flight)
                self._look_for(batch, sizes)
            else:
                for _ in texts:
                    pass
            whole.flush()
            self._store.put(batch.lines, Path(whole.name), overwrite=True)  # last: who sees it finds every text
        return Published(batch.prefix, tuple(documents))

    def _written(
        self, batch: Batch, lines: Iterable[bytes], whole: IO[bytes], documents: list[Document], sizes: dict[str, int]
    ) -> Iterator[tuple[str, bytes]]:
        """Yield the texts of `lines` with their keys; the lines themselves go to `whole`, what is told of them to the
        others.
        """
        for number, line in enumerate(lines):
            article = _TEXTS.decode(line)
            key = batch.text(number, article.id)
            text = article.text.encode()
            sizes[key] = len(text)
            documents.append(Document(key, _HEADS.decode(line), line_digest(line)))
            whole.write(line + b"\n")
            yield key, text

    def _look_for(self, batch: Batch, sizes: Mapping[str, int]) -> None:
        """Raise StoreError unless all texts are in the store as they were sent: one listing tells of a thousand."""
        there = {stored.key: stored.size for stored in self._store.list(f"{batch.prefix}/")}
        for key, size in sizes.items():
            if there.get(key) != size:
                raise StoreError(
                    f"{self._store.url}: {key}: {size} bytes were taken, and {there.get(key, 'nothing')} is there",
                    next_step="see what the server does with what it takes; it is tried again",
                )


def stored_batches(store: Store, prefix: str = "") -> Iterator[tuple[Batch, StoredObject]]:
    """Yield the batches of `store` below `prefix` (``articles/``), sorted by key, each with its JSON Lines as they lie
    there: they are put last, and change whenever the batch does. Raises StoreError.
    """
    for stored in store.list(prefix or ARTICLES, ends=ARTICLES_JSONL):
        batch = Batch.holding(stored.key)
        if stored.key == batch.lines and stored.key.startswith(ARTICLES):
            yield batch, stored


class LineReader:
    """Reads from a store; see `crawler.archive.articles.base.ArticleReader`. What was taken down there is not told
    of.
    """

    def __init__(self, store: Store, *, withheld: TakenDown | None = None) -> None:
        """`withheld`: what is not told of; None: what the store says of that when the first batch is read."""
        self._store = store
        self._withheld = withheld

    def batches(self, prefix: str = "") -> Iterator[Batch]:
        return (batch for batch, _ in stored_batches(self._store, prefix))

    def read(self, batch: Batch, kind: type[T]) -> Iterator[T]:
        decoder = msgspec.json.Decoder(kind)
        return (_decoded(batch, number, line, decoder) for number, line in self._lines(batch))

    def numbered(self, batch: Batch, kind: type[T]) -> Iterator[tuple[int, T | BadArchive]]:
        decoder = msgspec.json.Decoder(kind)
        for number, line in self._lines(batch):
            try:
                yield number, _decoded(batch, number, line, decoder)
            except BadArchive as damage:
                yield number, damage

    def find(self, batch: Batch, article_id: str, url: str) -> ArticleRecord | None:
        for number, line in self._lines(batch):
            if article_id.encode() in line:
                head = _decoded(batch, number, line, _HEADS)
                if (head.id, head.url) == (article_id, url):
                    return _decoded(batch, number, line, _RECORDS)
        return None

    def _lines(self, batch: Batch) -> Iterator[tuple[int, bytes]]:
        if self._store.head(batch.lines) is None:
            return
        if self._withheld is None:
            self._withheld = taken_down(self._store)
        with self._store.open(batch.lines) as stream:
            for number, line in enumerate(iter(stream.readline, b"")):
                if not self._withheld or not _is_withheld(self._withheld, line):
                    yield number, line


def _is_withheld(withheld: TakenDown, line: bytes) -> bool:
    try:
        head = _HEADS.decode(line)
    except BAD_JSON:
        return False  # it is damaged, which is told to who reads it
    return withheld.covers(head.url, head.site, others=(head.canonical_url,)) is not None


def _decoded(batch: Batch, number: int, line: bytes, decoder: msgspec.json.Decoder[T]) -> T:
    try:
        return decoder.decode(line)
    except BAD_JSON as error:
        raise BadArchive(f"{batch.lines}: line {number + 1} is damaged ({error})") from error
