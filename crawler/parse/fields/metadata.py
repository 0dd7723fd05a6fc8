"""What a page says of itself outside its text: meta tags, links, microdata and JSON-LD, gathered once.

Nothing is judged here; title, dates, authors and the rest take their candidates from these values.
"""

from __future__ import annotations

__all__ = ["Metadata", "gather", "texts_of"]

import html
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

import msgspec
from selectolax.lexbor import LexborHTMLParser

from crawler.parse.page.text import clean

_ARTICLE = re.compile(r"article|posting|report$|review$|newsstory|opinion", re.IGNORECASE)
_CONTROL = re.compile("[\x00-\x1f]")
_TRAILING_COMMA = re.compile(r",\s*([}\]])")
_COMMENT = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\[)|(?:-->|//\s*\]\]>|/\*\s*\]\]>\s*\*/|\]\]>)\s*;?\s*$"
)
_RELATIONS = frozenset(("canonical", "license"))
_ABSOLUTE = re.compile(r"https?://[!\"$-.0-:<->@-Z\\^-~]+(?:/[!\"$-:<->@-Z\\^-~]*)?(?:\?[!\"$->@-~]+)?")
"""What joining would give back as it is: most links."""
_MAX_NODES = 2000
_MAX_SCRIPTS = 40


class Metadata:
    """The page's own statements. Keys of `metas` are lower case; `links` has what
    says where else the page is and under which licence; `nodes` are the JSON-LD objects, outermost first.
    """

    __slots__ = ("article", "canonical", "links", "metas", "nodes", "title_tag", "url")

    def __init__(self, url: str) -> None:
        self.url = url
        self.metas: dict[str, list[str]] = {}
        self.links: dict[str, list[str]] = {}
        self.title_tag = ""
        self.nodes: list[dict[str, Any]] = []
        self.article: dict[str, Any] = {}
        self.canonical: str | None = None

    def first(self, *keys: str) -> str | None:
        """Return the content of the first of `keys` that the page has and that is not empty."""
        for key in keys:
            for value in self.metas.get(key, ()):
                if value:
                    return value
        return None

    def every(self, *keys: str) -> Iterator[tuple[str, str]]:
        """Yield key and content of all meta tags of these names, in the order of the names."""
        for key in keys:
            for value in self.metas.get(key, ()):
                if value:
                    yield key, value


def gather(parser: LexborHTMLParser, url: str) -> Metadata:
    """Return the statements of the page at `url`."""
    found = Metadata(url)
    scripts: list[str] = []
    for node in parser.css("meta,link,title,script[type]"):
        tag = node.tag
        attributes = node.attributes
        if tag == "meta":
            _add_meta(found, attributes)
        elif tag == "link":
            href = attributes.get("href")
            for rel in (attributes.get("rel") or "").lower().split() if href else ():
                if rel in _RELATIONS:
                    found.links.setdefault(rel, []).append(urljoin_safe(url, href or ""))
        elif tag == "title":
            if not found.title_tag and (node.parent is None or node.parent.tag != "svg"):
                found.title_tag = clean(node.text())
        elif "ld+json" in (attributes.get("type") or "").lower() and len(scripts) < _MAX_SCRIPTS:
            scripts.append(node.text())
    for script in scripts:
        _collect(found, _read_json(script))
    found.article = _main_article(found)
    found.canonical = _canonical(found)
    return found


def _add_meta(found: Metadata, attributes: dict[str, str | None]) -> None:
    content = attributes.get("content")
    if content is None:
        return
    content = clean(html.unescape(content) if "&" in content else content)
    for name in ("property", "name", "itemprop", "http-equiv"):
        key = attributes.get(name)
        if key:
            values = found.metas.setdefault(key.strip().lower(), [])
            if len(values) < 100:
                values.append(content)


def _read_json(script: str) -> object:
    """Return the value of a JSON-LD script, mended where publishers commonly break it; None if it stays unreadable."""
    text = script.strip()
    try:
        return msgspec.json.decode(text.encode("utf-8", "surrogatepass"))
    except (msgspec.DecodeError, RecursionError):
        pass
    text = _TRAILING_COMMA.sub(r"\1", _CONTROL.sub(" ", _COMMENT.sub("", text))).strip().rstrip(";")
    try:
        value, _ = json.JSONDecoder(strict=False).raw_decode(text)
    except (ValueError, RecursionError):
        return None
    return value


def _collect(found: Metadata, value: object) -> None:
    """Add the objects in `value`, and those nested in them, breadth first."""
    queue: list[tuple[object, int]] = [(value, 0)]
    while queue and len(found.nodes) < _MAX_NODES:
        item, depth = queue.pop(0)
        if isinstance(item, list):
            queue += [(child, depth) for child in item[:500]]
        elif isinstance(item, dict):
            if "@type" in item or "@graph" in item:
                found.nodes.append(item)
            if depth < 4:
                queue += [(child, depth + 1) for child in item.values() if isinstance(child, dict | list)]


def types_of(node: dict[str, Any]) -> list[str]:
    """Return the node's types, without prefix."""
    kinds = node.get("@type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    return [kind.rsplit("/", 1)[-1].rsplit(":", 1)[-1] for kind in kinds if isinstance(kind, str)]


def texts_of(value: object, *keys: str) -> list[str]:
    """Return the texts in a JSON-LD value: strings, and the `keys` of objects, in lists or alone."""
    found: list[str] = []
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, str):
            found.append(clean(html.unescape(item)))
        elif isinstance(item, dict):
            for key in keys:
                inner = item.get(key)
                if isinstance(inner, str | list) and (texts := texts_of(inner)):
                    found += texts
                    break
    return [text for text in found if text]


def _main_article(found: Metadata) -> dict[str, Any]:
    """Return the node that describes the page's article: of an article type, and rather with text and this URL."""
    best: dict[str, Any] = {}
    best_score = 0.0
    path = urlsplit(found.url).path.rstrip("/")
    for order, node in enumerate(found.nodes):
        if not any(_ARTICLE.search(kind) for kind in types_of(node)):
            continue
        score = 3.0 - order / 1000
        score += 2 * ("datePublished" in node) + ("headline" in node) + ("articleBody" in node) + ("author" in node)
        addresses = (
            texts_of(node.get("mainEntityOfPage"), "@id", "url") + texts_of(node.get("url")) + texts_of(node.get("@id"))
        )
        score += 2 * any(urlsplit_path(address) == path for address in addresses)
        if score > best_score:
            best, best_score = node, score
    return best


def _canonical(found: Metadata) -> str | None:
    for link in (*found.links.get("canonical", ()), *found.metas.get("og:url", ())):
        parts = urljoin_safe(found.url, link)
        if parts.startswith(("http://", "https://")):
            return parts
    return None


def urlsplit_path(url: str) -> str:
    """Return the path of `url` without a final slash; empty if it is no URL."""
    try:
        return urlsplit(url).path.rstrip("/")
    except ValueError:
        return ""


def urlsplit_host(url: str) -> str:
    """Return the host of `url` without ``www.``; empty if it is no URL."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def urljoin_safe(base: str, url: str) -> str:
    """Return `url` made absolute; as it is if it cannot be."""
    url = url.strip()
    if _ABSOLUTE.fullmatch(url):
        return url
    try:
        return urljoin(base, url)
    except ValueError:
        return url
