"""The URL ledger: one current outcome for everything announced, the history that led to it, and when it is due again.

A URL is handed to one run at a time, and handed out again when that run ends without settling it. What is due when is
the frontier's to say: here it is kept.
"""

from __future__ import annotations

__all__ = ["Ledger"]

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

import msgspec

from crawler.clock import iso_utc
from crawler.errors import StateError
from crawler.model.capture import Announcement, Capture, Role
from crawler.model.run import LedgerEntry, Outcome, UrlEnd, Validators
from crawler.state.protocol import Part, Row
from crawler.state.records import Due, EditCounts, Event, Following, Known, Told
from crawler.state.statements import ledger as sql
from crawler.state.statements.columns import urls_of

_CHUNK = 400
_LAST = "9999"
"""Later than any moment."""
_NOTHING = Following()
_NO_EVENT = dict.fromkeys(("reason", "source", "via", "article_id", "warc", "warc_offset", "warc_length"))


class Ledger(Part):
    """What became of every URL."""

    def known(self, urls: Sequence[str], identities: Sequence[str]) -> list[Known]:
        """Return what is known of `urls` (a few hundred) and of all that share one of `identities`."""
        rows = {row["url"]: row for row in self._db.all(*urls_of(sql.KNOWN, urls))}
        rows |= {row["url"]: row for row in self._db.all(*urls_of(sql.KNOWN_BY_IDENTITY, identities))}
        return [msgspec.convert(dict(row), Known, strict=False) for row in rows.values()]

    def announce(self, run: str, site: str, told: Iterable[Told]) -> None:
        """Record what is `told`; what is not yet known waits from now on.

        The history gets a line for each new pair of URL and source. A channel (feed, sitemap) is fetched in every
        run: do not announce it, `queue` it.
        """
        with self._db.transaction():
            for chunk in _chunks(list(told)):
                self._announce(run, site, chunk)

    def reopen(self, run: str, urls: Iterable[str]) -> None:
        """Let `urls` wait again that were settled; those that a run is handed stay as they are."""
        now = self._now()
        self._db.run_many(sql.REOPEN, [{"url": url, "run": run, "now": now} for url in urls])

    def signal(self, url: str, modified_at: str | None) -> None:
        """Note that a channel says the article at `url` changed: it is to be read again at once."""
        self._db.run(sql.SIGNAL, {"url": url, "modified_at": modified_at, "now": self._now()})

    def tell(self, url: str, modified_at: str | None) -> None:
        """Keep what a channel says of when `url` changed."""
        self._db.run(sql.TELL, {"url": url, "modified_at": modified_at})

    def retitle(self, url: str, title: str | None) -> None:
        """Keep the title under which a channel announces `url` now."""
        self._db.run(sql.RETITLE, {"url": url, "title": title})

    def postpone(self, url: str, at: datetime | None) -> None:
        """Set when the article at `url` is read again; None: not any more."""
        self._db.run(sql.POSTPONE, {"url": url, "at": _text(at)})

    def unkeyed(self, site: str, limit: int = 2000) -> list[str]:
        """Return pages of `site` without an identity: a version before entered none, or it was forgotten."""
        return [row["url"] for row in self._db.all(sql.UNKEYED, {"site": site, "limit": limit})]

    def key(self, identities: Iterable[tuple[str, str]]) -> None:
        """Keep the identity of each URL."""
        self._db.run_many(sql.KEY, [{"url": url, "identity": identity} for url, identity in identities])

    def unkey(self, site: str, parameter: str | None = None) -> None:
        """Forget the identity of the pages of `site`, with a `parameter` only of those whose query has it, or seems to;
        see `unkeyed`.
        """
        literally = (parameter or "").lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        self._db.run(sql.UNKEY, {"site": site, "like": "%" if parameter is None else f"%{literally}=%"})

    def waiting(self, site: str, *, limit: int, before: datetime | None = None) -> list[Due]:
        """Return pages of `site` that wait to be fetched first, those with the latest rank (`before` one) first."""
        values = {"site": site, "limit": limit, "before": _LAST if before is None else iso_utc(before)}
        return _dues(self._db.all(sql.WAITING, values))

    def held_up(self, site: str, *, limit: int) -> list[Due]:
        """Return pages of `site` that wait because their host was to be left alone, the latest first."""
        return _dues(self._db.all(sql.HELD_UP, {"site": site, "limit": limit}))

    def tries(self, site: str, *, limit: int) -> list[Due]:
        """Return pages of `site` whose next try has come, those with the latest rank first."""
        return _dues(self._db.all(sql.TRIES, {"site": site, "limit": limit, "now": self._now()}))

    def visits(self, site: str, *, oldest: datetime, limit: int) -> list[Due]:
        """Return articles of `site` that are to be read again since `oldest`, those that are said to have changed
        first.
        """
        values = {"site": site, "limit": limit, "now": self._now(), "oldest": iso_utc(oldest)}
        return _dues(self._db.all(sql.VISITS, values))

    def due(self, urls: Sequence[str]) -> list[Due]:
        """Return what is known of those of `urls` (a few hundred) that no run is handed."""
        return _dues(self._db.all(*urls_of(sql.DUE, urls)))

    def hold(self, run: str, urls: Iterable[str]) -> None:
        """Hand `urls` to `run`; their outcome stays."""
        self._db.run_many(sql.HOLD, [{"url": url, "run": run} for url in urls])

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
        following: Following = _NOTHING,
    ) -> None:
        """Set the one current outcome of `url` and add a line to its history, on disk soon (see `Database.soon`).

        `role` is for a URL that was never announced (the target of a redirect, a channel).
        """
        now = self._now()
        values = {
            "url": url,
            "now": now,
            "run": run,
            "outcome": outcome,
            "reason": reason,
            "article_id": article_id,
        }
        settled = {
            **values,
            "role": role,
            "attempts": following.attempts,
            "identity": following.identity,
            "page": following.page,
            "stays": following.stays,
            "next_try_at": _text(following.next_try_at),
            "next_visit_at": _text(following.next_visit_at),
            "read_at": now if capture is not None else None,
            "article_at": _text(capture.captured_at) if capture is not None and article_id is not None else None,
        }
        event = {**_NO_EVENT, **values, **_address(capture)}
        if self._db.soon((sql.SETTLE, settled), (sql.RECORD, event)):
            return
        with self._db.transaction():
            if self._db.run(sql.SETTLE, settled) != 1:
                raise StateError(f"{url} cannot be settled by {run}: there is no such run")
            self._db.run(sql.RECORD, event)

    def entry(self, url: str, *, fresh: bool = True) -> LedgerEntry | None:
        """Return the current outcome of `url`, None if nobody ever announced it. Not `fresh`: as far as is on disk."""
        row = self._db.one(sql.ENTRY, {"url": url}, fresh=fresh)
        return msgspec.convert(dict(row), LedgerEntry) if row else None

    def aliases(self, url: str) -> list[str]:
        """Return the other addresses that were found to be those of the page at `url`."""
        return [row["url"] for row in self._db.all(sql.ALIASES, {"url": url})]

    def by_article(self, site: str, article_id: str, *, url: str) -> Known | None:
        """Return the first other URL of `site` than `url` that gave the article `article_id`, as far as is on disk."""
        row = self._db.one(sql.BY_ARTICLE, {"site": site, "article_id": article_id, "url": url}, fresh=False)
        return msgspec.convert(dict(row), Known, strict=False) if row else None

    def out_of_scope(self, site: str, *, after: str = "", limit: int = 1000) -> list[Announcement]:
        """Return pages of `site` that were not asked for because of its scope, in the order of their URLs."""
        rows = self._db.all(sql.OUT_OF_SCOPE, {"site": site, "after": after, "limit": limit})
        return [_announcement(row) for row in rows]

    def retry(
        self,
        *,
        site: str | None = None,
        url: str | None = None,
        outcome: Outcome | None = None,
        reason: str | None = None,
        from_start: bool = True,
    ) -> list[str]:
        """Have what was not obtained tried anew by the next run, and if that is in vain `from_start` as often as at
        first, else as often as was left; return the URLs.
        """
        values = {"site": site, "url": url, "outcome": outcome, "reason": reason, "from_start": from_start}
        values["now"] = self._now()
        return [row["url"] for row in self._db.returning(sql.RETRY, values)]

    def recall(self, site: str, name: str) -> str | None:
        """Return what was kept of `site` under `name`."""
        row = self._db.one(sql.RECALL, {"site": site, "name": name}, fresh=False)  # `memorise` writes at once
        return row["value"] if row else None

    def recall_all(self, name: str) -> dict[str, str]:
        """Return what was kept under `name`, by site."""
        return {row["site"]: row["value"] for row in self._db.all(sql.RECALL_ALL, {"name": name})}

    def memorise(self, site: str, name: str, value: str) -> None:
        """Keep `value` of `site` under `name`, in place of what was kept there."""
        self._db.run(sql.MEMORISE, {"site": site, "name": name, "value": value})

    def edit_rate(self, site: str) -> EditCounts:
        """Return what visits to `site` found so far."""
        row = self._db.one(sql.EDIT_RATE, {"site": site})
        return msgspec.convert(dict(row), EditCounts) if row else EditCounts()

    def count_visit(self, site: str, found: EditCounts) -> None:
        """Add what a visit to `site` found to what others did."""
        values = {"site": site, **msgspec.structs.asdict(found)}
        if not self._db.soon((sql.COUNT_VISIT, values)):
            self._db.run(sql.COUNT_VISIT, values)

    def last_read(self, channel: str) -> datetime | None:
        """Return the moment the channel was last read."""
        row = self._db.one(sql.LAST_READ, {"url": channel})
        return datetime.fromisoformat(row["at"]) if row and row["at"] else None

    def open_channels(self, site: str, *, run: str) -> list[Announcement]:
        """Return channels of `site` that an interrupted run left over, and hand them to `run`."""
        with self._db.transaction():
            rows = self._db.all(sql.OPEN_CHANNELS, {"site": site})
            self.hold(run, [row["url"] for row in rows])
        return [_announcement(row) for row in rows]

    def unparsed(self) -> list[tuple[str, str]]:
        """Return URL and run of the pages that were captured and not parsed because their process ended."""
        return [(row["url"], row["run"]) for row in self._db.all(sql.UNPARSED)]

    def counts(self, run: str) -> dict[Outcome, int]:
        """Return how many URLs `run` left at each outcome; announced: known to it first, and not fetched."""
        return {row["outcome"]: row["urls"] for row in self._db.all(sql.COUNTS, {"run": run})}

    def failures(self, run: str) -> list[Event]:
        """Return the URLs that `run` failed to obtain or lost."""
        return _events(self._db.all(sql.FAILURES, {"run": run}))

    def missed(self, run: str) -> list[Event]:
        """Return these and the URLs of which `run` was refused what it asked for: by robots.txt, a wall, a redirect."""
        return _events(self._db.all(sql.MISSED_URLS, {"run": run}))

    def ends(self, run: str) -> list[UrlEnd]:
        """Return how the URLs ended that `run` settled, those that ended alike together, the most first."""
        return [msgspec.convert(dict(row), UrlEnd) for row in self._db.all(sql.ENDS, {"run": run})]

    def history(self, url: str) -> list[Event]:
        """Return everything that happened to `url`, in order."""
        return _events(self._db.all(sql.HISTORY, {"url": url}))

    def outcomes(self, url: str, *, most: int) -> list[Outcome]:
        """Return how `url` ended the last `most` times, the latest first; that it waits or is asked for is no end."""
        return [row["outcome"] for row in self._db.all(sql.OUTCOMES, {"url": url, "most": most})]

    def validators(self, url: str) -> Validators | None:
        """Return what makes the next request for `url` conditional."""
        row = self._db.one(sql.VALIDATORS, {"url": url})
        return Validators(row["etag"], row["last_modified"]) if row else None

    def remember(self, url: str, validators: Validators) -> None:
        """Keep the validators of the last whole answer for `url`, and the moment it was had.

        Shortly, with what became of it: without them the next request is for the whole.
        """
        given = {"url": url, "etag": validators.etag, "last_modified": validators.last_modified, "now": self._now()}
        if not self._db.soon((sql.REMEMBER, given)):
            self._db.run(sql.REMEMBER, given)

    def forget(self, url: str) -> None:
        """Undo `remember` for `url`."""
        self._db.run(sql.FORGET, {"url": url})

    def remembered_at(self, url: str) -> datetime | None:
        """Return the moment `remember` was last called for `url`."""
        row = self._db.one(sql.REMEMBERED_AT, {"url": url})
        return datetime.fromisoformat(row["updated_at"]) if row else None

    def _announce(self, run: str, site: str, chunk: Sequence[Told]) -> None:
        urls = [one.announcement.url for one in chunk]
        known = {row["url"] for row in self._db.all(*urls_of(sql.KNOWN, urls))}
        told = {(row["url"], row["via"]) for row in self._db.all(*urls_of(sql.TOLD, urls))}
        now = self._now()
        new: dict[str, Told] = {}
        events = []
        for one in chunk:
            url = one.announcement.url
            if (url, one.announcement.via) not in told:
                told.add((url, one.announcement.via))
                events.append(_announcement_event(run, now, one.announcement, known=url in known))
            if url not in known:
                new.setdefault(url, one)
        self._db.run_many(
            sql.ANNOUNCE,
            [
                {
                    **msgspec.structs.asdict(one.announcement),
                    "site": site,
                    "run": run,
                    "now": now,
                    "identity": one.identity,
                    "rank": iso_utc(one.rank),
                }
                for one in new.values()
            ],
        )
        self._db.run_many(sql.RECORD, events)


def _announcement(row: Row) -> Announcement:
    fields = {name: row[name] for name in row.keys() if name in Announcement.__struct_fields__}  # noqa: SIM118 - a row iterates over its values
    return msgspec.convert(
        {"role": "article", "source": "seed", **{k: v for k, v in fields.items() if v is not None}}, Announcement
    )


def _dues(rows: Iterable[Row]) -> list[Due]:
    return [msgspec.convert({**dict(row), "announcement": _announcement(row)}, Due, strict=False) for row in rows]


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else iso_utc(moment)


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


def _events(rows: Iterable[Row]) -> list[Event]:
    return [msgspec.convert(dict(row), Event) for row in rows]


def _chunks(told: list[Told]) -> Iterator[list[Told]]:
    for start in range(0, len(told), _CHUNK):
        yield told[start : start + _CHUNK]
