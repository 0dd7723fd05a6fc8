"""The bytes that ask."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.capture.wire.request import WireRequest, parse_proxy, serialise, target_of
from crawler.errors import Refused, UsageError


def sent(url: str = "http://news.example/a?b=1", **fields: object) -> bytes:
    request = WireRequest(url=url, **fields)  # type: ignore[arg-type]
    return serialise(request, target_of(url))


def test_a_request_has_its_fields_in_order_and_case_after_host() -> None:
    fields = ((b"User-Agent", b"W"), (b"x-oDD", b"caf\xe9"), (b"X-Odd", b"2"), (b"ACCEPT-ENCODING", b"gzip"))
    assert sent(headers=fields) == (
        b"GET /a?b=1 HTTP/1.1\r\nHost: news.example\r\nUser-Agent: W\r\nx-oDD: caf\xe9\r\nX-Odd: 2\r\n"
        b"ACCEPT-ENCODING: gzip\r\n\r\n"
    )


@pytest.mark.parametrize("asked", [b"br", b"gzip, br", b"zstd;q=1, gzip", b"*"])
def test_codings_that_cannot_be_read_back_are_not_asked_for(asked: bytes) -> None:
    assert b"Accept-Encoding: gzip, deflate\r\n" in sent(headers=((b"Accept-Encoding", asked),))
    assert b"Accept-Encoding: gzip, deflate\r\n" in sent()


def test_a_body_is_announced_and_fields_about_it_are_ours() -> None:
    request = sent(method="POST", body=b"a=1", headers=((b"content-length", b"99"), (b"Host", b"evil.example")))
    assert request.endswith(b"Content-Length: 3\r\n\r\na=1")
    assert request.count(b"Host") == 1
    assert b"Content-Length: 0\r\n" in sent(method="POST")


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_no_value_can_end_its_field(one: bytes, other: bytes) -> None:
    request = sent(headers=((b"If-None-Match", one), (b"If-Modified-Since", other)))
    assert request.count(b"\n") == request.count(b"\r") == 6


@pytest.mark.parametrize(
    ("url", "asked", "authority", "path"),
    [
        ("http://news.example", "http://news.example/", "news.example", "/"),
        ("http://news.example/a#b", "http://news.example/a", "news.example", "/a"),
        ("HTTP://News.Example:80/A", "http://news.example/A", "news.example", "/A"),
        ("https://news.example:443/?q=caf\u00e9", "https://news.example/?q=caf%C3%A9", "news.example", "/?q=caf%C3%A9"),
        ("https://news.example:8443/a b", "https://news.example:8443/a%20b", "news.example:8443", "/a%20b"),
        ("http://[::1]:81/", "http://[::1]:81/", "[::1]:81", "/"),
        ("http://user:secret@news.example/", "http://news.example/", "news.example", "/"),
        ("http://b\u00fccher.example/", "http://xn--bcher-kva.example/", "xn--bcher-kva.example", "/"),
        ('http://news.example/a%zz|"^', "http://news.example/a%25zz%7C%22%5E", "news.example", None),
    ],
)
def test_a_url_is_asked_for_in_its_normal_form(url: str, asked: str, authority: str, path: str | None) -> None:
    target = target_of(url)
    if path is not None:
        assert (target.url, target.authority, target.path) == (asked, authority, path)
    assert target_of(target.url) == target
    assert target.authority == authority


@pytest.mark.parametrize(
    "url", ["ftp://x/", "file:///etc/passwd", "javascript:1", "/a", "", "http://", "http:///", "http://x:99999/"]
)
def test_what_is_not_http_is_refused(url: str) -> None:
    with pytest.raises(Refused) as caught:
        target_of(url)
    assert caught.value.reason == "scheme"


@pytest.mark.parametrize(
    "url", ["http://x.example:25/", "https://x.example:22/a", "http://x.example:06667/", "http://x:0/"]
)
def test_other_services_ports_are_refused(url: str) -> None:
    with pytest.raises(Refused) as caught:
        target_of(url)
    assert caught.value.reason in ("port", "scheme")


@pytest.mark.parametrize("port", [80, 443, 8080, 8443, 3000, 81, 65535])
def test_ports_that_have_no_service_are_asked(port: int) -> None:
    assert target_of(f"http://x.example:{port}/").port == port


@given(st.text(max_size=30))
def test_no_url_can_break_the_request_line(text: str) -> None:
    try:
        request = sent("http://news.example/" + text)
    except Refused:
        return
    assert request.split(b"\r\n")[0].count(b" ") == 2
    assert request.count(b"\n") == 4


def test_a_proxy_has_its_credentials_decoded() -> None:
    proxy = parse_proxy("http://me:p%40ss@proxy.example:3128")
    assert proxy is not None
    assert (proxy.host, proxy.port, proxy.credentials) == ("proxy.example", 3128, b"Basic bWU6cEBzcw==")
    assert parse_proxy("") is None
    with pytest.raises(UsageError):
        parse_proxy("socks5://proxy.example")
