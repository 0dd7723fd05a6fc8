"""Counts that would take too long to make for each page view, kept up to date from the ledger's events.

The ledger stays the truth: what is kept here is counted from it, bit by bit, behind a mark (the last event taken in),
in the transaction that moves the mark. One process does so; a second one at the same time changes nothing. Days and
runs are counted anew whenever they are touched; hours and counters grow.
"""

from __future__ import annotations

__all__ = ["Tallies"]

import re
from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any

from crawler.model.run import MISSED
from crawler.state.protocol import Part
from crawler.state.statements import ledger
from crawler.state.statements import tallies as sql

_RUNS = 200
_REASON = re.compile(r"[a-z][a-z0-9_]{0,39}")


class Tallies(Part):
    """The keeping of tallies; `crawler.state.browse` reads them."""

    def tally(self, limit: int = 5000) -> bool:
        """Take in up to `limit` events and some ended runs; return True if there were more."""
        self._db.run(sql.TALLY_BEGIN)
        mark = self._db.one(sql.TALLY_MARK)
        after = int(mark["event"]) if mark else 0
        events = self._db.all(sql.TALLY_EVENTS, {"after": after, "limit": limit})
        if events:
            self._take_in(events, after, int(events[-1]["id"]))
        return self._tally_runs(_RUNS) == _RUNS or len(events) == limit

    def _take_in(self, events: list[Any], after: int, last: int) -> None:
        touched = [(r["site"], r["day"]) for r in self._db.all(sql.TALLY_TOUCHED, {"after": after, "last": last})]
        days = [row for site, day in touched for row in self._count_day(site, day)]
        with self._db.transaction():
            if self._db.run(sql.TALLY_MOVE, {"after": after, "last": last}) != 1:
                return  # another process has taken them in
            self._db.run_many(sql.TALLY_FORGET_DAY, [{"site": site, "day": day} for site, day in touched])
            self._db.run_many(sql.TALLY_SET_DAY, days)
            self._db.run_many(sql.TALLY_ADD_HOUR, _hours(events))
            self._db.run_many(sql.TALLY_ADD_COUNT, _counts(events))

    def _count_day(self, site: str, day: str) -> list[dict[str, object]]:
        next_day = date.fromordinal(date.fromisoformat(day).toordinal() + 1).isoformat()
        rows = self._db.all(sql.TALLY_DAY, {"site": site, "day": day, "next_day": next_day})
        return [
            {"site": site, "day": day, "outcome": row["outcome"], "reason": row["why"], "urls": row["urls"]}
            for row in rows
        ]

    def _tally_runs(self, limit: int) -> int:
        ended = self._db.all(sql.TALLY_ENDED_RUNS, {"limit": limit})
        for row in ended:
            counts = self._db.all(ledger.COUNTS, {"run": row["id"]})
            with self._db.transaction():
                if self._db.run(sql.TALLY_RUN_DONE, {"run": row["id"]}) == 1:
                    self._db.run_many(
                        sql.TALLY_SET_RUN,
                        [{"run": row["id"], "outcome": count["outcome"], "urls": count["urls"]} for count in counts],
                    )
                    self._db.run(sql.TALLY_ADD_COUNT, {"name": "runs", "label": row["state"], "count": 1})
        return len(ended)


def _hours(events: Iterable[Any]) -> list[dict[str, object]]:
    urls: Counter[tuple[str, str]] = Counter()
    sizes: Counter[tuple[str, str]] = Counter()
    for event in events:
        if event["outcome"] != "announced":
            key = (event["at"][:13], event["outcome"])
            urls[key] += 1
            sizes[key] += event["warc_length"] or 0
    return [
        {"hour": hour, "outcome": outcome, "urls": number, "size_bytes": sizes[hour, outcome]}
        for (hour, outcome), number in urls.items()
    ]


def _counts(events: Iterable[Any]) -> list[dict[str, object]]:
    counts: Counter[tuple[str, str]] = Counter()
    for event in events:
        if event["outcome"] == "announced":
            continue
        counts["settled", event["outcome"]] += 1
        counts["archived_bytes", ""] += event["warc_length"] or 0
        if event["outcome"] in MISSED:
            reason = event["reason"] or "none"
            counts["failures", reason if _REASON.fullmatch(reason) else "other"] += 1
    return [{"name": name, "label": label, "count": number} for (name, label), number in counts.items()]
