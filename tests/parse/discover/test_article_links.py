"""Which addresses look like articles."""

from __future__ import annotations

from time import process_time

import pytest

from crawler.parse.discover.article_links import ENOUGH, link_score, never_article, url_score


@pytest.mark.parametrize(
    "url",
    [
        "https://n.example/",
        "https://n.example/en/",
        "https://n.example/index.html",
        "https://n.example/tag/elections",
        "https://n.example/de/schlagwort/wahl",
        "https://n.example/category/politics/page/2",
        "https://n.example/author/ann-writer",
        "https://n.example/news/authors/ann-writer,8dfe7ae9-d986-4317",
        "https://n.example/وسم/انتخابات",
        "https://n.example/login?next=/a",
        "https://n.example/2026/11/photo-of-the-day.jpg",
        "https://n.example/wp-content/uploads/2026/11/10/x",
        "https://n.example/feed/",
    ],
)
def test_pages_that_are_never_articles(url: str) -> None:
    assert never_article(url)
    assert url_score(url) < 0


@pytest.mark.parametrize(
    "url",
    [
        "https://n.example/2026/11/10/rain-and-wind-hit-the-coast",
        "https://n.example/politik/ausland/wahl-in-der-schweiz-19655247.html",
        "https://n.example/news/world-europe-12345678",
        "https://n.example/?p=12345",
        "https://n.example/article.php?id=4411",
        "https://n.example/%D8%AE%D8%A8%D8%B1-%D8%B9%D8%A7%D8%AC%D9%84-%D9%85%D9%86-%D8%A7%D9%84%D9%85%D8%AF%D9%8A%D9%86%D8%A9",
        "https://n.example/2026/11/10/tag/x",
        "https://n.example/authors/ann-writer/what-are-the-islands-reading",
        "https://n.example/comment/opinion/article/3046526/what-the-president-said",
        "https://n.example/a/今日新聞發布會上的重要講話內容",
    ],
)
def test_addresses_of_articles_speak_for_themselves(url: str) -> None:
    assert not never_article(url)
    assert url_score(url) >= 2


@pytest.mark.parametrize(
    "url",
    ["https://n.example/sport", "https://n.example/news/politics/", "https://n.example/sport/fussball/bundesliga"],
)
def test_sections_are_not_excluded_but_score_low(url: str) -> None:
    assert not never_article(url)
    assert url_score(url) < 2


@pytest.mark.parametrize(
    ("text", "is_headline"),
    [
        ("Rain and wind hit the coast overnight", True),
        ("Sport", False),
        ("More", False),
        ("123", False),
        ("暴雨襲擊沿海多個城市", True),
        ("更多", False),
        ("أمطار ورياح تضرب الساحل الليلة", True),
    ],
)
def test_the_length_of_a_headline_depends_on_its_script(text: str, is_headline: bool) -> None:
    assert (link_score("https://n.example/regional/rain-and-wind", text) >= ENOUGH - 0.5) is is_headline


@pytest.mark.parametrize(
    "path",
    [
        "/privacy-policy", "/en/privacy-policy/", "/mentions-legales.html", "/aviso-legal", "/chi-siamo", "/info/o-nas",
        "/datenschutzerklaerung", "/kebijakan-privasi", "/mot-cle/port", "/actualites/mots-cles/port",
    ],
)  # fmt: skip
def test_notices_that_a_paper_has_one_of_are_never_articles(path: str) -> None:
    assert never_article(f"https://news.example{path}")


@pytest.mark.parametrize(
    "path", ["/2026/11/30/privacy-policy", "/news/privacy-policy-of-the-harbour-board", "/a/b/c/accessibility"]
)
def test_stories_about_them_may_be_articles(path: str) -> None:
    assert not never_article(f"https://news.example{path}")


def test_a_code_in_an_address_speaks_for_an_article_and_a_word_without_end_costs_nothing() -> None:
    assert url_score("https://n.example/x/a1b2c3d4e") > url_score("https://n.example/x/abbccddee")
    began = process_time()
    url_score(f"https://n.example/x/{'a' * 100_000}")
    assert process_time() - began < 2
