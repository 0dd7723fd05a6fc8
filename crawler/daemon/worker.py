"""A worker process: claims queued runs of its share and carries them out in one event loop.

``python -m crawler.daemon.worker FD`` with the socket to its supervisor open as file descriptor FD. It ends when
told to, when its supervisor is gone (end of file), or on SIGTERM; runs it had to stop are queued again.
"""

from __future__ import annotations

__all__ = ["Worker", "main"]

import asyncio
import faulthandler
import resource
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import uvloop

from crawler import log
from crawler.clock import Clock, SystemClock
from crawler.daemon.messages import (
    LINE_LIMIT,
    Beat,
    Drain,
    Setup,
    SitesChanged,
    Stop,
    Update,
    Wake,
    decode_order,
    encode,
)
from crawler.daemon.runner import Runner, load_opener
from crawler.errors import CrawlStopped, StateError, WarraqError
from crawler.model.run import Run
from crawler.model.site import Site
from crawler.run.live import memory
from crawler.run.target import site_for_url
from crawler.state import State, keep_lease, open_state, owner

_log = log.EventLog(__name__)

_POLL_S = 1.0
_BEAT_S = 5.0
_STOP_MARGIN_S = 60.0
_LOGGED_FAILURES = 20


class Worker:
    """Runs under way in this process, and the queue they come from."""

    def __init__(self, setup: Setup, state: State, say: Callable[[msgspec.Struct], None]) -> None:
        self.name = owner(f"worker-{setup.share}")
        self._setup = setup
        self._sites: Mapping[str, Site] = setup.sites
        self._state = state
        self._say = say
        self._active: dict[str, asyncio.Task[None]] = {}
        self._unrecorded: list[Callable[[], None]] = []
        """Ends of runs that the state would not take."""
        self._runs_done = 0
        self._draining = False
        self._stopped = False
        self._on_stop: Callable[[], None] | None = None
        self._wake = asyncio.Event()

    async def work(self, runner: Runner) -> None:
        """Claim runs and have `runner` carry them out, until told to drain or stop and none is left."""
        self._on_stop = runner.stop
        while not (self._draining and not self._active):
            self._wake.clear()
            self._record_again()
            if not self._draining:
                self._claim(runner)
            try:
                await asyncio.wait_for(self._wake.wait(), _POLL_S)
            except TimeoutError:
                continue  # the queue is looked at once in a while, whoever forgot to wake us

    async def beat(self) -> None:
        """Tell the supervisor regularly that this loop is alive.

        When the loop hangs, the process writes where to stderr and ends itself, supervisor or not.
        """
        limit_s = self._setup.config.daemon.heartbeat_s
        while True:
            self._say_alive()
            faulthandler.dump_traceback_later(limit_s * 0.9, exit=True)
            await asyncio.sleep(min(_BEAT_S, limit_s / 4))

    async def listen(self, reader: asyncio.StreamReader) -> None:
        """Follow the supervisor's orders; its end is the order to stop."""
        try:
            while line := await reader.readline():
                self._follow(decode_order(line))
        except ConnectionError as error:  # it died with words of ours unread
            _log.warning("the supervisor is gone", error=str(error))
        finally:
            self.stop(self._setup.config.daemon.stop_s)

    def _follow(self, order: Setup | SitesChanged | Wake | Drain | Stop) -> None:
        if isinstance(order, SitesChanged):
            self._sites = order.sites
        elif isinstance(order, Drain):
            self._draining = True
        elif isinstance(order, Stop):
            self.stop(order.within_s)
        self._wake.set()

    def stop(self, within_s: float) -> None:
        """Stop the runs under way so that they can go on later; after `within_s` they are cancelled."""
        self._draining = True
        self._wake.set()
        if self._stopped:
            return
        self._stopped = True
        if self._on_stop is not None:
            self._on_stop()
        asyncio.get_running_loop().call_later(within_s, self._cancel)

    def _cancel(self) -> None:
        for task in self._active.values():
            task.cancel()

    def _claim(self, runner: Runner) -> None:
        limit = self._setup.config.daemon.runs_per_worker
        try:
            while len(self._active) < limit:
                run = self._state.claim_run(self.name, share=self._setup.share, shares=self._setup.shares)
                if run is None:
                    return
                self._active[run.id] = asyncio.create_task(self._carry_out(run, runner))
                self._say_alive()
        except StateError as error:
            _log.error("cannot claim runs, will try again", error=str(error))

    async def _carry_out(self, run: Run, runner: Runner) -> None:
        """Carry out `run` and record its end, whatever it is; what is logged meanwhile bears its id and site."""
        log.bind(run=run.id, site=run.site)  # of this task and those it starts
        _log.info("run begun", trigger=run.trigger)
        limit_s = self._setup.config.crawl.deadline_s + _STOP_MARGIN_S
        try:
            async with asyncio.timeout(limit_s):
                ended = await runner.run(run, self._site(run), on_progress=partial(self._progress, run.id))
        except CrawlStopped as error:
            self._record(partial(self._state.release_run, run.id, error.what))
        except asyncio.CancelledError:
            self._record(partial(self._state.release_run, run.id, "stopped before its end"))
        except TimeoutError:
            self._record(partial(self._state.finish_run, run.id, "failed", f"not ended after {limit_s:.0f} s"))
        except WarraqError as error:
            self._record(partial(self._state.finish_run, run.id, "failed", str(error)))
        except Exception as error:  # noqa: BLE001 - one run's bug must not end the other runs of this process
            _log.exception("run failed by a fault of the program")
            self._record(partial(self._state.finish_run, run.id, "failed", f"internal error: {error!r}"))
        else:
            self._record(partial(self._state.finish_run, run.id, ended.state, ended.reason))
        finally:
            self._log_end(run.id)
            self._active.pop(run.id, None)
            self._runs_done += 1
            self._say_alive()
            self._wake.set()

    def _record(self, write: Callable[[], None]) -> None:
        """Write the end of a run; if the state refuses it is tried again, and when we exit the run is queued again."""
        try:
            write()
        except StateError as error:
            self._unrecorded.append(write)
            _log.error("the end of a run could not be recorded, will try again", error=str(error))

    def _record_again(self) -> None:
        """Write the ends that the state would not take: until then their sites cannot be crawled."""
        unrecorded, self._unrecorded = self._unrecorded, []
        for write in unrecorded:
            self._record(write)

    def _log_end(self, run: str) -> None:
        """Log how a run ended, and the first URLs it did not obtain."""
        try:
            ended = self._state.run(run)
            failures = self._state.latest_failures(run, _LOGGED_FAILURES)
        except StateError as error:
            _log.error("how the run ended could not be read", error=str(error))
            return
        for event in failures:
            _log.warning("url missed", url=event.url, outcome=event.outcome, reason=event.reason)
        if ended is not None:
            _log.info("run ended", state=ended.state, reason=ended.reason)

    def _site(self, run: Run) -> Site:
        site = self._sites.get(run.site)
        if site is None and run.targets:
            site = site_for_url(run.targets[0], self._sites)
        if site is None:
            raise WarraqError(f"{run.site} is no longer declared")
        return site

    def _progress(self, run: str, progress: Mapping[str, Any]) -> None:
        self._say(Update(run, dict(progress)))

    def _say_alive(self) -> None:
        self._say(Beat(worker=self.name, rss_bytes=_rss_bytes(), runs_done=self._runs_done, active=tuple(self._active)))


async def _serve(channel: socket.socket, clock: Clock) -> int:
    """Work for the supervisor at the other end of `channel`; return the exit code."""
    reader, writer = await asyncio.open_connection(sock=channel, limit=LINE_LIMIT)
    setup = decode_order(await reader.readline())
    if not isinstance(setup, Setup):
        return 2
    log.set_up(setup.log_level, json=setup.log_json)

    def say(message: msgspec.Struct) -> None:
        if not writer.is_closing():
            writer.write(encode(message))

    with open_state(setup.config.state, clock=clock) as state:
        worker = Worker(setup, state, say)
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, worker.stop, setup.config.daemon.stop_s)
        companions = [
            asyncio.create_task(worker.beat()),
            asyncio.create_task(worker.listen(reader)),
            asyncio.create_task(keep_lease(state, worker.name)),
        ]
        try:
            return await _open_and_work(setup, worker, clock)
        finally:
            faulthandler.cancel_dump_traceback_later()
            for task in companions:
                task.cancel()
            await asyncio.gather(*companions, return_exceptions=True)
            writer.close()


async def _open_and_work(setup: Setup, worker: Worker, clock: Clock) -> int:
    """Open the runner, which may have to recover much first, and work; return the exit code."""
    try:
        runner = await load_opener(setup.runner)(setup.config, setup.sites, clock)
    except WarraqError as error:
        _log.error("worker cannot start", error=str(error))
        return 1
    try:
        await worker.work(runner)
    finally:
        await runner.close()  # seals and ships
    return 0


def main(argv: list[str]) -> int:
    """Run a worker on the file descriptor that `argv` names; return the exit code."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's ^C is the supervisor's to handle
    channel = socket.socket(fileno=int(argv[0]))
    memory.settle()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop:
        return loop.run(_serve(channel, SystemClock()))


def _rss_bytes() -> int:
    """Return this process's resident memory; where /proc is missing, the most it ever had."""
    try:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
