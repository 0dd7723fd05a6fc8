"""Why an article is what it is: each block of the page with the verdict and its reason, as a list or as HTML."""

from __future__ import annotations

__all__ = ["ExplainedBlock", "Explanation", "as_text", "explain", "explanation_page"]

import html
from typing import NamedTuple

from crawler.model.page import Page
from crawler.model.profile import SiteProfile
from crawler.model.site import ParserRules
from crawler.parse.article import Reading
from crawler.parse.rules import chosen_rules
from crawler.parse.site_parser import rewritten

_COLOURS = {True: "\x1b[32m", False: "\x1b[31m"}
_RESET = "\x1b[0m"


class ExplainedBlock(NamedTuple):
    """One block of the page."""

    kept: bool
    role: str
    path: str
    reason: str
    score: float
    text: str


class Explanation(NamedTuple):
    """A page's blocks in reading order, and the headline."""

    url: str
    title: str | None
    blocks: tuple[ExplainedBlock, ...]


def explain(page: Page, *, rules: tuple[ParserRules, ...] = (), profile: SiteProfile | None = None) -> Explanation:
    """Return what the parser thought of every block of `page`, and which of them `profile` dropped."""
    chosen = chosen_rules(rules, page.captured_at)
    reading = Reading(rewritten(page, chosen), chosen, "drop", profile)
    kept = set(reading.choice.kept)
    told = []
    for block in reading.layout.blocks:
        index = block.index
        role = "headline" if index == reading.title.block else block.kind
        told.append(
            ExplainedBlock(
                index in kept,
                role,
                _path(block.element),
                reading.choice.reasons[index],
                reading.choice.scores[index],
                block.text,
            )
        )
    return Explanation(page.url, reading.title.text, tuple(told))


def _path(element: object) -> str:
    parts: list[str] = []
    at = element
    while at is not None and len(parts) < 3:
        name = getattr(at, "name", "").split()
        parts.append(getattr(at, "tag", "") + (f".{name[0]}" if name else ""))
        at = getattr(at, "parent", None)
    return " < ".join(parts)


def as_text(told: Explanation, *, colour: bool) -> str:
    """Return a line for each block: kept or dropped, score, kind, place, reason, and how it begins."""
    lines = []
    for block in told.blocks:
        mark = "+" if block.kept else "-"
        text = " ".join(block.text.split())
        line = f"{mark} {block.score:4.2f} {block.role:<9} {block.reason:<24} {text[:100]}  [{block.path[:80]}]"
        lines.append(f"{_COLOURS[block.kept]}{line}{_RESET}" if colour else line)
    return "\n".join(lines)


def explanation_page(told: Explanation) -> str:
    """Return a page that shows the blocks in reading order, shaded by the verdict."""
    rows = []
    for block in told.blocks:
        shade = f"hsl({round(120 * block.score)} 70% {90 if block.kept else 96}%)"
        style = f"background:{shade};border-inline-start:4px solid {'#2a2' if block.kept else '#c66'}"
        note = html.escape(f"{block.role} · {block.score:.2f} · {block.reason} · {block.path}")
        body = html.escape(block.text).replace("\n", "<br>")
        rows.append(
            f'<div class="{"kept" if block.kept else "dropped"}" style="{style}"><small>{note}</small><p dir="auto">{body}</p></div>'
        )
    head = (
        "<!DOCTYPE html><meta charset=utf-8><title>"
        + html.escape(told.title or told.url)
        + "</title><style>body{font:15px/1.45 "
        "sans-serif;max-width:56em;margin:2em auto}div{margin:.3em 0;padding:.2em .8em}p{margin:.2em 0}small{color:#555}"
        ".dropped p{color:#777}</style>"
    )
    return f"{head}<h1>{html.escape(told.title or '')}</h1><p>{html.escape(told.url)}</p>\n" + "\n".join(rows) + "\n"
