"""The HTTP client whose every exchange is recorded as it crossed the wire.

`WireClient.ask` sends one request and hands over each exchange this took (a stale connection may cost a second one)
before it returns: whoever gets a `WireAnswer` may rely on its being kept. An exchange that failed after bytes had
crossed is handed over all the same, marked with what went wrong.

HTTP/1.1 only: HTTP/2 has no byte-exact form to keep. TLS is verified. Cookies, redirects, caching, content codings
and politeness are others' business.
"""

from __future__ import annotations

__all__ = ["Client", "WireAnswer", "WireClient"]

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from typing import NamedTuple, Protocol

import msgspec

from crawler.capture.wire.address import AddressPolicy
from crawler.capture.wire.connection import Connection, ExchangeEnd, Limits, open_connection
from crawler.capture.wire.entity import Entity
from crawler.capture.wire.pool import ConnectionPool, PoolKey
from crawler.capture.wire.request import Target, WireRequest, parse_proxy, serialise, target_of
from crawler.capture.wire.response import ResponseReader
from crawler.capture.wire.tls import client_context
from crawler.clock import Clock, SystemClock
from crawler.config import Fetching
from crawler.errors import BrokenResponse, FetchError, FetchTimeout, Truncated, Unreachable
from crawler.http.blocks import SpooledBlock
from crawler.model.capture import Capture
from crawler.model.exchange import Exchange, Timings, Truncation

OnExchange = Callable[[Exchange], Awaitable[Capture | None]]

VIEW_BYTES = 8 << 20
"""Of a longer entity only this much is held in memory; the block has all of it."""

_POOL_IDLE_S = 15.0
_MAX_OPEN = 512
_IDEMPOTENT = frozenset(("GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"))


class WireAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The last exchange of a request, and what was kept of it."""

    exchange: Exchange
    capture: Capture | None
    """What the recorder returned."""
    entity: bytes
    """The body de-chunked, still content-coded; at most ``VIEW_BYTES``."""
    error: FetchError | None
    """Why the exchange is not whole; None for a whole one."""

    @property
    def entity_capped(self) -> bool:
        """The entity is longer than what is held in memory."""
        return len(self.entity) < self.exchange.payload_size


async def _at_once() -> None:
    """Let a request be sent again without a pause."""


class Client(Protocol):
    """Who answers requests: the web, or in its place an archive."""

    async def ask(
        self,
        request: WireRequest,
        *,
        allow_private: bool = False,
        on_exchange: OnExchange,
        on_sent: Callable[[], None] = lambda: None,
        before_again: Callable[[], Awaitable[None]] = ...,
    ) -> WireAnswer:
        """See `WireClient.ask`."""

    async def close(self) -> None:
        """Let go of everything."""


class _Ask(NamedTuple):
    """One call of `WireClient.ask`; `started` in the loop's time."""

    request: WireRequest
    target: Target
    key: PoolKey
    started: float
    on_exchange: OnExchange
    on_sent: Callable[[], None]


class WireClient:
    """Keeps connections and asks over them. Belongs to one event loop; `close` it there.

    `ssl_context` replaces the one that trusts what the system trusts. `view_bytes` bounds `WireAnswer.entity`.
    """

    def __init__(
        self,
        fetch: Fetching,
        *,
        clock: Clock | None = None,
        ssl_context: ssl.SSLContext | None = None,
        max_open: int = _MAX_OPEN,
        idle_s: float = _POOL_IDLE_S,
        view_bytes: int = VIEW_BYTES,
    ) -> None:
        self._fetch = fetch
        self._clock: Clock = clock or SystemClock()
        self._context = ssl_context
        self._proxy = parse_proxy(fetch.proxy)
        self._limits = Limits(fetch.head_timeout_s, fetch.body_timeout_s, fetch.idle_timeout_s)
        self._pool = ConnectionPool(
            max_open=max_open, max_idle_per_key=max(2, fetch.concurrency_per_host), idle_s=idle_s
        )
        self._view_bytes = view_bytes

    async def ask(
        self,
        request: WireRequest,
        *,
        allow_private: bool = False,
        on_exchange: OnExchange,
        on_sent: Callable[[], None] = lambda: None,
        before_again: Callable[[], Awaitable[None]] = _at_once,
    ) -> WireAnswer:
        """Send `request`; return the answer after `on_exchange` has returned for every exchange it took.

        `on_sent` is called whenever the request has been written, after the handshakes.

        A kept-alive connection that turns out to be closed before the first byte of an answer is replaced once by a
        fresh one, for idempotent methods (RFC 9112 section 9.3.1), after `before_again` has returned: the server may
        have read the request before it closed. Raises Refused, Unreachable, TlsFailure and
        FetchTimeout if no request could be sent, SpoolFull if the bytes could not be kept, and whatever `on_exchange`
        and `before_again` raise. What goes wrong after the request was sent is the answer's `error`.
        """
        target = target_of(request.url)
        key = PoolKey(target.scheme, target.host, target.port, allow_private)
        started = asyncio.get_running_loop().time()
        connection = self._pool.take_idle(key)
        if connection is not None:
            answer = await self._converse(connection, _Ask(request, target, key, started, on_exchange, on_sent))
            stale = isinstance(answer.error, Unreachable) and request.method in _IDEMPOTENT
            if not stale:
                return answer
            await before_again()
            started = asyncio.get_running_loop().time()
        connection = await self._open(target, allow_private=allow_private)
        return await self._converse(connection, _Ask(request, target, key, started, on_exchange, on_sent))

    @property
    def open_connections(self) -> int:
        """Connections open now, idle ones included."""
        return self._pool.open_count

    async def close(self) -> None:
        """Close all connections; exchanges under way fail."""
        await self._pool.close()

    async def _open(self, target: Target, *, allow_private: bool) -> Connection:
        context = self._context
        if context is None and target.scheme == "https":
            context = self._context = client_context()

        def opener() -> Awaitable[Connection]:
            return open_connection(
                target,
                policy=AddressPolicy(allow_private),
                proxy=self._proxy,
                context=context,
                timeout_s=self._fetch.connect_timeout_s,
            )

        return await self._pool.open(opener)

    async def _converse(self, connection: Connection, ask: _Ask) -> WireAnswer:
        """Carry out one exchange over `connection` and hand it over."""
        request, target = ask.request, ask.target
        by_proxy = self._proxy is not None and target.scheme == "http"
        sent = recorded = serialise(request, target, absolute=by_proxy)
        if by_proxy and self._proxy is not None and self._proxy.credentials:
            sent = _with_credentials(sent, self._proxy.credentials)
        block, entity = SpooledBlock(), Entity(self._view_bytes)
        reader = ResponseReader(
            head_only=request.method == "HEAD",
            max_head_bytes=self._fetch.max_head_bytes,
            max_body_bytes=self._fetch.max_body_bytes,
            block=block.write,
            entity=entity.write,
        )
        fresh = not connection.exchanges
        captured_at = self._clock.now()
        ending = await connection.converse(sent, reader, self._limits, on_sent=ask.on_sent)
        timings = _timings(connection, ask.started, fresh=fresh)
        if connection.usable and reader.reusable:
            self._pool.give_back(ask.key, connection)
        error, truncated = self._verdict(ending, reader, target)
        old = reader.head is not None and reader.head.version.upper() == b"HTTP/1.0"
        protocol = "http/1.0" if old else "http/1.1"
        exchange = Exchange(
            url=target.url,
            method=request.method,
            captured_at=captured_at,
            request=recorded,
            response=block,
            interim=reader.interim,
            head=reader.head,
            truncated=truncated if reader.received else None,
            error=error.what if error is not None else None,
            ip_address=connection.ip,
            protocols=(protocol, connection.tls[0]) if connection.tls else (protocol,),
            cipher_suite=connection.tls[1] if connection.tls else None,
            payload_sha1=entity.sha1,
            payload_sha256=entity.sha256,
            payload_size=entity.size,
            timings=timings,
        )
        capture = await ask.on_exchange(exchange)
        return WireAnswer(exchange=exchange, capture=capture, entity=entity.beginning(), error=error)

    def _verdict(
        self, ending: ExchangeEnd, reader: ResponseReader, target: Target
    ) -> tuple[FetchError | None, Truncation | None]:
        """Return the error an exchange ended with, and how its record is marked."""
        if ending == "complete":
            return None, None
        url = target.url
        if reader.fault is not None:
            return BrokenResponse(f"the answer of {url} is broken: {reader.fault}"), (
                "length" if ending == "capped" else None
            )
        if ending == "capped":
            cap = self._fetch.max_body_bytes
            error = Truncated(
                f"{url} is longer than {cap} bytes",
                reason="truncated_length",
                next_step="raise fetch.max_body_bytes if you want it whole",
            )
            return error, "length"
        if ending in ("closed", "reset"):
            how = "closed" if ending == "closed" else "reset"
            if not reader.received:
                return Unreachable(f"{url}: the connection was {how} without an answer", reason="no_answer"), None
            where = "body" if reader.head is not None else "head"
            what = f"{url}: the connection was {how} in the middle of the {where}"
            return Truncated(what, reason="truncated_disconnect"), "disconnect"
        phase = "head" if reader.head is None else "body"
        seconds = {
            "head_timeout": self._limits.head_s,
            "body_timeout": self._limits.body_s,
            "idle_timeout": self._limits.idle_s,
        }[ending]
        what = f"{url}: " + (
            f"nothing came for {seconds:g} s in the {phase}"
            if ending == "idle_timeout"
            else f"the {phase} took longer than {seconds:g} s"
        )
        return FetchTimeout(what, reason=f"{phase}_timeout"), "time"


def _timings(connection: Connection, started: float, *, fresh: bool) -> Timings:
    """Return the moments of an exchange that was `started` then; `fresh`: the connection was opened for it."""
    first, secured = connection.first_byte_at, connection.secured_at
    return Timings(
        connect_s=connection.connected_at - started if fresh else None,
        tls_s=secured - started if fresh and secured is not None else None,
        first_byte_s=first - started if first is not None else None,
        total_s=asyncio.get_running_loop().time() - started,
    )


def _with_credentials(request: bytes, credentials: bytes) -> bytes:
    """Add what the proxy must know; it is left out of the record, which outlives passwords and is read by others."""
    head, blank, body = request.partition(b"\r\n\r\n")
    return head + b"\r\nProxy-Authorization: " + credentials + blank + body
