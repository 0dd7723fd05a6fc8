"""What was taken down, as a condition in SQL: the catalogue keeps its rows, a query is not told of them."""

from __future__ import annotations

__all__ = ["shown_condition"]

from crawler.archive.read.cdxj import url_key
from crawler.corpus.tables import quoted
from crawler.model.takedown import Takedown, TakenDown
from crawler.urls import bare_host


def shown_condition(withheld: TakenDown, *, canonical: bool) -> str:
    """Return the condition that a row of the catalogue may be told of; `canonical`: it is that of articles.

    The same that `TakenDown.covers` says of its addresses and site.
    """
    conditions = [condition for one in withheld.entries for condition in _of(one, canonical=canonical)]
    return f"NOT coalesce({' OR '.join(conditions)}, false)" if conditions else "true"


def _of(one: Takedown, *, canonical: bool) -> list[str]:
    found = []
    for key in (quoted(url_key(url)) for url in one.addresses):
        found.append(f"url_surtkey = {key}")
        if canonical:
            found.append(f"coalesce(canonical_surtkey = {key}, false)")
    if one.site is not None:
        found.append(f"coalesce(site = {quoted(one.site)}, false)")
    for host in map(bare_host, one.hosts):
        below = quoted(f".{host}")
        of_host = f"coalesce(url_host_name = {quoted(host)} OR ends_with(url_host_name, {below}), false)"
        found.append(of_host if one.site is None else f"(site IS NULL AND {of_host})")
    return found
