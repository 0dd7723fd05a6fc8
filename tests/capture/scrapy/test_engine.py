"""What becomes of requests, items and faults on the short way through Scrapy."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import scrapy
from scrapy import Request
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.exceptions import CloseSpider, DownloadFailedError
from scrapy.http import Response
from scrapy.settings import Settings

from crawler.capture.scrapy.engine import RunCrawler
from crawler.capture.scrapy.settings import scrapy_settings
from crawler.config import load

SITE = "http://news.example"


class Answers(BaseDownloadHandler):
    """Answers from the path: /404, /fails; the body is the path."""

    lazy = False

    async def download_request(self, request: Request) -> Response:
        await asyncio.sleep(0)
        path = request.url.removeprefix(SITE)
        if path == "/fails":
            raise DownloadFailedError("no luck")
        status = int(path[1:4]) if path[1:4].isdigit() else 200
        return Response(request.url, status=status, body=path.encode(), headers={"Location": "/there"})


class Items:
    """A pipeline that takes its time, keeps what it is given, and fails for one."""

    @classmethod
    def from_crawler(cls, crawler: Any) -> Items:
        return cls(crawler)

    def __init__(self, crawler: Any) -> None:
        self.crawler = crawler

    async def process_item(self, item: Any) -> Any:
        await asyncio.sleep(0)
        if item == {"of": "/bad"}:
            raise ValueError("a bad item")
        self.crawler.spider.seen.append(item)
        return item


class Uppercase:
    """A spider middleware."""

    async def process_spider_output(self, response: Response, result: AsyncIterator[Any]) -> AsyncIterator[Any]:
        async for one in result:
            yield {"of": one["of"].upper()} if isinstance(one, dict) else one


class Reader(scrapy.Spider):
    name = "reader"

    def __init__(self, paths: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.paths = paths
        self.seen: list[Any] = []

    async def start(self) -> AsyncIterator[Any]:
        for path in self.paths:
            yield Request(SITE + path, callback=self.read, errback=self.failed, cb_kwargs={"mark": path})

    def read(self, response: Response, mark: str) -> Iterator[Any]:
        assert response.request is not None
        self.seen.append((mark, response.status))
        yield {"of": mark}
        if mark == "/more":
            for number in range(3):
                yield Request(f"{SITE}/{number}", callback=self.coroutine)
        if mark == "/asks":
            yield Request(f"{SITE}/once", callback=self.stream, dont_filter=True)
        if mark == "/raises":
            raise ValueError("a fault of the spider")
        if mark == "/closes":
            raise CloseSpider("enough")

    async def coroutine(self, response: Response) -> dict[str, str]:
        await asyncio.sleep(0)
        return {"of": response.body.decode()}

    async def stream(self, response: Response) -> AsyncIterator[dict[str, str]]:
        yield {"of": "a stream"}

    def failed(self, failure: Any) -> None:
        self.seen.append((failure.request.url, type(failure.value).__name__))


def crawl(*paths: str, **settings: Any) -> Reader:
    chosen = {
        **scrapy_settings(load()),
        "DOWNLOAD_HANDLERS": {"http": Answers},
        "DOWNLOADER_MIDDLEWARES": {
            "scrapy.downloadermiddlewares.retry.RetryMiddleware": 550,
            "crawler.capture.scrapy.redirects.ChainRedirects": 600,
        },
        "ITEM_PIPELINES": {Items: 1},
        "RETRY_TIMES": 1,
        **settings,
    }

    async def work() -> Reader:
        crawler = RunCrawler(Reader, Settings(chosen))
        await asyncio.wait_for(crawler.crawl_async(paths=paths), 20)
        assert isinstance(crawler.spider, Reader)
        return crawler.spider

    return asyncio.run(work())


def test_a_response_reaches_its_callback_and_its_items_the_pipeline_before_the_run_ends() -> None:
    assert crawl("/a").seen == [("/a", 200), {"of": "/a"}]


def test_requests_of_a_callback_are_followed_whatever_kind_of_callback_takes_them() -> None:
    items = [one["of"] for one in crawl("/more", "/asks").seen if isinstance(one, dict)]
    assert sorted(items) == ["/0", "/1", "/2", "/asks", "/more", "a stream"]


def test_redirects_and_retries_of_the_middlewares_are_asked_again() -> None:
    seen = crawl("/301/x", "/503").seen
    assert ("/301/x", 200) in seen
    assert ("/503", 503) in seen


def test_a_request_that_failed_goes_to_its_errback() -> None:
    assert crawl("/fails", "/a").seen.count((f"{SITE}/fails", "DownloadFailedError")) == 1


def test_a_fault_of_a_callback_or_a_pipeline_is_logged_and_the_rest_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        seen = crawl("/raises", "/bad", "/a").seen
    assert {"of": "/raises"} in seen
    assert {"of": "/a"} in seen
    assert {"of": "/bad"} not in seen
    faults = {str(record.exc_info[1]) for record in caplog.records if record.exc_info}
    assert faults == {"a fault of the spider", "a bad item"}


def test_a_callback_may_close_the_run() -> None:
    spider = crawl("/closes", *(f"/{number}" for number in range(100, 130)), CONCURRENT_REQUESTS=1)
    assert ("/closes", 200) in spider.seen
    assert len(spider.seen) < 30


def test_spider_middlewares_are_obeyed_if_there_are_any() -> None:
    assert crawl("/a", SPIDER_MIDDLEWARES={Uppercase: 1}).seen == [("/a", 200), {"of": "/A"}]


def test_a_callback_that_yields_much_lets_others_in_between() -> None:
    class Lister(Reader):
        async def start(self) -> AsyncIterator[Any]:
            yield Request(f"{SITE}/list", callback=self.listed)

        def listed(self, response: Response) -> Iterator[Any]:
            for number in range(30_000):
                yield Request(f"{SITE}/{number}", callback=self.listed_page, errback=self.failed)
            self.seen.append("all told")

        def listed_page(self, response: Response) -> None:
            self.seen.append(response.url)
            if len(self.seen) == 20:
                raise CloseSpider("enough")

    async def work() -> list[Any]:
        chosen = {**scrapy_settings(load()), "DOWNLOAD_HANDLERS": {"http": Answers}, "DOWNLOADER_MIDDLEWARES": {}}
        crawler = RunCrawler(Lister, Settings(chosen))
        await asyncio.wait_for(crawler.crawl_async(paths=()), 30)
        assert isinstance(crawler.spider, Lister)
        return crawler.spider.seen

    assert asyncio.run(work()).index("all told") > 0
