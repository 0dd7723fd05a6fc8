"""The two parts of Scrapy's engine that Warraq replaces because it needs far less of them: what waits, and the way out.

Both are seams that Scrapy provides (``SCHEDULER``, ``DOWNLOADER``). Scrapy's own keep a queue, a slot and a delay for
each host and tell listeners of every step; here the host gate decides when a host is asked, and nobody listens.
"""

from __future__ import annotations

__all__ = ["DirectDownloader", "RunScheduler"]

import asyncio
import heapq
from itertools import count
from typing import TYPE_CHECKING

from scrapy.core.downloader import Downloader
from scrapy.core.scheduler import BaseScheduler
from scrapy.utils.misc import build_from_crawler, load_object

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.dupefilters import BaseDupeFilter
    from scrapy.http import Response


class RunScheduler(BaseScheduler):
    """The requests of one run that wait, in memory: highest priority first, among equals in the order they came.

    What must outlive the process is in the frontier's ledger.
    """

    def __init__(self, seen: BaseDupeFilter) -> None:
        self._seen = seen
        self._waiting: list[tuple[int, int, Request]] = []
        self._number = count()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RunScheduler:
        """Return an empty one with the run's own filter of duplicates."""
        return cls(build_from_crawler(load_object(crawler.settings["DUPEFILTER_CLASS"]), crawler))

    def has_pending_requests(self) -> bool:
        """Tell whether a request waits."""
        return bool(self._waiting)

    def enqueue_request(self, request: Request) -> bool:
        """Take `request` unless it was asked for before (``dont_filter`` aside); tell whether it was taken."""
        if not request.dont_filter and self._seen.request_seen(request):
            return False
        heapq.heappush(self._waiting, (-request.priority, next(self._number), request))
        return True

    def next_request(self) -> Request | None:
        """Return what is to be asked for next, None if nothing waits."""
        return heapq.heappop(self._waiting)[2] if self._waiting else None


class DirectDownloader(Downloader):
    """Hands every request straight to its handler, without slots, delays and signals."""

    async def _enqueue_request(self, request: Request) -> Response:
        handler = self.handlers._handlers.get(request.url.partition(":")[0])
        try:
            if handler is None:  # Scrapy's own way says why
                return await self.handlers.download_request_async(request)
            return await handler.download_request(request)
        except Exception:
            await asyncio.sleep(0)  # as Scrapy's own: a failure that took no time must not starve the loop
            raise
