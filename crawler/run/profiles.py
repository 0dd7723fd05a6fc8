"""Which profile a page is parsed with: the archive's own by moment, none, or one that was named."""

from __future__ import annotations

__all__ = ["NoProfiles", "OneProfile", "Profiles"]

from datetime import datetime
from typing import Protocol

from crawler.model.profile import SiteProfile


class Profiles(Protocol):
    """Profiles of many sites; `crawler.archive.profiles.ProfileShelf` is the archive's."""

    @property
    def keys(self) -> tuple[str, ...]:
        """What tells these profiles from others."""

    def at(self, site: str, captured_at: datetime) -> SiteProfile | None:
        """Return the profile of `site` in force at a capture, None if there is none."""


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
