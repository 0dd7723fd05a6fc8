"""Fixity of profiles: each is what its name says, and those that were read here are still there."""

from __future__ import annotations

__all__ = ["verify_profiles"]

from collections.abc import Iterator

from crawler.archive.check.verify import Report
from crawler.archive.folders import PROFILES
from crawler.archive.profiles import profile_of
from crawler.archive.read.records import Fault
from crawler.archive.store import Store
from crawler.model.profile import encoded_profile


def verify_profiles(store: Store, *, mirror: Store | None = None) -> Iterator[Report]:
    """Yield a report on each profile of `store`, and on each of `mirror` (copies of what was read) that it lacks, or
    has otherwise.

    Raises StoreError.
    """
    there = {}
    for stored in store.list(PROFILES):
        content = there[stored.key] = store.get(stored.key)
        what = _wrong(stored.key, content)
        yield _report(stored.key, stored.size, what)
    for stored in mirror.list(PROFILES) if mirror is not None else ():
        if stored.key not in there:
            yield _report(stored.key, 0, "it was read from here once, and is not there any more")
        elif mirror is not None and mirror.get(stored.key) != there[stored.key]:
            yield _report(stored.key, 0, "the copy of it that the state's folder keeps, and parses by, is another")


def _wrong(key: str, content: bytes) -> str | None:
    try:
        profile = profile_of(key, content)
    except ValueError as error:
        return str(error)
    return None if content == encoded_profile(profile) else "it is not written as profiles are"


def _report(key: str, size: int, what: str | None) -> Report:
    faults = (Fault(file=key, what=what),) if what else ()
    return Report(name=key, size=size, digests=not what, faults=faults)
