"""A check asks each channel once, without conditions, and announces nothing."""

from __future__ import annotations

import pytest

from crawler.errors import DiscoveryError
from crawler.model.capture import Announcement
from crawler.model.frontier import MemoryFrontier
from crawler.model.run import Validators
from spiders.base import Answer
from spiders.check import ChannelCheck

URL = "https://www.news.example/feed"
FEED = "<rss><channel><item><link>https://www.news.example/a/one</link></item></channel></rss>"


def made(site, run, frontier, told):
    asked = [Announcement(url=URL, role="feed", source="seed")]
    return ChannelCheck(site=site, run=run, frontier=frontier, asked=asked, tell=lambda *one: told.append(one))


def test_requests_are_never_conditional_nor_repeated_and_pages_never_asked_for(site, run, answer):
    told: list[tuple] = []
    frontier = MemoryFrontier(validators={URL: Validators(etag='"1"')})
    spider = made(site, run, frontier, told)
    (request,) = [spider._request(one) for one in spider.channels()]
    assert b"If-None-Match" not in request.headers
    assert request.meta["dont_retry"] is True
    assert list(spider.parse(answer(request, FEED, mime="text/xml"))) == []
    ((report, seen, _),) = told
    assert (report.kind, report.items, report.reason, seen.links) == (
        "RSS",
        1,
        None,
        ("https://www.news.example/a/one",),
    )
    assert (frontier.known, frontier.outcomes()) == ({}, {URL: "captured"})
    assert frontier.remembered == {URL: Validators(etag='"1"')}


def test_an_answer_of_another_status_is_told(site, run, answer):
    told: list[tuple] = []
    frontier = MemoryFrontier()
    spider = made(site, run, frontier, told)
    (request,) = [spider._request(one) for one in spider.channels()]
    list(spider.parse(answer(request, "no", status=503)))
    assert [(report.status, report.reason) for report, _, _ in told] == [(503, "http_503")]
    assert frontier.outcomes() == {URL: "failed"}


def test_it_reads_nothing(site, run):
    with pytest.raises(DiscoveryError):
        made(site, run, MemoryFrontier(), []).read(Answer(URL, "feed", b"", None))
