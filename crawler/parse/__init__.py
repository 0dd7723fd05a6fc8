"""Pages, feeds, sitemaps and listings: bytes to values, as pure functions. What is named here is for everybody's use.

The names are loaded when they are first asked for, so that whoever needs one part of the parser pays for that part only.
"""

from __future__ import annotations

__all__ = [
    "Article",
    "DiscoveryError",
    "Feed",
    "Listing",
    "ParseError",
    "Sitemap",
    "decode_text",
    "find_date",
    "guess_language",
    "kind_of",
    "read_feed",
    "read_listing",
    "read_page",
    "read_sitemap",
]

import warnings
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.errors import DiscoveryError, ParseError
from crawler.model.article import Article
from crawler.parse.compiled import stale_sources

if TYPE_CHECKING:
    from crawler.parse.discover.feed import Feed
    from crawler.parse.discover.listing import Listing
    from crawler.parse.discover.sitemap import Sitemap
    from crawler.parse.library import (
        decode_text,
        find_date,
        guess_language,
        kind_of,
        read_feed,
        read_listing,
        read_page,
        read_sitemap,
    )

_HOMES = {
    "Feed": "crawler.parse.discover.feed",
    "Listing": "crawler.parse.discover.listing",
    "Sitemap": "crawler.parse.discover.sitemap",
}
"""Where the types are that functions of the library return."""

if _stale := stale_sources(Path(__file__).parent):
    warnings.warn(
        f"the compiled parser is older than {', '.join(_stale)}: compile it again with `make setup`", stacklevel=2
    )


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES.get(name, "crawler.parse.library")), name)


def __dir__() -> list[str]:
    return __all__
