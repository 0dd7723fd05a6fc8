"""Articles made whole again: what the store lacks or holds damaged, from its own lines or from the archive.

A line whose text has its id is kept as it is. Of the others the state knows the captures; their pages are parsed
again, by this version's parser, so an article may then be another than the one that was lost: the state follows.
"""

from __future__ import annotations

__all__ = ["Republished", "known_articles", "known_batches", "republish"]

from collections.abc import Callable, Iterable
from datetime import datetime

import msgspec

from crawler.archive.articles import Batch, LineWriter
from crawler.archive.check.articles import Expected, check_batch
from crawler.archive.profiles import ProfileShelf
from crawler.archive.read.captures import ArchivedCapture, read_one
from crawler.archive.store import Store
from crawler.archive.takedowns import taken_down
from crawler.clock import iso_utc
from crawler.errors import BadArchive, StoreError
from crawler.model.capture import Capture
from crawler.run.parsing.profiles_in_force import in_force
from crawler.run.parsing.road import Road
from crawler.state import ArticleRow, State

_ALL = 1 << 40


class Republished(msgspec.Struct, frozen=True, kw_only=True):
    """What was done."""

    batches: int
    """Looked at."""
    mended: tuple[str, ...]
    """Prefixes of the batches that were written again."""
    parsed: int
    """Articles made anew from their captures."""
    lost: tuple[str, ...]
    """What could not be made whole, and why: one line each."""


def known_batches(state: State) -> list[Batch]:
    """Return the batches that `state` has articles of, in order."""
    rows = (row for run in state.runs_with_articles() for row in state.articles_of_run(run, _ALL))
    return sorted({Batch.holding(row.path) for row in rows})


def known_articles(state: State, batch: Batch) -> list[Expected]:
    """Return what `state` knows of `batch`."""
    lines = state.article_lines(batch.prefix.rpartition("/")[2])
    return [Expected(row.path, row.article_id, row.url, _said(row), lines.get(row.path)) for row in _rows(state, batch)]


async def republish(
    store: Store,
    state: State,
    *,
    road: Road,
    profiles: ProfileShelf,
    on_progress: Callable[[int, int], None] | None = None,
) -> Republished:
    """Write again every batch the state knows that `store` does not hold whole; nothing else is touched.

    `on_progress` is told batches done and in all. Raises StoreError, StateError.
    """
    job = _Republish(store, state, road, profiles)
    batches = known_batches(state)
    for done, batch in enumerate(batches, 1):
        await job.mend(batch)
        if on_progress is not None:
            on_progress(done, len(batches))
    return Republished(batches=len(batches), mended=tuple(job.mended), parsed=job.parsed, lost=tuple(job.lost))


class _Republish:
    def __init__(self, store: Store, state: State, road: Road, profiles: ProfileShelf) -> None:
        self._store = store
        self._state = state
        self._road = road
        self._profiles = profiles
        self._withheld = taken_down(store)
        self.mended: list[str] = []
        self.lost: list[str] = []
        self.parsed = 0

    async def mend(self, batch: Batch) -> None:
        """Write `batch` again if anything of it is missing or damaged."""
        keys = {stored.key for stored in self._store.list(f"{batch.prefix}/")}
        check = check_batch(self._store, batch, known_articles(self._state, batch), keys)
        if not check.faults:
            return
        lines = dict(check.sound)
        for row in _rows(self._state, batch):
            if self._withheld.covers(row.url, row.site):
                continue
            place = (iso_utc(row.captured_at), row.url)
            if place not in lines and (line := await self._made_anew(row)) is not None:
                lines[place] = line
        if not lines:
            return
        published = LineWriter(self._store).write(batch, [lines[place] for place in sorted(lines)])
        with self._state.transaction():
            for document in published.documents:
                self._state.enter_article(document.head, path=document.key, line_sha256=document.line_sha256)
        self.mended.append(batch.prefix)

    async def _made_anew(self, row: ArticleRow) -> bytes | None:
        """Return the line of the article made of the capture that `row` was made of, None (told in `lost`) if none
        is.
        """
        try:
            item = self._capture(self._state.captures(row.url), row.captured_at)
        except (BadArchive, StoreError) as error:
            self.lost.append(f"{row.path}: {row.url}: {error}")
            return None
        if item is None or item.provenance is None:
            self.lost.append(f"{row.path}: {row.url}: its capture is not in the store")
            return None
        own = in_force(self._profiles, item.provenance.site, row.captured_at)
        result = await self._road.with_profiles(own).parse(item.capture, item.provenance, item.response, head=item.head)
        if not result.line:
            self.lost.append(f"{row.path}: {row.url}: its page gives no article now ({result.reason})")
            return None
        self.parsed += 1
        return result.line

    def _capture(self, captures: Iterable[Capture], captured_at: datetime) -> ArchivedCapture | None:
        for capture in captures:
            receipt = self._state.receipt(capture.warc) if capture.captured_at == captured_at else None
            if receipt is not None:
                with self._store.open(receipt.key) as stream:
                    return read_one(stream, capture.offset, name=capture.warc)
        return None


def _said(row: ArticleRow) -> dict[str, str | int | None]:
    return {
        "captured_at": iso_utc(row.captured_at),
        "site": row.site or None,
        "title": row.title,
        "published_at": row.published_at,
        "language": row.language,
        "word_count": row.word_count,
    }


def _rows(state: State, batch: Batch) -> list[ArticleRow]:
    """Return the rows of `batch`, which is that of a run: the last part of its prefix."""
    rows = state.articles_of_run(batch.prefix.rpartition("/")[2], _ALL)
    return [row for row in rows if Batch.holding(row.path) == batch]
