"""When two addresses are one page, and when they are not."""

from __future__ import annotations

import pytest

from crawler.frontier.identity import identity_of, is_home

STORY = "https://www.quay.example/2026/11/23/ferry-line-reopens"
KEY = "quay.example/2026/11/23/ferry-line-reopens"


@pytest.mark.parametrize(
    "spelling",
    [
        STORY,
        "http://quay.example/2026/11/23/ferry-line-reopens",
        "https://www.quay.example:443/2026/11/23/ferry-line-reopens",
        STORY + "/",
        STORY + "?",
        STORY + "#comments",
        STORY + "?ref=home",
        STORY + "?ref=rss&source=front-page",
        STORY + "?utm_source=rss&utm_medium=feed&UTM_Campaign=x",
        STORY + "?fbclid=IwAR0abc&gclid=2&mc_cid=1&xtor=RSS-1",
        STORY + "?at_medium=RSS&at_campaign=KARANGA&cmpid=11&ocid=socialflow",
        STORY + "?PHPSESSID=9k2tq4l0f3n8s7",
        STORY + ";jsessionid=1A2B3C4D.node1",
        STORY + "?sid=0123456789abcdef0123456789abcdef",
        STORY + "?_=1763913600123",
        "https://www.quay.example//2026/./11/23/ferry-line-reopens",
        "https://www.quay.example/old/../2026/11/23/ferry-line-reopens",
        "https://www.quay.example/2026/11/23/ferry%2Dline%2dreopens",
        "https://m.quay.example/2026/11/23/ferry-line-reopens",
        STORY + "/amp/",
        "https://www.quay.example/amp/2026/11/23/ferry-line-reopens",
        STORY + "?outputType=amp",
        STORY + "?print=1",
        STORY + "?m=1",
        STORY + "?mobile=true",
        STORY + "?ito=1490&ns_mchannel=rss&ns_campaign=1490",
        STORY + "?spm=C73544894212.P59511941341.0.0",
        STORY + "/index.html",
        STORY + "-amp",
        STORY + "/print.html",
        "https://www.quay.example/print/2026/11/23/ferry-line-reopens",
        "https://www.quay.example/m/2026/11/23/ferry-line-reopens",
        "https://www.quay.example/Mobile/2026/11/23/ferry-line-reopens",
        STORY + "?rss=1&noamp=mobile",
        STORY + "?s=09",
        STORY + "?si=Zb1dT0xQm5rEw2Lk",
        STORY + "?feed_id=8121&_unique_id=64f0c1",
        STORY + "?share=facebook&nb=1",
        STORY + "?tmpl=component&print=1",
        STORY + "?usqp=mq331AQ&amp_js_v=0.1&amp_gsa=1",
        STORY + "?emc=edit&instance_id=1&regi_id=3&segment_id=1",
        STORY + "?fref=nf&xing_share=news&google_editors_picks=true",
        STORY + "??utm_source=rss",
        STORY + "?fbclid=x?utm_source=y",
        STORY + "&utm_source=rss&utm_medium=feed",
        "https://mobil.quay.example/2026/11/23/ferry-line-reopens",
        "https://wap.quay.example/2026/11/23/ferry-line-reopens",
        "https://quay-example.cdn.ampproject.org/c/s/www.quay.example/2026/11/23/ferry-line-reopens?amp_js_v=a2",
        "https://www.google.com/amp/s/www.quay.example/2026/11/23/ferry-line-reopens/amp",
        STORY + "?srsltid=AfmBOo&mod=rss&_x_tr_sl=en&ASPSESSIONIDABCDEFGH=QWERTYUIOPASDFGHJKLZXCVB",
        "https://www.quay.example/(S(2rnbvl45dmkrbx45stxr2145))/2026/11/23/ferry-line-reopens",
    ],
)
def test_spellings_of_one_page_share_a_key(spelling: str) -> None:
    assert identity_of(spelling) == KEY


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/story?id=5", "https://a.example/story?id=6"),
        ("https://a.example/view.php?ref=one", "https://a.example/view.php?ref=two"),
        ("https://a.example/story/ref?ref=20261123", "https://a.example/story/ref?ref=20261124"),
        ("https://a.example/story/Ab3", "https://a.example/story/aB3"),
        ("https://a.example/story", "https://b.example/story"),
        ("https://sport.a.example/story", "https://a.example/story"),
        ("https://a.example:8080/story", "https://a.example:8081/story"),
        ("https://a.example/a%2Fb", "https://a.example/a/b"),
        ("https://a.example/s?q=%E2%82%AC", "https://a.example/s?q=%C2%A3"),
        ("https://a.example/story?page=2", "https://a.example/story"),
        ("https://a.example/?p=17", "https://a.example/?p=18"),
        ("https://a.example/news?sid=41", "https://a.example/news?sid=42"),
        ("https://a.example/article?s=12", "https://a.example/article?s=13"),
        ("https://a.example/?s=09", "https://a.example/?s=ferry"),
        ("https://de.m.a.example/story", "https://en.m.a.example/story"),
        ("https://www.google.com/amp/story", "https://www.google.com/amp/another"),
        ("https://a.example/مرحبا", "https://a.example/وداعا"),
    ],
)
def test_what_tells_pages_apart_is_kept(one: str, other: str) -> None:
    assert identity_of(one) != identity_of(other)


@pytest.mark.parametrize("view", ["-amp.html", ".amp.html", ".print.html", ".html/amp", ".html?print", ".html?feed=1"])
def test_views_of_a_page_with_an_extension_share_its_key(view: str) -> None:
    assert identity_of(f"https://a.example/story-17{view}") == identity_of("https://a.example/story-17.html")


@pytest.mark.parametrize(
    "url", ["https://a.example/m", "https://a.example/print", "https://a.example/amp/", "https://a.example/-amp"]
)
def test_a_view_is_one_of_something(url: str) -> None:
    assert identity_of(url) == url.removeprefix("https://").rstrip("/")


def test_the_order_of_parameters_and_needless_escapes_do_not_count() -> None:
    assert identity_of("https://a.example/s?b=2&a=1&b=2") == identity_of("http://a.example/s/?a=%31&b=2&utm_id=4")
    assert identity_of("https://a.example/خبر-اليوم") == identity_of(
        "https://a.example/%D8%AE%D8%A8%D8%B1-%D8%A7%D9%84%D9%8A%D9%88%D9%85"
    )


def test_letters_taken_apart_are_the_same_letters() -> None:
    assert identity_of("https://a.example/cafe%CC%81-noir") == identity_of("https://a.example/caf%C3%A9-noir")


def test_an_edition_for_telephones_is_its_language_s() -> None:
    assert identity_of("https://de.m.a.example/story") == "de.a.example/story"


def test_bytes_that_are_no_text_have_a_key() -> None:
    assert identity_of("https://a.example/%ff?x=%fe") == "a.example/%FF?x=%FE"


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example/",
        "https://a.example",
        "https://a.example/en/",
        "https://a.example/index.html",
        "https://a.example/?utm_source=x",
    ],
)
def test_front_pages_are_known(url: str) -> None:
    assert is_home(url)


def test_a_story_of_a_script_at_the_root_is_no_front_page() -> None:
    assert not is_home("https://a.example/?p=17")
    assert not is_home("https://a.example/story")
