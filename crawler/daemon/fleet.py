"""The worker processes of one supervisor: started, watched, recycled, and replaced when they die or fall silent."""

from __future__ import annotations

__all__ = ["Fleet", "WorkerView"]

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Mapping
from typing import Any

import msgspec

from crawler.clock import Clock
from crawler.config import Config
from crawler.daemon.messages import (
    LINE_LIMIT,
    Beat,
    Drain,
    Setup,
    SitesChanged,
    Stop,
    Update,
    Wake,
    decode_word,
    encode,
)
from crawler.errors import StateError
from crawler.log import EventLog
from crawler.model.site import Site
from crawler.state import State

_log = EventLog(__name__)

_BACKOFF_S = (0.0, 1.0, 2.0, 5.0, 10.0, 30.0)
_STEADY_S = 60.0
_START_S = 60.0
"""A new process may take so long to say its first word."""


class WorkerView(msgspec.Struct, frozen=True, kw_only=True):
    """A worker as status shows it."""

    pid: int
    share: int
    retiring: bool
    silent_s: float
    rss_bytes: int
    runs_done: int
    active: tuple[str, ...]


class _Process:
    """One worker process and what it last said."""

    def __init__(self, share: int, process: asyncio.subprocess.Process, clock: Clock, heartbeat_s: float) -> None:
        self.share = share
        self.process = process
        self.started = self.heard = clock.monotonic()
        self.beat = Beat(worker="", rss_bytes=0, runs_done=0, active=())
        self.retiring = False
        self.heartbeat_s = heartbeat_s
        self._clock = clock
        self._writer: asyncio.StreamWriter | None = None
        self._listening: asyncio.Task[None] | None = None

    @classmethod
    async def start(cls, setup: Setup, progress: dict[str, Mapping[str, Any]], clock: Clock) -> _Process:
        ours, theirs = socket.socketpair()
        with theirs:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "crawler.daemon.worker",
                str(theirs.fileno()),
                pass_fds=[theirs.fileno()],
                stdin=asyncio.subprocess.DEVNULL,
                stdout=2,  # our stdout is for data
                start_new_session=True,  # so that its own children can be ended with it
            )
        worker = cls(setup.share, process, clock, setup.config.daemon.heartbeat_s)
        reader, worker._writer = await asyncio.open_connection(sock=ours, limit=LINE_LIMIT)
        worker.tell(setup)
        worker._listening = asyncio.create_task(worker._listen(reader, progress))
        return worker

    @property
    def exited(self) -> bool:
        return self.process.returncode is not None

    def tell(self, message: msgspec.Struct) -> None:
        if self._writer is not None and not self._writer.is_closing():
            self._writer.write(encode(message))

    def kill(self) -> None:
        """End the process and its children at once."""
        with contextlib.suppress(ProcessLookupError):  # it has just ended
            os.killpg(self.process.pid, signal.SIGKILL)

    async def close(self) -> None:
        """Release what belonged to an ended process."""
        self.kill()  # what is left of its children
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
        if self._writer is not None:
            self._writer.close()

    async def _listen(self, reader: asyncio.StreamReader, progress: dict[str, Mapping[str, Any]]) -> None:
        try:
            while line := await reader.readline():
                word = decode_word(line)
                if isinstance(word, Update):
                    progress[word.run] = word.progress
                    continue
                for run in set(self.beat.active) - set(word.active):
                    progress.pop(run, None)
                self.beat = word
                self.heard = self._clock.monotonic()
        except (ConnectionError, msgspec.DecodeError) as error:
            _log.warning("lost the line to a worker", pid=self.process.pid, error=str(error))


class Fleet:
    """One worker for each share, always; call `tend` several times a second."""

    def __init__(
        self,
        config: Config,
        state: State,
        clock: Clock,
        *,
        runner: str,
        log_level: str = "warning",
        log_json: bool = False,
    ) -> None:
        self.progress: dict[str, Mapping[str, Any]] = {}
        self._config = config
        self._state = state
        self._clock = clock
        self._runner = runner
        self._log_level = log_level
        self._log_json = log_json
        self._sites: dict[str, Site] = {}
        self._seats: dict[int, _Process | None] = dict.fromkeys(range(config.daemon.workers))
        self._retiring: list[_Process] = []
        self._failures = dict.fromkeys(self._seats, 0)
        self._not_before = dict.fromkeys(self._seats, 0.0)
        self._outdated: set[int] = set()

    def load(self, sites: dict[str, Site]) -> None:
        """Tell all workers of the declarations now in force."""
        self._sites = sites
        self._tell_all(SitesChanged(sites))

    def set_config(self, config: Config) -> None:
        """Replace every worker by one with these settings, once it has ended the runs it has under way."""
        self._config = config
        self._outdated = set(self._seats)

    def wake(self) -> None:
        """Tell all workers that something was queued."""
        self._tell_all(Wake())

    async def tend(self) -> None:
        """Replace workers that ended, kill those that are silent, retire those that are used up."""
        for share, worker in self._seats.items():
            if worker is None:
                if self._clock.monotonic() >= self._not_before[share]:
                    self._seats[share] = await self._start(share)
            elif worker.exited:
                self._seats[share] = None
                await self._bury(worker)
                self._delay(share, worker)
            elif self._silent(worker):
                worker.kill()
            elif share in self._outdated or self._used_up(worker):
                worker.retiring = True
                worker.tell(Drain())
                self._retiring.append(worker)
                self._seats[share] = await self._start(share)
        for worker in [w for w in self._retiring if w.exited]:
            self._retiring.remove(worker)
            await self._bury(worker)
        for worker in self._retiring:
            if self._silent(worker):
                worker.kill()

    async def stop(self, within_s: float) -> bool:
        """Let all workers stop in good order; after `within_s` end them. Return whether none had to be ended."""
        workers = self._all()
        for worker in workers:
            worker.tell(Stop(within_s * 0.6))
        waiting = [asyncio.create_task(worker.process.wait()) for worker in workers]
        if waiting:
            await asyncio.wait(waiting, timeout=within_s)
        late = [worker for worker in workers if not worker.exited]
        for worker in late:
            _log.warning("worker did not stop in time and is ended", pid=worker.process.pid)
        await self.kill()
        for task in waiting:
            task.cancel()
        return not late

    async def kill(self) -> None:
        """End all workers at once; their runs are queued again, what they captured is in the spool."""
        for worker in self._all():
            worker.kill()
            await worker.process.wait()
            await self._bury(worker)
        self._seats = dict.fromkeys(self._seats)
        self._retiring.clear()

    def views(self) -> list[WorkerView]:
        """Return the workers as status shows them."""
        now = self._clock.monotonic()
        return [
            WorkerView(
                pid=worker.process.pid,
                share=worker.share,
                retiring=worker.retiring,
                silent_s=round(now - worker.heard, 3),
                rss_bytes=worker.beat.rss_bytes,
                runs_done=worker.beat.runs_done,
                active=worker.beat.active,
            )
            for worker in self._all()
        ]

    def _all(self) -> list[_Process]:
        return [worker for worker in self._seats.values() if worker is not None] + self._retiring

    def _tell_all(self, message: msgspec.Struct) -> None:
        for worker in self._all():
            worker.tell(message)

    async def _start(self, share: int) -> _Process:
        self._outdated.discard(share)
        setup = Setup(
            config=self._config,
            sites=self._sites,
            runner=self._runner,
            share=share,
            shares=len(self._seats),
            log_level=self._log_level,
            log_json=self._log_json,
        )
        return await _Process.start(setup, self.progress, self._clock)

    async def _bury(self, worker: _Process) -> None:
        """Clean up after an ended worker and queue its runs again."""
        await worker.close()
        for run in worker.beat.active:
            self.progress.pop(run, None)
        code = worker.process.returncode
        if code != 0:
            _log.warning("worker ended", pid=worker.process.pid, exit_code=code)
        try:
            recovered = self._state.interrupt_runs()
        except StateError as error:
            _log.error("runs of an ended worker could not be queued again yet", error=str(error))
            return
        if recovered.requeued:
            _log.warning("runs queued again", runs=recovered.requeued)
            self.wake()

    def _delay(self, share: int, worker: _Process) -> None:
        """Start the next one at once if this one had lasted, later and later if they keep dying."""
        lasted = self._clock.monotonic() - worker.started >= _STEADY_S
        failed = worker.process.returncode != 0 and not lasted
        self._failures[share] = self._failures[share] + 1 if failed else 0
        wait_s = _BACKOFF_S[min(max(self._failures[share] - 1, 0), len(_BACKOFF_S) - 1)]
        self._not_before[share] = self._clock.monotonic() + wait_s

    def _silent(self, worker: _Process) -> bool:
        silent_s = self._clock.monotonic() - worker.heard
        limit_s = worker.heartbeat_s
        if silent_s <= (limit_s if worker.beat.worker else max(limit_s, _START_S)):
            return False
        _log.error("worker is silent and is killed", pid=worker.process.pid, silent_s=round(silent_s, 1))
        return True

    def _used_up(self, worker: _Process) -> bool:
        limits = self._config.daemon
        return worker.beat.runs_done >= limits.recycle_runs or worker.beat.rss_bytes >= limits.recycle_rss_bytes
