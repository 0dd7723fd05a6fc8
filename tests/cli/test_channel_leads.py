"""What channels lead to: feeds of undeclared sites, stories on other hosts, older pages, servers that say too often
that nothing changed."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from crawler.model.reasons import explain_reason
from tests.web import answer, page, rss

ROBOTS = "User-agent: *\nDisallow: /private/\nSitemap: {base}/news.xml\n"


def stories(folder: Path) -> list[str]:
    return sorted(path.read_text().split("\n")[0] for path in (folder / "data" / "articles").rglob("*.txt"))


def asked(web, path: str) -> int:
    return web.requests.count(f"GET {path}")


def test_the_front_page_of_an_undeclared_site_leads_to_its_feeds_and_sitemaps(warraq, web, tmp_path) -> None:
    links = "".join(
        f'<h2><a href="/2026/11/23/front-story-{n}">A story told on the front page, number {n}</a></h2>'
        for n in range(4)
    )
    web.pages["/"] = answer(
        f'<html><head><title>Paper</title><link rel="alternate" type="application/rss+xml" href="/all.rss"></head>'
        f"<body><main>{links}</main></body></html>"
    )
    web.pages["/robots.txt"] = answer(ROBOTS.format(base=web.base), kind="text/plain")
    web.pages["/all.rss"] = rss(web.base, ["/2026/11/23/from-the-feed"])
    web.pages["/news.xml"] = answer(
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url>'
        f"<loc>{web.base}/2026/11/23/from-the-sitemap</loc><lastmod>2026-11-23</lastmod></url></urlset>",
        kind="application/xml",
    )
    for name in ("from-the-feed", "from-the-sitemap", *(f"front-story-{n}" for n in range(4))):
        web.pages[f"/2026/11/23/{name}"] = page(name)
    ran = warraq("crawl", f"{web.base}/", "--allow-private")
    assert ran.code == 0, ran.err
    assert stories(tmp_path) == sorted(["from-the-feed", "from-the-sitemap", *(f"front-story-{n}" for n in range(4))])


def test_a_feed_given_by_hand_may_lie_on_another_host_than_its_stories(warraq, web, tmp_path) -> None:
    other = web.base.replace("127.0.0.1", "localhost")
    web.pages["/rss"] = rss(other, ["/2026/11/23/one-story", "/2026/11/23/two-story"])
    web.pages["/2026/11/23/one-story"], web.pages["/2026/11/23/two-story"] = page("One"), page("Two")
    ran = warraq("crawl", f"{web.base}/rss", "--allow-private")
    assert ran.code == 0, ran.err
    assert stories(tmp_path) == ["One", "Two"]


def test_a_sitemap_given_by_hand_may_lie_on_another_host_than_its_stories(warraq, web, tmp_path) -> None:
    other = web.base.replace("127.0.0.1", "localhost")
    locations = "".join(f"<url><loc>{other}/2026/11/23/{name}</loc></url>" for name in ("one-story", "two-story"))
    web.pages["/map.xml"] = answer(f"<urlset>{locations}</urlset>", kind="application/xml")
    web.pages["/2026/11/23/one-story"], web.pages["/2026/11/23/two-story"] = page("One"), page("Two")
    ran = warraq("crawl", f"{web.base}/map.xml", "--allow-private")
    assert ran.code == 0, ran.err
    assert stories(tmp_path) == ["One", "Two"]


def test_a_declared_site_keeps_to_its_hosts_whatever_its_feed_says(warraq, web, seed, tmp_path) -> None:
    seed("paper", web, feeds=["/rss"])
    other = web.base.replace("127.0.0.1", "localhost")
    web.pages["/rss"] = rss(other, ["/2026/11/23/one-story", "/2026/11/23/two-story"])
    warraq("crawl", "paper")
    assert asked(web, "/2026/11/23/one-story") == 0


def paged(web, first: int, *, size: int = 3, last: int = 0) -> None:
    """Publish the stories up to number `first`, the newest on the first page of the feed, the rest on older ones."""
    numbers = list(range(first, last, -1))
    pages = [numbers[at : at + size] for at in range(0, len(numbers), size)]
    for at, part in enumerate(pages):
        more = f'<atom:link rel="next" href="/feed?page={at + 1}"/>' if at + 1 < len(pages) else ""
        body = rss(web.base, [f"/a/story-number-{n}" for n in part]).split(b"\r\n\r\n", 1)[1].decode()
        body = body.replace("<rss ", '<rss xmlns:atom="http://www.w3.org/2005/Atom" ').replace(
            "<title>t", f"{more}<title>t"
        )
        web.pages["/feed" + (f"?page={at}" if at else "")] = answer(body, kind="application/rss+xml")
    for n in numbers:
        web.pages[f"/a/story-number-{n}"] = page(f"Story {n}")


def test_a_feed_that_moved_on_by_more_than_it_holds_is_read_further_back(warraq, web, seed, tmp_path) -> None:
    seed("paper", web, feeds=["/feed"])
    paged(web, 3)
    assert warraq("crawl", "paper").code == 0
    paged(web, 13)
    assert warraq("crawl", "paper").code == 0
    assert len(stories(tmp_path)) == 13
    assert [asked(web, f"/feed?page={n}") for n in range(1, 5)] == [1, 1, 1, 0]  # up to the first story that is known


@pytest.mark.parametrize(
    "leads", ["<meta http-equiv=refresh content='0; url=/new.rss'>", "<script>location.replace('/new.rss')</script>"]
)
def test_a_feed_that_moved_behind_a_page_that_leads_on_is_read(warraq, web, seed, tmp_path, leads) -> None:
    seed("paper", web, feeds=["/feed"])
    web.pages["/feed"] = answer(f"<html><head>{leads}</head></html>")
    web.pages["/new.rss"] = rss(web.base, ["/a/story-number-1"])
    web.pages["/a/story-number-1"] = page("Story 1")
    assert warraq("crawl", "paper").code == 0
    assert stories(tmp_path) == ["Story 1"]


def test_a_section_page_that_loads_itself_anew_is_read(warraq, web, seed, tmp_path) -> None:
    seed("paper", web, sections=["/news"])
    link = '<h2><a href="/2026/11/23/the-story-of-the-day">The story of the day, told at some length</a></h2>'
    more = "Refresh: 5; url=/news?again\r\n"
    web.pages["/news"] = answer(f"<html><body><main>{link}</main></body></html>", more=more)
    web.pages["/2026/11/23/the-story-of-the-day"] = page("Story 1")
    assert warraq("crawl", "paper").code == 0
    assert stories(tmp_path) == ["Story 1"]


def test_an_older_page_may_be_named_by_a_header_field(warraq, web, seed, tmp_path) -> None:
    seed("paper", web, feeds=["/feed"])
    web.pages |= {f"/a/story-number-{n}": page(f"Story {n}") for n in range(1, 4)}
    web.pages["/feed"] = rss(web.base, ["/a/story-number-1"])
    assert warraq("crawl", "paper").code == 0
    more = 'Link: <https://hub.example/>; rel="hub"\r\nLink: </feed?older>; rel="next"\r\n'
    web.pages["/feed"] = rss(web.base, ["/a/story-number-3"], more=more)
    web.pages["/feed?older"] = rss(web.base, ["/a/story-number-2", "/a/story-number-1"])
    assert warraq("crawl", "paper").code == 0
    assert stories(tmp_path) == ["Story 1", "Story 2", "Story 3"]


def test_a_feed_whose_last_reading_still_shows_is_not_read_further_back(warraq, web, seed, tmp_path) -> None:
    seed("paper", web, feeds=["/feed"])
    paged(web, 9)
    assert warraq("crawl", "paper").code == 0
    paged(web, 11)
    assert warraq("crawl", "paper").code == 0
    assert [line for line in web.requests if "page=" in line] == []


def test_an_overrun_that_cannot_be_read_back_is_told(warraq, web, seed) -> None:
    seed("paper", web, feeds=["/feed"])
    web.pages["/feed"] = rss(web.base, ["/a/story-number-1"])
    web.pages |= {f"/a/story-number-{n}": page(f"Story {n}") for n in (1, 9)}
    assert warraq("crawl", "paper").code == 0
    web.pages["/feed"] = rss(web.base, ["/a/story-number-9"])
    assert warraq("crawl", "paper").code == 0
    told = json.loads(warraq("why", f"{web.base}/feed", "--json").out)
    assert told["entry"]["reason"] == "overrun"
    assert "stories came and went" in explain_reason("overrun")


def test_validators_that_never_change_are_not_believed_for_more_than_a_day(warraq, web, seed, tmp_path) -> None:
    seed("paper", web, feeds=["/feed"])
    unchanged = answer("", status="304 Not Modified", more='ETag: "constant"\r\n')
    shown = {"feed": rss(web.base, ["/a/story-number-1"], more='ETag: "constant"\r\n')}
    web.pages["/feed"] = lambda request: unchanged if b"If-None-Match" in request else shown["feed"]
    web.pages |= {f"/a/story-number-{n}": page(f"Story {n}") for n in (1, 2)}
    assert warraq("crawl", "paper").code == 0
    shown["feed"] = rss(web.base, ["/a/story-number-2", "/a/story-number-1"], more='ETag: "constant"\r\n')
    warraq("crawl", "paper")
    assert stories(tmp_path) == ["Story 1"]
    with closing(sqlite3.connect(tmp_path / "state" / "warraq.db")) as state, state:
        state.execute("UPDATE validators SET updated_at = '2026-01-01T00:00:00.000000Z'")
    assert warraq("crawl", "paper").code == 0
    assert stories(tmp_path) == ["Story 1", "Story 2"]


def test_a_site_that_names_no_channel_is_asked_at_the_usual_places_until_one_gives(warraq, web, tmp_path) -> None:
    web.pages["/"] = answer("<html><head><title>Paper</title></head><body><p>Welcome</p></body></html>")
    web.pages["/feed"] = page("A page about our feeds")  # no feed, and no article either: nobody announced it
    web.pages["/rss.xml"] = rss(web.base, ["/2026/11/23/from-the-feed"])
    web.pages["/2026/11/23/from-the-feed"] = page("From the feed")
    ran = warraq("crawl", f"{web.base}/", "--allow-private")
    assert "From the feed" in stories(tmp_path), ran.err
    assert [line.removeprefix("GET ") for line in web.requests][:5] == ["/robots.txt", "/", "/feed", "/rss", "/rss.xml"]
    assert asked(web, "/sitemap.xml") == asked(web, "/atom.xml") == 0


def test_where_no_channel_is_found_the_sections_of_the_menu_are_read(warraq, web, tmp_path) -> None:
    web.pages["/"] = answer(
        '<html><body><nav><a href="/sport">Sport</a></nav><main>'
        '<h2><a href="/a/front-story-of-the-day">The front story of this very day</a></h2>'
        '<h2><a href="/a/second-story-of-the-day">The second story of this very day</a></h2></main></body></html>'
    )
    web.pages["/sport"] = answer(
        '<html><body><h2><a href="/a/sport-story-of-the-day">The sport story of this very day</a></h2>'
        '<h2><a href="/a/front-story-of-the-day">The front story of this very day</a></h2></body></html>'
    )
    for name in ("front", "second", "sport"):
        web.pages[f"/a/{name}-story-of-the-day"] = page(name)
    ran = warraq("crawl", f"{web.base}/", "--allow-private")
    assert (ran.code, stories(tmp_path)) == (0, ["front", "second", "sport"]), ran.err


def urlset(base: str, *names: str) -> bytes:
    urls = "".join(f"<url><loc>{base}/2026/11/23/{name}</loc></url>" for name in names)
    return answer(f"<urlset>{urls}</urlset>", kind="application/xml")


def test_a_sitemap_that_failed_once_is_read_though_its_index_says_that_nothing_changed(warraq, web, seed, tmp_path):
    seed("paper", web, sitemaps=["/index.xml"])
    body = f"<sitemapindex><sitemap><loc>{web.base}/1.xml</loc><lastmod>2026-11-23</lastmod></sitemap></sitemapindex>"
    unchanged = answer("", status="304 Not Modified")
    whole = answer(body, kind="application/xml", more='ETag: "1"\r\n')
    web.pages["/index.xml"] = lambda request: unchanged if b'If-None-Match: "1"' in request else whole
    web.pages["/1.xml"] = answer("later", status="503 Service Unavailable")
    assert warraq("crawl", "paper").code != 0
    web.pages["/1.xml"] = urlset(web.base, "a-story")
    web.pages["/2026/11/23/a-story"] = page("A story")
    assert warraq("crawl", "paper").code == 0
    assert stories(tmp_path) == ["A story"]


def test_a_sitemap_that_vanished_is_not_asked_for_in_every_run(warraq, web, seed, tmp_path):
    seed("paper", web, sitemaps=["/index.xml"])
    web.pages["/index.xml"] = answer(
        f"<sitemapindex><sitemap><loc>{web.base}/gone.xml</loc></sitemap><sitemap><loc>{web.base}/1.xml</loc></sitemap>"
        "</sitemapindex>",
        kind="application/xml",
    )
    web.pages["/1.xml"] = urlset(web.base, "a-story")
    web.pages["/2026/11/23/a-story"] = page("A story")
    for _ in range(3):
        warraq("crawl", "paper")
    assert (asked(web, "/gone.xml"), asked(web, "/1.xml")) == (1, 3)


def test_a_sitemap_on_another_host_is_read_if_the_sites_own_index_names_it(warraq, web, seed, tmp_path):
    other = web.base.replace("127.0.0.1", "localhost")
    seed("paper", web, sitemaps=["/index.xml"])
    web.pages["/index.xml"] = answer(
        f"<sitemapindex><sitemap><loc>{other}/1.xml</loc></sitemap></sitemapindex>", kind="application/xml"
    )
    web.pages["/1.xml"] = urlset(web.base, "a-story")
    web.pages["/2026/11/23/a-story"] = page("A story")
    ran = warraq("crawl", "paper", "--allow-private")
    assert (ran.code, stories(tmp_path)) == (0, ["A story"]), ran.err


def test_a_feed_of_very_many_items_is_read_apart_and_up_to_its_bound(warraq, web, seed, tmp_path):
    seed("paper", web, feeds=["/feed"])
    web.pages["/feed"] = rss(web.base, (f"/2026/11/23/story-number-{n}" for n in range(30_000)))
    web.pages["/2026/11/23/story-number-0"] = page("A story")
    ran = warraq("crawl", "paper", "--max-pages", "1")
    assert (ran.code, stories(tmp_path)) == (0, ["A story"]), ran.err
    assert "9999 pages wait" in ran.err


def test_a_section_page_that_became_a_feed_is_read_as_one(warraq, web, seed, tmp_path):
    seed("paper", web, sections=["/world"], feeds=["/map"])
    web.pages["/world"] = rss(web.base, ["/2026/11/23/one-story"])
    web.pages["/map"] = urlset(web.base, "two-story")
    web.pages["/2026/11/23/one-story"], web.pages["/2026/11/23/two-story"] = page("One"), page("Two")
    ran = warraq("crawl", "paper")
    assert (ran.code, stories(tmp_path)) == (0, ["One", "Two"]), ran.err
