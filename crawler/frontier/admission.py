"""What may be asked for: a site's scope, judged anew at every announcement, for a declaration may have been corrected."""

from __future__ import annotations

__all__ = ["Scope"]

import hashlib
import re
from datetime import datetime

import msgspec

from crawler.model.site import Site
from crawler.urls import host_of, in_scope


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """The hosts, patterns and date that a site's pages must keep to."""

    hosts: tuple[str, ...]
    include: tuple[re.Pattern[str], ...] = ()
    exclude: tuple[re.Pattern[str], ...] = ()
    since: datetime | None = None

    @classmethod
    def of(cls, site: Site, *, since: datetime | None = None, more_hosts: tuple[str, ...] = ()) -> Scope:
        """Return the scope that `site` declares, from `since` on; `more_hosts` are those a channel vouches for."""
        return cls(
            hosts=(host_of(site.home), *site.hosts, *more_hosts),
            include=tuple(re.compile(pattern) for pattern in site.include),
            exclude=tuple(re.compile(pattern) for pattern in site.exclude),
            since=since,
        )

    def refusal(self, url: str, moment: datetime | None = None) -> str | None:
        """Return why the page at `url`, last changed at `moment`, is not asked for; None if it may be."""
        if not in_scope(url, self.hosts):
            return "other_host"
        if self.include and not any(pattern.search(url) for pattern in self.include):
            return "not_included"
        if any(pattern.search(url) for pattern in self.exclude):
            return "excluded"
        if self.since is not None and moment is not None and moment < self.since:
            return "before_since"
        return None

    @property
    def digest(self) -> str:
        """What changes whenever the declaration's scope does."""
        told = (self.hosts, [p.pattern for p in self.include], [p.pattern for p in self.exclude])
        return hashlib.sha256(msgspec.json.encode(told)).hexdigest()[:16]
