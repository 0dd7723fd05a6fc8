"""``warraq sites add``: what a site has for channels is found with few requests, shown, and written as a
declaration."""

from __future__ import annotations

import json
import socket
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

from crawler.config import load_sites
from tests.web import answer, page

NOW = datetime.now(UTC)
"""Of the real clock, which the command goes by."""
XML = "application/xml"


def feed(base: str, names: list[str], *, age: timedelta = timedelta(hours=2), language: str = "de") -> bytes:
    items = "".join(
        f"<item><title>{n}</title><link>{base}/a/{n}</link><pubDate>{format_datetime(NOW - age)}</pubDate></item>"
        for n in names
    )
    return answer(f"<rss><channel><title>Paper</title><language>{language}</language>{items}</channel></rss>", kind=XML)


def home(head: str = "", body: str = "<p>Welcome</p>", lang: str = "de-AT") -> bytes:
    return answer(
        f'<!doctype html><html lang="{lang}"><head><title>Der Bote | '
        f"Nachrichten</title>{head}</head><body>{body}</body></html>"
    )


def alternate(*paths: str) -> str:
    return "".join(f'<link rel="alternate" type="application/rss+xml" href="{path}">' for path in paths)


def test_feeds_that_the_home_page_names_are_declared_and_followed(warraq, web, tmp_path: Path):
    web.pages["/"] = home(alternate("/all.rss", "/part.rss", "/comments.rss", "/old.rss", "/gone.rss"))
    web.pages["/all.rss"] = feed(web.base, ["one-story", "two-story", "three-story"])
    web.pages["/part.rss"] = feed(web.base, ["one-story", "two-story"])
    web.pages["/comments.rss"] = answer(
        f"<rss><channel><title>Comments on Paper</title><item><link>{web.base}/a/x</link></item></channel></rss>",
        kind=XML,
    )
    web.pages["/old.rss"] = feed(web.base, ["ancient-story"], age=timedelta(days=400))
    ran = warraq("sites", "add", web.base, "--allow-private", "--name", "bote", "--country", "at", "--json")
    assert ran.code == 0, ran.err
    told = json.loads(ran.out)
    keys = {one["url"].removeprefix(web.base): (one["key"], one["why"]) for one in told["channels"]}
    assert keys["/all.rss"] == ("feeds", None)
    assert keys["/part.rss"] == (None, f"the same stories as {web.base}/all.rss")
    assert keys["/comments.rss"] == (None, "it lists comments")
    assert keys["/old.rss"][1].startswith("nothing new since")
    assert keys["/gone.rss"] == (None, "http_404")
    assert not [line for line in web.requests if line in ("GET /feed", "GET /rss")]
    path = tmp_path / "seeds" / "at" / "bote.toml"
    assert told["file"] == str(Path("seeds/at/bote.toml"))
    site = load_sites(tmp_path / "seeds")["bote"]
    assert (site.title, site.country, site.languages) == ("Der Bote", "at", ("de",))
    assert (site.feeds, site.sections, site.schedule.every) == ((f"{web.base}/all.rss",), (), "15m")
    assert warraq("config", "check").code == 0
    web.pages["/a/one-story"] = web.pages["/a/two-story"] = web.pages["/a/three-story"] = page("One")
    assert warraq("crawl", "bote").code in (0, 3)
    again = warraq("sites", "add", web.base, "--allow-private")
    assert (again.code, "declared already as bote" in again.err, str(path.relative_to(tmp_path)) in again.err) == (
        2,
        True,
        True,
    )


def test_a_site_that_names_nothing_is_asked_at_the_usual_places_until_one_gives(warraq, web, tmp_path: Path):
    web.pages["/"] = home()
    web.pages["/rss.xml"] = feed(web.base, ["one-story"])
    ran = warraq("sites", "add", web.base, "--allow-private", "--dry-run")
    assert ran.code == 0, ran.err
    assert f'feeds = ["{web.base}/rss.xml"]' in ran.out
    feeds = [line.removeprefix("GET ") for line in web.requests]
    assert feeds[:5] == ["/robots.txt", "/", "/feed", "/rss", "/rss.xml"]
    assert "/atom.xml" not in feeds
    assert list((tmp_path / "seeds").iterdir()) == []


def test_a_page_of_feeds_at_a_usual_place_is_read(warraq, web):
    web.pages["/"] = home()
    web.pages["/feed"] = home(body='<ul><li><a href="/rss/top.xml">Top</a></li></ul>')
    web.pages["/rss/top.xml"] = feed(web.base, ["one-story"])
    ran = warraq("sites", "add", web.base, "--allow-private", "--dry-run")
    assert f'feeds = ["{web.base}/rss/top.xml"]' in ran.out
    assert "GET /rss" not in web.requests


def test_the_news_sitemap_of_robots_txt_is_taken_and_the_sitemap_of_everything_is_not(warraq, web):
    web.pages["/"] = home()
    web.pages["/robots.txt"] = answer(f"Sitemap: {web.base}/index.xml\n", kind="text/plain")
    web.pages["/index.xml"] = answer(
        f"<sitemapindex><sitemap><loc>{web.base}/posts.xml</loc></sitemap>"
        f"<sitemap><loc>{web.base}/google-news.xml</loc></sitemap></sitemapindex>",
        kind=XML,
    )
    web.pages["/google-news.xml"] = answer(
        '<urlset xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url>'
        f"<loc>{web.base}/a/one</loc><news:news><news:title>Eins</news:title>"
        f"<news:publication_date>{NOW.isoformat()}</news:publication_date></news:news></url></urlset>",
        kind=XML,
    )
    ran = warraq("sites", "add", web.base, "--allow-private", "--dry-run", "--json")
    told = json.loads(ran.out)
    assert told["site"]["news_sitemaps"] == [f"{web.base}/google-news.xml"]
    assert told["site"]["sitemaps"] == []
    assert told["site"]["languages"] == ["de-AT"]


def test_only_a_site_without_any_channel_is_read_by_its_sections(warraq, web):
    links = "".join(
        f'<h2><a href="/a/a-long-story-slug-{n}">A headline that is long enough {n}</a></h2>' for n in range(5)
    )
    web.pages["/"] = home(body=f'<nav><a href="/sport">Sport</a></nav><main>{links}</main>')
    web.pages["/sport"] = home(body=f"<main>{links}</main>")
    ran = warraq("sites", "add", web.base, "--allow-private", "--dry-run", "--json")
    site = json.loads(ran.out)["site"]
    assert (site["sections"], site["schedule"]["every"]) == ([f"{web.base}/", f"{web.base}/sport"], "1h")


def test_stories_on_another_host_widen_the_scope(warraq, web):
    web.pages["/"] = home(alternate("/all.rss"))
    web.pages["/all.rss"] = feed("https://stories.example", ["one-story", "two-story"])
    told = json.loads(warraq("sites", "add", web.base, "--allow-private", "--dry-run", "--json").out)
    assert told["site"]["hosts"] == ["stories.example"]


def test_where_nothing_is_found_it_is_said_and_nothing_is_written(warraq, web, tmp_path: Path):
    web.pages["/"] = home()
    ran = warraq("sites", "add", web.base, "--allow-private")
    assert ran.code == 1
    assert "no feed, sitemap or section page was found" in ran.err
    assert list((tmp_path / "seeds").iterdir()) == []
    assert len(web.requests) < 25


def test_a_host_that_does_not_answer_is_asked_once(warraq, web):
    with socket.socket() as taken:  # bound, and nobody listens
        taken.bind(("127.0.0.1", 0))
        ran = warraq("sites", "add", f"http://127.0.0.1:{taken.getsockname()[1]}/", "--allow-private")
    assert (ran.code, "(1 address asked)" in ran.err) == (1, True)


def test_a_port_that_is_never_asked_is_told_once(warraq, web):
    ran = warraq("sites", "add", "http://127.0.0.1:1/", "--allow-private")
    assert (ran.code, "(1 address asked)" in ran.err, "another service's" in ran.err) == (1, True, True)


def test_wrong_words_are_told_before_anything_is_asked(warraq, web):
    for words in (
        ("--country", "uk"),
        ("--language", "klingon"),
        ("--name", "../x"),
    ):
        ran = warraq("sites", "add", web.base, "--allow-private", *words)
        assert (ran.code, web.requests) == (2, []), words
    assert warraq("sites", "add", "not a host").code == 2


def test_a_feed_given_by_hand_leads_to_its_site(warraq, web):
    web.pages["/"] = home()
    web.pages["/some/feed"] = feed(web.base, ["one-story"])
    told = json.loads(warraq("sites", "add", f"{web.base}/some/feed", "--allow-private", "--dry-run", "--json").out)
    assert (told["site"]["home"], told["site"]["feeds"]) == (f"{web.base}/", [f"{web.base}/some/feed"])
