"""``warraq report politeness``: what a publisher is told, held against the server's own log."""

from __future__ import annotations

import json

from tests.web import answer, page, rss

ROBOTS = "User-agent: *\nDisallow: /private/\nCrawl-delay: 0.2\n"


def crawled(warraq, web, seed) -> str:
    """Crawl two sites of one host; return its politeness key."""
    seed("paper", web, feeds=["/feed"])
    seed("magazine", web, feeds=["/other"])
    web.pages["/robots.txt"] = answer(ROBOTS, kind="text/plain")
    web.pages["/feed"] = rss(web.base, ["/a/story-number-1", "/private/2", "/a/gone-story"])
    web.pages["/other"] = rss(web.base, ["/a/story-number-3"])
    web.pages |= {f"/a/story-number-{n}": page(f"Story {n}") for n in (1, 3)}
    web.pages["/a/gone-story"] = answer("", status="403 Forbidden")
    warraq("crawl", "paper", "magazine")
    return web.base.removeprefix("http://")


def test_it_tells_what_the_host_was_asked_for_all_its_sites(warraq, web, seed) -> None:
    host = crawled(warraq, web, seed)
    ran = warraq("report", "politeness", host, "--json")
    assert ran.code == 0, ran.err
    day, now = map(json.loads, ran.out.splitlines())
    assert day["requests"] == len(web.requests) == 6
    assert (day["robots_txt"], day["status_403"], day["disallowed"], day["unanswered"]) == (1, 1, 1, 0)
    assert day["sites"] == ["magazine", "paper"]
    assert day["least_gap_s"] >= 0.19
    assert day["size_bytes"] > 0
    assert (now["host"], now["pace"]["crawl_delay_s"]) == (host, 0.2)


def test_an_address_of_the_host_will_do_and_people_can_read_it(warraq, web, seed) -> None:
    crawled(warraq, web, seed)
    told = warraq("report", "politeness", f"{web.base}/a/story-number-1").out
    assert "6 requests in 1 day," in told
    assert "its robots.txt asks for 0.2 s" in told


def test_a_host_that_was_never_asked_is_told_with_those_near_it(warraq, web, seed) -> None:
    host = crawled(warraq, web, seed)
    ran = warraq("report", "politeness", host[:-1] + ("1" if host[-1] != "1" else "2"))
    assert (ran.code, ran.out) == (1, "")
    assert f"near it: {host}" in ran.err
    assert warraq("report", "politeness", "no host").code == 2


def test_a_time_in_which_nothing_was_asked_is_no_error(warraq, web, seed) -> None:
    host = crawled(warraq, web, seed)
    ran = warraq("report", "politeness", host, "--from", "2020-01-01", "--to", "2020-02-01")
    assert (ran.code, ran.out.startswith("nothing was asked of")) == (0, True)
    assert warraq("report", "politeness", host, "--from", "2020-02-01", "--to", "2020-01-01").code == 2
