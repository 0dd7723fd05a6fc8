"""Scrapy's download handler for http and https: politeness, the wire, the record, then the response.

A response reaches a spider only after its record has been acknowledged; it carries the `Capture` in
``request.meta["capture"]``, the bytes as received in ``request.meta["block"]`` and their head as read in
``request.meta["head"]``. Its body is de-chunked and still content-coded: decoding is the parser's. A response that
broke off is recorded, then raised as an error, with these meta keys set; with ``download_fail_on_dataloss`` set to
False in the meta it is returned instead, flagged ``truncated:length``, ``truncated:time`` or ``truncated:disconnect``.
``body_capped`` flags a whole response of which Scrapy sees the beginning only.
"""

from __future__ import annotations

__all__ = ["CaptureHandler", "translated"]

import functools
import ipaddress
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, cast

import msgspec
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
)
from scrapy.http import Headers, Response
from scrapy.utils.python import without_none_values

from crawler.capture.wire.request import WireRequest
from crawler.errors import FetchError, FetchTimeout, Refused, Truncated, Unreachable
from crawler.http.blocks import MEMORY_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable

    from scrapy import Request
    from scrapy.crawler import Crawler

    from crawler.capture.scrapy.services import GateTurn, Live
    from crawler.capture.wire.client import WireAnswer
    from crawler.model.capture import Capture, Provenance
    from crawler.model.exchange import Exchange


class CaptureHandler(BaseDownloadHandler):
    """Finds a run's services at ``crawler.live``; they belong to the run and outlive the handler."""

    lazy = False

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        settings = crawler.settings
        fields = {**without_none_values(settings["DEFAULT_REQUEST_HEADERS"]), "User-Agent": settings["USER_AGENT"]}
        self._fields = tuple((name.encode("latin-1"), value.encode("latin-1")) for name, value in fields.items())

    async def download_request(self, request: Request) -> Response:
        """Return the response to `request` after it has been kept.

        Errors that RetryMiddleware may act on are raised as `translated` has them, with the original as cause; others
        as they are (Refused, BackedOff, TlsFailure, BrokenResponse, Truncated by length, and what keeping may raise).
        """
        meta = request.meta
        meta.pop("capture", None)  # Scrapy copies the meta of a request into its retries and redirects
        meta.pop("block", None)
        meta.pop("head", None)
        meta.pop("room", None)
        live = cast("Live", self.crawler.live)  # type: ignore[attr-defined]  # it is a RunCrawler
        provenance = _provenance(request)
        wanted = WireRequest(
            url=request.url,
            method=request.method,
            headers=self._sent_fields(request, live.fields_for(request.url)),
            body=request.body,
        )
        await live.ready(request.url, provenance)
        try:
            answer = await _asked(request, wanted, provenance, live)
            if answer.error is not None and not _tolerated(request, answer):
                raise answer.error
        except FetchError as error:
            raising = translated(error)
            if raising is error:
                raise
            raise raising from error
        meta["download_latency"] = answer.exchange.timings.first_byte_s
        return _response(request, answer)

    def _sent_fields(
        self, request: Request, of_site: tuple[tuple[bytes, bytes], ...]
    ) -> tuple[tuple[bytes, bytes], ...]:
        """Return the request's own fields, those of its site, then those that every request has unless it has them
        itself.

        A cookie that a redirect set goes with those that the site's declaration has.
        """
        if not request.headers and not of_site:
            return self._fields
        own = dict(dict.items(request.headers))  # Headers' own would decode them
        for name, value in of_site:
            key = name.title()
            if key == b"Cookie" and key in own:
                own[key] = [b"; ".join((value, *own[key]))]
            else:
                own.setdefault(key, [value])
        sent = tuple((name, value) for name, values in own.items() for value in values)
        return sent + tuple((name, value) for name, value in self._fields if name.title() not in own)


_ip_address = functools.lru_cache(1024)(ipaddress.ip_address)


class _NoAddressError(Unreachable, CannotResolveHostError):
    """`Unreachable`, as RetryMiddleware knows it."""


class _NoConnectionError(Unreachable, DownloadConnectionRefusedError):
    """`Unreachable`, as RetryMiddleware knows it."""


class _NoAnswerError(Unreachable, DownloadFailedError):
    """`Unreachable`, as RetryMiddleware knows it."""


class _TooSlowError(FetchTimeout, DownloadTimeoutError):
    """`FetchTimeout`, as RetryMiddleware knows it."""


class _BrokenOffError(Truncated, ResponseDataLossError):
    """`Truncated`, as RetryMiddleware knows it."""


def translated(error: FetchError) -> FetchError:
    """Return `error` as one that Scrapy's RetryMiddleware retries, if trying again may help; else `error` itself.

    What is returned is of `error`'s class, with its reason, and of the class Scrapy knows.
    """
    retried: type[FetchError]
    if isinstance(error, Unreachable):
        retried = {"dns": _NoAddressError, "connect": _NoConnectionError}.get(error.reason, _NoAnswerError)
    elif isinstance(error, FetchTimeout):
        retried = _TooSlowError
    elif isinstance(error, Truncated) and error.reason == "truncated_disconnect":
        retried = _BrokenOffError
    else:
        return error
    return retried(error.what, reason=error.reason, next_step=error.next_step)


async def _asked(request: Request, wanted: WireRequest, provenance: Provenance, live: Live) -> WireAnswer:
    """Return the answer to `request`, asked when its host has a turn for it; what was kept is in its meta."""
    meta = request.meta

    async def keep(exchange: Exchange) -> Capture | None:
        capture = await live.record(exchange, provenance)
        meta["capture"], meta["block"], meta["head"] = capture, exchange.response, exchange.head
        return capture

    def admit() -> None:
        live.admit()
        refusal = live.refusal(request.url, provenance)
        if refusal is not None:
            raise Refused(f"{request.url} is not asked for", reason=refusal)

    async with AsyncExitStack() as stack:
        place = _Place(request, provenance, live, stack, admit)
        await place.take()
        try:
            answer = await live.client.ask(
                wanted,
                allow_private=live.may_be_private(request.url),
                on_exchange=keep,
                on_sent=place.sent,
                before_again=place.take,
            )
        except FetchError as error:
            if place.turn is not None:
                place.turn.failed(error.reason)
            raise
        if "room" in meta:
            meta["room"].resize(min(answer.exchange.response.size, MEMORY_BYTES) + len(answer.entity))
        if place.turn is not None:
            _report(place.turn, answer)
    return answer


class _Place:
    """A turn at the host and, but for an asset, room for the answer: both anew for a request that is sent again."""

    def __init__(
        self,
        request: Request,
        provenance: Provenance,
        live: Live,
        stack: AsyncExitStack,
        admit: Callable[[], None],
    ) -> None:
        self.turn: GateTurn | None = None
        self._request, self._live, self._stack, self._admit = request, live, stack, admit
        self._has_room = provenance.role != "asset"  # the page it is for has its room: each would wait for the other

    async def take(self) -> None:
        """Wait until the request may be sent. May raise BackedOff, and what `admit` does."""
        await self._leave()
        live, url = self._live, self._request.url
        self.turn = await self._stack.enter_async_context(live.gate.turn(url, delay_s=live.delay_s, admit=self._admit))
        if self._has_room:
            self._request.meta["room"] = await live.in_flight.room()  # the engine gives it back with the last of it
        live.admit()

    def sent(self) -> None:
        """Say that the request has been written."""
        assert self.turn is not None  # nobody writes without one
        self.turn.sent()

    async def _leave(self) -> None:
        """Give back what is held: who waits for a turn and holds room would wait for those who do the opposite."""
        self.turn = None
        await self._stack.aclose()
        room = self._request.meta.pop("room", None)
        if room is not None:
            room.release()


def _provenance(request: Request) -> Provenance:
    """Return how this URL came to be fetched, the redirects that Scrapy followed included."""
    provenance = cast("Provenance", request.meta["provenance"])
    redirects = request.meta.get("redirect_urls")
    return msgspec.structs.replace(provenance, redirects=tuple(redirects)) if redirects else provenance


def _report(turn: GateTurn, answer: WireAnswer) -> None:
    head = answer.exchange.head
    if head is not None:
        retry_after = head.get(b"retry-after")
        turn.answered(head.status, None if retry_after is None else retry_after.decode("latin-1"))
        if answer.error is not None:
            turn.broken_off(answer.error.reason)
    elif answer.error is not None:
        turn.failed(answer.error.reason)


def _tolerated(request: Request, answer: WireAnswer) -> bool:
    """Tell whether the spider wants a response that is not whole."""
    exchange = answer.exchange
    wants = not request.meta.get("download_fail_on_dataloss", True)
    return wants and exchange.head is not None and exchange.truncated is not None


def _response(request: Request, answer: WireAnswer) -> Response:
    exchange = answer.exchange
    assert exchange.head is not None  # an answer without a head has an error
    flags = []
    if exchange.truncated is not None:
        flags.append(f"truncated:{exchange.truncated}")
    if answer.entity_capped:
        flags.append("body_capped")
    response = Response(
        url=request.url,
        status=exchange.head.status,
        body=answer.entity,
        flags=flags,
        ip_address=None if exchange.ip_address is None else _ip_address(exchange.ip_address),
        protocol=exchange.head.version.decode("latin-1"),
    )
    response.headers = _headers(exchange.head.headers)
    return response


def _headers(fields: tuple[tuple[bytes, bytes], ...]) -> Headers:
    """Return `fields` as Scrapy keeps them: by name in title case.

    They are bytes already; going through `Headers.update` for each, and again for the Response, costs 0.1 ms.
    """
    headers = Headers()
    for name, value in fields:
        dict.setdefault(headers, name.title(), []).append(value)
    return headers
