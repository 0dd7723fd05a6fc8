"""Crawling when the store is away, or is not the one it was."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.archive.store.odd_s3 import odd_s3
from tests.web import page, rss


@pytest.fixture
def paper(web, seed):
    seed("paper", web, feeds=["/feed"])
    web.pages["/feed"] = rss(web.base, ["/a/one"])
    web.pages["/a/one"] = page("One")
    return web


def to_bucket(folder: Path, endpoint: str) -> None:
    settings = folder / "config" / "warraq.toml"
    settings.write_text(
        settings.read_text().replace(
            "[storage]\n", f'[storage]\nurl = "s3://bucket/p"\naddressing = "path"\nendpoint_url = "{endpoint}"\n'
        )
    )


@pytest.mark.parametrize("code", [(503, "SlowDown"), (409, "OperationAborted")])
def test_a_store_that_says_later_at_start_holds_nothing_up(warraq, paper, tmp_path, monkeypatch, code) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    with odd_s3() as bucket:
        to_bucket(tmp_path, bucket.storage.endpoint_url)
        bucket.answers = [code]
        ran = warraq("crawl", "paper", "--json")
        assert ran.code == 0, ran.err
        assert json.loads(ran.out)["progress"]["counts"]["parsed"] == 1
        assert any(key.endswith(".warc.gz") for key in bucket.objects)


def test_with_the_store_down_captures_wait_and_go_up_with_the_next_crawl(warraq, paper, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    with odd_s3() as bucket:
        endpoint = bucket.storage.endpoint_url
    to_bucket(tmp_path, endpoint)
    ran = warraq("crawl", "paper", "--json")
    assert ran.code == 3
    assert "see whether" in str(json.loads(ran.out)["trouble"])
    assert paper.requests.count("GET /a/one") == 1
    with odd_s3() as again:
        settings = tmp_path / "config" / "warraq.toml"
        settings.write_text(settings.read_text().replace(endpoint, again.storage.endpoint_url))
        assert warraq("crawl", "paper").code == 4  # nothing new, but what waited
        names = [key.rpartition("/")[2] for key in again.objects]
        assert sum(name.endswith(".warc.gz") for name in names) == 2
        assert "articles.jsonl" in names
    assert paper.requests.count("GET /a/one") == 1


def test_a_store_that_holds_nothing_of_what_was_shipped_is_refused_and_left_empty(warraq, paper, tmp_path) -> None:
    assert warraq("crawl", "paper").code == 0
    (tmp_path / "data").rename(tmp_path / "unmounted")
    before = len(paper.requests)
    ran = warraq("crawl", "paper")
    assert ran.code == 1
    assert "holds none of the last 1 WARC files that were shipped to it" in ran.err
    assert "mount its disk or correct storage.url" in ran.err
    assert not (tmp_path / "data").exists()
    assert len(paper.requests) == before
    (tmp_path / "unmounted").rename(tmp_path / "data")
    assert warraq("crawl", "paper").code == 4  # nothing new


def test_a_full_disk_of_the_state_is_a_line_and_the_same_command_goes_on(warraq, web, seed):
    paths = [f"/story-{number}.html" for number in range(40)]
    web.pages = {"/feed": rss(web.base, paths), **{path: page(f"Story {path}") for path in paths}}
    seed("paper", web, feeds=["/feed"])
    full = "import sys; from crawler.state import sqlite; sqlite._PRAGMAS += ('PRAGMA max_page_count = 110',)"
    command = [sys.executable, "-c", f"{full}; from crawler.cli import main; sys.exit(main(['crawl', 'paper']))"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "warraq: no room left on the disk of " in done.stderr
    assert "Traceback" not in done.stderr
    ran = warraq("crawl", "paper")
    assert ran.code in (0, 4), ran.err  # 4: all pages were kept by then, and their articles made at start
    assert len(list(Path("data").glob("articles/**/*.txt"))) == len(paths)
    runs = [json.loads(line) for line in warraq("runs", "--json").out.splitlines()]
    assert [run["state"] for run in runs] == ["done", "interrupted"]
    assert all(web.requests.count(f"GET {path}") == 1 for path in paths)  # what was kept is not fetched again
    ran = warraq("verify")
    assert ran.code == 0, ran.out
    assert warraq("rebuild", "--force").code == 0
    runs = [json.loads(line) for line in warraq("runs", "--json").out.splitlines()]
    assert "done" not in [run["state"] for run in runs[1:]]
