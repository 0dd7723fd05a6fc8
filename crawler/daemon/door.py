"""The door of a small HTTP server: what of its connections is waited for, and how many there may be.

A client that sends nothing, or a byte now and then, or does not read its answer, costs a descriptor for so long as the
server lets it, and a daemon without descriptors neither fetches nor keeps. So a head has `HEAD_S` seconds to come, a
request `REQUEST_S` to be answered, an idle connection `IDLE_S` until it is closed, and one that takes no bytes of its
answer as long. Nobody is turned away for others' idleness: where there are `most` connections, a new one takes the
place of the one that has been waited for the longest, be it for a head, for a body or for taking its answer.
"""

from __future__ import annotations

__all__ = ["BACKLOG", "HEAD_S", "IDLE_S", "REQUEST_S", "SERVER_LOG", "SERVING", "Door", "most_connections"]

import asyncio
import logging
import resource
from collections.abc import Awaitable, Callable
from typing import Any, cast

from aiohttp import web
from aiohttp.http import HttpProcessingError

HEAD_S = 10.0
REQUEST_S = 60.0
IDLE_S = 30.0
BACKLOG = 32
"""Connections that the system accepts ahead of us; they cost descriptors, too."""
_MOST = 128
_SHARE = 8
"""A server's connections take at most this part of the descriptors the process may have."""
_LEAST = 8

_CLIENTS_FAULTS = (HttpProcessingError, web.RequestPayloadError, ConnectionError)
SERVER_LOG = logging.getLogger(__name__)
"""For a server behind the door: takes its own faults, not each request that is no HTTP, with which anybody who can
connect could fill a disk."""
SERVER_LOG.addFilter(lambda record: not (record.exc_info and isinstance(record.exc_info[1], _CLIENTS_FAULTS)))

SERVING: dict[str, Any] = {
    "access_log": None,
    "logger": SERVER_LOG,
    "handle_signals": False,
    "auto_decompress": False,  # a packed form of 60 KB unpacks to 60 MB on the loop, before anybody has logged in
}
"""How aiohttp serves behind the door."""

Factory = Callable[[], asyncio.BaseProtocol]


def most_connections() -> int:
    """Return how many connections one server of this process may have: descriptors are held in reserve for the rest."""
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return _MOST if limit == resource.RLIM_INFINITY else max(_LEAST, min(_MOST, limit // _SHARE))


class Door:
    """The connections of one server. Wrap its protocols by `guarded`, and have `middleware` first of all."""

    def __init__(
        self, *, most: int | None = None, head_s: float = HEAD_S, request_s: float = REQUEST_S, idle_s: float = IDLE_S
    ) -> None:
        self.most = most_connections() if most is None else most
        self.head_s, self.request_s, self.idle_s = head_s, request_s, idle_s
        self._guests: dict[object, _Guest] = {}
        """By transport, those that have been waited for the longest first."""

    @property
    def count(self) -> int:
        """Open connections."""
        return len(self._guests)

    def guarded(self, server: Factory | None) -> Factory:
        """Return what makes the protocols of `server` (a runner's, after its `setup`), each watched."""
        assert server is not None
        return lambda: _Guest(self, cast("asyncio.Protocol", server()))

    @property
    def middleware(self) -> Callable[..., Awaitable[web.StreamResponse]]:
        """Tells the door when a request has come and when its answer is made."""

        @web.middleware
        async def passing(
            request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
        ) -> web.StreamResponse:
            guest = self._guests.get(request.transport)
            if guest is None:
                return await handler(request)
            guest.is_served(request)
            try:
                return await handler(request)
            finally:
                guest.is_waited_for()

        return passing

    def enter(self, guest: _Guest, transport: asyncio.Transport) -> None:
        """Make room for `guest` if there is none; all that are being served stay."""
        if len(self._guests) >= self.most:
            longest = next((one for one in self._guests.values() if not one.served), None)
            if longest is None:
                transport.abort()
                return
            longest.end()
        self._guests[transport] = guest

    def requeue(self, transport: object) -> None:
        """Let the guest be the one that has been waited for the shortest."""
        guest = self._guests.pop(transport, None)
        if guest is not None:
            self._guests[transport] = guest

    def leave(self, transport: object) -> None:
        """Forget a guest whose connection is closed."""
        self._guests.pop(transport, None)


class _Guest(asyncio.Protocol):
    """One connection: passes everything on to the server's protocol, and ends it when it dawdles."""

    def __init__(self, door: Door, inner: asyncio.Protocol) -> None:
        self.served = False
        self._door = door
        self._inner = inner
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._in_head = True
        self._unread = 0
        self._request: web.Request | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._inner.connection_made(transport)
        self._wait(self._door.head_s)
        self._door.enter(self, self._transport)

    def data_received(self, data: bytes) -> None:
        if self._request is None and not self._in_head:
            self._in_head = True
            self._wait(self._door.head_s)
        self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        return self._inner.eof_received()

    def pause_writing(self) -> None:
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        self._inner.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._door.leave(self._transport)
        self._inner.connection_lost(exc)

    def is_served(self, request: web.Request) -> None:
        """Say that a request has come; while its body is on the way, the client is waited for."""
        self._request, self._in_head = request, False
        self._wait(self._door.request_s)
        request.content.on_eof(lambda: self._is_whole(request))

    def _is_whole(self, request: web.Request) -> None:
        if self._request is request:
            self.served = True

    def is_waited_for(self) -> None:
        """Say that the answer is made; it may still be on the way, and then another request may come."""
        self.served, self._request = False, None
        self._door.requeue(self._transport)
        self._wait(self._door.idle_s)

    def end(self) -> None:
        """Close the connection at once."""
        self._door.leave(self._transport)
        if self._transport is not None:
            self._transport.abort()

    def _wait(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._unread = self._waiting_bytes()
        self._timer = self._loop.call_later(seconds, self._is_late)

    def _is_late(self) -> None:
        """End the connection, unless its client is still taking bytes of an answer."""
        before, now = self._unread, self._waiting_bytes()
        if 0 < now != before and not self._in_head:
            self._wait(self._door.idle_s)
        else:
            self.end()

    def _waiting_bytes(self) -> int:
        return self._transport.get_write_buffer_size() if self._transport is not None else 0
