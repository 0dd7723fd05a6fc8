"""Section pages: their links to articles, and the feeds they name."""

from __future__ import annotations

import pytest

from crawler.errors import DiscoveryError
from crawler.parse.discover.listing import parse_listing

URL = "https://news.example/world/"


def page(body: str, head: str = "") -> bytes:
    return f"<!doctype html><html><head><title>World</title>{head}</head><body>{body}</body></html>".encode()


def found(body: str, head: str = "", **options: object) -> list[str]:
    return [a.url for a in parse_listing(page(body, head), url=URL, **options).announcements]  # type: ignore[arg-type]


SECTION = """
<nav><a href="/sport">Sport</a> <a href="/world/">World</a> <a href="/about-us">About us and our long history of news</a></nav>
<main>
  <article><h2><a href="/2026/11/10/rain-and-wind">Rain and wind hit the coast overnight</a></h2>
    <p>Trains stopped. <a href="/tag/weather">Weather</a> <a href="/author/ann">Ann Writer</a></p>
    <a href="/2026/11/10/rain-and-wind"><img src="x.jpg"></a></article>
  <div><a href="council-votes-on-new-bridge-19655247.html"><h3>Council votes on a new bridge</h3><span>Opinion</span></a></div>
  <a href="https://news.example/world/page/2">Older articles of this section here</a>
</main>
<footer><a href="/terms-of-use">Terms</a> <a href="https://elsewhere.example/2026/11/10/some-very-long-slug">Partner</a></footer>
"""


def test_articles_are_told_from_navigation_tags_authors_and_partners() -> None:
    assert found(SECTION) == [
        "https://news.example/2026/11/10/rain-and-wind",
        "https://news.example/world/council-votes-on-new-bridge-19655247.html",
    ]


def test_the_headline_is_the_title_not_the_whole_teaser() -> None:
    titles = [a.title for a in parse_listing(page(SECTION), url=URL).announcements]
    assert titles == ["Rain and wind hit the coast overnight", "Council votes on a new bridge"]


def test_announcements_say_where_they_come_from() -> None:
    first = parse_listing(page(SECTION), url=URL).announcements[0]
    assert (first.role, first.source, first.via, first.published_at) == ("article", "listing", URL, None)


def test_arabic_slugs_and_headlines_count() -> None:
    body = '<h3><a href="/أخبار/أمطار-ورياح-تضرب-الساحل">أمطار ورياح تضرب الساحل الليلة الماضية</a></h3><a href="/وسم/طقس">طقس</a>'
    assert len(found(body)) == 1


def test_chinese_headlines_count_though_they_are_short() -> None:
    body = '<h3><a href="/a/20261110/1234567">暴雨襲擊沿海多個城市</a></h3><a href="/a/">更多</a>'
    assert found(body) == ["https://news.example/a/20261110/1234567"]


def test_further_hosts_of_the_site_are_in_scope() -> None:
    link = '<h2><a href="https://articles.other.example/2026/11/10/rain">Rain and wind hit the coast overnight</a></h2>'
    assert found(link) == []
    assert found(link, hosts=("other.example",)) == ["https://articles.other.example/2026/11/10/rain"]


def test_base_href_is_obeyed() -> None:
    link = '<h2><a href="2026/11/10/rain-and-wind">Rain and wind hit the coast overnight</a></h2>'
    assert found(link, head='<base href="https://www.news.example/x/">') == [
        "https://www.news.example/x/2026/11/10/rain-and-wind"
    ]


def test_feeds_that_the_page_names_are_given_but_not_its_comments_feed() -> None:
    head = (
        '<link rel="alternate" type="application/rss+xml" href="/feed"><link rel="alternate stylesheet" href="/x.css">'
        '<link rel="ALTERNATE" type="application/atom+xml; charset=utf-8" href="https://news.example/atom">'
        '<link rel="alternate" type="application/rss+xml" href="/comments/feed/"><link rel="alternate" hreflang="de" href="/de">'
    )
    assert parse_listing(page("", head), url=URL).feeds == ("https://news.example/feed", "https://news.example/atom")


def test_text_in_a_legacy_encoding_is_read() -> None:
    body = '<meta charset="windows-1256"><h3><a href="/2026/11/10/a-b">أمطار ورياح تضرب الساحل الليلة</a></h3>'.encode(
        "cp1256"
    )
    assert parse_listing(body, url=URL).announcements[0].title == "أمطار ورياح تضرب الساحل الليلة"


def test_odd_links_are_passed_over() -> None:
    odd = "".join(
        f'<a href="{href}">A headline that is long enough to count</a>'
        for href in ("javascript:x()", "mailto:a@b.c", "#top", "http://[", "", "tel:+1", "https://news.example:x/")
    )
    assert found(odd) == []


def test_a_page_without_articles_is_an_empty_listing() -> None:
    assert found("<p>Nothing today.</p>") == []


@pytest.mark.parametrize("body", [b"", b"just text", b"\0\1\2"])
def test_what_is_no_page_is_refused(body: bytes) -> None:
    with pytest.raises(DiscoveryError, match="not a page"):
        parse_listing(body, url=URL)


def test_deep_nesting_and_many_links_are_survived() -> None:
    link = '<a href="/2026/11/10/rain-and-wind">Rain and wind hit the coast overnight</a>'
    deep = parse_listing(page(link + "<div>" * 50_000), url=URL)
    assert ([a.url for a in deep.announcements], deep.truncated) == (
        ["https://news.example/2026/11/10/rain-and-wind"],
        True,
    )
    many = parse_listing(page("".join(f'<a href="/2026/11/10/story-{n}">x</a>' for n in range(6000))), url=URL)
    assert many.truncated


@pytest.mark.parametrize(
    ("url", "links", "following"),
    [
        ("https://news.example/sport/", {"/sport/page/2/": "2", "/sport/page/9/": "9"}, "/sport/page/2/"),
        ("https://news.example/sport/page/2/", {"/sport/": "1", "/sport/page/3": "3"}, "/sport/page/3"),
        ("https://news.example/sport", {"?page=2": "next", "/weather?page=2": "2"}, "/sport?page=2"),
        ("https://news.example/sport", {"/sport?page=1": "2", "/sport?page=2": "3"}, "/sport?page=1"),
        ("https://news.example/sport?page=1", {"/sport?page=0": "1", "/sport?page=2": "3"}, "/sport?page=2"),
        ("https://news.example/list?cat=3", {"/list?cat=3&seite=2": "2", "/list?cat=4&seite=2": "2"}, "/list?cat=3&seite=2"),
        ("https://news.example/list?page=2&cat=3", {"/list?cat=3&page=3": "3"}, "/list?cat=3&page=3"),
        ("https://news.example/sport/page/9/", {"/sport/page/8/": "8"}, None),
        ("https://news.example/sport", {"/sport/page/2-story-of-the-day": "x"}, None),
    ],
)  # fmt: skip
def test_the_next_number_of_a_sections_pages_is_its_continuation(
    url: str, links: dict[str, str], following: str | None
) -> None:
    body = "".join(f"<a href='{href}'>{text}</a>" for href, text in links.items())
    found = parse_listing(f"<html><body>{body}</body></html>".encode(), url=url).next_url
    assert found == (None if following is None else f"https://news.example{following}")


@pytest.mark.parametrize(
    "tag",
    [
        '<LINK REL="ALTERNATE" TYPE="APPLICATION/RSS+XML" HREF="/feed">',
        '<link rel="alternate" type="text/xml" title="All news (RSS)" href="/feed">',
        '<link rel="alternate" type="application/xml" href="/feed">',
        '<link rel="alternate" type="application/json" title="JSON Feed" href="/feed">',
        '<link rel="alternate" type="application/x-rss+xml; charset=utf-8" href="/feed">',
        '<link rel="alternate" type="text/rss+xml" href="/feed">',
        '<link rel="alternate" type="application/rss xml" href="/feed">',
        '<link rel="alternate" type="rss+xml" href="/feed">',
        '<link rel="alternate" type="application/atom" href="/feed">',
        '<link rel="feed" href="/feed">',
        '<link rel="alternate feed" href=" /feed ">',
        '<link rel="alternate" type="application/rss+xml" href="feed://news.example/feed">',
        '<link rel="alternate" type="application/rss+xml" href="feed:https://news.example/feed">',
        '<link rel="alternate" type="application/rss+xml" title="Kommentare" href="/feed">',
    ],
)
def test_feeds_are_found_however_their_type_is_written(tag: str) -> None:
    body = f"<html><head>{tag}</head><body>x</body></html>".encode()
    assert parse_listing(body, url="https://news.example/").feeds == ("https://news.example/feed",)


@pytest.mark.parametrize(
    "tag",
    [
        '<link rel="alternate" type="application/rss+xml" title="News &raquo; Comments Feed" href="/?feed=x">',
        '<link rel="alternate" type="application/rss+xml" href="/?feed=comments-rss2">',
        '<link rel="alternate" type="application/rss+xml" title="Kommentar-Feed" href="/k">',
        '<link rel="alternate" type="application/rss+xml" title="خلاصة التعليقات" href="/k">',
        '<link rel="alternate" type="application/json" href="/wp-json/wp/v2/pages/1">',
        '<link rel="alternate" type="application/json+oembed" href="/oembed?feed">',
        '<link rel="alternate" hreflang="de" href="/de/feed">',
        '<link rel="alternate" media="handheld" href="/m">',
        '<link rel="alternate stylesheet" type="text/css" href="/feed">',
        '<link rel="alternate stylesheet" title="feed" href="/feed">',
    ],
)
def test_feeds_of_comments_and_what_else_is_alternate_are_none(tag: str) -> None:
    body = f"<html><head>{tag}</head><body>x</body></html>".encode()
    assert parse_listing(body, url="https://news.example/").feeds == ()
