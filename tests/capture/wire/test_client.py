"""The client: connections, proxies, limits and what is handed over when something goes wrong."""

from __future__ import annotations

import asyncio
import resource
import ssl
import subprocess
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from crawler.capture.wire.client import WireClient
from crawler.capture.wire.request import WireRequest
from crawler.config import Config
from crawler.errors import FetchTimeout, Refused, SpoolFull, TlsFailure, Truncated, Unreachable
from crawler.model.exchange import Exchange
from tests.capture.harness import with_fetch
from tests.origin import Certificate, Close, Drip, Hold, Origin, Reset, Send, Wait, html

OK = b"HTTP/1.1 200 OK\r\n"


class Asking:
    """A client with a list for an archive."""

    def __init__(self, config: Config, context: ssl.SSLContext | None = None, **options: Any) -> None:
        self.client = WireClient(config.fetch, ssl_context=context, **options)
        self.kept: list[Exchange] = []

    async def keep(self, exchange: Exchange) -> None:
        self.kept.append(exchange)

    async def get(self, url: str, *, allow_private: bool = True, **fields: Any) -> Any:
        """Return the answer; raise its error if it is not whole, after it was kept."""
        answer = await self.client.ask(
            WireRequest(url=url, **fields), allow_private=allow_private, on_exchange=self.keep
        )
        if answer.error is not None:
            raise answer.error
        return answer


@pytest.fixture
def asking(config: Config, certificate: Certificate) -> Callable[..., Any]:
    """Return a function that runs a coroutine function with a client, and closes it."""

    def go(use: Callable[[Asking], Awaitable[Any]], config: Config = config, **options: Any) -> Any:
        async def main() -> Any:
            asking = Asking(config, certificate.client_context(), **options)
            try:
                return await use(asking)
            finally:
                await asking.client.close()

        return asyncio.run(main())

    return go


def test_a_kept_alive_connection_is_used_again_and_the_timings_say_so(origin: Origin, asking: Any) -> None:
    url = origin.page("/a", html(b"ok"))

    async def use(ask: Asking) -> list[Any]:
        return [(await ask.get(url)).exchange.timings for _ in range(3)]

    first, *others = asking(use)
    assert {entry.connection for entry in origin.log} == {1}
    assert 0 < first.connect_s < first.first_byte_s <= first.total_s
    assert [timings.connect_s for timings in others] == [None, None]


@pytest.mark.parametrize("last", [Close(), Reset()])
def test_a_stale_connection_is_replaced_once_and_both_exchanges_are_kept(
    origin: Origin, asking: Any, last: Any
) -> None:
    url = origin.page("/a", html(b"one"), (last,))

    async def use(ask: Asking) -> list[Exchange]:
        await ask.get(url)
        with pytest.raises(Unreachable) as caught:
            await ask.get(url)
        assert caught.value.reason == "no_answer"
        return ask.kept

    kept = asking(use)
    assert [e.request for e in kept] == [entry.received for entry in origin.log]
    assert [e.response.size for e in kept[1:]] == [0, 0]
    assert all(e.error is not None and e.truncated is None for e in kept[1:])


def test_what_may_have_had_an_effect_is_not_sent_twice(origin: Origin, asking: Any) -> None:
    url = origin.page("/a", html(b"one"), (Close(),), html(b"two"))

    async def use(ask: Asking) -> None:
        await ask.get(url)
        with pytest.raises(Unreachable):
            await ask.get(url, method="POST", body=b"a=1")

    asking(use)
    assert len(origin.log) == 2


def test_an_answer_that_breaks_off_on_an_old_connection_is_not_asked_for_again(origin: Origin, asking: Any) -> None:
    url = origin.page("/a", html(b"one"), (Send(OK), Wait(0.02), Close()))

    async def use(ask: Asking) -> None:
        await ask.get(url)
        with pytest.raises(Truncated):
            await ask.get(url)

    asking(use)
    assert len(origin.log) == 2


def test_a_connection_the_server_closed_while_idle_is_not_used(origin: Origin, asking: Any) -> None:
    url = origin.page("/a", (*html(b"one"), Close()))

    async def use(ask: Asking) -> int:
        await ask.get(url)
        await asyncio.sleep(0.05)
        await ask.get(url)
        return len(ask.kept)

    assert asking(use) == 2


def test_unasked_bytes_on_an_idle_connection_spoil_it(origin: Origin, asking: Any) -> None:
    url = origin.page("/a", (*html(b"one"), Wait(0.05), Send(b"HTTP/1.1 408 Timeout\r\n\r\n"), Hold()))

    async def use(ask: Asking) -> list[bytes]:
        await ask.get(url)
        await asyncio.sleep(0.1)
        await ask.get(url)
        return [e.response.read() for e in ask.kept]

    assert set(asking(use)) == {html(b"one")[0].content}
    assert [entry.connection for entry in origin.log] == [1, 2]


def test_idle_connections_are_closed_after_a_while(origin: Origin, asking: Any) -> None:
    async def use(ask: Asking) -> tuple[int, int]:
        await ask.get(origin.page("/a", html(b"one")))
        before = ask.client.open_connections
        await asyncio.sleep(0.15)
        return before, ask.client.open_connections

    assert asking(use, idle_s=0.05) == (1, 0)


def test_a_connection_made_under_the_lenient_policy_is_not_lent_to_the_strict_one(origin: Origin, asking: Any) -> None:
    url = origin.page("/a", html(b"one"))

    async def use(ask: Asking) -> None:
        await ask.get(url)
        with pytest.raises(Refused):
            await ask.get(url, allow_private=False)

    asking(use)
    assert len(origin.log) == 1


def test_no_more_connections_are_open_than_permitted(origin: Origin, asking: Any) -> None:
    urls = [origin.page(f"/{n}", (Wait(0.01), *html(b"ok"))) for n in range(12)]

    async def use(ask: Asking) -> int:
        most = 0

        async def get(url: str) -> None:
            nonlocal most
            await ask.get(url)
            most = max(most, ask.client.open_connections)

        await asyncio.gather(*map(get, urls))
        return most

    assert asking(use, max_open=3) <= 3
    assert len(origin.log) == 12


def test_a_place_is_freed_by_closing_another_hosts_idle_connection(
    origin: Origin, secure_origin: Origin, asking: Any
) -> None:
    async def use(ask: Asking) -> int:
        await ask.get(origin.page("/a", html(b"one")))
        await ask.get(secure_origin.page("/a", html(b"two")))
        return ask.client.open_connections

    assert asking(use, max_open=1) == 1


def test_cancelling_closes_the_connection_and_frees_its_place(origin: Origin, asking: Any) -> None:
    slow, quick = origin.page("/slow", (Hold(),)), origin.page("/quick", html(b"ok"))

    async def use(ask: Asking) -> Any:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await ask.get(slow)
        assert await asyncio.to_thread(origin.served("/slow")[0].done.wait, 5)
        return await asyncio.wait_for(ask.get(quick), 5)

    assert asking(use, max_open=1).entity == b"ok"


def test_a_waiter_that_gives_up_does_not_keep_the_next_one_waiting(origin: Origin, asking: Any) -> None:
    slow, quick = origin.page("/slow", (Wait(0.2), *html(b"late"))), origin.page("/quick", html(b"ok"))

    async def use(ask: Asking) -> Any:
        first = asyncio.create_task(ask.get(slow))
        await asyncio.sleep(0.05)
        second = asyncio.create_task(ask.get(quick))
        third = asyncio.create_task(ask.get(quick))
        await asyncio.sleep(0.05)
        second.cancel()
        return [(await first).entity, (await asyncio.wait_for(third, 5)).entity]

    assert asking(use, max_open=1) == [b"late", b"ok"]


@pytest.mark.parametrize(
    ("script", "reason"),
    [((Hold(),), "head_timeout"), ((Send(OK + b"\r\n"), Drip(b"x" * 200, every_s=0.02)), "body_timeout")],
)
def test_each_phase_has_its_limit(origin: Origin, asking: Any, config: Config, script: Any, reason: str) -> None:
    url = origin.page("/slow", script)
    limits = {"head_timeout_s": 0.2, "body_timeout_s": 0.3, "idle_timeout_s": 5.0}

    async def use(ask: Asking) -> str:
        with pytest.raises(FetchTimeout) as caught:
            await ask.get(url)
        return caught.value.reason

    assert asking(use, with_fetch(config, **limits)) == reason


def test_a_server_that_accepts_and_says_nothing_during_the_handshake_times_out(
    origin: Origin, asking: Any, config: Config
) -> None:
    async def use(ask: Asking) -> str:
        with pytest.raises(FetchTimeout) as caught:
            await ask.get(origin.url.replace("http:", "https:"))
        assert ask.client.open_connections == 0
        return caught.value.reason

    # The plain server waits for a request head that the TLS greeting never completes.
    assert asking(use, with_fetch(config, connect_timeout_s=0.2)) == "connect_timeout"


def test_a_server_without_tls_is_a_tls_failure(origin: Origin, asking: Any) -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()
        await writer.wait_closed()

    async def use(ask: Asking) -> None:
        async with await asyncio.start_server(plain, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            with pytest.raises(TlsFailure, match="no TLS with 127"):
                await ask.get(f"https://127.0.0.1:{port}/")

    asking(use)


def test_a_proxy_gets_its_credentials_and_the_record_does_not(origin: Origin, asking: Any, config: Config) -> None:
    url = origin.page("/a", html(b"ok"))
    proxied = with_fetch(config, proxy=origin.url.replace("//", "//me:secret@"))

    async def use(ask: Asking) -> Exchange:
        return (await ask.get(url, headers=((b"A", b"1"),))).exchange  # type: ignore[no-any-return]

    exchange = asking(use, proxied)
    assert origin.proxy_authorizations == [b"Basic bWU6c2VjcmV0"]
    line = b"\r\nProxy-Authorization: Basic bWU6c2VjcmV0"
    assert origin.log[0].received.replace(line, b"") == exchange.request
    assert exchange.request.startswith(b"GET " + url.encode() + b" HTTP/1.1\r\n")
    assert exchange.ip_address is None


def test_a_tunnel_is_asked_for_with_credentials_and_is_no_part_of_the_exchange(
    secure_origin: Origin, asking: Any, config: Config
) -> None:
    async def use(ask: Asking) -> Exchange:
        return (await ask.get(secure_origin.page("/a", html(b"ok")))).exchange  # type: ignore[no-any-return]

    with Origin(credentials=b"Basic bWU6c2VjcmV0") as proxy:
        exchange = asking(use, with_fetch(config, proxy=proxy.url.replace("//", "//me:secret@")))
        assert proxy.tunnels == [f"127.0.0.1:{secure_origin.port}"]
        with pytest.raises(Unreachable, match="407 Proxy Authentication Required") as caught:
            asking(use, with_fetch(config, proxy=proxy.url))
        assert caught.value.reason == "proxy"
    assert exchange.request == secure_origin.log[0].received
    assert b"secret" not in exchange.request
    assert b"CONNECT" not in exchange.request


def test_a_proxy_that_is_none_is_said_to_be(secure_origin: Origin, asking: Any, config: Config) -> None:
    async def odd(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.write(b"SSH-2.0-OpenSSH\r\n\r\n")
        writer.close()
        await writer.wait_closed()

    async def main() -> None:
        async with await asyncio.start_server(odd, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            ask = Asking(with_fetch(config, proxy=f"http://127.0.0.1:{port}"))
            with pytest.raises(Unreachable) as caught:
                await ask.get(secure_origin.url)
            assert caught.value.reason == "proxy"
            await ask.client.close()

    asyncio.run(main())


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "127.1",
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "localhost.",
        "127.0.0.1.",
        "%6cocalhost",
        "db.internal",
        "169.254.169.254",
        "127.0.0.1",
        "[::1]",
        "news.localhost",
        "10.1.2.3",
    ],
)
def test_a_proxy_is_no_way_around_the_address_policy(origin: Origin, asking: Any, config: Config, host: str) -> None:
    async def use(ask: Asking) -> None:
        with pytest.raises(Refused) as caught:
            await ask.get(f"http://{host}/", allow_private=False)
        assert caught.value.reason == "private_address"

    asking(use, with_fetch(config, proxy=origin.url))
    assert origin.log == []


def test_a_body_that_does_not_fit_on_the_disk_stops_the_run_loudly(origin: Origin, asking: Any, config: Config) -> None:
    url = origin.page("/big", html(b"x" * 4_000_000))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    async def use(ask: Asking) -> None:
        with pytest.raises(SpoolFull, match="could not be kept"):
            await ask.get(url)
        assert ask.kept == []

    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, hard))
    try:
        asking(use, with_fetch(config, max_body_bytes=10_000_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


_LARGE = """
import asyncio, resource, sys
from crawler.capture.wire.request import WireRequest
from crawler.capture.wire.client import WireClient
from crawler.config import load

async def main(url):
    client = WireClient(load(overrides={"fetch.max_body_bytes": 100_000_000}).fetch)
    kept = []
    async def keep(exchange):
        kept.append(exchange)
    ask = lambda: client.ask(WireRequest(url=url), allow_private=True, on_exchange=keep)
    await ask()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answers = await asyncio.gather(*(ask() for _ in range(3)))
    await client.close()
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(kept[0].response.size, len(answers[0].entity), kept[0].payload_size, grown // 1024)

asyncio.run(main(sys.argv[1]))
"""


def test_large_bodies_do_not_live_in_memory(origin: Origin) -> None:
    content = b"x" * 30_000_000
    url = origin.page("/large", html(content))
    done = subprocess.run(
        [sys.executable, "-c", _LARGE, url], capture_output=True, check=True, cwd=sys.path[0] or ".", timeout=60
    )
    block, entity, payload, grown_mb = map(int, done.stdout.split())
    assert (entity, payload) == (8 << 20, 30_000_000)
    assert block == len(origin.served("/large")[0].sent)
    assert grown_mb < 60
