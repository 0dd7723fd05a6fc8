"""Profiles as values: their version, their bytes, and which one holds when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from crawler.model.profile import SiteProfile, decoded_profile, encoded_profile, profile_at, sealed_profile

AT = datetime(2026, 11, 23, tzinfo=UTC)


def profile(**fields: object) -> SiteProfile:
    plain = SiteProfile(
        site="paper", valid_from=AT, learned_at=AT, since=AT, until=AT, articles=40, parser_version="1.0",
        texts=frozenset(f"{n:012x}" for n in range(50)), places=frozenset(("aaaaaaaaaaaa",)),
    )  # fmt: skip
    return sealed_profile(msgspec.structs.replace(plain, **fields))


def test_a_profile_survives_its_bytes_and_equal_profiles_have_equal_bytes():
    one = profile()
    turned = profile(texts=frozenset(sorted(one.texts, reverse=True)))
    assert decoded_profile(encoded_profile(one)) == one
    assert encoded_profile(turned) == encoded_profile(one)


def test_the_version_follows_from_all_the_rest():
    assert len(profile().version) == 12
    assert profile().version == profile().version
    assert profile(places=frozenset()).version != profile().version
    assert profile(valid_from=AT + timedelta(days=1)).version != profile().version


def test_an_altered_profile_is_none():
    content = encoded_profile(profile()).replace(b'"articles":40', b'"articles":41')
    with pytest.raises(ValueError, match="not what version"):
        decoded_profile(content)
    with pytest.raises(ValueError, match="malformed"):
        decoded_profile(b"{nonsense")


def test_the_latest_profile_that_is_valid_at_a_capture_holds():
    first, second = profile(), profile(valid_from=AT + timedelta(days=7))
    assert profile_at((), AT) is None
    assert profile_at((first, second), AT - timedelta(microseconds=1)) is None
    assert profile_at((first, second), AT) is first
    assert profile_at((first, second), AT + timedelta(days=7)) is second
