"""What ``crawl --json`` prints: named fields, documented in docs/commands.md; they are added to, not renamed."""

from __future__ import annotations

__all__ = ["CrawlSummary"]

import msgspec

from crawler.archive.articles import Published
from crawler.model.run import RunState
from crawler.run.progress import Failure, Progress, RunReport


class BatchSummary(msgspec.Struct, frozen=True):
    """Articles in one folder of the store."""

    folder: str
    """With the store's URL before it."""
    articles: int


class CrawlSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One run; a line of ``crawl --json``."""

    run: str
    site: str
    state: RunState
    reason: str | None
    pages: int
    articles: int
    not_modified: int
    failed: int
    waiting: int
    progress: Progress
    failures: tuple[Failure, ...]
    refused: tuple[Failure, ...]
    published: tuple[BatchSummary, ...]
    trouble: tuple[str, ...]

    @classmethod
    def of(cls, report: RunReport, store: str) -> CrawlSummary:
        """Return the summary of `report`, whose articles went to `store`."""
        progress = report.progress
        return cls(
            run=report.run,
            site=report.site,
            state=report.state,
            reason=report.reason,
            pages=progress.pages,
            articles=progress.articles,
            not_modified=progress.counts.get("not_modified", 0),
            failed=progress.failures,
            waiting=progress.waiting,
            progress=progress,
            failures=report.failures,
            refused=report.refused,
            published=tuple(_batch(one, store) for one in report.published),
            trouble=report.trouble,
        )


def _batch(published: Published, store: str) -> BatchSummary:
    return BatchSummary(f"{store}/{published.prefix}", published.articles)
