"""An archived page without what was not archived with it: what that is, and a style in its place.

Style sheets, pictures and scripts of a page are not fetched by the crawler. What is left is readable once lines have a
length and pictures' places a size. The style lies in a cascade layer (CSS Cascade 5, section 6.4), so that every rule
the page has of its own wins.
"""

from __future__ import annotations

__all__ = ["Missing", "missing", "readable"]

import re
from collections.abc import Iterator
from typing import NamedTuple

_LINKS = re.compile(r"<link[\s/][^<>]{0,2000}", re.IGNORECASE)  # no tag twice: pages may be made to be slow to read
_REL = re.compile(r"\brel\s*+=[\s\"']*+([a-z\s]{0,200}+)", re.IGNORECASE)
_OWN_STYLE = re.compile(r"<style[^<>]{0,200}>([^<]*)", re.IGNORECASE)
_STYLED = 2000
"""Characters of style in a page from which on it needs none of ours."""
_PICTURES = re.compile(r"<img[\s/][^<>]{0,2000}", re.IGNORECASE)
_INLINE = re.compile(r"\bsrc\s*+=[\s\"']*+data:", re.IGNORECASE)
_MEDIA = re.compile(r"<(?:video|audio|object|embed)(?=[\s/>])", re.IGNORECASE)
_FRAMES = re.compile(r"<i?frame(?=[\s/>])", re.IGNORECASE)
_SCRIPTS = re.compile(r"<script(?=[\s/>])(?![^<>]{0,200}json)", re.IGNORECASE)  # JSON-LD is no script
_DOCTYPE = re.compile(r"<!doctype[^<>]{0,500}>", re.IGNORECASE)
_BEGINNING = 4096
_STYLE = """<style>@layer warraq{
html{background:#fff;color:#1d2226}
body{max-width:46rem;margin:0 auto;padding:1rem;font:1rem/1.6 system-ui,"Noto Sans","Noto Sans Arabic",sans-serif;
overflow-wrap:anywhere}
h1,h2,h3,h4{line-height:1.25}
img,picture,figure,video,table,pre{max-width:100%}
figure{margin:1rem 0}
img{display:inline-block;height:auto;max-height:6rem;font-size:.8rem;color:#59636b}
svg{max-width:2rem;max-height:2rem;fill:currentColor}
pre{overflow-x:auto}
table{border-collapse:collapse}
td,th{padding:.2rem .5rem;border:1px solid #ddd9d0}
nav,footer,aside{font-size:.875rem}
button,input,select,textarea{font:inherit}
}</style>"""


class Missing(NamedTuple):
    """How many of each the page asks for and the archive does not have."""

    sheets: int
    pictures: int
    media: int
    frames: int
    scripts: int

    def told(self) -> str:
        """Return them in words, empty if there are none."""
        return ", ".join(self._parts())

    def _parts(self) -> Iterator[str]:
        words = ("style sheet", "picture", "video or sound", "frame", "script")
        plurals = ("style sheets", "pictures", "videos or sounds", "frames", "scripts")
        for count, one, many in zip(self, words, plurals, strict=True):
            if count:
                yield f"{count} {one if count == 1 else many}"


def missing(html: str) -> Missing:
    """Return what `html` asks for besides itself, by its tags."""
    pictures = sum(_INLINE.search(tag) is None for tag in _PICTURES.findall(html))
    return Missing(_sheets(html), pictures, *(len(tag.findall(html)) for tag in (_MEDIA, _FRAMES, _SCRIPTS)))


def readable(html: str) -> str:
    """Return `html` with a neutral style if it is without the style sheets it was made for, or has hardly any style."""
    if not _sheets(html) and sum(map(len, _OWN_STYLE.findall(html))) >= _STYLED:
        return html
    start = _DOCTYPE.search(html, 0, _BEGINNING)
    place = start.end() if start else 0  # after the document type: before it, browsers would turn to quirks mode
    return f"{html[:place]}{_STYLE}{html[place:]}"


def _sheets(html: str) -> int:
    return sum(any("stylesheet" in rel.lower().split() for rel in _REL.findall(tag)) for tag in _LINKS.findall(html))
