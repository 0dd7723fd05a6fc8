"""The watch: looks every minute, raises each alarm once, says when it is over, and sees that people are told.

It works in a thread on a connection of its own, so that neither a slow mail server nor a long query holds up a run.
What cannot be judged (the clock jumped, the daemon has only just started) leaves its alarms as they are.
"""

from __future__ import annotations

__all__ = ["AlarmWatch"]

import asyncio
import os
import platform
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self

import msgspec

from crawler.clock import Clock
from crawler.config import Config
from crawler.daemon.alarms.facts import idle_since, longest_gap_s, machine_facts, site_facts
from crawler.daemon.alarms.notify import Channel, Heartbeat, Message, channels_from, heartbeat_from
from crawler.daemon.alarms.rules import Finding, machine_findings, site_findings
from crawler.daemon.schedule.timetable import Timetable, timetable
from crawler.errors import NoticeError, StateError
from crawler.log import EventLog
from crawler.model.site import Schedule, Site
from crawler.run.state_folder import SPOOL
from crawler.state import AlarmRow, Notice, State, open_state

_log = EventLog(__name__)

_EVERY_S = 60.0
_SITES_EVERY_S = 900.0
_FEW_SITES = 20
_JUMP_HELD_S = 3600.0
_PATIENCE_S = 60.0
"""With one channel: each of its steps has a limit of its own, but a server may take many."""
_GIVEN_UP_S = 1800.0
_MOST_UNDER_WAY = 10
"""Of one channel; each is a thread and a connection, which end with the daemon at the latest."""
_MOST_UNKEPT = 100
_AGAIN_S = (60.0, 120.0, 300.0, 900.0, 3600.0)

CurrentSites = Callable[[], Mapping[str, Site]]


class AlarmWatch:
    """Alarms of one daemon; `run` until cancelled."""

    def __init__(
        self, config: Config, state: State, clock: Clock, sites: CurrentSites, channels: Iterable[Channel],
        heartbeats: Iterable[Heartbeat], more: Callable[[], Iterable[Finding]] = tuple,
        state_trouble: Callable[[], str | None] = lambda: None,
    ) -> None:  # fmt: skip
        """`more` returns what other parts of the daemon find wrong with themselves, `state_trouble` what the state
        refused them last: reading may go well where nothing can be written.
        """
        self.open: tuple[AlarmRow, ...] = tuple(state.open_alarms())
        """What is wrong now."""
        self._config = config
        self._limits = config.alarms
        self._state = state
        self._clock = clock
        self._sites = sites
        self._channels = [_Post(channel) for channel in channels]
        self._heartbeats = [(_Aside("heartbeat"), heartbeat) for heartbeat in heartbeats]
        self._more = more
        self._state_trouble = state_trouble
        self._turn = 0
        self._tables: dict[tuple[str, Schedule], Timetable] = {}
        self._started_at = clock.now()
        self._last_look = (clock.now(), clock.monotonic())
        self._jump: tuple[float, float] | None = None
        self._state_alarm: AlarmRow | None = None
        self._unkept: list[tuple[_Post, Notice]] = []
        """What channels have not taken yet of what the state could not keep."""
        self._stopped = threading.Event()

    @classmethod
    def start(
        cls, config: Config, clock: Clock, sites: CurrentSites, *, more: Callable[[], Iterable[Finding]] = tuple,
        state_trouble: Callable[[], str | None] = lambda: None, environ: Mapping[str, str] = os.environ,
    ) -> Self:  # fmt: skip
        """Return a watch with its own connection to the state. Raises ConfigError, StateError."""
        channels = channels_from(config.alarms, environ)
        heartbeats = heartbeat_from(config.alarms)
        state = open_state(config.state, clock=clock)
        return cls(config, state, clock, sites, channels, heartbeats, more, state_trouble)

    def set_config(self, config: Config, *, environ: Mapping[str, str] = os.environ) -> None:
        """Judge by these settings, and tell through their channels, from the next look on. Raises ConfigError."""
        channels, heartbeats = channels_from(config.alarms, environ), heartbeat_from(config.alarms)
        self._config, self._limits = config, config.alarms
        self._channels = [_Post(channel) for channel in channels]
        self._heartbeats = [(_Aside("heartbeat"), heartbeat) for heartbeat in heartbeats]

    async def run(self) -> None:
        """Look, again and again."""
        while True:
            await asyncio.sleep(_EVERY_S)
            await asyncio.to_thread(self.look)

    def close(self) -> None:
        """Let the state go; a look under way in its thread ends soon."""
        self._stopped.set()
        self._state.close()

    def look(self) -> None:
        """Judge, raise, clear and tell, once. Blocking; raises nothing."""
        try:
            self._judge()
            self.open = tuple(self._state.open_alarms())
            for post in self._channels:
                self._deliver(post)
            trouble = self._state_trouble()
            if trouble is not None:
                raise StateError(trouble)
            self._on_state_well()
        except StateError as error:
            self._on_state_trouble(error)
        except OSError as error:
            _log.error("alarms cannot be judged", error=str(error))
        except Exception as error:  # noqa: BLE001 - nothing ends the watch; what is open stays open
            _log.exception("alarms cannot be judged, by a fault of the program", error=repr(error))
        self._tell_unkept()
        if not any(alarm.severity == "critical" for alarm in self.open):
            self._beat()

    # judging ----------------------------------------------------------------------------------------------------

    def _judge(self) -> None:
        now = self._clock.now()
        jump_s = self._clock_jump()
        steady = abs(jump_s) <= self._limits.clock_jump_s
        followed = self._followed()
        facts = machine_facts(
            Path(self._config.state.dir), Path(self._config.state.dir) / SPOOL, self._config.spool, self._limits,
            jump_s=jump_s, idle=self._idle_since(followed.values(), now) if steady else None,
        )  # fmt: skip
        found = [*machine_findings(facts, self._limits, now), *self._more()]
        judged = self._due(followed) if steady else []
        for site in judged:
            found += self._judge_site(site, now)
        self._keep(found, {site.name for site in judged}, set(followed), now)

    def _judge_site(self, site: Site, now: datetime) -> list[Finding]:
        table = self._table(site)
        if not self._had_a_turn(site, longest_gap_s(table, now), now):
            return []
        return site_findings(site_facts(self._state, site, table, self._limits, now), self._limits, now)

    def _keep(self, found: list[Finding], judged: set[str], followed: set[str], now: datetime) -> None:
        """Raise what is new; clear what was judged and is well, and what nobody follows any more."""
        names = [post.channel.name for post in self._channels]
        for finding in found:
            if self._state.see_alarm(finding.kind, finding.severity, finding.site, finding.message, channels=names):
                _log.warning("alarm", kind=finding.kind, site=finding.site, message=finding.message)
        wrong = {(finding.kind, finding.site) for finding in found}
        settle = timedelta(seconds=self._limits.settle_s)
        for alarm in self._state.open_alarms():
            known = alarm.site is None or alarm.site in judged or alarm.site not in followed
            if known and (alarm.kind, alarm.site) not in wrong and abs(now - alarm.seen_at) >= settle:
                self._state.clear_alarm(alarm.id, channels=names)
                _log.warning("alarm is over", kind=alarm.kind, site=alarm.site)

    def _followed(self) -> dict[str, Site]:
        paused = self._state.pauses()
        return {name: site for name, site in self._sites().items() if site.enabled and name not in paused}

    def _due(self, followed: Mapping[str, Site]) -> list[Site]:
        """Return the sites whose turn it is: all if they are few, else so many that each is judged in time."""
        names = sorted(followed)
        if len(names) <= _FEW_SITES:
            return [followed[name] for name in names]
        count = max(_FEW_SITES, round(len(names) * _EVERY_S / _SITES_EVERY_S + 0.5))
        turn = [names[(self._turn + place) % len(names)] for place in range(min(count, len(names)))]
        self._turn = (self._turn + count) % len(names)
        return [followed[name] for name in turn]

    def _had_a_turn(self, site: Site, gap_s: float, now: datetime) -> bool:
        """Tell whether the site was crawled since the daemon started, or should have been."""
        if (now - self._started_at).total_seconds() > gap_s + self._config.crawl.deadline_s:
            return True
        ends = [run.finished_at for run in self._state.runs(site.name, limit=2)]
        return any(end is not None and end >= self._started_at for end in ends)

    def _idle_since(self, sites: Iterable[Site], now: datetime) -> datetime | None:
        last = max(self._state.last_end_at() or self._started_at, self._started_at)
        if now - last <= timedelta(seconds=self._limits.idle_s):
            return None
        return idle_since((self._table(site) for site in sites), last, now)

    def _table(self, site: Site) -> Timetable:
        key = (site.name, site.schedule)
        if key not in self._tables:
            self._tables = {k: table for k, table in self._tables.items() if k[0] != site.name}
            self._tables[key] = timetable(site.name, site.schedule)
        return self._tables[key]

    def _clock_jump(self) -> float:
        """Return by how many seconds the wall clock ran away from the monotonic one, for an hour after it did."""
        now, monotonic = self._clock.now(), self._clock.monotonic()
        drift_s = (now - self._last_look[0]).total_seconds() - (monotonic - self._last_look[1])
        self._last_look = (now, monotonic)
        if abs(drift_s) > self._limits.clock_jump_s:
            self._jump = (drift_s, monotonic)
            self._started_at += timedelta(seconds=drift_s)
        if self._jump is not None and monotonic - self._jump[1] > _JUMP_HELD_S:
            self._jump = None
        return self._jump[0] if self._jump is not None else 0.0

    # telling ----------------------------------------------------------------------------------------------------

    def _deliver(self, post: _Post) -> None:
        if self._stopped.is_set() or self._clock.monotonic() < post.not_before:
            return
        notices = self._state.notices(post.channel.name)
        if notices and self._send(post, notices):
            self._state.drop_notices(post.channel.name, notices)

    def _send(self, post: _Post, notices: list[Notice]) -> bool:
        message = Message.of(notices, host=platform.node() or "localhost", at=self._clock.now())
        try:
            post.send(message)
        except NoticeError as error:
            wait_s = _AGAIN_S[min(post.failures, len(_AGAIN_S) - 1)]
            post.failures += 1
            _log.error("alarm not delivered", channel=post.channel.name, error=str(error), again_in_s=wait_s)
            post.not_before = self._clock.monotonic() + wait_s
            return False
        post.failures = 0
        post.not_before = self._clock.monotonic() + self._limits.least_gap_s
        return True

    def _on_state_trouble(self, error: StateError) -> None:
        """Keep an alarm about the state here, since the state cannot; tell of it at once, and once."""
        now = self._clock.now()
        new = self._state_alarm is None
        since = now if self._state_alarm is None else self._state_alarm.raised_at
        self._state_alarm = AlarmRow(
            id=0, kind="state", severity="critical", message=error.what, raised_at=since, seen_at=now
        )
        self.open = (*(one for one in self.open if one.kind != "state"), self._state_alarm)
        if new and not self._stopped.is_set():
            _log.error("the state is in trouble", error=str(error))
            self._tell_all(Notice(event="raised", alarm=self._state_alarm))

    def _on_state_well(self) -> None:
        if self._state_alarm is not None:
            over = msgspec.structs.replace(self._state_alarm, cleared_at=self._clock.now())
            self._state_alarm = None
            self._tell_all(Notice(event="cleared", alarm=over))

    def _tell_all(self, notice: Notice) -> None:
        """Tell every channel what the state cannot keep for it: at once, and again until it was taken."""
        self._unkept += [(post, notice) for post in self._channels]
        self._tell_unkept()

    def _tell_unkept(self) -> None:
        self._unkept = [(post, notice) for post, notice in self._unkept if not self._tell_now(post, notice)]
        del self._unkept[:-_MOST_UNKEPT]

    def _tell_now(self, post: _Post, notice: Notice) -> bool:
        """Return whether `notice` is done with; a channel that failed gets its pause, and no other."""
        if self._stopped.is_set() or post not in self._channels:
            return True
        if post.failures and self._clock.monotonic() < post.not_before:
            return False
        return self._send(post, [notice])

    def _beat(self) -> None:
        for aside, heartbeat in self._heartbeats:
            try:
                aside.call(heartbeat)
            except NoticeError as error:
                _log.warning("heartbeat not delivered", error=str(error))


class _Post:
    """A channel and when it may be used again."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.not_before = float("-inf")
        self.failures = 0
        self._aside = _Aside(f"alarm-{channel.name}")

    def send(self, message: Message) -> None:
        """Send `message`; whatever goes wrong, and a channel that does not come to an end, is a NoticeError."""
        self._aside.call(lambda: self.channel.send(message))


class _Aside:
    """Calls out in threads of their own: whoever does not answer, or a byte now and then, holds up nobody."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._under_way: list[tuple[float, threading.Thread]] = []
        """By when they began; those that came to no end."""

    def call(self, call: Callable[[], None]) -> None:
        """Call it; whatever it raises, and no end in time, is a NoticeError. One that has no end for long is given up
        and another begun beside it, for some to go on.
        """
        self._under_way = [(since, thread) for since, thread in self._under_way if thread.is_alive()]
        young = any(time.monotonic() - since < _GIVEN_UP_S for since, _ in self._under_way)
        if young or len(self._under_way) >= _MOST_UNDER_WAY:
            raise NoticeError("it has not done with the last message yet")
        faults: list[Exception] = []

        def calling() -> None:
            try:
                call()
            except Exception as error:  # noqa: BLE001 - told below
                faults.append(error)

        thread = threading.Thread(target=calling, name=self._name, daemon=True)
        self._under_way.append((time.monotonic(), thread))
        thread.start()
        thread.join(_PATIENCE_S)
        if thread.is_alive():
            raise NoticeError(f"it was not done within {_PATIENCE_S:g} s")
        for error in faults:
            raise error if isinstance(error, NoticeError) else NoticeError(f"it failed: {error!r}") from error
