"""Spiders by name: what cannot crawl is told in one line, and what goes wrong in one is not lost."""

from __future__ import annotations

import logging

import pytest
from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.settings import Settings
from twisted.python.failure import Failure

from crawler.errors import UsageError
from crawler.model.site import SHIPPED_SPIDER
from crawler.run.live.spiders import SpiderFaults, load_spider
from spiders.news import NewsSpider


def test_a_spider_is_found_by_its_name():
    assert load_spider(SHIPPED_SPIDER) is NewsSpider


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("nowhere.Spider", "nowhere.Spider cannot be loaded: ModuleNotFoundError: No module named 'nowhere'; put it"),
        ("spiders.news.NewSpider", "cannot be loaded: NameError"),
        ("spiders", "cannot be loaded: ValueError"),
        ("spiders.found.Found", "is not a spider; docs/extending.md"),
        ("scrapy.Spider", r"is a Scrapy spider, but no spiders\.base\.Discovery"),
    ],
)
def test_what_cannot_crawl_says_so_in_one_line(name: str, says: str):
    with pytest.raises(UsageError, match=says) as refused:
        load_spider(name)
    assert "\n" not in str(refused.value)


def test_the_first_error_of_a_runs_spider_is_kept_and_no_others():
    log = logging.getLogger("test.spiders")
    crawler = Crawler(Spider, Settings())
    mine, other = Spider("mine"), Spider("other")
    crawler.spider = mine
    with SpiderFaults(crawler) as faults:
        log.error("of another", extra={"spider": other})
        log.error("of nobody")
        log.warning("no error", extra={"spider": mine})
        assert faults.first is None
        try:
            raise KeyError("sto\nries")
        except KeyError:
            mine.logger.exception("what went wrong")
        log.error("later", extra={"spider": mine})
    assert faults.first == r"KeyError: 'sto\nries'"


def test_what_scrapy_only_signals_is_kept_too():
    crawler = Crawler(Spider, Settings())
    with SpiderFaults(crawler) as faults:
        crawler.signals.send_catch_log(signals.spider_error, failure=Failure(ValueError("no list")), spider=None)
    crawler.signals.send_catch_log(signals.spider_error, failure=Failure(ValueError("after")), spider=None)
    assert faults.first == "ValueError: no list"
