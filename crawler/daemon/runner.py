"""The seam between a worker and what carries out runs, so that the daemon can be tested without a web."""

from __future__ import annotations

__all__ = ["Ended", "OnProgress", "Runner", "RunnerOpener", "load_opener"]

from collections.abc import Awaitable, Callable, Mapping
from importlib import import_module
from typing import Any, NamedTuple, Protocol

from crawler.clock import Clock
from crawler.config import Config
from crawler.model.run import Run, RunState
from crawler.model.site import Site

OnProgress = Callable[[Mapping[str, Any]], None]


class Ended(NamedTuple):
    """How a run ended."""

    state: RunState
    reason: str | None = None


class Runner(Protocol):
    """Carries out runs, many at once; holds what they share."""

    async def run(self, run: Run, site: Site, *, on_progress: OnProgress) -> Ended:
        """Carry out `run`. Raises CrawlStopped after `stop`, WarraqError if the whole run failed."""

    def stop(self) -> None:
        """Make every run under way end soon with CrawlStopped, everything captured being safe."""

    async def close(self) -> None:
        """Seal and ship what is left; give up what is shared."""


RunnerOpener = Callable[[Config, Mapping[str, Site], Clock], Awaitable[Runner]]


def load_opener(dotted: str) -> RunnerOpener:
    """Return the function named ``module:function``."""
    module, _, name = dotted.partition(":")
    opener: RunnerOpener = getattr(import_module(module), name)
    return opener
