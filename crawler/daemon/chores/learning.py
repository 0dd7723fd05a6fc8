"""Profiles renewed while the daemon runs: every so many days a process of its own learns from the newest captures.

It runs with the lowest priority, one parse process and a bound on what it reads, outside of every loop; when it fails
nothing else does. ``python -m crawler.daemon.chores.learning`` with an `LearningOrder` on stdin is that process.
"""

from __future__ import annotations

__all__ = ["LearningOrder", "LearningWatch", "main"]

import asyncio
import os
import sys
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from crawler import log
from crawler.archive.store import open_store
from crawler.clock import Clock, SystemClock, iso_utc
from crawler.config import Config
from crawler.daemon.chores.apart import carry_out_apart
from crawler.errors import UsageError, WarraqError
from crawler.model.site import Site
from crawler.run.offline.learn import keep, learn
from crawler.run.offline.sources import find_sources
from crawler.run.parsing.pool import ParsePool

_log = log.EventLog(__name__)

MARK = "learned"
"""Name within the state folder: a file that holds when the last learning ended."""

_LOOK_EVERY_S = 600.0
_WINDOW = timedelta(days=28)
_MOST_PAGES = 400
"""Of a site."""
_MOST_BYTES = 4 << 30
"""Of archive files, the newest: a process that reads all the store would cost more than it gains."""


class LearningOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What the learning process is told."""

    config: Config
    sites: dict[str, Site]


class LearningWatch:
    """Starts the learning process when it is due; `run` until cancelled, which ends a process under way."""

    def __init__(self, config: Callable[[], Config], clock: Clock, sites: Callable[[], Mapping[str, Site]]) -> None:
        """`config` and `sites` return what is in force."""
        self._config = config
        self._clock = clock
        self._sites = sites
        self._mark = Path(config().state.dir) / MARK

    async def run(self) -> None:
        """Look whether learning is due, again and again."""
        while True:
            if self.due():
                await self._learn()
                self._note()
            await asyncio.sleep(_LOOK_EVERY_S)

    def due(self) -> bool:
        """Tell whether the last learning is `learn_days` old; the first one comes so long after the first start."""
        days = self._config().daemon.learn_days
        if days <= 0:
            return False
        try:
            last = datetime.fromisoformat(self._mark.read_text(encoding="ascii"))
        except (OSError, ValueError):
            self._note()
            return False
        return self._clock.now() - last >= timedelta(days=days)

    def _note(self) -> None:
        try:
            self._mark.write_text(iso_utc(self._clock.now()), encoding="ascii")
        except OSError as error:
            _log.warning("it cannot be noted when profiles were learned", error=str(error))

    async def _learn(self) -> None:
        order = LearningOrder(config=self._config(), sites=dict(self._sites()))
        code = await carry_out_apart("crawler.daemon.chores.learning", msgspec.json.encode(order))
        if code:
            _log.warning("profiles were not learned", exit_code=code)


def main() -> int:
    """Learn for every site of the order on stdin; return the exit code."""
    os.nice(19)
    log.set_up("warning")
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=LearningOrder)
    try:
        asyncio.run(_work(order, SystemClock()))
    except UsageError:
        return 0  # nothing is in the store yet
    except WarraqError as error:
        _log.error("profiles were not learned", error=str(error))
        return 1
    return 0


async def _work(order: LearningOrder, clock: Clock) -> None:
    config = order.config
    async with ParsePool(msgspec.structs.replace(config.parse, processes=1)) as pool:
        lessons = await learn(
            find_sources([], config.storage),
            pool=pool,
            sites=order.sites,
            wanted=order.sites,
            since=clock.now() - _WINDOW,
            most=_MOST_PAGES,
            most_bytes=_MOST_BYTES,
        )
    store = open_store(config.storage)
    for name, lesson in lessons.items():
        kept = keep(lesson, name, store=store, clock=clock, deadline_s=config.crawl.deadline_s)
        if kept is not None and kept.key is not None:
            _log.info("profile learned", site=name, key=kept.key, articles=lesson.articles)


if __name__ == "__main__":
    sys.exit(main())
