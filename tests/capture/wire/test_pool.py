"""Which connection is taken, kept and closed."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from crawler.capture.wire.pool import ConnectionPool, PoolKey

KEY = PoolKey("https", "news.example", 443, allow_private=False)
OTHER = PoolKey("https", "other.example", 443, allow_private=False)


class Fake:
    """A connection that only knows whether it is open."""

    def __init__(self) -> None:
        self.usable = True
        self.idle_since = 0.0
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.on_lost: Any = None

    def abort(self) -> None:
        self.usable = False
        if not self.lost.done():
            self.lost.set_result(None)
            if self.on_lost:
                self.on_lost(self)


def pool(**changes: Any) -> ConnectionPool:
    return ConnectionPool(**{"max_open": 2, "max_idle_per_key": 2, "idle_s": 60.0, **changes})


async def opened(connections: ConnectionPool) -> Any:
    async def opener() -> Any:
        return Fake()

    return await connections.open(opener)


def test_the_last_connection_used_is_the_first_taken() -> None:
    async def main() -> None:
        connections = pool()
        one, two = await opened(connections), await opened(connections)
        connections.give_back(KEY, one)
        connections.give_back(KEY, two)
        assert connections.take_idle(OTHER) is None
        assert [connections.take_idle(KEY), connections.take_idle(KEY), connections.take_idle(KEY)] == [two, one, None]

    asyncio.run(main())


def test_what_is_no_longer_usable_is_neither_kept_nor_taken() -> None:
    async def main() -> None:
        connections = pool()
        one, two = await opened(connections), await opened(connections)
        one.usable = False
        connections.give_back(KEY, one)
        connections.give_back(KEY, two)
        two.usable = False
        assert connections.take_idle(KEY) is None
        assert connections.open_count == 0

    asyncio.run(main())


def test_one_host_keeps_only_so_many_idle() -> None:
    async def main() -> None:
        connections = pool(max_idle_per_key=1)
        one, two = await opened(connections), await opened(connections)
        connections.give_back(KEY, one)
        connections.give_back(KEY, two)
        assert (one.usable, two.usable, connections.open_count) == (True, False, 1)

    asyncio.run(main())


def test_at_the_limit_the_longest_idle_makes_room_and_those_in_use_are_waited_for() -> None:
    async def main() -> None:
        connections = pool()
        one, two = await opened(connections), await opened(connections)
        connections.give_back(KEY, one)
        three = await opened(connections)
        assert (one.usable, two.usable) == (False, True)
        waiting = asyncio.create_task(opened(connections))
        await asyncio.sleep(0)
        assert not waiting.done()
        three.abort()
        assert (await waiting).usable
        assert connections.open_count == 2

    asyncio.run(main())


def test_a_connection_that_cannot_be_opened_takes_no_place() -> None:
    async def broken() -> Any:
        await asyncio.sleep(0)
        raise OSError("no")

    async def main() -> None:
        connections = pool(max_open=1)
        first = asyncio.create_task(connections.open(broken))
        second = asyncio.create_task(opened(connections))
        with pytest.raises(OSError, match="no"):
            await first
        assert (await second).usable

    asyncio.run(main())


def test_closing_closes_idle_and_busy_connections_alike() -> None:
    async def main() -> None:
        connections = pool()
        one, two = await opened(connections), await opened(connections)
        connections.give_back(KEY, one)
        await connections.close()
        assert (one.usable, two.usable, connections.open_count) == (False, False, 0)

    asyncio.run(main())


def test_old_idle_connections_are_swept_and_young_ones_stay() -> None:
    async def main() -> None:
        connections = pool(idle_s=0.05)
        one, two = await opened(connections), await opened(connections)
        connections.give_back(KEY, one)
        await asyncio.sleep(0.03)
        connections.give_back(OTHER, two)
        await asyncio.sleep(0.035)
        assert (one.usable, two.usable) == (False, True)
        await asyncio.sleep(0.1)
        assert connections.open_count == 0
        await connections.close()

    asyncio.run(main())
