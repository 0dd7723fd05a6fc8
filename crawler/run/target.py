"""What the words of ``warraq crawl TARGET...`` mean: declared sites by name, or URLs of any site."""

from __future__ import annotations

__all__ = ["plan", "site_for_url"]

import difflib
import re
from collections.abc import Iterable, Mapping

from crawler.errors import UsageError
from crawler.model.site import Site
from crawler.urls import host_of, in_scope, normalise

_NOT_NAME = re.compile(r"[^a-z0-9]+")


def plan(targets: Iterable[str], sites: Mapping[str, Site]) -> dict[str, tuple[Site, tuple[str, ...]]]:
    """Return for each site to crawl (by name) its declaration and the URLs asked for; no URLs: its own channels.

    A URL within the scope of a declared site is crawled by that site's rules, any other by an ad hoc declaration.
    Raises UsageError for a word that is neither a known name nor an http(s) URL.
    """
    planned: dict[str, tuple[Site, tuple[str, ...]]] = {}
    for target in targets:
        if target in sites:
            planned[target] = (sites[target], ())
            continue
        if "://" not in target:
            near = difflib.get_close_matches(target, sites, n=3)
            hint = (
                f"did you mean {', '.join(near)}?" if near else "`warraq sites` lists them; or give a URL with https://"
            )
            raise UsageError(f"there is no site named {target!r}", next_step=hint)
        url = normalise(target)
        site = site_for_url(url, sites)
        urls = planned.get(site.name, (site, ()))[1]
        if site.name not in planned or urls:  # a site asked for by name is crawled whole
            planned[site.name] = (site, (*urls, url))
    return planned


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
