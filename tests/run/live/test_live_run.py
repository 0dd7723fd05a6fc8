"""A live run while it goes on."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from crawler.clock import FixedClock
from crawler.errors import StateError
from crawler.model.site import Site
from crawler.run.live.live_run import LiveRun
from crawler.run.live.tally import RunTally
from crawler.run.progress import Progress
from crawler.state import new_run

SITE = Site(name="paper", title="Paper", country="gb", languages=("en",), home="https://paper.example/")


class StoppableCrawler:
    """What a run asks of Scrapy's crawler."""

    stops = 0

    async def stop_async(self) -> None:
        self.stops += 1


def live_run(tally: RunTally | None = None, told: list[Progress] | None = None) -> LiveRun:
    run = new_run("paper", trigger="command", clock=FixedClock(datetime(2026, 11, 23, tzinfo=UTC)))
    return LiveRun(run, SITE, tally or RunTally(), None if told is None else told.append)


def test_progress_is_told_only_when_something_changed():
    tally, told = RunTally(), []
    live = live_run(tally, told)
    live.tell()
    tally.note(["a", "b"], "queued")
    live.tell()
    live.tell()
    tally.note(["a"], "captured")
    live.tell()
    assert [one.counts for one in told] == [{"queued": 2}, {"queued": 1, "captured": 1}]
    live_run(tally).tell()  # nobody wants to know


def test_the_first_fault_that_ends_a_run_counts_and_scrapy_is_asked_once():
    async def faulty() -> None:
        live = live_run()
        live.crawler = crawler = StoppableCrawler()  # type: ignore[assignment]
        assert not live.stopped
        first = StateError("the first")
        live.fail(first)
        live.fail(StateError("the second"))
        live.stop()
        await asyncio.sleep(0)
        assert (live.fatal, live.stopped, crawler.stops) == (first, True, 1)

    asyncio.run(faulty())
