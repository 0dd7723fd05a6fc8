"""Live runs of one process against real servers, with the time that a test gives them."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.clock import FixedClock
from crawler.config import Config, load
from crawler.model.run import LedgerEntry
from crawler.model.site import Site
from crawler.run.live.crawls import Crawls
from crawler.run.progress import RunReport
from crawler.state import State, memory_state, new_run
from tests.web import Web

Newsdesk = Callable[..., "Desk"]


class ShiftedClock:
    """The machine's clocks, put forward as often as a test likes."""

    def __init__(self) -> None:
        self._shift_s = 0.0

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self._shift_s)

    def monotonic(self) -> float:
        return time.monotonic() + self._shift_s

    def advance(self, hours: float) -> None:
        self._shift_s += hours * 3600


class Process:
    """One crawling process, and the loop that it runs in."""

    def __init__(self, folder: Path, **overrides: Any) -> None:
        """`overrides` are settings by their path, two underscores for each dot: ``fetch__proxy``."""
        self.config: Config = load(
            overrides={
                "storage.url": f"file:{folder / 'data'}",
                "state.dir": str(folder / "state"),
                "spool.min_free_bytes": 0,
                "fetch.allow_private": True,
                "parse.processes": 1,
                "fetch.retries": 0,
                "fetch.max_delay_s": 5.0,
                "fetch.robots_ttl_s": 86_400.0,
                **{name.replace("__", "."): value for name, value in overrides.items()},
            }
        )
        self.folder = folder
        self.clock = ShiftedClock()
        self.runner = asyncio.Runner()
        self.crawls = self.runner.run(Crawls.open(self.config, clock=self.clock))

    @property
    def state(self) -> State:
        return self.crawls._services.state

    def close(self) -> None:
        self.runner.run(self.crawls.close())
        self.runner.close()


class Desk:
    """One site that is polled."""

    def __init__(self, process: Process, web: Web, name: str, **declared: Any) -> None:
        self.process, self.web, self.state = process, web, process.state
        full = {key: tuple(web.base + path for path in paths) for key, paths in declared.items() if key in _CHANNELS}
        more = {key: value for key, value in declared.items() if key not in _CHANNELS}
        self.site = Site(
            name=name, title=name, country="gb", languages=("en",), home=f"{web.base}/", delay_s=0.0,
            allow_private=True, **full, **more,
        )  # fmt: skip

    def poll(self, hours: float = 0.0, *, targets: tuple[str, ...] = (), **options: Any) -> RunReport:
        """Put the clock forward, then run once. Since the last poll: `asked`."""
        self.process.clock.advance(hours)
        self.web.requests.clear()
        return self.process.runner.run(self._run(targets, options))

    async def _run(self, targets: tuple[str, ...], options: dict[str, Any]) -> RunReport:
        crawls = self.process.crawls
        run = crawls.begin(new_run(self.site.name, trigger="manual", clock=self.process.clock, targets=targets))
        return await crawls.run(run, self.site, **options)

    @property
    def asked(self) -> list[str]:
        """The paths of what the last poll asked for, without robots.txt."""
        return [line.split(" ")[1] for line in self.web.requests if not line.endswith("/robots.txt")]

    def stories(self) -> list[str]:
        """The paths of what the last poll asked for besides channels."""
        channels = {url.removeprefix(self.web.base) for key in _CHANNELS for url in getattr(self.site, key)}
        return [path for path in self.asked if path not in channels]

    def entry(self, path: str) -> LedgerEntry:
        found = self.state.entry(path if "://" in path else self.web.base + path)
        assert found is not None, path
        return found

    def outcome(self, path: str) -> tuple[str, str | None]:
        return self.entry(path).outcome, self.entry(path).reason

    def articles(self) -> list[dict[str, Any]]:
        """The lines of all articles.jsonl of this site, in the order of their capture."""
        found = sorted((self.process.folder / "data" / "articles" / self.site.name).rglob("articles.jsonl"))
        lines = [json.loads(line) for path in found for line in path.read_text().splitlines()]
        return sorted(lines, key=lambda line: line["captured_at"])


_CHANNELS = ("feeds", "sitemaps", "news_sitemaps", "sections")
_numbers = itertools.count()


@pytest.fixture(scope="session")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    made = Process(tmp_path_factory.mktemp("following"))
    yield made
    made.close()


@pytest.fixture
def clock() -> FixedClock:
    """Noon of a Sunday, which a test puts forward."""
    return FixedClock(datetime(2026, 3, 1, 12, 0, tzinfo=UTC))


@pytest.fixture
def state(clock: FixedClock) -> Iterator[State]:
    with memory_state(clock=clock) as opened:
        yield opened


@pytest.fixture
def web() -> Iterator[Web]:
    with Web() as served:
        yield served


@pytest.fixture
def newsdesk(process: Process, web: Web) -> Newsdesk:
    """A site of its own over the test's server."""

    def make(**declared: Any) -> Desk:
        return Desk(process, web, f"paper-{next(_numbers)}", **declared)

    return make
