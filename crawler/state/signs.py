"""The facts that alarms are raised on. Every query reads along an index and few rows: they are asked again and
again.
"""

from __future__ import annotations

__all__ = ["Signs"]

from datetime import datetime
from typing import NamedTuple

from crawler.clock import iso_utc
from crawler.model.run import Outcome
from crawler.state.protocol import Part
from crawler.state.statements import signs as sql


class ChannelRead(NamedTuple):
    """When a feed, sitemap or section page was last read with success."""

    read_at: datetime | None
    known_since: datetime | None
    """When it was first asked for; None: never yet."""
    outcome: Outcome | None
    reason: str | None
    tried: int
    """Runs that asked for it in vain, if it was never read; else 0."""


class Signs(Part):
    """How sites and the daemon have been doing."""

    def recent_articles(self, site: str, limit: int) -> list[tuple[datetime, int | None]]:
        """Return moment of capture and length in words of the latest articles of `site`, the latest first."""
        rows = self._db.all(sql.SIGNS_ARTICLES, {"site": site, "limit": limit})
        return [(datetime.fromisoformat(row["captured_at"]), row["word_count"]) for row in rows]

    def first_article_at(self, site: str) -> datetime | None:
        """Return the moment of the first article of `site`."""
        row = self._db.one(sql.SIGNS_FIRST_ARTICLE, {"site": site})
        return datetime.fromisoformat(row["captured_at"]) if row and row["captured_at"] else None

    def articles_between(self, site: str, since: datetime, until: datetime) -> int:
        """Return how many articles of `site` were captured from `since` on and before `until`."""
        row = self._db.one(sql.SIGNS_VOLUME, {"site": site, "since": iso_utc(since), "until": iso_utc(until)})
        return int(row["articles"]) if row else 0

    def any_run_between(self, since: datetime, until: datetime) -> bool:
        """Tell whether a run of any site was queued from `since` on and before `until`: the daemon was there."""
        return self._db.one(sql.SIGNS_QUEUED, {"since": iso_utc(since), "until": iso_utc(until)}) is not None

    def outcomes_between(self, site: str, since: datetime, until: datetime) -> dict[tuple[Outcome, str], int]:
        """Count the pages of `site` first seen from `since` on and before `until`, by what became of them and why."""
        rows = self._db.all(sql.SIGNS_OUTCOMES, {"site": site, "since": iso_utc(since), "until": iso_utc(until)})
        return {(row["outcome"], row["why"]): row["urls"] for row in rows}

    def channel_read(self, url: str) -> ChannelRead:
        """Return what is known of the channel at `url`; a redirect counts as read, its target has a line of its own."""
        known = self._db.one(sql.SIGNS_CHANNEL_KNOWN, {"url": url})
        read = self._db.one(sql.SIGNS_CHANNEL_READ, {"url": url})
        return ChannelRead(
            datetime.fromisoformat(read["at"]) if read else None,
            datetime.fromisoformat(known["first_seen_at"]) if known else None,
            known["outcome"] if known else None,
            known["reason"] if known else None,
            0 if read else self._db.all(sql.SIGNS_CHANNEL_TRIED, {"url": url})[0]["runs"],
        )

    def channel_yields(self, site: str) -> dict[str, tuple[int, int]]:
        """Return, by channel of `site`, how many pages it was the first to announce, and how many of them gave an
        article.
        """
        rows = self._db.all(sql.SIGNS_CHANNEL_YIELD, {"site": site})
        return {row["via"]: (row["announced"], row["parsed"]) for row in rows}

    def last_end_at(self) -> datetime | None:
        """Return when the last run of any site ended, however it did."""
        row = self._db.one(sql.SIGNS_LAST_END)
        return datetime.fromisoformat(row["finished_at"]) if row and row["finished_at"] else None
