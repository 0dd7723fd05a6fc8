"""The work of a parse process: from where a page lies to its record. A pure function; every fault becomes an
outcome.
"""

from __future__ import annotations

__all__ = ["perform"]

import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path

import msgspec
from selectolax.lexbor import LexborHTMLParser

from crawler.archive.read.captures import response_at
from crawler.archive.write.spool_folder import open_spooled
from crawler.errors import BadArchive, ParseError
from crawler.frontier.refresh import refresh_target
from crawler.http.blocks import MemoryBlock
from crawler.http.coding import MAX_BODY, decode_body
from crawler.model.article import Article, to_record
from crawler.model.page import Page
from crawler.model.profile import PageSketch
from crawler.parse.article import open_page, read_page, uncollected
from crawler.parse.discover.leads import link_in_field
from crawler.parse.discover.sniff import is_article_page
from crawler.parse.http import page_from_response
from crawler.parse.profile.apply import marks_of
from crawler.run.parsing.page_task import HtmlFile, InArchive, PageTask, TaskResult, in_memory

_ENCODER = msgspec.json.Encoder()


def perform(task: PageTask) -> TaskResult:
    """Parse the page of `task`, and say so if it takes more memory or depth than this process may have."""
    try:
        with uncollected():
            return _performed(task)
    except MemoryError:
        return TaskResult(outcome="lost", reason="parse_memory", detail="the page needs more memory than its limit")
    except RecursionError:
        return TaskResult(outcome="lost", reason="parse_depth", detail="the page is nested too deeply")


def _performed(task: PageTask) -> TaskResult:
    page = cache(lambda: _page(task))
    opened = cache(lambda: open_page(page()))
    try:
        if not _is_wanted(task, lambda: page().body, lambda: opened().tree.parser):
            is_file = task.role == "article" and not task.astray
            return TaskResult(outcome="captured", reason="not_html" if is_file else "not_an_article")
        if task.role == "article" and _leads_on(page()):
            return TaskResult(outcome="captured", reason="refresh")
        known = opened() if task.role == "probe" else None  # its tree was looked at
        reading = read_page(page(), rules=task.rules, furniture=task.furniture, profile=task.profile, opened=known)
        result = _with_canonical_field(_judged(task, reading.article()), page())
    except ParseError as error:
        return TaskResult(outcome="failed", reason=error.reason, detail=str(error))
    except (BadArchive, OSError, EOFError, zlib.error) as error:
        reason = "unreadable" if isinstance(task.place, HtmlFile) else "capture_unreadable"
        return TaskResult(outcome="lost", reason=reason, detail=str(error))
    if not task.sketch or result.article_id is None:
        return result
    sketch = PageSketch(task.url, task.captured_at, marks_of(reading.choice, reading.layout))
    return TaskResult(outcome="parsed", sketch=sketch)


def _with_canonical_field(result: TaskResult, page: Page) -> TaskResult:
    """Return `result` with the canonical address that a header field names, where the page itself names none."""
    field = ", ".join(value for name, value in page.headers if name == "link")
    if not field or result.article_id is None or result.canonical_url is not None:
        return result
    return msgspec.structs.replace(result, canonical_url=link_in_field(field, page.url, "canonical"))


def _leads_on(page: Page) -> bool:
    """Tell whether the page only sends its reader on: the crawl has followed it."""
    field = next((value for name, value in page.headers if name == "refresh"), None)
    return refresh_target(page.url, field, page.body) is not None


def _page(task: PageTask) -> Page:
    """Return the page at the task's place. Raises ParseError, BadArchive, OSError."""
    place = task.place
    if isinstance(place, HtmlFile):
        return _page_of_file(place, task)
    if isinstance(place, InArchive):
        path = Path(place.path)
        with open_spooled(path) as stream:
            place = in_memory(response_at(stream, place.offset, name=path.name))
    page = page_from_response(
        MemoryBlock(place.response),
        url=task.url,
        captured_at=task.captured_at,
        head=task.head,
        truncated="length" if place.size > len(place.response) else task.truncated,
    )
    return msgspec.structs.replace(page, flags=(*page.flags, "rendered")) if task.rendered else page


def _page_of_file(place: HtmlFile, task: PageTask) -> Page:
    path = Path(place.path)
    body = path.read_bytes()
    flags: tuple[str, ...] = ("body_capped",) if len(body) > MAX_BODY else ()
    if path.suffix == ".gz" or body.startswith(b"\x1f\x8b\x08"):
        body, flags = decode_body(((b"content-encoding", b"gzip"),), body, max_body=MAX_BODY)
    return Page(
        url=task.url,
        captured_at=task.captured_at,
        status=task.status,
        headers=place.headers,
        body=body[:MAX_BODY],
        flags=flags,
    )


def _is_wanted(task: PageTask, body: Callable[[], bytes], tree: Callable[[], LexborHTMLParser]) -> bool:
    if task.role is None:
        return True
    return not task.astray and is_article_page(
        role=task.role, status=task.status, mime=task.mime, url=task.url, body=body, tree=tree
    )


def _judged(task: PageTask, article: Article) -> TaskResult:
    """Return the record of `article`, unless a wall, an error page or an empty one stands in its place."""
    if task.role is not None:
        if article.access not in ("full", "teaser"):
            return TaskResult(outcome="walled", reason=article.access)
        if not article.body:
            return TaskResult(outcome="failed", reason="no_article")
    record = to_record(article, site=task.site, run=task.run, capture=task.capture, earlier=task.earlier)
    return TaskResult(
        outcome="parsed",
        article_id=article.id,
        title=article.title,
        canonical_url=article.canonical_url,
        line=_ENCODER.encode(record),
    )
