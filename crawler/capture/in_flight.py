"""One budget of response bytes in memory for all runs of a process: what is neither parsed nor dropped yet.

Parsing is slower than fetching. Without a common budget each run would keep its own backlog, and two hundred runs two
hundred of them. Who wants to send a request asks for room first and waits, in order, while the budget is used up.
"""

from __future__ import annotations

__all__ = ["BUDGET_BYTES", "InFlight", "Room"]

import asyncio
from collections import deque

BUDGET_BYTES = 16 << 20
"""Some hundred and fifty pages: many times what the parse processes have under way."""

_EXPECTED = 64 << 10
"""What an answer is taken for until it is there."""


class InFlight:
    """The budget; every `Room` taken is given back, at the latest when nobody holds it any more."""

    def __init__(self, budget_bytes: int = BUDGET_BYTES) -> None:
        self.used_bytes = 0
        self._budget = budget_bytes
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def room(self) -> Room:
        """Return room for one answer, as soon as there is some and those who asked before have theirs."""
        if self._waiting or self._is_full():
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            try:
                await turn
            except asyncio.CancelledError:
                if turn.done() and not turn.cancelled():
                    self.change(-_EXPECTED)  # it was granted meanwhile
                raise
            return Room(self)
        self.change(_EXPECTED)
        return Room(self)

    def change(self, size: int) -> None:
        """Note that `size` more bytes are in memory (less: negative), and let in who may come then."""
        self.used_bytes += size
        while self._waiting and not self._is_full():
            turn = self._waiting.popleft()
            if not turn.done():
                self.used_bytes += _EXPECTED
                turn.set_result(None)

    def _is_full(self) -> bool:
        """Tell whether nobody may come; one may always, or an answer larger than the budget would be the last."""
        return self.used_bytes > 0 and self.used_bytes + _EXPECTED > self._budget


class Room:
    """Room for one answer, of the expected size at first."""

    __slots__ = ("_in_flight", "_size")

    def __init__(self, in_flight: InFlight) -> None:
        self._in_flight = in_flight
        self._size = _EXPECTED

    def resize(self, size: int) -> None:
        """Say how many bytes of it are in memory."""
        before, self._size = self._size, size
        self._in_flight.change(size - before)

    def release(self) -> None:
        """Give it back; twice is harmless."""
        if self._size:
            self.resize(0)

    def __del__(self) -> None:
        self.release()
