from __future__ import annotations

from scrapy import Request

from crawler.capture.scrapy.seen import SeenUrls


def test_a_url_is_asked_for_once_by_each_method() -> None:
    seen = SeenUrls()
    requests = [
        Request("http://x/a"),
        Request("http://x/a"),
        Request("http://x/a", method="HEAD"),
        Request("http://x/b"),
    ]
    assert [seen.request_seen(request) for request in requests] == [False, True, False, False]
