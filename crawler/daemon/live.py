"""Runs on the live web, as a worker carries them out: `crawler.run.crawl` behind the daemon's seam."""

from __future__ import annotations

__all__ = ["open_live"]

import asyncio
from collections.abc import Mapping

import msgspec
import structlog

from crawler.clock import Clock
from crawler.config import Config
from crawler.daemon.runner import Ended, OnProgress
from crawler.errors import ArchiveError, StateError
from crawler.model.run import Run
from crawler.model.site import Site
from crawler.run.crawl import Crawls

_log = structlog.get_logger(__name__)

_SHIP_EVERY_S = 10.0


class _LiveRunner:
    """The live web, and a round of shipping every few seconds: what the spool has sealed, what a store refused before."""

    def __init__(self, crawls: Crawls) -> None:
        self._crawls = crawls
        self._shipping = asyncio.create_task(self._ship())

    async def run(self, run: Run, site: Site, *, on_progress: OnProgress) -> Ended:
        report = await self._crawls.run(
            run, site, on_progress=lambda progress: on_progress(msgspec.to_builtins(progress))
        )
        return Ended(report.state, report.reason)

    def stop(self) -> None:
        self._crawls.stop()

    async def close(self) -> None:
        self._shipping.cancel()
        await asyncio.gather(self._shipping, return_exceptions=True)
        await self._crawls.close()

    async def _ship(self) -> None:
        told: tuple[str, ...] = ()
        while True:
            await asyncio.sleep(_SHIP_EVERY_S)
            try:
                trouble = await self._crawls.outbox.ship()
            except (ArchiveError, StateError) as error:
                trouble = (str(error),)
            if trouble != told:
                told = trouble
                _log.warning("shipping", trouble=trouble or "over")


async def open_live(config: Config, sites: Mapping[str, Site], clock: Clock) -> _LiveRunner:
    """Return the runner of the live web. Raises StoreError, StateError or ArchiveError."""
    return _LiveRunner(await Crawls.open(config, clock=clock, sites=dict(sites)))
