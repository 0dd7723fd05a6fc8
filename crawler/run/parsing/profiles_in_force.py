"""Which profile a page is parsed with: the archive's own by moment, none, or one that was named."""

from __future__ import annotations

__all__ = ["ArchivedProfiles", "NoProfiles", "OneProfile", "Profiles", "SiteProfiles", "in_force"]

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from crawler.archive.profiles import ProfileShelf
from crawler.archive.store import open_store
from crawler.clock import SystemClock
from crawler.config import Storage
from crawler.errors import ArchiveError, StoreError
from crawler.log import EventLog
from crawler.model.profile import SiteProfile, profile_at

_log = EventLog(__name__)


class Profiles(Protocol):
    """Profiles of many sites; `crawler.archive.profiles.ProfileShelf` is the archive's."""

    @property
    def keys(self) -> tuple[str, ...]:
        """What tells these profiles from others."""

    def at(self, site: str, captured_at: datetime) -> SiteProfile | None:
        """Return the profile of `site` in force at a capture, None if there is none."""


def in_force(shelf: ProfileShelf, site: str, since: datetime) -> SiteProfiles:
    """Return the profiles of `site` for captures from `since` on; what is wrong with them must not stop a crawl."""
    try:
        return SiteProfiles(site, shelf.of(site, since))
    except (ArchiveError, StoreError) as error:
        _log.error("pages are parsed without the site's profile; replay them later", site=site, error=str(error))
        return SiteProfiles(site, ())


class ArchivedProfiles:
    """Those of a store, each from its moment on, as they are when this is made: a value that any process may use."""

    def __init__(self, storage: Storage, keys: tuple[str, ...] | None = None) -> None:
        """`keys` of the profiles; None: the store is asked. Raises StoreError."""
        self._storage = storage
        self._shelf: ProfileShelf | None = None
        if keys is None:
            self._shelf = ProfileShelf(open_store(storage), SystemClock())
            self._shelf.look()
            keys = self._shelf.keys
        self.keys = keys

    def at(self, site: str, captured_at: datetime) -> SiteProfile | None:
        """Return the profile of `site` in force at a capture. Raises StoreError, BadArchive."""
        if self._shelf is None:
            self._shelf = ProfileShelf(open_store(self._storage), SystemClock(), keys=self.keys)
        return self._shelf.at(site, captured_at) if self.keys else None

    def __reduce__(self) -> tuple[type[ArchivedProfiles], tuple[Storage, tuple[str, ...]]]:
        return ArchivedProfiles, (self._storage, self.keys)


class NoProfiles:
    """No site has one."""

    keys: tuple[str, ...] = ()

    def at(self, site: str, captured_at: datetime) -> None:
        """Return None."""


class SiteProfiles:
    """One site's, each from its moment on."""

    def __init__(self, site: str, profiles: Sequence[SiteProfile]) -> None:
        """`profiles`: by moment."""
        self._site = site
        self._profiles = profiles
        self.keys = tuple(profile.version for profile in profiles)

    def at(self, site: str, captured_at: datetime) -> SiteProfile | None:
        """Return the one of its own site in force at the capture."""
        return profile_at(self._profiles, captured_at) if site == self._site else None


class OneProfile:
    """One site's, for all its captures, whenever it is valid: to try it out."""

    def __init__(self, profile: SiteProfile) -> None:
        self._profile = profile
        self.keys = (profile.version,)

    def at(self, site: str, captured_at: datetime) -> SiteProfile | None:  # noqa: ARG002 - the protocol's
        """Return it for its own site."""
        return self._profile if site == self._profile.site else None
