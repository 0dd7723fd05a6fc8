"""Where sites usually keep their feeds and sitemaps, for those that name none: guesses, one request each, the likeliest
first.
"""

from __future__ import annotations

__all__ = ["feed_places", "news_sitemap_places", "sitemap_places"]

from urllib.parse import urlsplit

_FEEDS = ("feed", "rss", "rss.xml", "feed.xml", "atom.xml", "index.xml", "feeds", "?feed=rss2")
_SITEMAPS = ("sitemap.xml", "sitemap_index.xml")
_NEWS_SITEMAPS = ("news-sitemap.xml", "sitemap-news.xml", "sitemap_news.xml")


def feed_places(home: str) -> tuple[str, ...]:
    """Return where a feed of the site at `home` may be; below the home page first, if that is not the host's root."""
    return _below(home, _FEEDS)


def sitemap_places(home: str) -> tuple[str, ...]:
    """Return where a sitemap of the host of `home` may be."""
    return tuple(f"{_origin(home)}/{path}" for path in _SITEMAPS)


def news_sitemap_places(home: str) -> tuple[str, ...]:
    """Return where a sitemap of the last days' news of the host of `home` may be."""
    return tuple(f"{_origin(home)}/{path}" for path in _NEWS_SITEMAPS)


def _below(home: str, paths: tuple[str, ...]) -> tuple[str, ...]:
    root = f"{_origin(home)}/"
    folder = root + urlsplit(home).path.strip("/")
    first = () if folder == root else (f"{folder}/{paths[0]}", f"{folder}/{paths[2]}")
    return (*first, *(root + path for path in paths))


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
