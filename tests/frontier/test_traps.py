"""Kinds of address, what they gave, and when they are left alone."""

from __future__ import annotations

import pytest

from crawler.frontier.traps import Yield, is_barren_end, needless_parameter, pathological, pattern_of


@pytest.mark.parametrize(
    ("url", "pattern"),
    [
        ("https://a.example/events/2031/05/12/", "/events/#/#/#"),
        ("https://a.example/events/2031/05/12/whats-on-today", "/events/#/#/#/*"),
        ("https://www.a.example/calendar.php?month=5&year=2031", "/*.php?month=#&year=#"),
        ("https://a.example/browse/reports?page=17", "/browse/*?page=#"),
        ("https://a.example/news/world/africa/a-story-of-today", "/news/world/*+"),
        ("https://a.example/news/world/africa/north/a-story-of-today", "/news/world/*+"),
        ("https://a.example/الدولية/خبر-اليوم", "/الدولية/*"),
        ("https://a.example/2026/03/02/a-story?visitor=0a1b2c", "/#/#/#/*?visitor=*"),
        ("https://a.example/", "/"),
    ],
)
def test_addresses_of_one_kind_have_one_pattern(url: str, pattern: str) -> None:
    assert pattern_of(url) == pattern


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("https://a.example/news/more/more/more/x", "repeating_path"),
        ("https://a.example/en/news/en/news/en/news/x", "repeating_path"),
        ("https://a.example/أخبار/أخبار/أخبار/", "repeating_path"),
        ("https://a.example/" + "/".join(f"d{n}" for n in range(25)), "too_deep"),
        ("https://a.example/story?text=" + "a" * 2000, "too_deep"),
        ("https://a.example/news/more/more/x", None),
        ("https://a.example/2011/11/11/11/a-story", None),
        ("https://a.example/news/newsroom/news", None),
    ],
)
def test_folders_within_folders_are_no_page(url: str, why: str | None) -> None:
    assert pathological(url) == why


def test_a_pattern_that_gives_nothing_is_cut_off_after_a_few_pages() -> None:
    found = Yield()
    pages = 0
    while not found.is_cut:
        found = found.after(article=False)
        pages += 1
    assert pages == 25
    assert not found.after(article=True).is_cut


def test_a_pattern_that_gave_articles_is_believed_for_longer() -> None:
    found = Yield(pages=10, articles=10)
    for _ in range(100):
        found = found.after(article=False)
    assert not found.is_cut
    for _ in range(25):
        found = found.after(article=False)
    assert found.is_cut


@pytest.mark.parametrize(
    ("outcome", "reason", "is_alias", "barren"),
    [
        ("parsed", None, False, False),
        ("failed", "no_article", False, True),
        ("failed", "http_404", False, True),
        ("walled", "soft404", False, True),
        ("captured", "not_an_article", False, True),
        ("duplicate", "https://a.example/x", True, True),
        ("duplicate", "https://a.example/x", False, None),
        ("failed", "http_503", False, None),
        ("failed", "timeout", False, None),
        ("walled", "bot_wall", False, None),
        ("disallowed", "robots", False, None),
        ("captured", None, False, None),
        ("lost", "parse_crash", False, None),
    ],
)
def test_only_a_page_tells_of_its_kind(outcome: str, reason: str | None, is_alias: bool, barren: bool | None) -> None:
    assert is_barren_end(outcome, reason, is_alias=is_alias) == barren  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("url", "other", "name"),
    [
        ("https://a.example/x?visitor=1", "https://a.example/x?visitor=2", "visitor"),
        ("https://a.example/x?visitor=1&id=5", "https://a.example/x?id=5", "visitor"),
        ("https://a.example/x?a=1&b=2", "https://a.example/x?a=2&b=3", None),
        ("https://a.example/x?visitor=1", "https://a.example/y?visitor=2", None),
        ("https://a.example/?p=1", "https://a.example/?p=2", None),
    ],
)
def test_a_parameter_is_needless_where_it_alone_tells_two_addresses_apart(
    url: str, other: str, name: str | None
) -> None:
    assert needless_parameter(url, other) == name


def test_what_is_under_way_counts_until_it_is_judged() -> None:
    assert Yield().may_begin(24)
    assert not Yield().may_begin(25)
    assert not Yield(pages=20, barren=20).may_begin(5)
    assert Yield(pages=1, articles=1).may_begin(34)
    assert not Yield(pages=1, articles=1).may_begin(35)
