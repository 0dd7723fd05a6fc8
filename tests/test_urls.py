"""Normal form, sort key and scope of URLs."""

from __future__ import annotations

import pytest

from crawler.errors import UsageError
from crawler.urls import host_of, in_scope, normalise, origin_of, surt


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("HTTPS://News.Example:443/a?b#c", "https://news.example/a?b"),
        ("http://news.example", "http://news.example/"),
        ("http://news.example:8080/x y", "http://news.example:8080/x%20y"),
        ("https://news.example/خبر", "https://news.example/%D8%AE%D8%A8%D8%B1"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("http://[2001:DB8::1]:80/a", "http://[2001:db8::1]/a"),
        (" https://news.example./a ", "https://news.example/a"),
    ],
)
def test_the_normal_form(written, normal):
    assert normalise(written) == normal
    assert normalise(normal) == normal


@pytest.mark.parametrize(
    "text", ["", "news.example", "ftp://news.example/", "https:///path", "http://news.example:99999/", "mailto:a@b"]
)
def test_what_is_no_http_url_is_refused(text):
    with pytest.raises(UsageError):
        normalise(text)


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://www.News.example:443/a/?b=2&a=1#x", "example,news)/a?a=1&b=2"),
        ("http://a.b.co.uk:8080/X/Y?", "uk,co,b,a:8080)/x/y"),
        ("https://x.y/", "y,x)/"),
        ("https://127.0.0.1:99/a", "1,0,0,127:99)/a"),
        ("https://news.example/a%20b?q=%D8%A7", "example,news)/a%20b?q=%d8%a7"),
        ("http://www2.x.com//a/./b/../c/", "com,x)/a/c"),
        ("http://x.com/a%2Fb", "com,x)/a/b"),
        ("http://x.com/p?PHPSESSID=0123456789abcdef0123456789abcdef&id=4", "com,x)/p?id=4"),
        ("http://x.com/p;jsessionid=0123456789ABCDEF0123456789ABCDEF?q=1", "com,x)/p?q=1"),
    ],
)
def test_the_sort_key_is_that_of_the_wayback_family(url, key):
    assert surt(url) == key


def test_scope_is_the_host_and_its_subdomains():
    hosts = ("www.news.example", "cdn.example")
    assert in_scope("https://news.example/a", hosts)
    assert in_scope("https://sport.news.example/a", hosts)
    assert in_scope("https://img.cdn.example/a", hosts)
    assert not in_scope("https://fakenews.example/a", hosts)
    assert not in_scope("https://news.example.evil/a", hosts)


def test_host_and_origin():
    assert host_of("https://News.Example:8443/a") == "news.example"
    assert origin_of("https://user:secret@News.Example:8443/a") == "https://news.example:8443"
