"""Whose address is it? Of any address of a page, also one that nobody announced, the page whose story it tells."""

from __future__ import annotations

__all__ = ["page_of"]

from crawler.frontier.identity import identity_of
from crawler.state import State


def page_of(state: State, url: str) -> str | None:
    """Return the URL of the page that `url` is only another address of; None if it is a page itself, or not known."""
    entry = state.entry(url)
    if entry is not None:
        page = entry.page
    else:
        known = state.known([], [identity_of(url)])
        page = next((one.page or one.url for one in known), None)
    return None if page == url else page
