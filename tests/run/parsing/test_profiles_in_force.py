"""Which profiles a crawl and a replay are given."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from crawler.archive.profiles import ProfileShelf, put_profile
from crawler.archive.store.folder import FileStore
from crawler.clock import FixedClock
from crawler.model.profile import SiteProfile, sealed_profile
from crawler.run.parsing.profiles_in_force import NoProfiles, OneProfile, in_force

AT = datetime(2026, 11, 23, tzinfo=UTC)
ONE = sealed_profile(
    SiteProfile(site="paper", valid_from=AT, learned_at=AT, since=AT, until=AT, articles=40, parser_version="1.0")
)


def test_a_damaged_profile_does_not_stop_a_crawl(tmp_path, caplog):
    store = FileStore(tmp_path)
    key = put_profile(store, ONE)
    found = in_force(ProfileShelf(store, FixedClock(AT)), "paper", AT)
    assert (found.at("paper", AT), found.at("other", AT)) == (ONE, None)
    store.put(key, b"{}", overwrite=True)
    assert in_force(ProfileShelf(store, FixedClock(AT)), "paper", AT).at("paper", AT) is None


def test_one_profile_is_for_all_captures_of_its_site_and_none_is_for_nobody():
    long_ago = AT - timedelta(days=4000)
    assert OneProfile(ONE).at("paper", long_ago) is ONE
    assert OneProfile(ONE).at("other", long_ago) is None
    assert NoProfiles().at("paper", AT) is None
    assert OneProfile(ONE).keys != NoProfiles().keys
