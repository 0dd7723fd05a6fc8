"""What the articles of captures depend on besides the captures: one frozen value for every road to the parser."""

from __future__ import annotations

__all__ = ["Recipe"]

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import sha256

import msgspec

from crawler.frontier.admission import is_astray
from crawler.http.head import ResponseHead
from crawler.model.capture import Capture, Provenance
from crawler.model.site import Furniture, Site
from crawler.parse.rules import rules_version
from crawler.parse.version import PARSER_VERSION
from crawler.run.parsing.page_task import NOWHERE, PagePlace, PageTask
from crawler.run.parsing.profiles_in_force import NoProfiles, Profiles
from crawler.run.target import site_for_url
from crawler.urls import origin_of

_MOST_ORIGINS = 10_000
"""Remembered; an archive of the whole web has millions."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """The same capture by the same recipe gives the same article, byte for byte, live or replayed."""

    parser_version: str = PARSER_VERSION
    furniture: Furniture = "drop"
    """Where a site does not say."""
    sites: Mapping[str, Site] = field(default_factory=dict)
    """Declared sites by name: their rules, and whose page a URL is."""
    profiles: Profiles = field(default_factory=NoProfiles)

    @property
    def digest(self) -> str:
        """What tells this recipe from others: 16 hex digits."""
        own = [rules_version(rules) for _, site in sorted(self.sites.items()) for rules in site.rules]
        parts = [self.parser_version, self.furniture, dict(self.sites), own, self.profiles.keys]
        return sha256(msgspec.json.encode(parts, order="deterministic")).hexdigest()[:16]

    def with_profiles(self, profiles: Profiles) -> Recipe:
        """Return this recipe with other profiles."""
        return replace(self, profiles=profiles)

    def site_of(self, url: str, known: Provenance | None = None) -> Site:
        """Return the site that `url` was fetched for, else in whose scope it lies, else one made up for its host."""
        if known is not None and known.site in self.sites:
            return self.sites[known.site]
        origin = origin_of(url)
        if origin not in self._by_origin:
            if len(self._by_origin) >= _MOST_ORIGINS:
                self._by_origin.clear()
            self._by_origin[origin] = site_for_url(url, self.sites)
        return self._by_origin[origin]

    def task(
        self,
        capture: Capture,
        known: Provenance | None,
        place: PagePlace = NOWHERE,
        *,
        head: ResponseHead | None = None,
        sketch: bool = False,
    ) -> PageTask:
        """Return the task that parses `capture`, which lies at `place` and has been read as far as its `head`.

        `known` is how Warraq came to it; None for others' captures, whose page must look like an article itself.
        """
        site = self.site_of(capture.url, known)
        name = known.site if known is not None else site.name
        return PageTask(
            place=place,
            head=head,
            url=capture.url,
            captured_at=capture.captured_at,
            role=known.role if known is not None else "probe",
            status=capture.status,
            mime=capture.mime,
            truncated=capture.truncated,
            capture=capture,
            site=name,
            run=known.run if known is not None else None,
            earlier=known.earlier if known is not None else None,
            astray=known is not None and is_astray(capture.url, known, site),
            rules=site.rules,
            furniture="keep" if site.furniture == "keep" else self.furniture,
            profile=None if sketch else self.profiles.at(name, capture.captured_at),
            rendered=capture.kind == "conversion",
            sketch=sketch,
        )

    @cached_property
    def _by_origin(self) -> dict[str, Site]:
        """Sites found for URLs: looking through all declarations for each page would cost more than its record."""
        return {}
