"""What each kind of address of a site gave: pages, articles, and since when it is cut off."""

from __future__ import annotations

__all__ = ["PatternRow", "Yields"]

from collections.abc import Iterator
from datetime import datetime

import msgspec

from crawler.clock import iso_utc
from crawler.state.protocol import Part
from crawler.state.statements import yields as sql

_CHUNK = 1000


class PatternRow(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of address of one site."""

    site: str
    pattern: str
    """As `crawler.frontier.traps.pattern_of` has it."""
    pages: int
    articles: int
    barren: int
    """Pages in a row, up to now, that gave no article."""
    cut_at: datetime | None
    """Since when it is left alone; None: it is not."""
    looked_at: datetime | None
    """When a page of it was last let through since."""
    example: str
    """The URL that was met last."""


class Yields(Part):
    """What patterns of addresses gave."""

    def yields(self, site: str) -> list[PatternRow]:
        """Return all patterns of `site` that were met."""
        return [_row({"site": site, **dict(row)}) for row in self._db.all(sql.YIELDS, {"site": site})]

    def cut_off(self, site: str | None = None) -> list[PatternRow]:
        """Return the patterns that are left alone, of `site` or of all."""
        return [_row(dict(row)) for row in self._db.all(sql.CUT_OFF, {"site": site})]

    def keep_yield(self, row: PatternRow) -> None:
        """Keep what a pattern gave so far."""
        values = msgspec.structs.asdict(row) | {"cut_at": _text(row.cut_at), "looked_at": _text(row.looked_at)}
        if not self._db.soon((sql.KEEP_YIELD, values)):
            self._db.run(sql.KEEP_YIELD, values)

    def left_alone(self, site: str) -> Iterator[str]:
        """Yield the URLs of `site` that were not asked for because of their pattern."""
        after = ""
        while rows := self._db.all(sql.LEFT_ALONE, {"site": site, "after": after, "limit": _CHUNK}):
            yield from (row["url"] for row in rows)
            after = rows[-1]["url"]


def _row(values: dict[str, object]) -> PatternRow:
    return msgspec.convert(values, PatternRow)


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else iso_utc(moment)
