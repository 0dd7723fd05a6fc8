"""The search of the page goes by the texts where there is an index of them."""

from __future__ import annotations

import os
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

import pytest

from crawler.archive.store import open_store
from crawler.config import Config
from crawler.corpus.search import SearchIndex, index_path
from crawler.daemon.page.found import find_articles
from crawler.errors import UsageError
from crawler.state import ArticleFilter


@pytest.fixture
def indexed(config: Config) -> Config:
    store = open_store(config.storage)
    SearchIndex.update(index_path(Path(config.state.dir), store), store)
    return config


def asked(served, **query: str) -> str:
    return unescape(served.get("/articles?" + urlencode(query)).text)


def test_without_an_index_titles_are_searched(served):
    assert "Words of the title," in asked(served)


def test_words_of_a_text_find_it_and_are_marked_in_their_own_direction(indexed, served):
    row = next(row for row in served.state.browse_articles(ArticleFilter(language="ar"), limit=9).rows if row.title)
    record = open_store(indexed.storage).get(row.path).decode()
    word = max(record.rpartition("\n")[2].split(), key=len).strip(".،:؛")
    text = asked(served, q=word, language="ar")
    assert urlencode({"url": row.url}) in text
    assert f"<mark>{word}</mark>" in text
    assert '<p class="snippet" dir="auto">' in text
    assert "Words of title and text" in text
    assert urlencode({"url": row.url}) not in asked(served, q=word, language="fr")


def test_markup_in_a_text_stays_text(indexed, served):
    answer = served.get("/articles?" + urlencode({"q": "script OR alert OR harm"})).text
    assert "<script>alert" not in answer


def test_a_query_that_makes_no_sense_is_told(indexed, served):
    answer = served.get("/articles?" + urlencode({"q": "bridge OR"}))
    assert "a word is missing beside OR" in unescape(answer.text)


def test_a_query_that_makes_no_sense_leaves_no_index_open(indexed: Config):
    store = open_store(indexed.storage)
    state_dir = Path(indexed.state.dir)
    with pytest.raises(UsageError) as raised:  # whose traceback holds what is open
        find_articles("bridge OR", ArticleFilter(), state_dir=state_dir, store=store, before=None, limit=9)
    held = [os.path.realpath(file) for file in Path("/proc/self/fd").iterdir()]
    assert os.path.realpath(index_path(state_dir, store)) not in held, raised


def test_the_list_goes_on_where_it_ended(indexed: Config):
    store = open_store(indexed.storage)
    everything = "demo OR the OR من OR در OR de OR 的"
    whole = find_articles(
        everything, ArticleFilter(), state_dir=Path(indexed.state.dir), store=store, before=None, limit=1000
    )
    assert whole is not None
    assert whole.next is None
    seen, before = [], None
    while True:
        piece = find_articles(
            everything, ArticleFilter(), state_dir=Path(indexed.state.dir), store=store, before=before, limit=3
        )
        assert piece is not None
        seen += [row.path for row in piece.rows]
        before = piece.next
        if before is None:
            break
    assert seen == [row.path for row in whole.rows]
    assert len(seen) > 9
