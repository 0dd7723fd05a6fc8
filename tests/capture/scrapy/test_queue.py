"""What waits in a run, and the redirects it follows."""

from __future__ import annotations

from scrapy import Request
from scrapy.http import Response
from scrapy.utils.test import get_crawler

from crawler.capture.scrapy.queue import RunScheduler
from crawler.capture.scrapy.redirects import ChainRedirects
from crawler.capture.scrapy.seen import SeenUrls


def test_the_highest_priority_comes_first_and_equals_in_the_order_they_came() -> None:
    waiting = RunScheduler(SeenUrls())
    for number, priority in enumerate((0, 5, 0, 5)):
        assert waiting.enqueue_request(Request(f"https://news.example/{number}", priority=priority))
    found = []
    while waiting.has_pending_requests():
        request = waiting.next_request()
        assert request is not None
        found.append(request.url[-1])
    assert found == ["1", "3", "0", "2"]
    assert waiting.next_request() is None


def test_a_url_is_taken_once_unless_the_request_insists() -> None:
    waiting = RunScheduler(SeenUrls())
    assert waiting.enqueue_request(Request("https://news.example/"))
    assert not waiting.enqueue_request(Request("https://news.example/"))
    assert waiting.enqueue_request(Request("https://news.example/", dont_filter=True))


def test_a_redirect_is_followed_without_a_referer() -> None:
    redirects = ChainRedirects.from_crawler(get_crawler())
    request = Request("https://news.example/old", headers={"Referer": "https://news.example/"})
    response = Response(request.url, status=301, headers={"Location": "/new"})
    followed = redirects.process_response(request, response)
    assert isinstance(followed, Request)
    assert followed.url == "https://news.example/new"
    assert "Referer" not in followed.headers
