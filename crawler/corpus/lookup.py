"""Where an article lies, by its id or its URL, without reading the articles: from the catalogue, an id else by the
names of the texts.

A hint and no more: either may be behind what the store holds, so who asks reads what lies there, and all articles if
it is not there.
"""

from __future__ import annotations

__all__ = ["places_of_id", "places_of_url"]

import sys
from collections.abc import Collection, Iterator

from crawler.archive.articles import Batch
from crawler.archive.folders import ARTICLES
from crawler.archive.store import Store
from crawler.corpus.catalogue import batches_not_entered
from crawler.corpus.reading import ArticlePlaces
from crawler.corpus.sql import open_query
from crawler.corpus.tables import quoted
from crawler.errors import StoreError, UsageError
from crawler.urls import surt

_ALL = range(sys.maxsize)
"""Numbers of articles."""


def places_of_id(store: Store, article_id: str) -> ArticlePlaces:
    """Return where articles with the text `article_id` are, as far as it is known.

    Raises StoreError if `store` does not answer.
    """
    found: dict[Batch, set[int]] = {}
    for batch, number in _catalogued(store, article_id) or _named(store, article_id):
        found.setdefault(batch, set()).add(number)
    return found


def places_of_url(store: Store, url: str) -> ArticlePlaces | None:
    """Return where revisions of the page `url` may be: where the catalogue has them, and all that it does not tell of.

    None: there is no catalogue that can be asked. Raises StoreError if `store` does not answer.
    """
    sql = f"SELECT articles_filename, articles_line FROM articles WHERE url_surtkey = {quoted(surt(url))}"  # noqa: S608 - a key, quoted
    try:
        behind = batches_not_entered(store)
        if behind is None:
            return None
        with open_query(store) as catalogue:
            rows = list(catalogue.run(sql).rows)
    except UsageError:
        return None
    found: dict[Batch, Collection[int]] = {}
    for key, line in rows:
        batch = Batch.holding(key)
        found[batch] = {*found.get(batch, ()), line}
    return {**found, **dict.fromkeys(behind, _ALL)}


def _catalogued(store: Store, article_id: str) -> list[tuple[Batch, int]]:
    """Return what the catalogue knows; nothing if there is none, or it cannot be read."""
    sql = f"SELECT articles_filename, articles_line FROM articles WHERE id = {quoted(article_id)}"  # noqa: S608 - an id, quoted
    try:
        with open_query(store) as catalogue:
            return [(Batch.holding(key), line) for key, line in catalogue.run(sql).rows]
    except (UsageError, StoreError):
        return []


def _named(store: Store, article_id: str) -> Iterator[tuple[Batch, int]]:
    for stored in store.list(ARTICLES, ends=f"_{article_id}.txt"):
        told = Batch.told_by_text(stored.key)
        if told is not None and told[1] == article_id:
            yield Batch.holding(stored.key), told[0]
