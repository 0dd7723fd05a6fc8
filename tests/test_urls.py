"""Normal form, sort key and scope of URLs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.errors import BadHost, UsageError
from crawler.urls import host_of, in_scope, join, normalise, origin_of, sent_link, surt


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
        ("http://news.example/open/../closed/a", "http://news.example/closed/a"),
        ("http://news.example/open/%2e%2E/closed/a", "http://news.example/closed/a"),
        ("http://news.example/open/.%2e/%2e/closed/..", "http://news.example/"),
        ("http://news.example/../../a/./b/.", "http://news.example/a/b/"),
        ("http://news.example/a//../b", "http://news.example/a/b"),
        ("http://news.example/a/..b/.c/d..", "http://news.example/a/..b/.c/d.."),
        ("http://news.example/a?b=../c", "http://news.example/a?b=../c"),
        ("http://news.example/a?", "http://news.example/a"),
        ("http:\\\\news.example\\a\\..\\b?c", "http://news.example/b?c"),
        ("https:///news.example/a", "https://news.example/a"),
        ("http:/news.example/a", "http://news.example/a"),
        ("http://user:secret@news.example/a", "http://news.example/a"),
        ("http://news.example:00080/a", "http://news.example/a"),
        ("http://news.example:/a", "http://news.example/a"),
        ("http://news.exam\tple/a\nb", "http://news.example/ab"),
        ("http://127.1/a", "http://127.0.0.1/a"),
        ("http://news.example/100%?q=50%", "http://news.example/100%?q=50%"),
    ],
)
def test_the_normal_form(written, normal):
    assert normalise(written) == normal
    assert normalise(normal) == normal


@pytest.mark.parametrize(
    "text",
    [
        "",
        "news.example",
        "ftp://news.example/",
        "https:///",
        "https://:80/",
        "http://user@/a",
        "http://news.example:99999/",
        "mailto:a@b",
    ],
)
def test_what_is_no_http_url_is_refused(text):
    with pytest.raises(UsageError):
        normalise(text)


@pytest.mark.parametrize("host", ["a b.example", "a%00b.example", "a\x01b.example", "a%20b.example", "a..b", "xn--zz"])
def test_a_host_that_cannot_be_one_is_refused_as_a_host(host):
    with pytest.raises(BadHost):
        normalise(f"http://{host}/a")


@given(st.text(max_size=40), st.sampled_from(["http://news.example/", "https://", "http:", "//", ""]))
def test_what_is_normal_stays_and_has_no_dot_segments(text, before):
    try:
        normal = normalise(before + text)
    except UsageError:
        return
    assert normalise(normal) == normal
    assert normal.isascii()
    assert not {".", ".."} & set(normal.partition("?")[0].replace("%2e", ".").replace("%2E", ".").split("/"))


@pytest.mark.parametrize(
    ("link", "target"),
    [
        ("/b", "https://news.example/b"),
        ("b", "https://news.example/a/b"),
        ("../b", "https://news.example/b"),
        ("?b=1", "https://news.example/a/page?b=1"),
        ("#b", "https://news.example/a/page?id=1"),
        ("", "https://news.example/a/page?id=1"),
        ("..", "https://news.example/"),
        ("//other.example/b", "https://other.example/b"),
        ("///other.example/b", "https://other.example/b"),
        ("\\\\other.example\\b", "https://other.example/b"),
        ("\\news\\1.html", "https://news.example/news/1.html"),
        ("..\\news\\..\\1.html", "https://news.example/1.html"),
        (" \n/b\t c ", "https://news.example/b%20c"),
        ("http:b", "http://b/"),
        ("https:b", "https://news.example/a/b"),
        ("HTTPS:/b", "https://news.example/b"),
        ("https:\\\\other.example", "https://other.example/"),
    ],
)
def test_links_lead_where_browsers_go(link, target):
    assert join("https://news.example/a/page?id=1", link) == target


@pytest.mark.parametrize("link", ["mailto:desk@news.example", "javascript:void(0)", "//", "http://", "//a b/"])
def test_links_that_lead_to_no_page_are_refused(link):
    with pytest.raises(UsageError):
        join("https://news.example/", link)


def test_letters_of_a_query_are_sent_in_the_encoding_of_the_page_and_those_of_a_path_in_utf_8():
    link = "/خبر?q=خبر&x=☕"
    assert join("https://news.example/", link, encoding="windows-1256") == (
        "https://news.example/%D8%AE%D8%A8%D8%B1?q=%CE%C8%D1&x=%26%239749%3B"
    )
    assert join("https://news.example/", "?q=é", encoding="utf-16") == "https://news.example/?q=%C3%A9"
    assert join("https://news.example/", "?q=é", encoding="no such thing") == "https://news.example/?q=%C3%A9"


def test_a_link_in_a_field_is_utf_8_or_its_bytes():
    assert sent_link("/خبر".encode()) == "/خبر"
    assert sent_link(b"/caf\xe9") == "/caf%E9"


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


def test_a_declared_host_may_be_written_in_its_own_letters():
    assert in_scope(normalise("https://نامه‌ای.example/a"), ("نامه‌ای.example",))
    assert in_scope(normalise("https://www.straße.example/a"), ("STRASSE.example", "www.Straße.example"))
    assert not in_scope(normalise("https://straße.example/a"), ("strasse.example",))


def test_host_and_origin():
    assert host_of("https://News.Example:8443/a") == "news.example"
    assert origin_of("https://user:secret@News.Example:8443/a") == "https://news.example:8443"


def test_keys_sort_a_query_by_name_and_then_by_value() -> None:
    assert surt("https://news.example/x?id2=7&id=5") == "example,news)/x?id=5&id2=7"
    assert surt("https://news.example/x?b=2&a=9&a=10&a") == "example,news)/x?a&a=10&a=9&b=2"
    assert surt("http://news.example:abc/x") == "http://news.example:abc/x"
