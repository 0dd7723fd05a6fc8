"""Which articles of different sites say the same: taken in from the store, clustered, told.

An article joins the cluster of the one that it has most in common with, or begins one. Who holds which hash is kept of
articles that are no mere copies, so copies cost next to nothing; a hash that many hold is known to prove nothing.
"""

from __future__ import annotations

__all__ = ["LOOK_BACK", "Copy", "SharedStory", "Taken", "by_site", "stories", "take_in", "words_of"]

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

import msgspec

from crawler.archive.articles import ArticleReader, Batch
from crawler.clock import iso_utc
from crawler.errors import BadArchive
from crawler.frontier.syndication import (
    MOST_HOLDERS,
    CopyKind,
    Holder,
    Likeness,
    Sketch,
    copy_kind,
    likeness,
    phrases_of,
    sketch_of,
)
from crawler.parse.dates import moment_of
from crawler.parse.page.text import fold
from crawler.run.revisions import record_of
from crawler.state import ArticleRow, SketchRow, State

LOOK_BACK = timedelta(days=7)
"""What was captured so long before the time that is asked for may be what others took over in it."""

_CHUNK = 200
_CANDIDATES = 5
_MOST_AHEAD = timedelta(days=2)
"""A story that says it was published earlier than that before we had it was hardly new then."""


class Taken(msgspec.Struct, frozen=True):
    """How taking in went."""

    articles: int = 0
    unread: int = 0
    """Articles that the store does not have, or not whole."""


class Copy(msgspec.Struct, frozen=True, kw_only=True):
    """One article of a story that several sites have."""

    site: str
    url: str
    kind: CopyKind
    title: str | None
    published_at: str | None
    first_seen_at: datetime
    """When it was captured first."""
    of_first: float
    """The part of the first article's text that is in this one."""
    own: float
    """The part of this one's text that is not in the first."""
    same_title: bool


class SharedStory(msgspec.Struct, frozen=True, kw_only=True):
    """What several sites published of one text, the first of them first."""

    sites: int
    copies: tuple[Copy, ...]


class _Body(msgspec.Struct, frozen=True):
    id: str
    url: str
    body: str


def take_in(
    state: State,
    reader: ArticleReader,
    since: datetime,
    until: datetime,
    *,
    on_progress: Callable[[int], None] = lambda _: None,
) -> Taken:
    """Sketch and cluster the articles captured from `since` (and `LOOK_BACK` before) until `until` that are new.

    May be stopped at any moment and goes on from there. `on_progress` is told how many were taken in so far.
    """
    articles = unread = 0
    after = ("", "")
    while rows := state.unsketched(since - LOOK_BACK, until, after=after, limit=_CHUNK):
        after = (iso_utc(rows[-1].captured_at), rows[-1].url)
        bodies = _bodies(reader, rows)
        with state.transaction():
            for row in rows:
                body = bodies.get((row.article_id, row.url))
                if body is None:
                    unread += 1
                    continue
                _take(state, row, sketch_of(body))
                articles += 1
        on_progress(articles)
    return Taken(articles, unread)


def stories(
    state: State, since: datetime, until: datetime, *, site: str | None = None, min_share: float
) -> list[SharedStory]:
    """Return the stories of that time that at least two sites have, those of the most sites first.

    `min_share`: a copy counts if so much of the shorter of it and the first is in the other.
    """
    found = [_story(state, state.members(cluster), min_share) for cluster in state.clusters(since, until, site)]
    told = [one for one in found if one.sites > 1 and (site is None or any(c.site == site for c in one.copies))]
    return sorted(told, key=lambda one: (-one.sites, -len(one.copies), one.copies[0].first_seen_at))


def words_of(state: State, reader: ArticleReader, copy: Copy) -> str | None:
    """Return title and body of `copy` as it was first read, a paragraph a line; None if the store does not have it."""
    row = next((row for row in state.articles(copy.url) if row.captured_at == copy.first_seen_at), None)
    record = None if row is None else record_of(reader, row)
    return None if record is None else f"{record.title or ''}\n{record.body}"


def _bodies(reader: ArticleReader, rows: Sequence[ArticleRow]) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for batch in dict.fromkeys(Batch.holding(row.path) for row in rows):
        for _, one in reader.numbered(batch, _Body):
            if not isinstance(one, BadArchive):
                found[one.id, one.url] = one.body
    return found


def _take(state: State, row: ArticleRow, sketch: Sketch) -> None:
    number = state.add_sketch(row, scale=sketch.scale, digest=sketch.digest, hashes=sketch.hashes)
    if number is None or not sketch.scale:
        return
    holders = _holders(state, sketch)
    phrases = phrases_of(holders)
    common = Counter(holder.sketch for holder in holders if holder.hash not in phrases)
    candidates = [one for one, _ in common.most_common(_CANDIDATES)]
    found, is_near = _best(state, sketch, phrases, candidates)
    cluster = number if found is None else found
    crowd = Counter(holder.hash for holder in holders)
    new = () if is_near else [one for one in sketch.hashes if crowd[one] < MOST_HOLDERS]
    state.join_cluster(number, cluster, new)


def _holders(state: State, sketch: Sketch) -> list[Holder]:
    return [Holder(*one) for one in state.holders(list(sketch.hashes))]


def _best(state: State, sketch: Sketch, phrases: frozenset[int], candidates: Sequence[int]) -> tuple[int | None, bool]:
    """Return the cluster of the candidate that most is shared with, and if it is nearly the same; None if it is too
    little.
    """
    best: tuple[float, int] | None = None
    is_near = False
    for one in state.sketches(candidates):
        alike = likeness(sketch, _sketch(one), common_phrases=phrases)
        if alike.is_copy and one.cluster is not None and (best is None or alike.share > best[0]):
            best, is_near = (alike.share, one.cluster), alike.is_near
    return (None if best is None else best[1]), is_near


def _story(state: State, rows: Sequence[SketchRow], min_share: float) -> SharedStory:
    pages: dict[str, SketchRow] = {}
    for row in rows:
        pages.setdefault(row.url, row)  # a later revision is the same page's
    first, *others = sorted(pages.values(), key=lambda row: (_moment(row), row.captured_at, row.url))
    copies = [_copy(first, first, Likeness(1.0, 1.0, len(first.hashes)))]
    phrases = phrases_of(_holders(state, _sketch(first)))
    for row in others:
        alike = likeness(_sketch(row), _sketch(first), common_phrases=phrases)
        if alike.is_copy and alike.share >= min_share:
            copies.append(_copy(row, first, alike))
    return SharedStory(sites=len({copy.site for copy in copies}), copies=tuple(copies))


def _copy(row: SketchRow, first: SketchRow, alike: Likeness) -> Copy:
    return Copy(
        site=row.site,
        url=row.url,
        kind="first" if row is first else copy_kind(_sketch(row), _sketch(first), alike),
        title=row.title,
        published_at=row.published_at,
        first_seen_at=row.captured_at,
        of_first=round(alike.of_other, 2),
        own=round(1 - alike.of_this, 2),
        same_title=fold(row.title or "") == fold(first.title or ""),
    )


def _moment(row: SketchRow) -> datetime:
    """Return when an article was out: as it says itself to the minute, if that may be; else when we had it."""
    said = moment_of(row.published_at) if row.published_at and "T" in row.published_at else None
    return said if said is not None and row.captured_at - _MOST_AHEAD <= said <= row.captured_at else row.captured_at


def _sketch(row: SketchRow) -> Sketch:
    return Sketch(row.scale, row.hashes, row.digest)


def by_site(told: Sequence[SharedStory]) -> Iterator[tuple[str, int, int]]:
    """Yield each site with how many of the stories it had first, and how many after another site."""
    firsts: Counter[str] = Counter()
    copies: Counter[str] = Counter()
    for story in told:
        firsts[story.copies[0].site] += 1
        copies.update({copy.site for copy in story.copies[1:]} - {story.copies[0].site})
    yield from ((site, firsts[site], copies[site]) for site in sorted({*firsts, *copies}))
