from __future__ import annotations

import asyncio
import gzip
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from crawler.clock import FixedClock
from crawler.demo.web import Reply, Visit, WebServer

NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
CHANGED = datetime(2026, 3, 9, 8, 15, tzinfo=UTC)
BODY = b"<p>" + b"0123456789" * 400 + b"</p>"
ROUTES = {
    "/plain": Reply(body=BODY, modified_at=CHANGED),
    "/small": Reply(body=b"hello", content_type="text/plain"),
    "/chunked": Reply(body=BODY, framing="chunked"),
    "/gzip": Reply(body=BODY, compress=True),
    "/close": Reply(body=b"hello", framing="close", content_type="text/plain"),
    "/moved": Reply(status=301, body=b"", location="/plain"),
}
TAG = ROUTES["/plain"].etag


def talk(
    use: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[Any]],
) -> tuple[Any, list[Visit]]:
    """Return what `use` returns of a connection to a server, and the access log."""
    log: list[Visit] = []

    async def main() -> Any:
        server = WebServer("s", lambda path: ROUTES.get(path, Reply(status=404, body=b"no")), log, FixedClock(NOW))
        port = await server.open("127.0.0.1", 0)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            return await asyncio.wait_for(use(reader, writer), 10)
        finally:
            writer.close()
            await writer.wait_closed()
            await server.close()

    return asyncio.run(main()), log


def exchange(request: bytes) -> bytes:
    """Return all bytes that come back; the request must ask for the connection to be closed."""

    async def use(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(request)
        return await reader.read()

    return talk(use)[0]


def get(path: str, **fields: str) -> tuple[bytes, bytes]:
    """Return head and body as they came."""
    lines = [f"{name.replace('_', '-')}: {value}\r\n" for name, value in fields.items()]
    raw = exchange(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{''.join(lines)}\r\n".encode())
    head, _, body = raw.partition(b"\r\n\r\n")
    return head, body


def test_a_reply_is_these_bytes():
    raw = exchange(b"GET /small HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert raw == (
        b"HTTP/1.1 200 OK\r\nDate: Mon, 23 Nov 2026 18:00:00 GMT\r\nServer: newsroom\r\n"
        b"Content-Type: text/plain\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"
    )


def test_until_close_is_http_1_0_and_ends_with_the_connection():
    raw = exchange(b"GET /close HTTP/1.1\r\nHost: x\r\n\r\n")
    assert raw == (
        b"HTTP/1.0 200 OK\r\nDate: Mon, 23 Nov 2026 18:00:00 GMT\r\nServer: newsroom\r\n"
        b"Content-Type: text/plain\r\nConnection: close\r\n\r\nhello"
    )


def test_chunks_are_framed_as_the_standard_says():
    head, body = get("/chunked")
    assert b"Transfer-Encoding: chunked" in head
    assert b"Content-Length" not in head
    assert body[:5] == b"5dc\r\n"
    assert body.endswith(b"\r\n0\r\n\r\n")
    sizes, entity = [], b""
    while body != b"0\r\n\r\n":
        size, _, rest = body.partition(b"\r\n")
        sizes.append(int(size, 16))
        entity, body = entity + rest[: sizes[-1]], rest[sizes[-1] + 2 :]
    assert entity == BODY
    assert sizes == [1500, 1500, 1007]


def test_gzip_is_sent_only_to_those_who_take_it():
    head, body = get("/gzip", Accept_Encoding="gzip, deflate")
    assert b"Content-Encoding: gzip" in head
    assert gzip.decompress(body) == BODY
    head, body = get("/gzip", Accept_Encoding="identity")
    assert b"Content-Encoding" not in head
    assert body == BODY


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"If_None_Match": TAG}, b"304"),
        ({"If_None_Match": f'"other", W/{TAG}'}, b"304"),
        ({"If_None_Match": "*"}, b"304"),
        ({"If_None_Match": '"other"'}, b"200"),
        ({"If_None_Match": '"other"', "If_Modified_Since": "Mon, 09 Mar 2026 08:15:00 GMT"}, b"200"),
        ({"If_Modified_Since": "Mon, 09 Mar 2026 08:15:00 GMT"}, b"304"),
        ({"If_Modified_Since": "Mon, 09 Mar 2026 08:14:59 GMT"}, b"200"),
        ({"If_Modified_Since": "Mon, 09 Mar 2026 08:15:00 -0000"}, b"304"),
        ({"If_Modified_Since": "yesterday"}, b"200"),
        ({}, b"200"),
    ],
)
def test_a_conditional_request_is_answered_304_if_nothing_changed(fields, status):
    head, body = get("/plain", **fields)
    assert head.split(b" ")[1] == status
    assert f"ETag: {TAG}".encode() in head
    assert b"Last-Modified: Mon, 09 Mar 2026 08:15:00 GMT" in head
    assert body == (b"" if status == b"304" else BODY)


def test_a_head_request_gets_the_head_only():
    raw = exchange(b"HEAD /plain HTTP/1.1\r\nConnection: close\r\n\r\n")
    assert b"Content-Length: 4007\r\n" in raw
    assert raw.endswith(b"\r\n\r\n")


def test_a_redirect_says_where_to():
    head, _ = get("/moved")
    assert head.startswith(b"HTTP/1.1 301 Moved Permanently\r\n")
    assert b"\r\nLocation: /plain\r\n" in head


def test_a_connection_serves_many_requests_and_each_is_logged():
    async def use(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for path in (b"/small", b"/nothing"):
            writer.write(b"GET " + path + b" HTTP/1.1\r\nHost: x\r\n\r\n")
            head = await reader.readuntil(b"\r\n\r\n")
            assert b"Connection: close" not in head
            await reader.readexactly(int(head.split(b"Content-Length: ")[1].split(b"\r\n")[0]))

    assert talk(use)[1] == [Visit("s", "GET", "/small", 200), Visit("s", "GET", "/nothing", 404)]


@pytest.mark.parametrize(
    "request_bytes",
    [b"\r\n\r\n", b"POST /small HTTP/1.1\r\n\r\n", b"GET small\r\n\r\n", b"GET / HTTP/1.1\r\nX: " + b"x" * 70_000],
)
def test_what_is_no_request_it_understands_is_answered_400_and_closed(request_bytes):
    assert exchange(request_bytes + b"\r\n\r\n").startswith(b"HTTP/1.1 400 Bad Request\r\n")


def test_closing_drops_clients_that_are_still_there():
    async def use(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"GET /small HT")
        await writer.drain()
        await asyncio.sleep(0)

    assert talk(use)[1] == []
