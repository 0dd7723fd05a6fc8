"""The category labels that stand by the headline, and the furniture that follows an article."""

from __future__ import annotations

__all__ = ["Labels", "labels_of", "tail_of"]

from typing import Final, NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.parse.page.blocks import Layout
from crawler.parse.page.hints import Hint
from crawler.parse.page.text import clean, fold
from crawler.parse.rules import selected

_SIGNS: Final = frozenset((
    "log in", "login", "sign in", "sign up", "register", "subscribe", "newsletter", "newsletters", "menu", "search", "share", "print", "home", "homepage", "content", "top", "skip to content",
    "startseite", "anmelden", "abo", "suche", "drucken", "accueil", "se connecter", "inicio", "iniciar sesión", "accedi", "início", "strona główna", "главная", "ana sayfa",
    "الرئيسية", "صفحه اصلی", "خانه", "דף הבית", "ホーム", "首页", "首頁", "홈",
))  # fmt: skip
"""What stands where labels do and is none; with the first step of a breadcrumb the rest is none either."""
_LONGEST: Final = 40
_BEFORE: Final = 4
_AFTER: Final = 2
_REPLY: Final = "#reply-title, .comment-reply-title, #respond h2, #respond h3, #respond h4"
_TOP: Final = (
    "#go-to-top, .go-to-top, .go-to-top-button, #back-to-top, .back-to-top, #backtotop, .backtotop, #scroll-to-top, .scroll-to-top, "
    "#scrolltop, .scrolltop, #to-top, #totop, .to-top, .totop, #gotop, .gotop"
)


class Labels(NamedTuple):
    """The labels, and the line they make."""

    names: tuple[str, ...]
    line: str


def labels_of(parser: LexborHTMLParser, layout: Layout, near: int, *, selector: str | None = None) -> Labels:
    """Return the labels beside the headline (block number `near`): links under a category-like name, nothing else."""
    if selector:
        names = tuple(filter(None, (clean(node.text()) for node in selected(parser, selector)[:10])))
        return Labels(names, " ".join(names))
    if near < 0:
        return Labels((), "")
    title = layout.blocks[near]
    for index in (
        *range(near - 1, max(-1, near - 1 - _BEFORE), -1),
        *range(near + 1, min(len(layout.blocks), near + 1 + _AFTER)),
    ):
        block = layout.blocks[index]
        hints = block.hints | block.element.hints | (block.element.parent.hints if block.element.parent else 0)
        if not hints & (Hint.TAGS | Hint.KICKER) or hints & (Hint.NAV | Hint.SHARE | Hint.RELATED) or block.ink > 80:
            continue
        if "nav" in block.element.region or block.link_ink * 10 < block.ink * 9 or hints & Hint.SIGNUP:
            continue
        if "header" in block.element.region and "header" not in title.element.region:
            continue  # the site's own head
        names = _link_texts(block.element.node, block.text)
        if names and all(len(name) <= _LONGEST and fold(name) not in _SIGNS for name in names):
            return Labels(names, block.text)
    return Labels((), "")


def _link_texts(node: LexborNode, line: str) -> tuple[str, ...]:
    """Return the texts of the links that make up `line`."""
    names = [clean(link.text()) for link in node.css("a")]
    names = [name for name in names if name and name in line]
    return tuple(dict.fromkeys(names)) or (line,)


def tail_of(parser: LexborHTMLParser) -> list[str]:
    """Return the comment form's heading and the back-to-top label, in page order."""
    found: list[str] = []
    for query in (_REPLY, _TOP):
        for node in parser.css(query)[:2]:
            text = clean(node.text())
            if text and len(text) < 80 and fold(text) not in map(fold, found):
                found.append(text)
                break
    return found
