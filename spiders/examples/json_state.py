"""A site parser: the article is not in the page's HTML but in the JSON state its scripts start from.

[[rules]]
valid_from = 2026-05-01                      # the day the paper moved to its new site
parser = "spiders.examples.json_state.from_state"
"""

from __future__ import annotations

__all__ = ["from_state"]

import re

import msgspec

from crawler.model.page import Page
from crawler.parse.site_parser import plain_page

_STATE = re.compile(rb'<script id="state" type="application/json">(.*?)</script>', re.DOTALL)


class _Story(msgspec.Struct):
    headline: str
    paragraphs: tuple[str, ...]
    byline: tuple[str, ...] = ()
    published: str | None = None


class _State(msgspec.Struct):
    story: _Story


def from_state(page: Page) -> Page:
    """Return the story in the page's state as a plain page; a page without one stays as it is."""
    found = _STATE.search(page.body)
    if found is None:
        return page
    story = msgspec.json.decode(found[1], type=_State).story
    return plain_page(
        page, title=story.headline, paragraphs=story.paragraphs, authors=story.byline, published_at=story.published
    )
