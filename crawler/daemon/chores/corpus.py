"""The corpus kept up by the daemon: what came to the store since is entered into the catalogue and the search index.

In a process of its own, of the lowest priority: what it takes in memory and time costs no run anything. A failure is
told to the log, and the next time does what is left.
"""

from __future__ import annotations

__all__ = ["CorpusWatch"]

import asyncio
import os
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import msgspec

from crawler import log
from crawler.archive.store import open_store
from crawler.clock import Clock
from crawler.config import Config
from crawler.corpus.catalogue import update_catalogue
from crawler.corpus.search import SearchIndex, index_path
from crawler.daemon.chores.apart import carry_out_apart
from crawler.errors import WarraqError

_log = log.EventLog(__name__)

_LOOK_EVERY_S = 30.0


class CorpusWatch:
    """Starts the process when it is due; `run` until cancelled, which ends a process under way."""

    def __init__(self, config: Callable[[], Config], clock: Clock) -> None:
        """`config` returns the settings in force."""
        self._config = config
        self._clock = clock
        self._last = clock.monotonic()

    async def run(self) -> None:
        """Look whether it is due, again and again."""
        while True:
            if self.due():
                await self._update()
                self._last = self._clock.monotonic()
            await asyncio.sleep(_LOOK_EVERY_S)

    def due(self) -> bool:
        """Tell whether the last one ended `corpus_s` ago; the first one comes so long after the start."""
        every = self._config().daemon.corpus_s
        return every > 0 and self._clock.monotonic() - self._last >= every

    async def _update(self) -> None:
        code = await carry_out_apart("crawler.daemon.chores.corpus", msgspec.json.encode(self._config()))
        if code:
            _log.warning("the corpus was not brought up to date", exit_code=code)


def main() -> int:
    """Bring the corpus of the settings on stdin up to date; return the exit code."""
    os.nice(19)
    log.set_up("warning")
    config = msgspec.json.decode(sys.stdin.buffer.read(), type=Config)
    state = Path(config.state.dir)
    try:
        store = open_store(config.storage)
        damaged = SearchIndex.update(index_path(state, store), store).damaged
        if find_spec("duckdb") is not None:  # without the extra there is no catalogue to keep up
            damaged += update_catalogue(store, lock_folder=state).damaged
    except WarraqError as error:
        _log.error("the corpus was not brought up to date", error=str(error))
        return 1
    for one in damaged:
        _log.warning("damaged", what=one)
    return 0


if __name__ == "__main__":
    sys.exit(main())
