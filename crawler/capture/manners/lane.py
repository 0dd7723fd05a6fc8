"""The lane of one host within a process: who is under way there, and from when on the next may start."""

from __future__ import annotations

__all__ = ["Lane"]

import asyncio
from datetime import datetime, timedelta

from crawler.model.pace import Pace

_FIRST_PENALTY_S = 1.0
_LAST_PENALTY_S = 3600.0
_LAST_FAILURE_PENALTY_S = 15.0
"""Connection failures slow a host's lane down, they never close it: each run may still find out by itself."""
_LAST_RETRY_AFTER_S = 86_400.0
"""A host that says "in a year" is asked again tomorrow."""
_IDLE_S = 3600.0
_NARROW = timedelta(days=7)
"""A host that reset second connections is tried with two again after so long."""
_STEP_S = 2.0
"""A moment that is further ahead was noted before the clock was set back."""


class Lane:
    """The state of one host. Times are monotonic seconds."""

    def __init__(self, concurrency: int, now: float) -> None:
        self.door = asyncio.Lock()
        self.crawl_delay_s = 0.0
        self.active = 0
        self.waiting = 0
        self.looked_at = float("-inf")
        """When what other processes know was last taken over."""
        self.why = ""
        self.requests = 0
        """Of the day `day`, by all processes, when that was last looked at."""
        self.day = ""
        self.penalty_s = 0.0
        self._concurrency = self._width = concurrency
        self._unsent = 0
        """Requests that have their turn and are not written yet: their pace has not begun."""
        self._changed = asyncio.Event()
        self._touched_at = now
        self._asked_delay_s = 0.0
        self._started_at: float | None = None
        self._closed_until = float("-inf")
        self._pushed_at = float("-inf")

    @property
    def is_narrow(self) -> bool:
        """The host takes one connection at a time, where others take more."""
        return self._width < self._concurrency

    @property
    def is_started(self) -> bool:
        """Something was asked of the host."""
        return self._started_at is not None

    async def place(self, *, paced: bool) -> None:
        """Return when there is a place and, where it is `paced`, every request before is written. One waits at a
        time.
        """
        while self.active >= self._width or (paced and self._unsent):
            self._changed.clear()
            await self._changed.wait()

    def start(self, now: float, delay_s: float) -> None:
        """Take a place."""
        self.active += 1
        self._unsent += 1
        self._started_at = self._touched_at = now
        self._asked_delay_s = delay_s

    def sent(self, now: float, *, first: bool) -> None:
        """Let the pace count from `now`; `first`: the request had not been written before."""
        self._started_at = self._touched_at = now
        self._unsent -= first
        self._changed.set()

    def leave(self, *, unsent: bool) -> None:
        """Give a place back."""
        self.active -= 1
        self._unsent -= unsent
        self._changed.set()

    def narrow(self) -> bool:
        """Allow one connection only, if what failed was not the only one; tell whether that is new."""
        if self.active <= 1 or self._width == 1:
            return False
        self._width = 1
        return True

    def delay_s(self, asked_s: float, max_delay_s: float) -> float:
        """Return the least time between starts: a penalty slows down up to the most a run waits, not further."""
        return max(asked_s, self.crawl_delay_s, min(self.penalty_s, max_delay_s))

    def wait_s(self, now: float, asked_s: float, max_delay_s: float) -> float:
        """Return for how long nobody may start; 0 or less: somebody may."""
        paced = 0.0 if self._started_at is None else self._started_at + self.delay_s(asked_s, max_delay_s)
        return max(paced, self._closed_until) - now

    def adopt(self, pace: Pace, now: float, moment: datetime, *, heeds_robots: bool = True) -> None:
        """Take over what other processes know, at the monotonic time `now`, which is `moment` on the wall."""

        def ago(at: datetime) -> float:
            passed_s = (moment - at).total_seconds()
            return 0.0 if passed_s < -_STEP_S else passed_s

        self.looked_at = now
        self.penalty_s, self.why = pace.penalty_s, pace.why
        self.crawl_delay_s = pace.crawl_delay_s if heeds_robots else 0.0
        self.day, self.requests = pace.day, pace.requests
        if pace.sent_at is not None:
            sent_at = now - ago(pace.sent_at)
            self._started_at = sent_at if self._started_at is None else max(self._started_at, sent_at)
        if pace.closed_at is not None and pace.closed_until is not None:
            pause_s = min((pace.closed_until - pace.closed_at).total_seconds(), _LAST_RETRY_AFTER_S)
            self._closed_until = max(self._closed_until, now + pause_s - ago(pace.closed_at))
        is_narrow = pace.narrowed_at is not None and moment - pace.narrowed_at < _NARROW
        self._width = 1 if is_narrow else self._concurrency

    def push_back(self, now: float, started_at: float, retry_after: float | None) -> float:
        """Close the lane as the host asked (RFC 9110 section 10.2.3), or for twice as long as the last time.

        Answers to requests that were under way when the host first complained do not count again. Returns for how long.
        """
        if started_at >= self._pushed_at:
            grown = max(_FIRST_PENALTY_S, 2 * max(self.penalty_s, self._asked_delay_s, self.crawl_delay_s))
            self.penalty_s = min(grown, _LAST_PENALTY_S)
        self._pushed_at = self._touched_at = now
        pause_s = self.penalty_s if retry_after is None else min(retry_after, _LAST_RETRY_AFTER_S)
        if now + pause_s > self._closed_until:
            self._closed_until = now + pause_s
            self.why = "it answered 429 or 503" + ("" if retry_after is None else f", Retry-After {retry_after:g} s")
        return pause_s

    def stumble(self, now: float, reason: str) -> None:
        """Slow down a little after a connection failure."""
        grown = 1.5 * max(self.penalty_s, self._asked_delay_s) + 0.5
        self.penalty_s = max(self.penalty_s, min(grown, _LAST_FAILURE_PENALTY_S))
        self._touched_at = now
        self.why = self.why or f"its last failure: {reason}"

    def recover(self, max_delay_s: float) -> bool:
        """Halve the penalty: a few good answers undo a bad one. Tell whether there was one."""
        if not self.penalty_s:
            return False
        self.penalty_s = min(self.penalty_s, max_delay_s) / 2
        if self.penalty_s < _FIRST_PENALTY_S / 8:
            self.penalty_s = 0.0
            self.why = ""
        return True

    def is_idle(self, now: float) -> bool:
        """Tell whether it may be forgotten: nobody has used it for an hour, and its host has nothing against us."""
        return not self.active and not self.waiting and now > max(self._touched_at + _IDLE_S, self._closed_until)
