"""A small HTTP/1.1 server on raw streams: it decides every byte of the framing, which web frameworks do not allow.

Made for the demo newsroom: fixed replies by path, GET and HEAD, conditional requests (RFC 9110 section 13), gzip
where the client takes it, and three framings: Content-Length, chunked, and HTTP/1.0 until the connection closes.
"""

from __future__ import annotations

__all__ = ["Reply", "Visit", "WebServer", "http_date"]

import asyncio
import contextlib
import gzip
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Literal

import msgspec

from crawler.clock import Clock

_CHUNK = 1500
_MOST_HEAD_BYTES = 65_536
_REASONS = {200: "OK", 301: "Moved Permanently", 304: "Not Modified", 400: "Bad Request", 404: "Not Found"}

Framing = Literal["length", "chunked", "close"]


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """What is answered to a GET of one path."""

    status: int = 200
    content_type: str = "text/html; charset=utf-8"
    body: bytes
    modified_at: datetime | None = None
    """Aware; None: neither Last-Modified nor ETag is sent and no request is conditional."""
    location: str = ""
    framing: Framing = "length"
    compress: bool = False

    @property
    def etag(self) -> str:
        """Strong validator made of the content (RFC 9110 section 8.8.3)."""
        return f'"{hashlib.sha256(self.body).hexdigest()[:16]}"'


class Visit(msgspec.Struct, frozen=True):
    """One line of the access log."""

    site: str
    method: str
    path: str
    status: int


Router = Callable[[str], Reply]
"""The reply for a path, query included; 404 is a reply like others."""


class WebServer:
    """One site's server on one address."""

    def __init__(self, site: str, router: Router, log: list[Visit], clock: Clock) -> None:
        self._site = site
        self._router = router
        self._log = log
        self._clock = clock
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def open(self, host: str, port: int) -> int:
        """Listen on `host`; return the port (a free one for 0). Raises OSError if the address is not to be had."""
        self._server = await asyncio.start_server(self._serve, host, port, limit=_MOST_HEAD_BYTES)
        listening: int = self._server.sockets[0].getsockname()[1]
        return listening

    async def close(self) -> None:
        """Stop listening and drop all connections."""
        if self._server is not None:
            self._server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        if self._server is not None:
            await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # asyncio runs the callback in one
        self._connections.add(task)
        try:
            while await self._answer(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client has gone, or the server is being closed
        finally:
            self._connections.discard(task)
            writer.close()
            with contextlib.suppress(ConnectionError, asyncio.CancelledError):
                await writer.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; return whether the connection stays open."""
        request = _parse(await _head(reader))
        if request is None:
            reply, method, path, fields = Reply(status=400, body=b""), "GET", "", {"connection": "close"}
        else:
            method, path, fields = request
            reply = self._router(path)
        if _not_modified(reply, fields):
            reply = msgspec.structs.replace(reply, status=304)
        self._log.append(Visit(self._site, method, path, reply.status))
        keep_open = fields.get("connection", "").lower() != "close" and reply.framing != "close"
        writer.write(_wire(reply, fields, self._clock.now(), keep_open=keep_open, head_only=method == "HEAD"))
        await writer.drain()
        return keep_open


def http_date(moment: datetime) -> str:
    """Return `moment` as IMF-fixdate (RFC 9110 section 5.6.7)."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)


async def _head(reader: asyncio.StreamReader) -> bytes:
    """Return a request's head; empty if it is too long. A client that closes between requests is no error."""
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError:
        return b""


def _parse(head: bytes) -> tuple[str, str, dict[str, str]] | None:
    lines = head.decode("latin-1").split("\r\n")
    parts = lines[0].split(" ")
    if len(parts) != 3 or parts[0] not in ("GET", "HEAD") or not parts[1].startswith("/"):
        return None
    fields = (line.partition(":") for line in lines[1:] if line)
    return parts[0], parts[1], {name.strip().lower(): value.strip() for name, _, value in fields}


def _not_modified(reply: Reply, fields: dict[str, str]) -> bool:
    """Evaluate the preconditions in the order of RFC 9110 section 13.2.2."""
    if reply.modified_at is None or reply.status != 200:
        return False
    if "if-none-match" in fields:
        tags = [tag.strip().removeprefix("W/") for tag in fields["if-none-match"].split(",")]
        return reply.etag in tags or "*" in tags
    try:
        since = parsedate_to_datetime(fields.get("if-modified-since", ""))
    except ValueError:
        return False
    if since.tzinfo is None:
        since = since.replace(tzinfo=UTC)
    return reply.modified_at.replace(microsecond=0) <= since


def _wire(reply: Reply, fields: dict[str, str], now: datetime, *, keep_open: bool, head_only: bool) -> bytes:
    version = "HTTP/1.0" if reply.framing == "close" else "HTTP/1.1"
    lines = [f"{version} {reply.status} {_REASONS[reply.status]}", f"Date: {http_date(now)}", "Server: newsroom"]
    if reply.modified_at is not None:
        lines += [f"ETag: {reply.etag}", f"Last-Modified: {http_date(reply.modified_at)}"]
    if reply.location:
        lines.append(f"Location: {reply.location}")
    body = reply.body
    if reply.status != 304:
        lines.append(f"Content-Type: {reply.content_type}")
        if reply.compress:
            lines.append("Vary: Accept-Encoding")
            if "gzip" in fields.get("accept-encoding", ""):
                body = gzip.compress(body, mtime=0)
                lines.append("Content-Encoding: gzip")
        body, framing = _framed(body, reply.framing)
        lines += framing
    if not keep_open:
        lines.append("Connection: close")
    head = "\r\n".join([*lines, "", ""]).encode("latin-1")
    return head if head_only or reply.status == 304 else head + body


def _framed(body: bytes, framing: Framing) -> tuple[bytes, list[str]]:
    """Return the body as it is sent, and the fields that say how (RFC 9112 section 6)."""
    if framing == "close":
        return body, []
    if framing == "length":
        return body, [f"Content-Length: {len(body)}"]
    chunks = [body[start : start + _CHUNK] for start in range(0, len(body), _CHUNK)]
    coded = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    return coded + b"0\r\n\r\n", ["Transfer-Encoding: chunked"]
