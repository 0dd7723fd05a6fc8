"""What one look at a channel showed: what it is, what it yields, or why it yields nothing."""

from __future__ import annotations

__all__ = ["ChannelReport"]

import msgspec

from crawler.model.capture import Role

_WORKS = (None, "empty")


class ChannelReport(msgspec.Struct, frozen=True, kw_only=True):
    """One feed, sitemap or section page, as one request found it."""

    url: str
    """As declared, in normal form."""
    site: str
    declared: Role
    kind: str | None = None
    """``RSS``, ``Atom``, ``RDF``, ``JSON Feed``, ``news sitemap``, ``sitemap``, ``sitemap index``, ``list of
    addresses``, ``section page``; None: it is none of them, or nothing came."""
    status: int | None = None
    """Of the last answer; None: there was none."""
    items: int = 0
    """Stories it lists; of an index, sitemaps."""
    newest_at: str | None = None
    """ISO 8601: the latest date it gives, as far as that is not in the future."""
    language: str | None = None
    """BCP 47, as it says."""
    title: str | None = None
    redirected_to: str | None = None
    reason: str | None = None
    """What is wrong, as the ledger has it; None: nothing."""
    detail: str | None = None
    """What more can be said of that, in words."""

    @property
    def works(self) -> bool:
        """Tell whether a crawl could read it; an empty one is not broken."""
        return self.reason in _WORKS
