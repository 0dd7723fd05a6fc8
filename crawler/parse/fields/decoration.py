"""What stands in a headline's element and is not of the headline: badges, icons, labels for screen readers, anchors, dates.

Some pieces are told by what they are; of others the page's own statements tell, which have the headline without them.
"""

from __future__ import annotations

__all__ = ["without_decoration"]

import re
from collections.abc import Callable
from typing import Final

from selectolax.lexbor import LexborNode

from crawler.parse.page.hints import Hint, hints_of
from crawler.parse.page.text import clean

_PIECES: Final = "span, small, i, a, sup, time, button, b, em, strong, svg, label, div, img"
_MOST: Final = 16
_ROUNDS: Final = 4
_UNHEARD: Final = re.compile(
    r"visually-?hidden|(?:^|[\s_-])sr-only|screen-?reader|assistive|off-?screen|hidden-?text|a11y|material-icons|material-symbols|"
    r"(?:^|[\s_-])icons?(?:$|[\s_-])|(?:^|\s)fa[bsrl]?(?:\s|-)|glyphicon|descriptor",
    re.IGNORECASE,
)
"""Names of what a reader does not see as words: text for screen readers, and icons that are words in the source."""
_BADGE: Final = re.compile(
    r"badge|premium|paywall|plus-?(?:icon|label|sign|mark)?(?:$|[\s_-])|(?:^|[\s_-])(?:live|label|tag|flag|pill|chip|sticker|abo|exclusive|marker|status)(?:$|[\s_-])",
    re.IGNORECASE,
)
_ANCHOR: Final = re.compile(r"[#¶§🔗∞⚓]+|link", re.IGNORECASE)
_NOTE: Final = re.compile(r"[\d*†‡\[\]]{1,4}")
_HIDDEN: Final = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_EDGES: Final = " \n:|/-–—·•#¶"
_LONGEST_BADGE: Final = 24


def without_decoration(node: LexborNode, whole: str, stated: Callable[[str], bool]) -> str:
    """Return `whole`, the text of the heading `node`, without decoration at its ends.

    `stated` tells whether the page states a text as its headline elsewhere. Nothing is cut that would leave less than it.
    """
    if node.css_first(_PIECES) is None:
        return whole
    for _ in range(_ROUNDS):
        cut = _cut_once(node, whole, stated)
        if cut is None:
            break
        whole = cut
    return whole


def _cut_once(node: LexborNode, whole: str, stated: Callable[[str], bool]) -> str | None:
    """Return `whole` without one piece; None if there is none to cut."""
    for inner in node.css(_PIECES)[:_MOST]:
        piece = " ".join(clean(inner.text()).split())
        rest = _rest(whole, piece)
        if not rest or (len(rest) < len(piece) and not stated(rest)):
            continue
        if rest == piece or _is_decoration(inner, piece) or (stated(rest) and not stated(whole)):
            return rest
        if _is_badge(inner, piece) and not stated(whole):
            return rest
    return None


def _rest(whole: str, piece: str) -> str:
    """Return `whole` without `piece` at its start or end; empty if it does not stand there."""
    if not piece or piece == whole:
        return ""
    if whole.startswith(piece):
        return whole[len(piece) :].lstrip(_EDGES)
    if whole.endswith(piece):
        return whole[: -len(piece)].rstrip(" \n|/·•#¶(")
    return ""


def _is_decoration(node: LexborNode, piece: str) -> bool:
    """Tell whether a piece is no words of a headline, whatever the page says elsewhere."""
    attributes = node.attributes
    tag = node.tag
    if tag in ("time", "button") or "hidden" in attributes or attributes.get("aria-hidden") == "true":
        return True
    if tag == "small" and (time := node.css_first("time")) is not None and clean(time.text()) == piece:
        return True
    if tag == "sup" and _NOTE.fullmatch(piece):
        return True
    if tag == "a" and _ANCHOR.fullmatch(piece):
        return True
    if _HIDDEN.search(attributes.get("style") or ""):
        return True
    name = attributes.get("class") or ""
    return bool(_UNHEARD.search(name)) or (bool(hints_of(name) & Hint.SHARE) and len(piece) <= _LONGEST_BADGE)


def _is_badge(node: LexborNode, piece: str) -> bool:
    """Tell whether a piece is named a badge and as short as one."""
    return len(piece) <= _LONGEST_BADGE and bool(_BADGE.search(node.attributes.get("class") or ""))
