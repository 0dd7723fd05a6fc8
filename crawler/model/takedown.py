"""What must no longer be shown: pages and sites taken down, and who asks whether something is one of them."""

from __future__ import annotations

__all__ = ["NOTHING_TAKEN_DOWN", "Takedown", "TakenDown"]

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import msgspec

from crawler.urls import bare_host, host_of, surt


class Takedown(msgspec.Struct, frozen=True, kw_only=True):
    """One decision, as it lies in the store; never changed. One that undoes another names it."""

    format: Literal["warraq-takedown/1"] = "warraq-takedown/1"
    url: str | None = None
    """A page, under all its addresses: whatever scheme, ``www.`` or order of the query."""
    also: tuple[str, ...] = ()
    """More addresses of that page that were known when it was decided: AMP, print, other spellings."""
    site: str | None = None
    """A site by its name in the archive's records."""
    hosts: tuple[str, ...] = ()
    """With their subdomains; of a site, for what only the URL is known of."""
    reason: str
    at: str
    """ISO 8601, UTC."""
    erase: bool = False
    """The records themselves are removed from the archive."""
    undoes: str | None = None
    """The key of the decision that no longer holds."""

    def __str__(self) -> str:
        erased = ", erased" if self.erase else ""
        return f"taken down {self.at[:10]}{erased}: {self.reason}"

    @property
    def addresses(self) -> tuple[str, ...]:
        """Those of the page; of a site none."""
        return (self.url, *self.also) if self.url is not None else ()

    @property
    def what(self) -> str:
        """What was taken down, as a person named it."""
        return self.url or self.site or ", ".join(self.hosts)


@dataclass(frozen=True)
class TakenDown:
    """The decisions that hold. A plain value: any process may ask it."""

    entries: tuple[Takedown, ...] = ()

    def covers(self, url: str, site: str | None = None, *, others: Iterable[str | None] = ()) -> Takedown | None:
        """Return the decision by which what is of `url` or of `site` must not be shown; None: it may be.

        `others` are more addresses of the same page: the canonical one, those that led to it.
        """
        if not self.entries:
            return None
        if site is not None and site in self._by_site:
            return self._by_site[site]
        for address in (url, *others):
            found = self._of_address(address, site) if address else None
            if found is not None:
                return found
        return None

    @property
    def sites(self) -> tuple[str, ...]:
        """Names of the sites that are taken down."""
        return tuple(self._by_site)

    def __bool__(self) -> bool:
        return bool(self.entries)

    def _of_address(self, url: str, site: str | None) -> Takedown | None:
        found = self._by_key.get(surt(url)) if self._by_key else None
        if found is not None or not self._by_host:
            return found
        host = bare_host(host_of(url))
        while host:
            found = self._by_host.get(host)
            if found is not None and (found.site is None or site is None):
                return found
            host = host.partition(".")[2]
        return None

    @cached_property
    def _by_key(self) -> dict[str, Takedown]:
        return {surt(url): one for one in reversed(self.entries) for url in one.addresses}

    @cached_property
    def _by_site(self) -> dict[str, Takedown]:
        return {one.site: one for one in reversed(self.entries) if one.site is not None}

    @cached_property
    def _by_host(self) -> dict[str, Takedown]:
        return {bare_host(host): one for one in reversed(self.entries) for host in one.hosts}


NOTHING_TAKEN_DOWN = TakenDown()
