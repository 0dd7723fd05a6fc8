"""What the state keeps besides the model's values: frozen rows as its callers get them."""

from __future__ import annotations

__all__ = [
    "AlarmRow",
    "ArticleRow",
    "CaptureRow",
    "Due",
    "EditCounts",
    "Event",
    "Fire",
    "FirePolicy",
    "Following",
    "Known",
    "ManifestRow",
    "Notice",
    "ReceiptRow",
    "Recovered",
    "RobotsRow",
    "Severity",
    "Told",
]

from datetime import datetime
from typing import Literal, NamedTuple

import msgspec

from crawler.model.capture import Announcement, Capture, Role
from crawler.model.run import Outcome

Severity = Literal["warning", "critical"]
"""``critical``: what is published now may be missed for good, or soon will be."""

FirePolicy = Literal["ran", "first", "coalesced", "skipped_overlap", "missed"]
"""``ran``: a run was queued on time. ``first``: the site was never crawled, so it was due at once. ``coalesced``: one
run was queued for it and the `earlier` ones. ``skipped_overlap``: a run of the site was still queued or running.
``missed``: too long ago to be made good, as were the fires from it to the next recorded one."""


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One line in the history of a URL: an announcement, or what became of it in a run."""

    url: str
    at: datetime
    run: str
    outcome: Outcome
    reason: str | None = None
    source: str | None = None
    """Of an announcement: feed, sitemap, listing, seed."""
    via: str | None = None
    """URL of the feed, sitemap or page that announced it."""
    article_id: str | None = None
    warc: str | None = None
    """With offset and length: the capture's record."""
    warc_offset: int | None = None
    warc_length: int | None = None


class Told(NamedTuple):
    """An announcement with what the frontier makes of it."""

    announcement: Announcement
    identity: str | None
    """The key that all addresses of the page share; None for a channel."""
    rank: datetime
    """The moment by which it is put in order, the later the sooner."""


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What the ledger has of a URL when it is announced again."""

    url: str
    identity: str | None
    page: str | None
    """The URL of the page that this one is only another address of."""
    role: Role
    outcome: Outcome
    reason: str | None
    via: str | None
    """The channel that announced it first."""
    title: str | None
    published_at: str | None
    modified_at: str | None
    """As it was announced last."""
    first_seen_at: datetime
    read_at: datetime | None
    held_by: str | None
    attempts: int
    next_try_at: datetime | None
    article_id: str | None


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """A URL that may be fetched now, with what was said of it."""

    announcement: Announcement
    rank: datetime | None
    outcome: Outcome
    attempts: int
    first_seen_at: datetime
    read_at: datetime | None
    article_id: str | None
    first_article_at: datetime | None
    """When the first capture was made that gave an article; None: there is none."""
    first_article_id: str | None
    signalled: bool
    """A channel told of a change."""
    next_try_at: datetime | None = None


class EditCounts(msgspec.Struct, frozen=True, kw_only=True):
    """What visits to a site's articles found."""

    visits: int = 0
    """That no channel asked for."""
    stories: int = 0
    """Of these: made a day after the first reading or later."""
    changed: int = 0
    """Of these: the article said something else than at first."""
    told: int = 0
    """Visits that a channel asked for and that found another text."""
    silent: int = 0
    """Visits that found another text although the channel that lists the story told of no change."""


class Following(msgspec.Struct, frozen=True, kw_only=True):
    """What a settlement says of the URL's future."""

    attempts: int | None = 0
    """Tries in a row that gave nothing; None: as many as before."""
    next_try_at: datetime | None = None
    next_visit_at: datetime | None = None
    identity: str | None = None
    page: str | None = None
    stays: Outcome | None = None
    """The outcome that the URL keeps, for an article that is read again."""


class ReceiptRow(msgspec.Struct, frozen=True, kw_only=True):
    """The store's confirmation that it holds a WARC whole."""

    warc: str
    """File name, without folder."""
    key: str
    """Of the object in the store."""
    size_bytes: int
    sha256: str
    """Hex."""
    etag: str | None = None
    shipped_at: datetime
    cdxj_sha256: str | None = None
    """Hex, of the index beside it; None in rows older than this column."""


class ManifestRow(msgspec.Struct, frozen=True, kw_only=True):
    """A manifest as it was written."""

    key: str
    sha256: str
    """Hex."""
    sequence: int
    """Place in the chain, from 0."""


class RobotsRow(msgspec.Struct, frozen=True, kw_only=True):
    """One origin's robots.txt as it was last fetched."""

    origin: str
    status: int | None
    """None: no answer came."""
    body: bytes
    fetched_at: datetime
    expires_at: datetime


class ArticleRow(msgspec.Struct, frozen=True, kw_only=True):
    """One emitted article: a revision of a URL."""

    url: str
    captured_at: datetime
    article_id: str
    site: str
    run: str
    title: str | None = None
    published_at: str | None = None
    language: str | None = None
    """BCP 47; None also for rows older than this column."""
    word_count: int | None = None
    """None also for rows older than this column."""
    path: str
    """Key of the text document in the store."""


class AlarmRow(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was wrong, or is."""

    id: int
    kind: str
    """In snake case, one of few."""
    severity: Severity
    site: str | None = None
    """None: the whole archive's."""
    message: str
    raised_at: datetime
    seen_at: datetime
    """When it was last found to be so."""
    cleared_at: datetime | None = None
    """None: it is so now."""


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """What a channel is still to be told."""

    event: Literal["raised", "cleared"]
    alarm: AlarmRow


class CaptureRow(msgspec.Struct, frozen=True, kw_only=True):
    """A capture with what fetched it."""

    capture: Capture
    run: str
    site: str
    role: Role


class Fire(msgspec.Struct, frozen=True, kw_only=True):
    """One moment a schedule named, and what was done about it."""

    site: str
    scheduled_at: datetime
    policy: FirePolicy
    earlier: int = 0
    """Fires before this one that it stands for, too."""
    run: str | None = None
    noted_at: datetime


class Recovered(NamedTuple):
    """Runs whose process had gone: ids queued again, and ids ended."""

    requeued: tuple[str, ...]
    ended: tuple[str, ...]
