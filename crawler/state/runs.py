"""Run records: queued once, claimed by one worker, ended or queued again; never lost, never doubled."""

from __future__ import annotations

__all__ = ["MAX_ATTEMPTS", "Runs", "new_run"]

import secrets
import zlib
from datetime import datetime
from typing import Literal

import msgspec

from crawler.clock import Clock, iso_utc
from crawler.errors import StateError, UsageError
from crawler.model.run import Run, RunState
from crawler.state.owners import Owners
from crawler.state.records import Recovered
from crawler.state.rows import run_of
from crawler.state.statements import ledger
from crawler.state.statements import runs as sql

MAX_ATTEMPTS = 3
"""Claims of one run; when its worker dies that often the run is given up, so that it cannot kill workers for ever."""


def new_run(
    site: str,
    *,
    trigger: Literal["schedule", "manual", "command", "demo"],
    clock: Clock,
    targets: tuple[str, ...] = (),
    scheduled_at: datetime | None = None,
) -> Run:
    """Return a run of `site` to be queued now."""
    now = clock.now()
    identity = f"{now:%Y%m%dT%H%M%SZ}-{site}-{secrets.token_hex(4)}"
    return Run(id=identity, site=site, trigger=trigger, targets=targets, scheduled_at=scheduled_at, queued_at=now)


class Runs(Owners):
    """The queue and history of runs."""

    def add_run(self, run: Run, *, lane: str | None = None) -> bool:
        """Queue `run`; return False if its fire (site, scheduled_at) already has one, which changes nothing.

        `lane` is the politeness key: two runs of one lane are never under way at once. Default: the site's name.
        """
        lane = lane or run.site
        fields = {
            "id": run.id,
            "site": run.site,
            "lane": lane,
            "lane_hash": zlib.crc32(lane.encode()) & 0x7FFFFFFF,
            "cause": run.trigger,
            "targets": msgspec.json.encode(run.targets).decode(),
            "scheduled_at": iso_utc(run.scheduled_at) if run.scheduled_at else None,
            "queued_at": iso_utc(run.queued_at),
        }
        return self._db.run(sql.ADD_RUN, fields) == 1

    def claim_run(self, worker: str, *, share: int = 0, shares: int = 1) -> Run | None:
        """Give `worker` (see `owner`) the next queued run whose lane is free; None if there is none.

        Runs asked for by hand go first, then the oldest. Of `shares` workers, each sees its own lanes only.
        """
        values = {"worker": worker, "now": self._now(), "share": share, "shares": shares}
        with self._db.transaction():
            rows = self._db.returning(sql.CLAIM_RUN, values)
            if not rows:
                return None
            self.renew_lease(worker)
        return run_of(rows[0])

    def start_run(self, run: str, *, worker: str) -> Run:
        """Mark the queued `run` as begun by `worker` without a queue's turn, as a one-off crawl does.

        Raises UsageError if another run of its lane is under way (then `run` is ended), StateError if it is not queued.
        """
        with self._db.transaction():
            holder = self._db.one(sql.LANE_HOLDER, {"id": run})
            if holder is not None and not self.lives(holder["worker"] or ""):
                self.requeue_runs(holder["worker"], "its process ended without finishing it")
                holder = None
            if holder is None:
                rows = self._db.returning(sql.START_RUN, {"id": run, "worker": worker, "now": self._now()})
                if not rows:
                    raise StateError(f"run {run} is not queued")
                self.renew_lease(worker)
                return run_of(rows[0])
            self.finish_run(run, "interrupted", f"run {holder['id']} of the site was under way")
        raise UsageError(f"the site is being crawled already, by run {holder['id']}", next_step="wait for it to end")

    def finish_run(self, run: str, state: RunState, reason: str | None = None) -> None:
        """End `run`; the URLs it held and did not settle wait for the next run. Ending twice changes nothing."""
        with self._db.transaction():
            self._db.run(sql.FINISH_RUN, {"id": run, "state": state, "reason": reason, "now": self._now()})
            self._db.run(ledger.LET_GO, {"run": run})

    def release_run(self, run: str, reason: str) -> None:
        """Put the running `run` back into the queue, as a graceful stop does; its open URLs are to be fetched again."""
        with self._db.transaction():
            self._db.run(sql.RELEASE_RUN, {"id": run, "reason": reason})
            self._db.run(ledger.LET_GO, {"run": run})

    def requeue_runs(self, worker: str, reason: str = "its worker died") -> Recovered:
        """Put the runs of the dead `worker` back into the queue; what was tried too often or asked by a command
        ends.
        """
        values = {"worker": worker, "reason": reason, "now": self._now(), "limit": MAX_ATTEMPTS}
        with self._db.transaction():
            requeued = tuple(row["id"] for row in self._db.returning(sql.REQUEUE_RUNS, values))
            ended = tuple(row["id"] for row in self._db.returning(sql.END_RUNS, values))
            self._db.run_many(ledger.LET_GO, [{"run": run} for run in (*requeued, *ended)])
        return Recovered(requeued, ended)

    def interrupt_runs(self) -> Recovered:
        """Take back the runs of every owner that no longer lives (see `Owners.lives`); to be called at start.

        Runs of the daemon are queued again, those of commands end as interrupted.
        """
        requeued: list[str] = []
        ended: list[str] = []
        for row in self._db.all(sql.RUNNING_WORKERS):
            with self._db.transaction():  # nobody renews a lease between the look and the taking
                if self.lives(row["worker"]):
                    continue
                found = self.requeue_runs(row["worker"], "its process ended without finishing it")
            requeued += found.requeued
            ended += found.ended
        self.drop_leases()
        self._db.run(ledger.LET_GO_OF_ENDED)  # versions before this one left such
        return Recovered(tuple(requeued), tuple(ended))

    def run(self, run: str) -> Run | None:
        """Return the run of that id."""
        row = self._db.one(sql.RUN, {"id": run})
        return run_of(row) if row else None

    def runs(self, site: str | None = None, limit: int = 50) -> list[Run]:
        """Return runs, the latest first."""
        if site is None:
            return [run_of(row) for row in self._db.all(sql.RUNS, {"limit": limit})]
        return [run_of(row) for row in self._db.all(sql.RUNS_OF_SITE, {"site": site, "limit": limit})]

    def last_run(self, site: str) -> Run | None:
        """Return the latest run of `site`."""
        found = self.runs(site, limit=1)
        return found[0] if found else None

    def open_runs(self) -> list[Run]:
        """Return the runs that are queued or running, the oldest first."""
        return [run_of(row) for row in self._db.all(sql.OPEN_RUNS)]

    def open_run(self, site: str) -> Run | None:
        """Return the queued or running run of the site's own channels, if there is one."""
        row = self._db.one(sql.OPEN_RUN_OF_SITE, {"site": site})
        return run_of(row) if row else None
