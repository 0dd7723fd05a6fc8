"""What keeps one run from asking for the same URL twice by accident."""

from __future__ import annotations

__all__ = ["SeenUrls"]

from typing import TYPE_CHECKING

from scrapy.dupefilters import BaseDupeFilter

if TYPE_CHECKING:
    from scrapy import Request


class SeenUrls(BaseDupeFilter):
    """Remembers (method, URL) of this run as they are written; ``dont_filter`` is Scrapy's way around it.

    The frontier in the state already knows every URL in its normal form, so Scrapy's fingerprints, which normalise
    and hash each URL once more, would buy nothing.
    """

    def __init__(self) -> None:
        self._seen: set[tuple[str, str]] = set()

    def request_seen(self, request: Request) -> bool:
        """Tell whether `request` was asked before, and remember it."""
        key = (request.method, request.url)
        if key in self._seen:
            return True
        self._seen.add(key)
        return False

    def log(self, request: Request, spider: object) -> None:
        """Say nothing: the frontier has the URL's outcome."""
