"""The daemon's corpus: brought up to date when it is due, by a process of its own."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.archive.store.folder import FileStore
from crawler.clock import FixedClock
from crawler.config import Config, load
from crawler.corpus.search import SearchIndex, index_path
from crawler.corpus.tables import catalogue_files
from crawler.daemon.chores.corpus import CorpusWatch
from tests.corpus.corpus_factory import fill


def settings(folder: Path, **changes: object) -> Config:
    return load(overrides={"storage.url": f"file:{folder / 'data'}", "state.dir": str(folder / "state"), **changes})


def test_it_is_due_so_long_after_the_last_time_and_never_if_it_is_switched_off(tmp_path: Path):
    clock = FixedClock(datetime(2026, 11, 23, tzinfo=UTC))
    config = settings(tmp_path, **{"daemon.corpus_s": 60.0})
    watch = CorpusWatch(lambda: config, clock)
    assert not watch.due()
    clock.advance(61)
    assert watch.due()
    config = settings(tmp_path, **{"daemon.corpus_s": 0.0})
    assert not watch.due()


@pytest.mark.slow
def test_what_came_to_the_store_is_entered(tmp_path: Path):
    store = FileStore(tmp_path / "data")
    fill(store, tmp_path / "spool")
    watch = CorpusWatch(lambda: settings(tmp_path), FixedClock(datetime(2026, 11, 23, tzinfo=UTC)))
    asyncio.run(watch._update())
    assert len(catalogue_files(store, "captures")) == 2
    index = SearchIndex.open(index_path(tmp_path / "state", store))
    assert index is not None
    with index:
        assert index.known() == 7
