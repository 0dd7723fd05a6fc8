"""Sitemaps: URL sets, indexes, Google's news extension, plain text lists; gzip where the bytes say so.

A pure function of bytes and URL (sitemaps.org protocol 0.9). Bounded by the protocol's own limits: 50 MiB decoded
and 50,000 URLs; what goes beyond is left out and said so. Images, videos and other languages' versions are not read.
"""

from __future__ import annotations

__all__ = ["Sitemap", "SubSitemap", "parse_sitemap", "sitemap_steps"]

import re
from collections.abc import Generator, Iterator
from typing import Literal

import msgspec
from lxml import etree

from crawler.errors import DiscoveryError
from crawler.model.capture import Announcement
from crawler.parse.dates import iso_date
from crawler.parse.discover.article_links import never_article
from crawler.parse.discover.xml import absolute, clean_text, inflate, qualified_name, to_utf8, xml_events

_LIMIT = 52_428_800
_HEAD = 65_536
_MAX_URLS = 50_000
_STEP = 256
"""Entries read before others may go on."""
_ENTRIES = ("{*}url", "{*}sitemap")
_SITEMAP_ADDRESS = re.compile(r"\.(?:xml|txt|gz)(?:$|\?)|sitemap", re.IGNORECASE)
_SITEMAP_FILE = re.compile(r"sitemap[^/?]*\.xml(?:\.gz)?$", re.IGNORECASE)
_FURTHER_COLUMN = re.compile(r"[,;]\"?\d{4}-\d\d.*$")
_KINDS: dict[str, Literal["urls", "index"]] = {"urlset": "urls", "sitemapindex": "index"}


class SubSitemap(msgspec.Struct, frozen=True):
    """A sitemap that an index lists."""

    url: str
    modified_at: str | None = None
    """ISO 8601, as the index says; None if it does not."""


class Sitemap(msgspec.Struct, frozen=True, kw_only=True):
    """What a sitemap lists."""

    url: str
    kind: Literal["urls", "index", "text"]
    children: tuple[SubSitemap, ...] = ()
    announcements: tuple[Announcement, ...] = ()
    """In the sitemap's order, each URL once; of those without news extension only the ones that may be articles."""
    unlikely: tuple[Announcement, ...] = ()
    """Entries that by their address are no articles."""
    skipped: int = 0
    """Entries without a usable address."""
    truncated: bool = False
    """There was more than is looked at, or the file is broken off."""


def parse_sitemap(body: bytes, *, url: str) -> Sitemap:
    """Return the sitemap in `body`, found at `url`. Raises DiscoveryError if it is not one."""
    steps = sitemap_steps(body, url=url)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            sitemap: Sitemap = end.value
            return sitemap


def sitemap_steps(body: bytes, *, url: str) -> Generator[None, None, Sitemap]:
    """Do what `parse_sitemap` does a few milliseconds at a time: a large one takes a second, others wait meanwhile."""
    document, whole = inflate(body, limit=_LIMIT)
    yield
    root = next((event.name for event in xml_events(document, limit=_HEAD)), None)
    kind = _KINDS.get((root or "").rpartition(":")[2].lower())
    children: dict[str, SubSitemap] = {}
    found: dict[str, Announcement] = {}
    unlikely: dict[str, Announcement] = {}
    entries = skipped = 0
    for _, name, element in xml_events(document, limit=_LIMIT, tags=_ENTRIES, starts=False) if kind else ():
        entries += 1
        if not entries % _STEP:
            yield
        if entries > _MAX_URLS:
            break
        is_child = name == "sitemap" or _is_sitemap(element, _SITEMAP_ADDRESS if kind == "index" else _SITEMAP_FILE)
        skipped += not (_child(element, url, children) if is_child else _page(element, url, found, unlikely))
        _forget(element)
    if kind is None:
        return _text_sitemap(document, url, root=root, whole=whole)
    return Sitemap(
        url=url,
        kind=kind,
        children=tuple(children.values()),
        announcements=tuple(found.values()),
        unlikely=tuple(unlikely.values()),
        skipped=skipped,
        truncated=not whole or entries > _MAX_URLS,
    )


def _is_sitemap(element: etree._Element, address: re.Pattern[str]) -> bool:
    """Tell whether an entry is a sitemap by its address, whatever its element is called."""
    return address.search(dict(_fields(element)).get("loc", "")) is not None


def _child(element: etree._Element, url: str, children: dict[str, SubSitemap]) -> bool:
    fields = dict(_fields(element))
    location = absolute(fields.get("loc"), url)
    if location is None or location == url:
        return False
    children.setdefault(location, SubSitemap(location, iso_date(fields.get("lastmod"))))
    return True


def _page(element: etree._Element, url: str, found: dict[str, Announcement], unlikely: dict[str, Announcement]) -> bool:
    fields = dict(_fields(element))
    location = absolute(fields.get("loc", "").replace("&amp;", "&"), url)  # escaped twice by some
    is_news = "news:title" in fields or "news:publication_date" in fields
    if location is None:
        return False
    listed = unlikely if not is_news and never_article(location) else found
    if location not in listed:
        listed[location] = Announcement(
            url=location,
            role="article",
            source="sitemap",
            via=url,
            title=clean_text(fields.get("news:title", ""), html=True),
            published_at=iso_date(fields.get("news:publication_date")),
            modified_at=iso_date(fields.get("lastmod")),
        )
    return True


def _fields(element: etree._Element) -> Iterator[tuple[str, str]]:
    """Yield name and text of the entry's own children, and of those of its news element."""
    for child in element.iterchildren(tag=etree.Element):
        name = qualified_name(child).lower()
        if name == "news:news":
            yield from (
                (f"news:{qualified_name(e).rpartition(':')[2].lower()}", _text(e))
                for e in child.iterchildren(tag=etree.Element)
            )
        else:
            yield name, _text(child)


def _text(element: etree._Element) -> str:
    return (element.text or "").strip() or "".join(element.itertext()).strip()


def _forget(element: etree._Element) -> None:
    """Free the entry and what came before it, so that 50,000 entries need the memory of one."""
    element.clear(keep_tail=False)
    parent = element.getparent()
    if parent is not None:
        while element.getprevious() is not None:
            del parent[0]


def _text_sitemap(document: bytes, url: str, *, root: str | None, whole: bool) -> Sitemap:
    """Return a list of URLs, one a line (sitemaps.org, "Text file")."""
    lines = [line.strip() for line in to_utf8(document).decode("utf-8", "replace").splitlines()] if root is None else []
    lines = [_FURTHER_COLUMN.sub("", line.split()[0]) for line in lines if line and not line.startswith("#")]
    locations = [absolute(line, url) for line in lines[:_MAX_URLS] if line.lower().startswith(("http://", "https://"))]
    if not lines or len(locations) * 2 < min(len(lines), _MAX_URLS):
        why = f"its root element is {root}" if root else "it is neither XML nor a list of URLs"
        raise DiscoveryError(
            f"not a sitemap: {url} ({why})", next_step="robots.txt of the site may name its sitemaps; give one of those"
        )
    whole_ones = dict.fromkeys(location for location in locations if location is not None)
    told = [Announcement(url=location, role="article", source="sitemap", via=url) for location in whole_ones]
    return Sitemap(
        url=url,
        kind="text",
        announcements=tuple(one for one in told if not never_article(one.url)),
        unlikely=tuple(one for one in told if never_article(one.url)),
        skipped=len(lines) - len(told),
        truncated=not whole or len(lines) > _MAX_URLS,
    )
