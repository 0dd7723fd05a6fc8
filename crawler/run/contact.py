"""Whom publishers are told to turn to: the project's own page must not go out unnoticed in place of a contact of the
user's.
"""

from __future__ import annotations

__all__ = ["is_unsigned"]

from collections.abc import Iterable

from crawler.config import PROJECT_PAGE, Fetching
from crawler.model.site import Site
from crawler.urls import host_of, is_loopback


def is_unsigned(fetch: Fetching, sites: Iterable[Site], urls: Iterable[str] = ()) -> bool:
    """Tell whether requests for `sites` and `urls` would reach others than this machine and name no contact of the
    user's.
    """
    if fetch.contact != PROJECT_PAGE or "{contact}" not in fetch.user_agent:
        return False
    channels = (url for s in sites for url in (s.home, *s.feeds, *s.sitemaps, *s.news_sitemaps, *s.sections))
    return not all(is_loopback(host_of(url)) for url in (*channels, *urls))
