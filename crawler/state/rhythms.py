"""When each channel is due and why, what is remembered of its news, and the gaps that overruns left."""

from __future__ import annotations

__all__ = ["Gap", "KeptRhythm", "Rhythms"]

from datetime import datetime, timedelta

import msgspec

from crawler.clock import iso_utc
from crawler.state.protocol import Part
from crawler.state.statements import rhythms as sql

_STEP = timedelta(minutes=1)


class KeptRhythm(msgspec.Struct, frozen=True, kw_only=True):
    """One channel of a site."""

    site: str
    url: str
    memory: str
    """JSON: what `crawler.frontier.rhythm` remembers of it."""
    read_at: datetime
    """When it was last read, or was to be."""
    due_at: datetime
    why: str
    """Why then."""


class _Due(msgspec.Struct, frozen=True):
    url: str
    read_at: datetime
    due_at: datetime


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """A time of which a channel held nothing any more when it was read: stories may have come and gone."""

    site: str
    url: str
    begin_at: datetime
    end_at: datetime
    run: str
    found: int
    """Stories of it that other channels were found to list."""


class Rhythms(Part):
    """Channels in time."""

    def rhythm(self, site: str, url: str) -> KeptRhythm | None:
        """Return what is known of one channel."""
        row = self._db.one(sql.RHYTHM, {"site": site, "url": url})
        return msgspec.convert(dict(row), KeptRhythm) if row else None

    def rhythms(self, site: str) -> list[KeptRhythm]:
        """Return the channels of `site`, the next one due first."""
        return [msgspec.convert(dict(row), KeptRhythm) for row in self._db.all(sql.RHYTHMS, {"site": site})]

    def keep_rhythm(self, site: str, url: str, memory: str, *, read_at: datetime, due_at: datetime, why: str) -> None:
        """Keep what a reading of a channel taught. On disk soon (see `Database.soon`)."""
        values = {"site": site, "url": url, "memory": memory, "why": why}
        values |= {"read_at": iso_utc(read_at), "due_at": iso_utc(due_at)}
        if not self._db.soon((sql.KEEP_RHYTHM, values)):
            self._db.run(sql.KEEP_RHYTHM, values)

    def channels_due(self, site: str) -> dict[str, datetime]:
        """Return when each channel of `site` that was ever to be read is due, by URL.

        What was set before the clock was put back is due now.
        """
        now = self._clock.now()
        rows = [msgspec.convert(dict(row), _Due) for row in self._db.all(sql.RHYTHMS_DUE, {"site": site})]
        return {row.url: now if row.read_at - now > _STEP else row.due_at for row in rows}

    def next_page(self, site: str, *, oldest_visit: datetime) -> datetime | None:
        """Return when the first page of `site` is to be fetched, tried or visited again; what waits was due long
        ago.
        """
        row = self._db.one(sql.NEXT_PAGE, {"site": site, "oldest": iso_utc(oldest_visit)})
        return datetime.fromisoformat(row["due_at"]) if row and row["due_at"] else None

    def add_gap(self, site: str, url: str, *, begin_at: datetime, end_at: datetime, run: str) -> None:
        """Record that the channel `url` had moved on by more than it holds."""
        values = {"site": site, "url": url, "run": run}
        self._db.run(sql.ADD_GAP, {**values, "begin_at": iso_utc(begin_at), "end_at": iso_utc(end_at)})

    def fill_gaps(self, site: str, run: str, found: int) -> None:
        """Record that `run` found so many stories elsewhere that may be of the gaps it met."""
        self._db.run(sql.FILL_GAPS, {"site": site, "run": run, "found": found})

    def gaps(self, since: datetime, until: datetime, site: str | None = None) -> list[Gap]:
        """Return the gaps that ended between those moments, of `site` or of all, by site and time."""
        values = {"since": iso_utc(since), "until": iso_utc(until), "site": site or ""}
        return [msgspec.convert(dict(row), Gap) for row in self._db.all(sql.GAPS, values)]
