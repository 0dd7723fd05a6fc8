"""A crawl killed in the middle: nothing acknowledged is lost, nothing is kept or emitted twice."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from crawler.archive.read.captures import ArchivedCapture, read_captures
from tests.web import page, rss

PAGES = 12


def crawl_until(folder: Path, web, asked: int, number: int) -> None:
    """Start the crawl of the site ``paper`` and send it the signal `number` once it has asked for `asked` pages."""
    process = subprocess.Popen(
        [Path(sys.executable).with_name("warraq"), "crawl", "paper"],
        cwd=folder,
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    give_up = time.monotonic() + 30
    while sum("/a/" in line for line in web.requests) < asked and process.poll() is None:
        assert time.monotonic() < give_up
        time.sleep(0.005)
    process.send_signal(number)
    process.wait(timeout=30)


def captured(folder: Path) -> Counter[str]:
    urls: Counter[str] = Counter()
    for warc in (folder / "data").rglob("*.warc.gz"):
        for item in read_captures(warc):
            assert isinstance(item, ArchivedCapture), item
            if "/a/" in item.capture.url:
                urls[item.capture.url] += 1
    return urls


@pytest.mark.parametrize("asked", [2, 9])
def test_kill_9_loses_nothing_and_the_next_crawl_takes_up_the_rest(warraq, web, seed, tmp_path, asked):
    seed("paper", web, feeds=["/feed"])
    paths = [f"/a/story-{n}" for n in range(PAGES)]
    web.pages["/feed"] = rss(web.base, paths)
    web.pages |= {path: page(path) for path in paths}
    crawl_until(tmp_path, web, asked, signal.SIGKILL)
    ran = warraq("crawl", "paper")
    assert ran.code == 0, ran.err
    documents = [path.read_text().split("\n")[0] for path in (tmp_path / "data" / "articles").rglob("*.txt")]
    assert Counter(documents) == Counter(paths)
    times = captured(tmp_path)
    assert set(times) == {web.base + path for path in paths}
    asked_twice = [path for path in paths if web.requests.count(f"GET {path}") > 1]
    assert all(times[web.base + path] <= 2 for path in asked_twice)
    assert all(times[web.base + path] == 1 for path in paths if path not in asked_twice)
    assert "interrupted" in warraq("runs").out
    assert warraq("verify").code == 0
    assert warraq("replay", "--out", "file:again").code == 0
    assert subprocess.run(["diff", "-r", "data/articles", "again/articles"], check=False).returncode == 0


def test_sigterm_seals_and_ships_what_there_is(warraq, web, seed, tmp_path):
    seed("paper", web, feeds=["/feed"])
    paths = [f"/a/story-{n}" for n in range(PAGES)]
    web.pages["/feed"] = rss(web.base, paths)

    def slowly(request: bytes) -> bytes:
        time.sleep(0.1)
        return page("Slow")

    web.pages |= dict.fromkeys(paths, slowly)
    crawl_until(tmp_path, web, 3, signal.SIGTERM)
    assert len(captured(tmp_path)) >= 3
    assert not list((tmp_path / "state" / "spool").rglob("*.open"))
    assert os.listdir(tmp_path / "data" / "articles")


def test_a_page_left_unparsed_is_read_from_the_lane_of_another_live_process(warraq, web, seed, tmp_path):
    seed("paper", web, feeds=["/feed"])
    web.pages["/feed"], web.pages["/a/story"] = rss(web.base, ["/a/story"]), page("Story")
    assert warraq("crawl", "paper").code == 0
    shutil.rmtree(tmp_path / "data")  # it was not in the store yet, and the process died before it noted the article
    with closing(sqlite3.connect(tmp_path / "state" / "warraq.db")) as state, state:
        state.execute("DELETE FROM receipts")
        state.execute("UPDATE ledger SET outcome = 'captured' WHERE role = 'article'")
    with (tmp_path / "state" / "spool" / "lane-00" / "lock").open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # a worker of the same daemon took over the lane
        assert warraq("crawl", "paper").code == 4
    assert web.requests.count("GET /a/story") == 1
    assert json.loads(warraq("why", f"{web.base}/a/story", "--json").out)["entry"]["outcome"] == "parsed"


@pytest.mark.parametrize("shipped", [True, False])
def test_captures_sealed_before_the_state_learned_of_them_are_entered_and_not_fetched_again(
    warraq, web, seed, tmp_path, shipped
):
    seed("paper", web, feeds=["/feed"])
    web.pages["/feed"], web.pages["/a/story"] = rss(web.base, ["/a/story"]), page("Story")
    assert warraq("crawl", "paper").code == 0
    if not shipped:
        shutil.rmtree(tmp_path / "data")
    with closing(sqlite3.connect(tmp_path / "state" / "warraq.db")) as state, state:  # killed before these were on disk
        before = state.execute("SELECT url, warc, warc_offset FROM captures ORDER BY warc_offset").fetchall()
        state.execute("DELETE FROM receipts")
        state.execute("DELETE FROM captures")
        state.execute("DELETE FROM articles")
        state.execute("UPDATE ledger SET outcome = 'queued' WHERE role = 'article'")
    assert warraq("crawl", "paper").code == 4
    assert web.requests.count("GET /a/story") == 1
    assert json.loads(warraq("why", f"{web.base}/a/story", "--json").out)["entry"]["outcome"] == "parsed"
    with closing(sqlite3.connect(tmp_path / "state" / "warraq.db")) as state:
        found = state.execute("SELECT url, warc, warc_offset FROM captures ORDER BY warc_offset").fetchall()
    assert set(before) <= set(found)
    assert [path.read_text().split("\n")[0] for path in (tmp_path / "data").rglob("*.txt")] == ["Story"]
