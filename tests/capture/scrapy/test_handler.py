"""Scrapy over the wire client: what spiders, retries and redirects see, and what was kept before they saw it."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
import scrapy
from scrapy.exceptions import DownloadTimeoutError, ResponseDataLossError

from crawler.errors import (
    BackedOff,
    BrokenResponse,
    FetchError,
    FetchTimeout,
    Refused,
    TlsFailure,
    Truncated,
    Unreachable,
)
from tests.capture.harness import PROVENANCE, Run, with_fetch
from tests.origin import Close, Hold, Origin, Reset, Send, Wait, html, make_certificate

PAGE = b"<p>News.</p>"
ZIPPED = gzip.compress(PAGE * 100, mtime=0)


def test_a_response_reaches_the_spider_with_its_capture_and_its_bytes(origin: Origin, crawl: Any) -> None:
    url = origin.page("/a", html(PAGE))
    run = crawl(url)
    response, meta = run.only.response, run.only.meta
    assert (response.status, response.body, response.flags) == (200, PAGE, [])
    assert type(response) is scrapy.http.Response
    assert str(response.ip_address) == "127.0.0.1"
    assert response.protocol == "HTTP/1.1"
    assert meta["capture"].offset == 1
    served = origin.served("/a")[0]
    assert served.done.wait(10)
    assert meta["block"].read() == served.sent
    assert run.recorder.exchanges[0].request == origin.served("/a")[0].received
    assert run.gate.log == [(url, 200, None)]


def test_the_body_stays_content_coded_and_loses_its_chunks(origin: Origin, crawl: Any) -> None:
    chunked = b"%x\r\n%b\r\n0\r\n\r\n" % (len(ZIPPED), ZIPPED)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
    run = crawl(origin.page("/z", (Send(head + chunked),)))
    assert run.only.response.body == ZIPPED
    assert run.only.meta["block"].read() == head + chunked
    assert run.recorder.entity_digests_match(ZIPPED)


def test_a_request_says_who_asks_and_never_asks_for_what_cannot_be_read_back(origin: Origin, crawl: Any) -> None:
    url = origin.page("/a", html(PAGE))
    crawl(scrapy.Request(url, headers={"Accept-Encoding": "br, zstd, gzip"}))
    lines = origin.served("/a")[0].received.split(b"\r\n")
    assert lines[:2] == [b"GET /a HTTP/1.1", f"Host: 127.0.0.1:{origin.port}".encode()]
    assert b"Accept-Encoding: gzip, deflate" in lines
    assert any(line.startswith(b"User-Agent: Warraq/") and b"+https://" in line for line in lines)
    assert not any(line.lower().startswith((b"cookie", b"referer")) for line in lines)


def test_a_redirect_is_kept_and_followed_and_the_last_record_names_the_way(origin: Origin, crawl: Any) -> None:
    last = origin.page("/new", html(PAGE))
    first = origin.page("/old", html(b"moved", b"Location: /new", status=b"301 Moved"))
    run = crawl(first)
    assert run.only.response.url == last
    assert [e.url for e in run.recorder.exchanges] == [first, last]
    assert [p.redirects for p in run.recorder.provenances] == [(), (first,)]
    assert run.only.meta["capture"].url == last


def test_what_the_spider_gets_is_retried_when_the_host_says_so_and_each_try_is_kept(origin: Origin, crawl: Any) -> None:
    busy = html(b"later", b"Retry-After: 7", status=b"503 Busy")
    url = origin.page("/busy", busy, html(PAGE))
    run = crawl(url)
    assert run.only.response.body == PAGE
    assert run.gate.log == [(url, 503, "7"), (url, 200, None)]
    assert [e.head.status for e in run.recorder.exchanges] == [503, 200]


def test_a_body_that_breaks_off_is_kept_marked_and_tried_again(origin: Origin, crawl: Any) -> None:
    torn = (Send(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + PAGE), Wait(0.05), Reset())
    url = origin.page("/torn", torn, html(PAGE))
    run = crawl(url)
    assert run.only.response.body == PAGE
    assert [e.truncated for e in run.recorder.exchanges] == ["disconnect", None]
    assert run.recorder.blocks[0] == origin.served("/torn")[0].sent


def test_a_body_that_always_breaks_off_ends_as_an_error_with_its_capture(origin: Origin, crawl: Any) -> None:
    torn = (Send(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + PAGE), Close())
    run = crawl(origin.page("/torn", torn))
    assert len(run.recorder.exchanges) == 2
    error = run.only.error
    assert isinstance(error, ResponseDataLossError)
    assert isinstance(error, Truncated)
    assert type(error.__cause__) is Truncated
    assert error.reason == "truncated_disconnect"
    assert run.only.meta["capture"].offset == 2
    assert run.only.meta["block"].read() == torn[0].content


def test_a_spider_may_ask_to_see_what_broke_off(origin: Origin, crawl: Any) -> None:
    torn = (Send(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + PAGE), Close())
    url = origin.page("/torn", torn)
    run = crawl(scrapy.Request(url, meta={"download_fail_on_dataloss": False}))
    assert run.only.response.body == PAGE
    assert run.only.response.flags == ["truncated:disconnect"]


def test_a_body_beyond_the_cap_is_kept_to_the_cap_and_not_tried_again(origin: Origin, crawl: Any) -> None:
    url = origin.page("/big", html(b"x" * 500_000))
    run = crawl(url)
    error = run.only.error
    assert type(error) is Truncated
    assert error.reason == "truncated_length"
    assert len(run.recorder.exchanges) == 1
    exchange = run.recorder.exchanges[0]
    assert exchange.truncated == "length"
    assert exchange.response.size == exchange.head.size + 200_000


def test_scrapy_sees_the_beginning_only_of_a_large_body_that_is_kept_whole(origin: Origin, crawl: Any) -> None:
    url = origin.page("/large", html(b"x" * 150_000))
    run = crawl(url, view_bytes=1000)
    assert run.only.response.body == b"x" * 1000
    assert run.only.response.flags == ["body_capped"]
    assert run.recorder.exchanges[0].payload_size == 150_000
    assert run.recorder.blocks[0] == origin.served("/large")[0].sent


def test_silence_times_out_as_scrapy_knows_it_and_what_came_is_kept(origin: Origin, crawl: Any) -> None:
    run = crawl(origin.page("/slow", (Send(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nabc"), Hold())))
    error = run.only.error
    assert isinstance(error, DownloadTimeoutError)
    assert isinstance(error, FetchTimeout)
    assert error.reason == "body_timeout"
    assert [e.truncated for e in run.recorder.exchanges] == ["time", "time"]
    assert run.recorder.blocks[0].endswith(b"\r\n\r\nabc")


def test_what_is_not_http_is_kept_and_not_tried_again(origin: Origin, crawl: Any) -> None:
    run = crawl(origin.page("/smtp", (Send(b"220 mail.example ESMTP\r\n"), Close())))
    assert type(run.only.error) is BrokenResponse
    assert run.recorder.blocks == [b"220 mail.example ESMTP\r\n"]
    assert run.recorder.exchanges[0].head is None


def test_what_cannot_be_reached_is_tried_again_and_nothing_is_recorded(crawl: Any) -> None:
    with Origin() as gone:
        url = gone.url
    run = crawl(url + "/", "http://name.invalid/")
    errors = {outcome.url: outcome.error for outcome in run.outcomes}
    assert isinstance(errors[url + "/"], Unreachable)
    assert {type(error.__cause__) for error in errors.values()} == {Unreachable}
    assert {error.reason for error in errors.values()} == {"connect", "dns"}
    assert run.recorder.exchanges == []
    assert len(run.gate.log) == 4


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8/", "http://localhost:8/", "http://[::1]:8/", "http://2130706433:8/"]
)
def test_private_addresses_are_refused_once_and_for_all(crawl: Any, config: Any, url: str) -> None:
    run = crawl(url, config=with_fetch(config, allow_private=False))
    error = run.only.error
    assert type(error) is Refused
    assert error.reason == "private_address"
    assert "--allow-private" in str(error)
    assert len(run.gate.log) == 1


def test_a_certificate_that_is_not_trusted_is_refused_and_not_tried_again(crawl: Any) -> None:
    with Origin(tls=make_certificate(days=-1).server_context()) as stranger:
        run = crawl(stranger.page("/", html(PAGE)))
    assert type(run.only.error) is TlsFailure
    assert run.only.error.reason == "certificate"
    assert len(run.gate.log) == 1


def test_https_is_kept_with_its_protocol_and_cipher(secure_origin: Origin, crawl: Any) -> None:
    run = crawl(secure_origin.page("/a", html(PAGE)))
    exchange = run.recorder.exchanges[0]
    assert run.only.response.body == PAGE
    assert exchange.protocols == ("http/1.1", "tls/1.3")
    assert exchange.cipher_suite.startswith("TLS_")
    assert exchange.timings.tls_s > exchange.timings.connect_s > 0


def test_a_host_that_wants_to_be_left_alone_is_not_asked(origin: Origin, crawl: Any) -> None:
    run = Run()
    run.gate.closed = BackedOff("later")
    crawl(origin.page("/a", html(PAGE)), run=run)
    assert run.only.error is run.gate.closed
    assert origin.log == []


def test_a_response_waits_for_its_record(origin: Origin, crawl: Any) -> None:
    run = Run()

    async def broken(exchange: Any, provenance: Any) -> None:
        raise FetchError("the disk is full")

    run.recorder = broken  # type: ignore[assignment]
    crawl(origin.page("/a", html(PAGE)), run=run)
    assert run.only.response is None
    assert str(run.only.error) == "the disk is full"
    assert run.gate.held == 0


def test_many_requests_share_few_connections(origin: Origin, crawl: Any) -> None:
    urls = [origin.page(f"/{n}", html(b"%d" % n)) for n in range(40)]
    run = crawl(*urls)
    assert sorted(o.response.body for o in run.outcomes) == sorted(b"%d" % n for n in range(40))
    assert len({entry.connection for entry in origin.log}) < 40
    assert all(p == PROVENANCE for p in run.recorder.provenances)


def test_a_post_carries_its_body(origin: Origin, crawl: Any) -> None:
    url = origin.page("/form", html(b"ok"))
    crawl(scrapy.Request(url, method="POST", body=b"a=1"))
    assert origin.served("/form")[0].received.endswith(b"Content-Length: 3\r\n\r\na=1")


def test_a_request_that_is_sent_again_waits_for_a_turn_of_its_own(origin: Origin, crawl: Any) -> None:
    """The publisher sees both: a server may have read what it closed the connection upon."""
    there = origin.page("/b", (Close(),), html(PAGE))
    run = crawl(origin.page("/a", html(b"", f"Location: {there}".encode(), status=b"302 Found")))
    assert run.only.response.body == PAGE
    assert [len(origin.served(path)) for path in ("/a", "/b")] == [1, 2]
    assert (run.gate.given, run.gate.held) == (3, 0)
    assert [status for _, status, _ in run.gate.log] == [302, 200]


def test_a_host_that_is_to_be_left_alone_meanwhile_is_not_asked_again(origin: Origin, crawl: Any) -> None:
    there = origin.page("/b", (Close(),), html(PAGE))
    run = Run()
    run.gate.closed, run.gate.open_for = BackedOff("later"), 2
    crawl(origin.page("/a", html(b"", f"Location: {there}".encode(), status=b"302 Found")), run=run)
    assert run.only.error is run.gate.closed
    assert len(origin.served("/b")) == 1
    assert [status for _, status, _ in run.gate.log] == [302]
