"""XML repaired and read in bounded memory; URLs made absolute."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.errors import BadHost
from crawler.parse.discover.xml import absolute, inflate, to_utf8, xml_events
from crawler.urls import normalise

HOSTS = st.from_regex(r"https?://[a-z0-9]{1,12}([.-][a-z0-9]{1,12}){1,4}/", fullmatch=True)
PATHS = st.from_regex(r"[A-Za-z0-9/_.~-]{0,40}(\?[A-Za-z0-9=&_.~-]{1,20})?", fullmatch=True)


@given(HOSTS, PATHS)
def test_an_address_that_is_normal_already_stays_as_the_normal_form_has_it(host: str, path: str) -> None:
    try:
        normal = normalise(host + path)
    except BadHost:
        normal = None
    assert absolute(host + path, "https://base.example/") == normal


@given(st.text(max_size=80))
def test_any_text_gives_a_normal_url_or_none(text: str) -> None:
    found = absolute(text, "https://base.example/a/b")
    assert found is None or normalise(found) == found


def test_what_a_crawler_cannot_ask_for_is_none() -> None:
    for link in (None, "", "mailto:a@b", "javascript:1", "http://", "http://[", "x" * 5000, "ftp://a.example/"):
        assert absolute(link, "https://base.example/") is None


@given(st.binary(max_size=400))
def test_any_bytes_give_elements_or_nothing(body: bytes) -> None:
    events = list(xml_events(body, limit=1000))
    assert sum(event.kind == "start" for event in events) >= sum(event.kind == "end" for event in events)


@given(st.binary(max_size=300))
def test_any_bytes_become_utf_8(body: bytes) -> None:
    to_utf8(body).decode("utf-8")


@given(st.binary(max_size=5000), st.integers(1, 3))
def test_inflating_gives_back_what_was_packed(body: bytes, members: int) -> None:
    size = len(body) // members + 1
    packed = b"".join(gzip.compress(body[at : at + size]) for at in range(0, max(len(body), 1), size))
    if body[:2] != b"\x1f\x8b":
        assert inflate(packed, limit=10_000) == (body, True)


def test_inflating_stops_at_its_limit() -> None:
    assert inflate(gzip.compress(b"x" * 1_000_000), limit=1000) == (b"x" * 1000, False)
    assert inflate(b"x" * 2000, limit=1000) == (b"x" * 1000, False)


def test_thousands_of_empty_gzip_members_are_not_read_for_ever() -> None:
    body, _ = inflate(gzip.compress(b"") * 50_000 + gzip.compress(b"end"), limit=1000)
    assert body in (b"", b"end")


def test_half_broken_gzip_gives_its_beginning() -> None:
    packed = bytearray(gzip.compress(bytes(range(256)) * 4000, compresslevel=1))
    packed[len(packed) // 2 :] = b"\xff" * (len(packed) - len(packed) // 2)
    body, whole = inflate(bytes(packed), limit=10_000_000)
    assert not whole
    assert body[:256] == bytes(range(256))


@pytest.mark.parametrize("broken", [b"<skipHours ", b"<ttl", b"<a:updatePeriod", b"<![CDATA["])
def test_of_tags_that_are_never_closed_only_so_many_are_mended(broken: bytes) -> None:
    feed = b"<rss><channel><item><title>one</title></item>" + broken * 300_000 + b"<item><title>two</title></item>"
    titles = [event.element.text for event in xml_events(feed, limit=10_000_000) if event.name == "title"]
    assert set(titles) == {"one"}


def test_a_few_tags_that_are_not_closed_cost_no_item() -> None:
    feed = b"<rss><channel><item><title>one</title></item><p <item><title>two</title></item></channel></rss>"
    assert {event.element.text for event in xml_events(feed, limit=10_000) if event.name == "title"} == {"one", "two"}
