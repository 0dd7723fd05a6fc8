"""What the status page reads: pages of articles and runs, captures, and the tallies kept for it.

Promises: no query here grows with the archive; each reads along an index and stops at a limit. Lists go by keyset
(the last row of one page is where the next begins), so the thousandth page costs what the first does.
"""

from __future__ import annotations

__all__ = ["ArticleFilter", "Browse", "DayCount", "Hour", "ListPiece"]

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec

from crawler.clock import iso_utc
from crawler.model.capture import Capture
from crawler.model.run import Outcome, Run
from crawler.state.protocol import Part
from crawler.state.records import ArticleRow, CaptureRow, Event
from crawler.state.rows import capture_of, run_of, search_form
from crawler.state.statements import browse as sql

_T = TypeVar("_T")
_FIRST = "0000"
_LAST = "9999"


class ArticleFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which articles are wanted; what is None admits all."""

    site: str | None = None
    language: str | None = None
    since: date | None = None
    """First day of capture (UTC)."""
    until: date | None = None
    """Last day of capture, included."""


class ListPiece(NamedTuple, Generic[_T]):
    """A piece of a list, and where the next one begins."""

    rows: tuple[_T, ...]
    next: tuple[str, str] | None
    """Keyset to hand in for the next piece; None: the list ends here."""


class DayCount(NamedTuple):
    """URLs of one site first seen on one day, by what became of them."""

    day: str
    """``2026-11-23``, UTC."""
    outcome: Outcome
    reason: str
    """Empty: none, or not told apart."""
    urls: int


class Hour(NamedTuple):
    """What was settled in one hour."""

    hour: str
    """``2026-11-23T18``, UTC."""
    outcome: Outcome
    urls: int
    size_bytes: int
    """In the archive."""


class Browse(Part):
    """Read-only views of the state, each bounded."""

    def browse_articles(
        self, wanted: ArticleFilter, *, before: tuple[str, str] | None = None, limit: int = 50
    ) -> ListPiece[ArticleRow]:
        """Return articles, the latest captured first, from the keyset `before` on."""
        rows = self._db.all(_for(wanted, _BROWSE), {**_values(wanted, before), "limit": limit + 1})
        shown = [msgspec.convert(dict(row), ArticleRow) for row in rows[:limit]]
        return ListPiece(tuple(shown), _keyset(rows[limit - 1]) if len(rows) > limit else None)

    def search_articles(
        self,
        words: str,
        wanted: ArticleFilter,
        *,
        before: tuple[str, str] | None = None,
        limit: int = 50,
        stretch: int = 5_000,
    ) -> ListPiece[ArticleRow]:
        """Return articles whose title has all of `words` (or parts of words), whatever their case and accents.

        Looks through the next `stretch` articles only, so a page may have fewer than `limit` (or none) and still a
        next one.
        """
        values = _values(wanted, before)
        asked = [search_form(word) for word in words.split()]
        like = {f"word{place}": _like(asked[place] if place < len(asked) else "") for place in range(4)}
        rows = self._db.all(_for(wanted, _SEARCH), {**values, **like, "stretch": stretch, "limit": limit + 1})
        found = [row for row in rows[:limit] if all(word in search_form(row["title"]) for word in asked)]
        if len(rows) > limit:
            last: tuple[str, str] | None = _keyset(rows[limit - 1])
        else:
            last = self._end_of_stretch(wanted, values, stretch)
        return ListPiece(tuple(msgspec.convert(dict(row), ArticleRow) for row in found), last)

    def _end_of_stretch(self, wanted: ArticleFilter, values: dict[str, object], stretch: int) -> tuple[str, str] | None:
        """Return the keyset of the last article of a stretch, None if they end within it."""
        row = self._db.one(_for(wanted, _END), {**values, "limit": 1, "skip": stretch - 1})
        return _keyset(row) if row else None

    def articles_of_run(self, run: str, limit: int = 50) -> list[ArticleRow]:
        """Return articles of `run`, the latest captured first."""
        return self._articles(sql.BROWSE_ARTICLES_OF_RUN, {"run": run, "limit": limit})

    def runs_with_articles(self) -> list[str]:
        """Return the ids of the runs that any article is of."""
        return [row["run"] for row in self._db.all(sql.BROWSE_RUNS_WITH_ARTICLES)]

    def articles_of_id(self, article_id: str, limit: int = 50) -> list[ArticleRow]:
        """Return some of the articles with that very text."""
        return self._articles(sql.BROWSE_ARTICLES_OF_ID, {"id": article_id, "limit": limit})

    def revisions(self, url: str, limit: int = 50) -> list[ArticleRow]:
        """Return the latest articles made of captures of `url`, the latest first."""
        return self._articles(sql.BROWSE_REVISIONS, {"url": url, "limit": limit})

    def languages(self) -> list[str]:
        """Return the languages that articles are in."""
        return [row["language"] for row in self._db.all(sql.BROWSE_LANGUAGES)]

    def last_article_at(self, site: str) -> datetime | None:
        """Return when the latest article of `site` was captured."""
        row = self._db.one(sql.BROWSE_LAST_ARTICLE, {"site": site})
        return datetime.fromisoformat(row["captured_at"]) if row and row["captured_at"] else None

    def browse_runs(
        self, site: str | None = None, *, before: tuple[str, str] | None = None, limit: int = 50
    ) -> ListPiece[Run]:
        """Return runs, the latest queued first, from the keyset `before` on."""
        at, identity = before or (_LAST, "")
        values = {"site": site, "before_at": at, "before_id": identity, "limit": limit + 1}
        rows = self._db.all(sql.BROWSE_RUNS_OF_SITE if site else sql.BROWSE_RUNS, values)
        shown = rows[:limit]
        more = (shown[-1]["queued_at"], shown[-1]["id"]) if len(rows) > limit else None
        return ListPiece(tuple(run_of(row) for row in shown), more)

    def run_tally(self, run: str) -> dict[Outcome, int]:
        """Return how many URLs the ended `run` left at each outcome; empty before it was tallied."""
        return {row["outcome"]: row["urls"] for row in self._db.all(sql.BROWSE_RUN_TALLY, {"run": run})}

    def latest_failures(self, run: str, limit: int = 100) -> list[Event]:
        """Return the first URLs that `run` failed to obtain or lost."""
        return _events(self._db.all(sql.BROWSE_FAILURES, {"run": run, "limit": limit}))

    def latest_history(self, url: str, limit: int = 100) -> list[Event]:
        """Return what happened to `url` last, the latest first."""
        return _events(self._db.all(sql.BROWSE_HISTORY, {"url": url, "limit": limit}))

    def latest_captures(self, url: str, limit: int = 50) -> list[Capture]:
        """Return the latest captures of `url`, the latest first."""
        return [capture_of(row) for row in self._db.all(sql.BROWSE_CAPTURES, {"url": url, "limit": limit})]

    def capture_at(self, warc: str, offset: int) -> CaptureRow | None:
        """Return the capture whose record begins at byte `offset` of the file `warc`."""
        row = self._db.one(sql.BROWSE_CAPTURE, {"warc": warc, "offset": offset})
        if row is None:
            return None
        fields = {name: row[name] for name in row.keys() if name not in ("run", "site", "role")}  # noqa: SIM118 - a row iterates over its values
        return CaptureRow(capture=capture_of(fields), run=row["run"], site=row["site"], role=row["role"])

    def days(self, site: str, since: date, until: date) -> list[DayCount]:
        """Return what became of the URLs of `site` first seen on each day, reasons not told apart."""
        rows = self._db.all(sql.BROWSE_DAYS, _span(site, since, until))
        return [DayCount(row["day"], row["outcome"], "", row["urls"]) for row in rows]

    def articles_a_day(self, site: str, since: date, until: date) -> dict[str, int]:
        """Return how many of the URLs of `site` first seen on each day gave an article; days without one are left
        out.
        """
        return {row["day"]: row["urls"] for row in self._db.all(sql.BROWSE_PARSED_DAYS, _span(site, since, until))}

    def reasons(self, site: str, since: date, until: date) -> list[DayCount]:
        """Return the same with reasons, the latest day first."""
        rows = self._db.all(sql.BROWSE_REASONS, _span(site, since, until))
        return [DayCount(row["day"], row["outcome"], row["reason"], row["urls"]) for row in rows]

    def totals(self, site: str) -> dict[Outcome, int]:
        """Return how many URLs of `site` are at each outcome."""
        return {row["outcome"]: row["urls"] for row in self._db.all(sql.BROWSE_TOTALS, {"site": site})}

    def tallied_sites(self) -> list[str]:
        """Return the sites of which URLs are known, declared or not."""
        return [row["site"] for row in self._db.all(sql.BROWSE_TALLIED_SITES)]

    def hours(self, since: datetime) -> list[Hour]:
        """Return what was settled in each hour from that of `since` on."""
        rows = self._db.all(sql.BROWSE_HOURS, {"since": iso_utc(since)[:13]})
        return [Hour(row["hour"], row["outcome"], row["urls"], row["size_bytes"]) for row in rows]

    def counters(self) -> dict[tuple[str, str], int]:
        """Return totals that only grow, by name and label: ``settled`` by outcome, ``failures`` by reason, ``runs`` by
        state, ``archived_bytes``.
        """
        return {(row["name"], row["label"]): row["count"] for row in self._db.all(sql.BROWSE_COUNTERS)}

    def not_on_time(self, since: datetime) -> dict[str, int]:
        """Return how many fires since then did not just run, by policy."""
        rows = self._db.all(sql.BROWSE_NOT_ON_TIME, {"since": iso_utc(since)})
        return {row["policy"]: row["fires"] for row in rows}

    def _articles(self, query: str, values: dict[str, object]) -> list[ArticleRow]:
        return [msgspec.convert(dict(row), ArticleRow) for row in self._db.all(query, values)]


_BROWSE = (
    sql.BROWSE_ARTICLES,
    sql.BROWSE_ARTICLES_OF_SITE,
    sql.BROWSE_ARTICLES_IN_LANGUAGE,
    sql.BROWSE_ARTICLES_OF_SITE_IN_LANGUAGE,
)
_SEARCH = (
    sql.SEARCH_ARTICLES,
    sql.SEARCH_ARTICLES_OF_SITE,
    sql.SEARCH_ARTICLES_IN_LANGUAGE,
    sql.SEARCH_ARTICLES_OF_SITE_IN_LANGUAGE,
)
_END = (
    sql.SEARCH_END,
    sql.SEARCH_END_OF_SITE,
    sql.SEARCH_END_IN_LANGUAGE,
    sql.SEARCH_END_OF_SITE_IN_LANGUAGE,
)


def _for(wanted: ArticleFilter, statements: tuple[str, str, str, str]) -> str:
    """Return the one of the statements that has an index for what is wanted."""
    return statements[(wanted.site is not None) + 2 * (wanted.language is not None)]


def _values(wanted: ArticleFilter, before: tuple[str, str] | None) -> dict[str, object]:
    until = date.fromordinal(wanted.until.toordinal() + 1).isoformat() if wanted.until else _LAST
    return {
        "site": wanted.site,
        "language": wanted.language,
        "since": wanted.since.isoformat() if wanted.since else _FIRST,
        "upper": min(until, before[0]) if before else until,
        "before_at": before[0] if before else _LAST,
        "before_url": before[1] if before else "",
    }


def _keyset(row: Any) -> tuple[str, str]:
    return row["captured_at"], row["url"]


def _like(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def _span(site: str, since: date, until: date) -> dict[str, object]:
    return {"site": site, "since": since.isoformat(), "until": until.isoformat()}


def _events(rows: Sequence[Any]) -> list[Event]:
    return [msgspec.convert(dict(row), Event) for row in rows]
