"""The newsroom's channels: RSS 2.0 and 1.0, Atom, JSON Feed, news sitemap, sitemap and index, robots.txt."""

from __future__ import annotations

__all__ = [
    "Item",
    "atom",
    "json_feed",
    "news_sitemap",
    "robots_txt",
    "rss1",
    "rss2",
    "sitemap",
    "sitemap_index",
]

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape

import msgspec

from crawler.demo.web import http_date

_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""When a feed without entries was updated."""
_SITEMAP = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a channel."""

    url: str
    title: str
    published: datetime
    summary: str = ""


def rss2(title: str, home: str, items: Sequence[Item]) -> bytes:
    """Return an RSS 2.0 feed."""
    entries = "".join(
        f"<item><title>{escape(i.title)}</title><link>{escape(i.url)}</link>"
        f'<guid isPermaLink="true">{escape(i.url)}</guid><pubDate>{http_date(i.published)}</pubDate>'
        f"<description><![CDATA[<p>{i.summary}</p>]]></description></item>\n"
        for i in items
    )
    channel = f"<title>{escape(title)}</title><link>{home}</link><description>{escape(title)}</description>"
    return f'{_XML}<rss version="2.0"><channel>{channel}\n{entries}</channel></rss>\n'.encode()


def rss1(title: str, home: str, items: Sequence[Item]) -> bytes:
    """Return an RSS 1.0 (RDF) feed."""
    listed = "".join(f'<rdf:li rdf:resource="{escape(i.url)}"/>' for i in items)
    entries = "".join(
        f'<item rdf:about="{escape(i.url)}"><title>{escape(i.title)}</title><link>{escape(i.url)}</link>'
        f"<dc:date>{i.published.isoformat()}</dc:date><description>{escape(i.summary)}</description></item>\n"
        for i in items
    )
    names = (
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"'
    )
    channel = (
        f'<channel rdf:about="{home}"><title>{escape(title)}</title><link>{home}</link>'
        f"<description>{escape(title)}</description><items><rdf:Seq>{listed}</rdf:Seq></items></channel>"
    )
    return f"{_XML}<rdf:RDF {names}>\n{channel}\n{entries}</rdf:RDF>\n".encode()


def atom(title: str, home: str, items: Sequence[Item]) -> bytes:
    """Return an Atom feed (RFC 4287)."""
    entries = "".join(
        f"<entry><title>{escape(i.title)}</title><id>{escape(i.url)}</id>"
        f'<link rel="alternate" type="text/html" href="{escape(i.url)}"/>'
        f"<published>{i.published.isoformat()}</published><updated>{i.published.isoformat()}</updated>"
        f'<summary type="html">{escape(i.summary)}</summary></entry>\n'
        for i in items
    )
    updated = max((i.published for i in items), default=_NEVER).isoformat()
    head = f'<title>{escape(title)}</title><id>{home}</id><link href="{home}"/><updated>{updated}</updated>'
    return f'{_XML}<feed xmlns="http://www.w3.org/2005/Atom">{head}\n{entries}</feed>\n'.encode()


def json_feed(title: str, home: str, items: Sequence[Item]) -> bytes:
    """Return a JSON Feed 1.1."""
    entries = [
        {
            "id": i.url,
            "url": i.url,
            "title": i.title,
            "content_text": i.summary,
            "date_published": i.published.isoformat(),
        }
        for i in items
    ]
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": title, "home_page_url": home, "items": entries}
    return json.dumps(feed, ensure_ascii=False, indent=1).encode()


def news_sitemap(title: str, language: str, items: Sequence[Item]) -> bytes:
    """Return a sitemap with the news extension."""
    entries = "".join(
        f"<url><loc>{escape(i.url)}</loc><news:news><news:publication><news:name>{escape(title)}</news:name>"
        f"<news:language>{language}</news:language></news:publication>"
        f"<news:publication_date>{i.published.isoformat()}</news:publication_date>"
        f"<news:title>{escape(i.title)}</news:title></news:news></url>\n"
        for i in items
    )
    names = f'{_SITEMAP} xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
    return f"{_XML}<urlset {names}>\n{entries}</urlset>\n".encode()


def sitemap(items: Sequence[Item]) -> bytes:
    """Return a plain sitemap."""
    entries = "".join(
        f"<url><loc>{escape(i.url)}</loc><lastmod>{i.published.isoformat()}</lastmod></url>\n" for i in items
    )
    return f"{_XML}<urlset {_SITEMAP}>\n{entries}</urlset>\n".encode()


def sitemap_index(children: Sequence[tuple[str, datetime]]) -> bytes:
    """Return the index of the sitemaps at these URLs, with the moment of their last change."""
    entries = "".join(
        f"<sitemap><loc>{escape(url)}</loc><lastmod>{moment.isoformat()}</lastmod></sitemap>\n"
        for url, moment in children
    )
    return f"{_XML}<sitemapindex {_SITEMAP}>\n{entries}</sitemapindex>\n".encode()


def robots_txt(*, disallow: str, crawl_delay_s: float, sitemap_url: str = "") -> bytes:
    """Return a robots.txt (RFC 9309, with the customary Crawl-delay)."""
    lines = ["User-agent: *", f"Disallow: {disallow}", f"Crawl-delay: {crawl_delay_s:g}", ""]
    if sitemap_url:
        lines += [f"Sitemap: {sitemap_url}", ""]
    return "\n".join(lines).encode()
