"""A way of discovering of one's own: the paper lists its stories in JSON, page by page.

sections = ["https://harbour.example/api/stories"]
spider = "spiders.examples.json_api.JsonApi"
"""

from __future__ import annotations

__all__ = ["JsonApi"]

import msgspec

from crawler.errors import DiscoveryError
from spiders.base import Answer, Discovery
from spiders.found import Found


class _Story(msgspec.Struct):
    link: str
    headline: str
    time: str | None = None


class _Page(msgspec.Struct):
    stories: tuple[_Story, ...]
    next: str | None = None


class JsonApi(Discovery):
    """Reads ``{"stories": [{"link", "headline", "time"}, ...], "next": ADDRESS or null}``."""

    name = "json_api"
    depth = 5
    """Pages of the list that a run reads beyond the first."""

    def read(self, answer: Answer) -> Found:
        """Return the stories of one page of the list, and the page after it."""
        try:
            page = msgspec.json.decode(answer.body, type=_Page)
        except msgspec.DecodeError as error:
            raise DiscoveryError(f"{answer.url}: not a list of stories: {error}") from error
        return Found(
            announcements=tuple(
                answer.story(story.link, title=story.headline, published_at=story.time) for story in page.stories
            ),
            channels=(answer.further(page.next),) if page.next else (),
        )
