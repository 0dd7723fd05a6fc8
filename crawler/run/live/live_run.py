"""One live run while it goes on: how far it is, and what ends it before its time."""

from __future__ import annotations

__all__ = ["LiveRun"]

import asyncio
import time
from collections.abc import Callable, Mapping

from crawler.capture.scrapy.engine import RunCrawler
from crawler.errors import ArchiveError, StateError
from crawler.model.run import Outcome, Run
from crawler.model.site import Site
from crawler.run.live.tally import RunTally
from crawler.run.progress import Progress


class LiveRun:
    """What is known of a run only while it goes on."""

    def __init__(self, run: Run, site: Site, tally: RunTally, on_progress: Callable[[Progress], None] | None) -> None:
        self.run = run
        self.site = site
        self._tally = tally
        self._told = 0
        self._on_progress = on_progress
        self._started = time.monotonic()
        self.crawler: RunCrawler | None = None
        self.size_bytes = 0
        self.reason: str | None = None
        self.fault: str | None = None
        self.fatal: ArchiveError | StateError | None = None
        self._stop: asyncio.Task[None] | None = None

    def progress(self, counts: Mapping[Outcome, int]) -> Progress:
        """Return this moment of the run, with these counts."""
        elapsed_s = time.monotonic() - self._started
        return Progress(run=self.run.id, counts=counts, size_bytes=self.size_bytes, elapsed_s=elapsed_s)

    def tell(self) -> None:
        """Tell whoever wants to know how far the run is, if anything changed since the last time."""
        if self._on_progress is not None and self._tally.changes != self._told:
            self._told = self._tally.changes
            self._on_progress(self.progress(self._tally.counts))

    @property
    def stopped(self) -> bool:
        """Nothing more is asked for."""
        return self._stop is not None

    def fail(self, error: ArchiveError | StateError) -> None:
        """End the run for a fault that is not a URL's; the first one counts."""
        self.fatal = self.fatal or error
        self.stop()

    def stop(self) -> None:
        """Ask Scrapy to close the spider; asking twice is harmless."""
        if self._stop is None and self.crawler is not None:
            self._stop = asyncio.ensure_future(self.crawler.stop_async())
