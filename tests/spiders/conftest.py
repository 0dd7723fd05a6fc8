"""A site, a run and responses as the download handler leaves them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from scrapy import Request
from scrapy.http import Response

from crawler.http.blocks import MemoryBlock
from crawler.model.capture import Capture, CaptureKind
from crawler.model.run import Run
from crawler.model.site import Site

NOW = datetime(2026, 11, 23, 18, 41, 4, tzinfo=UTC)

Answer = Callable[..., Response]


@pytest.fixture
def site() -> Site:
    return Site(
        name="example",
        title="Example News",
        country="gb",
        languages=("en",),
        home="https://www.news.example/",
        feeds=("https://www.news.example/feed",),
        news_sitemaps=("https://www.news.example/news.xml",),
        sections=("https://www.news.example/world/",),
    )


@pytest.fixture
def run() -> Run:
    return Run(id="20261123T184104Z-example-0001", site="example", trigger="command", queued_at=NOW)


def capture_of(url: str, body: bytes, *, status: int, mime: str, kind: CaptureKind, truncated: str | None) -> Capture:
    return Capture(
        url=url,
        captured_at=NOW,
        kind=kind,
        warc="WARRAQ-20261123184104000-00001-host.warc.gz",
        offset=0,
        length=len(body),
        record_id="<urn:uuid:00000000-0000-0000-0000-000000000000>",
        status=status,
        mime=mime,
        payload_sha1="A" * 32,
        payload_sha256=hashlib.sha256(body).hexdigest(),
        truncated=truncated,
    )


@pytest.fixture
def answer() -> Answer:
    """Return the response to a request, its capture and block in the meta as the download handler puts them."""

    def make(
        request: Request,
        body: bytes | str = b"",
        *,
        status: int = 200,
        mime: str = "text/html",
        kind: CaptureKind = "response",
        truncated: str | None = None,
        url: str | None = None,
        **headers: str,
    ) -> Response:
        raw = body.encode() if isinstance(body, str) else body
        final = url or request.url
        if url is not None:
            request = request.replace(url=url, meta={**request.meta, "redirect_urls": [request.url]})
        fields = {"Content-Type": mime, **{name.replace("_", "-"): value for name, value in headers.items()}}
        request.meta["capture"] = capture_of(final, raw, status=status, mime=mime, kind=kind, truncated=truncated)
        request.meta["block"] = MemoryBlock(b"HTTP/1.1 %d \r\n\r\n" % status + raw)
        return Response(final, status=status, headers=fields, body=raw, request=request)

    return make
