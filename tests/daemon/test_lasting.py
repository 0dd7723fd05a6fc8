"""A task that lasts begins again after a fault."""

from __future__ import annotations

import asyncio

from crawler.daemon.lasting import lasting


def test_a_task_that_fails_begins_again() -> None:
    begun: list[int] = []
    done = asyncio.Event()

    async def run() -> None:
        begun.append(1)
        if len(begun) < 3:
            raise ZeroDivisionError
        done.set()
        await asyncio.Event().wait()

    async def main() -> None:
        task = asyncio.create_task(lasting("x", run, again_s=0.0))
        await asyncio.wait_for(done.wait(), 30)
        task.cancel()

    asyncio.run(main())
    assert len(begun) == 3
