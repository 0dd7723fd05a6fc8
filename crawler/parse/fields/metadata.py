"""What a page says of itself outside its text: meta tags, links, microdata and JSON-LD, gathered once.

Nothing is judged here; title, dates, authors and the rest take their candidates from these values.
"""

from __future__ import annotations

__all__ = [
    "Metadata",
    "document_base",
    "gather",
    "texts_of",
    "types_of",
    "urljoin_safe",
    "urlsplit_host",
    "urlsplit_path",
]

import html
import re
from collections import deque
from collections.abc import Iterator
from itertools import accumulate
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.parse.fields.json_ld import read_values
from crawler.parse.page.query import Query
from crawler.parse.page.text import clean, words

_ARTICLE: Final = re.compile(r"article|posting|report$|review$|newsstory|opinion", re.IGNORECASE)
_LINKED_DATA: Final = re.compile(r"ld\+json|json\+ld", re.IGNORECASE)
_RELATIONS: Final = frozenset(("canonical", "license"))
_ABSOLUTE: Final = re.compile(r"https?://[!\"$-.0-:<->@-Z\\^-~]+(?:/[!\"$-:<->@-Z\\^-~]*)?(?:\?[!\"$->@-~]+)?")
"""What joining would give back as it is: most links."""
_OF_OTHERS: Final = frozenset((
    "itemListElement", "hasPart", "liveBlogUpdate", "review", "reviews", "comment", "comments", "mentions", "citation", "isBasedOn",
    "relatedLink", "significantLink", "subjectOf", "workExample", "associatedMedia", "suggestedAnswer", "acceptedAnswer", "isPartOf",
))  # fmt: skip
"""Properties (schema.org) whose values are other works than the one that has them."""
_HEADS: Final = ("headline", "name")
_MAX_NODES: Final = 2000
_MAX_SCRIPTS: Final = 40
_STATEMENTS: Final = Query("meta,link,title,script[type],base[href],h1")


class Metadata:
    """The page's own statements. Keys of `metas` are lower case; `links` has what
    says where else the page is and under which licence; `nodes` are the JSON-LD objects, outermost first, `own` those
    of them that may be about this page. Relative addresses are relative to `base`.
    """

    __slots__ = ("article", "base", "canonical", "links", "metas", "nodes", "own", "title_tag", "url")

    def __init__(self, url: str) -> None:
        self.url = self.base = url
        self.metas: dict[str, list[str]] = {}
        self.links: dict[str, list[str]] = {}
        self.title_tag = ""
        self.nodes: list[dict[str, Any]] = []
        self.own: list[dict[str, Any]] = []
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
    links: list[tuple[str, str]] = []
    bases: list[str] = []
    heads: list[LexborNode] = []
    for node in _STATEMENTS.find(parser):
        tag = node.tag
        if tag == "h1":
            heads.append(node)
            continue
        attributes = node.attributes
        if tag == "meta":
            _add_meta(found, attributes)
        elif tag == "link":
            href = attributes.get("href") or ""
            rels = (attributes.get("rel") or "").lower().split() if href else ()
            links += [(rel, href) for rel in rels if rel in _RELATIONS]
        elif tag == "base":
            bases.append(attributes.get("href") or "")
        elif tag == "title":
            if not found.title_tag and (node.parent is None or node.parent.tag != "svg"):
                found.title_tag = clean(node.text())
        elif _LINKED_DATA.search(attributes.get("type") or "") and len(scripts) < _MAX_SCRIPTS:
            scripts.append(node.text())
    found.base = _base(url, bases[0]) if bases else url
    for rel, href in links:
        found.links.setdefault(rel, []).append(urljoin_safe(found.base, href))
    for before, script in zip(accumulate(map(len, scripts), initial=0), scripts, strict=False):
        for value in read_values(script, before=before):
            _collect(found, value)
    found.canonical = _canonical(found)
    if found.own:
        found.article = _main_article(found, _headlines(heads[:5], found))
    return found


def document_base(parser: LexborHTMLParser, url: str) -> str:
    """Return the document base URL (HTML Standard 2.4.2): that of the first ``base`` with an ``href``, else `url`."""
    node = parser.css_first("base[href]")
    return url if node is None else _base(url, node.attributes.get("href") or "")


def _base(url: str, href: str) -> str:
    base = urljoin_safe(url, href)
    return base if base.startswith(("http://", "https://")) else url


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


def _collect(found: Metadata, value: object) -> None:
    """Add the objects in `value`, and those nested in them, breadth first; those of other works are not the page's own."""
    queue: deque[tuple[object, int, bool]] = deque([(value, 0, True)])
    while queue and len(found.nodes) < _MAX_NODES:
        item, depth, own = queue.popleft()
        if isinstance(item, list):
            queue += [(child, depth, own) for child in item[:500]]
        elif isinstance(item, dict):
            if "@type" in item or "@graph" in item:
                found.nodes.append(item)
                if own:
                    found.own.append(item)
            if depth < 4:
                queue += [
                    (child, depth + 1, own and key not in _OF_OTHERS)
                    for key, child in item.items()
                    if isinstance(child, dict | list)
                ]


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


def _main_article(found: Metadata, headlines: list[set[str]]) -> dict[str, Any]:
    """Return the node that describes the page's article: of an article type, and rather with text and this URL.

    A node with another page's address and another headline is of another article, and leaves `own`.
    """
    best: dict[str, Any] = {}
    best_score = 0.0
    paths = {urlsplit_path(url) for url in (found.url, found.canonical or found.url, *found.metas.get("og:url", ()))}
    for order, node in enumerate(tuple(found.own)):
        if not any(_ARTICLE.search(kind) for kind in types_of(node)):
            continue
        addresses = (
            texts_of(node.get("mainEntityOfPage"), "@id", "url") + texts_of(node.get("url")) + texts_of(node.get("@id"))
        )
        here = any(urlsplit_path(address) in paths for address in addresses)
        if not here and _is_elsewhere(node, headlines):
            found.own.remove(node)
            continue
        score = 3.0 - order / 1000
        score += 2 * ("datePublished" in node) + ("headline" in node) + ("articleBody" in node) + ("author" in node)
        score += 2 * here + 2 * _is_headed(node, headlines)
        score += "LiveBlogPosting" in types_of(node)
        if score > best_score:
            best, best_score = node, score
    return best


def _is_elsewhere(node: dict[str, Any], headlines: list[set[str]]) -> bool:
    """Tell whether `node` gives the address of another page, and a headline that is none of this page's `headlines`."""
    addresses = texts_of(node.get("mainEntityOfPage"), "@id", "url") + texts_of(node.get("url"))
    if not any(len(urlsplit_path(address)) > 1 for address in addresses):
        return False
    return bool(headlines) and any(key in node for key in _HEADS) and not _is_headed(node, headlines)


def _is_headed(node: dict[str, Any], headlines: list[set[str]]) -> bool:
    """Tell whether `node` has a headline that is one of this page's."""
    stated = [set(words(text)) for key in _HEADS for text in texts_of(node.get(key))]
    return any(_alike(one, other) for one in stated for other in headlines if one)


def _alike(one: set[str], other: set[str]) -> bool:
    return len(one & other) * 2 >= min(len(one), len(other))


def _headlines(heads: list[LexborNode], found: Metadata) -> list[set[str]]:
    """Return the words of each headline that the page has: in its title, for sharing, and in headings."""
    texts = [found.title_tag, *found.metas.get("og:title", ())[:1], *found.metas.get("twitter:title", ())[:1]]
    texts += [node.text() for node in heads]
    return [own for own in (set(words(text)) for text in texts) if own]


def _canonical(found: Metadata) -> str | None:
    for link in (*found.links.get("canonical", ()), *found.metas.get("og:url", ())):
        parts = urljoin_safe(found.base, link)
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
        return urljoin(base, _without_empty_parts(url))
    except ValueError:
        return url


def _without_empty_parts(url: str) -> str:
    """Return `url` without an empty query and fragment: Python 3.14 keeps them when it joins, those before do not."""
    rest, _, fragment = url.partition("#")
    path, _, query = rest.partition("?")
    return path + (f"?{query}" if query else "") + (f"#{fragment}" if fragment else "")
