"""The item pipeline: a captured page goes to the parse pool, its article to the run's staging, its outcome to the ledger."""

from __future__ import annotations

__all__ = ["ParsePipeline", "RunParsing"]

from collections.abc import Sequence
from typing import Literal

from scrapy.crawler import Crawler

from crawler.archive.articles import Staging
from crawler.model.article import to_record
from crawler.model.captured import CapturedPage
from crawler.model.profile import SiteProfile, profile_at
from crawler.model.run import Run
from crawler.model.site import Site
from crawler.run.live.frontier import LedgerFrontier
from crawler.run.parsing.page_task import task_for
from crawler.run.parsing.pool import ParsePool


class RunParsing:
    """What the pipeline needs of one run."""

    def __init__(
        self,
        *,
        pool: ParsePool,
        staging: Staging,
        frontier: LedgerFrontier,
        run: Run,
        site: Site,
        furniture: Literal["keep", "drop"],
        profiles: Sequence[SiteProfile],
    ) -> None:
        """`profiles`: the site's for captures of this run, by moment."""
        self._pool = pool
        self._staging = staging
        self._frontier = frontier
        self._run = run
        self._site = site
        self._furniture = furniture
        self._profiles = profiles

    async def parse(self, page: CapturedPage) -> None:
        """Parse `page` and settle its URL; the article, if there is one, is staged before the ledger says so."""
        task = task_for(
            page.capture,
            role=page.provenance.role,
            site=self._site,
            furniture=self._furniture,
            profile=profile_at(self._profiles, page.capture.captured_at),
        )
        result = await self._pool.parse(task, page.block)
        article_id = None
        if result.article is not None:
            article_id = result.article.id
            self._staging.add(to_record(result.article, site=self._site.name, run=self._run.id, capture=page.capture))
        self._frontier.settle(page.capture.url, result.outcome, result.reason, page.capture, article_id=article_id)


class ParsePipeline:
    """Scrapy's side of `RunParsing`, which it finds at ``crawler.spider.parsing``."""

    def __init__(self, parsing: RunParsing) -> None:
        self._parsing = parsing

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ParsePipeline:
        """Return the pipeline of `crawler`'s run."""
        parsing: RunParsing = crawler.spider.parsing  # type: ignore[union-attr]  # the run set it
        return cls(parsing)

    async def process_item(self, item: CapturedPage) -> CapturedPage:
        """Parse the page; Scrapy counts it as under way until this returns, which is the crawl's back-pressure."""
        await self._parsing.parse(item)
        return item
