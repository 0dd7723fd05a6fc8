"""The host gate: every request of every run of this process asks here for its turn at a host.

Promises: requests to one host are written at least the lane's delay apart and at most `concurrency_per_host` at once, in
the order they came, however many runs ask; a host that resets a second connection gets one at a time; 429, 503 and Retry-After are obeyed; a wait longer than a run may take is
refused with `BackedOff` at once instead of being sat out. It knows hosts, not URLs: it decides when, never whether.
"""

from __future__ import annotations

__all__ = ["HostGate", "LaneReport", "Turn", "lane_key", "retry_after_s"]

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import msgspec

from crawler.clock import Clock, iso_utc
from crawler.errors import BackedOff

_FIRST_PENALTY_S = 1.0
_LAST_PENALTY_S = 3600.0
_LAST_FAILURE_PENALTY_S = 15.0
"""Connection failures slow a host's lane down, they never close it: each run may still find out by itself."""
_LAST_RETRY_AFTER_S = 86_400.0
"""A host that says "in a year" is asked again tomorrow."""
_RESETS = frozenset(("connect", "no_answer", "truncated_disconnect"))
"""What a server that takes one connection lets become of a second one."""
_IDLE_S = 3600.0
_SWEEP_S = 60.0
_USUAL = re.compile(r"https?://([a-z0-9-]+(?:\.[a-z0-9-]+)+)(?=[/?#]|\Z)")
"""No port, no credentials."""
_DEFAULT_PORTS = {"http": 80, "https": 443}


class LaneReport(msgspec.Struct, frozen=True, kw_only=True):
    """What the gate knows of one host; the politeness ledger's line."""

    requests: int
    """Turns given since the lane was opened."""
    too_many: int
    """Answers 429 and 503 among them."""
    failures: int
    """Turns that ended without an answer."""
    delay_s: float
    """Least time between two starts that is in force now: the asked one, Crawl-delay or back-off."""
    active: int
    waiting: int
    backed_off_until: datetime | None
    """Aware UTC; None if the host may be asked."""


class Turn:
    """A place at a host; say what became of it, so that the gate can slow down or recover."""

    __slots__ = ("_gate", "_is_sent", "_lane", "_started_at")

    def __init__(self, gate: HostGate, lane: _Lane) -> None:
        self._gate = gate
        self._lane = lane
        self._started_at = gate.clock.monotonic()
        self._is_sent = False

    def sent(self) -> None:
        """Say that the request is being written: the pace counts from here, however long the handshakes took."""
        self._started_at = self._gate.clock.monotonic()
        self._lane.sent(self._started_at, first=not self._is_sent)
        self._is_sent = True

    def broken_off(self, reason: str) -> None:
        """Record that an answer began and did not end."""
        if reason in _RESETS:
            self._lane.narrow()

    def over(self) -> None:
        """Give the place back."""
        self._lane.leave(unsent=not self._is_sent)

    def answered(self, status: int, retry_after: str | None = None) -> None:
        """Record the final `status` and the Retry-After field as sent."""
        clock = self._gate.clock
        if status in (429, 503):
            self._lane.push_back(clock.monotonic(), self._started_at, retry_after_s(retry_after, clock.now()))
        elif status < 500:
            self._lane.recover(self._gate.max_delay_s)

    def failed(self, reason: str) -> None:
        """Record that no whole answer came; `reason` is the class of the failure, kept for the report of a later wait."""
        self.broken_off(reason)
        self._lane.stumble(self._gate.clock.monotonic(), reason)


class HostGate:
    """One lane per host and port, opened when first asked for, closed when long idle.

    `sleep` is the seam through which time passes; it must keep step with `clock.monotonic`.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        max_delay_s: float,
        concurrency_per_host: int,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.clock = clock
        self.max_delay_s = max_delay_s
        self._concurrency = concurrency_per_host
        self._sleep = sleep
        self._lanes: dict[str, _Lane] = {}
        self._swept_at = clock.monotonic()

    def turn(
        self, url: str, *, delay_s: float, admit: Callable[[], None] = lambda: None
    ) -> AbstractAsyncContextManager[Turn]:
        """Wait for `url`'s host, then hold a place there until the block is left.

        `delay_s` is the least time since the last start on that host; what the host asked for prevails if longer.
        Raises BackedOff, at once or while queueing, when the host must be left alone for more than `max_delay_s`.
        Cancelling a waiter gives its place to the next one. `admit` raises if the request is no longer wanted: it is
        asked before the wait for the pace, so that a run that ends does not wait its queue out, and again after it.
        """
        return self._turn(url, delay_s, admit)

    def crawl_delay(self, host: str, seconds: float) -> None:
        """Set what robots.txt of `host` (as `lane_key` returns it) asks for; it holds until it is set again."""
        self._lane(host).crawl_delay_s = seconds

    def snapshot(self) -> dict[str, LaneReport]:
        """Return the ledger of every open lane, by `lane_key`."""
        monotonic, now = self.clock.monotonic(), self.clock.now()
        return {key: lane.report(monotonic, now, self.max_delay_s) for key, lane in sorted(self._lanes.items())}

    @asynccontextmanager
    async def _turn(self, url: str, delay_s: float, admit: Callable[[], None]) -> AsyncIterator[Turn]:
        key = lane_key(url)
        lane = self._lane(key)
        lane.waiting += 1
        try:
            await self._admit(lane, key, delay_s, admit)
        finally:
            lane.waiting -= 1
        turn = Turn(self, lane)
        try:
            yield turn
        finally:
            turn.over()

    async def _admit(self, lane: _Lane, key: str, delay_s: float, admit: Callable[[], None]) -> None:
        """Return when the request may start; its slot is taken then.

        Who holds the door is the only one that sleeps; the others queue behind it in order (asyncio.Lock is fair), so
        nobody is woken for nothing, and one that is cancelled or refused lets the next in.
        """
        self._wait_s(lane, key, delay_s)
        async with lane.door:
            admit()
            while True:
                await lane.place(paced=lane.delay_s(delay_s, self.max_delay_s) > 0)
                wait_s = self._wait_s(lane, key, delay_s)
                if wait_s <= 0:
                    break
                await self._sleep(wait_s)
            admit()
            lane.start(self.clock.monotonic(), delay_s)

    def _wait_s(self, lane: _Lane, key: str, delay_s: float) -> float:
        wait_s = lane.wait_s(self.clock.monotonic(), delay_s, self.max_delay_s)
        if wait_s > self.max_delay_s:
            raise self._refusal(lane, key, wait_s)
        return wait_s

    def _refusal(self, lane: _Lane, key: str, wait_s: float) -> BackedOff:
        until = iso_utc(self.clock.now() + timedelta(seconds=wait_s))
        why = lane.why or f"robots.txt asks for {lane.crawl_delay_s:g} s between requests"
        what = f"{key} is left alone until {until} ({why}), longer than the {self.max_delay_s:g} s a run waits"
        return BackedOff(what, next_step="a later run asks again, or raise fetch.max_delay_s")

    def _lane(self, key: str) -> _Lane:
        lane = self._lanes.get(key)
        if lane is None:
            self._sweep()
            lane = self._lanes[key] = _Lane(self._concurrency)
            lane.touched_at = self.clock.monotonic()
        return lane

    def _sweep(self) -> None:
        """Close the lanes nobody has used for an hour and whose host has nothing outstanding against us."""
        now = self.clock.monotonic()
        if now - self._swept_at < _SWEEP_S:
            return
        self._swept_at = now
        for key in [key for key, lane in self._lanes.items() if lane.is_idle(now)]:
            del self._lanes[key]


class _Lane:
    """The state of one host. Times are monotonic seconds."""

    def __init__(self, concurrency: int) -> None:
        self.door = asyncio.Lock()
        self.crawl_delay_s = 0.0
        self.active = 0
        self._width = concurrency
        self._unsent = 0
        """Requests that have their turn and are not written yet: their pace has not begun."""
        self._changed = asyncio.Event()
        self.waiting = 0
        self.touched_at = 0.0
        self.why = ""
        self._asked_delay_s = 0.0
        self._started_at: float | None = None
        self._closed_until = float("-inf")
        self._pushed_at = float("-inf")
        self._penalty_s = 0.0
        self._requests = 0
        self._too_many = 0
        self._failures = 0

    async def place(self, *, paced: bool) -> None:
        """Return when there is a place and, where it is `paced`, every request before is written. One waits at a time."""
        while self.active >= self._width or (paced and self._unsent):
            self._changed.clear()
            await self._changed.wait()

    def sent(self, now: float, *, first: bool) -> None:
        """Let the pace count from `now`; `first`: the request had not been written before."""
        self._started_at = self.touched_at = now
        self._unsent -= first
        self._changed.set()

    def leave(self, *, unsent: bool) -> None:
        self.active -= 1
        self._unsent -= unsent
        self._changed.set()

    def narrow(self) -> None:
        """Allow one connection only, if what failed was not the only one."""
        if self.active > 1:
            self._width = 1

    def start(self, now: float, delay_s: float) -> None:
        self.active += 1
        self._unsent += 1
        self._requests += 1
        self._started_at = self.touched_at = now
        self._asked_delay_s = delay_s

    def delay_s(self, asked_s: float, max_delay_s: float) -> float:
        """Return the least time between starts: a penalty slows down up to the most a run waits, not further."""
        return max(asked_s, self.crawl_delay_s, min(self._penalty_s, max_delay_s))

    def wait_s(self, now: float, asked_s: float, max_delay_s: float) -> float:
        paced = 0.0 if self._started_at is None else self._started_at + self.delay_s(asked_s, max_delay_s)
        return max(paced, self._closed_until) - now

    def push_back(self, now: float, started_at: float, retry_after: float | None) -> None:
        """Close the lane as the host asked (RFC 9110 section 10.2.3), or for twice as long as the last time.

        Answers to requests that were under way when the host first complained do not count again.
        """
        self._too_many += 1
        if started_at >= self._pushed_at:
            grown = max(_FIRST_PENALTY_S, 2 * max(self._penalty_s, self._asked_delay_s, self.crawl_delay_s))
            self._penalty_s = min(grown, _LAST_PENALTY_S)
        self._pushed_at = self.touched_at = now
        pause = self._penalty_s if retry_after is None else min(retry_after, _LAST_RETRY_AFTER_S)
        if now + pause > self._closed_until:
            self._closed_until = now + pause
            self.why = "it answered 429 or 503" + ("" if retry_after is None else f", Retry-After {retry_after:g} s")

    def stumble(self, now: float, reason: str) -> None:
        """Slow down a little after a connection failure."""
        self._failures += 1
        grown = 1.5 * max(self._penalty_s, self._asked_delay_s) + 0.5
        self._penalty_s = max(self._penalty_s, min(grown, _LAST_FAILURE_PENALTY_S))
        self.touched_at = now
        self.why = self.why or f"its last failure: {reason}"

    def recover(self, max_delay_s: float) -> None:
        """Halve the penalty: a few good answers undo a bad one."""
        self._penalty_s = min(self._penalty_s, max_delay_s) / 2
        if self._penalty_s < _FIRST_PENALTY_S / 8:
            self._penalty_s = 0.0
            self.why = ""

    def is_idle(self, now: float) -> bool:
        return not self.active and not self.waiting and now > max(self.touched_at + _IDLE_S, self._closed_until)

    def report(self, monotonic: float, now: datetime, max_delay_s: float) -> LaneReport:
        closed_s = self._closed_until - monotonic
        return LaneReport(
            requests=self._requests,
            too_many=self._too_many,
            failures=self._failures,
            delay_s=self.delay_s(self._asked_delay_s, max_delay_s),
            active=self.active,
            waiting=self.waiting,
            backed_off_until=now + timedelta(seconds=closed_s) if closed_s > 0 else None,
        )


def lane_key(url: str) -> str:
    """Return the politeness key of `url`: host in lower case, with the port unless it is the scheme's own."""
    usual = _USUAL.match(url)
    if usual is not None:
        return usual[1]
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    if ":" in host:
        host = f"[{host}]"
    return host if parts.port in (None, _DEFAULT_PORTS.get(parts.scheme)) else f"{host}:{parts.port}"


def retry_after_s(value: str | None, now: datetime) -> float | None:
    """Return the seconds from `now` that a Retry-After field asks for (RFC 9110 section 10.2.3): delay or HTTP-date.

    None if the field is absent or is neither; 0 for a date that has passed.
    """
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())
