"""What an interrupt does to a command that waits for the network."""

from __future__ import annotations

__all__ = ["on_interrupt"]

import asyncio
import signal
from collections.abc import Callable


def on_interrupt(stop: Callable[[], object]) -> None:
    """Have `stop` called, in the loop that runs, when the command is interrupted or told to end."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
