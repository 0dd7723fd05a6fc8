"""A search for the page of articles: by the full-text index, as it was when it was brought up to date last."""

from __future__ import annotations

__all__ = ["FoundArticles", "find_articles", "has_index"]

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import NamedTuple

from crawler.archive.articles import LineReader
from crawler.archive.store import Store
from crawler.archive.takedowns import taken_down
from crawler.corpus.asked import read_query
from crawler.corpus.search import Hit, SearchIndex, index_path
from crawler.corpus.words import Snippet, snippet
from crawler.errors import BadArchive, StoreError
from crawler.model.article import ArticleRecord
from crawler.model.selection import Selection
from crawler.state import ArticleFilter, ArticleRow

MarkedText = tuple[tuple[str, bool], ...]
"""A stretch of text in pieces, each with whether it was searched for."""


class FoundArticles(NamedTuple):
    """What a page of the list shows."""

    rows: tuple[ArticleRow, ...]
    next: tuple[str, str] | None
    """Keyset of the last one; None: these are all."""
    snippets: Mapping[str, MarkedText]
    """By path."""


def has_index(state_dir: Path, store: Store) -> bool:
    """Tell whether texts can be searched."""
    return index_path(state_dir, store).exists()


def find_articles(
    words: str, wanted: ArticleFilter, *, state_dir: Path, store: Store, before: tuple[str, str] | None, limit: int
) -> FoundArticles | None:
    """Return articles that `words` finds, the newest first; None if there is no index.

    Raises UsageError if the words make no sense as a query, StateError, StoreError.
    """
    index = SearchIndex.open(index_path(state_dir, store), taken_down(store))
    if index is None:
        return None
    with index:
        terms = read_query(words).terms
        hits = index.search(words, _selection(wanted), limit=limit + 1, newest=True, before=before)
    shown = hits[:limit]
    rows = {hit.batch.text(hit.number, hit.id): hit for hit in shown}
    last = (shown[-1].captured_at, shown[-1].url) if len(hits) > limit else None
    return FoundArticles(
        tuple(_row(path, hit) for path, hit in rows.items()), last, dict(_snippets(store, rows, terms))
    )


def _selection(wanted: ArticleFilter) -> Selection:
    return Selection(
        sites=(wanted.site,) if wanted.site else (),
        languages=(wanted.language,) if wanted.language else (),
        since=datetime.combine(wanted.since, time(), UTC) if wanted.since else None,
        until=datetime.combine(wanted.until, time(), UTC) + timedelta(days=1) if wanted.until else None,
    )


def _row(path: str, hit: Hit) -> ArticleRow:
    return ArticleRow(
        url=hit.url,
        captured_at=datetime.fromisoformat(hit.captured_at),
        article_id=hit.id,
        site=hit.site or "unknown",
        run=hit.run or "",
        title=hit.title,
        language=hit.language,
        path=path,
    )


def _snippets(store: Store, rows: Mapping[str, Hit], terms: tuple[str, ...]) -> Iterator[tuple[str, MarkedText]]:
    """Yield what each text says around the words; each batch is read once, and what cannot be read is left out."""
    reader = LineReader(store)
    for batch in {hit.batch for hit in rows.values()}:
        wanted = {hit.number: path for path, hit in rows.items() if hit.batch == batch}
        try:
            for number, article in reader.numbered(batch, ArticleRecord):
                if number in wanted and not isinstance(article, BadArchive):
                    yield wanted[number], _pieces(snippet(article.body, terms))
                if number >= max(wanted):
                    break
        except (StoreError, BadArchive):
            continue


def _pieces(found: Snippet) -> MarkedText:
    pieces: list[tuple[str, bool]] = []
    at = 0
    for begin, end in found.marks:
        pieces += [(found.text[at:begin], False), (found.text[begin:end], True)]
        at = end
    return (*pieces, (found.text[at:], False))
