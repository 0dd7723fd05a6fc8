"""Live runs: the services that all runs of a process share, and the road of one run through Scrapy.

`Crawls` owns the spool lane, the host gate, the connection pool, the robots cache, the parse pool and the state.
A run is over when every admitted URL has an outcome, its articles are staged, and what it captured is on disk;
shipping and publishing may come later and are tried again until they succeed.
"""

from __future__ import annotations

__all__ = ["Crawls"]

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import datetime
from types import TracebackType
from typing import Literal

from scrapy import Request, signals
from scrapy.http import Response

from crawler.archive.articles import Published, Staging
from crawler.archive.run_ends import RunEnd
from crawler.archive.store import Store
from crawler.archive.write.records import asks_if_changed
from crawler.capture.manners.gate import lane_key
from crawler.capture.scrapy.engine import RunCrawler
from crawler.capture.scrapy.services import Live
from crawler.capture.scrapy.settings import RunSettings, requests_begun, scrapy_settings
from crawler.capture.wire.client import Client
from crawler.clock import Clock, SystemClock
from crawler.config import Config
from crawler.errors import ArchiveError, CrawlStopped, StateError, UsageError, WarraqError
from crawler.frontier.admission import Scope
from crawler.http.status import is_answer
from crawler.log import EventLog
from crawler.model.capture import Capture, Provenance
from crawler.model.captured import CapturedPage
from crawler.model.channel import ChannelReport
from crawler.model.exchange import Exchange
from crawler.model.rendered import RenderedPage
from crawler.model.run import MISSED, Run
from crawler.model.site import Site
from crawler.parse.discover.feed import Feed
from crawler.parse.discover.sitemap import Sitemap
from crawler.run.dispatch import FileSiteLocks
from crawler.run.live.ending import ending_of
from crawler.run.live.frontier import LedgerFrontier
from crawler.run.live.live_run import LiveRun
from crawler.run.live.outbox import Outbox
from crawler.run.live.pipeline import RunParsing
from crawler.run.live.recovery import Recovery
from crawler.run.live.rendering import PageRendering
from crawler.run.live.services import Services
from crawler.run.live.spiders import SpiderFaults, load_spider
from crawler.run.parsing.channel_task import ChannelTask
from crawler.run.parsing.profiles_in_force import in_force
from crawler.run.parsing.recipe import Recipe
from crawler.run.parsing.road import Road
from crawler.run.progress import Failure, Progress, RunReport
from crawler.run.state_folder import STAGING
from crawler.state import keep_lease, owner
from crawler.urls import bare_host, host_of, normalise

_log = EventLog(__name__)

_ALL_CHILDREN = 100_000
"""Sitemaps of an index that a run reads which fetches the archive."""
_PROGRESS_EVERY_S = 0.25
_PROGRESS_SHARE = 50
"""Progress is told at most for one part in so many of the time."""
_OUTBOX_EVERY_S = 30.0
_OTHERS_EVERY_S = 1.0
"""How often one looks whether another process's run of a site has ended."""
_LOCKS = "locks"
"""Name within the state folder."""
_CRASH = "spider_crash"


class Crawls:
    """All live runs of this process. Open it, run runs (any number at once), close it: closing seals and ships."""

    def __init__(self, services: Services, config: Config, clock: Clock) -> None:
        self._services = services
        self._config = config
        self._clock = clock
        self._live: dict[str, LiveRun] = {}
        pipelines = {"crawler.run.live.pipeline.ParsePipeline": 100}
        self._settings = RunSettings({**scrapy_settings(config), "ITEM_PIPELINES": pipelines})
        self._stopping = False
        self._ticker: asyncio.Task[None] | None = None
        self._shipping: asyncio.Task[None] | None = None
        self._owner = owner("crawl")
        self._locks = FileSiteLocks(services.folder / _LOCKS)
        self._lease: asyncio.Task[None] | None = None
        self.outbox = Outbox(services.spool, services.store, services.state, config.spool, services.folder, clock)

    @classmethod
    async def open(
        cls,
        config: Config,
        *,
        clock: Clock | None = None,
        sites: Mapping[str, Site] | None = None,
        client: Client | None = None,
        store: Store | None = None,
    ) -> Crawls:
        """Return the services, ready: the store proven writable, what an earlier process left behind recovered.

        `client` and `store` stand in the place of the web and of the configured store. A store that cannot be reached
        now is no error: the spool takes what is captured until it can. Raises StoreRefused, StateError or ArchiveError.
        """
        clock = clock or SystemClock()
        services = await Services.open(config, clock, client=client, store=store)
        crawls = cls(services, config, clock)
        for path in crawls.foreign:
            _log.warning("not a file of ours in the spool; it is left alone", path=path)
        recipe = Recipe(furniture=config.parse.furniture, sites=sites or {})
        recovery = Recovery(services.spool, services.store, services.state, services.folder, clock)
        await recovery.recover(Road(recipe, services.pool), services.profiles)
        crawls._shipping = asyncio.create_task(crawls._keep_shipping())
        return crawls

    async def __aenter__(self) -> Crawls:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def foreign(self) -> tuple[str, ...]:
        """What somebody else put into the spool."""
        return self._services.spool.report.foreign

    def begin(self, run: Run) -> Run:
        """Enter `run` into the state and mark it as begun by this process; return it so.

        Raises UsageError if the site is being crawled already.
        """
        self._services.state.add_run(run)
        begun = self._services.state.start_run(run.id, worker=self._owner)
        if self._lease is None:
            self._lease = asyncio.create_task(keep_lease(self._services.state, self._owner))
        return begun

    async def begin_after_others(
        self, site: str, made: Callable[[], Run], *, on_wait: Callable[[], None] = lambda: None
    ) -> Run:
        """Begin the run of `site` that `made` makes, when the one has ended that another process is at, as a daemon's
        worker.

        `on_wait` is told once if there is one. Raises CrawlStopped after `stop`.
        """
        waits = False
        while not self._stopping:
            if self._locks.take(site):
                self._locks.free(site)
                with suppress(UsageError):  # its articles are still being published
                    return self.begin(made())
            if not waits:
                waits = True
                on_wait()
            await asyncio.sleep(_OTHERS_EVERY_S)
        raise CrawlStopped(f"{site} was not asked", next_step="ask again later")

    async def run(
        self,
        run: Run,
        site: Site,
        *,
        since: datetime | None = None,
        max_pages: int | None = None,
        backfill: bool = False,
        on_progress: Callable[[Progress], None] | None = None,
        spider: str | None = None,
        arguments: Mapping[str, object] | None = None,
    ) -> RunReport:
        """Carry out `run`, which the state has as running, and return how it ended.

        `backfill`: every sitemap of an index that may list something since `since` is read, however many there are.
        `spider` goes in place of the site's own, by its dotted name, made with `arguments` besides the usual ones.

        Failures of single URLs are in the report. Raises CrawlStopped after `stop`, and the WarraqError that ends a
        whole run (disk full, state damaged, lock lost); what was captured is safe in either case.
        """
        scope, most = Scope.of(site, since=since), max_pages or site.max_pages
        frontier = LedgerFrontier(self._services.state, run, site, clock=self._clock, scope=scope, max_pages=most)
        live = LiveRun(run, site, frontier.tally, on_progress)
        if not self._locks.take(site.name):
            raise CrawlStopped(
                f"{site.name} is still being crawled by another process", next_step="its run waits for that"
            )
        self._live[run.id] = live
        if self._ticker is None:
            self._ticker = asyncio.create_task(self._tick())
        try:
            with Staging(self._services.folder / STAGING / f"{run.id}.jsonl") as staging:
                more = {"child_budget": _ALL_CHILDREN} if backfill else {}
                await self._crawl(live, frontier, staging, spider or site.spider, {**more, **(arguments or {})})
        finally:
            del self._live[run.id]
            self._locks.free(site.name)
        report = await self._finish(live, frontier)
        if on_progress is not None:
            on_progress(report.progress)
        return report

    async def _finish(self, live: LiveRun, frontier: LedgerFrontier) -> RunReport:
        """Publish what the run gave, set down how it ended, and return that. Raises as `run` does."""
        run = live.run
        if live.fatal is not None:
            with suppress(StateError):  # then whoever opens the state next finds that this process has gone
                self._services.state.finish_run(run.id, "interrupted", type(live.fatal).__name__)
            raise live.fatal
        if self._stopping:
            raise CrawlStopped(f"run {run.id} was stopped", next_step="its open URLs wait for the next run")
        published, trouble = await self.outbox.publish(run.id)
        report = self._report(live, frontier, published, trouble)
        self._services.state.finish_run(run.id, report.state, report.reason)
        end = RunEnd(
            run=run.id, site=live.site.name, state=report.state, reason=report.reason, ended_at=self._clock.now()
        )
        for why in await self.outbox.keep_end(end):
            _log.warning("not yet in the store", trouble=why)
        return report

    def keep_report(self, report: ChannelReport) -> None:
        """Keep in the state what a look at a channel showed."""
        self._services.state.keep_report(report)

    def interrupt(self, run: Run) -> None:
        """Enter into the state that `run`, which was stopped, will not go on; its open URLs wait for the next one."""
        self._services.state.finish_run(run.id, "interrupted", "stopped")

    def stop(self) -> None:
        """Ask every run to stop soon; each then raises CrawlStopped. What is under way on the wire is still kept."""
        self._stopping = True
        for live in self._live.values():
            live.stop()

    async def ship(self) -> tuple[str, ...]:
        """Seal what is open, ship what is sealed; return what could not be shipped, and why. Nothing is lost by it."""
        await self._services.spool.seal()
        return await self.outbox.ship()

    async def close(self) -> None:
        """Seal, ship what can be shipped, and let everything go. What could not be shipped stays in the spool."""
        services = self._services
        for task in (self._shipping, self._lease, self._ticker):
            if task is not None:
                task.cancel()
        try:
            for trouble in await self.ship():
                _log.warning("not yet in the store", trouble=trouble)
        finally:
            await services.client.close()
            await services.pool.close()
            if services.browser is not None:
                await services.browser.close()
            await services.spool.close()
            services.state.close()

    async def _crawl(
        self,
        live: LiveRun,
        frontier: LedgerFrontier,
        staging: Staging,
        spider_name: str,
        arguments: Mapping[str, object],
    ) -> None:
        """Take the run through Scrapy; returns when its spider is closed, by itself, by `stop` or at the deadline."""
        spider = load_spider(spider_name)
        parsing = await self._parsing(live, frontier, staging)
        live.crawler = RunCrawler(spider, self._settings, live=self._wire(live, frontier), parsing=parsing)
        live.crawler.settings.set("CONCURRENT_REQUESTS", requests_begun(self._config.fetch, live.site))
        live.crawler.signals.connect(
            lambda response: _settle_crash(frontier, response), signal=signals.spider_error, weak=False
        )
        with SpiderFaults(live.crawler) as faults:
            crawling = asyncio.create_task(
                live.crawler.crawl_async(
                    site=live.site, run=live.run, frontier=frontier, apart=self._read_apart, **arguments
                )
            )
            await self._until_over(live, crawling, spider_name)
        live.fault = live.fault or faults.first

    async def _parsing(self, live: LiveRun, frontier: LedgerFrontier, staging: Staging) -> RunParsing:
        """Return what becomes of the pages of a run."""
        services, site = self._services, live.site
        profiles = await asyncio.to_thread(in_force, services.profiles, site.name, self._clock.now())
        recipe = Recipe(furniture=self._config.parse.furniture, sites={site.name: site}, profiles=profiles)
        return RunParsing(
            Road(recipe, services.pool),
            staging=staging,
            frontier=frontier,
            path_of=services.spool.path_of,
            rendered=self._rendering(live) if site.render else None,
        )

    def _wire(self, live: LiveRun, frontier: LedgerFrontier) -> Live:
        """Return what the requests of a run have in common."""
        services, fetch, site = self._services, self._config.fetch, live.site
        return Live(
            admit=lambda: self._admit(live),
            fail=live.fail,
            refusal=lambda url, known: frontier.refusal(url, known.redirects) if known.role == "article" else None,
            ready=lambda url, provenance: _ready(frontier, url, provenance),
            client=services.client,
            gate=services.gate,
            in_flight=services.in_flight,
            record=lambda exchange, provenance: self._record(live, frontier, exchange, provenance),
            fetch=fetch,
            robots=services.robots,
            allow_private=fetch.allow_private,
            private_hosts=_declared_hosts(site) if site.allow_private else frozenset(),
            delay_s=fetch.delay_s if site.delay_s is None else site.delay_s,
            site_fields=_declared_fields(site),
            site_hosts=(host_of(site.home), *site.hosts),
        )

    async def _until_over(self, live: LiveRun, crawling: asyncio.Task[None], spider_name: str) -> None:
        """Return when `crawling` is over, or was stopped at the deadline; what the spider raised is its run's fault."""
        done, _ = await asyncio.wait({crawling}, timeout=self._config.crawl.deadline_s)
        if not done:
            live.reason = "deadline"
            live.stop()
        try:
            await crawling
        except WarraqError:
            raise
        except Exception as error:  # noqa: BLE001 - the spider's, whoever wrote it: the other runs go on
            _log.exception("the spider cannot crawl", run=live.run.id, spider=spider_name)
            live.fault = f"{type(error).__name__}: {error}"

    def _rendering(self, live: LiveRun) -> Callable[[CapturedPage], Awaitable[Capture | None]] | None:
        """Return what renders the pages of a run; None where that is not installed, which is told."""
        services = self._services
        if services.browser is None:
            _log.warning(
                "its pages are not rendered",
                site=live.site.name,
                next_step="pip install '.[render]' in the source tree",
            )
            return None

        async def fetch(request: Request) -> Response:
            assert live.crawler is not None  # its pages are being parsed
            assert live.crawler.engine is not None
            return await live.crawler.engine.download_async(request)

        async def keep(page: RenderedPage, provenance: Provenance) -> Capture:
            try:
                capture = await services.spool.record_rendered(page, provenance)
                live.size_bytes += len(page.html)
                services.state.add_capture(capture, run=live.run.id, site=live.site.name, role=provenance.role)
            except (ArchiveError, StateError) as error:
                live.fail(error)
                raise
            return capture

        return PageRendering(services.browser, self._clock, fetch=fetch, keep=keep).rendered

    async def _read_apart(
        self, kind: Literal["feed", "sitemap"], body: bytes, *, url: str, content_type: str | None, language: str | None
    ) -> Feed | Sitemap | str | None:
        """Read a long channel in a parse process; see `spiders.base.Apart`."""
        task = ChannelTask(kind=kind, url=url, body=body, content_type=content_type, language=language)
        result = await self._services.pool.read(task)
        return result.feed or result.sitemap or result.reason

    def _admit(self, live: LiveRun) -> None:
        """Return if a request may be sent now: nothing is fetched that could not be kept, nor for a run that ended."""
        if live.stopped or self._stopping:  # which a run that was about to begin has not been told
            raise CrawlStopped(f"run {live.run.id} is being stopped", next_step="its open URLs wait for the next run")
        try:
            if not self._locks.alive(live.site.name):
                raise StateError(f"run {live.run.id} no longer holds the lock of {live.site.name}")
            self._services.spool.check_room()
        except (ArchiveError, StateError) as error:
            live.fail(error)
            raise

    async def _record(
        self, live: LiveRun, frontier: LedgerFrontier, exchange: Exchange, provenance: Provenance
    ) -> Capture | None:
        """Keep `exchange` in the archive, then its address in the state; a disk that cannot keep it ends the run."""
        services = self._services
        same = None
        try:
            whole = exchange.head is not None and is_answer(exchange.head.status) and exchange.payload_size
            if whole and not frontier.is_first(exchange.url):
                same = services.state.same_payload(exchange.url, exchange.payload_sha256.hex())
            elif exchange.head is not None and exchange.head.status == 304 and asks_if_changed(exchange.request):
                same = services.state.latest_payload(exchange.url)
            capture = await services.spool.record(exchange, provenance, revisit_of=same)
            live.size_bytes += exchange.response.size
            if capture is not None:
                services.state.add_capture(capture, run=live.run.id, site=live.site.name, role=provenance.role)
        except (ArchiveError, StateError) as error:
            live.fail(error)
            raise
        return capture

    async def _keep_shipping(self) -> None:
        """Ship what rotation has sealed, and what the store would not take before, for as long as runs go on."""
        while True:
            await asyncio.sleep(_OUTBOX_EVERY_S)
            try:
                for trouble in await self.outbox.ship():
                    _log.warning("not yet in the store", trouble=trouble)
            except (ArchiveError, StateError) as error:
                _log.error("nothing can be shipped now, will try again", error=str(error))

    async def _tick(self) -> None:
        """Tell the progress of all runs that got on, again and again."""
        cost_s = 0.0
        while True:
            await asyncio.sleep(max(_PROGRESS_EVERY_S, _PROGRESS_SHARE * cost_s))
            started = time.monotonic()
            for live in list(self._live.values()):
                try:
                    live.tell()
                except Exception:  # noqa: BLE001 - the listener's: the run, and what others are told, go on
                    _log.exception("progress could not be told", run=live.run.id)
            cost_s = time.monotonic() - started

    def _report(
        self, live: LiveRun, frontier: LedgerFrontier, published: tuple[Published, ...], trouble: tuple[str, ...]
    ) -> RunReport:
        """Derive the run's end from its ledger, by `crawler.run.live.ending`.

        An error of the spider's own, or of Scrapy's about it, is in no ledger, and is something missed.
        """
        state = self._services.state
        progress = live.progress(state.counts(live.run.id))
        fault = None if live.fault is None else f"the spider failed: {live.fault}"
        ending = ending_of(
            state.ends(live.run.id),
            waiting=progress.waiting,
            held_up=frontier.waiting,
            stopped_by=live.reason or fault,
        )
        missed = tuple(Failure(e.url, e.outcome, e.reason) for e in state.missed(live.run.id))
        return RunReport(
            run=live.run.id,
            site=live.site.name,
            state=ending.state,
            reason=ending.reason,
            progress=progress,
            failures=tuple(one for one in missed if one.outcome in MISSED),
            refused=tuple(one for one in missed if one.outcome not in MISSED),
            published=published,
            trouble=trouble,
        )


async def _ready(frontier: LedgerFrontier, url: str, provenance: Provenance) -> None:
    if provenance.role == "article":
        await frontier.ready(url)


def _settle_crash(frontier: LedgerFrontier, response: Response | None) -> None:
    """Settle the URL whose answer the spider could not take; Scrapy has logged why. None: it failed before it asked."""
    if response is None:
        return
    provenance = response.meta.get("provenance")
    frontier.settle(
        response.url, "failed", _CRASH, response.meta.get("capture"), None if provenance is None else provenance.role
    )


def _declared_hosts(site: Site) -> frozenset[str]:
    """Return the hosts that the declaration names, in URLs or by themselves, as `Live.private_hosts` has them."""
    urls = [normalise(url) for url in (site.home, *site.channels) if url]
    return frozenset(map(bare_host, (*map(lane_key, urls), *site.hosts)))


def _declared_fields(site: Site) -> tuple[tuple[bytes, bytes], ...]:
    """Return the header fields that the declaration asks for, as they are sent."""
    fields = dict(site.headers)
    if site.accept_language:
        fields["Accept-Language"] = site.accept_language
    if site.cookies:
        fields["Cookie"] = "; ".join(f"{name}={value}" for name, value in site.cookies.items())
    return tuple((name.encode("ascii"), value.encode("utf-8")) for name, value in fields.items())
