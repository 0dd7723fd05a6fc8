"""A page to parse, as it goes to a parse process, and what comes back: plain values, msgpack on the way."""

from __future__ import annotations

__all__ = ["MOST_BYTES", "PageTask", "TaskResult", "decide", "perform", "task_for", "with_response"]

from datetime import datetime
from typing import Literal

import msgspec

from crawler.errors import ParseError
from crawler.model.article import Article
from crawler.model.capture import Capture, Role
from crawler.model.exchange import Block, MemoryBlock
from crawler.model.profile import PageSketch, SiteProfile
from crawler.model.run import Outcome
from crawler.model.site import ParserRules, Site
from crawler.parse.article import read_page
from crawler.parse.discover.sniff import is_article_page
from crawler.parse.http import page_from_response
from crawler.parse.profile.apply import marks_of

MOST_BYTES = 16 << 20
"""Of a response: head and body as on the wire."""


class PageTask(msgspec.Struct, frozen=True, kw_only=True):
    """All that the article depends on, besides the parser's version."""

    response: bytes = b""
    """The archived response block, at most its first `MOST_BYTES`."""
    url: str
    captured_at: datetime
    role: Role
    """``probe``: parsed only if the page is an article."""
    status: int
    mime: str
    truncated: str | None = None
    rules: tuple[ParserRules, ...] = ()
    furniture: Literal["keep", "drop"] = "drop"
    profile: SiteProfile | None = None
    """The site's, in force at the capture."""
    sketch: bool = False
    """Not the article is wanted but the sketch of its page, from which profiles are learned."""


class TaskResult(msgspec.Struct, frozen=True, kw_only=True):
    """The article, or why there is none: the outcome and its reason for the URL ledger."""

    outcome: Outcome
    reason: str | None = None
    article: Article | None = None
    sketch: PageSketch | None = None


def task_for(
    capture: Capture,
    *,
    role: Role,
    site: Site | None,
    furniture: Literal["keep", "drop"],
    profile: SiteProfile | None = None,
    sketch: bool = False,
) -> PageTask:
    """Return the task that parses `capture` by the rules of `site`, its response still to be filled in (`with_response`).

    Live and replay both come through here.
    """
    return PageTask(
        url=capture.url,
        captured_at=capture.captured_at,
        role=role,
        status=capture.status,
        mime=capture.mime,
        truncated=capture.truncated,
        rules=site.rules if site else (),
        furniture="keep" if site is not None and site.furniture == "keep" else furniture,
        profile=profile,
        sketch=sketch,
    )


def with_response(task: PageTask, response: Block) -> PageTask:
    """Return `task` with its page, of which no more than `MOST_BYTES` are ever in memory; a longer one is cut."""
    return msgspec.structs.replace(
        task,
        response=response.read(MOST_BYTES),
        truncated="length" if response.size > MOST_BYTES else task.truncated,
    )


def perform(task: PageTask) -> TaskResult:
    """Parse the page of `task`. A pure function; every ParseError becomes an outcome."""
    try:
        page = page_from_response(
            MemoryBlock(task.response), url=task.url, captured_at=task.captured_at, truncated=task.truncated
        )
        if not is_article_page(
            role=task.role, status=task.status, mime=task.mime, url=task.url, body=lambda: page.body
        ):
            return TaskResult(outcome="captured", reason="not_an_article")
        reading = read_page(page, rules=task.rules, furniture=task.furniture, profile=task.profile)
        result = decide(reading.article())
    except ParseError as error:
        return TaskResult(outcome="failed", reason=error.reason)
    if not task.sketch or result.article is None:
        return result
    sketch = PageSketch(task.url, task.captured_at, marks_of(reading.choice, reading.layout))
    return TaskResult(outcome="parsed", sketch=sketch)


def decide(article: Article) -> TaskResult:
    """Tell whether `article` is one to emit: a wall, an error page or an empty one never counts as an article."""
    if article.access not in ("full", "teaser"):
        return TaskResult(outcome="walled", reason=article.access)
    if not article.body:
        return TaskResult(outcome="failed", reason="no_article")
    return TaskResult(outcome="parsed", article=article)
