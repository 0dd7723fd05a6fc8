"""Runs on the live web, as a worker carries them out: `crawler.run.live.crawls` behind the daemon's seam."""

from __future__ import annotations

__all__ = ["open_live"]

from collections.abc import Mapping

import msgspec

from crawler.clock import Clock
from crawler.config import Config
from crawler.daemon.runner import Ended, OnProgress
from crawler.model.run import Run
from crawler.model.site import Site
from crawler.run.live.crawls import Crawls


class _LiveRunner:
    """The live web; `Crawls` seals and ships by itself while it is open, and once more when it is closed."""

    def __init__(self, crawls: Crawls) -> None:
        self._crawls = crawls

    async def run(self, run: Run, site: Site, *, on_progress: OnProgress) -> Ended:
        report = await self._crawls.run(
            run, site, on_progress=lambda progress: on_progress(msgspec.to_builtins(progress))
        )
        return Ended(report.state, report.reason)

    def stop(self) -> None:
        self._crawls.stop()

    async def close(self) -> None:
        await self._crawls.close()


async def open_live(config: Config, sites: Mapping[str, Site], clock: Clock) -> _LiveRunner:
    """Return the runner of the live web. Raises StoreRefused, StateError or ArchiveError.

    A store that does not answer is waited for: what is captured stays in the spool until then.
    """
    return _LiveRunner(await Crawls.open(config, clock=clock, sites=sites))
