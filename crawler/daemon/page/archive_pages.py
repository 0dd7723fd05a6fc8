"""The pages of what was kept: articles, everything known of one URL, captures, coverage."""

from __future__ import annotations

__all__ = ["ROUTES"]

from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from crawler.archive.articles import LineReader
from crawler.archive.takedowns import taken_down
from crawler.daemon.page.desk import DESK, Desk
from crawler.daemon.page.found import FoundArticles, find_articles, has_index
from crawler.daemon.page.playback import FRAME_POLICY, Shown, find_original, show
from crawler.daemon.page.render import render_page
from crawler.errors import BadArchive, StoreError, UsageError
from crawler.frontier.differences import differences
from crawler.model.article import ArticleRecord
from crawler.model.capture import Capture
from crawler.model.reasons import meaning
from crawler.run.addresses import page_of
from crawler.run.revisions import record_of
from crawler.state import ArticleFilter, ArticleRow, CaptureRow, ListPiece
from crawler.urls import normalise

_ARTICLES = 50
_STRETCH = 5_000
"""Articles that one request of a search looks through."""
_COVERED_SITES = 50
_MAX_DAYS = 31
_OUTCOMES = (
    "parsed", "captured", "not_modified", "duplicate", "alias", "redirected", "walled", "out_of_scope", "disallowed",
    "failed",
    "lost", "announced", "queued",
)  # fmt: skip


async def articles(request: web.Request) -> web.StreamResponse:
    """Return a piece of the list of articles; a search goes on piece by piece."""
    desk = request.app[DESK]
    query = request.query
    search = " ".join(query.get("q", "").split())[:200]
    if search.startswith(("http://", "https://")):
        return web.Response(status=303, headers={"Location": _url_page(search)})
    wanted = ArticleFilter(
        site=query.get("site") or None,
        language=query.get("language") or None,
        since=_day(query.get("since")),
        until=_day(query.get("until")),
    )
    at, url = query.get("before_at"), query.get("before_url")
    before = (at, url) if at and url else None
    found = None
    if search:
        found = await desk.read(
            find_articles, search, wanted, state_dir=_state_dir(desk), store=desk.store, before=before, limit=_ARTICLES
        )
    listing: FoundArticles | ListPiece[ArticleRow]
    if found is not None:
        listing = found
    elif search:
        listing = await desk.read(
            desk.state.search_articles, search, wanted, before=before, limit=_ARTICLES, stretch=_STRETCH
        )
    else:
        listing = await desk.read(desk.state.browse_articles, wanted, before=before, limit=_ARTICLES)
    values = {
        "rows": listing.rows,
        "next": listing.next,
        "snippets": found.snippets if found else {},
        "full_text": has_index(_state_dir(desk), desk.store),
        "q": search,
        "wanted": wanted,
        "first": before is None,
        "sites": sorted(set(desk.watch.sites) | set(desk.daemon.sites)),
        "languages": desk.watch.languages,
    }
    return render_page(request, "articles_rows.html" if "HX-Request" in request.headers else "articles.html", values)


async def url(request: web.Request) -> web.Response:
    """Return everything known of a URL; of its article, the latest revision or the one asked for."""
    desk = request.app[DESK]
    wanted = normalise(request.query.get("url", ""))
    entry = await desk.read(desk.state.entry, wanted)
    revisions = await desk.read(desk.state.revisions, wanted)
    captures = await desk.read(desk.state.latest_captures, wanted)
    page = await desk.read(page_of, desk.state, wanted)
    if entry is None and page is not None:
        return web.Response(status=303, headers={"Location": _url_page(page)})
    if entry is None and not revisions and not captures:
        raise web.HTTPNotFound(
            reason="Nothing is known of this URL: no feed, sitemap or page that was read announced it"
        )
    asked = request.query.get("at")
    chosen = next(
        (row for row in revisions if row.captured_at.isoformat() == asked), revisions[0] if revisions else None
    )
    record, trouble = await _record(desk, chosen)
    values: dict[str, Any] = {
        "url": wanted,
        "entry": entry,
        "page": page,
        "aliases": await desk.read(desk.state.aliases, wanted),
        "revisions": revisions,
        "captures": captures,
        "history": await desk.read(desk.state.latest_history, wanted),
        "chosen": chosen,
        "record": record,
        "trouble": trouble,
        "receipt": await desk.read(desk.state.receipt, record.capture.warc) if record and record.capture else None,
        "changes": None,
        "older": None,
    }
    earlier = request.query.get("since")
    older = next((row for row in revisions if row.captured_at.isoformat() == earlier), None)
    if older is not None and record is not None:
        old, values["trouble"] = await _record(desk, older)
        values["older"] = older
        values["changes"] = await desk.read(differences, old.text, record.text) if old else None
    return render_page(request, "url.html", values)


async def article(request: web.Request) -> web.Response:
    """Lead from an article's id to the page of its URL."""
    desk = request.app[DESK]
    rows = await desk.read(desk.state.articles_of_id, request.match_info["id"])
    if not rows:
        raise web.HTTPNotFound(reason="No article has this id")
    return web.Response(status=303, headers={"Location": _url_page(rows[0].url)})


async def capture(request: web.Request) -> web.Response:
    """Return a capture's provenance, and the page as it was kept in a frame."""
    desk = request.app[DESK]
    row = await _capture(request)
    original = None
    if row.capture.kind == "revisit":
        original = await desk.read(find_original, row.capture, desk.state)
    shown = original or (row.capture if row.capture.kind != "revisit" else None)
    lacks, trouble = await _look_into(desk, shown)
    values = {
        "row": row,
        "capture": row.capture,
        "original": original,
        "shown": shown,
        "missing": lacks,
        "trouble": trouble,
        "receipt": await desk.read(desk.state.receipt, row.capture.warc),
    }
    return render_page(request, "capture.html", values)


async def content(request: web.Request) -> web.Response:
    """Return the archived page itself, for the frame only."""
    desk = request.app[DESK]
    if request.headers.get("Sec-Fetch-Dest", "iframe") not in ("iframe", "empty"):
        return web.Response(status=303, headers={"Location": f"/capture?{request.query_string}"})
    row = await _capture(request)
    headers = {"Content-Security-Policy": FRAME_POLICY, "X-Frame-Options": "SAMEORIGIN"}
    try:
        shown = await _show(desk, row.capture)
    except UsageError as error:
        return web.Response(text=f"{error.what}: {error.next_step}.", headers=headers, status=404)
    return web.Response(body=shown.body, headers={**headers, "Content-Type": shown.content_type})


async def coverage(request: web.Request) -> web.Response:
    """Return what was announced, captured, parsed and missed: by site, or by day of one site."""
    desk = request.app[DESK]
    today = desk.clock.now().date()
    until = _day(request.query.get("until")) or today
    since = max(_day(request.query.get("since")) or until - timedelta(days=6), until - timedelta(days=_MAX_DAYS - 1))
    name = request.query.get("site") or None
    values: dict[str, Any] = {"since": since, "until": until, "site": name, "outcomes": _OUTCOMES}
    values["sites"] = sorted(set(desk.watch.sites) | set(desk.daemon.sites))
    if name is not None:
        values["days"] = days = await desk.read(_by_day, desk, name, since, until)
        told = sorted({reason for _, _, reasons in days for _, reason, _ in reasons})
        values["glossary"] = [(reason, meaning(reason)) for reason in told if meaning(reason)]
        return render_page(request, "coverage_site.html", values)
    after = request.query.get("after", "")
    names = [known for known in desk.watch.sites if known > after]
    values["rows"] = await desk.read(_by_site, desk, names[:_COVERED_SITES], since, until)
    values["more"] = names[_COVERED_SITES - 1] if len(names) > _COVERED_SITES else None
    return render_page(request, "coverage.html", values)


def _state_dir(desk: Desk) -> Path:
    return Path(desk.config.state.dir)


async def _record(desk: Desk, row: ArticleRow | None) -> tuple[ArticleRecord | None, str | None]:
    """Return the record, or why it cannot be had."""
    if row is None:
        return None, None
    try:
        withheld = await desk.read(taken_down, desk.store)
        decision = withheld.covers(row.url, row.site)
        if decision is not None:
            return None, f"it was {decision}"
        record = await desk.read(record_of, LineReader(desk.store, withheld=withheld), row)
    except (BadArchive, StoreError) as error:
        return None, str(error)
    return record, None if record else "its batch in the store does not hold it"


async def _look_into(desk: Desk, shown: Capture | None) -> tuple[str, str | None]:
    """Return what a page lacks, and why it cannot be shown; kept for the frame, which asks next."""
    if shown is None:
        return "", None
    try:
        found = await _show(desk, shown)
    except (UsageError, StoreError, BadArchive) as error:
        return "", str(error)
    desk.looked_into = (shown.warc, shown.offset, found)
    return found.missing, None


async def _show(desk: Desk, capture: Capture) -> Shown:
    warc, offset, found = desk.looked_into or ("", 0, None)
    if found is not None and (warc, offset) == (capture.warc, capture.offset):
        desk.looked_into = None
        return found
    return await desk.read(show, capture, state=desk.state, store=desk.store, state_dir=Path(desk.config.state.dir))


async def _capture(request: web.Request) -> CaptureRow:
    desk = request.app[DESK]
    offset = request.query.get("offset", "")
    found = None
    if offset.isdecimal() and len(offset) < 16:
        found = await desk.read(desk.state.capture_at, request.query.get("warc", ""), int(offset))
    if found is None:
        raise web.HTTPNotFound(reason="No capture is known at this place")
    return found


def _by_site(desk: Desk, names: list[str], since: date, until: date) -> list[tuple[str, Counter[str]]]:
    found = []
    for name in names:
        counts: Counter[str] = Counter()
        for row in desk.state.days(name, since, until):
            counts[row.outcome] += row.urls
        if counts:
            found.append((name, counts))
    return found


def _by_day(
    desk: Desk, name: str, since: date, until: date
) -> list[tuple[str, Counter[str], list[tuple[str, str, int]]]]:
    """Return each day with counts by outcome, and the reasons of what was missed, most frequent first."""
    days: dict[str, tuple[Counter[str], list[tuple[str, str, int]]]] = {}
    for row in desk.state.reasons(name, since, until):
        counts, reasons = days.setdefault(row.day, (Counter(), []))
        counts[row.outcome] += row.urls
        if row.reason and row.outcome != "parsed":
            reasons.append((row.outcome, row.reason, row.urls))
    return [(day, counts, sorted(reasons, key=lambda r: -r[2])[:12]) for day, (counts, reasons) in days.items()]


def _day(text: str | None) -> date | None:
    """Return the day that a form gave. Raises UsageError."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"not a day: {text[:40]!r}", next_step="give it as 2026-11-23") from error


def _url_page(target: str) -> str:
    return f"/url?{urlencode({'url': target})}"


ROUTES = (
    web.get("/articles", articles, name="articles"),
    web.get("/articles/{id}", article, name="article"),
    web.get("/url", url, name="url"),
    web.get("/capture", capture, name="capture"),
    web.get("/capture/content", content, name="capture_content"),
    web.get("/coverage", coverage, name="coverage"),
)
