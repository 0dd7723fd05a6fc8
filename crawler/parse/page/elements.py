"""What elements mean for a page's text: which are blocks, which are passed over, what hides them, what they are called."""

from __future__ import annotations

__all__ = [
    "BADGE_LENGTH",
    "BLOCK",
    "BOLD",
    "EMPHASIS",
    "HEADINGS",
    "INLINE",
    "LANDMARKS",
    "LEAST_ALONE",
    "LINES",
    "LIST",
    "MORE_LENGTH",
    "NAMING",
    "NOTED",
    "OUTSIDE",
    "PASSED",
    "PICTURE",
    "PLACED",
    "QUESTION",
    "QUOTES",
    "SHOWN_AS_BLOCK",
    "SKIP",
    "TITLED",
    "UNFOLDED",
    "goes_on",
    "heading_of",
    "holds_prose",
    "integer",
    "is_hidden",
    "is_named_block",
    "kind_of",
    "note",
    "number",
    "tag_names",
]

import re
from functools import cache, lru_cache
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.parse.page.blocks import Element, PageBlock

SKIP: Final = frozenset((
    "script", "style", "noscript", "template", "svg", "iframe", "object", "embed", "canvas", "map", "select",
    "textarea", "input", "button", "datalist", "optgroup", "option", "audio", "video", "head", "title", "meta",
    "link", "base", "rt", "rp", "frame", "frameset", "noframes", "applet", "progress", "meter", "param", "source",
    "track", "-comment", "!doctype",
))  # fmt: skip
UNFOLDED: Final = frozenset(("template", "button", "noscript"))
"""What of these may hold text for readers."""
BLOCK: Final = frozenset((
    "html", "body", "address", "article", "aside", "blockquote", "center", "dd", "details", "dialog", "dir", "div",
    "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header",
    "hgroup", "hr", "legend", "li", "main", "menu", "nav", "ol", "p", "pre", "search", "section", "summary",
    "table", "caption", "tbody", "thead", "tfoot", "tr", "td", "th", "ul", "amp-carousel", "colgroup",
))  # fmt: skip
BOLD: Final = frozenset(("b", "strong"))
EMPHASIS: Final = frozenset(("i", "em", "cite"))
QUOTES: Final = frozenset("\"'“”„«»‘’‚‹›「『《")
_HIDING: Final = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
SHOWN_AS_BLOCK: Final = re.compile(r"display\s*:\s*(?:block|flex|grid|table|list-item|flow-root)\b", re.IGNORECASE)
PICTURE: Final = frozenset(("img", "amp-img"))
OUTSIDE: Final = frozenset(("nav", "footer"))
"""Elements that never hold an article, outside one."""
NAMING: Final = frozenset(("class", "id", "itemprop", "role", "data-testid", "data-component", "data-qa"))
LIST: Final = frozenset(("ul", "ol", "menu", "dir"))
LANDMARKS: Final = frozenset((
    "nav", "aside", "footer", "header", "form", "figure", "article", "main", "blockquote", "dialog",
))  # fmt: skip
PLACED: Final = LANDMARKS | LIST | {"li", "pre"}
HEADINGS: Final = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
INLINE: Final = frozenset((
    "a", "span", "img", "br", "wbr", "u", "s", "small", "big", "sup", "sub", "font", "label", "picture", "code",
    "abbr", "mark", "output", "del", "ins", "tt", "kbd", "samp", "var", "dfn", "data", "slot", "ruby", "bdi", "bdo",
))  # fmt: skip
TITLED: Final = frozenset(("h1", "h2", "h3", "h4", "h5", "h6", "dt", "summary"))
"""What names the part of a page that a button in it unfolds."""
QUESTION: Final = ("?", "？", "؟", ";")
_PROSE: Final = 800
"""Letters that are more than a request to turn scripts on."""
_NUMBERED: Final = 512
"""The parser's own tags have numbers below this; other names get a number for the one document."""
_NAMED_BLOCK: Final = re.compile(
    r"(?:^|-)(?:p|par|para|paragraph|text|section|block|body|content|row|item|list|heading|title|header|footer|article|story|"
    r"quote|figure|caption|image|gallery|video|embed|card|box|ad|teaser|related|promo|newsletter|aside|container)s?(?:$|-)"
)
"""Elements that a site made up and that are called after a block."""
_ITEMTYPE: Final = re.compile(r"schema\.org/\w*(?:Article|Posting)\b")
NOTED: Final = frozenset((
    "hidden", "style", "aria-hidden", "itemtype", "data-url", "data-href", "data-article-url", "data-permalink", "data-article-id",
    "data-post-id",
))  # fmt: skip
"""Attributes that say whether an element is shown, or of which article it is."""
PASSED: Final = frozenset(("amp-ad", "amp-embed", "amp-sticky-ad", "amp-auto-ads", "amp-iframe", "amp-social-share"))
LINES: Final = frozenset(("p", "h1", "h2", "h3", "h4", "h5", "h6"))
LEAST_ALONE: Final = 40
"""Letters of a block that is none by its name."""
BADGE_LENGTH: Final = 24
MORE_LENGTH: Final = 120


def goes_on(node: LexborNode) -> bool:
    """Tell whether text of the same line follows `node`."""
    after = node.next
    while after is not None:
        tag = tag_names().get(after.tag_id) or after.tag or ""
        if tag == "-text":
            if not after.is_empty_text_node:
                return True
        elif tag != "-comment":
            return tag != "br" and (tag in INLINE or tag in BOLD or tag in EMPHASIS or tag in ("time", "q"))
        after = after.next
    return False


@lru_cache(maxsize=4096)
def is_named_block(tag: str) -> bool:
    """Tell whether an element that a site made up is called after a block."""
    return _NAMED_BLOCK.search(tag) is not None


@cache
def tag_names() -> dict[int, str | None]:
    """Return the names of the commonest tags by the numbers the parser gives them, which are quicker to ask for; None for what is passed over."""
    document = LexborHTMLParser("")
    nodes = [
        document.create_node(tag) for tag in (*SKIP, *BLOCK, *BOLD, *EMPHASIS, *INLINE, "time", "q") if tag[0].isalpha()
    ]
    return {
        node.tag_id: None if node.tag in SKIP and node.tag not in UNFOLDED else node.tag
        for node in nodes
        if node.tag is not None and node.tag_id < _NUMBERED
    }


def is_hidden(attributes: dict[str, str | None], style: str | None) -> bool:
    """Tell whether an element is hidden for good: what a search in the page would reveal is not."""
    if "hidden" in attributes and (attributes["hidden"] or "").lower() != "until-found":
        return True
    return bool(style) and _hides(style or "")


def _hides(style: str) -> bool:
    lowered = style.lower()
    return ("none" in lowered or "hidden" in lowered) and _HIDING.search(style) is not None


def note(element: Element, attributes: dict[str, str | None]) -> None:
    """Note whether an element is hidden, says that it is an article, or which page it is a part of."""
    for key, value in attributes.items():
        if key not in NOTED:
            continue
        if key == "hidden":
            shown = (value or "").lower() == "until-found"
        elif key == "style":
            shown = not value or not _hides(value)
        elif key == "aria-hidden":
            element.veiled = element.veiled or value == "true"
            continue
        else:
            if value and (key != "itemtype" or _ITEMTYPE.search(value)):
                element.posting = True
            continue
        if not shown:
            element.hidden = element.veiled = True


def holds_prose(node: LexborNode) -> bool:
    """Tell whether a ``noscript`` holds the article itself: a page written by script, or one that never closes it."""
    return node.css_first("p ~ p") is not None and len(node.text()) > _PROSE


def heading_of(element: Element) -> str:
    """Return the h1 to h6 that `element` is or lies directly in, or an empty string."""
    at: Element | None = element
    for _ in range(3):
        if at is None:
            break
        if at.tag in HEADINGS:
            return at.tag
        at = at.parent
    return ""


def kind_of(element: Element) -> str:
    """Return the kind of a block that `element` holds; the first block of a list item is one."""
    if heading_of(element):
        return "heading"
    at: Element | None = element
    for _ in range(4):
        if at is None:
            break
        if at.tag == "li" and not at.used:
            return "item"
        if at.tag in ("li", "ul", "ol", "table"):
            break
        at = at.parent
    return "quote" if element.region and "blockquote" in element.region else "paragraph"


def number(block: PageBlock, element: Element) -> None:
    """Give the first block of a list item the item's level and number."""
    at: Element | None = element
    while at is not None and at.tag != "li":
        at = at.parent
    if at is not None:
        at.used = True
        block.level = max(0, at.level - 1)
        block.ordinal = at.ordinal


def integer(value: str | None, default: int) -> int:
    """Return the number that an attribute's `value` is, `default` if it is none."""
    try:
        return int(value) if value and len(value) < 10 else default
    except ValueError:
        return default
