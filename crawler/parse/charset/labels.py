"""Labels of encodings to Python's codecs, and back to the names of the WHATWG Encoding Standard (section 4.2)."""

from __future__ import annotations

__all__ = ["codec_of", "encoding_name"]

import codecs
from functools import cache

from crawler.parse.words import table

_REFUSED = frozenset(("utf-7", "idna", "punycode", "raw_unicode_escape", "unicode_escape"))
"""Codecs of Python that no page is written in."""


def codec_of(label: str) -> str | None:
    """Return the codec for `label`: by the Standard's table, else any text codec of that name; None if there is none."""
    label = label.strip().lower().rstrip(".:")
    known = _codecs().get(label)
    if known is not None:
        return known
    try:
        info = codecs.lookup(label)
    except (LookupError, ValueError):
        return None
    if not getattr(info, "_is_text_encoding", True) or info.name in _REFUSED:
        return None
    return _codecs().get(info.name, info.name)


def encoding_name(codec: str) -> str:
    """Return the Standard's name of what `codec` reads, or the codec's own name."""
    return _names().get(codec, codec)


@cache
def _codecs() -> dict[str, str]:
    found: dict[str, str] = {}
    for name, row in _rows().items():
        found |= dict.fromkeys([name, *row["labels"].split()], row["codec"])
    return found


@cache
def _names() -> dict[str, str]:
    found = {row["codec"]: name for name, row in sorted(_rows().items(), reverse=True)}
    return found | {"gb18030": "gb18030"}


def _rows() -> dict[str, dict[str, str]]:
    return {name: row for name, row in table("encodings").items() if isinstance(row, dict)}
