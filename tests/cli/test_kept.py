"""What Warraq 0.1.0 wrote (tests/kept/0.1.0.tar.gz: two crawls of a small paper) is still what it was."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crawler.archive.articles import LineReader
from crawler.archive.check.verify import verify_store
from crawler.archive.store.folder import FileStore
from crawler.model.article import ArticleRecord
from tests.kept_archive import unpack_kept

STORY = "http://127.0.0.1:39763/news/ferry"
TITLES = ["Ferry returns", "Lighthouse sold", "Quay closed", "Tide tables are late"]


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    unpack_kept(tmp_path)
    return tmp_path


def test_its_archive_is_sound(kept: Path):
    reports = list(verify_store(FileStore(kept / "data"), sample=1.0, seed=1))
    assert [report.faults for report in reports] == [(), ()] or not any(report.faults for report in reports)
    assert sum(report.records for report in reports) == 26


def test_its_articles_are_read_back_whole(kept: Path):
    reader = LineReader(FileStore(kept / "data"))
    records = [record for batch in reader.batches() for record in reader.read(batch, ArticleRecord)]
    assert sorted(record.title or "" for record in records) == TITLES
    assert all(record.text and record.capture and record.parser_version for record in records)


def test_its_state_answers(warraq, kept: Path):
    told = json.loads(warraq("why", STORY, "--json").out)
    assert told["entry"]["outcome"] == "parsed"
    assert (len(told["captures"]), len(told["articles"])) == (1, 1)
    assert (kept / "data" / told["articles"][0]["path"]).is_file()
    runs = [json.loads(line) for line in warraq("runs", "--json").out.splitlines()]
    assert [(run["state"], run["counts"]["parsed"]) for run in runs] == [("partial", 1), ("done", 3)]


def test_its_archive_is_replayed_into_the_same_articles(warraq, kept: Path):
    ran = warraq("replay", "data/warc", "--out", "again")
    assert ran.code == 0, ran.err
    reader = LineReader(FileStore(kept / "again"))
    assert (
        sorted(record.title or "" for batch in reader.batches() for record in reader.read(batch, ArticleRecord))
        == TITLES
    )


def test_the_state_is_made_anew_from_its_store(warraq, kept: Path):
    ran = warraq("rebuild", "--force", "--json")
    assert ran.code == 0, ran.err
    made = json.loads(ran.out)
    assert (made["warcs"], made["runs"], made["articles"], made["faults"]) == (2, 2, 4, [])
