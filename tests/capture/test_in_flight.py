"""The budget of bytes in flight: who asks waits while it is used up, in order, and nothing is kept for ever."""

from __future__ import annotations

import asyncio
import gc

import pytest

from crawler.capture.in_flight import InFlight

PAGE = 64 << 10
"""What an answer is taken for until it is there."""


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def test_room_is_given_until_the_budget_is_used_and_then_in_the_order_of_asking():
    async def run():
        in_flight = InFlight(2 * PAGE)
        first, second = await in_flight.room(), await in_flight.room()
        order: list[int] = []

        async def ask(number: int) -> None:
            room = await in_flight.room()
            order.append(number)
            room.release()

        asking = [asyncio.create_task(ask(number)) for number in range(3)]
        await settled()
        assert order == []
        first.release()
        await asyncio.gather(*asking)
        assert order == [0, 1, 2]
        second.release()
        return in_flight.used_bytes

    assert asyncio.run(run()) == 0


def test_an_answer_counts_with_its_real_size_once_it_is_there():
    async def run():
        in_flight = InFlight(4 * PAGE)
        large = await in_flight.room()
        large.resize(4 * PAGE)
        waiting = asyncio.create_task(in_flight.room())
        await settled()
        assert not waiting.done()
        large.resize(PAGE)
        (await waiting).release()
        large.release()
        large.release()
        return in_flight.used_bytes

    assert asyncio.run(run()) == 0


def test_one_answer_larger_than_the_whole_budget_does_not_end_the_crawl():
    async def run():
        in_flight = InFlight(PAGE // 2)
        (await in_flight.room()).release()
        large = await in_flight.room()
        large.resize(100 * PAGE)
        waiting = asyncio.create_task(in_flight.room())
        await settled()
        assert not waiting.done()
        large.release()
        (await waiting).release()

    asyncio.run(run())


@pytest.mark.parametrize("granted", [False, True])
def test_who_gives_up_waiting_leaves_the_room_to_others(granted):
    async def run():
        in_flight = InFlight(PAGE)
        held = await in_flight.room()
        gone = asyncio.create_task(in_flight.room())
        after = asyncio.create_task(in_flight.room())
        await settled()
        if granted:
            held.release()
        gone.cancel()
        if not granted:
            await settled()
            held.release()
        (await after).release()
        return in_flight.used_bytes

    assert asyncio.run(run()) == 0


def test_room_that_nobody_holds_any_more_is_given_back():
    async def run():
        in_flight = InFlight(PAGE)
        room = await in_flight.room()
        assert in_flight.used_bytes == PAGE
        del room
        gc.collect()
        return in_flight.used_bytes

    assert asyncio.run(run()) == 0
