"""One connection to a server or proxy: opening it, and one exchange at a time over it.

What arrives goes straight into a `ResponseReader`; nothing is queued, so a fast server cannot fill memory. One timer
per exchange enforces the limits of head, body and silence.
"""

from __future__ import annotations

__all__ = ["Connection", "ExchangeEnd", "Limits", "open_connection"]

import asyncio
import socket
import ssl
from collections.abc import Callable
from typing import Literal, cast

import msgspec

from crawler.capture.wire.address import AddressPolicy, Connected, names_never, names_private, private_address
from crawler.capture.wire.request import Proxy, Target
from crawler.capture.wire.response import ResponseReader
from crawler.capture.wire.tls import negotiated, tls_failure
from crawler.errors import BrokenResponse, FetchTimeout, SpoolFull, Unreachable
from crawler.http.head import parse_head

ExchangeEnd = Literal["complete", "capped", "closed", "reset", "head_timeout", "body_timeout", "idle_timeout"]
"""Why an exchange is over. ``closed``: the peer closed in an orderly way, ``reset``: it did not."""

_LINGER_S = 1.0
"""How long more of a response that is not HTTP is waited for: it has no end of its own."""

_MAX_PROXY_HEAD = 65_536


class Limits(msgspec.Struct, frozen=True):
    """Seconds an exchange may take, from the moment the request is written; the body from the end of the head."""

    head_s: float
    body_s: float
    idle_s: float


class Connection(asyncio.Protocol):
    """A transport with at most one exchange under way. Unasked bytes or an end make it unusable."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._transport: asyncio.Transport | None = None
        self._reader: ResponseReader | None = None
        self._limits: Limits | None = None
        self._waiter: asyncio.Future[ExchangeEnd] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._sent_at = self._last_at = 0.0
        self._head_at: float | None = None
        self.on_lost: Callable[[Connection], None] | None = None
        self.lost: asyncio.Future[None] = loop.create_future()
        self.first_byte_at: float | None = None
        self.ip: str | None = None
        """The server's address; None behind a proxy."""
        self.tls: tuple[str, str] | None = None
        """Values of WARC-Protocol and WARC-Cipher-Suite; None without TLS."""
        self.connected_at = 0.0
        self.secured_at: float | None = None
        self.exchanges = 0
        """How many exchanges it has carried or is carrying."""
        self.idle_since = 0.0
        self.usable = False

    async def converse(
        self, request: bytes, reader: ResponseReader, limits: Limits, *, on_sent: Callable[[], None] = lambda: None
    ) -> ExchangeEnd:
        """Write `request`, feed `reader` until it has ended or cannot go on; say why it is over.

        `on_sent` is called when the request has been handed to the system. Raises SpoolFull if the bytes could not be
        kept, and what `on_sent` raises. If cancelled, the connection is closed.
        """
        assert self._transport is not None
        self.exchanges += 1
        self._reader, self._limits = reader, limits
        self._waiter = self._loop.create_future()
        self._sent_at = self._last_at = self._loop.time()
        self._head_at = self.first_byte_at = None
        self._timer = self._loop.call_at(self._sent_at + min(limits.head_s, limits.idle_s), self._check)
        ending: ExchangeEnd | None = None
        try:
            self._transport.write(request)
            on_sent()
            ending = await self._waiter
        finally:
            self._timer.cancel()
            self._reader = self._waiter = None
            if ending != "complete" or not reader.reusable:
                self.abort()
        return ending

    def abort(self) -> None:
        """Close at once, without waiting for the peer."""
        self.usable = False
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport (called by the event loop, as are the next three)."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one without saying so
        self.usable = True

    def data_received(self, data: bytes) -> None:
        """Feed what came to the exchange under way; unasked bytes spoil the connection."""
        reader = self._reader
        if reader is None or reader.ended:
            if reader is not None:
                reader.feed(data)
            self.usable = False
            return
        self._last_at = now = self._loop.time()
        if self.first_byte_at is None:
            self.first_byte_at = now
        healthy = reader.fault is None
        try:
            ended = reader.feed(data)
        except OSError as error:
            self._fail(SpoolFull(f"a response could not be kept ({error.strerror})", next_step="free some disk space"))
            return
        if ended:
            self._end("capped" if reader.capped else "complete")
        elif healthy and reader.fault is not None:
            self._arm(now + _LINGER_S)
        elif self._head_at is None and reader.head is not None:
            self._head_at = now
            self._check()

    def eof_received(self) -> None:
        """Note that the peer has closed its side; the transport then closes ours."""
        self.usable = False
        if self._reader is not None:
            self._reader.close()
            self._end("complete" if self._reader.complete else "closed")

    def connection_lost(self, exc: Exception | None) -> None:
        """Note that nothing more can come, because of `exc` if the end was not orderly."""
        self.usable = False
        if self._reader is not None and self._waiter is not None and not self._waiter.done():
            self._reader.close(orderly=exc is None)
            self._end("complete" if self._reader.complete else "closed" if exc is None else "reset")
        if not self.lost.done():
            self.lost.set_result(None)
        if self.on_lost is not None:
            self.on_lost(self)

    def _end(self, ending: ExchangeEnd) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(ending)

    def _fail(self, error: Exception) -> None:
        self.usable = False
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(error)

    def _arm(self, at: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(at, self._check)

    def _check(self) -> None:
        """End the exchange if a limit has passed, else look again when the next one can have."""
        reader, limits = self._reader, self._limits
        if reader is None or limits is None:
            return
        phase_at, phase = self._sent_at + limits.head_s, "head_timeout"
        if self._head_at is not None:
            phase_at, phase = self._head_at + limits.body_s, "body_timeout"
        silent_at = self._last_at + (min(limits.idle_s, _LINGER_S) if reader.fault else limits.idle_s)
        now = self._loop.time()
        if now < min(phase_at, silent_at):
            self._arm(min(phase_at, silent_at))
            return
        reader.abandon()
        if reader.fault:
            self._end("closed")
        elif now >= phase_at:
            self._end("head_timeout" if phase == "head_timeout" else "body_timeout")
        else:
            self._end("idle_timeout")


async def open_connection(
    target: Target, *, policy: AddressPolicy, proxy: Proxy | None, context: ssl.SSLContext | None, timeout_s: float
) -> Connection:
    """Return a connection for `target`, by way of `proxy` if there is one, with TLS by `context` for https.

    Raises Refused, Unreachable, TlsFailure, FetchTimeout (``connect_timeout``).
    """
    loop = asyncio.get_running_loop()
    connection = Connection(loop)
    try:
        async with asyncio.timeout(timeout_s):
            await _open(connection, target, policy, proxy, context)
    except TimeoutError as error:
        connection.abort()
        raise FetchTimeout(
            f"{target.host} port {target.port} did not accept a connection within {timeout_s:g} s",
            reason="connect_timeout",
        ) from error
    return connection


async def _open(
    connection: Connection, target: Target, policy: AddressPolicy, proxy: Proxy | None, context: ssl.SSLContext | None
) -> None:
    loop = asyncio.get_running_loop()
    sock, ip = await _connected(target, policy, proxy)
    try:
        connection.connected_at = loop.time()
        if target.scheme == "https":
            if proxy is not None:
                await _tunnel(sock, proxy, target)
            transport, _ = await loop.create_connection(
                lambda: connection, sock=sock, ssl=context, server_hostname=target.host
            )
            connection.tls = negotiated(transport.get_extra_info("ssl_object"))
            connection.secured_at = loop.time()
        else:
            await loop.create_connection(lambda: connection, sock=sock)
    except (ssl.SSLError, OSError) as error:
        sock.close()
        if isinstance(error, TimeoutError):
            raise
        raise tls_failure(target.host, error) from error
    except BaseException:
        sock.close()
        raise
    connection.ip = None if proxy is not None else ip


async def _connected(target: Target, policy: AddressPolicy, proxy: Proxy | None) -> Connected:
    if proxy is None:
        return await policy.connect(target.host, target.port)
    never = names_never(target.host)
    if never or (not policy.allow_private and names_private(target.host)):
        raise private_address(target.host, never=never)
    return await AddressPolicy(allow_private=True).connect(proxy.host, proxy.port)


async def _tunnel(sock: socket.socket, proxy: Proxy, target: Target) -> None:
    """Have `proxy` connect `sock` through to `target` (RFC 9110 section 9.3.6). Raises Unreachable (``proxy``).

    What is said to the proxy is no part of any exchange.
    """
    loop = asyncio.get_running_loop()
    host = f"[{target.host}]" if ":" in target.host else target.host
    request = f"CONNECT {host}:{target.port} HTTP/1.1\r\nHost: {host}:{target.port}\r\n".encode()
    if proxy.credentials:
        request += b"Proxy-Authorization: " + proxy.credentials + b"\r\n"
    await loop.sock_sendall(sock, request + b"\r\n")
    answer = bytearray()
    while b"\r\n\r\n" not in answer and b"\n\n" not in answer:
        piece = await loop.sock_recv(sock, 4096)
        answer += piece
        if not piece or len(answer) > _MAX_PROXY_HEAD:
            raise Unreachable(f"the proxy {proxy.host} did not answer CONNECT", reason="proxy")
    try:
        head = parse_head(bytes(answer))
    except BrokenResponse as error:
        raise Unreachable(f"the proxy {proxy.host} answered CONNECT with {error.what}", reason="proxy") from error
    if not 200 <= head.status < 300:
        said = f"{head.status} {head.reason.decode('latin-1')}".strip()
        raise Unreachable(f"the proxy {proxy.host} refused to connect to {host}: {said}", reason="proxy")
