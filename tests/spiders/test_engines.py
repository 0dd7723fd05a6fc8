"""One spider, two engines: what becomes of every URL is the same on Scrapy's own engine, scheduler and downloader as on
ours."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from scrapy.crawler import Crawler
from scrapy.settings import Settings

from crawler.capture.scrapy.engine import RunCrawler
from crawler.capture.scrapy.services import Live
from crawler.capture.scrapy.settings import scrapy_settings
from crawler.capture.wire.client import WireClient
from crawler.config import load
from crawler.model.frontier import MemoryFrontier
from crawler.model.run import Run
from crawler.model.site import Site
from spiders.news import NewsSpider
from tests.capture.harness import Gate, Recorder
from tests.web import Web, answer, page, rss

SCRAPYS = {
    "SCHEDULER": "scrapy.core.scheduler.Scheduler",
    "DOWNLOADER": "scrapy.core.downloader.Downloader",
    "DUPEFILTER_CLASS": "scrapy.dupefilters.RFPDupeFilter",
}
FEED = ("/news/2026/03/01/ferry-returns", "/gone", "/moved", "/cut", "/news/2026/03/02/quay-closed", "/round")


class Pages:
    """An item pipeline that keeps the addresses of pages on their way to the parser."""

    def __init__(self, crawler: Any) -> None:
        self.kept: list[str] = crawler.pages

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Pages:
        return cls(crawler)

    def process_item(self, item: Any) -> Any:
        self.kept.append(item.capture.url)
        return item


def redirect(to: str) -> bytes:
    return answer("", status="301 Moved", more=f"Location: {to}\r\n")


def fill(web: Web) -> None:
    web.pages["/feed"] = rss(web.base, FEED)
    web.pages["/robots.txt"] = answer("User-agent: *\nDisallow: /private\n", kind="text/plain")
    web.pages["/news.xml"] = answer(
        f"<urlset><url><loc>{web.base}/news/2026/03/03/tide-tables-are-late</loc></url>"
        f"<url><loc>https://elsewhere.example/a</loc></url></urlset>",
        kind="application/xml",
    )
    web.pages["/broken.xml"] = answer("no sitemap at all", kind="text/plain")
    for path in (FEED[0], FEED[4], "/news/2026/03/03/tide-tables-are-late", "/news/2026/03/04/new-address"):
        web.pages[path] = page(path.rpartition("/")[2])
    web.pages["/moved"] = redirect(f"{web.base}/news/2026/03/04/new-address")
    web.pages["/round"] = redirect(f"{web.base}/round")
    web.pages["/cut"] = page("cut")[:-40]
    web.closing.add("/cut")


def crawled(web: Web, kind: type[Crawler], run: Run, **changed: Any) -> dict[str, Any]:
    """Return what became of every URL, and which pages went to the parser."""
    config = load(overrides={"fetch.retries": 1, "fetch.robots": "ignore", "fetch.idle_timeout_s": 2.0})
    site = Site(
        name="harbour", title="The Harbour", country="gb", languages=("en",), home=f"{web.base}/",
        feeds=(f"{web.base}/feed",), sitemaps=(f"{web.base}/broken.xml",), news_sitemaps=(f"{web.base}/news.xml",),
    )  # fmt: skip
    frontier = MemoryFrontier(hosts=("127.0.0.1",))
    pages: list[str] = []

    async def main() -> None:
        client = WireClient(config.fetch)
        live = Live(client=client, gate=Gate(), record=Recorder(), fetch=config.fetch, allow_private=True, delay_s=0)
        settings = {**scrapy_settings(config), "ITEM_PIPELINES": {Pages: 1}, **changed}
        crawler: Any = kind(NewsSpider, Settings(settings))
        crawler.live, crawler.pages = live, pages
        async with asyncio.timeout(60):
            await crawler.crawl_async(site=site, run=run, frontier=frontier)
        await client.close()

    asyncio.run(main())
    settled = {one.url: (one.outcome, one.reason, one.role) for one in frontier.settlements}
    return {"settled": settled, "pages": sorted(pages), "remembered": sorted(frontier.remembered)}


def test_a_run_of_the_news_spider_ends_the_same_on_both_engines(run: Run) -> None:
    with Web() as web:
        fill(web)
        ours = crawled(web, RunCrawler, run)
        asked, web.requests[:] = sorted(web.requests), []
        scrapys = crawled(web, Crawler, run, **SCRAPYS)
        assert ours == scrapys
        assert asked == sorted(web.requests)
        outcomes = {url.removeprefix(web.base): told[:2] for url, told in ours["settled"].items()}
    assert outcomes["/feed"] == outcomes[FEED[0]] == ("captured", None)
    assert outcomes["/gone"] == ("failed", "http_404")
    assert outcomes["/moved"][0] == "redirected"
    assert outcomes["/cut"][0] == outcomes["/round"][0] == "failed"
    assert outcomes["/broken.xml"] == ("failed", "not_a_sitemap")
    assert outcomes["https://elsewhere.example/a"][0] == "out_of_scope"
    assert len(ours["pages"]) == 4
    assert msgspec.json.encode(ours)  # plain values all
