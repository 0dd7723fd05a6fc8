"""``warraq demo`` as a newcomer runs it."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path

from crawler.clock import SystemClock
from crawler.demo.show import reference_document
from crawler.run.lock import StateLock


def test_the_demo_crawls_twice_replays_and_finds_both_identical(warraq, tmp_path: Path):
    ran = warraq("demo")
    assert ran.code == 0, ran.err
    assert "identical" in ran.out
    digest = hashlib.sha256(reference_document()).hexdigest()
    assert f"byte-identical with furniture kept, sha256 {digest}" in ran.out
    same = subprocess.run(["diff", "-r", "demo/data/articles", "demo/replayed/articles"], check=False)
    assert same.returncode == 0
    (document,) = (tmp_path / "demo" / "reference").rglob(f"*_{digest[:16]}.txt")
    assert document.read_bytes() == reference_document()


def test_the_article_shown_is_what_the_default_gives_without_furniture(warraq, tmp_path: Path):
    ran = warraq("demo")
    shown, _, kept = ran.out.partition("an article, as the default gives it: file:")[2].partition(
        'with furniture = "keep"'
    )
    place, _, text = shown.partition("\n")
    assert text.strip() == (tmp_path / place).read_text().strip()
    assert "Leave a Reply" not in text
    document = tmp_path / kept.partition("\n")[0].rpartition(": ")[2].strip()
    assert "Leave a Reply" in document.read_text()
    assert place.rpartition("_")[0].endswith(str(document).rpartition("articles/")[2].rpartition("_")[0])


def test_the_second_round_fetches_only_what_is_new(warraq, tmp_path: Path):
    assert warraq("demo").code == 0
    runs = [json.loads(line) for line in warraq("runs", "--state", "demo/state", "--json").out.splitlines()]
    assert len(runs) == 10
    second, first = runs[:5], runs[5:]
    assert sum(run["counts"].get("parsed", 0) for run in second) == 2
    assert sum(run["counts"].get("not_modified", 0) for run in second) == 4
    assert sum(run["counts"].get("duplicate", 0) for run in second) == 2  # an index that dates nothing, and its sitemap
    assert sum(run["counts"].get("parsed", 0) for run in first) == 27


def test_the_demo_does_not_touch_a_folder_it_did_not_make(warraq, tmp_path: Path):
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "precious").write_text("mine")
    ran = warraq("demo")
    assert ran.code == 2
    assert "not empty" in ran.err
    assert (tmp_path / "demo" / "precious").read_text() == "mine"


def test_the_demo_runs_on_s3(warraq, s3_storage):
    storage = s3_storage()
    ran = warraq("demo", "--store", storage.url, "--endpoint-url", storage.endpoint_url)
    assert ran.code == 0, ran.err
    assert "identical" in ran.out
    assert f"archive       {storage.url}/warc/" in ran.out


def test_a_second_demo_in_the_folder_of_a_running_one_is_refused(warraq, tmp_path: Path):
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / ".warraq-demo").touch()
    with StateLock.take(tmp_path / "demo" / "state", "demo", clock=SystemClock()):
        ran = warraq("demo")
    assert (ran.code, "in use by `warraq demo`" in ran.err) == (1, True), ran.err
    assert (tmp_path / "demo" / "state").exists()
