"""Odd addresses, as a crawl meets them: what a server would read is what robots.txt, scope and ledger see."""

from __future__ import annotations

import pytest

from tests.web import answer, page, rss


@pytest.mark.parametrize(
    "way", ["/open/../private/a", "/open/%2e%2E/private/a", "/open/./..\\private/a", "/x/y/../../private/a"]
)
def test_no_spelling_of_a_path_walks_round_robots_txt(warraq, web, way: str) -> None:
    web.pages["/robots.txt"] = answer("User-agent: *\nDisallow: /private/\n", kind="text/plain")
    web.pages["/feed"] = rss(web.base, [way, "/open/leads-there"])
    web.pages["/open/leads-there"] = answer("", status="302 Found", more=f"Location: {web.base}{way}\r\n")
    web.pages["/private/a"] = page("Not for us")
    warraq("crawl", f"{web.base}/feed", "--allow-private")
    assert "GET /open/leads-there" in web.requests
    assert [line for line in web.requests if "private" in line] == []
    told = warraq("why", f"{web.base}/private/a")
    assert "robots" in told.out


def test_two_spellings_of_a_path_are_one_page(warraq, web) -> None:
    web.pages["/feed"] = rss(web.base, ["/news/./a-long-story", "/news/a-long-story", "/news/x/../a-long-story"])
    web.pages["/news/a-long-story"] = page("A long story")
    warraq("crawl", f"{web.base}/feed", "--allow-private")
    assert [line for line in web.requests if "story" in line] == ["GET /news/a-long-story"]
