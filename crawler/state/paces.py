"""The pace of each host, kept for all runs, processes and restarts of the machine.

A turn at a host is reserved by one statement that only one process can win; the pace counts from when its request is
written. Who dies in between holds the host up until `held_until` at most, or until others see that it is gone.
"""

from __future__ import annotations

__all__ = ["Paces"]

from datetime import datetime, timedelta

import msgspec

from crawler.clock import iso_utc
from crawler.model.pace import Pace
from crawler.state.owner import lives_here
from crawler.state.protocol import Part
from crawler.state.statements import paces as sql

_STEP = timedelta(seconds=2)
"""What lies further ahead of now was written before the clock was set back."""
_LONGEST_S = 3600.0
"""Nobody holds a turn for longer."""
_NO_BUDGET = 1 << 62


class Paces(Part):
    """Lanes; what is asked for each request does not wait for what is to be written soon."""

    def pace(self, host: str) -> Pace | None:
        """Return what is known of the politeness key `host`."""
        row = self._db.one(sql.PACE, {"host": host}, fresh=False)
        return msgspec.convert(dict(row), Pace) if row else None

    def reserve_lane(self, host: str, holder: str, *, delay_s: float, hold_s: float, budget: int = 0) -> Pace | None:
        """Give `holder` the next turn at `host` for at most `hold_s`, or None: somebody has it, or it is too early.

        `delay_s`: least time since the last request was written. `budget`: requests of a day, 0 for any number.
        """
        now = self._clock.now()
        rows = self._db.at_once(
            sql.RESERVE_LANE,
            {
                "host": host,
                "holder": holder,
                "now": iso_utc(now),
                "until": iso_utc(now + timedelta(seconds=min(hold_s, _LONGEST_S))),
                "far": iso_utc(now + timedelta(seconds=_LONGEST_S) + _STEP),
                "paced": iso_utc(now - timedelta(seconds=delay_s)),
                "ahead": iso_utc(now + _STEP),
                "day": f"{now:%Y-%m-%d}",
                "budget": budget or _NO_BUDGET,
            },
        )
        return msgspec.convert(dict(rows[0]), Pace) if rows else None

    def sent(self, host: str, holder: str, *, hold_s: float = 0.0) -> None:
        """Note that a request to `host` is being written; its turn goes on for `hold_s` if that is given."""
        now = self._clock.now()
        until = iso_utc(now + timedelta(seconds=min(hold_s, _LONGEST_S))) if hold_s else None
        self._db.at_once(
            sql.SENT,
            {
                "host": host,
                "now": iso_utc(now),
                "holder": holder,
                "keeper": holder if hold_s else None,
                "until": until,
                "day": f"{now:%Y-%m-%d}",
            },
        )

    def let_lane_go(self, host: str, holder: str) -> None:
        """Give the turn of `holder` up, if it still has it."""
        self._db.at_once(sql.LET_LANE_GO, {"host": host, "holder": holder})

    def slow_lane(self, host: str, penalty_s: float, why: str) -> None:
        """Keep the least time between requests that refusals and failures have come to."""
        self._db.run(sql.SLOW_LANE, {"host": host, "penalty_s": penalty_s, "why": why})

    def close_lane(self, host: str, penalty_s: float, why: str, *, until: datetime) -> None:
        """Keep that `host` asked to be left alone; an earlier and longer wish stays."""
        values = {"host": host, "penalty_s": penalty_s, "why": why, "closed_until": iso_utc(until)}
        ahead = iso_utc(self._clock.now() + _STEP)
        self._db.run(sql.CLOSE_LANE, {**values, "now": self._now(), "ahead": ahead})

    def set_crawl_delay(self, host: str, seconds: float) -> None:
        """Keep what robots.txt of `host` asks for."""
        self._db.run(sql.CRAWL_DELAY, {"host": host, "crawl_delay_s": seconds})

    def narrow_lane(self, host: str) -> None:
        """Keep that `host` takes one connection at a time."""
        self._db.run(sql.NARROW_LANE, {"host": host, "now": self._now()})

    def is_gone(self, holder: str) -> bool:
        """Tell whether the process that `holder` names is known to have ended."""
        return lives_here(holder) is False

    def drop_paces(self, before: datetime) -> int:
        """Forget the hosts that nobody asked since that moment; return how many."""
        return self._db.run(sql.DROP_PACES, {"before": iso_utc(before)})
