"""Scrapy's redirects, resolved like every other link, without its Referer: what is archived is what a visitor without history would be sent."""

from __future__ import annotations

__all__ = ["PlainRedirects"]

from typing import TYPE_CHECKING

from scrapy.downloadermiddlewares.redirect import RedirectMiddleware

from crawler.errors import UsageError
from crawler.urls import join, sent_link

if TYPE_CHECKING:
    from scrapy import Request, Spider
    from scrapy.crawler import Crawler
    from scrapy.http import Response


_REDIRECTS = frozenset((301, 302, 303, 307, 308))


class PlainRedirects(RedirectMiddleware):
    """Follows redirects; looks for no RefererMiddleware, which would pass every request once more through a generator."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> PlainRedirects:
        """Return the middleware of `crawler`'s run."""
        made = cls(crawler.settings)
        made.crawler = crawler
        return made

    def process_response(
        self,
        request: Request,
        response: Response,
        spider: Spider | None = None,  # noqa: ARG002 - as its base class has it
    ) -> Request | Response:
        """Return the request that a redirect asks for, its address as browsers resolve it; else `response`."""
        location = response.headers.get("Location")
        if location is None or response.status not in _REDIRECTS:
            return response
        try:
            target = join(request.url, sent_link(location))
        except UsageError:
            return response
        resolved = response.replace(headers={**response.headers, "Location": target})
        following = super().process_response(request, resolved)
        return response if following is resolved else following

    def handle_referer(self, request: Request, response: Response) -> None:  # noqa: ARG002 - as its base class has it
        """Send none."""
        request.headers.pop("Referer", None)
