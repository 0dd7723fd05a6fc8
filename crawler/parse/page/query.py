"""Selectors that are asked of every whole page: answered by one walk over the tree in C, where that was compiled.

What they may be made of is what such a walk can tell: tags, attributes and classes, no element's place among others.
"""

from __future__ import annotations

__all__ = ["Query"]

import re
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.parse.native import Finder

_COMPOUND: Final = re.compile(r"\s*(?P<tag>[a-z][a-z0-9]*)?(?P<rest>(?:\[[^\]]+\]|\.[\w-]+)*)\s*")
_SIMPLE: Final = re.compile(
    r"\[(?P<name>[a-z-]+)(?:(?P<how>[~*]?=)(?P<quote>['\"]?)(?P<value>[\w-]+)(?P=quote)(?P<any_case> i)?)?\]|\.(?P<class>[\w-]+)"
)
_HOW: Final = {None: 0, "=": 1, "~=": 2, "*=": 3, "*= i": 4}
_CLASS: Final = 5
"""As _dom.c numbers them."""


class Query:
    """The elements that a selector finds in a whole page, in page order, each as often as it fulfils a part of it (as of selectolax 1.0).

    `css` is a list of compound selectors of a tag, ``[name]``, ``[name=value]``, ``[name~=value]``, ``[name*=value]`` (with
    ``i``, too) and ``.class``. ValueError for any other.
    """

    __slots__ = ("_finder", "css")

    def __init__(self, css: str) -> None:
        self.css = css
        self._finder = Finder(tuple(_way(compound) for compound in css.split(",")))

    def find(self, parser: LexborHTMLParser) -> list[LexborNode]:
        """Return the elements of the page that `parser` read."""
        root = parser.root
        return self.within(root) if root is not None else []

    def within(self, node: LexborNode) -> list[LexborNode]:
        """Return the elements among `node`, which is not a fragment's root, and all that are in it."""
        found = self._finder.find(node)
        return node.css(self.css) if found is None else found


def _way(compound: str) -> tuple[str | None, tuple[tuple[str, str | None, int], ...]]:
    """Return the tag that an element must have, and what must hold of its attributes: name, value and how they compare."""
    match = _COMPOUND.fullmatch(compound)
    if match is None or not match[0].strip():
        raise ValueError(f"not a selector of a tag, attributes and classes: {compound!r}")
    conditions = []
    for simple in _SIMPLE.finditer(match["rest"]):
        if simple["class"]:
            conditions.append(("class", simple["class"], _CLASS))
        else:
            how = f"{simple['how']}{simple['any_case'] or ''}" if simple["how"] else None
            conditions.append((simple["name"], simple["value"], _HOW[how]))
    if _SIMPLE.sub("", match["rest"]):
        raise ValueError(f"not a selector of attributes and classes: {match['rest']!r}")
    return match["tag"], tuple(conditions)
