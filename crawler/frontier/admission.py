"""What may be asked for: a site's scope, judged anew at every announcement, for a declaration may have been
corrected.
"""

from __future__ import annotations

__all__ = ["Scope", "is_astray", "led_astray", "vouched_hosts"]

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

import msgspec

from crawler.frontier.identity import is_home
from crawler.frontier.walls import is_front, wall_at
from crawler.model.capture import Provenance
from crawler.model.run import Outcome
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

    def names(self, url: str) -> bool:
        """Tell whether the declaration's include asks for `url` in so many words, whatever its like gave."""
        return any(pattern.search(url) for pattern in self.include)

    @property
    def digest(self) -> str:
        """What changes whenever the declaration's scope does."""
        told = (self.hosts, [p.pattern for p in self.include], [p.pattern for p in self.exclude])
        return hashlib.sha256(msgspec.json.encode(told)).hexdigest()[:16]


def vouched_hosts(home: str | None, urls: Sequence[str]) -> tuple[str, ...]:
    """Return the hosts that a feed itself names as its paper's: that of its own link, and that of most of its items.

    Many feeds lie on another host than their stories (a feed service, a CDN).
    """
    count = Counter(host_of(url) for url in urls)
    host, most = max(count.items(), key=lambda one: one[1], default=("", 0))
    found = ([host_of(home)] if home else []) + ([host] if most * 2 > len(urls) else [])
    return tuple(dict.fromkeys(found))


def led_astray(asked: str, answered: str, hosts: tuple[str, ...]) -> tuple[Outcome, str] | None:
    """Return what became of a story `asked` for whose redirects led to `answered`; None: that is a page of its site.

    A page of another host than `hosts` (a log-in, an advertisement) is no article of the site, nor is a front page one,
    nor what by its address is a log-in, a question for consent, a check for robots, or a page that says not found.
    """
    if asked == answered:
        return None
    if not in_scope(answered, hosts):
        return "out_of_scope", f"redirected to {host_of(answered)}"
    reason = wall_at(answered, of=asked) or ("soft404" if is_front(answered) and not is_home(asked) else None)
    return None if reason is None else ("walled", reason)


def is_astray(url: str, known: Provenance, site: Site) -> bool:
    """Tell the same of an archived capture of `url`, from how it came to be fetched."""
    if known.role != "article" or not known.redirects:
        return False
    hosts = (host_of(known.redirects[0]), host_of(site.home), *site.hosts)
    return led_astray(known.redirects[0], url, hosts) is not None
