"""New articles as they are published: what is in the store now is passed over."""

from __future__ import annotations

__all__ = ["Follower"]

from datetime import datetime

from crawler.archive.articles import Batch, LineReader, stored_batches
from crawler.archive.folders import ARTICLES
from crawler.archive.store import Store
from crawler.clock import iso_utc
from crawler.corpus.reading import PlacedArticle, admits_article
from crawler.errors import BadArchive
from crawler.model.article import ArticleRecord
from crawler.model.selection import Selection


class Follower:
    """Knows which batches have been seen; a batch that is written anew tells what is new in it."""

    def __init__(self, store: Store, selection: Selection, *, started_at: datetime) -> None:
        """Look at what is there: it is not told. Raises StoreError."""
        self._store = store
        self._selection = selection
        self._started_at = iso_utc(started_at)
        self._marks = dict(self._look())
        self._told: dict[Batch, set[tuple[str, str]]] = {}

    def new(self) -> list[PlacedArticle | BadArchive]:
        """Return what was published since the last call, in order; damaged lines as such. Raises StoreError."""
        found: list[PlacedArticle | BadArchive] = []
        for batch, mark in sorted(self._look().items()):
            if self._marks.get(batch) != mark:
                found += self._of(batch, was_there=batch in self._marks)
                self._marks[batch] = mark
        return found

    def _of(self, batch: Batch, *, was_there: bool) -> list[PlacedArticle | BadArchive]:
        """Return the articles of `batch` not told yet; of one that was there at the start, those captured since."""
        told = self._told.get(batch)
        since = self._started_at if was_there and told is None else ""
        told = self._told.setdefault(batch, set())
        found: list[PlacedArticle | BadArchive] = []
        for number, article in LineReader(self._store).numbered(batch, ArticleRecord):
            if isinstance(article, BadArchive):
                found.append(article)
                continue
            key = (article.captured_at, article.url)
            if key not in told and article.captured_at >= since:
                told.add(key)
                if admits_article(self._selection, article):
                    found.append(PlacedArticle(batch, number, article))
        return found

    def _look(self) -> dict[Batch, str]:
        prefixes = sorted({Batch.of_site(site) for site in self._selection.sites}) or [ARTICLES]
        return {
            batch: stored.etag or f"{stored.size}-{stored.modified_at}"
            for prefix in prefixes
            for batch, stored in stored_batches(self._store, prefix)
        }
