"""What the scope of a site admits."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from crawler.frontier.admission import Scope
from crawler.model.site import Site

SITE = Site(
    name="a",
    title="A",
    country="gb",
    languages=("en",),
    home="https://www.quay.example/",
    hosts=("quay.test",),
    include=("/20[0-9]{2}/",),
    exclude=("/video/",),
)
SINCE = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://quay.example/2026/a", None),
        ("https://sport.quay.test/2026/a", None),
        ("https://other.example/2026/a", "other_host"),
        ("https://quay.example/a", "not_included"),
        ("https://quay.example/2026/video/a", "excluded"),
    ],
)
def test_each_refusal_has_its_reason(url: str, reason: str | None) -> None:
    assert Scope.of(SITE).refusal(url) == reason


def test_the_date_counts_where_it_is_known() -> None:
    scope = Scope.of(SITE, since=SINCE)
    assert scope.refusal("https://quay.example/2026/a", datetime(2026, 10, 31, tzinfo=UTC)) == "before_since"
    assert scope.refusal("https://quay.example/2026/a", SINCE) is None
    assert scope.refusal("https://quay.example/2026/a") is None


def test_hosts_that_a_channel_vouches_for_are_in_scope() -> None:
    assert Scope.of(SITE, more_hosts=("cdn.example",)).refusal("https://cdn.example/2026/a") is None


def test_the_digest_changes_with_the_declaration_alone() -> None:
    corrected = msgspec.structs.replace(SITE, include=("/20[0-9]{2}/", "/story/"))
    assert Scope.of(SITE).digest == Scope.of(msgspec.structs.replace(SITE, title="B"), since=SINCE).digest
    assert Scope.of(SITE).digest != Scope.of(corrected).digest
