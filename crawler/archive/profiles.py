"""The profiles of a store: one object each, ``profiles/<site>/<valid from>-<version>.json``, written once.

The names alone tell which profile holds at a moment: the latest that is valid by then. So a capture is parsed with the
same one whenever that is done, on the day or ten years later; and only those that are needed are read.
"""

from __future__ import annotations

__all__ = ["ProfileShelf", "profile_of", "put_profile"]

import re
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from crawler.archive.folders import PROFILES
from crawler.archive.store import Store, StoredObject
from crawler.clock import Clock, timestamp14
from crawler.errors import BadArchive, ObjectExists, StoreUnavailable
from crawler.model.profile import SiteProfile, decoded_profile, encoded_profile

_KEY = re.compile(r"profiles/(?P<site>[^/]+)/(?P<moment>\d{14})-(?P<version>[0-9a-f]{12})\.json")
_KEPT = 64
"""Profiles in memory."""
_LOOK_AGAIN_S = 600.0
_REPAIR = "put a good copy there; without one remove it, then the profile before it holds"


class _Stored(NamedTuple):
    """A profile by its name; sorts by moment."""

    moment: str
    """14 digits; the first second it holds."""
    version: str
    key: str


def put_profile(store: Store, profile: SiteProfile) -> str:
    """Write `profile`, whose `valid_from` is a whole second, to `store`; return its key. Writing it again is harmless.

    Raises StoreError.
    """
    key = f"{PROFILES}{profile.site}/{timestamp14(profile.valid_from)}-{profile.version}.json"
    try:
        store.put(key, encoded_profile(profile))
    except ObjectExists:
        return key  # the name holds the digest of the content
    return key


def profile_of(key: str, content: bytes) -> SiteProfile:
    """Return the profile that the object `key` holds. Raises ValueError if it is none, or not the one its name says."""
    match = _KEY.fullmatch(key)
    if match is None:
        raise ValueError("its name is not one of a profile")
    profile = decoded_profile(content)
    named = (match["site"], match["moment"], match["version"])
    if (profile.site, timestamp14(profile.valid_from), profile.version) != named:
        raise ValueError("it does not hold what its name says")
    return profile


class ProfileShelf:
    """The profiles of a store, as they were when it was last looked at. Blocking: call it in a thread.

    What was read is kept in `mirror` (a folder of this machine), which stands in when the store does not answer.
    """

    def __init__(
        self, store: Store, clock: Clock, *, mirror: Store | None = None, keys: Iterable[str] | None = None
    ) -> None:
        """`keys`: those of the profiles there are; the store is then not asked which."""
        self._store = store
        self._clock = clock
        self._mirror = mirror
        self._looked: float | None = None
        self._sites: dict[str, list[_Stored]] = {}
        self._read: OrderedDict[str, SiteProfile] = OrderedDict()
        if keys is not None:
            self._know(keys)

    def look(self) -> None:
        """Learn which profiles there are. Raises StoreError, without a mirror also when the store does not answer."""
        self._know(stored.key for stored in self._listed())

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of all known profiles, sorted."""
        return tuple(sorted(stored.key for found in self._sites.values() for stored in found))

    def of(self, site: str, since: datetime) -> tuple[SiteProfile, ...]:
        """Return the profiles of `site` for captures from `since` on, by moment, as the store has them now.

        A new profile is not valid for so long that a look some minutes old will do. Raises StoreError, BadArchive.
        """
        if self._looked is None or self._clock.monotonic() - self._looked > _LOOK_AGAIN_S:
            self.look()
        found = self._sites.get(site, [])
        return tuple(self._get(stored) for stored in found[max(0, _place(found, since) - 1) :])

    def at(self, site: str, captured_at: datetime) -> SiteProfile | None:
        """Return the profile of `site` in force at a capture, None if there is none. Raises StoreError, BadArchive."""
        if self._looked is None:
            self.look()
        found = self._sites.get(site, [])
        place = _place(found, captured_at)
        return self._get(found[place - 1]) if place else None

    def _know(self, keys: Iterable[str]) -> None:
        sites: dict[str, list[_Stored]] = {}
        for key in keys:
            match = _KEY.fullmatch(key)
            if match:
                sites.setdefault(match["site"], []).append(_Stored(match["moment"], match["version"], key))
        self._sites = {site: sorted(found) for site, found in sites.items()}
        self._looked = self._clock.monotonic()

    def _listed(self) -> Iterator[StoredObject]:
        try:
            yield from list(self._store.list(PROFILES))
        except StoreUnavailable:
            if self._mirror is None:
                raise
            yield from self._mirror.list(PROFILES)

    def _get(self, stored: _Stored) -> SiteProfile:
        known = self._read.get(stored.key)
        if known is None:
            known = self._read[stored.key] = self._checked(stored)
            if len(self._read) > _KEPT:
                self._read.popitem(last=False)
        return known

    def _checked(self, stored: _Stored) -> SiteProfile:
        mirrored = self._mirror is not None and self._mirror.head(stored.key) is not None
        store = self._mirror if mirrored and self._mirror is not None else self._store
        content = store.get(stored.key)
        try:
            profile = profile_of(stored.key, content)
        except ValueError as error:
            raise BadArchive(f"{store.url}: {stored.key} is no profile: {error}", next_step=_REPAIR) from error
        if self._mirror is not None and not mirrored:
            self._mirror.put(stored.key, content, overwrite=True)
        return profile


def _place(found: list[_Stored], moment: datetime) -> int:
    """Return how many of `found` are valid at `moment`."""
    return bisect_right(found, timestamp14(moment), key=lambda stored: stored.moment)
