"""Scrapy's redirects without its Referer: what is archived is what a visitor without history would be sent."""

from __future__ import annotations

__all__ = ["PlainRedirects"]

from typing import TYPE_CHECKING

from scrapy.downloadermiddlewares.redirect import RedirectMiddleware

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response


class PlainRedirects(RedirectMiddleware):
    """Follows redirects; looks for no RefererMiddleware, which would pass every request once more through a generator."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> PlainRedirects:
        """Return the middleware of `crawler`'s run."""
        made = cls(crawler.settings)
        made.crawler = crawler
        return made

    def handle_referer(self, request: Request, response: Response) -> None:  # noqa: ARG002 - as its base class has it
        """Send none."""
        request.headers.pop("Referer", None)
