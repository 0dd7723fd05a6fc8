"""Forgetting old history, a little at a time, so that the database stops growing with the number of polls.

What stays for good: the current outcome of every URL, who announced it first, every capture, receipt and article with
its run, and the last line of each URL's history. What goes: earlier lines, and runs that nothing refers to any more.
"""

from __future__ import annotations

__all__ = ["Pruning"]

from datetime import UTC, datetime, timedelta

from crawler.clock import iso_utc
from crawler.state.statements import pruning as sql
from crawler.state.tallies import Tallies

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Pruning(Tallies):
    """What may be forgotten."""

    def prune_history(self, before: datetime, limit: int = 5000) -> int:
        """Look at up to `limit` events and as many runs older than `before`; return how many rows were removed.

        What is not counted yet is counted first, in several calls if it is much: nothing is forgotten uncounted.
        """
        if self.tally():
            return 0
        with self._db.transaction():
            return self._prune_events(iso_utc(before), limit) + self._prune_runs(iso_utc(before), limit)

    def _prune_events(self, before: str, limit: int) -> int:
        after = self._mark("pruned_events")
        rows = self._db.all(sql.PRUNE_NEXT, {"after": after, "limit": limit})  # in order of time
        old = [int(row["id"]) for row in rows if row["at"] < before]
        if not old:
            return 0
        removed = self._db.run(sql.PRUNE_EVENTS, {"after": after, "last": old[-1]})
        self._db.run(sql.PRUNE_MOVE, {"name": "pruned_events", "last": old[-1]})
        return removed

    def _prune_runs(self, before: str, limit: int) -> int:
        after = iso_utc(_EPOCH + _MICROSECOND * self._mark("pruned_runs"))
        found = self._db.all(sql.PRUNE_RUNS_FROM, {"before": before, "after": after, "limit": limit})
        if not found:
            return 0
        runs = [{"run": row["id"]} for row in found if row["free"]]
        self._db.run_many(sql.PRUNE_RUN_TALLY, runs)
        self._db.run_many(sql.PRUNE_RUN, runs)
        last = (datetime.fromisoformat(found[-1]["queued_at"]) - _EPOCH) // _MICROSECOND
        self._db.run(sql.PRUNE_MOVE, {"name": "pruned_runs", "last": last})
        return len(runs)

    def _mark(self, name: str) -> int:
        """Return how far it was looked: what was kept once is not looked at again."""
        row = self._db.one(sql.PRUNE_MARK, {"name": name})
        return int(row["event"]) if row else 0
