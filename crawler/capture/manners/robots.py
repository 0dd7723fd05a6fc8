"""robots.txt by RFC 9309: one fetch an origin for all runs, kept a day at most, archived like everything else.

Promises: nothing is asked of a host before its robots.txt is known; a host that cannot say (5xx, no answer) is left
alone (section 2.3.1.4) unless a copy of the last 30 days speaks for it; one without the file may be read (2.3.1.3).
`RobotsMiddleware` is Scrapy's side of it.
"""

from __future__ import annotations

__all__ = ["AskRobots", "KeptRobots", "Manners", "RobotsAnswer", "RobotsCache", "RobotsMiddleware", "Save"]

import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol
from weakref import WeakValueDictionary

import msgspec
from scrapy.crawler import Crawler
from scrapy.http import Request
from scrapy.http.request import NO_CALLBACK

from crawler.capture.manners.gate import HostGate, lane_key
from crawler.capture.manners.robot_rules import Rules, head_of
from crawler.capture.wire.request import target_of
from crawler.clock import Clock
from crawler.config import Fetching
from crawler.errors import FetchError, Refused, UsageError
from crawler.http.coding import decode_body
from crawler.model.capture import Provenance
from crawler.urls import join, origin_of, sent_link

_MOST_REDIRECTS = 5
"""Section 2.3.1.2: at least five are followed."""
_STALE = timedelta(days=30)
"""Section 2.3.1.4: what counts as a reasonably long period of being unreachable."""
_LONGEST_TTL_S = 86_400.0
"""Section 2.4: no copy is used for longer than a day while the file can be had."""
_SHORTEST_TTL_S = 300.0
"""Whatever Cache-Control says: a run's requests share one copy, and a failure is not repeated for every URL."""
_MOST_ORIGINS = 10_000
_RESERVATIONS = "/.well-known/tdmrep.json"
"""TDM Reservation Protocol (W3C Community Group report), the file on the origin server."""
_LONG = 1 << 15
"""Bytes of a robots.txt that take the loop more than some milliseconds."""
_NO_CACHE = re.compile(r"(?i)\bno-(store|cache)\b")
_MAX_AGE = re.compile(r"(?i)(?:^|[,\s])max-age\s*=\s*\"?(\d{1,9})")


class RobotsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What a server answered to one request for a robots.txt; the body may be content-coded."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes = b""

    def get(self, name: bytes) -> str:
        """Return the first value of the field `name` (lower case), empty if it was not sent."""
        return self.sent(name).decode("latin-1")

    def sent(self, name: bytes) -> bytes:
        """Return the same as bytes."""
        return next((value for key, value in self.headers if key.lower() == name), b"")


AskRobots = Callable[[str, tuple[str, ...]], Awaitable[RobotsAnswer]]
"""Fetch a URL, given the URLs that were redirected to it; raises FetchError. Redirects are not to be followed."""


class KeptRobots(Protocol):
    """An origin's robots.txt as it was last obtained, however it is kept."""

    @property
    def status(self) -> int | None:
        """None: there is none, it could not be had since `fetched_at`."""

    @property
    def body(self) -> bytes:
        """Content-coding undone."""

    @property
    def fetched_at(self) -> datetime:
        """Aware UTC."""

    @property
    def expires_at(self) -> datetime:
        """Aware UTC."""


class Save(Protocol):
    """Keep an origin's robots.txt."""

    def __call__(
        self, origin: str, *, status: int | None, body: bytes, fetched_at: datetime, expires_at: datetime
    ) -> None:
        """Replace what was kept for `origin`."""


class _Entry(msgspec.Struct, frozen=True):
    rules: Rules
    fetched_at: datetime | None
    """None: the file could not be had, the rules close the origin."""
    expires_at: datetime
    failing_since: datetime | None = None
    """When it could not be had for the first time in a row."""


class RobotsCache:
    """The robots.txt of every origin, shared by all runs of the process.

    `load` and `save` keep copies beyond it (default: nowhere). A refused or failed fetch is never saved over a copy.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        ttl_s: float,
        user_agent_token: str = "Warraq",  # noqa: S107 - a product token, not a secret
        load: Callable[[str], KeptRobots | None] | None = None,
        save: Save | None = None,
        reservations: bool = False,
    ) -> None:
        """`reservations`: tdmrep.json is asked for after each robots.txt, and left in the archive."""
        self._clock = clock
        self._reservations = reservations
        self._ttl_s = min(ttl_s, _LONGEST_TTL_S)
        self._token = user_agent_token
        self._load = load
        self._save = save
        self._entries: dict[str, _Entry] = {}
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def rules(self, url: str, ask: AskRobots) -> Rules:
        """Return the rules of `url`'s origin, fetched with `ask` if no copy is fresh.

        However many wait for one origin, one fetches; if that one is cancelled or fails otherwise than by a
        FetchError, the next one fetches for itself.
        """
        origin = origin_of(url)
        lock = self._locks.setdefault(origin, asyncio.Lock())
        async with lock:
            entry = self._entries.get(origin)
            if entry is None or not self._is_fresh(entry):
                entry = await self._refresh(origin, ask, entry)
                self._remember(origin, entry)
            return entry.rules

    def _is_fresh(self, entry: _Entry) -> bool:
        return self._clock.now() < entry.expires_at

    def _remember(self, origin: str, entry: _Entry) -> None:
        self._entries.pop(origin, None)
        self._entries[origin] = entry
        if len(self._entries) > _MOST_ORIGINS:
            del self._entries[next(iter(self._entries))]

    async def _refresh(self, origin: str, ask: AskRobots, last: _Entry | None) -> _Entry:
        if last is None:
            last = await self._loaded(origin)
            if last is not None and self._is_fresh(last):
                return last
        try:
            answer = await _follow(f"{origin}/robots.txt", ask)
        except FetchError as error:
            # Scrapy would try the cause's translated form again, for every URL of the origin.
            plain = error.__cause__ if isinstance(error.__cause__, FetchError) else error
            if plain.reason in ("private_address", "port"):  # our own rules: the host failed at nothing
                return _Entry(self._closed(origin, plain), None, self._clock.now())
            return self._unreachable(origin, last, plain)
        if answer.status >= 500 or answer.status == 429:
            what = f"{origin}/robots.txt answered {answer.status}: until it can be read nothing is asked of this host"
            closed = Refused(what, reason="robots_unreachable", next_step="a later run asks again")
            return self._unreachable(origin, last, closed)
        obtained = await self._obtained(origin, answer)
        if self._reservations:
            await self._keep_reservations(f"{origin}{_RESERVATIONS}", obtained.rules, ask)
        return obtained

    async def _keep_reservations(self, url: str, rules: Rules, ask: AskRobots) -> None:
        """Ask for what the origin reserves, if that may be: the answer is in the archive, and nothing here goes by
        it.
        """
        if rules.refusal(url) is None:
            with suppress(FetchError):
                await _follow(url, ask)

    async def _loaded(self, origin: str) -> _Entry | None:
        kept = self._load(origin) if self._load is not None else None
        if kept is None:
            return None
        if kept.status is None:
            return _Entry(self._closed(origin, _not_had(origin)), None, kept.expires_at, kept.fetched_at)
        return _Entry(await self._read(origin, kept.body), kept.fetched_at, kept.expires_at)

    async def _read(self, origin: str, body: bytes) -> Rules:
        """Return the rules in `body`; thousands of them are read beside the loop."""
        if len(body) < _LONG:
            return Rules(origin, token=self._token, body=body)
        return await asyncio.to_thread(Rules, origin, token=self._token, body=body)

    async def _obtained(self, origin: str, answer: RobotsAnswer) -> _Entry:
        """Return the rules of a whole answer; any 4xx but 429 means there are none (section 2.3.1.3)."""
        body = b""
        if 200 <= answer.status < 300:
            body = head_of(decode_body(answer.headers, answer.body)[0])
        now = self._clock.now()
        expires_at = now + timedelta(seconds=self._ttl(answer.get(b"cache-control")))
        if self._save is not None:
            self._save(origin, status=answer.status, body=body, fetched_at=now, expires_at=expires_at)
        return _Entry(await self._read(origin, body), now, expires_at)

    def _unreachable(self, origin: str, last: _Entry | None, error: FetchError) -> _Entry:
        """Return the copy of the last 30 days, or complete disallow (section 2.3.1.4); asked again soon.

        A host that could not say for 30 days has no rules, or those it had, as that section lets be: it is not closed
        for ever. Since when is kept, where there is no copy to be kept.
        """
        now = self._clock.now()
        expires_at = now + timedelta(seconds=_SHORTEST_TTL_S)
        since = now if last is None or last.failing_since is None else last.failing_since
        is_over = now - since > _STALE
        if last is not None and last.fetched_at is not None and (is_over or now - last.fetched_at <= _STALE):
            return _Entry(last.rules, last.fetched_at, expires_at, since)
        if self._save is not None and (last is None or last.fetched_at is None):
            self._save(origin, status=None, body=b"", fetched_at=since, expires_at=expires_at)
        rules = Rules(origin, token=self._token) if is_over else self._closed(origin, error)
        fetched_at = None if last is None else last.fetched_at
        return _Entry(rules, fetched_at, expires_at, since)

    def _closed(self, origin: str, error: FetchError) -> Rules:
        return Rules(origin, token=self._token, closed=error)

    def _ttl(self, cache_control: str) -> float:
        match = _MAX_AGE.search(cache_control)
        asked = float(match[1]) if match else self._ttl_s
        if _NO_CACHE.search(cache_control):
            asked = 0.0
        return max(min(asked, self._ttl_s), min(_SHORTEST_TTL_S, self._ttl_s))


class Manners(Protocol):
    """What the middleware needs of a run's live parts."""

    @property
    def robots(self) -> RobotsCache | None:
        """None: robots.txt is neither fetched nor obeyed."""

    @property
    def gate(self) -> HostGate:
        """Told of every Crawl-delay."""

    @property
    def fetch(self) -> Fetching:
        """The run's settings; ``robots`` may say ``ignore``."""


class RobotsMiddleware:
    """Refuses what robots.txt disallows before it costs a turn at the host.

    Finds its parts at ``crawler.live``. Raises what `Rules.refusal` returns: `Refused` with reason ``robots``,
    or the failure that kept robots.txt from being read; both reach the request's errback.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RobotsMiddleware:
        """Return the middleware of `crawler`'s run."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Return if `request` may be sent."""
        live: Manners = self._crawler.live  # type: ignore[attr-defined]  # it is a RunCrawler
        provenance: Provenance = request.meta["provenance"]
        if live.robots is None or live.fetch.robots == "ignore" or provenance.role == "robots":
            return
        url = target_of(request.url).url  # as the server will read it
        rules = await live.robots.rules(url, partial(self._ask, provenance))
        live.gate.crawl_delay(lane_key(url), rules.crawl_delay_s)
        if (
            provenance.role != "article"
        ):  # what nobody declared is found where robots.txt says (sitemaps.org, "Submitting")
            request.meta["robots_sitemaps"] = rules.sitemaps
        error = rules.refusal(url)
        if error is not None:
            raise error

    async def _ask(self, provenance: Provenance, url: str, redirects: tuple[str, ...]) -> RobotsAnswer:
        asked_for = msgspec.structs.replace(provenance, role="robots", announcement=None, redirects=redirects)
        request = Request(url, callback=NO_CALLBACK, meta={"provenance": asked_for, "dont_redirect": True})
        response = await self._crawler.engine.download_async(request)
        headers = tuple((name, value) for name, values in response.headers.items() for value in values)
        return RobotsAnswer(status=response.status, headers=headers, body=response.body)


def _not_had(origin: str) -> Refused:
    what = f"{origin}/robots.txt could not be had a moment ago: until it can be read nothing is asked of this host"
    return Refused(what, reason="robots_unreachable", next_step="a later run asks again")


async def _follow(url: str, ask: AskRobots) -> RobotsAnswer:
    """Return the answer at the end of at most five redirects; one that leads nowhere counts as 404 (2.3.1.2)."""
    asked: tuple[str, ...] = ()
    while True:
        answer = await ask(url, asked)
        if not 300 <= answer.status < 400:
            return answer
        target = _target(url, answer.sent(b"location"))
        if target is None or len(asked) == _MOST_REDIRECTS:
            return RobotsAnswer(status=404)
        asked = (*asked, url)
        url = target


def _target(url: str, location: bytes) -> str | None:
    """Return where a redirect from `url` leads; None if to no other http(s) URL."""
    try:
        target = join(url, sent_link(location))
    except UsageError:
        return None
    return None if target == url else target
