"""Fixtures of the capture tests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import scrapy

from crawler.config import Config, load
from tests.capture.harness import Run, crawl_with
from tests.origin import Certificate, Origin, make_certificate


@pytest.fixture(scope="session")
def certificate() -> Certificate:
    return make_certificate()


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin() as server:
        yield server


@pytest.fixture
def secure_origin(certificate: Certificate) -> Iterator[Origin]:
    with Origin(tls=certificate.server_context()) as server:
        yield server


@pytest.fixture
def config() -> Config:
    return load(
        overrides={
            "fetch.allow_private": True,
            "fetch.robots": "ignore",
            "fetch.head_timeout_s": 5.0,
            "fetch.body_timeout_s": 5.0,
            "fetch.idle_timeout_s": 0.5,
            "fetch.max_body_bytes": 200_000,
            "fetch.retries": 1,
        }
    )


@pytest.fixture
def crawl(config: Config, certificate: Certificate) -> Callable[..., Run]:
    """Return a function that has Scrapy fetch requests (or URLs) as a run does, and returns what happened."""

    def go(*requests: Any, config: Config = config, run: Run | None = None, **live: Any) -> Run:
        wanted = [scrapy.Request(r) if isinstance(r, str) else r for r in requests]
        return asyncio.run(crawl_with(wanted, config, certificate, run or Run(), live))

    return go
