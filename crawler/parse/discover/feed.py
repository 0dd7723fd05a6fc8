"""Feeds: RSS 0.9x, 1.0 (RDF) and 2.0, Atom 0.3 and 1.0, JSON Feed 1.x, the posts of WordPress' REST API, read as their
authors meant them.

A pure function of bytes and URL. What is no feed is refused with DiscoveryError; an empty feed is a feed without
announcements; a broken one gives the items that can be read; gzip is undone by its magic. Bodies are looked at up to 16 MiB and 10,000 items.
"""

from __future__ import annotations

__all__ = ["Feed", "parse_feed"]

import re
from base64 import b64decode
from typing import Any, Literal, NamedTuple
from urllib.parse import urljoin

import msgspec
from lxml import etree

from crawler.errors import DiscoveryError
from crawler.model.capture import Announcement
from crawler.parse.dates import iso_date
from crawler.parse.discover.xml import absolute, bare_json, clean_text, inflate, qualified_name, to_utf8, xml_events
from crawler.parse.fields.json_ld import read_values
from crawler.urls import host_of

Dialect = Literal["rss", "rdf", "atom", "json"]

_XML = "{http://www.w3.org/XML/1998/namespace}"
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_LIMIT = 16 * 1024 * 1024
_BEGINNING = 256
_MAX_ITEMS = 10_000
_LONGEST_DATE = 200
_ROOTS: dict[str, Dialect] = {
    "rss": "rss",
    "channel": "rss",
    "rdf:RDF": "rdf",
    "RDF": "rdf",
    "atom:feed": "atom",
    "feed": "atom",
    "atom:entry": "atom",
}
_ITEMS = frozenset(("item", "entry", "atom:entry"))
_PUBLISHED = ("pubDate", "published", "issued", "created", "date", "pubdate")
_MODIFIED = ("updated", "modified")
_SCHEMES = re.compile(r"^(?:https?:/{0,2})+(?=https?://)", re.IGNORECASE)
_MARKED = re.compile(r"<a\b[^<>]*\bhref\s*=\s*[\"']?(https?://[^\s\"'<>]+)", re.IGNORECASE)
_WORDPRESS = re.compile(r"\bwordpress\b", re.IGNORECASE)
_PAGED = re.compile(r"[?&]paged=(\d{1,4})")
_WWW = re.compile(r"www\.[\w-]+\.", re.IGNORECASE)
_PERIODS_S = {"hourly": 3600.0, "daily": 86400.0, "weekly": 604800.0, "monthly": 2592000.0, "yearly": 31536000.0}


class Feed(msgspec.Struct, frozen=True, kw_only=True):
    """What a feed says of itself and announces."""

    url: str
    dialect: Dialect
    title: str | None = None
    home: str | None = None
    """The page it belongs to, absolute."""
    language: str | None = None
    """As written."""
    ttl_s: float | None = None
    """How long its publisher says it may be kept: RSS ``ttl``, or ``sy:updatePeriod`` and ``updateFrequency``."""
    hub: str | None = None
    """WebSub hub (W3C WebSub section 4)."""
    next_url: str | None = None
    """The page with older items (RFC 5005 sections 3 and 4, JSON Feed ``next_url``)."""
    next_guess: str | None = None
    """Where its software, by name, keeps older items that the feed says nothing of."""
    announcements: tuple[Announcement, ...] = ()
    """In the feed's order, each URL once."""
    skipped: int = 0
    """Items without a usable address."""
    truncated: bool = False
    """There was more than is looked at."""


class _Item(NamedTuple):
    """An item before its address is resolved."""

    links: tuple[str, ...]
    """Best one first."""
    base: str | None
    """The xml:base in force, absolute or relative to the feed."""
    title: str | None
    published: tuple[str, ...]
    """As written, best one first."""
    modified: tuple[str, ...]
    language: str | None = None
    """Its own (xml:lang), if it has one."""


def parse_feed(body: bytes, *, url: str, content_type: str | None = None, language: str | None = None) -> Feed:
    """Return the feed in `body`, which was found at `url` with the header `content_type`.

    Its dates are read as they are written in its own language, or in `language` (BCP 47) if it does not say one. Raises DiscoveryError if it is not one.
    """
    body, whole = inflate(body, limit=_LIMIT + 1)
    whole = whole and len(body) <= _LIMIT
    if bare_json(to_utf8(body[:_BEGINNING])) is not None:
        text = bare_json(to_utf8(body[:_LIMIT])) or b""
        return _posts(text, url, language) if text[:1] == b"[" else _json_feed(text, url, language)
    root: etree._Element | None = None
    dialect: Dialect | None = None
    items: list[_Item] = []
    for kind, name, element in xml_events(body, content_type=content_type, limit=_LIMIT):
        if root is None:
            root, dialect = element, _ROOTS.get(name) or _ROOTS.get(name.lower())
            if dialect is None:
                raise _not_a_feed(url, f"its root element is {name}")
        if kind == "end" and name in _ITEMS and len(items) < _MAX_ITEMS:
            items.append(_xml_item(element))
            element.clear(keep_tail=False)
            if len(items) == _MAX_ITEMS:
                break
    if root is None or dialect is None:
        raise _not_a_feed(url, "it is empty" if not body.strip() else "it is neither XML nor JSON")
    return _xml_feed(root, dialect, items, url=url, language=language, truncated=not whole or len(items) == _MAX_ITEMS)


def _not_a_feed(url: str, why: str) -> DiscoveryError:
    return DiscoveryError(
        f"not a feed: {url} ({why})", next_step="give the address of an RSS, Atom or JSON feed, or of a section page"
    )


# --- RSS, RDF, Atom


def _xml_feed(
    root: etree._Element, dialect: Dialect, items: list[_Item], *, url: str, language: str | None, truncated: bool
) -> Feed:
    fields = _fields(root)
    channel = fields.get("channel")
    if channel:
        fields = {**fields, **_fields(channel[0])}
    rels = _links(fields)
    home = absolute(next(iter([*_texts(fields, "link"), *rels.get("alternate", [])]), None), url)
    base = home if home and (dialect != "atom" or host_of(home) != host_of(url)) else url
    own = next(iter(_texts(fields, "language")), root.get(f"{_XML}lang"))
    announcements, skipped = _announce(items, feed_url=url, base=base, language=own or language)
    return Feed(
        url=url,
        dialect=dialect,
        title=_title(fields),
        home=home,
        language=own,
        ttl_s=_ttl_s(fields),
        hub=absolute(next(iter(rels.get("hub", [])), None), url),
        next_url=absolute(next(iter([*rels.get("next", []), *rels.get("prev-archive", [])]), None), url),
        next_guess=_next_page(url) if any(map(_WORDPRESS.search, _texts(fields, "generator"))) else None,
        announcements=announcements,
        skipped=skipped,
        truncated=truncated,
    )


def _next_page(url: str) -> str:
    """Return the address of the next page of a WordPress feed (Codex, WP_Query: ``paged``)."""
    number = _PAGED.search(url)
    if number is not None:
        return f"{url[: number.start(1)]}{int(number[1]) + 1}{url[number.end(1) :]}"
    return f"{url}{'&' if '?' in url else '?'}paged=2"


def _xml_item(element: etree._Element) -> _Item:
    fields = _fields(element)
    guids: dict[bool, list[str]] = {True: [], False: []}
    for guid in fields.get("guid", []):
        guids[guid.get("isPermaLink", "true").strip().lower() != "false"].append(_text(guid))
    links = [
        *(text for name in fields if name.endswith(":origLink") for text in _texts(fields, name)),
        *(_address(e) for e in fields.get("link", []) if (e.get("rel") or "alternate").strip().lower() == "alternate"),
        *_links(fields).get("alternate", []),
        *(link for link in guids[True] if _is_web(link)),
        *(link for link in _texts(fields, "id") if _is_web(link)),
        *(e.get("src", "") for e in fields.get("content", [])),
        element.get(f"{_RDF}about", ""),
        *(link for link in guids[False] if _is_web(link)),
        *(link for link in _texts(fields, "identifier") if _is_web(link)),
        *_links(fields).get("self", []),
    ]
    return _Item(
        links=tuple(link for link in links if link),
        base=_base(element),
        title=_title(fields),
        published=_dates(fields, _PUBLISHED),
        modified=_dates(fields, _MODIFIED),
        language=element.get(f"{_XML}lang"),
    )


def _announce(
    items: list[_Item], *, feed_url: str, base: str, language: str | None
) -> tuple[tuple[Announcement, ...], int]:
    """Return the items' announcements, each URL once, and the number of items that have no address."""
    announced: dict[str, Announcement] = {}
    skipped = 0
    for item in items:
        at = (absolute(item.base, feed_url) or base) if item.base else base
        link = next((found for found in (absolute(_mended(link), at) for link in item.links) if found), None)
        if link is None:
            skipped += 1
        elif link not in announced:
            announced[link] = Announcement(
                url=link,
                role="article",
                source="feed",
                via=feed_url,
                title=item.title,
                published_at=_date(item.published, item.language or language),
                modified_at=_date(item.modified, item.language or language),
            )
    return tuple(announced.values()), skipped


def _mended(link: str) -> str:
    """Return `link` without a scheme written twice, escaped once too often, and with a scheme before ``www.``: addresses
    as templates glue them; with one in mark-up the address within it.
    """
    marked = _MARKED.match(link.lstrip())
    link = marked[1] if marked else link
    link = _SCHEMES.sub("", link.strip()).replace("&amp;", "&")
    return f"https://{link}" if _WWW.match(link) else link


def _fields(element: etree._Element) -> dict[str, list[etree._Element]]:
    """Return the children of `element` by name: RSS and Atom without prefix, Dublin Core's after them."""
    fields: dict[str, list[etree._Element]] = {}
    borrowed: list[tuple[str, etree._Element]] = []
    for child in element.iterchildren(tag=etree.Element):
        prefix, _, local = qualified_name(child).rpartition(":")
        if prefix in ("dc", "dcterms"):
            borrowed.append((local, child))
        else:
            fields.setdefault(local if prefix in ("", "atom") else f"{prefix}:{local}", []).append(child)
    for local, child in borrowed:
        fields.setdefault(local, []).append(child)
    return fields


def _address(link: etree._Element) -> str:
    """Return what a ``link`` holds; where it was not closed, what stands before the elements that it swallowed."""
    begun = (link.text or "").strip()
    return begun if len(link) and _is_web(begun) else _text(link)


def _links(fields: dict[str, list[etree._Element]]) -> dict[str, list[str]]:
    """Return the addresses of Atom's ``link`` elements by their rel, pages before other media types."""
    rels: dict[str, list[str]] = {}
    for link in sorted(fields.get("link", []), key=lambda e: "html" not in (e.get("type") or "html")):
        rel = (link.get("rel") or "alternate").strip().lower().rpartition("/")[2]  # registered ones may be URIs
        if link.get("href"):
            own = link.get(f"{_XML}base")
            rels.setdefault(rel, []).append(urljoin(own.strip(), link.get("href", "")) if own else link.get("href", ""))
    return rels


def _base(element: etree._Element) -> str | None:
    """Return the xml:base in force at `element` (XML Base section 4), unresolved if all of it is relative."""
    bases = [e.get(f"{_XML}base") for e in (element, *element.iterancestors())]
    joined = ""
    for base in reversed(bases):
        if base:
            joined = urljoin(joined, base.strip())
    return joined or None


def _text(element: etree._Element) -> str:
    return "".join(element.itertext(tag=etree.Element)).strip()


def _decoded(element: etree._Element) -> str:
    """Return the text of a construct that may say it is Base64 (Atom 0.3 section 3.1.2)."""
    text = _text(element)
    if (element.get("mode") or "").strip().lower() != "base64":
        return text
    try:
        return b64decode(text, validate=False).decode("utf-8", "replace")
    except ValueError:
        return text


def _texts(fields: dict[str, list[etree._Element]], name: str) -> list[str]:
    return [text for text in (_text(element) for element in fields.get(name, [])) if text]


def _title(fields: dict[str, list[etree._Element]]) -> str | None:
    for element in fields.get("title", []):
        title = clean_text(_decoded(element), html=element.get("type", "html").strip().lower() != "text")
        if title:
            return title
    return None


def _dates(fields: dict[str, list[etree._Element]], names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(text[:_LONGEST_DATE] for name in names if name in fields for text in _texts(fields, name))


def _date(written: tuple[str, ...], language: str | None) -> str | None:
    return next((date for text in written if (date := iso_date(text, language=language))), None)


def _ttl_s(fields: dict[str, list[etree._Element]]) -> float | None:
    for text in _texts(fields, "ttl"):
        if text.isdecimal() and 0 < len(text) < 8:
            return int(text) * 60.0
    for text in _texts(fields, "sy:updatePeriod"):
        period = _PERIODS_S.get(text.lower())
        often = next(iter(_texts(fields, "sy:updateFrequency")), "1")[:6]
        if period is not None:
            return period / (int(often) if often.isdecimal() and int(often) else 1)
    return None


def _is_web(link: str) -> bool:
    return link.lower().startswith(("http://", "https://"))


# --- JSON Feed


def _decoded_json(text: bytes, url: str) -> Any:
    """Return the value in `text`, which may be nearly JSON. Raises DiscoveryError if it is none."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        value = next(iter(read_values(text.decode("utf-8", "replace"))), None)
        if isinstance(value, list) or (isinstance(value, dict) and "items" in value):
            return value
        raise _not_a_feed(url, "it starts like JSON, but is not") from error


def _json_feed(text: bytes, url: str, language: str | None) -> Feed:
    document = _decoded_json(text, url)
    if not isinstance(document, dict) or not isinstance(document.get("items"), list):
        raise _not_a_feed(url, "it is JSON without items")
    if "jsonfeed.org" not in str(document.get("version")) and not {"home_page_url", "feed_url"} & document.keys():
        raise _not_a_feed(url, "it is JSON, but not JSON Feed")
    home = absolute(_string(document, "home_page_url"), url)
    entries = [item for item in document["items"] if isinstance(item, dict)]
    items = [_json_item(entry) for entry in entries[:_MAX_ITEMS]]
    own = _string(document, "language")
    announcements, skipped = _announce(items, feed_url=url, base=home or url, language=own or language)
    hubs = document.get("hubs")
    hub_urls = (
        [absolute(_string(hub, "url"), url) for hub in hubs if isinstance(hub, dict)] if isinstance(hubs, list) else []
    )
    return Feed(
        url=url,
        dialect="json",
        title=clean_text(_string(document, "title") or "", html=False),
        home=home,
        language=own,
        hub=next((hub for hub in hub_urls if hub), None),
        next_url=absolute(_string(document, "next_url"), url),
        announcements=announcements,
        skipped=skipped + len(document["items"]) - len(entries),
        truncated=len(entries) > _MAX_ITEMS,
    )


def _posts(text: bytes, url: str, language: str | None) -> Feed:
    """Return what a list of WordPress' posts announces (REST API Handbook, "Posts"); its next page stands in the Link field."""
    posts = _decoded_json(text, url)
    entries = [post for post in posts if isinstance(post, dict) and "link" in post] if isinstance(posts, list) else []
    if not isinstance(posts, list) or (not entries and (posts or "wp-json" not in url)):
        raise _not_a_feed(url, "it is JSON, but neither JSON Feed nor a list of posts")
    items = [_post(entry) for entry in entries[:_MAX_ITEMS]]
    announcements, skipped = _announce(items, feed_url=url, base=url, language=language)
    return Feed(
        url=url,
        dialect="json",
        announcements=announcements,
        skipped=skipped + len(posts) - len(entries),
        truncated=len(entries) > _MAX_ITEMS,
    )


def _post(entry: dict[str, Any]) -> _Item:
    title = entry.get("title")
    said = _string(title, "rendered") if isinstance(title, dict) else _string(entry, "title")
    return _Item(
        links=tuple(link for link in (_string(entry, "link"),) if link),
        base=None,
        title=clean_text(said or "", html=True),
        published=(*(f"{text}Z" for text in _written(entry, "date_gmt")), *_written(entry, "date")),
        modified=(*(f"{text}Z" for text in _written(entry, "modified_gmt")), *_written(entry, "modified")),
    )


def _json_item(entry: dict[str, Any]) -> _Item:
    links = [_string(entry, name) or "" for name in ("url", "external_url", "id")]
    return _Item(
        links=tuple(link for link in (*links[:2], links[2] if _is_web(links[2]) else "") if link),
        base=None,
        title=clean_text(_string(entry, "title") or "", html=False),
        published=_written(entry, "date_published"),
        modified=_written(entry, "date_modified"),
    )


def _written(entry: dict[str, Any], key: str) -> tuple[str, ...]:
    text = _string(entry, key)
    return (text[:_LONGEST_DATE],) if text else ()


def _string(table: dict[str, Any], key: str) -> str | None:
    value = table.get(key)
    return value if isinstance(value, str) and value.strip() else None
