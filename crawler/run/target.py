"""What the words of ``warraq crawl TARGET...`` mean: declared sites by name, or URLs of any site."""

from __future__ import annotations

__all__ = ["as_url", "no_such_site", "plan", "resolve", "site_for_url"]

import difflib
import re
from collections.abc import Iterable, Mapping

from crawler.errors import UsageError
from crawler.model.site import Site
from crawler.urls import host_of, in_scope, normalise

_ADDRESS = re.compile(
    r"[a-zA-Z][a-zA-Z0-9+.-]*://|(?://)?(?:[^\s/:@]+\.[^\s/:@]+|localhost|\[[0-9a-fA-F:.]+\])(?::\d+)?(?:[/?#]|\Z)"
)
"""A URL, or the beginning of one without its scheme: ``news.example/rss``."""
_NOT_NAME = re.compile(r"[^a-z0-9]+")


def plan(targets: Iterable[str], sites: Mapping[str, Site]) -> dict[str, tuple[Site, tuple[str, ...]]]:
    """Return for each site to crawl (by name) its declaration and the URLs asked for; no URLs: its own channels.

    A URL within the scope of a declared site is crawled by that site's rules, any other by an ad hoc declaration.
    Raises UsageError for a word that `resolve` can make nothing of.
    """
    planned: dict[str, tuple[Site, dict[str, None]]] = {}
    for target in targets:
        site, url = resolve(target, sites)
        if url is None:  # a site asked for by name is crawled whole
            planned[site.name] = (site, {})
        elif site.name not in planned or planned[site.name][1]:
            planned.setdefault(site.name, (site, {}))[1][url] = None
    return {name: (site, tuple(urls)) for name, (site, urls) in planned.items()}


def resolve(target: str, sites: Mapping[str, Site]) -> tuple[Site, str | None]:
    """Return the site that `target` means and the URL asked for, None if it is the site's name.

    Raises UsageError for a word that is neither a known name nor an address.
    """
    if target in sites:
        return sites[target], None
    if not _ADDRESS.match(target):
        raise no_such_site(target, sites, or_else="; or give a URL with https://")
    url = as_url(target)
    return site_for_url(url, sites), url


def no_such_site(name: str, sites: Iterable[str], *, or_else: str = "") -> UsageError:
    """Return the error that says so, with the names that are near."""
    near = difflib.get_close_matches(name, list(sites), n=3)
    hint = f"did you mean {', '.join(near)}?" if near else f"`warraq sites` lists them{or_else}"
    return UsageError(f"there is no site named {name!r}", next_step=hint)


def as_url(text: str) -> str:
    """Return the URL that `text` means, in normal form; a host without a scheme is asked by https. Raises
    UsageError.
    """
    return normalise(text if "://" in text else f"https://{text.removeprefix('//')}")


def site_for_url(url: str, sites: Mapping[str, Site]) -> Site:
    """Return the declared site in whose scope `url` lies, or one made up for its host."""
    for site in sites.values():
        if in_scope(url, (host_of(site.home), *site.hosts)):
            return site
    host = host_of(url)
    origin = url.split("/", 3)[2]
    return Site(
        name=_NOT_NAME.sub("-", origin.lower()).strip("-"),
        title=host,
        country="zz",  # ISO 3166 leaves zz to its users
        languages=(),
        home=url,
    )
