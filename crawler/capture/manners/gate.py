"""The host gate: every request of every run of this machine asks here for its turn at a host.

Promises: requests to one host are written at least the lane's delay apart, by however many processes, and at most
`concurrency_per_host` of a process are under way at once, in the order they came, however many runs ask; a host that
resets a second connection gets one at a time; 429, 503 and Retry-After are obeyed, after a restart, too; a wait longer
than a run may take is refused with `BackedOff` at once instead of being sat out. It knows hosts, not URLs: it decides
when, never whether.
"""

from __future__ import annotations

__all__ = ["HostGate", "SharedPaces", "Turn", "lane_key", "retry_after_s"]

import asyncio
import itertools
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, time, timedelta
from email.utils import parsedate_to_datetime
from typing import Protocol
from urllib.parse import urlsplit

from crawler.capture.manners.lane import Lane
from crawler.clock import Clock, iso_utc
from crawler.errors import BackedOff
from crawler.model.pace import Pace
from crawler.state import owner

_RESETS = frozenset(("connect", "no_answer", "truncated_disconnect"))
"""What a server that takes one connection lets become of a second one."""
_SWEEP_S = 60.0
_LOOK_S = 0.05
"""How often one looks whether another process has written the request that comes first."""
_NEWS_S = 1.0
"""How often one looks what other processes learned of a host that has no pace."""
_USUAL = re.compile(r"https?://([a-z0-9-]+(?:\.[a-z0-9-]+)+)(?=[/?#]|\Z)")
"""No port, no credentials."""
_DELAY = re.compile(r"[0-9]+(?:\.[0-9]*)?")
_ISO = re.compile(r"\d{4}-\d\d-\d\dT")
_DEFAULT_PORTS = {"http": 80, "https": 443}
_numbers = itertools.count(1)


class SharedPaces(Protocol):
    """What all processes of the machine know of each host; `crawler.state.State` is it."""

    def pace(self, host: str) -> Pace | None:
        """Return what is known of `host`."""

    def reserve_lane(self, host: str, holder: str, *, delay_s: float, hold_s: float, budget: int = 0) -> Pace | None:
        """Give `holder` the next turn for at most `hold_s`; None: another has it, or it is too early, or too much."""

    def sent(self, host: str, holder: str, *, hold_s: float = 0.0) -> None:
        """Note that the request is being written; the turn is over then, or after `hold_s`."""

    def let_lane_go(self, host: str, holder: str) -> None:
        """Give the turn up."""

    def slow_lane(self, host: str, penalty_s: float, why: str) -> None:
        """Keep the delay that failures have come to."""

    def close_lane(self, host: str, penalty_s: float, why: str, *, until: datetime) -> None:
        """Keep that the host is to be left alone."""

    def set_crawl_delay(self, host: str, seconds: float) -> None:
        """Keep what robots.txt asks for."""

    def narrow_lane(self, host: str) -> None:
        """Keep that the host takes one connection."""

    def is_gone(self, holder: str) -> bool:
        """Tell whether that holder is known to have died."""


class Turn:
    """A place at a host; say what became of it, so that the gate can slow down or recover."""

    __slots__ = ("_gate", "_holds", "_is_sent", "_key", "_lane", "_started_at")

    def __init__(self, gate: HostGate, key: str, lane: Lane, *, holds: bool) -> None:
        self._gate = gate
        self._key = key
        self._lane = lane
        self._holds = holds
        """The turn is reserved against other processes."""
        self._started_at = gate.clock.monotonic()
        self._is_sent = False

    def sent(self) -> None:
        """Say that the request has been written: the pace counts from here, however long the handshakes took.

        Said before, it would count from before this very note is on disk, which takes longer than some paces allow.
        """
        self._started_at = self._gate.clock.monotonic()
        self._lane.sent(self._started_at, first=not self._is_sent)
        self._is_sent = True
        if self._holds and self._gate.shared is not None:
            hold_s = self._gate.answer_s if self._lane.is_narrow else 0.0
            self._gate.shared.sent(self._key, self._gate.name, hold_s=hold_s)

    def broken_off(self, reason: str) -> None:
        """Record that an answer began and did not end."""
        if reason in _RESETS and self._lane.narrow() and self._gate.shared is not None:
            self._gate.shared.narrow_lane(self._key)

    def over(self) -> None:
        """Give the place back."""
        self._lane.leave(unsent=not self._is_sent)
        if self._holds and self._gate.shared is not None and (self._lane.is_narrow or not self._is_sent):
            self._gate.shared.let_lane_go(self._key, self._gate.name)

    def answered(self, status: int, retry_after: str | None = None) -> None:
        """Record the final `status` and the Retry-After field as sent."""
        clock, lane, shared = self._gate.clock, self._lane, self._gate.shared
        if status in (429, 503):
            now = clock.now()
            pause_s = lane.push_back(clock.monotonic(), self._started_at, retry_after_s(retry_after, now))
            if shared is not None:
                shared.close_lane(self._key, lane.penalty_s, lane.why, until=now + timedelta(seconds=pause_s))
        elif status < 500 and lane.recover(self._gate.max_delay_s) and shared is not None:
            shared.slow_lane(self._key, lane.penalty_s, lane.why)

    def failed(self, reason: str) -> None:
        """Record that no whole answer came; `reason` is the class of the failure, kept for the report of a later
        wait.
        """
        self.broken_off(reason)
        lane, shared = self._lane, self._gate.shared
        lane.stumble(self._gate.clock.monotonic(), reason)
        if shared is not None:
            shared.slow_lane(self._key, lane.penalty_s, lane.why)


class HostGate:
    """One lane per host and port, opened when first asked for, closed when long idle.

    `shared` is what other processes know, and are told; without it each process keeps its own pace. `sleep` is the seam
    through which time passes; it must keep step with `clock.monotonic`. May raise StateError where `shared` does.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        max_delay_s: float,
        concurrency_per_host: int,
        shared: SharedPaces | None = None,
        connect_s: float = 60.0,
        answer_s: float = 600.0,
        requests_per_day: int = 0,
        heeds_robots: bool = True,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Open no lane yet.

        `connect_s` and `answer_s` bound how long it takes to write a request, and to have its answer.
        `requests_per_day`: the most a host is asked in a day (UTC); 0: any number.
        """
        self.clock = clock
        self.max_delay_s = max_delay_s
        self.shared = shared
        self.connect_s = connect_s
        self.answer_s = answer_s
        self.name = owner(f"gate{next(_numbers)}")
        self._concurrency = concurrency_per_host
        self._budget = requests_per_day
        self._heeds_robots = heeds_robots
        self._sleep = sleep
        self._lanes: dict[str, Lane] = {}
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
        lane = self._lane(host)
        if lane.crawl_delay_s == seconds:
            return
        had_no_pace = lane.is_started and not lane.crawl_delay_s
        lane.crawl_delay_s = seconds
        if self.shared is not None:
            self.shared.set_crawl_delay(host, seconds)
            if had_no_pace:  # robots.txt itself may have been asked for without one, of which nobody else knows
                self.shared.sent(host, self.name)

    @asynccontextmanager
    async def _turn(self, url: str, delay_s: float, admit: Callable[[], None]) -> AsyncIterator[Turn]:
        key = lane_key(url)
        lane = self._lane(key)
        lane.waiting += 1
        try:
            turn = await self._admit(lane, key, delay_s, admit)
        finally:
            lane.waiting -= 1
        try:
            yield turn
        finally:
            turn.over()

    async def _admit(self, lane: Lane, key: str, delay_s: float, admit: Callable[[], None]) -> Turn:
        """Return when the request may start; its slot is taken then.

        Who holds the door is the only one that sleeps; the others queue behind it in order (asyncio.Lock is fair), so
        nobody is woken for nothing, and one that is cancelled or refused lets the next in.
        """
        self._wait_s(lane, key, delay_s)
        async with lane.door:
            admit()
            while True:
                is_paced = self._is_paced(lane, delay_s)
                await lane.place(paced=is_paced)
                wait_s = self._wait_s(lane, key, delay_s)
                if wait_s <= 0:
                    admit()
                    if not is_paced or self.shared is None or self._reserve(lane, key, delay_s):
                        break
                    wait_s = self._wait_s(lane, key, delay_s)
                    wait_s = wait_s if wait_s > 0 else _LOOK_S
                await self._sleep(wait_s)
            lane.start(self.clock.monotonic(), delay_s)
            return Turn(self, key, lane, holds=is_paced)

    def _is_paced(self, lane: Lane, delay_s: float) -> bool:
        return lane.delay_s(delay_s, self.max_delay_s) > 0 or lane.is_narrow or self._budget > 0

    def _reserve(self, lane: Lane, key: str, delay_s: float) -> bool:
        """Take the next turn at the host before all other processes; False: they are first, and `lane` knows more
        now.
        """
        assert self.shared is not None  # who calls this has looked
        won = self.shared.reserve_lane(
            key,
            self.name,
            delay_s=lane.delay_s(delay_s, self.max_delay_s),
            hold_s=self.connect_s,
            budget=self._budget,
        )
        pace = won or self.shared.pace(key)
        if pace is None:
            return False
        self._adopt(lane, pace)
        if won is None and pace.held_by is not None and self.shared.is_gone(pace.held_by):
            self.shared.let_lane_go(key, pace.held_by)
        return won is not None

    def _adopt(self, lane: Lane, pace: Pace) -> None:
        lane.adopt(pace, self.clock.monotonic(), self.clock.now(), heeds_robots=self._heeds_robots)

    def _wait_s(self, lane: Lane, key: str, delay_s: float) -> float:
        self._hear(lane, key, delay_s)
        now = self.clock.now()
        if self._budget and lane.requests >= self._budget and lane.day == f"{now:%Y-%m-%d}":
            morning = datetime.combine(now.date() + timedelta(days=1), time(), UTC)
            raise BackedOff(
                f"{key} was asked {lane.requests} times today, as often as fetch.requests_per_day lets it be",
                next_step=f"it is asked again from {iso_utc(morning)} on",
            )
        wait_s = lane.wait_s(self.clock.monotonic(), delay_s, self.max_delay_s)
        if wait_s > self.max_delay_s:
            raise self._refusal(lane, key, wait_s)
        return wait_s

    def _hear(self, lane: Lane, key: str, delay_s: float) -> None:
        """Take over what other processes learned of a host that has no pace: no reservation tells of it."""
        if self.shared is None or self._is_paced(lane, delay_s) or self.clock.monotonic() - lane.looked_at < _NEWS_S:
            return
        pace = self.shared.pace(key)
        lane.looked_at = self.clock.monotonic()
        if pace is not None:
            self._adopt(lane, pace)

    def _refusal(self, lane: Lane, key: str, wait_s: float) -> BackedOff:
        until = iso_utc(self.clock.now() + timedelta(seconds=wait_s))
        why = lane.why or f"robots.txt asks for {lane.crawl_delay_s:g} s between requests"
        what = f"{key} is left alone until {until} ({why}), longer than the {self.max_delay_s:g} s a run waits"
        return BackedOff(what, next_step="a later run asks again, or raise fetch.max_delay_s")

    def _lane(self, key: str) -> Lane:
        lane = self._lanes.get(key)
        if lane is None:
            self._sweep()
            lane = self._lanes[key] = Lane(self._concurrency, self.clock.monotonic())
            pace = None if self.shared is None else self.shared.pace(key)
            if pace is not None:
                self._adopt(lane, pace)
        return lane

    def _sweep(self) -> None:
        """Close the lanes nobody has used for an hour and whose host has nothing outstanding against us."""
        now = self.clock.monotonic()
        if now - self._swept_at < _SWEEP_S:
            return
        self._swept_at = now
        for key in [key for key, lane in self._lanes.items() if lane.is_idle(now)]:
            del self._lanes[key]


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

    None if the field is absent or is neither; 0 for a date that has passed. Parts of a second and ISO 8601 are
    understood, too: whoever writes those means to be left alone.
    """
    text = (value or "").strip()
    if _DELAY.fullmatch(text):
        return float(text[:9])
    try:
        moment = datetime.fromisoformat(text) if _ISO.match(text) else parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())
