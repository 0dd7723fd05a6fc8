"""The parse pool: processes that can be killed, so that a page which hangs or crashes the parser costs only itself.

Threads would hold the event loop for a page's whole parse, and lxml in threads has crashed others; a
`concurrent.futures` pool is broken as a whole by one crash and cannot end one hung task. Hence asyncio subprocesses.
"""

from __future__ import annotations

__all__ = ["ParsePool"]

import asyncio
import contextlib
import os
import signal
import sys
from types import TracebackType
from typing import TypeVar

import msgspec

from crawler.config import Parsing
from crawler.http.blocks import Block
from crawler.log import EventLog
from crawler.run.parsing.channel_task import ChannelResult, ChannelTask
from crawler.run.parsing.frame import FRAME
from crawler.run.parsing.page_task import PageTask, TaskResult, in_memory

_log = EventLog(__name__)

_R = TypeVar("_R", TaskResult, ChannelResult)

_START_S = 60.0
"""How long a process may take until it is ready, on a busy machine."""


class ParsePool:
    """Parses pages in `settings.processes` processes (0: one per core), started when first needed."""

    def __init__(self, settings: Parsing) -> None:
        self.size = settings.processes or os.cpu_count() or 1
        self._settings = settings
        self._idle: asyncio.LifoQueue[_Process | None] = asyncio.LifoQueue()
        self._live: set[_Process] = set()
        for _ in range(self.size):
            self._idle.put_nowait(None)

    async def __aenter__(self) -> ParsePool:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def parse(self, task: PageTask, response: Block | None = None) -> TaskResult:
        """Return what became of the page of `task`; waits for a free process, and reads `response` only then.

        Never raises for the page's sake: a crash is ``lost(parse_crash)``, a page that takes longer than
        ``timeout_s`` is ``lost(parse_timeout)``. Its capture is in the archive, to be parsed again.
        """
        try:
            return await self._performed(task, TaskResult, response)
        except TimeoutError:
            limit_s = self._settings.timeout_s
            _log.warning("parse took too long", url=task.url, limit_s=limit_s)
            return TaskResult(outcome="lost", reason="parse_timeout", detail=f"the page took longer than {limit_s:g} s")
        except (asyncio.IncompleteReadError, ConnectionError):
            _log.warning("parse process crashed", url=task.url)
            return TaskResult(
                outcome="lost", reason="parse_crash", detail="the parse process ended in the middle of the page"
            )

    async def read(self, task: ChannelTask) -> ChannelResult:
        """Return what the channel of `task` says; never raises for its sake, as `parse`."""
        try:
            return await self._performed(task, ChannelResult)
        except TimeoutError:
            _log.warning("reading a channel took too long", url=task.url, limit_s=self._settings.timeout_s)
            return ChannelResult(reason="parse_timeout")
        except (asyncio.IncompleteReadError, ConnectionError):
            _log.warning("the process that read a channel crashed", url=task.url)
            return ChannelResult(reason="parse_crash")

    async def _performed(self, task: PageTask | ChannelTask, kind: type[_R], response: Block | None = None) -> _R:
        """Have a process carry out `task`; raises what tells that it did not come to its end."""
        process = await self._idle.get()
        try:
            if process is None or not process.alive:
                process = await self._start()
            if response is not None and isinstance(task, PageTask):
                task = msgspec.structs.replace(task, place=in_memory(response))
            async with asyncio.timeout(self._settings.timeout_s):
                return await process.perform(task, kind)
        finally:
            if process is not None and process.busy:  # its answer will never be read: it can't be used again
                self._live.discard(process)
                await process.kill()
            self._idle.put_nowait(process if process is not None and process.alive else None)

    async def close(self) -> None:
        """End the processes."""
        live, self._live = self._live, set()
        for process in live:
            await process.kill()

    async def _start(self) -> _Process:
        process = await _Process.start(self._settings.memory_bytes)
        self._live.add(process)
        try:
            async with asyncio.timeout(_START_S):
                await process.ready()
        except BaseException:
            self._live.discard(process)
            await process.kill()
            raise
        return process


class _Process:
    """One parse process and the frames to and from it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._process = process
        self._sink, self._source = process.stdin, process.stdout
        self._encoder = msgspec.msgpack.Encoder()
        self.busy = True

    @classmethod
    async def start(cls, memory_bytes: int) -> _Process:
        return cls(
            await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",  # a folder named crawler where the user stands is not us
                "-m",
                "crawler.run.parsing.process",
                str(memory_bytes),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                start_new_session=True,  # the terminal's Ctrl-C is ours to handle
            )
        )

    @property
    def alive(self) -> bool:
        return self._process.returncode is None and not self.busy

    async def ready(self) -> None:
        """Return when it has imported the parser: that is not the first page's time."""
        await self._source.readexactly(FRAME.size)
        self.busy = False

    async def perform(self, task: PageTask | ChannelTask, kind: type[_R]) -> _R:
        self.busy = True
        message = self._encoder.encode(task)
        self._sink.write(FRAME.pack(len(message)) + message)
        await self._sink.drain()
        size = FRAME.unpack(await self._source.readexactly(FRAME.size))[0]
        answer = await self._source.readexactly(size)
        self.busy = False
        return msgspec.msgpack.decode(answer, type=kind)

    async def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGKILL)
        await self._process.wait()
        self._sink.close()
        with contextlib.suppress(ConnectionError):
            await self._sink.wait_closed()
