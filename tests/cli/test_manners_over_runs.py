"""Manners that outlive a run: a long Crawl-delay goes on with the next one, and waiting is no attempt."""

from __future__ import annotations

import json
import time
from itertools import pairwise

from tests.cli.test_channel_leads import stories
from tests.web import answer, page, rss


def settings(tmp_path, lines: str) -> None:
    path = tmp_path / "config" / "warraq.toml"
    path.write_text(path.read_text().replace("[fetch]\n", f"[fetch]\n{lines}\n"))


def attempts(warraq, url: str) -> tuple[str, int]:
    entry = json.loads(warraq("why", url, "--json").out)["entry"]
    return entry["outcome"], entry["attempts"]


def test_a_crawl_delay_longer_than_a_run_waits_gives_one_request_a_time_over_runs(warraq, web, seed, tmp_path) -> None:
    settings(tmp_path, "max_delay_s = 0.2")
    seed("paper", web, feeds=["/feed"])
    asked: list[float] = []

    def noted(reply: bytes):
        def give(_: bytes) -> bytes:
            asked.append(time.monotonic())
            return reply

        return give

    web.pages["/robots.txt"] = noted(answer("User-agent: *\nCrawl-delay: 1\n", kind="text/plain"))
    web.pages["/feed"] = noted(rss(web.base, ["/a/story-number-1", "/a/story-number-2"]))
    web.pages |= {f"/a/story-number-{n}": noted(page(f"Story {n}")) for n in (1, 2)}
    ran = warraq("crawl", "paper")
    assert ran.code in (1, 3)
    for _ in range(40):
        if len(stories(tmp_path)) == 2:
            break
        time.sleep(0.3)
        warraq("crawl", "paper")
        for n in (1, 2):
            known = warraq("why", f"{web.base}/a/story-number-{n}", "--json")
            if known.code == 0:
                assert json.loads(known.out)["entry"]["attempts"] == 0
    assert stories(tmp_path) == ["Story 1", "Story 2"]
    assert all(later - earlier > 0.95 for earlier, later in pairwise(asked))


def test_a_robots_txt_that_cannot_be_read_costs_no_story_and_no_attempt(warraq, web, seed, tmp_path) -> None:
    seed("paper", web, feeds=["/feed"])
    web.pages["/robots.txt"] = answer("", status="503 Service Unavailable")
    web.pages["/feed"] = rss(web.base, ["/a/story-number-1"])
    web.pages["/a/story-number-1"] = page("Story 1")
    target = f"{web.base}/a/story-number-1"
    ran = warraq("crawl", target, "--allow-private")
    assert ran.code == 1
    assert attempts(warraq, target) == ("announced", 0)
    assert warraq("crawl", "paper").code == 1
    assert [line for line in web.requests if "robots.txt" not in line] == []


def test_retry_after_holds_for_the_next_run(warraq, web, seed, tmp_path) -> None:
    seed("paper", web, feeds=["/feed"])
    web.pages["/feed"] = answer("", status="429 Too Many Requests", more="Retry-After: 600\r\n")
    assert warraq("crawl", "paper").code == 1
    before = len(web.requests)
    ran = warraq("crawl", "paper")
    assert (ran.code, len(web.requests)) == (1, before)
    told = warraq("report", "politeness", web.base.removeprefix("http://")).out
    assert "it is left alone until" in told
    assert "Retry-After 600 s" in told


def test_a_private_address_that_is_permitted_later_is_asked_then(warraq, web) -> None:
    web.pages["/feed"] = rss(web.base, ["/a/story-number-1"])
    web.pages["/a/story-number-1"] = page("Story 1")
    refused = warraq("crawl", f"{web.base}/feed")
    assert refused.code == 1
    assert "--allow-private" in refused.err
    assert warraq("crawl", f"{web.base}/feed", "--allow-private").code == 0
