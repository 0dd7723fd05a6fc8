"""The parser as others use it: ten names, quick to import, without the crawler."""

from __future__ import annotations

import inspect
import subprocess
import sys
from datetime import UTC, datetime

import msgspec
import pytest

import crawler.parse
from crawler.errors import DiscoveryError, ParseError, UsageError
from crawler.model.page import Page
from crawler.parse.article import parse_article
from crawler.parse.library import find_date, read_feed, read_listing, read_page, read_sitemap

URL = "https://harbour.example/news/ferry"
AT = datetime(2026, 6, 6, 12, tzinfo=UTC)
BODY = (
    "<!doctype html><html lang='en'><head><title>Ferry returns</title></head><body><article><h1>Ferry returns</h1>"
    + "<p>The ferry to the island sails again from Monday, the harbour master said on Friday evening.</p>" * 4
    + "</article></body></html>"
).encode()


def in_a_fresh_process(code: str) -> str:
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return ran.stdout.strip()


def test_importing_it_brings_neither_the_crawler_nor_its_stores():
    code = (
        f"import sys; from crawler.parse import read_page; read_page({BODY!r}, {URL!r});"
        "print(sorted({'scrapy', 'twisted', 'boto3', 'aiohttp', 'warcio', 'asyncio', 'sqlite3'} & set(sys.modules)))"
    )
    assert in_a_fresh_process(code) == "[]"


def test_who_needs_one_part_does_not_load_the_others():
    code = "import sys, crawler.parse.dates; print('crawler.parse.article' in sys.modules)"
    assert in_a_fresh_process(code) == "False"


def test_every_public_name_is_there_and_documented():
    for name in crawler.parse.__all__:
        thing = getattr(crawler.parse, name)
        assert inspect.getdoc(thing), name
        if inspect.isfunction(thing):
            assert thing.__module__ == "crawler.parse.library"
            assert "return" in inspect.get_annotations(thing)
    assert dir(crawler.parse) == sorted(crawler.parse.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'read_pages'"):
        crawler.parse.read_pages  # noqa: B018


def test_a_page_is_read_as_the_crawl_reads_it():
    page = Page(url=URL, captured_at=AT, headers=(("content-type", "text/html"),), body=BODY)
    assert read_page(BODY, URL, content_type="text/html", captured_at=AT) == parse_article(page)


def test_without_a_moment_a_page_is_read_as_of_now():
    now, fixed = read_page(BODY, URL), read_page(BODY, URL, captured_at=AT)
    assert now.captured_at > fixed.captured_at
    assert msgspec.structs.replace(now, captured_at=fixed.captured_at) == fixed


def test_what_is_no_page_says_what_it_is():
    with pytest.raises(ParseError) as refused:
        read_page(b"%PDF-1.7", URL, content_type="application/pdf")
    assert refused.value.reason == "not_html"
    with pytest.raises(UsageError, match="no time zone"):
        read_page(BODY, URL, captured_at=datetime(2026, 6, 6))  # noqa: DTZ001


@pytest.mark.parametrize("read", [read_feed, read_sitemap, read_listing])
def test_what_is_no_channel_is_refused(read):
    with pytest.raises(DiscoveryError, match=r"harbour\.example"):
        read(b"\x00\x01\x02", URL)


def test_a_numeric_date_is_read_only_if_its_order_is_known():
    assert find_date("3/4/2026") is None
    assert (find_date("3/4/2026", month_first=True), find_date("3/4/2026", month_first=False)) == (
        "2026-03-04",
        "2026-04-03",
    )
