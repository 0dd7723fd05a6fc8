"""The example of a spider, on a list of stories in three pages."""

from __future__ import annotations

import json

import pytest

from crawler.errors import DiscoveryError
from crawler.model.frontier import MemoryFrontier
from crawler.model.run import Run
from crawler.model.site import Site
from spiders.base import Answer
from spiders.examples.json_api import JsonApi

URL = "https://www.news.example/api/stories"


@pytest.fixture
def spider(site: Site, run: Run) -> JsonApi:
    return JsonApi(site=site, run=run, frontier=MemoryFrontier())


def answer(body: object) -> Answer:
    return Answer(URL, "listing", json.dumps(body).encode(), "application/json")


def test_stories_are_announced_with_title_and_date_and_the_next_page_is_read(spider: JsonApi) -> None:
    story = {"link": "/a/1", "headline": "Ferry returns", "time": "2026-06-04T10:00:00Z", "id": 7}
    found = spider.read(answer({"stories": [story], "next": "?page=2"}))
    (told,) = found.announcements
    assert (told.url, told.title, told.published_at) == (
        "https://www.news.example/a/1", "Ferry returns", "2026-06-04T10:00:00Z",
    )  # fmt: skip
    assert [channel.url for channel in found.channels] == [f"{URL}?page=2"]


def test_the_last_page_leads_nowhere(spider: JsonApi) -> None:
    assert spider.read(answer({"stories": [], "next": None})).is_empty


@pytest.mark.parametrize("body", [{"error": "no key"}, [], {"stories": [{"link": "/a"}]}])
def test_what_is_no_list_says_why(spider: JsonApi, body: object) -> None:
    with pytest.raises(DiscoveryError, match=r"api/stories: not a list of stories: "):
        spider.read(answer(body))
