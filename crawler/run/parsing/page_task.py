"""A page to parse, as it goes to a parse process, and what comes back: plain values, msgpack on the way.

Who asks imports this; the parser itself is imported by who does the work (`crawler.run.parsing.perform`).
"""

from __future__ import annotations

__all__ = [
    "MOST_BYTES",
    "NOWHERE",
    "HtmlFile",
    "InArchive",
    "InMemory",
    "PagePlace",
    "PageTask",
    "TaskResult",
    "in_memory",
]

from datetime import datetime

import msgspec

from crawler.http.blocks import Block
from crawler.http.head import ResponseHead
from crawler.model.capture import Capture, Earlier, Role
from crawler.model.profile import PageSketch, SiteProfile
from crawler.model.run import Outcome
from crawler.model.site import Furniture, ParserRules

MOST_BYTES = 16 << 20
"""Of a response: head and body as on the wire."""


class InArchive(msgspec.Struct, frozen=True, tag="archive"):
    """The record on this machine's disk that holds the response: nothing of it goes through the process that asks."""

    path: str
    """Of the WARC file, by its final name, whether it is finished or still being written."""
    offset: int


class InMemory(msgspec.Struct, frozen=True, tag="memory"):
    """The response block itself, for what lies in no file of this machine."""

    response: bytes
    """At most its first `MOST_BYTES`; see `in_memory`."""
    size: int
    """Of all of it."""


class HtmlFile(msgspec.Struct, frozen=True, tag="html"):
    """A file with the page alone, which a person kept; unpacked if it is gzip."""

    path: str
    headers: tuple[tuple[str, str], ...] = ()
    """Names in lower case."""


PagePlace = InArchive | InMemory | HtmlFile
NOWHERE = InMemory(b"", 0)


class PageTask(msgspec.Struct, frozen=True, kw_only=True, tag="page"):
    """All that the article depends on, besides the parser's version, and what its record says of the capture."""

    place: PagePlace = NOWHERE
    head: ResponseHead | None = None
    """The response's, as the wire's reader or the archive's had it; None: it is read with the page."""
    url: str
    captured_at: datetime
    role: Role | None
    """``probe``: parsed only if the page is an article. None: parsed whatever it is, because somebody asked for it."""
    status: int = 200
    mime: str = "text/html"
    truncated: str | None = None
    capture: Capture | None = None
    site: str | None = None
    run: str | None = None
    earlier: Earlier | None = None
    """The first article of the page, where it was read again."""
    astray: bool = False
    """Where a story was asked for, this came from another host, or is a front page."""
    rules: tuple[ParserRules, ...] = ()
    furniture: Furniture = "drop"
    profile: SiteProfile | None = None
    """The site's, in force at the capture."""
    rendered: bool = False
    """It is the page as a browser made it."""
    sketch: bool = False
    """Not the article is wanted but the sketch of its page, from which profiles are learned."""


class TaskResult(msgspec.Struct, frozen=True, kw_only=True):
    """The article's record, or why there is none: the outcome and its reason for the URL ledger."""

    outcome: Outcome
    reason: str | None = None
    detail: str | None = None
    """The reason in words, where there is more to say."""
    article_id: str | None = None
    title: str | None = None
    canonical_url: str | None = None
    """As the page declares it."""
    line: bytes = b""
    """The record as it stands in articles.jsonl, without newline; empty: no article."""
    sketch: PageSketch | None = None


def in_memory(block: Block) -> InMemory:
    """Return `block` as a task carries it, of which no more than `MOST_BYTES` are ever in memory."""
    return InMemory(block.read(MOST_BYTES), block.size)
