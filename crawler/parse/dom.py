"""Bytes of a page to a tree, whatever the bytes are: size, nesting, tag and attribute counts are capped before parsing.

An HTML parser does what the standard says, and some of that is quadratic (scope look-ups in deep nesting, duplicate
checks in long attribute lists). The caps lie far above what pages of publishers have; each that bites leaves a flag.
"""

from __future__ import annotations

__all__ = ["Tree", "build"]

import re
from itertools import accumulate
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser

MAX_BYTES = 12 * 2**20
MAX_TAGS = 150_000
MAX_DEPTH = 1_500
MAX_TAG_BYTES = 2**16

_TAG = re.compile(
    rb"<(/?)(?!(?:p|li|td|th|tr|dt|dd|option|br|img|hr|input|meta|link|source|wbr|area|base|col|embed|param|track|path|"
    rb"circle|rect|use|line|polygon|g|tbody|thead)\b)[a-zA-Z]",
    re.IGNORECASE,
)
_LONG_TAG = re.compile(rb"<([a-zA-Z][a-zA-Z0-9]*)[^<>]{%d,}>" % MAX_TAG_BYTES)
_STEP = {b"": 1, b"/": -1}


class Tree(NamedTuple):
    """A parsed page and what had to be cut to parse it."""

    parser: LexborHTMLParser
    flags: tuple[str, ...]


def build(html: bytes) -> Tree:
    """Return the tree of `html` (UTF-8). Flags: ``page_capped`` (bytes or tags), ``nesting_capped``, ``tags_capped``."""
    flags: list[str] = []
    html = _cap_size(html, flags)
    html = _cap_tags(html, flags)
    html = _cap_depth(html, flags)
    return Tree(LexborHTMLParser(html), tuple(flags))


def _cap_size(html: bytes, flags: list[str]) -> bytes:
    if len(html) > MAX_BYTES:
        html = html[:MAX_BYTES]
        flags.append("page_capped")
    if html.count(b"<") > MAX_TAGS:
        end = 0
        for count, match in enumerate(re.finditer(b"<", html)):
            if count == MAX_TAGS:
                end = match.start()
                break
        html = html[:end]
        if not flags:
            flags.append("page_capped")
    return html


def _cap_tags(html: bytes, flags: list[str]) -> bytes:
    """Empty single tags of more than 64 KiB if they hold many attributes (a picture in a data: URL does not)."""
    if len(html) < MAX_TAG_BYTES or not _LONG_TAG.search(html):
        return html

    def shorten(match: re.Match[bytes]) -> bytes:
        if match[0].count(b"=") < 1000 and len(match[0].split()) < 2000:
            return match[0]
        if "tags_capped" not in flags:
            flags.append("tags_capped")
        return b"<" + match[1] + b">"

    return _LONG_TAG.sub(shorten, html)


def _cap_depth(html: bytes, flags: list[str]) -> bytes:
    """Drop the tags that open below `MAX_DEPTH`, and as many that close; text stays."""
    if html.count(b"<") < 2 * MAX_DEPTH or html.count(b"</") + MAX_DEPTH > html.count(b"<") and not _is_deep(html):
        return html
    if not _is_deep(html):
        return html
    flags.append("nesting_capped")
    depth = 0
    pieces: list[bytes] = []
    last = 0
    for match in _TAG.finditer(html):
        closing = match[1]
        depth += -1 if closing else 1
        if depth > MAX_DEPTH or (closing and depth == MAX_DEPTH):
            end = html.find(b">", match.end()) + 1 or len(html)
            pieces.append(html[last : match.start()])
            last = max(last, end)
        depth = max(depth, 0)
    pieces.append(html[last:])
    return b"".join(pieces)


def _is_deep(html: bytes) -> bool:
    return max(accumulate(map(_STEP.__getitem__, (m for m in _TAG.findall(html)))), default=0) > MAX_DEPTH
