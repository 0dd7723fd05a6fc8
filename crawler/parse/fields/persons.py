"""The persons that JSON-LD names as authors, in every form that schema.org and JSON-LD give a person."""

from __future__ import annotations

__all__ = ["persons_in"]

import html
import re
from collections.abc import Iterator
from typing import Any, Final

from crawler.parse.fields.metadata import Metadata, types_of
from crawler.parse.fields.names import turned
from crawler.parse.page.text import clean

_DEEPEST: Final = 6
_ORGANISED: Final = ("Organization", "Organisation", "Corporation", "WebSite", "Brand", "NewsMediaOrganization", "LocalBusiness")  # fmt: skip
_NAMES: Final = ("givenName", "additionalName", "familyName")
_OTHERWISE: Final = ("alternateName", "legalName")
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(?:[-_][A-Za-z]{2,4})?")
"""Keys of a language map (JSON-LD 1.1, 4.6.2): the same name in several."""
_WRAPPED: Final = ("@list", "@set", "itemListElement", "author", "creator", "mainEntity", "item")
"""Where the person stands in a list, a Role (which has the property again), or a page about the person."""


def persons_in(value: object, meta: Metadata, depth: int = 0) -> Iterator[str]:
    """Yield the names in an author's value: texts, persons, lists, roles, references; never an address, no organisation."""
    if depth > _DEEPEST:
        return
    if isinstance(value, str):
        yield from _from_text(value, meta, depth)
    elif isinstance(value, list):
        for item in value[:50]:
            yield from persons_in(item, meta, depth + 1)
    elif isinstance(value, dict):
        yield from _from_node(value, meta, depth)


def _from_text(value: str, meta: Metadata, depth: int) -> Iterator[str]:
    """Yield a name, or those of the node whose ``@id`` the text is."""
    text = clean(html.unescape(value))
    if text.startswith(("http:", "https:", "#", "/", "_:")):
        node = _referred(text, meta)
        if node is not None:
            yield from _from_node(node, meta, depth + 1)
    elif text:
        yield text


def _from_node(node: dict[str, Any], meta: Metadata, depth: int) -> Iterator[str]:
    kinds = types_of(node)
    if "Person" not in kinds and any(kind.endswith(_ORGANISED) for kind in kinds):
        return
    if "@value" in node:
        yield from persons_in(node["@value"], meta, depth + 1)
        return
    named = node.get("name") or node.get("@name")
    names = list(persons_in(named, meta, depth + 1)) if named else []
    if not names:
        parts = [" ".join(persons_in(node.get(key), meta, depth + 1)) for key in _NAMES]
        whole = " ".join(part for part in parts if part)
        names = [whole] if whole else []
    names = names or [text for key in _OTHERWISE if kinds for text in persons_in(node.get(key), meta, depth + 1)][:1]
    if names:
        yield from (turned(name) for name in names)
        return
    if node and all(key.isdigit() for key in node):
        yield from persons_in(list(node.values()), meta, depth + 1)
        return
    if node and all(_LANGUAGE.fullmatch(key) for key in node):
        yield from persons_in(next(iter(node.values())), meta, depth + 1)
        return
    for key in _WRAPPED:
        if key in node:
            yield from persons_in(node[key], meta, depth + 1)
            return
    if "@id" in node and (other := _referred(str(node["@id"]), meta)) is not None and other is not node:
        yield from _from_node(other, meta, depth + 1)


def _referred(name: str, meta: Metadata) -> dict[str, Any] | None:
    """Return the node of this ``@id`` that says more than it."""
    return next((node for node in meta.nodes if node.get("@id") == name and len(node) > 1), None)
