"""What a spider of one's own makes of an answer: announcements with whole addresses, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from crawler.model.capture import Announcement
from spiders.answer import Answer, checked_answer
from spiders.found import Found

LIST = "https://www.news.example/api/stories?page=1"
ANSWER = Answer(LIST, "listing", b"", "application/json")


def told(url: str, role: Any = "listing", source: Any = "listing") -> Announcement:
    return Announcement(url=url, role=role, source=source)


def test_links_may_be_relative_and_say_who_announced_them() -> None:
    story = ANSWER.story("/a/1", title="Ferry returns", published_at="2026-06-04T10:00:00Z")
    assert story == Announcement(
        url="https://www.news.example/a/1", role="article", source="listing", via=LIST, title="Ferry returns",
        published_at="2026-06-04T10:00:00Z",
    )  # fmt: skip
    further = Announcement(
        url="https://www.news.example/api/stories?page=2", role="listing", source="listing", via=LIST
    )
    assert ANSWER.further("?page=2") == further


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (None, "town.read returned NoneType: expected a Found"),
        ([ANSWER.story("/a")], "town.read returned list: expected a Found"),
        (Found(announcements=("/a",)), r"announcements\[0\] is '/a': expected answer.story"),
        (Found(announcements=(ANSWER.story("/a"), None)), r"announcements\[1\] is None"),
        (Found(channels=[{"url": LIST}]), r"channels\[0\] is {'url'"),
        (
            Found(announcements=(told("/a"),)),
            "'/a' is no absolute address",
        ),
        (
            Found(channels=(told(LIST, "section"),)),
            "no role 'section' from 'listing'",
        ),
        (Found(channels=(told(LIST, source="api"),)), "no role 'listing' from 'api'"),
    ],
)
def test_what_is_no_announcement_is_named(found: Any, said: str) -> None:
    with pytest.raises((TypeError, ValueError), match=said):
        checked_answer(found, "town.read")


def test_what_can_be_used_is_given_back() -> None:
    found = Found(announcements=(ANSWER.story("/a"),), channels=[ANSWER.further("/b")])
    assert checked_answer(found, "town.read") is found
