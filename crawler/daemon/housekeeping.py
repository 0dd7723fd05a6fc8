"""Keeping the state in order: what happened is counted, what is old is forgotten.

The one room for it, at work whatever else of the daemon is off. Works in a thread on a connection of its own, so that
neither runs nor pages wait for it; a state in trouble is told to the log, and tried again.
"""

from __future__ import annotations

__all__ = ["Housekeeping"]

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Self

from crawler.clock import Clock
from crawler.config import Config
from crawler.errors import StateError
from crawler.log import EventLog
from crawler.state import State, open_state

_log = EventLog(__name__)

_EVERY_S = 5.0
_BEHIND_S = 0.05
_TIDY_EVERY_S = 60.0
_FIRES_EVERY_S = 3600.0
_NOTICES_KEPT = timedelta(days=3)
_PRUNED = 20_000
"""Events, and runs, looked at in one go."""


class Housekeeping:
    """Tallies and tidiness of one daemon's state; `run` until cancelled."""

    def __init__(self, config: Callable[[], Config], state: State, clock: Clock) -> None:
        """`config` returns the settings in force; `state` is a connection of its own."""
        self.behind = True
        """Something happened that is not counted yet."""
        self.trouble: str | None = None
        """What the state refused to do last."""
        self._config = config
        self._state = state
        self._clock = clock
        self._next_tidy = self._next_fires = clock.monotonic()
        self._before = clock.now() - timedelta(days=config().daemon.history_days)
        """What is older may go."""

    @classmethod
    def start(cls, config: Callable[[], Config], clock: Clock) -> Self:
        """Return one with its own connection to the state. Raises StateError."""
        return cls(config, open_state(config().state, clock=clock), clock)

    async def run(self) -> None:
        """Count and tidy, again and again."""
        while True:
            await asyncio.to_thread(self.tend)
            await asyncio.sleep(_BEHIND_S if self.behind and self.trouble is None else _EVERY_S)

    def tend(self) -> None:
        """Count some of what happened; when all is counted, forget some of what is old. Blocking; raises nothing."""
        try:
            self.behind = self._state.tally()
            if not self.behind:
                self._tidy()
        except StateError as error:
            if self.trouble != error.what:
                _log.warning("the state is in trouble", error=error.what)
            self.trouble = error.what
        else:
            self.trouble = None

    def close(self) -> None:
        """Let the state go; what is under way in its thread ends soon."""
        self._state.close()

    def _tidy(self) -> None:
        """Forget fires first: a run that one of them names is kept, and what was kept once is not looked at again."""
        now, monotonic = self._clock.now(), self._clock.monotonic()
        if monotonic >= self._next_fires:
            self._next_fires = monotonic + _FIRES_EVERY_S
            self._before = now - timedelta(days=self._config().daemon.history_days)
            self._state.prune_fires(self._before)
            self._state.drop_paces(self._before)
        if monotonic >= self._next_tidy:
            self._next_tidy = monotonic + _TIDY_EVERY_S
            self._state.prune_history(self._before, _PRUNED)
            self._state.prune_alarms(self._before, notices_before=now - _NOTICES_KEPT)
