"""The URL ledger: one current outcome for everything announced, and the history that led to it.

A URL is handed to one run at a time; it is handed out again when that run ends without settling it, or when it
failed fewer than `MAX_FAILURES` times in a row.
"""

from __future__ import annotations

__all__ = ["MAX_FAILURES", "Ledger"]

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec

from crawler.errors import StateError
from crawler.model.capture import Announcement, Capture, Role
from crawler.model.run import LedgerEntry, Outcome, Validators
from crawler.state.protocol import Part
from crawler.state.records import Event
from crawler.state.statements import ledger as sql
from crawler.state.statements.columns import urls_of

MAX_FAILURES = 3
_CHUNK = 400
_OPEN = ("announced", "queued")
_FAILED = ("failed", "lost")
_NO_EVENT = dict.fromkeys(("reason", "source", "via", "article_id", "warc", "warc_offset", "warc_length"))


class Ledger(Part):
    """What became of every URL."""

    def announce(self, run: str, site: str, announcements: Iterable[Announcement]) -> list[Announcement]:
        """Record `announcements` and hand those that are due to `run`, in the order given.

        Due is what is not yet known, what an earlier run left open, and what failed fewer than MAX_FAILURES times
        in a row; never what another run under way was handed, nor what this run was handed before. The history
        gets a line for each new pair of URL and source. A channel (feed, sitemap) is fetched in every run: do not ask
        here, `queue` it.
        """
        due: list[Announcement] = []
        with self._db.transaction():
            for chunk in _chunks(list(announcements)):
                due += self._announce(run, site, chunk)
        return due

    def queue(self, run: str, urls: Iterable[str], *, role: Role = "article") -> None:
        """Note that `run` is about to fetch `urls`. `role` is for those that were never announced."""
        now = self._now()
        self._db.run_many(sql.QUEUE, [{"run": run, "url": url, "role": role, "now": now} for url in urls])

    def settle(
        self,
        url: str,
        outcome: Outcome,
        *,
        run: str,
        reason: str | None = None,
        capture: Capture | None = None,
        article_id: str | None = None,
        role: Role | None = None,
    ) -> None:
        """Set the one current outcome of `url` and add a line to its history, on disk soon (see `Database.soon`).

        `role` is for a URL that was never announced (the target of a redirect, a channel).
        """
        values = {
            "url": url,
            "now": self._now(),
            "run": run,
            "outcome": outcome,
            "reason": reason,
            "article_id": article_id,
        }
        settled = {**values, "role": role, "failures": int(outcome in _FAILED)}
        event = {**_NO_EVENT, **values, **_address(capture)}
        if self._db.soon((sql.SETTLE, settled), (sql.RECORD, event)):
            return
        with self._db.transaction():
            if self._db.run(sql.SETTLE, settled) != 1:
                raise StateError(f"{url} cannot be settled by {run}: there is no such run")
            self._db.run(sql.RECORD, event)

    def entry(self, url: str) -> LedgerEntry | None:
        """Return the current outcome of `url`, None if nobody ever announced it."""
        row = self._db.one(sql.ENTRY, {"url": url})
        return msgspec.convert(dict(row), LedgerEntry) if row else None

    def pending(self, site: str, *, run: str | None = None, limit: int | None = None) -> list[Announcement]:
        """Return what earlier runs of `site` left open, the oldest first, and hand it to `run` if one is given."""
        with self._db.transaction():
            rows = self._db.all(sql.PENDING, {"site": site})[:limit]
            if run is not None:
                self._db.run_many(sql.HOLD, [{"url": row["url"], "run": run} for row in rows])
        return [msgspec.convert(dict(row), Announcement) for row in rows]

    def unparsed(self) -> list[tuple[str, str]]:
        """Return URL and run of the pages that were captured and not parsed because their process ended."""
        return [(row["url"], row["run"]) for row in self._db.all(sql.UNPARSED)]

    def counts(self, run: str) -> dict[Outcome, int]:
        """Return how many URLs `run` left at each outcome; announced: known to it first, and not fetched."""
        return {row["outcome"]: row["urls"] for row in self._db.all(sql.COUNTS, {"run": run})}

    def failures(self, run: str) -> list[Event]:
        """Return the URLs that `run` failed to obtain or lost."""
        return _events(self._db.all(sql.FAILURES, {"run": run}))

    def history(self, url: str) -> list[Event]:
        """Return everything that happened to `url`, in order."""
        return _events(self._db.all(sql.HISTORY, {"url": url}))

    def validators(self, url: str) -> Validators | None:
        """Return what makes the next request for `url` conditional."""
        row = self._db.one(sql.VALIDATORS, {"url": url})
        return Validators(row["etag"], row["last_modified"]) if row else None

    def remember(self, url: str, validators: Validators) -> None:
        """Keep the validators of the last whole answer for `url`, and the moment it was had."""
        values = {"url": url, "etag": validators.etag, "last_modified": validators.last_modified}
        self._db.run(sql.REMEMBER, {**values, "now": self._now()})

    def remembered_at(self, url: str) -> datetime | None:
        """Return the moment `remember` was last called for `url`."""
        row = self._db.one(sql.REMEMBERED_AT, {"url": url})
        return datetime.fromisoformat(row["updated_at"]) if row else None

    def _announce(self, run: str, site: str, chunk: Sequence[Announcement]) -> list[Announcement]:
        urls = [announcement.url for announcement in chunk]
        known = {row["url"]: row for row in self._db.all(*urls_of(sql.KNOWN, urls))}
        told = {(row["url"], row["via"]) for row in self._db.all(*urls_of(sql.TOLD, urls))}
        now = self._now()
        new: dict[str, Announcement] = {}
        again: dict[str, Announcement] = {}
        events = []
        for announcement in chunk:
            url = announcement.url
            if (url, announcement.via) not in told:
                told.add((url, announcement.via))
                events.append(_announcement_event(run, now, announcement, known=url in known))
            if url not in known:
                new.setdefault(url, announcement)
            elif _is_due(known[url]):
                again.setdefault(url, announcement)
        self._db.run_many(
            sql.ANNOUNCE, [{**msgspec.structs.asdict(a), "site": site, "run": run, "now": now} for a in new.values()]
        )
        self._db.run_many(sql.HOLD, [{"url": url, "run": run} for url in again])
        self._db.run_many(sql.RECORD, events)
        due = new | again
        return [due.pop(url) for url in urls if url in due]


def _is_due(row: Any) -> bool:
    if row["held_by"] is not None:
        return False
    return row["outcome"] in _OPEN or (row["outcome"] in _FAILED and row["attempts"] < MAX_FAILURES)


def _announcement_event(run: str, now: str, announcement: Announcement, *, known: bool) -> dict[str, object]:
    return {
        **_NO_EVENT,
        "url": announcement.url,
        "now": now,
        "run": run,
        "outcome": "announced",
        "reason": "known" if known else None,  # by another source; then this run does not count it as its own
        "source": announcement.source,
        "via": announcement.via,
    }


def _address(capture: Capture | None) -> dict[str, object]:
    if capture is None:
        return {}
    return {"warc": capture.warc, "warc_offset": capture.offset, "warc_length": capture.length}


def _events(rows: Iterable[Any]) -> list[Event]:
    return [msgspec.convert(dict(row), Event) for row in rows]


def _chunks(announcements: list[Announcement]) -> Iterator[list[Announcement]]:
    for start in range(0, len(announcements), _CHUNK):
        yield announcements[start : start + _CHUNK]
