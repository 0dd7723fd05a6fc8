"""Replay from a bucket into a bucket gives what it gives from a folder into a folder, and reads no more than it
needs."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.archive.read.cdxj import index_warc
from crawler.archive.store import Store, open_store
from crawler.archive.store.folder import FileStore
from crawler.archive.store.s3 import S3Store
from crawler.config import load
from crawler.model.selection import Selection
from crawler.run.offline.replay import replay
from crawler.run.offline.sources import find_sources
from crawler.run.offline.unit import Order
from crawler.run.parsing.recipe import Recipe
from tests.run.offline.test_replay import Here, run, someone_elses

pytestmark = pytest.mark.swift


def articles(store: Store) -> dict[str, bytes]:
    return {stored.key: store.get(stored.key) for stored in store.list("articles/")}


def test_a_bucket_gives_what_a_folder_gives_and_ranges_are_all_that_is_read(tmp_path: Path, s3_storage, monkeypatch):
    storage = s3_storage()
    store = open_store(storage)
    for number in range(2):
        path = someone_elses(tmp_path / f"{number}.warc.gz", *(f"A Bridge {number} {n}" for n in range(9)))
        store.put(f"in/{path.name}", path)
        store.put(f"in/{number}.cdxj", index_warc(path)[0])
    read: list[int] = []
    asked = S3Store.read_range

    def noted(self, key, etag, start, end):
        if key.endswith(".gz"):
            read.append(end - start)
        return asked(self, key, etag, start, end)

    monkeypatch.setattr(S3Store, "read_range", noted)
    selection = Selection(urls=("*bridge-1-4", "*bridge-0-2"))
    order = Order(recipe=Recipe(), selection=selection, parsing=load().parse, work=str(tmp_path / "w"), out=storage.url)
    sources = find_sources([f"{storage.url}/in/*.warc.gz"], storage)
    report = replay(sources, order=order, out=storage, engine=Here())
    assert (report.articles, report.faults, report.counts["filtered"]) == (2, (), 16)
    assert sum(read) < sum(source.size for source in sources) / 3
    run(tmp_path, str(tmp_path / "0.warc.gz"), str(tmp_path / "1.warc.gz"), selection=selection)
    assert articles(store) == articles(FileStore(tmp_path / "out")) != {}
