"""The daily manifest, written by the daemon: what ``warraq manifest`` does, once a day, by itself.

After midnight UTC, once the last files of the day before have had time to reach the store; at start, for all days that
have none yet. A failure is told to the log and the alarms, and tried again within the hour. Notes only files that no
manifest names, under a condition: doing it twice writes nothing.
"""

from __future__ import annotations

__all__ = ["DailyManifests"]

import asyncio
import threading
from collections.abc import Callable
from datetime import date, timedelta

from crawler.archive.check.manifest import ChainedManifest, make_manifests
from crawler.archive.store import open_store
from crawler.clock import Clock
from crawler.config import Config
from crawler.daemon.alarms.rules import Finding
from crawler.errors import CrawlStopped, WarraqError
from crawler.log import EventLog
from crawler.run.receipts import keep_manifests, known_receipts

_log = EventLog(__name__)

_LOOK_EVERY_S = 60.0
_AGAIN_S = 3600.0
_SHIPPING_S = 900.0
"""What sealing and shipping may take after a file was rotated."""


class DailyManifests:
    """Writes the manifests of one store; `run` until cancelled."""

    def __init__(self, config: Callable[[], Config], clock: Clock) -> None:
        """`config` returns the settings in force."""
        self._config = config
        self._clock = clock
        self._noted: date | None = None
        """All days before it have their manifest."""
        self._not_before = float("-inf")
        self._trouble: str | None = None
        self._stopped = threading.Event()

    async def run(self) -> None:
        """Write what is due, again and again."""
        while True:
            await asyncio.to_thread(self.tend)
            await asyncio.sleep(_LOOK_EVERY_S)

    def close(self) -> None:
        """Let a manifest that is being made in its thread be; the next start makes it."""
        self._stopped.set()

    def findings(self) -> list[Finding]:
        """Return what is wrong, for the alarms."""
        if self._trouble is None:
            return []
        return [Finding(kind="manifest", severity="warning", message=self._trouble)]

    def tend(self) -> None:
        """Write the manifests of all days that are over, if that was not done since. Blocking; raises nothing."""
        config = self._config()
        if not config.daemon.manifests:
            self._trouble = None
            return
        today = (self._clock.now() - timedelta(seconds=config.spool.rotate_s + _SHIPPING_S)).date()
        if self._noted == today or self._clock.monotonic() < self._not_before:
            return
        try:
            made = self._make(config, today)
        except CrawlStopped:
            return
        except WarraqError as error:
            self._trouble = f"the day's manifest could not be written: {error}"
            self._not_before = self._clock.monotonic() + _AGAIN_S
            _log.error("manifest not written", error=str(error), again_in_s=_AGAIN_S)
            return
        self._noted, self._trouble = today, None
        for link in made:
            _log.info("manifest written", key=link.key, sha256=link.sha256, files=len(link.manifest.warcs))

    def _make(self, config: Config, today: date) -> list[ChainedManifest]:
        made = make_manifests(
            open_store(config.storage),
            clock=self._clock,
            before=today,
            receipts=known_receipts(config.state, clock=self._clock),
            on_file=self._go_on,
        )
        keep_manifests(config.state, made, clock=self._clock)
        return made

    def _go_on(self, key: str) -> None:
        if self._stopped.is_set():
            raise CrawlStopped(f"stopped before {key} was noted", next_step="the next start does it")
