"""XHTML sent as XML to the HTML that means the same: an HTML parser takes its sections and empty tags for something else.

Raw sections (``<![CDATA[ .. ]]>``, XML 1.0 2.7) are text there and comments here; ``<div/>`` is empty there and opens here.
Scripts and styles stay as they are.
"""

from __future__ import annotations

__all__ = ["as_html", "is_xhtml"]

import re

_MEDIA = re.compile(r"\s*application/xhtml\+xml\b", re.IGNORECASE)
_PART = re.compile(
    rb"<(script|style)\b(?:[^<>]*[^<>/])?>.*?(?:</\1\s*>|\Z)|<!\[CDATA\[(.*?)(?:\]\]>|\Z)|"
    rb"<((?!(?:area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr)\b)[a-zA-Z][\w:.-]*)((?:\s[^<>]*?)?)/>",
    re.DOTALL | re.IGNORECASE,
)
_FOREIGN = re.compile(rb"(?:svg|math|path|circle|rect|line|use|g|polygon|polyline|ellipse|stop)\Z", re.IGNORECASE)
"""Elements in which an HTML parser, too, takes a stroke for the end."""


def is_xhtml(content_type: str | None) -> bool:
    """Tell whether a response says that it is XHTML in XML."""
    return _MEDIA.match(content_type or "") is not None


def as_html(page: bytes) -> bytes:
    """Return the XHTML `page` (UTF-8) as HTML."""
    return _PART.sub(_replaced, page)


def _replaced(match: re.Match[bytes]) -> bytes:
    if match[1] is not None:
        return match[0]
    if match[2] is not None:
        return match[2].replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;")
    name: bytes = match[3]
    return match[0] if _FOREIGN.match(name) else b"<%b%b></%b>" % (name, match[4].rstrip(), name)
