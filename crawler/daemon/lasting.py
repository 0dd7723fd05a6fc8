"""Tasks that last as long as the daemon: a fault of one is told and does not end it."""

from __future__ import annotations

__all__ = ["lasting"]

import asyncio
from collections.abc import Awaitable, Callable

from crawler.log import EventLog

_log = EventLog(__name__)

_AGAIN_S = 30.0


async def lasting(name: str, run: Callable[[], Awaitable[None]], *, again_s: float = _AGAIN_S) -> None:
    """Run `run` until cancelled; begin it again, `again_s` later, whenever a fault of the program has ended it."""
    while True:
        try:
            await run()
        except Exception as error:  # noqa: BLE001 - whatever it was, the daemon goes on with the rest
            _log.exception("a part of the daemon failed and begins again", part=name, error=repr(error), in_s=again_s)
        await asyncio.sleep(again_s)
