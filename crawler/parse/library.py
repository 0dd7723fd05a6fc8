"""The parser as a library: bytes and their address in, typed values out. Import it from `crawler.parse`.

Every function here is pure but for one default: without `captured_at` a page is read as of now. Bodies are entities: what
the HTTP client hands out, transfer- and content-coding undone. A gzip file (``sitemap.xml.gz``) may stay as it is.

What a function needs is imported when it is first called, so that a program pays for what it uses and begins at once.
"""

from __future__ import annotations

__all__ = [
    "decode_text",
    "find_date",
    "guess_language",
    "kind_of",
    "read_feed",
    "read_listing",
    "read_page",
    "read_sitemap",
]

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from crawler.errors import UsageError

if TYPE_CHECKING:
    from crawler.model.article import Article
    from crawler.model.profile import SiteProfile
    from crawler.model.site import ParserRules
    from crawler.parse.charset.decode import Decoded
    from crawler.parse.discover.feed import Feed
    from crawler.parse.discover.listing import Listing
    from crawler.parse.discover.sitemap import Sitemap
    from crawler.parse.discover.sniff import PageKind


def read_page(
    body: bytes,
    url: str,
    *,
    content_type: str | None = None,
    captured_at: datetime | None = None,
    rules: tuple[ParserRules, ...] = (),
    furniture: Literal["keep", "drop"] = "drop",
    profile: SiteProfile | None = None,
) -> Article:
    """Return the article of the page `body`, which was found at `url` with the header `content_type`.

    `captured_at` (aware) is when the page was had: dates after it are not believed, and the same one gives the same
    article for ever. `rules`, `furniture` and `profile` are those of a site's declaration. Raises ParseError for what is
    no page (its ``reason``: ``empty_body``, ``not_html``), UsageError for a moment without a time zone.
    """
    from crawler.model.page import Page  # noqa: PLC0415 - see the module
    from crawler.parse.article import parse_article  # noqa: PLC0415 - see the module

    at = captured_at or datetime.now(UTC)
    if at.tzinfo is None:
        raise UsageError(f"captured_at {at} has no time zone", next_step="give it one, as in tzinfo=UTC")
    headers = (("content-type", content_type),) if content_type else ()
    page = Page(url=url, captured_at=at, headers=headers, body=body)
    return parse_article(page, rules=rules, furniture=furniture, profile=profile)


def read_feed(body: bytes, url: str, *, content_type: str | None = None) -> Feed:
    """Return what the feed (RSS, RDF, Atom, JSON Feed) announces, in its order. Raises DiscoveryError if it is none."""
    from crawler.parse.discover.feed import parse_feed  # noqa: PLC0415 - see the module

    return parse_feed(body, url=url, content_type=content_type)


def read_sitemap(body: bytes, url: str) -> Sitemap:
    """Return what the sitemap, news sitemap or index lists. Raises DiscoveryError if it is none."""
    from crawler.parse.discover.sitemap import parse_sitemap  # noqa: PLC0415 - see the module

    return parse_sitemap(body, url=url)


def read_listing(body: bytes, url: str, *, content_type: str | None = None, hosts: tuple[str, ...] = ()) -> Listing:
    """Return the links of a front or section page that look like articles, in page order.

    Those of its own host and of `hosts`. Raises DiscoveryError if there is no HTML in it.
    """
    from crawler.parse.discover.listing import parse_listing  # noqa: PLC0415 - see the module

    return parse_listing(body, url=url, content_type=content_type, hosts=hosts)


def kind_of(body: bytes, url: str, *, content_type: str | None = None) -> PageKind:
    """Return what `body` is: ``feed``, ``sitemap``, ``listing``, ``article`` or ``other``; looked at, not believed."""
    from crawler.parse.discover.sniff import sniff  # noqa: PLC0415 - see the module

    return sniff(body, content_type=content_type, url=url)


def decode_text(body: bytes, *, content_type: str | None = None) -> Decoded:
    """Return the text of `body` and the charset it is in: the declared one, or the one that fits."""
    from crawler.parse.charset.decode import decode  # noqa: PLC0415 - see the module

    return decode(body, content_type)


def guess_language(text: str) -> str | None:
    """Return the language of `text` (BCP 47 without region) by its letters and commonest words; None if that is not sure."""
    from crawler.parse.fields.language import language_in  # noqa: PLC0415 - see the module

    return language_in(text)


def find_date(text: str, *, languages: tuple[str, ...] = (), month_first: bool | None = None) -> str | None:
    """Return the first date in `text` as ISO 8601, as precise as it is there; None if there is none that is sure.

    `languages` (BCP 47 without regions) decide what a word or number means that has two meanings. ``3/4/2020`` is
    4 March if `month_first`, 3 April if it is False, and not read if it is None.
    """
    from crawler.parse.dates import read_date, to_iso  # noqa: PLC0415 - see the module

    moment = read_date(text, languages=languages, month_first=month_first)
    return None if moment is None else to_iso(moment)
