"""A chore in a process of its own, of the lowest priority: what it takes in memory and time costs no run anything."""

from __future__ import annotations

__all__ = ["carry_out_apart"]

import asyncio
import contextlib
import os
import signal
import sys


async def carry_out_apart(module: str, order: bytes) -> int:
    """Run the program that `module` is, with `order` on its stdin; return its exit code. Cancelled, it ends all it
    began.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",  # a folder named crawler where the user stands is not us
        "-m",
        module,
        stdin=asyncio.subprocess.PIPE,
        stdout=2,  # our stdout is for data
        start_new_session=True,  # so that its own children can be ended with it
    )
    try:
        await process.communicate(order)
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    return process.returncode or 0
