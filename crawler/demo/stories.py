"""The invented stories of the demo newsroom, as text files in pages/ hold them, and their body as HTML."""

from __future__ import annotations

__all__ = ["PAGES", "Astray", "Stock", "Story", "body_html", "load_stock"]

from collections.abc import Iterator
from datetime import datetime
from html import escape
from pathlib import Path

import msgspec

PAGES = Path(__file__).parent / "pages"


class Story(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One article."""

    path: str
    title: str
    labels: tuple[str, ...]
    author: str
    published: datetime
    summary: str
    caption: str
    body: str
    """HTML within a line; blank lines between blocks; ``## ``, ``* ``, ``> ``, ``| `` begin a block of a kind."""
    fresh: bool = False
    """Not there before the second round."""
    listed: bool = False
    """Announced by the section page only."""
    moved_from: str = ""
    """The path that is announced; it redirects to `path`."""


class Astray(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something announced that cannot be had: missing, or disallowed by robots.txt."""

    path: str
    title: str
    published: datetime


class Stock(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that one paper has."""

    story: tuple[Story, ...]
    astray: tuple[Astray, ...] = ()


def load_stock(folder: str) -> Stock:
    """Return the stories of pages/`folder`."""
    return msgspec.toml.decode((PAGES / folder / "stories.toml").read_bytes(), type=Stock)


def body_html(body: str) -> str:
    """Return the HTML of a story's body."""
    return "\n".join(_blocks([block.strip() for block in body.strip().split("\n\n")]))


def _blocks(blocks: list[str]) -> Iterator[str]:
    items: list[str] = []
    for block in [*blocks, ""]:
        if block.startswith("* "):
            items.append(f"<li>{block[2:]}</li>")
            continue
        if items:
            yield "<ul>\n" + "\n".join(items) + "\n</ul>"
            items = []
        if block:
            yield _block(block)


def _block(block: str) -> str:
    if block.startswith("## "):
        return f"<h2>{escape(block[3:])}</h2>"
    if block.startswith("> "):
        return f"<blockquote><p>{block[2:]}</p></blockquote>"
    if block.startswith("| "):
        rows = [line.strip("| ").split(" | ") for line in block.splitlines()]
        return "<table>\n" + "\n".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows) + "\n</table>"
    return f"<p>{block}</p>"


def _cell(text: str) -> str:
    return f"<td>{text}</td>"
