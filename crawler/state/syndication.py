"""Sketches of articles: who holds which hash, and which say the same."""

from __future__ import annotations

__all__ = ["SketchRow", "Syndication"]

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from crawler.clock import iso_utc
from crawler.state.protocol import Part, Row
from crawler.state.records import ArticleRow
from crawler.state.statements import syndication as sql
from crawler.state.statements.columns import urls_of

_CHUNK = 400
_BYTES = 8


class SketchRow(msgspec.Struct, frozen=True, kw_only=True):
    """One article as it is compared with others."""

    id: int
    url: str
    captured_at: datetime
    site: str
    title: str | None
    published_at: str | None
    scale: int
    digest: str
    hashes: frozenset[int]
    cluster: int | None
    """The id of the sketch that began its cluster; None: its text is too short to be compared."""


class Syndication(Part):
    """What is needed to find articles that say the same, and to tell of them."""

    def unsketched(
        self, since: datetime, until: datetime, *, after: tuple[str, str] = ("", ""), limit: int = 500
    ) -> list[ArticleRow]:
        """Return articles captured in that time that were not taken in yet, the oldest first, after that moment and
        URL.
        """
        values = {"since": iso_utc(since), "until": iso_utc(until), "limit": limit}
        rows = self._db.all(sql.UNSKETCHED, {**values, "after_at": after[0], "after_url": after[1]})
        return [msgspec.convert(dict(row), ArticleRow) for row in rows]

    def add_sketch(self, article: ArticleRow, *, scale: int, digest: str, hashes: Iterable[int]) -> int | None:
        """Take in an article; return the number of its sketch, None if it was taken in already."""
        rows = self._db.returning(
            sql.ADD_SKETCH,
            {
                "url": article.url,
                "captured_at": iso_utc(article.captured_at),
                "site": article.site,
                "title": article.title,
                "published_at": article.published_at,
                "scale": scale,
                "digest": digest,
                "hashes": b"".join(one.to_bytes(_BYTES, "big") for one in sorted(hashes)),
            },
        )
        return int(rows[0]["id"]) if rows else None

    def join_cluster(self, sketch: int, cluster: int, new: Iterable[int]) -> None:
        """Put an article into a cluster, and enter it as one that holds the hashes `new`."""
        self._db.run(sql.SET_CLUSTER, {"id": sketch, "cluster": cluster})
        self._db.run_many(sql.ADD_POSTING, [{"hash": one, "sketch": sketch} for one in new])

    def holders(self, hashes: Sequence[int]) -> list[tuple[int, int, int, str]]:
        """Return who was entered as holding any of `hashes`: hash, sketch, cluster and site."""
        found: list[tuple[int, int, int, str]] = []
        for start in range(0, len(hashes), _CHUNK):
            rows = self._db.all(*_of(sql.HOLDERS, hashes[start : start + _CHUNK]))
            found += [(row["hash"], row["sketch"], row["cluster"], row["site"]) for row in rows]
        return found

    def sketches(self, ids: Sequence[int]) -> list[SketchRow]:
        """Return the sketches with these numbers (a few hundred)."""
        return [_row(row) for row in self._db.all(*_of(sql.SKETCHES, ids))]

    def clusters(self, since: datetime, until: datetime, site: str | None = None) -> list[int]:
        """Return the clusters that an article captured in that time belongs to (one of `site`), of two sites at
        least.
        """
        values = {"since": iso_utc(since), "until": iso_utc(until), "site": site}
        return [row["cluster"] for row in self._db.all(sql.CLUSTERS, values)]

    def members(self, cluster: int) -> list[SketchRow]:
        """Return the articles of a cluster, revisions included, in the order of their captures."""
        return [_row(row) for row in self._db.all(sql.MEMBERS, {"cluster": cluster})]

    def sketch_counts(self, since: datetime, until: datetime, site: str | None = None) -> dict[str, int]:
        """Return of how many articles of each site of that time a sketch was taken."""
        values = {"since": iso_utc(since), "until": iso_utc(until), "site": site}
        return {row["site"]: row["articles"] for row in self._db.all(sql.SKETCH_COUNTS, values)}


def _of(statement: str, numbers: Sequence[int]) -> tuple[str, dict[str, int]]:
    text, _ = urls_of(statement, [""] * len(numbers))
    return text, {f"u{place}": number for place, number in enumerate(numbers)}


def _row(row: Row) -> SketchRow:
    held = bytes(row["hashes"])
    hashes = frozenset(int.from_bytes(held[at : at + _BYTES], "big") for at in range(0, len(held), _BYTES))
    return msgspec.convert({**dict(row), "hashes": hashes}, SketchRow)
