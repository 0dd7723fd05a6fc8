"""The newsroom of ``warraq demo``: five invented papers on loopback, in five languages and as many technical habits.

Content, dates and validators are always the same; only ``Date`` fields and the addresses it listens on are not.
Each paper has an address of its own (127.0.0.2 and on, one port); where there is only 127.0.0.1, a port of its own.
"""

from __future__ import annotations

__all__ = ["Newsroom"]

import contextlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from crawler.clock import Clock, SystemClock
from crawler.demo.publishers import PUBLISHERS, ExpectedCrawl, Publisher
from crawler.demo.web import Reply, Visit, WebServer
from crawler.model.site import Site

_ATTEMPTS = 5


class Newsroom:
    """Five papers being served; open it with `Newsroom.open`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._desks = [_Desk(publisher) for publisher in PUBLISHERS]
        self.requests: list[Visit] = []
        """What was asked of the newsroom, in order of the answers."""

    @classmethod
    @asynccontextmanager
    async def open(cls, *, clock: Clock | None = None) -> AsyncIterator[Newsroom]:
        """Serve until the block is left. Raises OSError if nothing can listen on loopback."""
        newsroom = cls(clock or SystemClock())
        async with AsyncExitStack() as servers:
            await newsroom._listen(servers)
            yield newsroom

    @property
    def sites(self) -> tuple[Site, ...]:
        """The declarations to crawl by."""
        return tuple(desk.publisher.site_at(desk.base) for desk in self._desks)

    @property
    def expected(self) -> dict[str, ExpectedCrawl]:
        """What a crawl must come to, by the site's name."""
        return {publisher.site.name: publisher.expected for publisher in PUBLISHERS}

    def publish(self) -> None:
        """Begin the second round: two papers announce one article more, and serve it."""
        for desk in self._desks:
            desk.stock(second_round=True)

    async def _listen(self, servers: AsyncExitStack) -> None:
        """Try an address for each paper with one port for all, then ports of 127.0.0.1."""
        for _ in range(_ATTEMPTS):
            async with AsyncExitStack() as attempt:
                with contextlib.suppress(OSError):
                    port = 0
                    for last, desk in enumerate(self._desks, start=2):
                        port = await self._start(attempt, desk, f"127.0.0.{last}", port)
                    servers.push_async_callback(attempt.pop_all().aclose)
                    return
        for desk in self._desks:
            await self._start(servers, desk, "127.0.0.1", 0)

    async def _start(self, servers: AsyncExitStack, desk: _Desk, host: str, port: int) -> int:
        server = WebServer(desk.publisher.site.name, desk.reply, self.requests, self._clock)
        servers.push_async_callback(server.close)
        port = await server.open(host, port)
        desk.base = f"http://{host}:{port}"
        desk.stock(second_round=False)
        return port


class _Desk:
    """One paper at its address."""

    def __init__(self, publisher: Publisher) -> None:
        self.publisher = publisher
        self.base = ""
        self._routes: dict[str, Reply] = {}
        self._missing = Reply(status=404, body=b"")

    def stock(self, *, second_round: bool) -> None:
        self._routes, self._missing = self.publisher.serve(self.base, second_round=second_round)

    def reply(self, path: str) -> Reply:
        return self._routes.get(path, self._missing)
