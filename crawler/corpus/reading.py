"""Articles of a store, those of a selection, one after the other: the one way in which the corpus is read.

In order of site, day, run and number, each batch streamed: memory does not grow with the archive. A damaged line is
handed on as such and costs nothing else. What was taken down, the reader does not tell of.
"""

from __future__ import annotations

__all__ = ["ArticlePlaces", "PlacedArticle", "admits_article", "batches_of", "holds_none", "selected_articles"]

import hashlib
import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from crawler.archive.articles import ArticleReader, Batch
from crawler.archive.folders import ARTICLES
from crawler.archive.read.cdxj import url_key
from crawler.errors import BadArchive
from crawler.model.article import ArticleHead, ArticleRecord
from crawler.model.selection import Selection

ArticlePlaces = Mapping[Batch, Collection[int]]
"""Numbers of articles by batch: what a search found."""


class PlacedArticle(NamedTuple):
    """One article, and where it lies."""

    batch: Batch
    number: int
    article: ArticleRecord


def selected_articles(
    reader: ArticleReader,
    selection: Selection,
    *,
    places: ArticlePlaces | None = None,
    unique: bool = False,
) -> Iterator[PlacedArticle | BadArchive]:
    """Yield the articles of `selection`; in the place of a damaged line, what is wrong.

    `places`: only these. With `unique`, of articles with the same text the first only, whatever their URL. Raises
    StoreError.
    """
    with _chosen(reader, selection, places) as is_chosen, _texts(unique) as is_new:
        for batch in batches_of(reader, selection, places):
            wanted = None if places is None else places[batch]
            for number, article in reader.numbered(batch, ArticleRecord):
                if isinstance(article, BadArchive):
                    if wanted is None:
                        yield article
                elif (
                    (wanted is None or number in wanted)
                    and admits_article(selection, article)
                    and is_chosen(batch, number)
                    and is_new(article.id)
                ):
                    yield PlacedArticle(batch, number, article)


def batches_of(reader: ArticleReader, selection: Selection, places: ArticlePlaces | None = None) -> Iterator[Batch]:
    """Yield the batches in which articles of `selection` may be, in order. Raises StoreError."""
    if places is not None:
        yield from (batch for batch in sorted(places) if _in_span(batch, selection))
        return
    prefixes = sorted({Batch.of_site(site) for site in selection.sites}) or [ARTICLES]
    for prefix in prefixes:
        yield from (batch for batch in reader.batches(prefix) if _in_span(batch, selection))


def holds_none(reader: ArticleReader, url: str) -> str | None:
    """Say that the store at `url` holds no articles, and what to do; None: it holds some."""
    if next(iter(reader.batches()), None) is not None:
        return None
    return f"{url} holds no articles; crawl or replay into it first, or name another with --store"


def _in_span(batch: Batch, selection: Selection) -> bool:
    """Tell whether the day of `batch` meets the span asked for."""
    if batch.day is None:
        return True
    begins = datetime.fromisoformat(batch.day).replace(tzinfo=UTC)
    return (selection.since is None or begins + timedelta(days=1) > selection.since) and (
        selection.until is None or begins < selection.until
    )


def admits_article(selection: Selection, article: ArticleHead | ArticleRecord) -> bool:
    """Tell whether the article is of `selection`, but for which of its page's it is."""
    if not selection.admits_site(article.site, article.run) or not selection.admits_language(article.language):
        return False
    if (selection.since or selection.until) and not selection.admits_moment(
        datetime.fromisoformat(article.captured_at)
    ):
        return False
    return selection.admits_url(article.url)


@contextmanager
def _chosen(
    reader: ArticleReader, selection: Selection, places: ArticlePlaces | None
) -> Iterator[Callable[[Batch, int], bool]]:
    """Yield what tells whether an article is the one of its page that is asked for; for that all are looked at first.

    Which it is is kept on disk, by page.
    """
    if selection.which == "all":
        yield lambda _batch, _number: True
        return
    better = ">" if selection.which == "latest" else "<"
    with TemporaryDirectory(prefix="warraq-") as folder, closing(sqlite3.connect(Path(folder) / "pages")) as pages:
        pages.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
            "CREATE TABLE pages (page BLOB PRIMARY KEY, at TEXT, prefix TEXT, number INTEGER) WITHOUT ROWID;"
            "CREATE TABLE chosen (prefix TEXT, number INTEGER, PRIMARY KEY (prefix, number)) WITHOUT ROWID;"
        )
        for batch in batches_of(reader, selection, places):
            wanted = None if places is None else places[batch]
            rows = [
                (_digest(url_key(head.url)), head.captured_at, batch.prefix, number)
                for number, head in reader.numbered(batch, ArticleHead)
                if not isinstance(head, BadArchive)
                and (wanted is None or number in wanted)
                and admits_article(selection, head)
            ]
            pages.executemany(
                "INSERT INTO pages VALUES (?, ?, ?, ?) ON CONFLICT (page) DO UPDATE SET "
                "at = excluded.at, prefix = excluded.prefix, number = excluded.number "
                f"WHERE excluded.at {better} pages.at",
                rows,
            )
        pages.execute("INSERT OR IGNORE INTO chosen SELECT prefix, number FROM pages")
        ask = "SELECT 1 FROM chosen WHERE prefix = ? AND number = ?"
        yield lambda batch, number: pages.execute(ask, (batch.prefix, number)).fetchone() is not None


@contextmanager
def _texts(unique: bool) -> Iterator[Callable[[str], bool]]:
    """Yield what tells whether a text is met for the first time."""
    if not unique:
        yield lambda _id: True
        return
    with TemporaryDirectory(prefix="warraq-") as folder, closing(sqlite3.connect(Path(folder) / "texts")) as texts:
        texts.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; CREATE TABLE texts (id TEXT PRIMARY KEY) WITHOUT "
            "ROWID"
        )
        yield lambda one: texts.execute("INSERT OR IGNORE INTO texts VALUES (?)", (one,)).rowcount > 0


def _digest(key: str) -> bytes:
    return hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).digest()
