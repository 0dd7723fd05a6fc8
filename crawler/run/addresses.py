"""Whose address is it? Of any address of a page, also one that nobody announced, the page whose story it tells."""

from __future__ import annotations

__all__ = ["NEEDLESS", "needless_kept", "page_of"]

from collections.abc import Iterator

import msgspec

from crawler.frontier.identity import identity_of
from crawler.frontier.traps import needless_at
from crawler.state import State

NEEDLESS = "needless_parameters"
"""Name under which a site's memory keeps the parameters that told two addresses of one page apart, with their paths."""


def needless_kept(value: str) -> dict[str, list[str]]:
    """Return what a site's memory has under `NEEDLESS`: by parameter, the stories that showed it."""
    return msgspec.json.decode(value, type=dict[str, list[str]])


def page_of(state: State, url: str) -> str | None:
    """Return the URL of the page that `url` is only another address of; None if it is a page itself, or not known."""
    entry = state.entry(url)
    if entry is not None:
        page = entry.page
    else:
        known = state.known([], list(dict.fromkeys(_identities(state, url))))
        page = next((one.page or one.url for one in known), None)
    return None if page == url else page


def _identities(state: State, url: str) -> Iterator[str]:
    """Yield the keys of the page at `url`: by what is known of all sites' addresses, then by what each site taught."""
    yield identity_of(url)
    for value in state.recall_all(NEEDLESS).values() if "?" in url else ():
        yield identity_of(url, needless=needless_at(url, needless_kept(value)))
