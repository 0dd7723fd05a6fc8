"""Whatever a server sends, the client comes back, and what was received is what the archive has of it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from crawler.archive.check.verify import verify_warc
from crawler.archive.read.captures import ArchivedCapture, read_captures
from crawler.archive.record_values import media_type
from crawler.archive.write.spool import Spool
from crawler.capture.wire.client import WireAnswer, WireClient
from crawler.capture.wire.request import WireRequest
from crawler.capture.wire.response import ResponseReader
from crawler.config import Config
from crawler.http.blocks import MemoryBlock
from crawler.http.body import entity
from crawler.http.head import stored_head
from crawler.model.capture import Capture
from crawler.model.exchange import Exchange
from tests.archive.archive_factory import PROVENANCE, open_spool
from tests.capture.harness import with_fetch
from tests.capture.mutations import mutated
from tests.origin import Certificate, Close, Drip, Origin, Reset, Send

_SCRIPTS = st.tuples(
    mutated() | st.binary(max_size=300),
    st.sampled_from([0, 1, 7, 400]),
    st.sampled_from([(Close(),), (Close(),), (Reset(),), ()]),
    st.sampled_from(["GET", "GET", "HEAD", "POST"]),
)


async def ask_all(
    urls: list[tuple[str, str]], config: Config, context: Any, spool: Spool
) -> list[tuple[WireAnswer, Capture]]:
    """Ask for every URL at once and archive what comes."""
    client = WireClient(config.fetch, ssl_context=context)

    async def ask(url: str, method: str) -> tuple[WireAnswer, Capture]:
        kept: list[Capture] = []

        async def keep(exchange: Exchange) -> None:
            kept.append(await spool.record(exchange, PROVENANCE))

        request = WireRequest(url=url, method=method, body=b"a=1" if method == "POST" else b"")
        answer = await client.ask(request, allow_private=True, on_exchange=keep)
        return answer, kept[-1]

    try:
        return await asyncio.gather(*(ask(url, method) for url, method in urls))
    finally:
        await client.close()
        await spool.close()


def archived(root: Path) -> dict[str, ArchivedCapture]:
    """What the files of a spool have, by record id."""
    for path in root.rglob("*.warc.gz"):
        index = path.with_name(path.name.replace(".warc.gz", ".cdxj")).read_bytes()
        assert verify_warc(path, cdxj=index).faults == ()
    found = [item for path in root.rglob("*.warc.gz") for item in read_captures(path)]
    assert all(isinstance(item, ArchivedCapture) for item in found), found
    return {item.capture.record_id: item for item in found if isinstance(item, ArchivedCapture)}


@pytest.mark.parametrize("route", ["http", "https", "proxy", "connect"])
def test_whatever_is_sent_the_client_returns_and_the_archive_has_what_came(
    route: str, origin: Origin, secure_origin: Origin, config: Config, certificate: Certificate, tmp_path: Path
) -> None:
    server = secure_origin if route in ("https", "connect") else origin
    context = certificate.client_context()
    limits = {"idle_timeout_s": 0.3, "head_timeout_s": 1.0, "body_timeout_s": 1.0, "max_head_bytes": 2000}
    proxy = origin.url if route in ("proxy", "connect") else ""
    quick = with_fetch(config, max_body_bytes=1000, proxy=proxy, **limits)
    number = 0

    # Without shrinking: each try costs the waits of its requests.
    @settings(
        max_examples=3, deadline=None, suppress_health_check=list(HealthCheck), database=None, derandomize=True,
        phases=[Phase.generate],
    )  # fmt: skip
    @given(st.lists(_SCRIPTS, min_size=20, max_size=30))
    def batch(scripts: list[Any]) -> None:
        nonlocal number
        urls = []
        for data, size, end, method in scripts:
            number += 1
            sending = (Drip(data, size),) if size else (Send(data),)
            urls.append((server.page(f"/{number}", (*sending, *end)), method))
        root = tmp_path / f"spool{number}"
        answers = asyncio.run(ask_all(urls, quick, context, open_spool(root)))
        read = archived(root)
        for (url, _), (answer, capture) in zip(urls, answers, strict=True):
            exchange = answer.exchange
            served = server.served(url.removeprefix(server.url))[-1]
            assert served.done.wait(10)
            response = exchange.response.read()
            assert served.sent.startswith(exchange.interim + response)
            assert exchange.request == served.received
            if answer.error is None:
                assert exchange.head is not None
            if exchange.head is not None:
                assert exchange.response.size >= exchange.head.size
                assert len(answer.entity) == exchange.payload_size
            if response:
                again = read[capture.record_id]
                assert again.capture == capture
                assert again.request == served.received
                assert again.head == exchange.head
                assert again.notes is not None
                assert again.notes.interim == exchange.interim
                assert capture.kind == "revisit" or again.response.read() == response

    batch()


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck), database=None, derandomize=True)
@given(mutated())
def test_a_response_reads_from_the_archive_as_it_read_on_the_wire(data: bytes) -> None:
    block, body = bytearray(), bytearray()
    reader = ResponseReader(
        head_only=False, max_head_bytes=1 << 18, max_body_bytes=1 << 20, block=block.extend, entity=body.extend
    )
    reader.feed(data)
    reader.close()
    if reader.head is None or not reader.complete:
        return  # the notes say so, and what the digests are
    kept = MemoryBlock(bytes(block))
    head = stored_head(kept)
    assert head is not None
    assert (head.status, head.size, media_type(head)) == (
        reader.head.status,
        reader.head.size,
        media_type(reader.head),
    )
    if head.status not in (101, 204, 304):
        assert b"".join(entity(kept, head)) == body
