"""The article: what parse returns, and the record that is written (docs/format.md)."""

from __future__ import annotations

__all__ = [
    "Access",
    "Article",
    "ArticleHead",
    "ArticleRecord",
    "ArticleText",
    "BlockKind",
    "CaptureRef",
    "DateCandidate",
    "Image",
    "RevisionOf",
    "RightsSignal",
    "TextBlock",
    "to_record",
]

from typing import Literal

import msgspec

from crawler.clock import iso_utc
from crawler.model.capture import Capture, Earlier

Access = Literal["full", "teaser", "wall", "consent", "login", "soft404", "bot_wall", "needs_javascript"]
BlockKind = Literal["paragraph", "heading", "item", "quote", "table", "pre"]


class DateCandidate(msgspec.Struct, frozen=True):
    """A date the page gives, and where: ``json-ld:datePublished``, ``meta:article:published_time``, ``url`` ..."""

    value: str
    source: str


class Image(msgspec.Struct, frozen=True):
    """A picture of the article; `url` is absolute."""

    url: str
    caption: str | None = None
    alt: str | None = None


class RightsSignal(msgspec.Struct, frozen=True):
    """A statement about use in force at capture: ``x-robots-tag``: ``noarchive`` ..."""

    source: str
    value: str


class TextBlock(msgspec.Struct, frozen=True):
    """One block of the body. `level`: heading 1-6, nesting depth of an item from 0, else 0."""

    kind: BlockKind
    level: int
    text: str


class Article(msgspec.Struct, frozen=True, kw_only=True):
    """What a page says, as a pure function of its bytes, URL, moment, rules and parser version."""

    id: str
    """First 16 hex digits of the SHA-256 of `text` in UTF-8."""
    url: str
    canonical_url: str | None
    title: str | None
    labels: tuple[str, ...]
    authors: tuple[str, ...]
    published_at: str | None
    modified_at: str | None
    date_candidates: tuple[DateCandidate, ...]
    language: str | None
    direction: Literal["ltr", "rtl"]
    site_name: str | None
    description: str | None
    keywords: tuple[str, ...]
    image: str | None
    images: tuple[Image, ...]
    blocks: tuple[TextBlock, ...]
    body: str
    tail: str | None
    text: str
    word_count: int
    access: Access
    access_evidence: tuple[str, ...]
    rights: tuple[RightsSignal, ...]
    flags: tuple[str, ...]
    charset: str
    captured_at: str
    status: int
    parser_version: str
    rules_version: str | None
    fingerprint: str


class CaptureRef(msgspec.Struct, frozen=True):
    """Where the page's record lies."""

    warc: str
    offset: int
    length: int
    record_id: str
    payload_sha256: str


class RevisionOf(msgspec.Struct, frozen=True):
    """The first article of a page whose text changed since."""

    id: str
    captured_at: str
    """RFC 3339, as that article's own line has it."""


class ArticleRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One line of ``articles.jsonl``; the order of the fields is the order of the keys."""

    id: str
    url: str
    canonical_url: str | None
    site: str | None
    title: str | None
    labels: tuple[str, ...]
    authors: tuple[str, ...]
    published_at: str | None
    modified_at: str | None
    date_candidates: tuple[DateCandidate, ...]
    language: str | None
    direction: Literal["ltr", "rtl"]
    site_name: str | None
    description: str | None
    keywords: tuple[str, ...]
    image: str | None
    images: tuple[Image, ...]
    blocks: tuple[TextBlock, ...]
    body: str
    tail: str | None
    text: str
    word_count: int
    access: Access
    access_evidence: tuple[str, ...]
    rights: tuple[RightsSignal, ...]
    flags: tuple[str, ...]
    charset: str
    captured_at: str
    status: int
    capture: CaptureRef | None
    run: str | None
    parser_version: str
    rules_version: str | None
    fingerprint: str
    revision_of: RevisionOf | None = None
    """None: it is the first article of its page."""


class ArticleHead(msgspec.Struct, frozen=True, kw_only=True):
    """What of a line of ``articles.jsonl`` lists of articles need; read without decoding the rest of the line."""

    id: str
    url: str
    captured_at: str
    canonical_url: str | None = None
    site: str | None = None
    run: str | None = None
    title: str | None = None
    published_at: str | None = None
    language: str | None = None
    word_count: int | None = None


class ArticleText(ArticleHead, frozen=True, kw_only=True):
    """The same with the text."""

    text: str


_SHARED = tuple(f for f in ArticleRecord.__struct_fields__ if f in Article.__struct_fields__)


def to_record(
    article: Article,
    *,
    site: str | None = None,
    run: str | None = None,
    capture: Capture | None = None,
    earlier: Earlier | None = None,
) -> ArticleRecord:
    """Return the record of `article` with what only the archive knows: site, run, the capture's address, what it
    revises.
    """
    ref = None
    captured_at = article.captured_at
    if capture is not None:
        ref = CaptureRef(capture.warc, capture.offset, capture.length, capture.record_id, capture.payload_sha256)
        captured_at = iso_utc(capture.captured_at)
    fields = {name: getattr(article, name) for name in _SHARED}
    first = None if earlier is None else RevisionOf(earlier.id, iso_utc(earlier.captured_at))
    own = {"captured_at": captured_at, "site": site, "run": run, "capture": ref, "revision_of": first}
    return ArticleRecord(**{**fields, **own})
