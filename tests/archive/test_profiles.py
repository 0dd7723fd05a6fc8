"""The profiles of a store: written once, chosen by moment, copied for when the store does not answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler.archive.profiles import ProfileShelf, put_profile
from crawler.archive.store import Store, StoredObject
from crawler.archive.store.folder import FileStore
from crawler.clock import FixedClock
from crawler.errors import BadArchive, StoreUnavailable
from crawler.model.profile import SiteProfile, encoded_profile, sealed_profile

AT = datetime(2026, 11, 23, tzinfo=UTC)
DAY = timedelta(days=1)


def profile(days: int, site: str = "paper") -> SiteProfile:
    return sealed_profile(
        SiteProfile(
            site=site, valid_from=AT + days * DAY, learned_at=AT, since=AT, until=AT, articles=40, parser_version="1.0"
        )
    )


class Flaky:
    """A store that answers when it likes."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.down = False
        self.lists = 0

    @property
    def url(self) -> str:
        return self.store.url

    def list(self, prefix: str = "", *, ends: str = "") -> Iterator[StoredObject]:
        self.lists += 1
        if self.down:
            raise StoreUnavailable("the store does not answer")
        return self.store.list(prefix)

    def get(self, key: str) -> bytes:
        if self.down:
            raise StoreUnavailable("the store does not answer")
        return self.store.get(key)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(AT)


def test_the_key_tells_site_moment_and_version_and_writing_twice_is_harmless(store: Store):
    one = profile(0)
    key = put_profile(store, one)
    assert key == f"profiles/paper/20261123000000-{one.version}.json"
    assert put_profile(store, one) == key
    assert store.get(key) == encoded_profile(one)


def test_a_capture_gets_the_latest_profile_valid_by_then(store: Store, clock: FixedClock):
    first, second = profile(0), profile(7)
    for one in (second, first, profile(3, "other")):
        put_profile(store, one)
    shelf = ProfileShelf(store, clock)
    assert shelf.at("paper", AT - DAY) is None
    assert shelf.at("paper", AT) == first
    assert shelf.at("paper", AT + 6 * DAY) == first
    assert shelf.at("paper", AT + 7 * DAY) == second
    assert shelf.at("unheard-of", AT + 7 * DAY) is None
    assert shelf.of("paper", AT - DAY) == (first, second)
    assert shelf.of("paper", AT + DAY) == (first, second)
    assert shelf.of("paper", AT + 8 * DAY) == (second,)
    assert len(shelf.keys) == 3


def test_the_store_is_looked_at_again_once_in_a_while(tmp_path: Path, clock: FixedClock):
    store = Flaky(FileStore(tmp_path / "data"))
    shelf = ProfileShelf(store, clock)  # type: ignore[arg-type]  # it only reads
    assert shelf.of("paper", AT) == ()
    put_profile(store.store, profile(0))
    clock.advance(60)
    assert (shelf.of("paper", AT), store.lists) == ((), 1)
    clock.advance(600)
    assert shelf.of("paper", AT) == (profile(0),)


def test_copies_stand_in_for_a_store_that_does_not_answer(tmp_path: Path, clock: FixedClock):
    store = Flaky(FileStore(tmp_path / "data"))
    put_profile(store.store, profile(0))
    mirror = FileStore(tmp_path / "state")
    assert ProfileShelf(store, clock, mirror=mirror).of("paper", AT) == (profile(0),)  # type: ignore[arg-type]
    store.down = True
    assert ProfileShelf(store, clock, mirror=mirror).of("paper", AT) == (profile(0),)  # type: ignore[arg-type]
    with pytest.raises(StoreUnavailable):
        ProfileShelf(store, clock).of("paper", AT)  # type: ignore[arg-type]


def test_a_damaged_or_misnamed_profile_is_refused(tmp_path: Path, clock: FixedClock):
    store = FileStore(tmp_path)
    key = put_profile(store, profile(0))
    store.put(key, store.get(key).replace(b"40", b"41"), overwrite=True)
    with pytest.raises(BadArchive, match=r"is no profile"):
        ProfileShelf(store, clock).at("paper", AT)
    store.put(key, encoded_profile(profile(1)), overwrite=True)
    with pytest.raises(BadArchive, match=r"what its name says"):
        ProfileShelf(store, clock).at("paper", AT)


def test_what_else_lies_among_the_profiles_is_passed_over(tmp_path: Path, clock: FixedClock):
    store = FileStore(tmp_path)
    store.put("profiles/paper/notes.txt", b"by hand")
    shelf = ProfileShelf(store, clock)
    assert (shelf.at("paper", AT), shelf.keys) == (None, ())
