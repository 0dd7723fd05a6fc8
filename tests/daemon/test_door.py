"""A server with a door stays open to those who ask, however many others dawdle."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from crawler.daemon import door as door_module
from crawler.daemon.door import Door, most_connections

LONG = 60.0
SHORT = 0.1


class Opened:
    def __init__(self, port: int, door: Door, bodies: asyncio.Semaphore, held: asyncio.Event) -> None:
        self.bodies = bodies
        self.held = held
        self.port = port
        self.door = door
        self.writers: list[asyncio.StreamWriter] = []

    async def connect(self, sending: bytes = b"") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 12)
        self.writers.append(writer)
        writer.write(sending)
        await writer.drain()
        return reader, writer

    async def ask(self, path: str = "/") -> bytes:
        reader, _ = await self.connect(b"GET %b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" % path.encode())
        return await reader.read()


async def plain(_: web.Request) -> web.Response:
    return web.Response(text="here")


async def large(_: web.Request) -> web.Response:
    return web.Response(body=bytes(48 << 20))


BODIES = web.AppKey("bodies", asyncio.Semaphore)


HELD = web.AppKey("held", asyncio.Event)


async def held(request: web.Request) -> web.Response:
    content = await request.read()
    request.app[BODIES].release()
    await request.app[HELD].wait()
    return web.Response(text=str(len(content)))


async def body(request: web.Request) -> web.Response:
    request.app[BODIES].release()
    return web.Response(text=str(len(await request.read())))


@asynccontextmanager
async def opened(
    *, most: int = 8, head_s: float = LONG, request_s: float = LONG, idle_s: float = LONG
) -> AsyncIterator[Opened]:
    door = Door(most=most, head_s=head_s, request_s=request_s, idle_s=idle_s)
    app = web.Application(middlewares=[door.middleware])
    app[BODIES] = bodies = asyncio.Semaphore(0)
    app[HELD] = may_go = asyncio.Event()
    posts = [web.post("/body", body), web.post("/held", held), web.post("/unread", plain)]
    app.add_routes([web.get("/", plain), web.get("/large", large), *posts])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.0)
    await runner.setup()
    server = await asyncio.get_running_loop().create_server(door.guarded(runner.server), "127.0.0.1", 0)
    opened_server = Opened(server.sockets[0].getsockname()[1], door, bodies, may_go)
    try:
        yield opened_server
    finally:
        for writer in opened_server.writers:
            writer.close()
        server.close()
        await runner.cleanup()


@pytest.mark.parametrize("sending", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\nX: "])
def test_a_head_that_does_not_come_ends_its_connection(sending: bytes) -> None:
    async def main() -> None:
        async with opened(head_s=SHORT) as server:
            reader, _ = await server.connect(sending)
            assert await reader.read() == b""
            assert server.door.count == 0

    asyncio.run(main())


def test_a_head_that_comes_a_byte_at_a_time_has_no_longer() -> None:
    async def main() -> None:
        async with opened(head_s=5 * SHORT) as server:
            reader, writer = await server.connect()
            ended = asyncio.create_task(reader.read())
            for byte in b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 200:
                if ended.done():
                    break
                writer.write(bytes((byte,)))
                await asyncio.wait({ended}, timeout=SHORT / 2)
            assert ended.done()

    asyncio.run(main())


def test_a_body_that_does_not_come_and_an_idle_connection_end_too() -> None:
    async def main() -> None:
        async with opened(request_s=SHORT, idle_s=SHORT) as server:
            reader, _ = await server.connect(b"POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab")
            await reader.read()
            reader, _ = await server.connect(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert (await reader.read()).endswith(b"here")
            assert server.door.count == 0

    asyncio.run(main())


def test_a_client_that_takes_no_bytes_of_its_answer_is_let_go_and_one_that_takes_them_is_not() -> None:
    async def main() -> None:
        async with opened(idle_s=2 * SHORT) as server:
            request = b"GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            stuck, _ = await server.connect(request)
            taking, _ = await server.connect(request)
            taken = 0
            while piece := await taking.read(1 << 16):
                taken += len(piece)
            assert taken > 48 << 20
            async with asyncio.timeout(LONG):
                while server.door.count:  # noqa: ASYNC110 - it tells nobody
                    await asyncio.sleep(SHORT)
            with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
                await stuck.readexactly(48 << 20)

    asyncio.run(main())


def test_a_new_connection_takes_the_place_of_the_one_that_was_waited_for_the_longest() -> None:
    async def main() -> None:
        async with opened(most=4) as server:
            halves = [await server.connect(b"GET / HTTP/1.1\r\n") for _ in range(30)]
            assert (await server.ask()).endswith(b"here")
            assert server.door.count <= 4
            assert await halves[0][0].read() == b""

    asyncio.run(main())


def test_those_that_are_being_served_keep_their_place() -> None:
    async def main() -> None:
        async with opened(most=2) as server:
            asked = b"POST /held HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"
            pairs = [await server.connect(asked) for _ in range(2)]
            for _ in pairs:
                await server.bodies.acquire()
            assert await (await server.connect(b"GET / HTTP/1.1\r\n\r\n"))[0].read() == b""
            server.held.set()
            for reader, _ in pairs:
                assert (await reader.read()).endswith(b"5")

    asyncio.run(main())


@pytest.mark.parametrize("path", ["/body", "/unread"])
def test_those_whose_bodies_do_not_come_give_up_their_place(path: str) -> None:
    async def main() -> None:
        async with opened(most=4) as server:
            head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab".encode()
            slow = [await server.connect(head) for _ in range(30)]
            await asyncio.sleep(SHORT)
            assert (await server.ask()).endswith(b"here")
            assert server.door.count <= 4
            _, writer = slow[-1]
            reader, _ = slow[-1]
            writer.write(b"cde")
            assert b" 200 OK" in await reader.readline()

    asyncio.run(main())


@pytest.mark.parametrize(("limit", "most"), [(-1, 128), (1 << 20, 128), (1024, 128), (400, 50), (20, 8)])
def test_most_of_the_descriptors_are_held_in_reserve(monkeypatch: pytest.MonkeyPatch, limit: int, most: int) -> None:
    monkeypatch.setattr(door_module.resource, "getrlimit", lambda _: (limit, limit))
    assert most_connections() == most
