"""Where an article lies, without reading all of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from crawler.archive.articles import Batch, LineReader
from crawler.archive.store.folder import FileStore
from crawler.corpus.catalogue import update_catalogue
from crawler.corpus.lookup import places_of_id, places_of_url
from crawler.model.article import ArticleHead
from tests.corpus.corpus_factory import STORIES, fill

STORE = ("--store", "file:data", "--state", "state")


def lying(store: FileStore) -> dict[str, set[tuple[Batch, int]]]:
    reader = LineReader(store)
    found: dict[str, set[tuple[Batch, int]]] = {}
    for batch in reader.batches():
        for number, head in enumerate(reader.read(batch, ArticleHead)):
            found.setdefault(head.id, set()).add((batch, number))
    return found


@pytest.mark.parametrize("catalogued", [True, False])
def test_an_id_leads_to_every_article_that_has_it(here: FileStore, tmp_path: Path, catalogued: bool):
    if catalogued:
        update_catalogue(here, lock_folder=tmp_path / "state")
        for text in (tmp_path / "data/articles").rglob("*.txt"):
            text.unlink()
    for article_id, places in lying(here).items():
        found = places_of_id(here, article_id)
        assert {(batch, number) for batch, numbers in found.items() for number in numbers} == places
    assert places_of_id(here, "0" * 16) == {}


def test_a_damaged_catalogue_is_not_asked(here: FileStore, tmp_path: Path):
    update_catalogue(here, lock_folder=tmp_path / "state")
    for file in (tmp_path / "data/catalogue/articles").iterdir():
        file.write_bytes(b"PAR1 and no more")
    assert places_of_id(here, next(iter(lying(here))))


def test_shown_by_id_only_the_batch_is_read_and_a_wrong_hint_costs_nothing(
    here: FileStore, warraq: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    ids = lying(here)
    article_id, places = next((one, places) for one, places in ids.items() if len(places) == 1)
    ((batch, number),) = places
    text = here.get(batch.text(number, article_id)).decode()
    for path in (tmp_path / "data/articles").rglob("articles.jsonl"):
        if path.parent != tmp_path / "data" / batch.prefix:
            path.write_bytes(b"damaged\n")
    ran = warraq("articles", "show", article_id, *STORE)
    assert (ran.code, ran.out) == (0, f"{text}\n"), ran.err
    misleading = tmp_path / "data/articles/elsewhere/2026/11/02" / f"000_{article_id}.txt"
    misleading.parent.mkdir(parents=True)
    (tmp_path / "data" / batch.text(number, article_id)).replace(misleading)
    ran = warraq("articles", "show", article_id, *STORE)
    assert (ran.code, ran.out) == (3, f"{text}\n"), ran.err
    assert msgspec.json.decode(warraq("articles", "show", article_id, *STORE, "--json").out)["id"] == article_id


def test_shown_by_url_only_what_the_catalogue_names_or_does_not_know_is_read(
    here: FileStore, warraq: Callable[..., Any], tmp_path: Path
):
    url = "https://www.ferrow.example/bridge"
    update_catalogue(here, lock_folder=tmp_path / "state")
    before = warraq("articles", "show", url, *STORE)
    assert (before.code, "pulled down" in before.out, "1 other revisions" in before.err) == (0, True, True)
    places = places_of_url(here, url)
    assert places is not None
    reader = LineReader(here)
    assert {batch.prefix for batch in places} == {
        batch.prefix for batch in reader.batches() if any(head.url == url for head in reader.read(batch, ArticleHead))
    }
    assert places_of_url(here, "http://ferrow.example/bridge") == places
    assert places_of_url(here, "https://www.ferrow.example/none") == {}


def test_what_was_published_since_the_catalogue_is_found_by_url_all_the_same(
    here: FileStore, warraq: Callable[..., Any], tmp_path: Path
):
    update_catalogue(here, lock_folder=tmp_path / "state")
    newer = STORIES[2]._replace(title="The bridge has fallen", day=9)
    fill(here, tmp_path / "later", [newer])
    ran = warraq("articles", "show", newer.url, *STORE)
    assert (ran.code, "has fallen" in ran.out, "2 other revisions" in ran.err) == (0, True, True)


def test_without_a_catalogue_all_is_read(here: FileStore):
    assert places_of_url(here, "https://www.ferrow.example/bridge") is None
