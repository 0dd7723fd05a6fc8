"""What the archive says happened, carried out again on an empty state: runs, announcements, outcomes, addresses.

Each archived response is handed to the site's own spider, as it was when it came from the web, with the clock of that
moment; so the ledger comes to the same outcomes by the same code. What no record tells is not restored: requests that
got no answer, URLs that robots.txt forbade; they are found again by the next run.
"""

from __future__ import annotations

__all__ = ["History", "Unanswered"]

from collections import deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, NamedTuple

from scrapy.http import Headers, Request, Response
from scrapy.utils.misc import load_object

from crawler.archive.heads import entity
from crawler.archive.notes import Notes
from crawler.archive.read import ArchivedCapture
from crawler.archive.records import RawRecord
from crawler.model.capture import Capture, Provenance
from crawler.model.captured import CapturedPage
from crawler.model.run import Run, RunState
from crawler.model.site import Site
from crawler.run.frontier import LedgerFrontier
from crawler.run.pool import ParsePool
from crawler.run.progress import Progress
from crawler.run.target import site_for_url
from crawler.run.task import task_for
from crawler.state import State, owner

_FOLLOWED = {301, 302, 303, 307, 308}
_RUN_TIME = "%Y%m%dT%H%M%SZ"


class Unanswered(NamedTuple):
    """A request that was sent and got no response."""

    capture: Capture
    """With status 0, at the address of the request's record."""
    notes: Notes

    @classmethod
    def of(cls, request: RawRecord, notes: Notes, *, warc: str) -> Unanswered:
        """Return what the request record and the metadata beside it tell."""
        silent = "without an answer" in (notes.error or "")
        capture = Capture(
            url=request.headers.get("warc-target-uri", ""),
            captured_at=datetime.fromisoformat(request.headers["warc-date"]),
            kind="response",
            warc=warc,
            offset=request.offset,
            length=request.length,
            record_id=request.headers.get("warc-record-id", ""),
            status=0,
            mime="unk",
            payload_sha1=notes.payload_sha1,
            payload_sha256=notes.payload_sha256,
            truncated=None if silent else "time",
        )
        return cls(capture, notes)


class Moment:
    """A clock that stands at the moment history has reached."""

    def __init__(self) -> None:
        self.at = datetime(1970, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        """Return the moment."""
        return self.at

    def monotonic(self) -> float:
        """Return its seconds."""
        return self.at.timestamp()


class _Past:
    """A run that is being lived through again."""

    def __init__(self, run: Run, spider: Any, frontier: LedgerFrontier, site: Site, at: datetime) -> None:
        self.run = run
        self.spider = spider
        self.frontier = frontier
        self.site = site
        self.last_at = at
        self.failing: dict[str, tuple[datetime, Callable[[], None]]] = {}
        """URLs that failed and were not had since: the tries of one run count once, the last one tells why."""


class History:
    """Tells a state what happened, capture by capture, in the order of the archive."""

    def __init__(
        self,
        state: State,
        clock: Moment,
        *,
        sites: Mapping[str, Site],
        pool: ParsePool,
        furniture: Literal["keep", "drop"],
        article_id: Callable[[ArchivedCapture], str | None],
        payload: Callable[[ArchivedCapture], bytes | None],
    ) -> None:
        """`state` must have been opened with `clock`.

        `article_id` tells which article the store has of a capture, `payload` the entity that a revisit refers to.
        """
        self.unpublished = 0
        """Pages that give an article which the store does not have."""
        self._state = state
        self._clock = clock
        self._sites = sites
        self._pool = pool
        self._furniture = furniture
        self._article_id = article_id
        self._payload = payload
        self._open: dict[str, _Past] = {}

    async def enter(self, item: ArchivedCapture) -> None:
        """Carry out what followed from one of our own captures."""
        known = item.provenance
        assert known is not None
        capture = item.capture
        past = self._past(known, capture.url, capture.captured_at)
        self._stand_at(past, capture.captured_at, item.notes)
        self._state.add_capture(capture, run=known.run, site=known.site, role=known.role)
        if known.role == "robots" or (capture.status in _FOLLOWED and _field(item, b"location")):
            return  # a redirect is settled when what it led to is
        reason = _fault_of(item)
        if reason is not None:
            self._fails(past, capture, lambda: _settle_failed(past, known, capture, reason))
        elif capture.status not in (200, 304):
            response = _response(item, known, b"")
            self._fails(past, capture, lambda: deque(past.spider.parse(response), maxlen=0).clear())
        else:
            past.failing.pop(capture.url, None)
            await self._answered(past, item, known)

    def enter_unanswered(self, item: Unanswered) -> None:
        """Carry out the failure of a request that was sent and not answered."""
        known, capture = item.notes.provenance, item.capture
        past = self._past(known, capture.url, capture.captured_at)
        self._stand_at(past, capture.captured_at, item.notes)
        self._state.add_capture(capture, run=known.run, site=known.site, role=known.role)
        if known.role != "robots":
            reason = "head_timeout" if capture.truncated else "no_answer"
            self._fails(past, capture, lambda: _settle_failed(past, known, capture, reason))

    def finish(self) -> None:
        """End every run that is still open."""
        for site in list(self._open):
            self._end(self._open.pop(site))

    def _past(self, known: Provenance, url: str, at: datetime) -> _Past:
        """Return the run, begun if it is new; the one before it of the same site has then ended."""
        past = self._open.get(known.site)
        if past is not None and past.run.id == known.run:
            return past
        if past is not None:
            self._end(self._open.pop(known.site))
        self._clock.at = at
        run = self._state.run(known.run)
        if run is None:
            self._state.add_run(
                Run(id=known.run, site=known.site, trigger="command", queued_at=_queued_at(known.run, at))
            )
            run = self._state.start_run(known.run, worker=owner("rebuild"))
        site = self._site(known.site, url)
        frontier = LedgerFrontier(self._state, run, site, max_pages=0)  # what was fetched is told by its own capture
        spider = load_object(site.spider)(site=site, run=run, frontier=frontier)
        past = self._open[known.site] = _Past(run, spider, frontier, site, at)
        return past

    def _site(self, name: str, url: str) -> Site:
        if name in self._sites:
            return self._sites[name]
        return site_for_url(url, {})

    def _stand_at(self, past: _Past, at: datetime, notes: Notes | None) -> None:
        """Move the clock to when the exchange was over."""
        took_s = notes.timings.total_s if notes is not None and notes.timings is not None else 0.0
        self._clock.at = past.last_at = max(past.last_at, at + timedelta(seconds=took_s))

    def _entity(self, item: ArchivedCapture) -> bytes | None:
        """Return the body as the spider saw it; None for a revisit whose original cannot be had."""
        if item.capture.kind == "revisit" and item.capture.status == 200:
            return self._payload(item)
        return b"".join(entity(item.response, item.head))

    async def _page(self, past: _Past, item: ArchivedCapture) -> None:
        """Settle an article page: by the article in the store, else by parsing it again."""
        capture, known = item.capture, item.provenance
        assert known is not None
        article_id = self._article_id(item)
        if article_id is not None:
            past.frontier.settle(capture.url, "parsed", None, capture, article_id=article_id)
            return
        task = task_for(capture, role=known.role, site=past.site, furniture=self._furniture)
        result = await self._pool.parse(task, item.response)
        article_id = result.article.id if result.article else None
        self.unpublished += article_id is not None
        past.frontier.settle(capture.url, result.outcome, result.reason, capture, article_id=article_id)

    async def _answered(self, past: _Past, item: ArchivedCapture, known: Provenance) -> None:
        """Hand the response to the spider."""
        body = self._entity(item)
        if body is None:
            past.frontier.settle(item.capture.url, "duplicate", None, item.capture)
            return
        for found in past.spider.parse(_response(item, known, body)):
            if isinstance(found, CapturedPage):
                await self._page(past, item)

    def _fails(self, past: _Past, capture: Capture, settle: Callable[[], None]) -> None:
        past.failing[capture.url] = (self._clock.at, settle)

    def _end(self, past: _Past) -> None:
        """End a run as it ended, as far as its ledger tells."""
        for at, settle in past.failing.values():
            self._clock.at = at
            settle()
        self._clock.at = past.last_at
        counts = self._state.counts(past.run.id)
        failures = len(self._state.failures(past.run.id))
        pages = Progress(run=past.run.id, counts=counts, size_bytes=0, elapsed_s=0).pages
        state: RunState = "done"
        if failures:
            state = "partial" if pages > failures else "failed"
        self._state.finish_run(past.run.id, state, f"{failures} failed" if failures else None)


def _settle_failed(past: _Past, known: Provenance, capture: Capture, reason: str) -> None:
    for earlier in known.redirects:
        past.frontier.settle(earlier, "redirected", capture.url)
    past.frontier.settle(capture.url, "failed", reason, capture)


def _fault_of(item: ArchivedCapture) -> str | None:
    """Return why a response was not taken for an answer; channels are read as far as they came."""
    known, truncated = item.provenance, item.capture.truncated
    if item.head is None:
        return {"time": "head_timeout", "disconnect": "truncated_disconnect"}.get(truncated or "", "broken_response")
    if item.notes is not None and item.notes.error and truncated is None:
        return "broken_response"
    if truncated is None or (known is not None and known.role in ("feed", "sitemap", "listing")):
        return None
    return "body_timeout" if truncated == "time" else f"truncated_{truncated}"


def _response(item: ArchivedCapture, known: Provenance, body: bytes) -> Response:
    """Return the response as the download handler gave it to the spider."""
    head = item.head
    assert head is not None
    meta = {"provenance": known, "capture": item.capture, "block": item.response, "index_depth": 0}
    if known.redirects:
        meta["redirect_urls"] = list(known.redirects)
    response = Response(
        url=item.capture.url,
        status=item.capture.status,
        body=body,
        request=Request(item.capture.url, meta=meta),
    )
    response.headers = Headers([(name, [v for k, v in head.headers if k == name]) for name, _ in head.headers])
    return response


def _field(item: ArchivedCapture, name: bytes) -> bytes | None:
    return item.head.get(name) if item.head is not None else None


def _queued_at(run: str, at: datetime) -> datetime:
    """Return the second that a run's name begins with; its first request if that falls into the same one."""
    try:
        named = datetime.strptime(run.partition("-")[0], _RUN_TIME).replace(tzinfo=UTC)
    except ValueError:
        return at
    return named if at - named >= timedelta(seconds=1) else at
