"""Discovery: what every spider here does, and the two things one of your own says differently.

A spider keeps nothing itself. What to fetch and what became of it is the frontier's; article pages leave undecoded for
the parse stage. Every URL that is asked for is settled exactly once by the response or the error, the URLs that were
redirected to it included. A subclass tells which channels there are (`Discovery.channels`) and what one says
(`Discovery.read`), and nothing else: order, budgets, retries, conditions, redirects and outcomes are the same for all.
"""

from __future__ import annotations

__all__ = ["Answer", "Discovery", "asked_url"]

from collections.abc import AsyncIterator, Generator, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec
from scrapy import Request, Spider
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.errors import DiscoveryError
from crawler.frontier.admission import led_astray
from crawler.http.status import is_answer
from crawler.model.capture import Announcement, Capture, Earlier, Provenance, Role
from crawler.model.captured import CapturedPage
from crawler.model.frontier import Frontier, Wanted
from crawler.model.run import KNOWN_PAGE, Outcome, Run, Validators
from crawler.model.site import Site
from crawler.parse.discover.leads import link_in_field
from crawler.parse.discover.sniff import PageKind, sniff
from crawler.parse.discover.wishes import wishes_of
from crawler.urls import host_of
from spiders.answer import Answer, Apart, checked_answer, decoded_entity, header_field
from spiders.found import Found, Places
from spiders.outcome import outcome_of

_HELD_UP_PRIORITY = 110
_CHANNEL_PRIORITY = 100
_PAGE_PRIORITY = 40
_CHILD_PRIORITY = 20
"""Of the sitemaps of an index: the news does not wait for them."""
_LONG = 512 * 1024
_LONG_PACKED = 16 * 1024
"""Bytes of a channel from which on it is read apart; packed ones are often ten times as long, bombs a thousand
times."""
_STEP = 150
"""Announcements entered before others may go on: some 20 ms."""

_GONE = ("http_404", "http_410")
_PAGES: tuple[Role, ...] = ("article", "probe")


class Discovery(Spider):
    """Discovers the pages of one site in one run. Derive from it and say what `read` returns.

    What it gets: ``site`` (its declaration), ``run``, and ``frontier``, which it need not touch. A site's declaration
    names it by its dotted name (``spider = "..."``).
    """

    name = "discovery"
    depth = 3
    """How far a channel may lead to further channels: indexes of indexes exist, if not in the protocol; deeper are
    loops."""

    pages = 5
    """How many further pages of a channel are read when it has moved on by more than it holds."""

    def __init__(self, *, site: Site, run: Run, frontier: Frontier, apart: Apart | None = None, **kwargs: Any) -> None:
        super().__init__(site.name or self.name, **kwargs)
        self.site = site
        self.run = run
        self.frontier = frontier
        self._apart = apart
        self.hosts = (host_of(site.home), *site.hosts)
        self.is_undeclared = site.home in run.targets
        """The site was made up for an address given by hand: what its channels say of it is all that is known."""
        self._reading: dict[str, int] = {}
        """The channels that are being read, with their depth below the site's own."""
        self._asked_for: set[str] = set()
        """Each channel is read once in a run, however many lead to it."""

    # --- what a spider of one's own says

    def channels(self) -> Iterable[Announcement]:
        """Return what to read in every run: the run's targets, else the channels that the site declares."""
        site = self.site
        declared: dict[str, Role] = dict.fromkeys(site.sections, "listing")
        declared |= dict.fromkeys((*site.sitemaps, *site.news_sitemaps), "sitemap")
        declared |= dict.fromkeys(site.feeds, "feed")
        urls = self.run.targets or (*site.feeds, *site.news_sitemaps, *site.sitemaps, *site.sections)
        for url in dict.fromkeys(urls):
            yield Announcement(url=url, role=declared.get(url, "probe"), source="seed")

    def read(self, answer: Answer) -> Found | Generator[None, None, Found]:
        """Return what the channel that gave `answer` announces, and the further channels it leads to.

        The same bytes must give the same again: a rebuild of the state asks a second time. A generator may yield None
        now and then where it takes long. Raises DiscoveryError if it is not what it was taken for; whatever else is
        raised fails this channel alone, too, and is logged.
        """
        raise NotImplementedError

    def places(self, answer: Answer) -> Places:  # noqa: ARG002 - for those that say otherwise
        """Return where channels may be of a site that nobody declared and whose front page, `answer`, lists nothing."""
        return Places()

    # --- the run

    async def start(self) -> AsyncIterator[Request]:
        """Yield the requests for the run's targets or the site's channels; pages follow when those have been read."""
        for wanted in self.frontier.held_up():
            yield self._page_request(wanted, priority=_HELD_UP_PRIORITY)
        due = (channel for channel in self.channels() if self.frontier.is_due(channel.url))
        for channel in (*due, *self.frontier.open_channels()):
            yield self._request(channel)
        for request in self._next():
            yield request

    def parse(
        self, response: Response
    ) -> Iterator[Request | CapturedPage | None] | AsyncIterator[Request | CapturedPage | None]:
        """Settle what came and yield what follows from it; the callback of every request.

        None is yielded by what takes long, so that others may go on meanwhile; a long feed or sitemap is read apart.
        """
        kind = self._long_kind(response) if self._apart is not None else None
        return self._parsed(response) if kind is None else self._parsed_apart(response, kind)

    async def _parsed_apart(
        self, response: Response, kind: Literal["feed", "sitemap"]
    ) -> AsyncIterator[Request | CapturedPage | None]:
        assert self._apart is not None  # asked before
        body, _ = decoded_entity(response)
        said = header_field(response, "Content-Type")
        language = next((one for one in self.site.languages if one != "und"), None)
        response.meta["parsed"] = await self._apart(kind, body, url=response.url, content_type=said, language=language)
        for one in self._parsed(response):
            yield one

    def _long_kind(self, response: Response) -> Literal["feed", "sitemap"] | None:
        """Return what a long channel is, None for all else: what is short is read faster than it is handed on."""
        role = response.meta["provenance"].role
        if role == "article" or not is_answer(response.status) or not _is_long(response):
            return None
        body, _ = decoded_entity(response)
        kind = sniff(body, content_type=header_field(response, "Content-Type"), url=response.url)
        return kind if kind in ("feed", "sitemap") else None

    def _parsed(self, response: Response) -> Iterator[Request | CapturedPage | None]:
        if "places" in response.meta and not self._is_channel(response):
            yield from self._guess(response.meta)
            yield from self._back_fill_instead(response.meta, response.url)
        else:
            yield from self._settled(response)
        yield from self._next(response.meta)

    def _settled(self, response: Response) -> Iterator[Request | CapturedPage | None]:
        provenance: Provenance = response.meta["provenance"]
        capture: Capture | None = response.meta.get("capture")
        if provenance.role == "article":
            astray = led_astray(_asked(response), response.url, self.hosts)
            if astray is not None:
                self._settle_astray(response.meta, response.url, *astray)
                return
        self._settle_redirects(response.meta, response.url)
        if response.status == 304 and capture is not None and capture.kind == "response":
            self._settle(response, "failed", "unasked_304")
            self._not_read(response.meta, "unasked_304")
        elif response.status == 304:
            if provenance.role not in _PAGES:
                self.frontier.note_reading(_asked(response), None)
            self._settle(response, "not_modified")
        elif not is_answer(response.status):
            self._settle(response, "failed", f"http_{response.status}")
            self._not_read(response.meta, f"http_{response.status}")
            yield from self._back_fill_instead(response.meta, response.url)
        elif capture is None:
            self._settle(response, "failed", "not_archived")  # what is not in the archive was not seen
        elif provenance.role == "article":
            yield from self._page(response, capture)  # what it is, is judged where it is read
        else:
            yield from self._channel(response, capture, provenance.role)

    def on_error(self, failure: Failure) -> list[Request]:
        """Settle a URL that got no response, and return what follows; the errback of every request."""
        request: Request = failure.request  # type: ignore[attr-defined]  # Scrapy sets it
        error = failure.value
        assert error is not None  # a failure always holds one
        decided = outcome_of(error)
        if decided is None:
            return []  # not the URL's fault: it stays queued, and who raised this ends the run
        outcome, reason = decided
        provenance: Provenance = request.meta["provenance"]
        url = request.url
        instead = list(self._back_fill_instead(request.meta, url))
        if "places" in request.meta:
            return [*self._guess(request.meta), *instead, *self._next(request.meta)]
        astray = led_astray(_asked(request), url, self.hosts) if provenance.role == "article" else None
        if astray is not None:
            self._settle_astray(request.meta, url, *astray)
            return list(self._next(request.meta))
        if reason == "too_many_redirects":
            url = next(iter(_redirects(request.meta)), url)  # the next try begins where this one did
        else:
            self._settle_redirects(request.meta, url)
        if reason == KNOWN_PAGE:
            return list(self._next(request.meta))
        self.frontier.settle(url, outcome, reason, request.meta.get("capture"), provenance.role)
        if outcome == "failed":
            self._not_read(request.meta, reason)
        return [*instead, *self._next(request.meta)]

    # --- what to ask for

    def _next(self, read: dict[str, Any] | None = None) -> Iterator[Request]:
        """Yield the requests for pages that may be asked for now that the channel of the meta `read` has been read.

        The news as soon as the site's own channels are read; what is old when the sitemaps of its indexes are, too.
        """
        if read is not None and self._reading.pop(read["provenance"].announcement.url, None) is None:
            return
        if any(depth == 0 for depth in self._reading.values()):
            return
        for wanted in self.frontier.take_up(whole=not self._reading):
            yield self._page_request(wanted)

    def _request(self, announcement: Announcement, *, depth: int = 0) -> Request:
        """Return the request for a channel, or for a target of which nobody knows what it is."""
        self._reading[announcement.url] = depth
        self._asked_for.add(announcement.url)
        is_channel = announcement.role in ("feed", "sitemap", "listing")
        conditions = self.frontier.validators(announcement.url) if is_channel else None
        earlier = None if is_channel else self.frontier.earlier(announcement.url)
        return self._made(
            announcement, _CHILD_PRIORITY if depth else _CHANNEL_PRIORITY, conditions, earlier, depth=depth
        )

    def _child(self, channel: Announcement, response: Response, depth: int) -> Request:
        """Return the request for a channel that the one of `response` leads to."""
        request = self._request(channel, depth=depth)
        request.meta["led_by"] = _asked(response)
        return request

    def _not_read(self, meta: dict[str, Any], reason: str | None) -> None:
        """Have the index read anew that led to a channel which could not be read: it will not say again that it
        changed.
        """
        if "led_by" in meta and reason not in _GONE:
            self.frontier.forget(meta["led_by"])

    def _guess(self, meta: dict[str, Any]) -> Iterator[Request]:
        """Yield the request for the next place where a channel may be; where none is left, for what is read instead."""
        places: Places = meta["places"]
        depth = meta.get("index_depth", 0)
        guesses = [one for one in places.guesses if one.url not in self._asked_for]
        if guesses:
            request = self._request(guesses[0], depth=depth)
            request.meta["places"] = msgspec.structs.replace(places, guesses=tuple(guesses[1:]))
            request.meta["dont_retry"] = True
            yield request
        else:
            yield from (self._request(one, depth=depth) for one in places.instead if one.url not in self._asked_for)

    def _is_channel(self, response: Response) -> bool:
        """Tell whether what came from a place that was guessed is a feed or a sitemap."""
        if not is_answer(response.status) or response.meta.get("capture") is None:
            return False
        body, _ = decoded_entity(response)
        kind = sniff(body, content_type=header_field(response, "Content-Type"), url=response.url)
        return kind in ("feed", "sitemap")

    def _page_request(self, wanted: Wanted, *, priority: int = _PAGE_PRIORITY) -> Request:
        return self._made(wanted.announcement, priority, wanted.conditions, wanted.earlier)

    def _made(
        self,
        announcement: Announcement,
        priority: int,
        conditions: Validators | None,
        earlier: Earlier | None,
        *,
        depth: int = 0,
    ) -> Request:
        role = announcement.role
        provenance = Provenance(
            run=self.run.id, site=self.site.name, role=role, announcement=announcement, earlier=earlier
        )
        return Request(
            announcement.url,
            callback=self.parse,
            errback=self.on_error,
            headers=_conditional(conditions),
            priority=priority,
            dont_filter=True,  # the frontier knows what was asked for, in this run and before
            meta={
                "provenance": provenance,
                "index_depth": depth,
                # the beginning of a channel is worth reading, the beginning of an article is not the article
                "download_fail_on_dataloss": role in _PAGES,
            },
        )

    # --- what came

    def _page(self, response: Response, capture: Capture) -> Iterator[CapturedPage]:
        self._remember(response, capture.url)
        if capture.kind == "revisit" and self.frontier.has_article(capture.url) and not self.site.render:
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
        body, flags = decoded_entity(response)
        # of a probe the replay must find the same, so only what the archive keeps may decide
        kind = sniff(body, content_type=capture.mime, url=capture.url) if role == "probe" else role
        content_type = header_field(response, "Content-Type")
        if kind == "article":
            yield from self._page(response, capture)
            if self.is_undeclared:  # a front page that is empty without its scripts looks like a page
                places = self.places(Answer(response.url, kind, body, content_type))
                yield from self._guess({"places": places, "index_depth": 1})
            return
        sitemaps = tuple(response.meta.get("robots_sitemaps", ()))
        answer = Answer(response.url, kind, body, content_type, sitemaps, response.meta.get("parsed"))
        found = yield from self._found(answer, response)
        if found is None:
            return
        if self.is_undeclared and found.hosts:
            self.hosts = tuple(dict.fromkeys((*self.hosts, *found.hosts)))
            self.frontier.vouch(found.hosts)
        overrun = self._note_reading(found, response, body, capture.captured_at)
        is_back_fill = response.meta.get("back_fill", False)
        yield from self._announce(self.frontier.of_gap(found.announcements) if is_back_fill else found.announcements)
        yield from self._announce(found.unlikely, refusal="not_article_address")
        following = self._older_page(found, response, kind) if overrun else None
        reason = "empty" if found.is_empty else "overrun" if overrun and following is None else None
        self._settle(response, "duplicate" if capture.kind == "revisit" else "captured", reason)
        if capture.truncated is not None or flags:
            self._not_read(response.meta, "truncated")
        elif found.whole:
            self._remember(response, _asked(response))
        yield from self._further(found, response)
        if following is not None:
            yield following
        elif overrun:
            yield from self._back_fill(response.meta, response.url)

    def _note_reading(self, found: Found, response: Response, body: bytes, at: datetime) -> bool:
        """Tell the frontier what a channel lists now; return whether it moved on by more than it lists."""
        is_older_page = response.meta.get("older_pages", 0) > 0
        listed = [one.url for one in found.announcements]
        overrun = self.frontier.is_overrun(_asked(response), listed, continued=is_older_page)
        if not is_older_page:
            wishes = wishes_of(body, lambda name: header_field(response, name), now=at)
            self.frontier.note_reading(_asked(response), found.announcements, wishes=wishes, overrun=overrun)
        return overrun

    def _further(self, found: Found, response: Response) -> Iterator[Request]:
        """Yield requests for the channels that a channel names, and for where a site may have more of them."""
        depth = response.meta.get("index_depth", 0) + 1
        if depth > self.depth:
            return
        for channel in [one for one in found.channels if one.url not in self._asked_for]:
            request = self._child(channel, response, depth)
            request.meta["back_fill"] = response.meta.get("back_fill", False)
            yield request
        if found.places.guesses:
            yield from self._guess({"places": found.places, "index_depth": depth})

    def _back_fill(self, meta: dict[str, Any], answered: str) -> Iterator[Request]:
        """Yield requests for the sitemaps that may list what a channel moved on by: the site's, else those of
        robots.txt.
        """
        declared = self.frontier.note_gap(meta.get("older_of", asked_url(meta, answered)))
        for url in declared or meta.get("robots_sitemaps", ()):
            if url not in self._asked_for:
                found = Announcement(url=url, role="sitemap", source="sitemap", via=answered)
                request = self._request(found, depth=meta.get("index_depth", 0) + 1)
                request.meta["back_fill"] = not declared
                yield request

    def _back_fill_instead(self, meta: dict[str, Any], answered: str) -> Iterator[Request]:
        """Yield them where an older page of a channel could not be had."""
        if "older_of" in meta:
            yield from self._back_fill(meta, answered)

    def _older_page(self, found: Found, response: Response, kind: Role | PageKind) -> Request | None:
        """Return the request for what a channel moved on from since it was read; None if it does not say where that
        is, or enough of its older pages were asked for.
        """
        older = response.meta.get("older_pages", 0)
        fields = b", ".join(response.headers.getlist("Link")).decode("latin-1")
        said = found.next_url or link_in_field(fields, response.url, "next")
        next_url = said or found.next_guess
        if older >= self.pages or next_url is None or next_url in self._asked_for or kind not in ("feed", "listing"):
            return None
        role: Role = "feed" if kind == "feed" else "listing"
        further = Announcement(url=next_url, role=role, source="listing", via=response.url)
        request = self._request(further, depth=response.meta.get("index_depth", 0))
        request.meta["older_pages"] = older + 1
        request.meta["older_of"] = response.meta.get("older_of", _asked(response))
        if said is None:
            request.meta["places"] = Places()  # if there is none, nobody said so
            request.meta["dont_retry"] = True
        return request

    def _found(self, answer: Answer, response: Response) -> Generator[None, None, Found | None]:
        """Return what the channel says; None if it could not be read, which is then settled."""
        provenance: Provenance = response.meta["provenance"]
        if isinstance(answer.parsed, str):
            self._settle(response, "failed", answer.parsed)
            self._not_read(response.meta, answer.parsed)
            return None
        try:
            read = self.read(answer)
            return checked_answer((yield from read) if isinstance(read, Generator) else read, f"{self.name}.read")
        except DiscoveryError as error:
            self.logger.info("%s", error)
            reason = "not_recognised" if provenance.role == "probe" else f"not_a_{provenance.role}"
        except Exception:
            self.logger.exception("%s: the spider failed on it", answer.url)
            reason = "spider_crash"
        self._settle(response, "failed", reason)
        return None

    def _announce(self, announcements: Sequence[Announcement], *, refusal: str | None = None) -> Iterator[None]:
        """Tell the frontier of `announcements`, so many at a time that nobody waits for long."""
        for start in range(0, len(announcements), _STEP):
            if start:
                yield
            self.frontier.announce(announcements[start : start + _STEP], refusal=refusal)

    def _remember(self, response: Response, url: str) -> None:
        """Keep what makes the next request for `url` conditional."""
        validators = Validators(header_field(response, "ETag"), header_field(response, "Last-Modified"))
        provenance: Provenance = response.meta["provenance"]
        if provenance.role not in _PAGES or validators.etag or validators.last_modified:
            self.frontier.remember(url, validators)

    # --- the ledger

    def _settle(self, response: Response, outcome: Outcome, reason: str | None = None) -> None:
        provenance: Provenance = response.meta["provenance"]
        self.frontier.settle(response.url, outcome, reason, response.meta.get("capture"), provenance.role)

    def _settle_astray(self, meta: dict[str, Any], answered: str, outcome: Outcome, reason: str) -> None:
        """Settle the URLs that led astray; where they led to is kept in the archive and is no page of the site."""
        capture: Capture | None = meta.get("capture")
        for url in dict.fromkeys(_redirects(meta)):
            if url != answered:
                self.frontier.settle(url, outcome, reason, capture, "article")
        if outcome == "out_of_scope":
            self.frontier.settle(answered, outcome, "other_host", capture)

    def _settle_redirects(self, meta: dict[str, Any], final: str) -> None:
        for url in dict.fromkeys(_redirects(meta)):
            if url != final:
                self.frontier.settle(url, "redirected", final)


def _is_long(response: Response) -> bool:
    """Tell whether a body may be long: so many bytes as it came, or so many more when it is unpacked."""
    body = response.body
    packed = body[:2] == b"\x1f\x8b" or response.headers.get("Content-Encoding") is not None
    return len(body) >= (_LONG_PACKED if packed else _LONG)


def _conditional(known: Validators | None) -> dict[str, str]:
    fields = {} if known is None else {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
    return {name: value for name, value in fields.items() if value}


def _redirects(meta: dict[str, Any]) -> tuple[str, ...]:
    return tuple(meta.get("redirect_urls", ()))


def _asked(one: Request | Response) -> str:
    return asked_url(one.meta, one.url)


def asked_url(meta: dict[str, Any], url: str) -> str:
    """Return the URL that was asked for before any redirect led to `url`: the next run asks for it again."""
    return next(iter(_redirects(meta)), url)
