"""The catalogue: made in whatever steps, it holds what the store holds, and every byte of it follows from that."""

from __future__ import annotations

import gzip
import random
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import duckdb
import msgspec
import pytest

from crawler.archive.articles import LineWriter
from crawler.archive.articles.layout import Batch
from crawler.archive.store import Store
from crawler.archive.store.folder import FileStore
from crawler.archive.store.memory import MemoryStore
from crawler.corpus.alone import alone
from crawler.corpus.catalogue import Catalogued, update_catalogue
from crawler.errors import StateError, StoreError, UsageError
from tests.corpus.corpus_factory import STORIES, fill, publish


def update(store: Store, tmp_path: Path, **options: object) -> Catalogued:
    return update_catalogue(store, lock_folder=tmp_path / "state", **options)  # type: ignore[arg-type]


def files(store: Store) -> dict[str, bytes]:
    return {one.key: store.get(one.key) for one in store.list("catalogue/") if one.key.endswith(".parquet")}


def rows(store: FileStore, kind: str, what: str = "*") -> list[tuple[object, ...]]:
    folder = store.url.removeprefix("file:")
    return duckdb.sql(f"SELECT {what} FROM '{folder}/catalogue/{kind}/*.parquet'").fetchall()


def test_it_has_each_capture_and_article_by_month_with_what_is_known_of_them(store: Store, tmp_path: Path):
    report = update(store, tmp_path)
    assert (report.captures, report.articles, report.damaged) == (7, 7, ())
    assert report.months == ("2026-10", "2026-11")
    assert sorted(files(store)) == [
        f"catalogue/{kind}/2026-{month}.parquet" for kind in ("articles", "captures") for month in (10, 11)
    ]


def test_columns_are_those_of_common_crawl_where_it_has_them(here: FileStore, tmp_path: Path):
    update(here, tmp_path)
    named = (
        "url_surtkey, url_host_registered_domain, url_host_tld, url_path, fetch_status, content_mime_type, "
        "content_languages, kind, role, site, run"
    )
    found = [row for row in rows(here, "captures", named) if row[9] == "kitab"]
    assert found == [
        ("example,kitab)/school", None, "example", "/school", 200, "text/html", "ar", "response", "article", "kitab",
         "run-kitab-2")
    ]  # fmt: skip


def test_a_row_leads_to_its_record(here: FileStore, tmp_path: Path):
    update(here, tmp_path)
    for key, offset, length, url in rows(
        here, "captures", "warc_filename, warc_record_offset, warc_record_length, url"
    ):
        with here.open(str(key), offset=int(offset), length=int(length)) as stream:  # type: ignore[call-overload]
            assert f"WARC-Target-URI: {url}\r\n".encode() in gzip.decompress(stream.read())


def test_rows_are_sorted_by_key_and_time(here: FileStore, tmp_path: Path):
    update(here, tmp_path)
    for kind in ("captures", "articles"):
        for month in ("2026-10", "2026-11"):
            found = duckdb.sql(
                f"SELECT url_surtkey, fetch_time FROM '{tmp_path}/data/catalogue/{kind}/{month}.parquet'"
            ).fetchall()
            assert found == sorted(found)


def test_what_is_known_is_not_read_again(here: FileStore, tmp_path: Path):
    first = update(here, tmp_path)
    before = files(here)
    again = update(here, tmp_path)
    assert (again.sources, again.months, again.known) == (0, (), first.sources)
    assert files(here) == before


def test_steps_and_their_order_leave_no_trace(tmp_path: Path):
    whole, stepwise = MemoryStore("whole"), MemoryStore("stepwise")
    fill(whole, tmp_path / "one")
    update(whole, tmp_path)
    everything = [(one.key, whole.get(one.key)) for one in whole.list() if not one.key.startswith("catalogue/")]
    random.Random(5).shuffle(everything)
    for key, content in everything:
        stepwise.put(key, content)
        if key.endswith(("warc.gz", "articles.jsonl")):
            update(stepwise, tmp_path)
    assert files(stepwise) == files(whole)
    update(stepwise, tmp_path, rebuild=True)
    assert files(stepwise) == files(whole)


def test_a_batch_written_anew_replaces_its_rows_and_one_that_is_gone_takes_them_along(here: FileStore, tmp_path: Path):
    update(here, tmp_path)
    batch = Batch("articles/ferrow/2026/10/31/run-ferrow-1")
    [line] = (tmp_path / "data" / batch.lines).read_bytes().splitlines()
    LineWriter(here).write(batch, [line.replace(b"A miller retires", b"A miller returns")])
    report = update(here, tmp_path)
    assert (report.sources, report.articles) == (1, 1)
    titles = [title for (title,) in rows(here, "articles", "title")]
    assert "A miller returns" in titles
    assert "A miller retires" not in titles
    (tmp_path / "data" / batch.lines).unlink()
    update(here, tmp_path)
    assert len(rows(here, "articles")) == 6
    assert [c for c in rows(here, "captures", "url, article_id") if c == ("https://www.ferrow.example/mill", None)]


def test_damage_costs_its_own_row_and_is_told_until_it_is_mended(here: FileStore, tmp_path: Path):
    lines = tmp_path / "data/articles/qiao/2026/11/02/run-qiao-3/articles.jsonl"
    whole = lines.read_bytes()
    lines.write_bytes(whole[:200] + b"\n" + whole)
    [cdxj] = (tmp_path / "data").glob("warc/2026/10/30/*.cdxj")
    kept = cdxj.read_bytes()
    cdxj.write_bytes(b"nonsense\n" + kept)
    report = update(here, tmp_path)
    assert (report.captures, report.articles, len(report.damaged)) == (7, 7, 2)
    assert any("line 1 is damaged" in told for told in report.damaged)
    assert update(here, tmp_path).damaged == report.damaged
    lines.write_bytes(whole)
    cdxj.write_bytes(kept)
    assert update(here, tmp_path).damaged == ()
    assert len(rows(here, "captures")) == len(rows(here, "articles")) == 7


def test_one_that_was_stopped_anywhere_is_completed_by_the_next(here: FileStore, tmp_path: Path, monkeypatch):
    reference = MemoryStore("reference")
    for one in here.list():
        reference.put(one.key, here.get(one.key))
    update(reference, tmp_path)

    class Stopped(BaseException):
        pass

    puts = len(files(reference)) + 2
    real = FileStore.put
    for rebuild in (False, True):
        for stop in range(puts + 2):
            left = [stop]

            def put(self, key, *args, left=left, **kwargs):
                if not left[0]:
                    raise Stopped
                left[0] -= 1
                return real(self, key, *args, **kwargs)

            with monkeypatch.context() as patched:
                patched.setattr(FileStore, "put", put)
                with suppress(Stopped):
                    update(here, tmp_path, rebuild=rebuild)
            update(here, tmp_path)
            assert files(here) == files(reference), (rebuild, stop)
            if not rebuild:
                for one in list(here.list("catalogue/")):
                    (tmp_path / "data" / one.key).unlink()


def test_a_damaged_catalogue_is_told_and_made_anew_on_request(here: FileStore, tmp_path: Path):
    update(here, tmp_path)
    before = files(here)
    (tmp_path / "data/catalogue/captures/2026-11.parquet").write_bytes(b"PAR1 no more")
    fill(here, tmp_path / "more", [STORIES[0]._replace(day=5, path="new")])
    with pytest.raises(StoreError, match=r"captures/2026-11.parquet cannot be read.*--rebuild"):
        update(here, tmp_path)
    update(here, tmp_path, rebuild=True)
    assert len(rows(here, "captures")) == 8
    assert files(here).keys() == before.keys()


def test_sources_that_cannot_be_read_are_no_reason_to_lose_rows(here: FileStore, tmp_path: Path):
    update(here, tmp_path)
    before = files(here)
    (tmp_path / "data/catalogue/sources/2026-10.json").write_bytes(b"{")
    assert update(here, tmp_path).captures == 7
    assert files(here) == before


def test_two_updates_at_once_are_one(here: FileStore, tmp_path: Path):
    with alone(tmp_path / "state", "catalogue"), pytest.raises(StateError, match="another process"):
        update(here, tmp_path)


def test_articles_of_anothers_warc_need_no_capture(tmp_path: Path):
    store = FileStore(tmp_path / "data")
    records = fill(MemoryStore("other"), tmp_path / "spool")
    publish(store, [msgspec.structs.replace(one, run=None, site=None) for one in records])
    report = update(store, tmp_path)
    assert (report.captures, report.articles) == (0, 7)


def test_without_the_extra_it_says_how_to_get_it(here: FileStore, tmp_path: Path, monkeypatch):
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(UsageError, match=r"DuckDB.*pip install '\.\[corpus\]'"):
        update(here, tmp_path)


def test_the_command_tells_what_it_did(here: FileStore, warraq: Callable[..., object], tmp_path: Path):
    done = warraq("catalogue", "--store", "file:data", "--state", "state")
    assert (done.code, done.out) == (
        0, "file:data/catalogue: 7 captures and 7 articles of 12 files, 2 months written\n"
    )  # fmt: skip
    again = warraq("catalogue", "--store", "file:data", "--state", "state")
    assert (again.code, "none of them new" in again.err) == (0, True)
    (tmp_path / "empty").mkdir()
    empty = warraq("catalogue", "--store", "file:empty", "--state", "state")
    assert (empty.code, "neither captures nor articles" in empty.err) == (4, True)
    damaged = tmp_path / "data/articles/qiao/2026/11/02/run-qiao-3/articles.jsonl"
    damaged.write_bytes(b"{}\n")
    assert warraq("catalogue", "--store", "file:data", "--state", "state").code == 3


def test_a_replay_keeps_up_the_catalogue_that_is_there_and_makes_none(
    here: FileStore, warraq: Callable[..., object], tmp_path
):
    warraq("replay", "data/warc", "--out", "file:data", "--state", "state", "--jobs", "1")
    assert files(here) == {}
    warraq("catalogue", "--store", "file:data", "--state", "state")
    for lines in (tmp_path / "data").rglob("articles.jsonl"):
        lines.unlink()
    warraq("catalogue", "--store", "file:data", "--state", "state")
    assert rows(here, "articles") == []
    assert warraq("replay", "data/warc", "--out", "file:data", "--state", "other", "--jobs", "1").code == 0
    assert len(rows(here, "articles")) == 7


def test_a_catalogue_of_another_version_is_made_anew_by_itself(here: FileStore, tmp_path: Path):
    update(here, tmp_path)
    before = files(here)
    for month in ("2026-10", "2026-11"):
        noted = tmp_path / f"data/catalogue/sources/{month}.json"
        noted.write_bytes(msgspec.json.encode({**msgspec.json.decode(noted.read_bytes()), "version": 1}))
        for kind in ("captures", "articles"):
            path = tmp_path / f"data/catalogue/{kind}/{month}.parquet"
            duckdb.sql(f"COPY (SELECT url FROM '{path}') TO '{path}.old' (FORMAT parquet)")
            Path(f"{path}.old").replace(path)
    assert update(here, tmp_path).captures == 7
    assert files(here) == before
