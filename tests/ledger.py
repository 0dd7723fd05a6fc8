"""What the ledger is told in tests: announcements with an identity and a rank that follow from their place."""

from __future__ import annotations

__all__ = ["pages", "told_of"]

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from crawler.model.capture import Announcement
from crawler.state import Told

_NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def told_of(announcements: Iterable[Announcement]) -> list[Told]:
    """Return `announcements` as the frontier tells the ledger of them, the first one to be fetched first."""
    return [
        Told(one, one.url.partition("://")[2], _NOON - timedelta(seconds=place))
        for place, one in enumerate(announcements)
    ]


def pages(*urls: str, via: str | None = None) -> list[Told]:
    """Return what is told of pages that a feed lists."""
    return told_of(Announcement(url=url, role="article", source="feed", via=via) for url in urls)
