"""Scrapy's engine with a shorter way from a request to its callback: one task for each request instead of five.

Scrapy passes a request through deferreds, three tasks and two queues, and tells listeners and the log of every step.
Here one coroutine asks, calls back and follows up, in Scrapy's order and with its means (downloader middlewares,
pipelines, errbacks, back-pressure). Left out: the signals ``request_scheduled``, ``request_dropped``,
``response_received``, ``item_scraped`` and their log lines, to which nobody listens here. What is not the plain case
(spider middlewares, callbacks that are coroutines, failures) goes Scrapy's own way.
"""

from __future__ import annotations

__all__ = ["RunCrawler", "RunEngine"]

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Iterable
from typing import TYPE_CHECKING, Any

from scrapy import Request
from scrapy.core.engine import ExecutionEngine
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.utils.defer import ensure_awaitable, maybe_deferred_to_future
from scrapy.utils.misc import arg_to_iter
from scrapy.utils.spider import iterate_spider_output
from twisted.python.failure import Failure

from crawler.errors import ArchiveError, StateError

if TYPE_CHECKING:
    from scrapy import Spider
    from scrapy.core.scraper import Slot
    from scrapy.settings import Settings

    from crawler.capture.scrapy.services import Live

_log = logging.getLogger(__name__)

_SLICE_S = 0.01
"""How long the output of one callback may keep the loop from others."""


class RunCrawler(Crawler):
    """A Scrapy crawler with this engine. Made as Scrapy's own (spider class, settings), and with the run's services."""

    def __init__(
        self, spider: type[Spider], settings: Settings, *, live: Live | None = None, parsing: Any = None
    ) -> None:
        """`live` is what the handler and the middlewares need, `parsing` what the item pipeline needs."""
        super().__init__(spider, settings)
        self.live = live
        self.parsing = parsing

    def _create_engine(self) -> RunEngine:
        return RunEngine(self, lambda _: self.stop_async())


class RunEngine(ExecutionEngine):
    """Carries each request in one task; see the module."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._tell_spider_error = self.scraper.handle_spider_error
        self.scraper.handle_spider_error = self._spider_failed  # type: ignore[method-assign, assignment]  # what Scrapy calls, too
        self._tasks: dict[Request, asyncio.Task[None]] = {}
        methods = self.scraper.spidermw.methods
        self._has_spider_middlewares = any(
            method is not None
            for name in ("process_spider_input", "process_spider_output", "process_spider_exception")
            for method in methods[name]
        )

    def _schedule_request(self, request: Request) -> None:
        self._slot.scheduler.enqueue_request(request)  # type: ignore[union-attr]  # a spider is open

    def _start_scheduled_request(self) -> bool:
        assert self._slot is not None
        request = self._slot.scheduler.next_request()
        if request is None:
            return False
        self._slot.add_request(request)
        self.downloader.active.add(request)
        self._tasks[request] = asyncio.get_running_loop().create_task(self._carry(request))
        return True

    async def _carry(self, request: Request) -> None:
        """Ask, call back, follow up; a fault of ours is logged, as Scrapy does it."""
        slot = self._slot
        assert slot is not None
        try:
            result = await self._fetched(request)
            if isinstance(result, Request):  # of a middleware: a retry, a redirect
                self.crawl(result)
            elif isinstance(result, Failure) or self._has_spider_middlewares:
                await maybe_deferred_to_future(self.scraper.enqueue_scrape(result, request))
            else:
                await self._scraped(result, request)
        except Exception as error:  # noqa: BLE001 - as Scrapy's engine: one request's fault is not the run's
            if not self._ends_the_run(error):
                _log.exception("Error while processing %s", request, extra={"spider": self.spider})
        finally:
            room = request.meta.pop("room", None)
            if room is not None:
                room.release()
            del self._tasks[request]
            slot.remove_request(request)
            slot.nextcall.schedule()

    async def _fetched(self, request: Request) -> Response | Request | Failure:
        """Return what the downloader middlewares make of the response to `request`, or of its failure."""
        downloader = self.downloader
        try:
            result = await downloader.middleware.download_async(downloader._enqueue_request, request)
        except Exception:  # noqa: BLE001 - the errback's
            return Failure()  # type: ignore[no-untyped-call]
        finally:
            downloader.active.remove(request)
            self._slot.nextcall.schedule()  # type: ignore[union-attr]  # as long as requests are in progress
        if isinstance(result, Response) and result.request is None:
            result.request = request
        return result

    async def _scraped(self, response: Response, request: Request) -> None:
        """Hand `response` to the callback, and on what it yields; counted as under way until all of it is done."""
        slot = self.scraper.slot
        assert slot is not None
        _begin(slot, response, request)
        try:
            await self._called_back(response, request)
        finally:
            slot.finish_response(response, request)
            self.scraper._check_if_closing()

    async def _called_back(self, response: Response, request: Request) -> None:
        scraper, asked = self.scraper, response.request or request
        callback = asked.callback or self.spider._parse  # type: ignore[union-attr]  # a spider is open
        try:
            output = callback(response, **asked.cb_kwargs)
            if isinstance(output, (AsyncIterator, Awaitable)):
                output = await ensure_awaitable(iterate_spider_output(output))
                await scraper.handle_spider_output_async(output, request, response)
            else:
                await self._follow_up(arg_to_iter(output), response)
        except Exception:  # noqa: BLE001 - the spider's
            scraper.handle_spider_error(Failure(), request, response)  # type: ignore[no-untyped-call]

    async def _follow_up(self, output: Iterable[Any], response: Response) -> None:
        """Schedule the requests and process the items of `output`, in its order, letting others in now and then."""
        loop = asyncio.get_running_loop()
        until = loop.time() + _SLICE_S
        for one in output:
            if isinstance(one, Request):
                self.crawl(one)
            elif one is not None:
                await self._processed(one, response)
            if loop.time() > until:
                await asyncio.sleep(0)
                until = loop.time() + _SLICE_S

    async def _processed(self, item: Any, response: Response) -> None:
        """Take `item` through the pipelines; what goes wrong there is logged and told as Scrapy does."""
        slot = self.scraper.slot
        assert slot is not None
        slot.itemproc_size += 1
        try:
            await self.scraper.itemproc.process_item_async(item)
        except Exception as error:  # noqa: BLE001 - as Scrapy's engine: the rest of the output goes on
            if not self._ends_the_run(error):
                _log.exception("Error processing an item of %s", response.url, extra={"spider": self.spider})
        finally:
            slot.itemproc_size -= 1

    def _spider_failed(self, failure: Failure, request: Request, response: Response | Failure) -> None:
        """Log and tell what went wrong in the spider, unless it is no fault of the spider's."""
        if not self._ends_the_run(failure.value):
            self._tell_spider_error(failure, request, response)

    def _ends_the_run(self, error: BaseException | None) -> bool:
        """Tell whether `error` is of the disk or the state, whoever met it: the run is told, and asks for nothing
        more.
        """
        live = self.crawler.live  # type: ignore[attr-defined]  # it is a RunCrawler
        if live is None or not isinstance(error, (ArchiveError, StateError)):
            return False
        live.fail(error)
        return True


def _begin(slot: Slot, response: Response, request: Request) -> None:
    """Count `response` as being worked on; `Slot.finish_response` undoes it."""
    slot.active.add(request)
    slot.active_size += max(len(response.body), slot.MIN_RESPONSE_SIZE)
