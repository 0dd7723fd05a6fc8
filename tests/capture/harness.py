"""What the capture tests share: a recorder, a gate that is open, and Scrapy as a run drives it."""

from __future__ import annotations

import asyncio
import hashlib
from base64 import b32encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import scrapy
from scrapy.settings import Settings

from crawler.capture.scrapy.engine import RunCrawler
from crawler.capture.scrapy.services import Live
from crawler.capture.scrapy.settings import scrapy_settings
from crawler.capture.wire.client import WireClient
from crawler.config import Config
from crawler.model.capture import Capture, Provenance
from crawler.model.exchange import Exchange
from tests.origin import Certificate

PROVENANCE = Provenance(run="r1", site="example", role="article")


def with_fetch(config: Config, **changes: Any) -> Config:
    return msgspec.structs.replace(config, fetch=msgspec.structs.replace(config.fetch, **changes))


class Recorder:
    """Keeps exchanges in a list, as the archive would on disk."""

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []
        self.provenances: list[Provenance] = []
        self.blocks: list[bytes] = []

    async def __call__(self, exchange: Exchange, provenance: Provenance) -> Capture:
        await asyncio.sleep(0)
        self.exchanges.append(exchange)
        self.provenances.append(provenance)
        self.blocks.append(exchange.response.read())
        return Capture(
            url=exchange.url,
            captured_at=exchange.captured_at,
            kind="response",
            warc="TEST.warc.gz",
            offset=len(self.exchanges),
            length=exchange.response.size,
            record_id=f"<urn:uuid:{len(self.exchanges)}>",
            status=exchange.head.status if exchange.head else 0,
            mime="unk",
            payload_sha1=b32encode(exchange.payload_sha1).decode(),
            payload_sha256=exchange.payload_sha256.hex(),
            truncated=exchange.truncated,
        )

    def entity_digests_match(self, entity: bytes) -> bool:
        return self.exchanges[-1].payload_sha1 == hashlib.sha1(entity).digest()


class Turn:
    def __init__(self, gate: Gate, url: str) -> None:
        self.gate, self.url = gate, url

    def sent(self) -> None:
        pass

    def broken_off(self, reason: str) -> None:
        pass

    def answered(self, status: int, retry_after: str | None = None) -> None:
        self.gate.log.append((self.url, status, retry_after))

    def failed(self, reason: str) -> None:
        self.gate.log.append((self.url, reason, None))


class Gate:
    """Lets everybody in at once and notes what became of it; `closed` is raised instead, if set, from
    the turn after `open_for` others on.
    """

    def __init__(self) -> None:
        self.log: list[tuple[str, int | str, str | None]] = []
        self.held = self.given = 0
        self.closed: Exception | None = None
        self.open_for = 0

    @asynccontextmanager
    async def turn(self, url: str, *, delay_s: float, admit: Callable[[], None] = lambda: None) -> AsyncIterator[Turn]:
        if self.closed is not None and self.given >= self.open_for:
            raise self.closed
        admit()
        self.held += 1
        self.given += 1
        try:
            yield Turn(self, url)
        finally:
            self.held -= 1

    def crawl_delay(self, host: str, seconds: float) -> None:
        pass


class Outcome(msgspec.Struct):
    """What a spider saw of one request."""

    url: str
    response: Any = None
    error: Any = None
    meta: dict[str, Any] = {}


class Run:
    """What one crawl did."""

    def __init__(self) -> None:
        self.recorder = Recorder()
        self.gate = Gate()
        self.outcomes: list[Outcome] = []

    @property
    def only(self) -> Outcome:
        (outcome,) = self.outcomes
        return outcome


class AskingSpider(scrapy.Spider):
    name = "asking"

    async def start(self) -> AsyncIterator[Any]:
        for request in self.requests:  # type: ignore[attr-defined]
            request.meta.setdefault("provenance", PROVENANCE)
            yield request.replace(callback=self.parse, errback=self.failed)

    def parse(self, response: Any) -> None:
        self.run.outcomes.append(Outcome(response.url, response, None, response.meta))  # type: ignore[attr-defined]

    def failed(self, failure: Any) -> None:
        self.run.outcomes.append(  # type: ignore[attr-defined]
            Outcome(failure.request.url, None, failure.value, failure.request.meta)
        )


async def crawl_with(requests: list[Any], config: Config, certificate: Certificate, run: Run, extra: Any) -> Run:
    client = WireClient(config.fetch, ssl_context=certificate.client_context(), **extra)
    live = Live(
        client=client,
        gate=run.gate,
        record=run.recorder,
        fetch=config.fetch,
        allow_private=config.fetch.allow_private,
        delay_s=0,
    )
    crawler = RunCrawler(AskingSpider, Settings(scrapy_settings(config)), live=live)
    try:
        await crawler.crawl_async(requests=requests, run=run)
    finally:
        await client.close()
    return run
