"""The spider for nearly every site, and for single targets: reads channels, follows what they announce.

It keeps nothing itself. What to fetch and what became of it is the frontier's; what a channel says is told by the
pure parsers; article pages leave undecoded for the parse stage. Every URL it asks for is settled exactly once by the
response or the error, the URLs that were redirected to it included.
"""

from __future__ import annotations

__all__ = ["NewsSpider"]

from collections.abc import AsyncIterator, Generator, Iterator, Sequence
from typing import Any

import msgspec
from scrapy import Request, Spider
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.errors import DiscoveryError
from crawler.http.coding import decode_body
from crawler.model.capture import Announcement, Capture, Provenance, Role
from crawler.model.captured import CapturedPage
from crawler.model.frontier import Frontier
from crawler.model.run import Outcome, Run, Validators
from crawler.model.site import Site
from crawler.parse.discover.sniff import sniff
from crawler.urls import host_of
from spiders.feed import from_feed
from spiders.found import Found
from spiders.listing import from_listing
from spiders.outcome import outcome_of
from spiders.sitemap import from_sitemap

_PRIORITY = {"seed": 100, "feed": 40, "listing": 30, "sitemap": 20}
_CHANNEL_PRIORITY = 90
_STEP = 150
"""Announcements admitted before others may go on: some 20 ms."""
_INDEX_DEPTH = 3
"""Indexes of indexes exist, if not in the protocol; deeper ones are loops."""


class NewsSpider(Spider):
    """Crawls one site once: ``site``, ``run``, ``frontier`` and ``live`` (the download handler's) come as keywords."""

    name = "news"
    child_budget = 20
    """Sitemaps that one index may add to a run."""

    def __init__(self, *, site: Site, run: Run, frontier: Frontier, live: object = None, **kwargs: Any) -> None:
        super().__init__(site.name or self.name, **kwargs)
        self.site = site
        self.run = run
        self.frontier = frontier
        self.live = live
        self.hosts = (host_of(site.home), *site.hosts)

    async def start(self) -> AsyncIterator[Request]:
        """Yield the requests for the run's targets or the site's channels, then what earlier runs left over."""
        for channel in self._seeds():
            yield self._request(channel)
        for announcement in self.frontier.pending():
            yield self._request(announcement)

    def parse(self, response: Response) -> Iterator[Request | CapturedPage | None]:
        """Settle what came and yield what follows from it; the callback of every request.

        None is yielded by what takes long, so that others may go on meanwhile.
        """
        provenance: Provenance = response.meta["provenance"]
        capture: Capture | None = response.meta.get("capture")
        self._settle_redirects(response.meta, response.url)
        if response.status == 304:
            self._settle(response, "not_modified")
        elif response.status != 200:
            self._settle(response, "failed", f"http_{response.status}")
        elif capture is None:
            self._settle(response, "failed", "not_archived")  # what is not in the archive was not seen
        elif provenance.role == "article":
            yield from self._page(response, capture)  # what it is, is judged where it is read
        else:
            yield from self._channel(response, capture, provenance.role)

    def on_error(self, failure: Failure) -> None:
        """Settle a URL that got no response; the errback of every request."""
        request: Request = failure.request  # type: ignore[attr-defined]  # Scrapy sets it
        error = failure.value
        assert error is not None  # a failure always holds one
        decided = outcome_of(error)
        if decided is None:
            return  # not the URL's fault: it stays queued, and who raised this ends the run
        self._settle_redirects(request.meta, request.url)
        outcome, reason = decided
        provenance: Provenance = request.meta["provenance"]
        self.frontier.settle(request.url, outcome, reason, request.meta.get("capture"), provenance.role)

    # --- what to ask for

    def _seeds(self) -> Iterator[Announcement]:
        site = self.site
        declared: dict[str, Role] = dict.fromkeys(site.sections, "listing")
        declared |= dict.fromkeys((*site.sitemaps, *site.news_sitemaps), "sitemap")
        declared |= dict.fromkeys(site.feeds, "feed")
        urls = self.run.targets or (*site.feeds, *site.news_sitemaps, *site.sitemaps, *site.sections)
        for url in dict.fromkeys(urls):
            yield Announcement(url=url, role=declared.get(url, "probe"), source="seed")

    def _request(self, announcement: Announcement, *, depth: int = 0) -> Request:
        role = announcement.role
        is_channel = role in ("feed", "sitemap", "listing")
        provenance = Provenance(run=self.run.id, site=self.site.name, role=role, announcement=announcement)
        priority = _PRIORITY[announcement.source]
        return Request(
            announcement.url,
            callback=self.parse,
            errback=self.on_error,
            headers=self._conditions(announcement.url) if is_channel else None,
            priority=max(priority, _CHANNEL_PRIORITY) if is_channel else priority,
            dont_filter=True,  # the frontier knows what was asked for, in this run and before
            meta={
                "provenance": provenance,
                "index_depth": depth,
                # the beginning of a channel is worth reading, the beginning of an article is not the article
                "download_fail_on_dataloss": not is_channel,
            },
        )

    def _conditions(self, url: str) -> dict[str, str]:
        known = self.frontier.validators(url)
        if known is None:
            return {}
        fields = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
        return {name: value for name, value in fields.items() if value}

    # --- what came

    def _page(self, response: Response, capture: Capture) -> Iterator[CapturedPage]:
        if capture.kind == "revisit" and self.frontier.has_article(capture.url):
            self._settle(response, "duplicate")
            return  # of one that gave no article, the parser may have died
        provenance: Provenance = response.meta["provenance"]
        self._settle(response, "captured")
        yield CapturedPage(
            capture=capture,
            block=response.meta["block"],
            head=response.meta.get("head"),
            provenance=msgspec.structs.replace(provenance, redirects=_redirects(response.meta)),
            truncated=capture.truncated is not None,
        )

    def _channel(self, response: Response, capture: Capture, role: Role) -> Iterator[Request | CapturedPage | None]:
        body, flags = _entity(response)
        # of a probe the replay must find the same, so only what the archive keeps may decide
        kind = sniff(body, content_type=capture.mime, url=capture.url) if role == "probe" else role
        if kind == "article":
            yield from self._page(response, capture)
            return
        try:
            found = yield from self._read(kind, body, response)
        except DiscoveryError as error:
            self.logger.info("%s", error)
            self._settle(response, "failed", "not_recognised" if role == "probe" else f"not_a_{role}")
            return
        cut = capture.truncated is not None or bool(flags)
        # a link that was cut with its item leads nowhere; it is whole next time
        torn = cut and kind == "feed" and _ends_within_item(body)
        admitted = yield from self._admit(found.announcements[:-1] if torn else found.announcements)
        self._settle(
            response, "duplicate" if capture.kind == "revisit" else "captured", "empty" if found.is_empty else None
        )
        if found.whole and not cut:
            validators = Validators(_field(response, "ETag"), _field(response, "Last-Modified"))
            self.frontier.remember(_asked(response), validators)
        depth = response.meta.get("index_depth", 0) + 1
        if depth <= _INDEX_DEPTH:
            yield from (self._request(channel, depth=depth) for channel in found.channels)
        yield from (self._request(announcement) for announcement in admitted)

    def _admit(self, announcements: Sequence[Announcement]) -> Generator[None, None, list[Announcement]]:
        """Have the frontier admit `announcements`, so many at a time that nobody waits for long."""
        admitted = self.frontier.admit(announcements[:_STEP])
        for start in range(_STEP, len(announcements), _STEP):
            yield
            admitted += self.frontier.admit(announcements[start : start + _STEP])
        return admitted

    def _read(self, kind: str, body: bytes, response: Response) -> Generator[None, None, Found]:
        """Return what the channel says; a feed declared as sitemap, or the reverse, is read as what it is."""
        url, content_type = response.url, _field(response, "Content-Type")
        if kind in ("feed", "sitemap"):
            seen = sniff(body, content_type=content_type, url=url)
            kind = seen if seen in ("feed", "sitemap") else kind
        if kind == "feed":
            return from_feed(body, url=url, content_type=content_type)
        if kind == "sitemap":
            return (
                yield from from_sitemap(
                    body, url=url, hosts=self.hosts, horizon=self.frontier.horizon, budget=self.child_budget
                )
            )
        if kind == "listing":
            return from_listing(body, url=url, content_type=content_type, hosts=self.hosts)
        raise DiscoveryError(
            f"{url} is neither feed, sitemap, section page nor article",
            next_step="open it in a browser to see what it is",
        )

    # --- the ledger

    def _settle(self, response: Response, outcome: Outcome, reason: str | None = None) -> None:
        provenance: Provenance = response.meta["provenance"]
        self.frontier.settle(response.url, outcome, reason, response.meta.get("capture"), provenance.role)

    def _settle_redirects(self, meta: dict[str, Any], final: str) -> None:
        for url in _redirects(meta):
            if url != final:
                self.frontier.settle(url, "redirected", final)


def _redirects(meta: dict[str, Any]) -> tuple[str, ...]:
    return tuple(meta.get("redirect_urls", ()))


def _asked(response: Response) -> str:
    """Return the URL that was asked for before any redirect: the next run asks for it again."""
    return next(iter(_redirects(response.meta)), response.url)


def _entity(response: Response) -> tuple[bytes, tuple[str, ...]]:
    fields = [(name, value) for name, values in response.headers.items() for value in values]
    return decode_body(fields, response.body)


def _field(response: Response, name: str) -> str | None:
    value = response.headers.get(name)
    return None if value is None else value.decode("latin-1")


def _ends_within_item(body: bytes) -> bool:
    """Tell whether a feed of XML stops before its last item does."""
    begins = max(body.rfind(b"<item"), body.rfind(b"<entry"))
    return begins > max(body.rfind(b"</item>"), body.rfind(b"</entry>"))
