"""Sitemaps: sets, indexes, news, text, gzip, and their faults."""

from __future__ import annotations

import contextlib
import gzip

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.errors import DiscoveryError
from crawler.parse.discover.sitemap import SubSitemap, parse_sitemap

URL = "https://news.example/sitemap.xml"
NEWS = 'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'


def urlset(entries: str, attributes: str = "") -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" {attributes}>'
        f"{entries}</urlset>"
    ).encode()


def entry(location: str, more: str = "") -> str:
    return f"<url><loc>{location}</loc>{more}</url>"


def test_a_news_sitemap_gives_title_and_publication_date() -> None:
    news = (
        "<news:news><news:publication><news:name>N</news:name><news:language>ar</news:language></news:publication>"
        "<news:publication_date>2026-11-10T08:00:00+03:00</news:publication_date><news:title>خبر &amp; تحليل</news:title></news:news>"
    )
    (found,) = parse_sitemap(
        urlset(entry("https://news.example/a", "<lastmod>2026-11-11</lastmod>" + news), NEWS), url=URL
    ).announcements
    assert (found.url, found.title, found.published_at, found.modified_at) == (
        "https://news.example/a",
        "خبر & تحليل",
        "2026-11-10T08:00:00+03:00",
        "2026-11-11",
    )
    assert (found.role, found.source, found.via) == ("article", "sitemap", URL)


def test_a_plain_set_leaves_out_what_cannot_be_an_article() -> None:
    entries = "".join(
        entry(f"https://news.example/{path}")
        for path in (
            "",
            "tag/rain",
            "author/ann",
            "2026/11/10/rain-and-wind",
            "photo.jpg",
            "sport/match-report-1234567",
        )
    )
    sitemap = parse_sitemap(urlset(entries), url=URL)
    assert [a.url for a in sitemap.announcements] == [
        "https://news.example/2026/11/10/rain-and-wind",
        "https://news.example/sport/match-report-1234567",
    ]
    assert [one.url.removeprefix("https://news.example/") for one in sitemap.unlikely] == [
        "",
        "tag/rain",
        "author/ann",
        "photo.jpg",
    ]
    assert sitemap.skipped == 0


def test_images_videos_and_translations_are_not_pages() -> None:
    more = (
        '<image:image xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"><image:loc>https://i.example/1.jpg</image:loc></image:image>'
        "<video:video><video:content_loc>https://v.example/1</video:content_loc><video:title>V</video:title></video:video>"
        '<xhtml:link rel="alternate" hreflang="de" href="https://news.example/de/a"/>'
    )
    assert [
        a.url for a in parse_sitemap(urlset(entry("https://news.example/x/a-story", more)), url=URL).announcements
    ] == ["https://news.example/x/a-story"]


def test_an_index_gives_its_children_with_their_dates() -> None:
    body = b"""<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
      <sitemap><loc> https://news.example/s1.xml.gz </loc><lastmod>2026-11-10T08:00:00Z</lastmod></sitemap>
      <sitemap><loc>/s2.xml?a=1&b=2</loc></sitemap><sitemap><lastmod>2026-01-01</lastmod></sitemap>
      <sitemap><loc>https://news.example/sitemap.xml</loc></sitemap></sitemapindex>"""
    sitemap = parse_sitemap(body, url=URL)
    assert sitemap.kind == "index"
    assert sitemap.children == (
        SubSitemap("https://news.example/s1.xml.gz", "2026-11-10T08:00:00+00:00"),
        SubSitemap("https://news.example/s2.xml?a=1&b=2", None),
    )
    assert sitemap.skipped == 2  # one without address, one that is the index itself


def test_a_text_sitemap_is_a_list_of_urls() -> None:
    body = "\ufeffhttps://news.example/2026/a-b-c-d\r\n\r\nhttps://news.example/خبر-اليوم-في-المدينة\r\nhttps://news.example/2026/a-b-c-d".encode()
    sitemap = parse_sitemap(body, url=URL)
    assert sitemap.kind == "text"
    assert sitemap.announcements[0].url == "https://news.example/2026/a-b-c-d"
    assert len(sitemap.announcements) == 2


@pytest.mark.parametrize("layers", [1, 2])
def test_gzip_is_known_by_its_bytes(layers: int) -> None:
    body = urlset(entry("https://news.example/x/a-story"))
    for _ in range(layers):
        body = gzip.compress(body)
    sitemap = parse_sitemap(body, url=URL)
    assert (len(sitemap.announcements), sitemap.truncated) == (1, False)


def test_gzip_in_several_members_with_padding_is_whole() -> None:
    body = urlset(entry("https://news.example/x/a-story"))
    packed = gzip.compress(body[:90]) + gzip.compress(body[90:]) + b"\0" * 512
    sitemap = parse_sitemap(packed, url=URL)
    assert (len(sitemap.announcements), sitemap.truncated) == (1, False)


def test_a_gzip_file_that_is_cut_off_gives_what_came_and_says_so() -> None:
    entries = "".join(entry(f"https://news.example/2026/11/10/story-{n * 7919 % 100_003}") for n in range(5000))
    packed = gzip.compress(urlset(entries))
    sitemap = parse_sitemap(packed[: len(packed) // 2], url=URL)
    assert sitemap.truncated
    assert 1000 < len(sitemap.announcements) < 5000


def test_a_gzip_bomb_costs_no_more_than_the_protocol_allows() -> None:
    bomb = gzip.compress(urlset(entry("https://news.example/x/a-story"))[:-9] + b" " * 80_000_000)
    sitemap = parse_sitemap(bomb, url=URL)
    assert (len(sitemap.announcements), sitemap.truncated) == (1, True)


def test_more_than_fifty_thousand_urls_are_cut_and_marked() -> None:
    sitemap = parse_sitemap(
        urlset("".join(entry(f"https://news.example/x/a-story-{n}") for n in range(50_010))), url=URL
    )
    assert (len(sitemap.announcements), sitemap.truncated) == (50_000, True)


@pytest.mark.parametrize(
    "body",
    [
        urlset(entry("https://news.example/x/a-story")).replace(b"http://www.sitemaps.org/schemas/sitemap/0.9", b"http://www.google.com/schemas/sitemap/0.84"),
        urlset(entry("https://news.example/x/a-story")).replace(b' xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"', b""),
        b"\n\n" + urlset(entry("https://news.example/x/a-story")),
        urlset(entry("https://news.example/x/a-story"))[:-20],
        urlset(entry("<![CDATA[https://news.example/x/a-story]]>")),
        b'<ns0:urlset xmlns:ns0="http://www.sitemaps.org/schemas/sitemap/0.9"><ns0:url><ns0:loc>https://news.example/x/a-story</ns0:loc></ns0:url></ns0:urlset>',
        urlset(entry("https://news.example/x/a-story")).decode().replace("UTF-8", "UTF-16").encode("utf-16"),
    ],
)  # fmt: skip
def test_faults_of_namespace_encoding_and_end_do_not_matter(body: bytes) -> None:
    assert [a.url for a in parse_sitemap(body, url=URL).announcements] == ["https://news.example/x/a-story"]


@pytest.mark.parametrize("prefix", ["news", "n"])
def test_the_news_namespace_is_known_by_its_name_or_its_customary_prefix(prefix: str) -> None:
    news = f"<{prefix}:news><{prefix}:title>T</{prefix}:title></{prefix}:news>"
    declared = f'xmlns:{prefix}="http://www.google.com/schemas/sitemap-news/0.9"' if prefix == "n" else ""
    (found,) = parse_sitemap(urlset(entry("https://news.example/a", news), declared), url=URL).announcements
    assert found.title == "T"


def test_an_empty_set_is_a_sitemap() -> None:
    assert parse_sitemap(urlset(""), url=URL).announcements == ()


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "neither XML"),
        (b"User-agent: *\nDisallow: /\nAllow: /x\n", "neither XML"),
        (b"<!doctype html><html><body>404</body></html>", "html"),
        (b"<rss><channel/></rss>", "rss"),
        (gzip.compress(b"\0\1\2"), "neither XML"),
    ],
)
def test_what_is_no_sitemap_is_refused_with_a_next_step(body: bytes, why: str) -> None:
    with pytest.raises(DiscoveryError, match=why) as caught:
        parse_sitemap(body, url=URL)
    assert caught.value.next_step


@settings(deadline=None)
@given(st.data())
def test_any_damage_gives_a_sitemap_or_a_discovery_error(data: st.DataObject) -> None:
    body = bytearray(
        gzip.compress(urlset(entry("https://news.example/x/a-story", "<lastmod>2026-11-10</lastmod>")), mtime=0)
    )
    for _ in range(data.draw(st.integers(1, 4))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(DiscoveryError):
        parse_sitemap(bytes(body), url=URL)


def test_an_address_that_was_escaped_twice_is_read_as_it_was_meant():
    body = b"<urlset><url><loc>https://j.example/2026/a-story?x=1&amp;amp;y=2</loc></url></urlset>"
    (one,) = parse_sitemap(body, url="https://j.example/map.xml").announcements
    assert one.url == "https://j.example/2026/a-story?x=1&y=2"


STORY = "https://news.example/2026/a-long-story-of-the-harbour"
NS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


@pytest.mark.parametrize(
    "body",
    [
        f"<URLSET {NS}><URL><LOC>{STORY}</LOC></URL></URLSET>",
        f"<URLSET><URL><LOC>{STORY}</LOC></URL></URLSET>",
        f"<UrlSet {NS}><Url><Loc>{STORY}</Loc></Url></UrlSet>",
        f"<sm:urlset><sm:url><sm:loc>{STORY}</sm:loc></sm:url></sm:urlset>",
        f'<SM:URLSET XMLNS:SM="http://www.sitemaps.org/schemas/sitemap/0.9"><SM:URL><SM:LOC>{STORY}</SM:LOC></SM:URL></SM:URLSET>',
        f'<urlset {NS}><url><loc><a href="{STORY}">{STORY}</a></loc></url></urlset>',
        f"{STORY}\t2026-11-30\tdaily\n",
        f"# made by hand\r{STORY} 2026-11-30\r",
        f"{STORY},2026-11-30\n",
    ],
)
def test_capitals_prefixes_that_nobody_declares_and_mark_up_do_not_matter(body: str) -> None:
    (found,) = parse_sitemap(body.encode(), url="https://news.example/s.xml").announcements
    assert found.url == STORY


@pytest.mark.parametrize(
    "body",
    [
        "<SITEMAPINDEX><SITEMAP><LOC>/s/a.xml</LOC></SITEMAP></SITEMAPINDEX>",
        f"<siteMapIndex {NS}><siteMap><loc>/s/a.xml</loc></siteMap></siteMapIndex>",
        f"<sitemapindex {NS}><url><loc>/s/a.xml</loc></url></sitemapindex>",
        f"<urlset {NS}><sitemap><loc>/s/a.xml</loc></sitemap></urlset>",
    ],
)
def test_an_index_in_other_letters_or_with_entries_of_another_name_has_its_children(body: str) -> None:
    sitemap = parse_sitemap(body.encode(), url="https://news.example/s.xml")
    assert [child.url for child in sitemap.children] == ["https://news.example/s/a.xml"]


def test_a_set_that_lists_sitemaps_is_an_index_too() -> None:
    body = f"<urlset {NS}><url><loc>/sitemap-2026-11.xml.gz</loc></url><url><loc>{STORY}</loc></url></urlset>"
    sitemap = parse_sitemap(body.encode(), url="https://news.example/s.xml")
    assert [child.url for child in sitemap.children] == ["https://news.example/sitemap-2026-11.xml.gz"]
    assert [one.url for one in sitemap.announcements] == [STORY]


def test_a_story_that_an_index_lists_is_no_sitemap() -> None:
    body = f"<sitemapindex {NS}><url><loc>{STORY}</loc></url></sitemapindex>"
    sitemap = parse_sitemap(body.encode(), url="https://news.example/s.xml")
    assert ([one.url for one in sitemap.announcements], sitemap.children) == ([STORY], ())


def test_news_elements_in_capitals_are_read() -> None:
    news = "<news:NEWS><news:TITLE>T</news:TITLE><news:PUBLICATION_DATE>2026-11-30</news:PUBLICATION_DATE></news:NEWS>"
    body = f'<urlset {NS} xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>{STORY}</loc>{news}</url></urlset>'
    (found,) = parse_sitemap(body.encode(), url="https://news.example/s.xml").announcements
    assert (found.title, found.published_at) == ("T", "2026-11-30")
