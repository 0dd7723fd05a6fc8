"""The item pipeline: a captured page goes down the road to the parser, its article to the run's staging, its outcome to
the ledger.
"""

from __future__ import annotations

__all__ = ["ParsePipeline", "RunParsing"]

from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
from scrapy.crawler import Crawler

from crawler.archive.articles import Staging
from crawler.model.capture import Capture
from crawler.model.captured import CapturedPage
from crawler.run.live.emit import emit
from crawler.run.live.frontier import LedgerFrontier
from crawler.run.parsing.page_task import InArchive, TaskResult
from crawler.run.parsing.road import Road

_WITHOUT_TEXT = ("needs_javascript", "no_article")


class RunParsing:
    """What the pipeline needs of one run."""

    def __init__(
        self,
        road: Road,
        *,
        staging: Staging,
        frontier: LedgerFrontier,
        path_of: Callable[[str], Path],
        rendered: Callable[[CapturedPage], Awaitable[Capture | None]] | None = None,
    ) -> None:
        """`path_of` tells where in the spool a WARC file lies; `rendered` has a browser make a page of one without
        text.
        """
        self._road = road
        self._staging = staging
        self._frontier = frontier
        self._path_of = path_of
        self._rendered = rendered

    async def parse(self, page: CapturedPage) -> None:
        """Parse `page` and settle its URL; the article, if there is one, is staged before the ledger says so.

        The parse process reads the page from the spool; a revisit's record has only the head, so its page is handed
        over.
        """
        capture = page.capture
        own = capture.kind == "response"
        place = InArchive(str(self._path_of(capture.warc)), capture.offset) if own else page.block
        result = await self._road.parse(capture, page.provenance, place, head=page.head)
        if self._rendered is not None and result.reason in _WITHOUT_TEXT:
            result, capture = await self._parse_rendered(page, result)
        emit(result, capture, frontier=self._frontier, stage=self._staging.add)

    async def _parse_rendered(self, page: CapturedPage, plain: TaskResult) -> tuple[TaskResult, Capture]:
        """Return what the parser makes of the rendered page; that it could not be rendered, with `page` itself."""
        assert self._rendered is not None  # asked before
        capture = await self._rendered(page)
        if capture is None:
            return msgspec.structs.replace(plain, outcome="failed", reason="render_failed"), page.capture
        place = InArchive(str(self._path_of(capture.warc)), capture.offset)
        return await self._road.parse(capture, page.provenance, place, head=None), capture


class ParsePipeline:
    """Scrapy's side of `RunParsing`, which it finds at ``crawler.parsing``."""

    def __init__(self, parsing: RunParsing) -> None:
        self._parsing = parsing

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ParsePipeline:
        """Return the pipeline of `crawler`'s run."""
        parsing: RunParsing = crawler.parsing  # type: ignore[attr-defined]  # it is a RunCrawler
        return cls(parsing)

    async def process_item(self, item: CapturedPage) -> CapturedPage:
        """Parse the page; Scrapy counts it as under way until this returns, which is the crawl's back-pressure."""
        await self._parsing.parse(item)
        return item
