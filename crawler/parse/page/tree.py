"""Bytes of a page to a tree, whatever the bytes are: size, nesting, tag and attribute counts are capped before parsing.

An HTML parser does what the standard says, and some of that is quadratic (scope look-ups in deep nesting, duplicate
checks in long attribute lists). The caps lie far above what pages of publishers have; each that bites leaves a flag.
"""

from __future__ import annotations

__all__ = ["Tree", "build", "capped"]

import re
from itertools import accumulate, islice
from typing import Final, NamedTuple

from selectolax.lexbor import LexborHTMLParser

from crawler.parse.native import has_crowded_tag, tags_and_options

MAX_BYTES: Final = 12 * 2**20
MAX_TAGS: Final = 100_000
MAX_DEPTH: Final = 1_500
MAX_TAG_BYTES: Final = 2**16
_MOST_VALUES, _MOST_SPACES = 1_000, 2_000
MAX_OPTIONS: Final = 600
"""Of select boxes: the parser looks at all before each (lexbor as of selectolax 1.0), and none is text."""
SUSPECT_TAGS: Final = 15_000
"""Pages with fewer tags are parsed in a fraction of a second however they nest."""

_TAG: Final = re.compile(
    rb"<(/?)(?!(?:p|li|td|th|tr|dt|dd|option|br|img|hr|input|meta|link|source|wbr|area|base|col|embed|param|track|path|"
    rb"circle|rect|use|line|polygon|g|tbody|thead)\b)[a-zA-Z]",
    re.IGNORECASE,
)
_OPTION: Final = re.compile(rb"</?(?:option|optgroup)\b[^>]*>?", re.IGNORECASE)
_NAME: Final = re.compile(rb"[a-zA-Z][a-zA-Z0-9]*")
_STEP: Final = {b"": 1, b"/": -1}


class Tree(NamedTuple):
    """A parsed page and what had to be cut to parse it."""

    parser: LexborHTMLParser
    flags: tuple[str, ...]


def capped(body: bytes) -> tuple[bytes, tuple[str, ...]]:
    """Return what of `body` is read, cut before a tag or a space so that no character is halved, and flags."""
    if len(body) <= MAX_BYTES:
        return body, ()
    tail = body[MAX_BYTES - 4096 : MAX_BYTES]
    cut = max(tail.rfind(b"<"), tail.rfind(b" "), tail.rfind(b"\n"))
    return body[: MAX_BYTES - 4096 + cut if cut > 0 else MAX_BYTES], ("page_capped",)


def build(html: bytes) -> Tree:
    """Return the tree of `html` (UTF-8). Flags: ``page_capped`` (bytes or tags), ``nesting_capped``, ``tags_capped``."""
    flags: list[str] = []
    html, tags = _cap_size(html, flags)
    html = _cap_tags(html, flags)
    if tags > SUSPECT_TAGS and _is_deep(html):
        html = _cap_depth(html)
        flags.append("nesting_capped")
    return Tree(LexborHTMLParser(html), tuple(flags))


def _cap_size(html: bytes, flags: list[str]) -> tuple[bytes, int]:
    """Return what of `html` is read, and how many tags that has."""
    if len(html) > MAX_BYTES:
        html = html[:MAX_BYTES]
        flags.append("page_capped")
    tags, options = tags_and_options(html)
    if options > MAX_OPTIONS:
        html = _without_options(html)
        tags = html.count(b"<")
    if tags > MAX_TAGS:
        match = next(islice(re.finditer(b"<", html), MAX_TAGS, None))
        html = html[: match.start()]
        tags = MAX_TAGS
        if not flags:
            flags.append("page_capped")
    return html, tags


def _without_options(html: bytes) -> bytes:
    """Return `html` without the options of select boxes if there are so many that they cost more than the page."""
    if len(_OPTION.findall(html)) <= MAX_OPTIONS:
        return html
    return _OPTION.sub(b" ", html)


def _cap_tags(html: bytes, flags: list[str]) -> bytes:
    """Empty single tags of more than 64 KiB if they hold many attributes (a picture in a data: URL does not)."""
    if not has_crowded_tag(html, MAX_TAG_BYTES, _MOST_VALUES, _MOST_SPACES):
        return html
    parts = html.split(b"<")
    for index, part in enumerate(parts):
        if len(part) < MAX_TAG_BYTES or not part[:1].isalpha():
            continue
        end = part.find(b">")
        tag = part if end < 0 else part[:end]
        if len(tag) >= MAX_TAG_BYTES and (tag.count(b"=") >= _MOST_VALUES or tag.count(b" ") >= _MOST_SPACES):
            name = _NAME.match(part)
            parts[index] = (name[0] if name else b"span") + part[len(tag) :]
            if "tags_capped" not in flags:
                flags.append("tags_capped")
    return b"<".join(parts) if "tags_capped" in flags else html


def _cap_depth(html: bytes) -> bytes:
    """Drop the tags that open below `MAX_DEPTH`, and as many that close; text stays."""
    depth = last = 0
    pieces: list[bytes] = []
    for match in _TAG.finditer(html):
        closing = match[1]
        below = depth > MAX_DEPTH if closing else depth >= MAX_DEPTH
        depth = max(0, depth - 1) if closing else depth + 1
        if below and match.start() >= last:
            pieces.append(html[last : match.start()])
            last = html.find(b">", match.end()) + 1 or len(html)
    pieces.append(html[last:])
    return b"".join(pieces)


def _is_deep(html: bytes) -> bool:
    return max(accumulate(map(_STEP.__getitem__, _TAG.findall(html))), default=0) > MAX_DEPTH
