"""The revisions of articles as the store has them, and what kind of edit each is."""

from __future__ import annotations

__all__ = ["RevisionKinds", "record_of"]

from collections.abc import Iterable, Iterator
from datetime import datetime

from crawler.archive.articles import ArticleReader, Batch
from crawler.frontier.revisions import RevisionKind, kinds_of
from crawler.model.article import ArticleRecord
from crawler.state import ArticleRow, Edit, State


def record_of(reader: ArticleReader, row: ArticleRow) -> ArticleRecord | None:
    """Return the record of an article that the state knows; None if the store does not have it."""
    return reader.find(Batch.holding(row.path), row.article_id, row.url)


class RevisionKinds:
    """Tells edits apart by reading both texts."""

    def __init__(self, state: State, reader: ArticleReader) -> None:
        self._state = state
        self._reader = reader

    def of(self, edits: Iterable[Edit]) -> Iterator[tuple[Edit, tuple[RevisionKind, ...]]]:
        """Yield each edit with its kinds; none if the store lacks one of its texts."""
        for edit in edits:
            yield edit, self._kinds(edit)

    def _kinds(self, edit: Edit) -> tuple[RevisionKind, ...]:
        if edit.before_at is None:
            return ("redirected",) if edit.outcome == "redirected" else ("deleted",)
        old, new = self._at(edit.url, edit.before_at), self._at(edit.url, edit.at)
        return kinds_of(old.title, old.body, new.title, new.body) if old is not None and new is not None else ()

    def _at(self, url: str, moment: datetime) -> ArticleRecord | None:
        row = next((row for row in self._state.articles(url) if row.captured_at == moment), None)
        return record_of(self._reader, row) if row is not None else None
