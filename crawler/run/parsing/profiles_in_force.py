"""Which profile a page is parsed with: the archive's own by moment, none, or one that was named."""

from __future__ import annotations

__all__ = ["NoProfiles", "OneProfile", "Profiles", "in_force"]

from datetime import datetime
from typing import Protocol

import structlog

from crawler.archive.profiles import ProfileShelf
from crawler.errors import ArchiveError, StoreError
from crawler.model.profile import SiteProfile

_log = structlog.get_logger(__name__)


class Profiles(Protocol):
    """Profiles of many sites; `crawler.archive.profiles.ProfileShelf` is the archive's."""

    @property
    def keys(self) -> tuple[str, ...]:
        """What tells these profiles from others."""

    def at(self, site: str, captured_at: datetime) -> SiteProfile | None:
        """Return the profile of `site` in force at a capture, None if there is none."""


def in_force(shelf: ProfileShelf, site: str, since: datetime) -> tuple[SiteProfile, ...]:
    """Return the profiles of `site` for captures from `since` on; what is wrong with them must not stop a crawl."""
    try:
        return shelf.of(site, since)
    except (ArchiveError, StoreError) as error:
        _log.error("pages are parsed without the site's profile; replay them later", site=site, error=str(error))
        return ()


class NoProfiles:
    """No site has one."""

    keys: tuple[str, ...] = ()

    def at(self, site: str, captured_at: datetime) -> None:
        """Return None."""


class OneProfile:
    """One site's, for all its captures, whenever it is valid: to try it out."""

    def __init__(self, profile: SiteProfile) -> None:
        self._profile = profile
        self.keys = (profile.version,)

    def at(self, site: str, captured_at: datetime) -> SiteProfile | None:  # noqa: ARG002 - the protocol's
        """Return it for its own site."""
        return self._profile if site == self._profile.site else None
