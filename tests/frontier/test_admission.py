"""What the scope of a site admits."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from crawler.frontier.admission import Scope, led_astray
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


@pytest.mark.parametrize(
    ("answered", "became"),
    [
        ("https://login.other.example/x", ("out_of_scope", "redirected to login.other.example")),
        ("https://quay.example/", ("walled", "soft404")),
        ("https://quay.example/en/index.html", ("walled", "soft404")),
        ("https://quay.example/home", ("walled", "soft404")),
        ("https://quay.example/?from=a-story", ("walled", "soft404")),
        ("https://quay.example/404.html", ("walled", "soft404")),
        ("https://quay.example/en/page-not-found", ("walled", "soft404")),
        ("https://quay.example/Error.aspx?aspxerrorpath=/2026/a-story", ("walled", "soft404")),
        ("https://quay.example/login?next=/2026/a-story", ("walled", "login")),
        ("https://quay.example/account/choose/", ("walled", "login")),
        ("https://login.quay.example/?next=/2026/a-story", ("walled", "login")),
        ("https://quay.example/subscribe", ("walled", "login")),
        ("https://consent.quay.example/collect?back=1", ("walled", "consent")),
        ("https://quay.example/?p=4711", None),
        ("https://quay.example/news/2026/a-story.html", None),
        ("https://quay.example/subscription/a-story", None),
        ("https://quay.example/2026/an-error-of-judgement", None),
        ("https://quay.example/harbour/register-of-ships-opens", None),
        ("https://www.quay.example/2026/another-story", None),
    ],
)
def test_what_a_redirect_led_to_is_told_by_its_address(answered: str, became: tuple[str, str] | None) -> None:
    assert led_astray("https://quay.example/2026/a-story", answered, ("quay.example",)) == became


def test_a_page_that_was_asked_for_as_what_it_is_is_no_wall() -> None:
    hosts = ("quay.example",)
    assert led_astray("https://quay.example/error/17", "https://quay.example/error/seventeen", hosts) is None
    assert led_astray("https://account.quay.example/1", "https://account.quay.example/a-story", hosts) is None
