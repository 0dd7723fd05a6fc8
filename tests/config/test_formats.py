"""Values that are more than their type."""

from __future__ import annotations

import pytest

from crawler.config.formats import host_fault, host_port, interval_s, url_fault


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("15m", 900), ("6h", 21600), ("1d", 86400), ("2w", 1209600)]
)
def test_intervals(text, seconds):
    assert interval_s(text) == seconds


@pytest.mark.parametrize("text", ["", "m", "0m", "1.5h", "-1h", "1y", "15"])
def test_what_is_no_interval_is_refused(text):
    with pytest.raises(ValueError, match="number and a unit"):
        interval_s(text)


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example/",
        "http://127.0.0.1:80/x",
        "http://[::1]:8080/",
        "https://مثال.example/خبر",
        "https://localhost/",
    ],
)
def test_addresses_that_can_be_asked_for(url):
    assert url_fault(url) is None


@pytest.mark.parametrize(
    "url",
    [
        "a.example",
        "https://",
        "ftp://a.example/",
        "https://a.example:0/",
        "https://a.example:65536/",
        "https://a b/",
        "https://256.1.1.1/",
        "https://a.example/\n",
        "https://[::1/",
        "",
    ],
)
def test_addresses_that_cannot(url):
    assert "expected an http(s) URL" in str(url_fault(url))


@pytest.mark.parametrize(
    ("text", "parts"),
    [("127.0.0.1:0", ("127.0.0.1", 0)), ("[::1]:65535", ("::1", 65535)), ("mail.example:25", ("mail.example", 25))],
)
def test_host_and_port(text, parts):
    assert host_port(text) == parts


@pytest.mark.parametrize("text", ["", "8080", ":80", "a:b", "::1:80", "a:65536", "a:-1", "http://a:80", "u@a:80"])
def test_what_is_no_host_and_port(text):
    with pytest.raises(ValueError, match="expected host:port"):
        host_port(text)


@pytest.mark.parametrize(
    "host", ["a.example", "localhost", "10.0.0.1", "::1", "xn--mgbh0fb.example", "münchen.example"]
)
def test_hosts(host):
    assert host_fault(host) is None
