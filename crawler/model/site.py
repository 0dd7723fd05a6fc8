"""A site: a publisher we follow, as its file in seeds/ declares it."""

from __future__ import annotations

__all__ = ["SHIPPED_SPIDER", "Furniture", "ParserRules", "Schedule", "Site", "Verified"]

from datetime import date
from typing import Annotated, Literal

import msgspec

from crawler.model.capture import Role
from crawler.urls import normalise

SHIPPED_SPIDER = "spiders.news.NewsSpider"
"""What crawls a site that names no spider."""
Furniture = Literal["keep", "drop"]
"""What becomes of a page's own words after the article: the comment form's heading and the like."""


class Schedule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When the site is crawled: exactly one of `every`, `cron` and `adaptive`."""

    every: str | None = None
    """An interval: ``"15m"``, ``"6h"``, ``"1d"``; the phase follows from the site's name."""
    cron: str | None = None
    """Five fields, as crontab has them."""
    timezone: str = "UTC"
    adaptive: bool = False
    """Each channel is read when news is to be expected (`crawler.frontier.rhythm`), within `min` and `max`."""
    min: str = "5m"
    """No channel is read more often."""
    max: str = "6h"
    """Each channel is read so often at least, `quiet` hours and what it asks for itself left aside."""
    quiet: str = ""
    """Hours of the day, in `timezone`, in which nothing is read: ``"23:00-06:00"``."""

    @property
    def told(self) -> str:
        """Return it in words."""
        if self.adaptive:
            return f"by its news, {self.min} to {self.max}" + (f", not {self.quiet}" if self.quiet else "")
        return f"every {self.every}" if self.every else f"cron {self.cron}"


class ParserRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Selectors that help the parser on one site, for captures of a period. All are CSS but `parser`."""

    valid_from: date | None = None
    valid_until: date | None = None
    """Last day included."""
    body: str | None = None
    """The element(s) whose blocks are the body."""
    title: str | None = None
    labels: str | None = None
    authors: str | None = None
    published: str | None = None
    remove: tuple[str, ...] = ()
    """Elements that are never part of the article."""
    furniture: Furniture | None = None
    parser: str | None = None
    """Dotted name of the site's own parser, a function that `crawler.parse.site_parser` describes."""


class Verified(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When and how a site's channels were seen to work."""

    at: date
    how: str


class Site(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One file of seeds/. `name` is the file's name without suffix; the file itself does not repeat it."""

    name: str = ""
    title: str
    country: str
    """ISO 3166 code in lower case."""
    languages: tuple[str, ...]
    """BCP 47."""
    home: str
    hosts: tuple[str, ...] = ()
    """Hosts in scope besides that of `home` and their subdomains; ``news.example`` admits ``www.news.example``."""
    feeds: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    """Sitemap or sitemap index, read in full once in a while."""
    news_sitemaps: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    """Pages that list articles."""
    include: tuple[str, ...] = ()
    """Regular expressions; a page's URL must match one, if any is given."""
    exclude: tuple[str, ...] = ()
    schedule: Schedule = Schedule(every="1h")
    delay_s: Annotated[float, msgspec.Meta(ge=0, le=86_400)] | None = None
    """Least time between two requests to one host; None: ``fetch.delay_s``."""
    max_pages: Annotated[int, msgspec.Meta(ge=1, le=1_000_000_000)] = 500
    """Articles a run may fetch."""
    backlog_share: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.1
    visits: Annotated[float, msgspec.Meta(ge=0, le=4)] | None = None
    """The part of `max_pages` that is kept for what is old, however much news there is."""
    accept_language: str = ""
    """Value of Accept-Language for this site's hosts; empty: any language."""
    headers: dict[str, str] = msgspec.field(default_factory=dict)
    """Header fields that this site's hosts are sent with every page and channel; they stand in the archive as sent."""
    cookies: dict[str, str] = msgspec.field(default_factory=dict)
    """Cookies that this site's hosts are sent likewise."""
    render: bool = False
    """Pages without an article as they come are made by a browser, if the extra ``render`` is installed."""
    verified: bool | Verified = False
    """Its channels have been seen to work: when, and how. ``warraq sites check --write`` keeps it."""
    allow_private: bool = False
    """Permit loopback and private addresses, of the hosts and ports that the declaration names alone."""
    enabled: bool = True
    furniture: Furniture = "drop"
    spider: str = SHIPPED_SPIDER
    rules: tuple[ParserRules, ...] = ()

    @property
    def channels(self) -> tuple[str, ...]:
        """Return what it declares to be read: feeds, sitemaps, section pages."""
        return (*self.feeds, *self.news_sitemaps, *self.sitemaps, *self.sections)

    @property
    def channel_roles(self) -> dict[str, Role]:
        """What each declared channel is declared as, by its URL in normal form, in the order in which they are read."""
        declared: tuple[tuple[tuple[str, ...], Role], ...] = (
            (self.feeds, "feed"),
            (self.news_sitemaps, "sitemap"),
            (self.sitemaps, "sitemap"),
            (self.sections, "listing"),
        )
        roles: dict[str, Role] = {}
        for urls, role in declared:
            for url in urls:
                roles.setdefault(normalise(url), role)
        return roles
