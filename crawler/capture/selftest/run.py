"""Runs the cases over every route and compares what was recorded with the server's log, byte for byte."""

from __future__ import annotations

__all__ = ["ROUTES", "CaseResult", "Readback", "Route", "run_selftest"]

import asyncio
import contextlib
import hashlib
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable
from typing import Literal

import msgspec

from crawler.capture.selftest.cases import CASES, LIMITS, Case, Ends
from crawler.capture.selftest.certificate import make_certificate
from crawler.capture.selftest.server import Origin, Served
from crawler.capture.wire.client import WireAnswer, WireClient
from crawler.capture.wire.request import WireRequest
from crawler.config import Fetching
from crawler.errors import BrokenResponse, FetchError, FetchTimeout
from crawler.model.capture import Capture
from crawler.model.exchange import Exchange

Route = Literal["http", "https", "proxy", "connect", "ipv6"]
ROUTES: tuple[Route, ...] = ("http", "https", "proxy", "connect", "ipv6")
"""How the server is reached: directly, with TLS, through an HTTP proxy, through CONNECT with TLS, over IPv6."""

Readback = Callable[[Exchange], Awaitable[tuple[bytes, bytes]]]
"""Keeps an exchange and returns its request and response as they can be read again."""

_FIELDS = ((b"User-Agent", b"Warraq"), (b"X-oDD-Case", b"caf\xc3\xa9"), (b"Accept", b"*/*"), (b"accept", b"text/html"))
_AT_ONCE = 24
_CONNECT_S = 10.0
_PATIENCE = (30,)
_HURRY = (1, 2, 2)
"""How many times the limits' seconds a case gets, and is given again while it fails: a machine too busy for the server
to begin in time is no fault of the recorder. Only cases about time are hurried."""
_SETTLED_S = 60.0


class CaseResult(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one case over one route."""

    case: str
    about: str
    route: Route
    problem: str | None
    """What differs from the server's log; None: nothing does."""


async def run_selftest(
    *, routes: Iterable[Route] = ROUTES, cases: Iterable[Case] = CASES, readback: Readback | None = None
) -> list[CaseResult]:
    """Run `cases` over `routes` on loopback; takes seconds. IPv6 is left out where the machine has none.

    `readback` lets an archive take part: what it returns is compared instead of the exchange's own bytes.
    """
    certificate = make_certificate()
    context = certificate.client_context()
    limit = asyncio.Semaphore(_AT_ONCE)
    cases = tuple(cases)
    with contextlib.ExitStack() as stack:
        plain = stack.enter_context(Origin())
        secure = stack.enter_context(Origin(tls=certificate.server_context()))
        origins: dict[Route, Origin] = {"http": plain, "https": secure, "proxy": plain, "connect": secure}
        if has_ipv6():
            origins["ipv6"] = stack.enter_context(Origin(host="::1"))

        async def one(route: Route, case: Case) -> CaseResult:
            async with limit:
                proxy = plain.url if route in ("proxy", "connect") else ""
                problem = await _run(case, route, origins[route], context, proxy, readback or _own_bytes)
            return CaseResult(case=case.name, about=case.about, route=route, problem=problem)

        asked = [one(route, case) for route in routes if route in origins for case in cases]
        return list(await asyncio.gather(*asked))


def has_ipv6() -> bool:
    """Tell whether this machine has an IPv6 loopback address."""
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


async def _own_bytes(exchange: Exchange) -> tuple[bytes, bytes]:
    return exchange.request, exchange.response.read()


async def _run(
    case: Case, route: Route, origin: Origin, context: ssl.SSLContext, proxy: str, readback: Readback
) -> str | None:
    """Carry out one case; return what is wrong, None if nothing is."""
    problem = None
    for attempt, patience in enumerate(_HURRY if case.ends == "time" else _PATIENCE):
        path = f"/{route}/{case.name}{'/again' * attempt}"
        problem = await _carry_out(case, path, _fetching(proxy, patience=patience), origin, context, readback)
        if problem is None:
            break
    return problem


async def _carry_out(
    case: Case, path: str, fetching: Fetching, origin: Origin, context: ssl.SSLContext, readback: Readback
) -> str | None:
    url = origin.page(path, *case.scripts)
    kept: list[tuple[Exchange, bytes, bytes]] = []

    async def keep(exchange: Exchange) -> Capture | None:
        kept.append((exchange, *(await readback(exchange))))
        return None

    request = WireRequest(url=url, method=case.method, headers=_FIELDS, body=case.body)
    client = WireClient(fetching, ssl_context=context)
    try:
        if case.warm:
            await client.ask(request, allow_private=True, on_exchange=keep)
        answer = await client.ask(request, allow_private=True, on_exchange=keep)
    except FetchError as error:
        return f"no exchange: {error}"
    finally:
        await client.close()
    served = await asyncio.to_thread(origin.settled, path, len(kept), _SETTLED_S)
    if served is None:
        return f"{len(kept)} exchanges were kept; the server was not done with as many within {_SETTLED_S:g} s"
    return _compare(case, kept, served) or _judge(case, answer)


def _compare(case: Case, kept: list[tuple[Exchange, bytes, bytes]], served: list[Served]) -> str | None:
    """Compare what was kept with the server's log."""
    if len(kept) != len(served):
        return f"{len(served)} requests reached the server, {len(kept)} exchanges were kept"
    last = len(served) - 1
    for number, ((_, request, response), entry) in enumerate(zip(kept, served, strict=True)):
        if request != entry.received:
            return _differs("request", request, entry.received)
        expected = entry.sent
        if number == last:
            expected = expected[len(case.interim) : len(expected) - len(case.surplus)]
        if case.prefix:
            expected = expected[: len(response)]
        if response != expected:
            return _differs("response", response, expected)
    if kept[last][0].interim != case.interim:
        return _differs("interim", kept[last][0].interim, case.interim)
    return None


def _judge(case: Case, answer: WireAnswer) -> str | None:
    """Compare how the last exchange ended with how it must."""
    exchange = answer.exchange
    if (ends := _ends(answer)) != case.ends:
        return f"ended {ends} instead of {case.ends} ({exchange.error})"
    status = exchange.head.status if exchange.head is not None else None
    if status != case.status:
        return f"status {status} instead of {case.status}"
    if case.kept_body is not None and exchange.head is not None:
        body = exchange.response.size - exchange.head.size
        if body != case.kept_body:
            return f"{body} bytes of the body kept instead of {case.kept_body}"
    if case.entity is not None and answer.entity != case.entity:
        return _differs("entity", answer.entity, case.entity)
    if not answer.entity_capped and exchange.payload_sha256 != hashlib.sha256(answer.entity).digest():
        return "the payload digest is not that of the entity"
    return None


def _ends(answer: WireAnswer) -> Ends:
    exchange = answer.exchange
    if answer.error is None:
        return "whole"
    if isinstance(answer.error, BrokenResponse):
        return "broken"
    if isinstance(answer.error, FetchTimeout):
        return "time"
    return exchange.truncated or "no_answer"


def _differs(what: str, kept: bytes, expected: bytes) -> str:
    """Say where two byte strings part."""
    at = next(
        (n for n, (a, b) in enumerate(zip(kept, expected, strict=False)) if a != b), min(len(kept), len(expected))
    )
    near = slice(max(0, at - 10), at + 30)
    return (
        f"{what}: {len(kept)} bytes, {len(expected)} on the wire, differ at {at}: {kept[near]!r} / {expected[near]!r}"
    )


def _fetching(proxy: str, *, patience: int) -> Fetching:
    return Fetching(
        user_agent="Warraq",
        contact="",
        delay_s=0,
        max_delay_s=0,
        concurrency_per_host=2,
        requests_per_day=0,
        concurrency=_AT_ONCE,
        connect_timeout_s=_CONNECT_S,
        head_timeout_s=LIMITS.head_timeout_s * patience,
        body_timeout_s=LIMITS.body_timeout_s * patience,
        idle_timeout_s=LIMITS.idle_timeout_s * patience,
        max_head_bytes=LIMITS.max_head_bytes,
        max_body_bytes=LIMITS.max_body_bytes,
        max_redirects=0,
        retries=0,
        robots="ignore",
        robots_ttl_s=0,
        tdm_reservations=False,
        allow_private=True,
        proxy=proxy,
    )
