"""Redirects, with the cookies that one chain of them sets: by status, by the Refresh field, by a page that only leads
on.

Some servers set a cookie and send the reader round until it comes back; without it the chain never ends. So a cookie
lives as long as the chain that set it (it crossed the wire, so it is in the archive), and no longer: what is archived
is what a visitor without history would be sent. No Referer, for the same reason.
"""

from __future__ import annotations

__all__ = ["ChainRedirects"]

from typing import TYPE_CHECKING

from scrapy import Request
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http.cookies import CookieJar

from crawler.errors import UsageError
from crawler.frontier.refresh import refresh_target
from crawler.http.coding import decode_body
from crawler.http.status import is_answer
from crawler.urls import join, sent_link

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response

_MOST_BYTES = 32_768
"""Of a body as sent: a page that only leads on is small, and larger ones are not decoded here."""
_PAGES = ("article", "probe")
_REDIRECTS = frozenset((301, 302, 303, 307, 308))


class ChainRedirects(RedirectMiddleware):
    """Follows redirects; looks for no RefererMiddleware, which would pass every request once more through a
    generator.
    """

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ChainRedirects:
        """Return the middleware of `crawler`'s run."""
        made = cls(crawler.settings)
        made.crawler = crawler
        return made

    def handle_referer(self, request: Request, response: Response) -> None:  # noqa: ARG002 - as its base class has it
        """Send none."""
        request.headers.pop("Referer", None)

    def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]  # without the spider, which is deprecated
        """Return the request that follows from `response`, or `response` if it leads no further."""
        following = self._redirected(request, response)
        if following is response:
            following = self._refreshed(request, response)
        if isinstance(following, Request):
            self._carry_cookies(request, response, following)
            self._stop_circles(request, following)
        return following

    def _redirected(self, request: Request, response: Response) -> Request | Response:
        """Follow a redirect by status, its address resolved as browsers do."""
        location = response.headers.get("Location")
        if location is None or response.status not in _REDIRECTS:
            return response
        try:
            target = join(request.url, sent_link(location))
        except UsageError:
            return response
        resolved = response.replace(headers={**response.headers, "Location": target})
        following: Request | Response = super().process_response(request, resolved)
        return response if following is resolved else following

    def _refreshed(self, request: Request, response: Response) -> Request | Response:
        """Follow a page that only leads on; in a channel's place, one with nothing to read, for section pages may load
        themselves anew.
        """
        provenance = request.meta.get("provenance")
        is_page = provenance is not None and provenance.role in _PAGES
        if not is_answer(response.status) or provenance is None or not (is_page or _is_html(response)):
            return response
        field = _refresh_field(response) if is_page else None
        target = refresh_target(request.url, field, _small_body(response), again="Set-Cookie" in response.headers)
        if target is None:
            return response
        following = self._redirect_request_using_get(request, response, target)
        return self._redirect(following, request, "refresh")

    def _carry_cookies(self, request: Request, response: Response, following: Request) -> None:
        jar: CookieJar | None = request.meta.get("chain_cookies")
        if "Set-Cookie" in response.headers:
            jar = jar or CookieJar()
            jar.extract_cookies(response, request)
        if jar is None:
            return
        following.meta["chain_cookies"] = jar
        following.headers.pop("Cookie", None)
        jar.add_cookie_header(following)

    def _stop_circles(self, request: Request, following: Request) -> None:
        """Ask nothing a second time in one chain: the answer would be the same."""
        asked = request.meta.get("chain_asked") or frozenset((_asked(request),))
        if _asked(following) in asked:
            raise IgnoreRequest(f"redirects in a circle: {following.url}")
        following.meta["chain_asked"] = asked | {_asked(following)}


def _asked(request: Request) -> tuple[str, bytes | None]:
    return request.url, request.headers.get("Cookie")


def _refresh_field(response: Response) -> str | None:
    value = response.headers.get("Refresh")
    return None if value is None else value.decode("latin-1")


def _is_html(response: Response) -> bool:
    return b"html" in (response.headers.get("Content-Type") or b"").lower()


def _small_body(response: Response) -> bytes:
    """Return the decoded body if it may be a page that only leads on."""
    if not response.body or len(response.body) > _MOST_BYTES:
        return b""
    coding = response.headers.get("Content-Encoding")
    if coding is None:
        return response.body
    body, _ = decode_body([(b"Content-Encoding", coding)], response.body, max_body=2 * _MOST_BYTES)
    return body
