"""An exchange kept: where it lies in the archive and how Warraq came to it."""

from __future__ import annotations

__all__ = ["Announcement", "Capture", "CaptureKind", "Earlier", "Provenance", "Role", "why_no_page"]

from datetime import datetime
from typing import Literal

import msgspec

from crawler.http.status import is_answer

Role = Literal["article", "feed", "sitemap", "listing", "robots", "probe", "asset"]
"""What a URL was fetched as. ``probe`` is a target whose nature is not known before it is seen, ``asset`` what a page's
scripts asked for."""

CaptureKind = Literal["response", "revisit", "conversion"]
"""``conversion``: the page that a browser made of a response (`crawler.model.rendered`)."""


class Announcement(msgspec.Struct, frozen=True, kw_only=True):
    """A URL somebody told us about, with what they said of it."""

    url: str
    role: Role
    source: Literal["feed", "sitemap", "listing", "seed"]
    via: str | None = None
    """URL of the feed, sitemap or page that announced it; None for a seed."""
    title: str | None = None
    published_at: str | None = None
    """As the source wrote it, normalised to ISO 8601; None if it did not say."""
    modified_at: str | None = None


class Earlier(msgspec.Struct, frozen=True):
    """The first article of a page that is read again."""

    id: str
    captured_at: datetime


class Provenance(msgspec.Struct, frozen=True, kw_only=True):
    """How Warraq came to fetch a URL; goes into the metadata record beside the capture."""

    run: str
    site: str
    role: Role
    announcement: Announcement | None = None
    redirects: tuple[str, ...] = ()
    """The URLs that led here, first one first."""
    earlier: Earlier | None = None
    """The first article of the page, where it was read again."""


class Capture(msgspec.Struct, frozen=True, kw_only=True):
    """One kept response: its record's address and digests. Whoever holds one may rely on its being on disk."""

    url: str
    captured_at: datetime
    kind: CaptureKind
    warc: str
    """Final name of the WARC file, without folder."""
    offset: int
    length: int
    """Of the response (or revisit) record's compressed member, in bytes."""
    record_id: str
    """``<urn:uuid:...>``"""
    status: int
    mime: str
    """Media type in lower case without parameters; ``unk`` if not declared."""
    payload_sha1: str
    """Base32, 32 characters."""
    payload_sha256: str
    """Hex, 64 characters."""
    truncated: str | None = None


def why_no_page(capture: Capture, known: Provenance | None, *, error: str | None = None) -> str | None:
    """Return why no article is looked for in an archived capture; None: it takes the road to the parser.

    The one place that decides by what the archive says of a capture; the page itself is judged where it is read.
    `known` is how Warraq came to it, `error` what went wrong with the exchange; of others' captures both are None, and
    a page that was cut or badly chunked is better than none.
    """
    if capture.kind == "revisit":
        return "revisit"
    if known is not None and known.role not in ("article", "probe"):
        return known.role
    if known is not None and capture.truncated is not None:
        return "truncated"
    if known is not None and error is not None:
        return "broken"
    return None if is_answer(capture.status) else "status"
