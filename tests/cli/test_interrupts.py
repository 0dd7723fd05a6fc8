"""An interrupt is the command's to answer, in the loop that runs."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from crawler.cli.interrupts import on_interrupt


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_whoever_is_interrupted_or_told_to_end_is_called_and_the_loop_goes_on(number):
    async def told() -> str:
        stopped = asyncio.Event()
        on_interrupt(stopped.set)
        os.kill(os.getpid(), number)
        await stopped.wait()
        return "went on"

    assert asyncio.run(told()) == "went on"
