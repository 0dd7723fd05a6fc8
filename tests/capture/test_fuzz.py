"""Whatever a server sends, the client comes back, and what was received is what was recorded."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.capture.request import WireRequest
from crawler.capture.wire import Answer, WireClient
from crawler.config import Config
from tests.capture.harness import with_fetch
from tests.capture.mutations import mutated
from tests.origin import Certificate, Close, Drip, Origin, Reset, Send

_SCRIPTS = st.tuples(
    mutated() | st.binary(max_size=300),
    st.sampled_from([0, 1, 7, 400]),
    st.sampled_from([(Close(),), (Close(),), (Reset(),), ()]),
    st.sampled_from(["GET", "GET", "HEAD", "POST"]),
)


async def ask_all(urls: list[tuple[str, str]], config: Config, context: Any) -> list[Answer]:
    client = WireClient(config.fetch, ssl_context=context)

    async def keep(_: object) -> None:
        return None

    async def ask(url: str, method: str) -> Answer:
        request = WireRequest(url=url, method=method, body=b"a=1" if method == "POST" else b"")
        return await client.ask(request, allow_private=True, on_exchange=keep)

    try:
        return await asyncio.gather(*(ask(url, method) for url, method in urls))
    finally:
        await client.close()


@pytest.mark.parametrize("secure", [False, True])
def test_whatever_is_sent_the_client_returns_and_has_kept_what_came(
    secure: bool, origin: Origin, secure_origin: Origin, config: Config, certificate: Certificate
) -> None:
    server = secure_origin if secure else origin
    context = certificate.client_context()
    limits = {"idle_timeout_s": 0.3, "head_timeout_s": 1.0, "body_timeout_s": 1.0, "max_head_bytes": 2000}
    quick = with_fetch(config, max_body_bytes=1000, **limits)
    number = 0

    @settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(st.lists(_SCRIPTS, min_size=20, max_size=30))
    def batch(scripts: list[Any]) -> None:
        nonlocal number
        urls = []
        for data, size, end, method in scripts:
            number += 1
            sending = (Drip(data, size),) if size else (Send(data),)
            urls.append((server.page(f"/{number}", (*sending, *end)), method))
        for (url, _), answer in zip(urls, asyncio.run(ask_all(urls, quick, context)), strict=True):
            exchange = answer.exchange
            served = server.served(url.removeprefix(server.url))[-1]
            assert served.done.wait(10)
            kept = exchange.interim + exchange.response.read()
            assert served.sent.startswith(kept)
            assert exchange.request == served.received
            if exchange.head is not None:
                assert exchange.response.size >= exchange.head.size
                assert len(answer.entity) == exchange.payload_size
            if answer.error is None:
                assert exchange.head is not None

    batch()
