"""The example of a site parser, as a declaration names it."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest

from crawler.errors import ParseError
from crawler.model.page import Page
from crawler.model.site import ParserRules
from crawler.parse.article import parse_article

RULES = (ParserRules(valid_from=date(2026, 5, 1), parser="spiders.examples.json_state.from_state"),)
STORY = {
    "headline": "Ferry returns",
    "paragraphs": ["The ferry to the island sails again from Monday, the harbour master said on Friday."] * 4,
    "byline": ["Ada Quay"],
    "published": "2026-06-04T10:00:00+02:00",
    "comments": [{"text": "At last!"}],
}


def page(state: object, *, month: int = 6) -> Page:
    script = f'<script id="state" type="application/json">{json.dumps({"story": state})}</script>' if state else ""
    body = f"<!doctype html><html><head><title>The Harbour</title>{script}</head><body><div id=app></div></body></html>"
    return Page(url="https://harbour.example/1", captured_at=datetime(2026, month, 5, tzinfo=UTC), body=body.encode())


def test_the_story_in_the_state_is_the_article():
    article = parse_article(page(STORY), rules=RULES)
    assert (article.title, article.authors, article.published_at) == (
        "Ferry returns", ("Ada Quay",), "2026-06-04T10:00:00+02:00",
    )  # fmt: skip
    assert article.body == "\n\n".join(STORY["paragraphs"])
    assert "At last" not in article.text


def test_pages_of_the_time_before_and_pages_without_state_are_read_as_ever():
    assert parse_article(page(STORY, month=4), rules=RULES).title == "The Harbour"
    assert parse_article(page(None), rules=RULES).title == "The Harbour"


def test_a_state_of_another_make_says_what_is_missing():
    with pytest.raises(ParseError, match="missing required field `headline`"):
        parse_article(page({"title": "x"}), rules=RULES)
