"""A runner without a web: what it does with a site's run is written in a file of the state folder.

It notes each begin and end in ``runs.log``, one line each, so that tests see what happened in whichever process.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Mapping
from pathlib import Path

from crawler.clock import Clock
from crawler.config import Config
from crawler.daemon.runner import Ended, OnProgress
from crawler.errors import CrawlStopped, StoreUnavailable
from crawler.model.run import Run
from crawler.model.site import Site


class DummyRunner:
    def __init__(self, folder: Path, config: Config) -> None:
        self._folder = folder
        self._config = config
        self._stopping = asyncio.Event()

    async def run(self, run: Run, site: Site, *, on_progress: OnProgress) -> Ended:
        self._note(f"begin {run.id}")
        script = self._folder / f"{site.name}.script"
        orders = script.read_text().split() if script.exists() else []
        on_progress({"run": run.id, "counts": {"parsed": 7, "queued": 3}, "size_bytes": 10, "elapsed_s": 1.0})
        ended = Ended("done")
        for order in orders:
            if order == "crash-once":
                script.write_text("")
                os._exit(9)
            elif order == "hang-once":
                script.write_text("")
                time.sleep(60)  # noqa: ASYNC251 - the loop is to hang
            elif order == "crash":
                os._exit(9)
            elif order == "bug":
                raise ZeroDivisionError
            elif order == "store-down":
                raise StoreUnavailable("the store does not answer", next_step="look at it")
            elif order == "wait":
                await self._wait(run)
            elif order == "tell-pace":
                ended = Ended("partial", f"pace {self._config.fetch.delay_s}")
            elif order == "ignore-stop":
                await asyncio.sleep(60)
            else:
                ended = Ended(order, "as told")  # type: ignore[arg-type]
        self._note(f"end {run.id}")
        return ended

    def stop(self) -> None:
        self._stopping.set()

    async def close(self) -> None:
        self._note("close")

    async def _wait(self, run: Run) -> None:
        while not (self._folder / "release").exists():
            if self._stopping.is_set():
                self._note(f"stopped {run.id}")
                raise CrawlStopped("stopped")
            await asyncio.sleep(0.02)

    def _note(self, line: str) -> None:
        with (self._folder / "runs.log").open("a") as log:
            log.write(f"{line} {os.getpid()}\n")


async def open_dummy(config: Config, sites: Mapping[str, Site], clock: Clock) -> DummyRunner:
    return DummyRunner(Path(config.state.dir), config)
