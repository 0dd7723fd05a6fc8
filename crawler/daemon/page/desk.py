"""What the pages are made of: the daemon as they see it, their own connection to the state, the store, the last
health.
"""

from __future__ import annotations

__all__ = ["DESK", "AlarmRows", "Desk", "RunningDaemon"]

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, ParamSpec, Protocol, TypeVar

import msgspec
from aiohttp import web

from crawler.archive.store import Store
from crawler.clock import Clock
from crawler.config import Config
from crawler.daemon.api.control import DaemonView
from crawler.daemon.page.health import HealthWatch
from crawler.daemon.page.playback import Shown
from crawler.model.run import Run
from crawler.model.site import Site
from crawler.run.progress import Progress
from crawler.state import AlarmRow, State

_P = ParamSpec("_P")
_T = TypeVar("_T")

_VIEW_S = 1.0


AlarmRows = Callable[[], Sequence[AlarmRow]]
"""Whoever watches for trouble hands one in; it returns what is wrong now, without waiting for anything."""


class RunningDaemon(Protocol):
    """What the page asks of the supervisor, on the event loop's thread."""

    @property
    def sites(self) -> dict[str, Site]:
        """The declarations in force."""

    def view(self) -> DaemonView:
        """Return everything it knows of itself."""

    def trigger(self, targets: list[str]) -> list[Run]:
        """Queue runs. Raises UsageError."""

    def set_paused(self, site: str, paused: bool) -> bool:
        """Pause or resume. Raises UsageError."""


class Desk:
    """What every handler gets."""

    def __init__(
        self, *, config: Config, daemon: RunningDaemon, progress: Mapping[str, Mapping[str, Any]], state: State,
        store: Store,
        watch: HealthWatch, alarms: AlarmRows, clock: Clock, threads: ThreadPoolExecutor,
    ) -> None:  # fmt: skip
        self.config = config
        self.daemon = daemon
        self.state = state
        self.store = store
        self.watch = watch
        self.alarms = alarms
        self.clock = clock
        self.looked_into: tuple[str, int, Shown] | None = None
        """The capture that was made ready last (file, offset), for the frame that asks for it next."""
        self._progress = progress
        self._threads = threads
        self._view: tuple[float, DaemonView] | None = None

    def view(self) -> DaemonView:
        """Return the daemon's view, at most a second old: many may be looking."""
        now = self.clock.monotonic()
        if self._view is None or now - self._view[0] > _VIEW_S:
            self._view = (now, self.daemon.view())
        return self._view[1]

    def forget_view(self) -> None:
        """Look anew next time, as after a change."""
        self._view = None

    def progress(self, run: str) -> Progress | None:
        """Return what a worker said last of `run`; None if none carries it out."""
        said = self._progress.get(run)
        return msgspec.convert(dict(said), Progress) if said else None

    async def read(self, call: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Run a blocking `call` in a thread: the event loop is the supervisor's, too."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, partial(call, *args, **kwargs))


DESK = web.AppKey("desk", Desk)
