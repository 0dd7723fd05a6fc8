from __future__ import annotations

from datetime import UTC, datetime

import pytest
from lxml import etree
from protego import Protego

from crawler.demo.channels import (
    Item,
    atom,
    json_feed,
    news_sitemap,
    robots_txt,
    rss1,
    rss2,
    sitemap,
    sitemap_index,
)
from crawler.parse.discover.feed import parse_feed
from crawler.parse.discover.sitemap import parse_sitemap

AT = datetime(2026, 3, 9, 8, 15, tzinfo=UTC)
ITEMS = [
    Item(url="http://127.0.0.2:8000/a?x=1&y=2", title="Fish & <ships>", published=AT, summary="un résumé"),
    Item(url="http://127.0.0.2:8000/خبر", title="عنوان", published=AT),
]
URLS = ["http://127.0.0.2:8000/a?x=1&y=2", "http://127.0.0.2:8000/%D8%AE%D8%A8%D8%B1"]


@pytest.mark.parametrize("feed", [rss2, rss1, atom, json_feed])
def test_our_own_reader_finds_url_title_and_date_in_every_feed(feed):
    body = feed("Paper", "http://127.0.0.2:8000/", ITEMS)
    if feed is not json_feed:
        etree.fromstring(body)
    found = parse_feed(body, url="http://127.0.0.2:8000/feed").announcements
    assert [a.url for a in found] == URLS
    assert [a.title for a in found] == ["Fish & <ships>", "عنوان"]
    assert all(a.published_at is not None and a.published_at.startswith("2026-03-09T08:15:00") for a in found)


@pytest.mark.parametrize("body", [news_sitemap("Paper", "en", ITEMS), sitemap(ITEMS)])
def test_our_own_reader_finds_every_url_in_every_sitemap(body):
    etree.fromstring(body)
    assert [a.url for a in parse_sitemap(body, url="http://127.0.0.2:8000/s.xml").announcements] == URLS


def test_an_index_names_its_sitemaps_and_their_last_change():
    body = sitemap_index([("http://127.0.0.2:8000/s.xml.gz", AT)])
    child = parse_sitemap(body, url="http://127.0.0.2:8000/sitemap.xml").children[0]
    assert child.url == "http://127.0.0.2:8000/s.xml.gz"
    assert child.modified_at is not None
    assert child.modified_at.startswith("2026-03-09T08:15:00")


def test_robots_txt_says_what_is_off_limits_and_how_fast_to_go():
    rules = Protego.parse(robots_txt(disallow="/preview/", crawl_delay_s=0.05).decode())
    assert not rules.can_fetch("http://h/preview/1", "Warraq")
    assert rules.can_fetch("http://h/1", "Warraq")
    assert rules.crawl_delay("Warraq") == 0.05


@pytest.mark.parametrize("feed", [rss2, rss1, atom, json_feed])
def test_a_feed_in_which_nothing_is_published_yet_is_a_feed(feed):
    assert parse_feed(feed("Paper", "http://127.0.0.2:8000/", []), url="http://127.0.0.2:8000/feed").announcements == ()
