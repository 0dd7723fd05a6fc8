"""What the archive says happened, carried out again on an empty state: runs, announcements, outcomes, addresses.

Each archived response is handed to the site's own spider, as it was when it came from the web, with the clock of that
moment; so the ledger comes to the same outcomes by the same code. URLs that were announced and never asked for are held
against the archived robots.txt. What no record tells (hosts that could not be reached) is tried again by the next run.
"""

from __future__ import annotations

__all__ = ["History", "ReplayClock"]

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from crawler.archive.capture_metadata import Notes
from crawler.archive.read.captures import ArchivedCapture
from crawler.archive.run_ends import RunEnds
from crawler.capture.manners.robot_rules import Rules, head_of
from crawler.clock import Clock
from crawler.frontier.admission import Scope
from crawler.http.body import entity
from crawler.http.coding import decode_body
from crawler.http.status import is_answer
from crawler.model.capture import Announcement, Capture, Provenance
from crawler.model.captured import CapturedPage
from crawler.model.frontier import Wanted
from crawler.model.run import OPEN, Run
from crawler.model.site import Site
from crawler.run.live.emit import emit
from crawler.run.live.ending import ending_of
from crawler.run.live.frontier import LedgerFrontier
from crawler.run.live.spiders import load_spider
from crawler.run.offline.replayed_exchange import UnansweredRequest, fault_of, response_of
from crawler.run.parsing.road import Road
from crawler.run.target import site_for_url
from crawler.state import State, owner
from crawler.urls import origin_of

_FOLLOWED = {301, 302, 303, 307, 308}
_TOKEN = "Warraq"  # noqa: S105 - of the product, for robots.txt
_RUN_TIME = "%Y%m%dT%H%M%SZ"


class ReplayClock:
    """A clock that stands at the moment history has reached."""

    def __init__(self) -> None:
        self.at = datetime(1970, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        """Return the moment."""
        return self.at

    def monotonic(self) -> float:
        """Return its seconds."""
        return self.at.timestamp()


class _Frontier(LedgerFrontier):
    """Keeps the URLs it was told of; takes none up, for what was fetched is told by its own capture."""

    def __init__(self, state: State, run: Run, site: Site, clock: Clock) -> None:
        super().__init__(state, run, site, clock=clock, scope=Scope.of(site), max_pages=0)
        self.told: dict[str, None] = {}

    def announce(self, announcements: Sequence[Announcement], *, refusal: str | None = None) -> None:
        self.told |= dict.fromkeys(announcement.url for announcement in announcements)
        super().announce(announcements, refusal=refusal)

    def take_up(self, *, whole: bool) -> Sequence[Wanted]:  # noqa: ARG002 - as its base class has it
        return ()


class _Past:
    """A run that is being lived through again."""

    def __init__(self, run: Run, spider: Any, frontier: _Frontier, site: Site, at: datetime) -> None:
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
        clock: ReplayClock,
        *,
        sites: Mapping[str, Site],
        road: Road,
        article_id: Callable[[ArchivedCapture], str | None],
        payload: Callable[[ArchivedCapture], bytes | None],
        ends: RunEnds,
    ) -> None:
        """`state` must have been opened with `clock`.

        `article_id` tells which article the store has of a capture, `payload` the entity that a revisit refers to,
        `ends` how runs ended.
        """
        self.unpublished = 0
        """Pages that give an article which the store does not have."""
        self._state = state
        self._clock = clock
        self._sites = sites
        self._road = road
        self._article_id = article_id
        self._payload = payload
        self._ends = ends
        self._open: dict[str, _Past] = {}
        self._robots: dict[str, Rules] = {}

    async def enter(self, item: ArchivedCapture) -> None:
        """Carry out what followed from one of our own captures."""
        assert item.provenance is not None
        capture = item.capture
        known = _announced(item.provenance, capture.url)
        past = self._past(known, capture.url, capture.captured_at)
        self._stand_at(past, capture.captured_at, item.notes)
        self._state.add_capture(capture, run=known.run, site=known.site, role=known.role)
        if known.role == "robots":
            self._read_robots(item)
            return
        if known.role == "asset":
            return
        if item.head is not None and capture.status in _FOLLOWED and item.head.get(b"location"):
            return  # it is settled when what it led to is
        reason = fault_of(item)
        if reason is not None:
            self._fails(past, capture, lambda: _settle_failed(past, known, capture, reason))
        elif capture.status != 304 and not is_answer(capture.status):
            response = response_of(item, known, b"")
            self._fails(past, capture, lambda: deque(past.spider.parse(response), maxlen=0).clear())
        else:
            past.failing.pop(capture.url, None)
            if known.earlier is not None:
                past.frontier.visit_again(capture.url)
            await self._answered(past, item, known)

    def enter_unanswered(self, item: UnansweredRequest) -> None:
        """Carry out the failure of a request that was sent and not answered."""
        known, capture = item.notes.provenance, item.capture
        past = self._past(known, capture.url, capture.captured_at)
        self._stand_at(past, capture.captured_at, item.notes)
        self._state.add_capture(capture, run=known.run, site=known.site, role=known.role)
        if known.role not in ("robots", "asset"):
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
        frontier = _Frontier(self._state, run, site, self._clock)
        spider = load_spider(site.spider)(site=site, run=run, frontier=frontier)
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
        if item.capture.kind == "revisit" and is_answer(item.capture.status):
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
        result = await self._road.parse(capture, known, item.response, head=item.head)
        emit(result, capture, frontier=past.frontier, stage=self._not_published)

    def _not_published(self, _line: bytes) -> None:
        self.unpublished += 1

    async def _answered(self, past: _Past, item: ArchivedCapture, known: Provenance) -> None:
        """Hand the response to the spider."""
        body = self._entity(item)
        if body is None:
            past.frontier.settle(item.capture.url, "duplicate", None, item.capture, known.role)
            return
        for found in past.spider.parse(response_of(item, known, body)):
            if isinstance(found, CapturedPage):
                await self._page(past, item)

    def _fails(self, past: _Past, capture: Capture, settle: Callable[[], None]) -> None:
        past.failing[capture.url] = (self._clock.at, settle)

    def _read_robots(self, item: ArchivedCapture) -> None:
        """Keep the rules in force from now on: of an answer what it says, of what was refused none (RFC 9309 section
        2.3.1).
        """
        origin = origin_of(
            item.provenance.redirects[0] if item.provenance and item.provenance.redirects else item.capture.url
        )
        body = b""
        if item.head is not None and is_answer(item.capture.status) and item.capture.kind == "response":
            fields = [(name, value) for name, value in item.head.headers]
            body, _ = decode_body(fields, b"".join(entity(item.response, item.head)))
        self._robots[origin] = Rules(origin, token=_TOKEN, body=head_of(body))

    def _disallow(self, past: _Past, url: str) -> None:
        """Settle a URL that was announced and not asked for because robots.txt forbids it."""
        rules = self._robots.get(origin_of(url))
        if rules is None or rules.refusal(url) is None:
            return
        entry = self._state.entry(url)
        if entry is not None and entry.outcome == "announced" and entry.run == past.run.id:
            past.frontier.settle(url, "disallowed", "robots")

    def _end(self, past: _Past) -> None:
        """End a run as it ended, as far as its ledger tells."""
        for at, settle in past.failing.values():
            self._clock.at = at
            settle()
        self._clock.at = past.last_at
        for url in past.frontier.told:
            self._disallow(past, url)
        counts = self._state.counts(past.run.id)
        ending = ending_of(self._state.ends(past.run.id), waiting=sum(counts.get(outcome, 0) for outcome in OPEN))
        noted = self._ends.state_of(past.run.id)
        if noted in (None, ending.state):
            self._state.finish_run(past.run.id, ending.state, ending.reason)
        else:
            reason = self._ends.reason_of(past.run.id)
            self._state.finish_run(past.run.id, noted, reason or "stopped")


def _announced(known: Provenance, url: str) -> Provenance:
    """Return `known` with the announcement that its request needs: of a capture whose notes have none, its address."""
    if known.announcement is not None:
        return known
    asked = known.redirects[0] if known.redirects else url
    return msgspec.structs.replace(known, announcement=Announcement(url=asked, role=known.role, source="seed"))


def _settle_failed(past: _Past, known: Provenance, capture: Capture, reason: str) -> None:
    for earlier in known.redirects:
        past.frontier.settle(earlier, "redirected", capture.url)
    past.frontier.settle(capture.url, "failed", reason, capture, known.role)


def _queued_at(run: str, at: datetime) -> datetime:
    """Return the second that a run's name begins with; its first request if that falls into the same one."""
    try:
        named = datetime.strptime(run.partition("-")[0], _RUN_TIME).replace(tzinfo=UTC)
    except ValueError:
        return at
    return named if at - named >= timedelta(seconds=1) else at
