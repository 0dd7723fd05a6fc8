"""Chains of redirects: the cookies they set, the ways of saying them, and where they end."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
import scrapy
from scrapy.exceptions import IgnoreRequest

from tests.capture.harness import PROVENANCE
from tests.origin import Origin, html

PAGE = b"<p>News.</p>"


def wanted(url: str) -> scrapy.Request:
    """A request as the news spider makes it."""
    return scrapy.Request(url, dont_filter=True, meta={"provenance": PROVENANCE})


def asked(origin: Origin, path: str) -> list[bytes]:
    return [served.received for served in origin.served(path)]


def test_a_cookie_set_by_a_redirect_is_sent_for_the_rest_of_its_chain_only(origin: Origin, crawl: Any) -> None:
    origin.page("/gate", html(b"", b"Location: /story", b"Set-Cookie: seen=1; Path=/", status=b"302 Found"))
    url = origin.page("/story", html(b"", b"Location: /gate", status=b"302 Found"), html(PAGE), html(PAGE))
    run = crawl(wanted(url))
    assert run.only.response.body == PAGE
    assert [b"Cookie: seen=1" in request for request in asked(origin, "/story")] == [False, True]
    assert b"Cookie: seen=1" in run.recorder.exchanges[-1].request
    again = crawl(wanted(url))
    assert again.only.response.body == PAGE
    assert b"Cookie" not in asked(origin, "/story")[2]


def test_a_page_that_sends_its_reader_to_itself_with_a_cookie_is_had(origin: Origin, crawl: Any) -> None:
    url = origin.page("/story", html(b"", b"Location: /story", b"Set-Cookie: a=b", status=b"307 T"), html(PAGE))
    assert crawl(wanted(url)).only.response.body == PAGE
    assert b"Cookie: a=b" in asked(origin, "/story")[1]


def test_a_cookie_is_not_sent_to_another_host(origin: Origin, crawl: Any) -> None:
    away = origin.page("/away", html(PAGE)).replace("127.0.0.1", "localhost")
    url = origin.page("/story", html(b"", f"Location: {away}".encode(), b"Set-Cookie: a=b", status=b"302 Found"))
    assert crawl(wanted(url)).only.response.body == PAGE
    assert b"Cookie" not in asked(origin, "/away")[0]


def test_redirects_in_a_circle_end_at_once(origin: Origin, crawl: Any) -> None:
    url = origin.page("/a", html(b"", b"Location: /b", status=b"302 Found"))
    origin.page("/b", html(b"", b"Location: /a", status=b"302 Found"))
    run = crawl(wanted(url))
    assert isinstance(run.only.error, IgnoreRequest)
    assert (len(origin.served("/a")), len(origin.served("/b"))) == (1, 1)


@pytest.mark.parametrize(
    ("fields", "body"),
    [
        ((b"Refresh: 0; url=/new",), b""),
        ((b"Refresh: 2;URL='/new'",), PAGE),
        ((), b'<html><head><meta http-equiv="refresh" content="0; url=/new"></head></html>'),
        ((), b"<META CONTENT='1;URL=\"/new\"' HTTP-EQUIV=Refresh>"),
        ((), b'<meta http-equiv="refresh" content=" 0 ; url = /new ">'),
        ((), b'<meta http-equiv="refresh" content="0,/new">'),
        ((), b'<base href="/"><meta name="x" content="a>b"><meta content="0; url=new" http-equiv=" REFRESH ">'),
        ((), b'<meta http-equiv="refresh" content="0;URL=&#39;/new&#39;"/>'),
        ((b"Content-Encoding: gzip",), gzip.compress(b'<meta http-equiv="refresh" content="0;url=/new">')),
        ((), b'<meta http-equiv="refresh" content="0 url=/new">'),
        ((), b'<meta http-equiv="refresh" content="0; url=\'/new\' and more">'),
        ((), b'<head><script>window.location.replace("/new");</script></head>'),
        ((), b"<body><script>document.location.href = '/new'</script><noscript><a href=/new>on</a></noscript>"),
        ((), b'<script type="text/javascript"><!--\nvar a = 1; top.location="\\/new";\n//--></script>'),
        ((), b'<meta http-equiv="refresh" content="0; url=/new"><script>' + b"never closed " * 400),
        ((), b"<script>if (self != top) { alert(1); } location.assign(`/new`)</script>Please wait"),
    ],
)
def test_what_says_refresh_is_a_redirect(origin: Origin, crawl: Any, fields: tuple[bytes, ...], body: bytes) -> None:
    last = origin.page("/new", html(PAGE))
    first = origin.page("/old", html(body, *fields))
    run = crawl(wanted(first))
    assert run.only.response.url == last
    assert [p.redirects for p in run.recorder.provenances] == [(), (first,)]


@pytest.mark.parametrize(
    ("fields", "body"),
    [
        ((b"Refresh: 300; url=/new",), PAGE),
        ((b"Refresh: 5",), PAGE),
        ((b"Refresh: 0; url=/old",), PAGE),
        ((), b'<meta http-equiv="refresh" content="600; url=/new">'),
        ((), b'<noscript><meta http-equiv="refresh" content="0; url=/new"></noscript>'),
        ((), b'<!-- <meta http-equiv="refresh" content="0; url=/new"> -->'),
        ((), b'<script>document.write(\'<meta http-equiv="refresh" content="0; url=/new">\')</script>'),
        ((), b'<meta http-equiv="refresh" content="0; url=javascript:go()">'),
        ((), b'<meta http-equiv="refresh" content="0; url=/new">' + b"<p>text</p>" * 4_000),
        ((), b"<script>location.href = '/new'</script>" + b"<p>text of a story</p>" * 400),
        ((), b"<head><script>location.href = '/new'</script>" + b"<p>text of a story</p>" * 400),  # no </head>
        ((), b"<script>function go() { location.href = '/new'; }</script>"),
        ((), b"<script>if (screen.width < 700) location = '/new'</script>"),
        ((), b"<script>location.href = '/new?from=' + document.referrer</script>"),
        ((), b"<script>// location.href = '/new'\n/* ; location.href = '/new'; */</script>"),
        ((), b"<script>if (top.location == '/new') {}; location.replace('#top')</script>"),
        ((), b"<!-- <script>location.href = '/new'</script> -->"),
    ],
)
def test_a_page_that_is_there_to_be_read_is_not(
    origin: Origin, crawl: Any, fields: tuple[bytes, ...], body: bytes
) -> None:
    origin.page("/new", html(PAGE))
    first = origin.page("/old", html(body, *fields))
    assert crawl(wanted(first)).only.response.url == first
