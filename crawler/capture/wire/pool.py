"""Connections kept alive between exchanges: last used, first taken; bounded in number and in age."""

from __future__ import annotations

__all__ = ["ConnectionPool", "PoolKey"]

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from crawler.capture.wire.connection import Connection


class PoolKey(NamedTuple):
    """Connections with equal keys may stand in for each other."""

    scheme: str
    host: str
    port: int
    allow_private: bool
    """A connection opened under the lenient address policy is not handed to a request under the strict one."""


class ConnectionPool:
    """At most `max_open` connections in all, at most `max_idle_per_key` of them idle for one key, none idle for long.

    `take` waits when the limit is reached by connections in use; an idle one of another key is closed instead.
    """

    def __init__(self, *, max_open: int, max_idle_per_key: int, idle_s: float) -> None:
        self._max_open = max_open
        self._max_idle_per_key = max_idle_per_key
        self._idle_s = idle_s
        self._idle: dict[PoolKey, list[Connection]] = {}
        self._open: set[Connection] = set()
        self._opening = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._sweeper: asyncio.TimerHandle | None = None

    @property
    def open_count(self) -> int:
        """Connections open now, idle ones included."""
        return len(self._open)

    def take_idle(self, key: PoolKey) -> Connection | None:
        """Return an idle connection for `key`, None if there is none."""
        idle = self._idle.get(key)
        while idle:
            connection = idle.pop()
            if connection.usable:
                return connection
            connection.abort()
        return None

    async def open(self, opener: Callable[[], Awaitable[Connection]]) -> Connection:
        """Return what `opener` makes, as soon as the number of open connections permits it."""
        while len(self._open) + self._opening >= self._max_open and not self._close_oldest_idle():
            turn = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            try:
                await turn
            except asyncio.CancelledError:
                self._wake()
                raise
        self._opening += 1
        try:
            connection = await opener()
        except BaseException:
            self._wake()
            raise
        finally:
            self._opening -= 1
        connection.on_lost = self._lost
        self._open.add(connection)
        if connection.lost.done():
            self._lost(connection)
        return connection

    def give_back(self, key: PoolKey, connection: Connection) -> None:
        """Keep `connection` for the next request if it is still usable."""
        idle = self._idle.setdefault(key, [])
        if not connection.usable or len(idle) >= self._max_idle_per_key:
            connection.abort()
            return
        loop = asyncio.get_running_loop()
        connection.idle_since = loop.time()
        idle.append(connection)
        if self._waiting:
            self._wake()
        if self._sweeper is None:
            self._sweeper = loop.call_later(self._idle_s, self._sweep)

    async def close(self) -> None:
        """Close every connection and wait until all are closed."""
        if self._sweeper is not None:
            self._sweeper.cancel()
            self._sweeper = None
        self._idle.clear()
        closing = list(self._open)
        for connection in closing:
            connection.abort()
        for connection in closing:
            await connection.lost

    def _lost(self, connection: Connection) -> None:
        self._open.discard(connection)
        self._wake()

    def _wake(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return

    def _close_oldest_idle(self) -> bool:
        """Close the connection that has been idle longest; tell whether there was one."""
        oldest = min(
            ((key, idle[0]) for key, idle in self._idle.items() if idle), key=lambda x: x[1].idle_since, default=None
        )
        if oldest is None:
            return False
        key, connection = oldest
        self._idle[key].remove(connection)
        self._open.discard(connection)
        connection.abort()
        return True

    def _sweep(self) -> None:
        """Close what has been idle for too long; look again while anything is idle."""
        loop = asyncio.get_running_loop()
        self._sweeper = None
        for key in list(self._idle):
            idle = self._idle[key]
            for connection in [c for c in idle if not c.usable or loop.time() - c.idle_since >= self._idle_s]:
                idle.remove(connection)
                connection.abort()
            if not idle:
                del self._idle[key]
        if self._idle:
            self._sweeper = loop.call_later(self._idle_s / 2, self._sweep)
