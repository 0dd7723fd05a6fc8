"""What kind of answer a page is: the article, a part of it, a wall of some kind, or an error in disguise.

Each verdict comes with its evidence; a page with a full article's worth of text is never called a wall for a word in
it, and a statement that the article is not free is kept as evidence even where the whole of it is there.
"""

from __future__ import annotations

__all__ = ["Verdict", "access_of"]

import re
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from crawler.model.article import Access
from crawler.model.page import Page
from crawler.parse.fields.barriers import (
    ABOUT_DATA,
    ASKED,
    BOT,
    BOT_MARKS,
    CHALLENGE,
    CONSENT,
    CONSENT_TITLE,
    LOCKED,
    MISSING,
    OFFER,
    REST,
    ROOTS,
    SCRIPTED,
)
from crawler.parse.fields.metadata import Metadata, texts_of

_SHORT = 120
"""Letters that are no article; an article of a line or two has more."""
_TEASER = 350
_MEDIUM = 1500
"""An article of this length may still be the opening of a longer one, a challenge or a consent form is no longer."""
_CHALLENGE = 900
_BEGINNING = 160
"""A challenge says at once what it is."""
_END = 300
"""Characters at a body's end where the offer to go on may have been taken for a part of it."""
_LETTERS_OF_HALF_A_WORD = 2
_PARTS = re.compile(r"\s+[|\-–—·•»›~:]+\s+|\s*[|｜]\s*|\s+::\s+")
_BLOCKED = frozenset((401, 403, 405, 406, 429, 503))


class Verdict(NamedTuple):
    """The class of access and the evidence for it."""

    access: Access
    evidence: tuple[str, ...]


def access_of(
    page: Page, meta: Metadata, parser: LexborHTMLParser, *, title: str | None, body: str, ink: int, around: str
) -> Verdict:
    """Return what kind of answer this is: `ink` is the body's length in letters, `around` the page's other text."""
    h1 = parser.css_first("h1") if ink < _TEASER else None
    heading = f"{title or ''} | {meta.title_tag}" + (f" | {h1.text(strip=True)[:_BEGINNING]}" if h1 is not None else "")
    if ink < _MEDIUM and (verdict := _error(page, meta, heading, f"{body}\n{around}", ink)):
        return verdict
    if page.status in (404, 410):
        return Verdict("soft404", (f"status: {page.status}",))
    stated = _stated(meta)
    if ink < _MEDIUM and (verdict := _consent(meta, heading, body, ink, around)):
        return verdict
    if ink < _SHORT and (verdict := _closed(meta, parser, body, around, stated)):
        return verdict
    if stated:
        part = _part(meta, parser, body, ink, around)
        return Verdict("teaser", (*stated, part)) if part else Verdict("full", stated)
    if ink < 3 * _TEASER and (said := _locked(f"{body[-_END:]}\n{around}")):
        return Verdict("teaser", (f"text: {said}",))
    return Verdict("full", ())


def _error(page: Page, meta: Metadata, heading: str, text: str, ink: int) -> Verdict | None:
    """Return the verdict on a challenge for robots or a missing page."""
    parts = _PARTS.split(heading)[:8]
    blocked = page.status in _BLOCKED
    if blocked or not _describes_article(meta):
        in_title = next((m for part in parts if (m := BOT.search(part)) and len(part) < len(m[0]) + 16), None)
        match = in_title or (BOT.search(text) if ink < _TEASER and len(text) < 3000 else None)
        if match or (blocked and ink < _TEASER):
            marks = _marks(page)
            if match and (ink < (_TEASER if in_title else _SHORT) or marks or blocked):
                return Verdict("bot_wall", (f"{'title' if in_title else 'text'}: {match[0]}", *marks))
            if marks and blocked:
                return Verdict("bot_wall", (f"status: {page.status}", *marks))
        if ink < _CHALLENGE and not _describes_article(meta) and (verdict := _challenge(text)):
            return verdict
    for part in parts:
        if MISSING.fullmatch(part.strip()):
            return Verdict("soft404", (f"title: {part.strip()}",))
    return None


def _challenge(text: str) -> Verdict | None:
    """Return the verdict on a page that asks for patience while it looks at its reader: it says so in more than one way."""
    if len(text) > 3000 or not (match := BOT.search(text[:_BEGINNING])):
        return None
    more = CHALLENGE.search(text)
    return Verdict("bot_wall", (f"text: {match[0]}", f"text: {more[0]}")) if more else None


def _describes_article(meta: Metadata) -> bool:
    return bool(meta.article) or "article:published_time" in meta.metas


def _consent(meta: Metadata, heading: str, body: str, ink: int, around: str) -> Verdict | None:
    """Return the verdict on a page that asks for consent in the article's place: it does not describe an article."""
    if _describes_article(meta):
        return None
    found = dict.fromkeys(phrase.lower() for phrase in CONSENT.all(f"{body}\n{around[:4000]}"))
    if ink >= _SHORT and not CONSENT.first(body) and not (CONSENT_TITLE.search(heading) and ABOUT_DATA.search(body)):
        return None
    if found and (match := CONSENT_TITLE.search(heading)):
        return Verdict("consent", (f"title: {match[0]}", f"text: {next(iter(found))}"))
    if len(found) > 1 and len(around) < 3000:
        return Verdict("consent", tuple(f"text: {phrase}" for phrase in list(found)[:3]))
    return None


def _closed(
    meta: Metadata, parser: LexborHTMLParser, body: str, around: str, stated: tuple[str, ...]
) -> Verdict | None:
    """Return what stands in the article's place on a page with next to no text."""
    text = f"{body}\n{around}"
    if not meta.article and parser.css_first("input[type='password' i]") is not None:
        return Verdict("login", ("form: password",))
    if said := LOCKED.first(text) or ASKED.first(text):
        return Verdict("wall", (*stated, f"text: {said}"))
    if evidence := _script_only(parser, text):
        return Verdict("needs_javascript", evidence)
    if stated:
        return Verdict("wall", stated)
    if len(text) < 3000 and not meta.article and (match := OFFER.search(text)):
        return Verdict("wall", (f"text: {match[0]}",))
    return None


def _locked(text: str) -> str:
    return LOCKED.first(text) or REST.first(text)


def _stated(meta: Metadata) -> tuple[str, ...]:
    """Return where the page says that it is not free."""
    found = []
    for node in (meta.article, *meta.nodes[:50]):
        if _is_false(node.get("isAccessibleForFree")):
            found.append("json-ld:isAccessibleForFree=false")
            break
    tier = (meta.first("article:content_tier", "og:article:content_tier") or "").lower()
    if tier in ("locked", "metered"):
        found.append(f"meta:article:content_tier={tier}")
    return tuple(found)


def _is_false(value: object) -> bool:
    return value is False or (isinstance(value, str) and value.strip().lower().rsplit("/", 1)[-1] == "false")


def _part(meta: Metadata, parser: LexborHTMLParser, body: str, ink: int, around: str) -> str | None:
    """Return what shows that a page which is not free holds only a part of its article."""
    if ink < _TEASER:
        return "text: short"
    if said := REST.first(f"{body[-_END:]}\n{around}"):
        return f"text: {said}"
    words = str(meta.article.get("wordCount") or "")
    if words.isdecimal() and len(words) < 7 and ink < _LETTERS_OF_HALF_A_WORD * int(words):
        return f"json-ld:wordCount={words}"
    for selector in _locked_parts(meta):
        length = _length_of(parser, selector)
        if length is not None:
            return None if length > _TEASER else f"markup: {selector} is empty"
    if ink < 2 * _MEDIUM and (said := LOCKED.first(around) or ASKED.first(around)):
        return f"text: {said}"
    return "text: short" if ink < 2 * _TEASER else None


def _locked_parts(meta: Metadata) -> list[str]:
    """Return the CSS selectors of what the article's JSON-LD calls not free."""
    parts = meta.article.get("hasPart")
    found: list[str] = []
    for part in parts if isinstance(parts, list) else [parts]:
        if isinstance(part, dict) and _is_false(part.get("isAccessibleForFree")):
            found += [selector for selector in texts_of(part.get("cssSelector")) if len(selector) < 200]
    return found[:3]


def _length_of(parser: LexborHTMLParser, selector: str) -> int | None:
    """Return the letters of all elements that `selector` matches; None if it matches none or is no CSS."""
    try:
        nodes = parser.css(selector)
    except SelectolaxError:
        return None
    return sum(len(" ".join(node.text().split())) for node in nodes[:50]) if nodes else None


def _marks(page: Page) -> tuple[str, ...]:
    """Return the traces of bot protection in a small page."""
    if len(page.body) > 200_000:
        return ()
    lowered = page.body[:100_000].lower()
    return tuple(f"markup: {mark}" for mark in BOT_MARKS if mark.encode() in lowered)


def _script_only(parser: LexborHTMLParser, text: str) -> tuple[str, ...]:
    """Return the signs that a script is to make the page's text: what it says without one, or an empty root."""
    for node in parser.css("noscript")[:20]:
        if match := SCRIPTED.search(node.text()[:2000]):
            return (f"noscript: {match[0]}",) if len(text) < 3000 else ()
    if len(text) < 3000 and (match := SCRIPTED.search(text)):
        return (f"text: {match[0]}",)
    root = parser.css_first(ROOTS)
    if root is not None and len(root.text().strip()) < 200 and len(text) < 1000:
        return ("markup: an empty root for a script",)
    if len(text) < 300 and len(parser.css("script")) >= 2:
        return ("markup: scripts and next to no text",)
    if any(len(node.text()) > _TEASER for node in parser.css('script[type="text/template"]')[:20]):
        return ("markup: the text is in a template for a script",)
    return ()
