"""The self-test passes over every route, fails when a byte is changed, and holds for the whole of Scrapy too."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest
import scrapy

from crawler.capture.selftest import CASES, run_selftest
from crawler.capture.selftest.cases import LIMITS
from crawler.capture.selftest.run import ROUTES, has_ipv6
from crawler.model.exchange import Exchange
from tests.capture.harness import with_fetch
from tests.origin import Origin


def _uvloop(coroutine: Any) -> Any:
    return pytest.importorskip("uvloop").run(coroutine)


@pytest.mark.parametrize("run", [asyncio.run, _uvloop], ids=["asyncio", "uvloop"])
def test_every_case_is_recorded_byte_for_byte_over_every_route(run: Any) -> None:
    results = run(run_selftest())
    assert [result for result in results if result.problem] == []
    assert len(results) == len(CASES) * (len(ROUTES) - (not has_ipv6()))


def test_case_names_are_unique() -> None:
    assert len({case.name for case in CASES}) == len(CASES)


def test_a_recorder_that_changes_anything_is_found_out() -> None:
    async def normalising(exchange: Exchange) -> tuple[bytes, bytes]:
        return exchange.request, exchange.response.read().replace(b"X-ODD", b"X-Odd")

    async def forgetting(exchange: Exchange) -> tuple[bytes, bytes]:
        return exchange.request.replace(b"X-oDD-Case", b"X-Odd-Case"), exchange.response.read()

    cases = [case for case in CASES if case.name in ("plain", "header-case")]
    found = asyncio.run(run_selftest(routes=["http"], cases=cases, readback=normalising))
    assert [(result.case, result.problem is None) for result in found] == [("plain", True), ("header-case", False)]
    assert "response: 60 bytes, 60 on the wire, differ at 39" in str(found[1].problem)
    found = asyncio.run(run_selftest(routes=["http"], cases=cases, readback=forgetting))
    assert all(str(result.problem).startswith("request") for result in found)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"ends": "disconnect"}, "ended whole instead of disconnect"),
        ({"status": 404}, "status 200 instead of 404"),
        ({"entity": b"no"}, "entity"),
        ({"kept_body": 1}, "bytes of the body kept instead of 1"),
        ({"interim": b"HTTP/1.1 100 C\r\n\r\n", "surplus": b""}, "response"),
        ({"warm": True}, ""),
    ],
)
def test_a_case_that_ends_otherwise_than_it_must_is_found_out(changes: dict[str, Any], problem: str) -> None:
    (plain,) = (case for case in CASES if case.name == "plain")
    case = msgspec.structs.replace(plain, **changes)
    (result,) = asyncio.run(run_selftest(routes=["http"], cases=[case]))
    assert problem in (result.problem or "")
    assert (result.problem is None) == (not problem)


@pytest.mark.parametrize("timed", [False, True], ids=["patient", "timed"])
@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
def test_every_case_is_recorded_byte_for_byte_under_scrapy(
    secure: bool, timed: bool, origin: Origin, secure_origin: Origin, crawl: Any, config: Any
) -> None:
    server = secure_origin if secure else origin
    cases = [case for case in CASES if not case.warm and (case.ends == "time") == timed]
    patience = 2 if timed else 30
    seconds = {name: getattr(LIMITS, name) * patience for name in LIMITS.__struct_fields__ if name.endswith("_s")}
    limits = {name: getattr(LIMITS, name) for name in LIMITS.__struct_fields__} | seconds
    config = with_fetch(config, **limits)
    wrong = ["never tried"]
    for attempt in range(4 if timed else 1):  # too busy a machine is no fault of the recorder: see run_selftest
        wrong = crawled(server, f"/{attempt}/", cases, crawl, config)
        if not wrong:
            break
    assert wrong == []


def crawled(server: Origin, place: str, cases: list[Any], crawl: Any, config: Any) -> list[str]:
    """Crawl the cases below `place` of the server; return what of which case is not as it was on the wire."""
    requests = [
        scrapy.Request(
            server.page(f"{place}{case.name}", *case.scripts),
            method=case.method,
            body=case.body,
            meta={"dont_redirect": True, "dont_retry": True},
        )
        for case in cases
    ]
    run = crawl(*requests, config=config)
    kept = {e.url: (e, block) for e, block in zip(run.recorder.exchanges, run.recorder.blocks, strict=True)}
    assert len(kept) == len(run.outcomes) == len(cases)
    wrong = []
    for case in cases:
        entries = server.settled(f"{place}{case.name}", 1, 60)
        assert entries, case.name
        *unanswered, served = entries
        for entry in unanswered:  # a pooled connection that ends without a word may be stale: the client asks again
            assert entry.sent == b"", case.name
            assert any(old.connection == entry.connection for old in server.log[: server.log.index(entry)]), case.name
        exchange, block = kept[server.url + served.path]
        expected = served.sent[len(case.interim) : len(served.sent) - len(case.surplus)]
        outcome = next(o for o in run.outcomes if o.url == exchange.url)
        if block != (expected[: len(block)] if case.prefix else expected):
            wrong.append(f"{case.name}: {block!r} for {expected!r}")
        if exchange.request != served.received:
            wrong.append(f"{case.name}: {exchange.request!r} for {served.received!r}")
        if (outcome.error is None) != (case.ends == "whole"):
            wrong.append(f"{case.name}: {outcome.error}")
        if outcome.response is not None and case.entity is not None and outcome.response.body != case.entity:
            wrong.append(f"{case.name}: another entity")
    return wrong
