"""Feeds of each dialect, and with each fault that is met in the field."""

from __future__ import annotations

import contextlib
import gzip
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.errors import DiscoveryError
from crawler.parse.discover.feed import Feed, parse_feed

URL = "https://news.example/feeds/all.xml"


def rss(items: str, *, head: str = "", attributes: str = "") -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" {attributes}><channel><title>The News</title>'
        f"<link>https://news.example/</link>{head}{items}</channel></rss>"
    ).encode()


def item(inner: str) -> str:
    return f"<item>{inner}</item>"


def only(feed: Feed) -> tuple[str, str | None, str | None, str | None]:
    (found,) = feed.announcements
    return found.url, found.title, found.published_at, found.modified_at


def test_rss_2_gives_addresses_titles_and_dates() -> None:
    feed = parse_feed(
        rss(
            item(
                "<title>Rain &amp; wind</title><link>https://news.example/2026/rain</link>"
                "<pubDate>Tue, 10 Nov 2026 08:00:00 +0100</pubDate>"
            ),
            head="<ttl>15</ttl><language>en-gb</language>",
        ),
        url=URL,
    )
    assert (feed.dialect, feed.title, feed.home) == ("rss", "The News", "https://news.example/")
    assert (feed.ttl_s, feed.language) == (900.0, "en-gb")
    assert only(feed) == ("https://news.example/2026/rain", "Rain & wind", "2026-11-10T08:00:00+01:00", None)
    announcement = feed.announcements[0]
    assert (announcement.role, announcement.source, announcement.via) == ("article", "feed", URL)


def test_rss_1_keeps_items_beside_the_channel() -> None:
    body = b"""<?xml version="1.0"?>
    <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
             xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">
      <channel rdf:about="https://news.example/feed"><title>RDF</title><link>https://news.example/</link>
        <sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency></channel>
      <item rdf:about="https://news.example/by-about"><title>One</title><dc:date>2026-11-10T08:00+01:00</dc:date></item>
      <item rdf:about="x"><title>Two</title><link>https://news.example/two</link></item>
    </rdf:RDF>"""
    feed = parse_feed(body, url=URL)
    assert (feed.dialect, feed.ttl_s) == ("rdf", 900.0)
    assert [a.url for a in feed.announcements] == ["https://news.example/by-about", "https://news.example/two"]
    assert feed.announcements[0].published_at == "2026-11-10T08:00:00+01:00"


def test_rss_0_91_without_dates_is_read() -> None:
    body = b'<rss version="0.91"><channel><title>Old</title><item><title>A</title><link>http://o.example/a</link></item></channel></rss>'
    assert only(parse_feed(body, url=URL)) == ("http://o.example/a", "A", None, None)


def test_atom_1_takes_the_alternate_page_and_both_dates() -> None:
    body = b"""<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="fr"><title type="html">Le &lt;b&gt;Journal&lt;/b&gt;</title>
      <link rel="self" href="https://j.example/atom"/><link href="https://j.example/"/>
      <link rel="hub" href="https://hub.example/"/><link rel="next" href="?page=2"/>
      <entry><title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">Un <em>mot</em></div></title>
        <link rel="enclosure" href="https://j.example/a.mp3"/>
        <link rel="alternate" type="application/json" href="https://j.example/a.json"/>
        <link rel="alternate" type="text/html" href="https://j.example/a"/>
        <id>tag:j.example,2026:1</id><published>2026-11-10T08:00:00Z</published><updated>2026-11-11T08:00:00Z</updated>
      </entry></feed>"""
    feed = parse_feed(body, url="https://j.example/atom")
    assert (feed.dialect, feed.title, feed.language) == ("atom", "Le Journal", "fr")
    assert (feed.hub, feed.next_url) == ("https://hub.example/", "https://j.example/atom?page=2")
    assert only(feed) == (
        "https://j.example/a",
        "Un mot",
        "2026-11-10T08:00:00+00:00",
        "2026-11-11T08:00:00+00:00",
    )


def test_atom_0_3_has_other_names_for_the_dates() -> None:
    body = b"""<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title>Old</title><entry><title mode="escaped">A &amp;amp; B</title>
      <link rel="alternate" type="text/html" href="http://o.example/a"/><issued>2005-01-02T03:04:05Z</issued>
      <modified>2005-01-03T03:04:05Z</modified></entry></feed>"""
    assert only(parse_feed(body, url=URL)) == (
        "http://o.example/a",
        "A & B",
        "2005-01-02T03:04:05+00:00",
        "2005-01-03T03:04:05+00:00",
    )


def test_atom_title_declared_as_text_is_not_unescaped_twice() -> None:
    body = b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><title type="text">Use &amp;amp; and &lt;b&gt;</title><link href="https://a.example/x"/></entry></feed>'
    assert parse_feed(body, url=URL).announcements[0].title == "Use &amp; and <b>"


def test_atom_entry_without_link_is_found_by_its_id() -> None:
    body = b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>https://a.example/x</id></entry><entry><id>urn:uuid:1</id></entry></feed>'
    feed = parse_feed(body, url=URL)
    assert [a.url for a in feed.announcements] == ["https://a.example/x"]
    assert feed.skipped == 1


def test_xml_base_resolves_relative_links() -> None:
    body = b"""<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://b.example/section/">
      <entry xml:base="2026/"><link href="story"/></entry><entry><link href="other"/></entry></feed>"""
    assert [a.url for a in parse_feed(body, url=URL).announcements] == [
        "https://b.example/section/2026/story",
        "https://b.example/section/other",
    ]


@pytest.mark.parametrize("version", ["https://jsonfeed.org/version/1", "https://jsonfeed.org/version/1.1"])
def test_json_feed_is_read(version: str) -> None:
    body = json.dumps(
        {
            "version": version,
            "title": "JSON News",
            "home_page_url": "https://n.example/",
            "next_url": "https://n.example/feed?2",
            "hubs": [{"type": "WebSub", "url": "https://hub.example/"}],
            "items": [
                {"id": "1", "url": "/a", "title": "A < B", "date_published": "2026-11-10T08:00:00+01:00"},
                {"id": "https://n.example/b", "date_modified": "2026-11-10"},
                {"id": 3, "external_url": "https://other.example/c"},
                {"id": "no address"},
                "junk",
            ],
        }
    ).encode()
    feed = parse_feed(b"\xef\xbb\xbf" + body, url="https://n.example/feed")
    assert (feed.dialect, feed.title, feed.hub, feed.next_url, feed.skipped) == (
        "json",
        "JSON News",
        "https://hub.example/",
        "https://n.example/feed?2",
        2,
    )
    assert [a.url for a in feed.announcements] == [
        "https://n.example/a",
        "https://n.example/b",
        "https://other.example/c",
    ]
    assert feed.announcements[0].title == "A < B"
    assert feed.announcements[1].modified_at == "2026-11-10"


def test_original_link_of_a_feed_proxy_wins() -> None:
    feed = parse_feed(
        rss(
            item(
                "<link>https://proxy.example/~r/1</link><feedburner:origLink>https://news.example/a</feedburner:origLink>"
            ),
            attributes='xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"',
        ),
        url=URL,
    )
    assert feed.announcements[0].url == "https://news.example/a"


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        ("<guid>https://news.example/g</guid>", "https://news.example/g"),
        ('<guid isPermaLink="true">https://news.example/g</guid>', "https://news.example/g"),
        ("<link>/relative?a=1&amp;b=2</link>", "https://news.example/relative?a=1&b=2"),
        ("<link>\n  https://news.example/a \n</link>", "https://news.example/a"),
        ("<link>//news.example/a</link>", "https://news.example/a"),
        ("<link>https://news.example/a#top</link>", "https://news.example/a"),
        ("<link>https://news.example/a<pubDate>Mon, 23 Nov 2026 10:00:00 GMT</pubDate>", "https://news.example/a"),
        ("<link>HTTPS://News.Example/A</link>", "https://news.example/A"),
        ("<link><![CDATA[https://news.example/a?x=1&y=2]]></link>", "https://news.example/a?x=1&y=2"),
        ("<link>https://news.example/a?x=1&y=2&copy=3</link>", "https://news.example/a?x=1&y=2&copy=3"),
        ("<link>https://news.example/خبر</link>", "https://news.example/%D8%AE%D8%A8%D8%B1"),
        ("<link>javascript:void(0)</link><guid>https://news.example/g</guid>", "https://news.example/g"),
        ('<atom:link rel="alternate" href="https://news.example/a"/>', "https://news.example/a"),
        ("<media:content url='https://c.example/1.jpg'/><link>https://news.example/a</link>", "https://news.example/a"),
    ],
)
def test_the_address_of_an_item_is_found_where_it_is(inner: str, expected: str) -> None:
    assert [a.url for a in parse_feed(rss(item(inner)), url=URL).announcements] == [expected]


@pytest.mark.parametrize(
    "inner", ["", "<guid isPermaLink='false'>tag:news.example,2026:g</guid>", "<link>mailto:a@b</link>"]
)
def test_an_item_without_address_is_counted_not_guessed(inner: str) -> None:
    feed = parse_feed(rss(item(inner) + item("<link>https://news.example/a</link>")), url=URL)
    assert (len(feed.announcements), feed.skipped) == (1, 1)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("<![CDATA[Caf\u00e9 &amp; <b>bar</b>]]>", "Café & bar"),
        ("AT&amp;amp;T", "AT&T"),
        ("Q&A: what now?", "Q&A: what now?"),
        ("5 &lt; 6", "5 < 6"),
        ("a&nbsp;b &hellip; &unknown; &#8217;", "a b … &unknown; ’"),
        ("  two\n  lines ", "two lines"),
        ("خانه\u200cها", "خانه\u200cها"),
        ("\u00ad\ufeffclean", "clean"),
    ],
)
def test_titles_become_plain_text(written: str, expected: str) -> None:
    feed = parse_feed(rss(item(f"<title>{written}</title><link>https://news.example/a</link>")), url=URL)
    assert feed.announcements[0].title == expected


def test_pictures_and_podcasts_do_not_lend_their_titles() -> None:
    inner = "<media:title>Photo</media:title><itunes:title>Pod</itunes:title><title>Real</title><link>https://n.example/a</link>"
    assert parse_feed(rss(item(inner)), url=URL).announcements[0].title == "Real"


def test_one_address_twice_is_announced_once() -> None:
    twice = item("<title>A</title><link>https://n.example/a</link>") + item(
        "<title>B</title><link>https://n.example/a</link>"
    )
    assert [a.title for a in parse_feed(rss(twice), url=URL).announcements] == ["A"]


ARABIC = "عاجل: أخبار اليوم"


def _in_encoding(codec: str, declared: str | None, language: str = "ar") -> bytes:
    declaration = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    text = f"{declaration}<rss><channel><language>{language}</language><item><title>{ARABIC}</title><link>https://n.example/a</link></item></channel></rss>"
    return text.encode(codec)


@pytest.mark.parametrize(
    ("codec", "declared", "content_type"),
    [
        ("cp1256", "windows-1256", None),
        ("cp1256", None, "text/xml; charset=windows-1256"),
        ("cp1256", "utf-8", None),  # declared falsely
        ("cp1256", "iso-8859-1", None),  # a generator's default
        ("cp1256", None, None),
        ("iso-8859-6", "iso-8859-6", None),
        ("utf-8", "windows-1256", None),
        ("utf-8", "iso-8859-1", "text/xml; charset=iso-8859-1"),
        ("utf-8-sig", None, None),
        ("utf-16", "utf-16", None),
        ("utf-16-le", "utf-16", None),
        ("utf-16-be", "utf-16", None),
    ],
)
def test_text_is_read_whatever_encoding_is_declared(codec: str, declared: str | None, content_type: str | None) -> None:
    feed = parse_feed(_in_encoding(codec, declared), url=URL, content_type=content_type)
    assert feed.announcements[0].title == ARABIC


def test_a_few_broken_bytes_do_not_change_the_encoding() -> None:
    body = _in_encoding("utf-8", "utf-8").replace(b"<item>", b"<description>\xe9</description><item>")
    assert parse_feed(body, url=URL).announcements[0].title == ARABIC


@pytest.mark.parametrize(
    "junk",
    [
        b"\n\n  ",
        b"<br />\n<b>Warning</b>: include() failed in <b>x.php</b><br />\n",
        b"\xef\xbb\xbf\xef\xbb\xbf",
        b"hello ",
        b"<!-- cached -->",
    ],
)
def test_junk_before_the_feed_is_passed_over(junk: bytes) -> None:
    assert len(parse_feed(junk + rss(item("<link>https://n.example/a</link>")), url=URL).announcements) == 1


def test_a_feed_that_is_cut_off_gives_what_came() -> None:
    body = rss(item("<link>https://n.example/a</link>") + item("<link>https://n.example/b</link>"))
    assert parse_feed(body[: body.index(b"/b<")], url=URL).announcements[0].url == "https://n.example/a"


def test_unclosed_elements_do_not_hide_later_items() -> None:
    body = rss("<item><title>A<link>https://n.example/a</link></item>" + item("<link>https://n.example/b</link>"))
    assert "https://n.example/b" in [a.url for a in parse_feed(body, url=URL).announcements]


def test_an_empty_feed_is_a_feed() -> None:
    feed = parse_feed(rss(""), url=URL)
    assert (feed.announcements, feed.skipped, feed.truncated) == ((), 0, False)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "empty"),
        (b"   \n", "empty"),
        (b"Not found", "neither XML nor JSON"),
        (b"<!DOCTYPE html><html><head><title>x</title></head><body><p>y</p></body></html>", "html"),
        (b'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url/></urlset>', "urlset"),
        (b'{"error": "gone"}', "JSON without items"),
        (b'{"items": []}', "not JSON Feed"),
        (b"{broken", "starts like JSON"),
        (b'{"a":' * 100_000, "starts like JSON"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "neither"),
    ],
)
def test_what_is_no_feed_is_refused_with_a_next_step(body: bytes, why: str) -> None:
    with pytest.raises(DiscoveryError, match=why) as caught:
        parse_feed(body, url=URL)
    assert URL in caught.value.what
    assert caught.value.next_step


def test_entities_are_not_expanded_and_files_not_read() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    body = (
        f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY l0 "lol">{laughs}<!ENTITY file SYSTEM "file:///etc/passwd">'
        '<!ENTITY % remote SYSTEM "http://127.0.0.1:1/x.dtd"> %remote; ]>'
        "<rss><channel><item><title>&l9;&file;!</title><link>https://n.example/a</link></item></channel></rss>"
    ).encode()
    assert parse_feed(body, url=URL).announcements[0].title == "&l9;&file;!"


def test_deep_nesting_ends_the_reading_not_the_process() -> None:
    body = rss(item("<link>https://n.example/a</link>") + "<x>" * 200_000)
    assert [a.url for a in parse_feed(body, url=URL).announcements] == ["https://n.example/a"]


def test_an_endless_feed_is_read_up_to_its_limit() -> None:
    many = "".join(f"<item><link>https://n.example/{n}</link></item>" for n in range(10_050))
    feed = parse_feed(rss(many), url=URL)
    assert (len(feed.announcements), feed.truncated) == (10_000, True)


def test_a_hundred_megabytes_are_not_all_looked_at() -> None:
    body = rss(item("<link>https://n.example/a</link>"))[:-16] + b"<!--" + b"x" * 100_000_000
    feed = parse_feed(body, url=URL)
    assert (len(feed.announcements), feed.truncated) == (1, True)


@settings(deadline=None)
@given(st.data())
def test_any_damage_gives_a_feed_or_a_discovery_error(data: st.DataObject) -> None:
    body = bytearray(
        rss(
            item(
                "<title>A &amp; B</title><link>https://n.example/a</link><pubDate>Tue, 10 Nov 2026 08:00:00 GMT</pubDate>"
            )
        )
    )
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(body) - 1))
        body[at : at + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=9))
    with contextlib.suppress(DiscoveryError):
        parse_feed(bytes(body), url=URL)


def test_a_feed_in_a_gzip_file_is_read() -> None:
    inside = rss(item("<title>A</title><link>https://n.example/a</link>"))
    feed = parse_feed(gzip.compress(gzip.compress(inside)), url=URL)
    assert [one.url for one in feed.announcements] == ["https://n.example/a"]
    assert parse_feed(gzip.compress(inside)[:-9], url=URL).truncated


@pytest.mark.parametrize(
    ("codec", "title"),
    [("gb18030", "市政府宣布明天开放图书馆"), ("cp932", "市議会が図書館の開館を決めました"), ("cp1256", "أعلنت البلدية فتح المكتبة ليلا"), ("koi8-r", "Городской совет открыл библиотеку")],
)  # fmt: skip
@pytest.mark.parametrize("declared", [True, False])
def test_a_legacy_encoding_is_read_declared_or_not(codec, title, declared):
    label = {"gb18030": "x-gbk", "cp932": "ms_kanji", "cp1256": "x-cp1256", "koi8-r": "koi"}[codec]
    encoding = f' encoding="{label}"' if declared else ""
    document = f'<?xml version="1.0"{encoding}?><rss version="2.0"><channel><item><title>{title}</title><link>https://news.example/1</link></item></channel></rss>'  # fmt: skip
    assert parse_feed(document.encode(codec), url="https://news.example/feed").announcements[0].title == title


def channel(*items: str, about: str = "") -> bytes:
    inside = "".join(f"<item>{item}</item>" for item in items)
    return f"<?xml version='1.0'?><rss version='2.0'><channel>{about}{inside}</channel></rss>".encode()


PLAIN_ITEMS = [f"<title>Quay {n}</title><link>https://news.example/q{n}</link>" for n in range(4)]


@pytest.mark.parametrize(
    ("title", "read"),
    [
        ("Depth < 4 m", "Depth < 4 m"),
        ("a <- b", "a <- b"),
        ("<3", "<3"),
        ("7<8 & 9>1", "7<8 & 9>1"),
        ("<i>Slanted", "Slanted"),
        ("One<br>two<hr>", "Onetwo<hr>"),
        ("</b>closed", "closed"),
        ("<Speaker> speaks", "<Speaker> speaks"),
        ("<![CDATA[a < b]]>", "a < b"),
        ("Ships<script>track('<x>')</script> sail", "Ships sail"),
        ("x &lt;3 y", "x <3 y"),
        ("<", "<"),
    ],
)
@pytest.mark.parametrize("where", ["title", "description", "content:encoded", "media:title"])
def test_mark_up_left_open_in_a_text_costs_nothing_but_that_text(title: str, read: str, where: str) -> None:
    item = f"<{where}>{title}</{where}><link>https://news.example/odd</link>"
    feed = parse_feed(channel(*PLAIN_ITEMS[:2], item, *PLAIN_ITEMS[2:]), url="https://news.example/rss")
    assert [a.url[-3:] for a in feed.announcements] == ["/q0", "/q1", "odd", "/q2", "/q3"]
    if where == "title":
        assert feed.announcements[2].title == read


@pytest.mark.parametrize(
    ("reference", "read"),
    [
        ("&#55357;&#56842;", "\U0001f60a"),
        ("&#xD83D;&#xDE0A;", "\U0001f60a"),
        ("&#55357;", ""),
        ("&#xDE0A;&#xD83D;", ""),
        ("&#0;&#11;&#x110000;", ""),
        ("&#128522;", "\U0001f60a"),
    ],
)
@pytest.mark.parametrize("place", ["title", "pubDate", "link", "channel"])
def test_references_to_no_character_are_joined_or_dropped(reference: str, read: str, place: str) -> None:
    odd = {name: reference if name == place else "" for name in ("title", "pubDate", "link", "channel")}
    item = f"<title>Tide{odd['title']}</title><link>https://news.example/t{odd['link']}</link><pubDate>{odd['pubDate']}</pubDate>"
    feed = parse_feed(
        channel(item, *PLAIN_ITEMS, about=f"<title>Paper{odd['channel']}</title>"), url="https://news.example/rss"
    )
    assert len(feed.announcements) == 5
    if place == "title":
        assert feed.announcements[0].title == f"Tide{read}"


def test_names_in_capitals_are_the_same_names() -> None:
    body = b"<RSS><CHANNEL><ITEM><TITLE>Pier</TITLE><LINK>https://news.example/p</LINK><PUBDATE>Mon, 23 Nov 2026 10:00:00 GMT</PUBDATE></ITEM></CHANNEL></RSS>"
    (only,) = parse_feed(body, url="https://news.example/rss").announcements
    assert (only.url, only.title, only.published_at) == ("https://news.example/p", "Pier", "2026-11-23T10:00:00+00:00")


@pytest.mark.parametrize(
    ("links", "url"),
    [
        ("<link>https://http://news.example/a</link>", "http://news.example/a"),
        ("<link>http://https://news.example/a</link>", "https://news.example/a"),
        ("<link>www.news.example/a</link>", "https://www.news.example/a"),
        ("<link>/a</link>", "https://news.example/a"),
        ("<guid isPermaLink='false'>https://news.example/a</guid>", "https://news.example/a"),
        (
            "<guid isPermaLink='false'>https://news.example/id</guid><guid>https://news.example/a</guid>",
            "https://news.example/a",
        ),
        (
            "<link rel='enclosure'>https://news.example/a.mp3</link><link>https://news.example/a</link>",
            "https://news.example/a",
        ),
        (
            "<link>https://proxy.example/1</link><x:origLink>https://news.example/a</x:origLink>",
            "https://news.example/a",
        ),
    ],
)
def test_the_address_of_an_item_however_it_is_written(links: str, url: str) -> None:
    (only,) = parse_feed(channel(f"<title>A</title>{links}"), url="https://news.example/rss").announcements
    assert only.url == url


def test_titles_of_atom_may_be_base64() -> None:
    body = b"<feed xmlns='http://purl.org/atom/ns#'><entry><title mode='base64'>SGFyYm91cg==</title><link href='https://news.example/h'/></entry></feed>"
    (only,) = parse_feed(body, url="https://news.example/atom").announcements
    assert only.title == "Harbour"


def test_an_address_that_is_cut_is_none() -> None:
    body = channel(*PLAIN_ITEMS)
    cut = body[: body.index(b"/q3") + 2]
    assert [a.url[-3:] for a in parse_feed(cut, url="https://news.example/rss").announcements] == ["/q0", "/q1", "/q2"]


@pytest.mark.parametrize(
    "bomb",
    [b"<a>" * 300_000, b"<a/>" * 700_000, b"<title>" * 100_000, b"< " * 200_000, b"<b " + b"c='1' " * 200_000 + b">"],
)
def test_what_comes_before_a_bomb_is_read(bomb: bytes) -> None:
    body = channel(*PLAIN_ITEMS).replace(b"</channel></rss>", bomb)
    assert len(parse_feed(body, url="https://news.example/rss").announcements) == 4


@pytest.mark.parametrize(
    ("head", "declared", "item", "date"),
    [
        ("<language>pl</language>", None, "12 listopad 2019", "2019-11-12"),
        ("<language>hr</language>", "pl", "12 listopad 2019", "2019-10-12"),
        ("", "pl", "12 listopad 2019", "2019-11-12"),
        ("", None, "12 listopad 2019", None),
        ("<language>fi</language>", None, "3/4/2020 10:00", "2020-04-03T10:00:00"),
        ("<language>en-US</language>", None, "3/4/2020", "2020-03-04"),
        ("<language>fi</language>", None, "11 marraskuuta 2019", "2019-11-11"),
        ("", None, "Thu, 01 Jan 1970 01:00:00 +0100", None),  # nought, where there was no date
        ("", None, "1970-01-01", None),
        ("", None, "1970-01-02", "1970-01-02"),
        (
            "<language>hi</language>",
            None,
            "12 \u092e\u093e\u0930\u094d\u091a 2019 10:00:00 +0530",
            "2019-03-12T10:00:00+05:30",
        ),
    ],
)
def test_dates_are_read_in_the_feeds_own_language_or_else_its_sites(head, declared, item, date) -> None:
    body = f"<rss><channel>{head}<item><link>https://x.example/a</link><pubDate>{item}</pubDate></item></channel></rss>"
    (one,) = parse_feed(body.encode(), url="https://x.example/feed", language=declared).announcements
    assert one.published_at == date


def test_an_entry_may_be_in_another_language_than_its_feed() -> None:
    body = (
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="hr"><entry xml:lang="pl"><link href="https://x.example/a"/>'
        "<updated>12 listopad 2019</updated></entry></feed>"
    )
    (one,) = parse_feed(body.encode(), url="https://x.example/feed").announcements
    assert one.modified_at == "2019-11-12"


def test_json_that_is_nearly_a_feed_is_read():
    text = '{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": 1, "url": "/a", "title": "Ferry returns",},],}'
    assert [(found.url, found.title) for found in parse_feed(text.encode(), url=URL).announcements] == [
        ("https://news.example/a", "Ferry returns")
    ]


@pytest.mark.parametrize(
    ("rel", "href"),
    [
        ("next", "https://j.example/2"),
        ("prev-archive", "https://j.example/2"),
        ("http://www.iana.org/assignments/relation/next", "https://j.example/2"),
        ("previous", None),
        ("next-archive", None),
    ],
)
def test_older_items_are_on_the_next_page_or_in_the_archive_before(rel, href):
    body = f'<feed xmlns="http://www.w3.org/2005/Atom"><link rel="{rel}" href="/2"/></feed>'
    assert parse_feed(body.encode(), url="https://j.example/atom").next_url == href


def test_a_relation_may_be_written_as_its_registered_address():
    link = '<link rel="http://www.iana.org/assignments/relation/alternate" href="/a"/>'
    body = f'<feed xmlns="http://www.w3.org/2005/Atom"><entry>{link}</entry></feed>'
    (one,) = parse_feed(body.encode(), url="https://j.example/atom").announcements
    assert one.url == "https://j.example/a"


def test_a_link_that_was_escaped_twice_is_read_as_it_was_meant():
    item = "<item><link>https://j.example/a?x=1&amp;amp;y=2</link></item>"
    body = f'<rss version="2.0"><channel>{item}</channel></rss>'
    (one,) = parse_feed(body.encode(), url="https://j.example/rss").announcements
    assert one.url == "https://j.example/a?x=1&y=2"


@pytest.mark.parametrize(
    "body",
    [
        '<FEED xmlns="http://www.w3.org/2005/Atom"><ENTRY><LINK HREF="https://news.example/a"/></ENTRY></FEED>',
        "<Rss><Channel><Item><Link>https://news.example/a</Link></Item></Channel></Rss>",
        "<a:feed><a:entry><a:link href='https://news.example/a'/></a:entry></a:feed>",
        rss(item('<link>&lt;a href="https://news.example/a"&gt;https://news.example/a&lt;/a&gt;</link>')).decode(),
    ],
)
def test_capitals_undeclared_prefixes_and_links_in_mark_up_are_read(body: str) -> None:
    feed = parse_feed(body.encode(), url="https://news.example/f")
    assert [one.url for one in feed.announcements] == ["https://news.example/a"]


@pytest.mark.parametrize(
    ("url", "following"),
    [
        ("https://news.example/feed/", "https://news.example/feed/?paged=2"),
        ("https://news.example/?feed=rss2", "https://news.example/?feed=rss2&paged=2"),
        ("https://news.example/feed/?paged=9", "https://news.example/feed/?paged=10"),
    ],
)
def test_wordpress_keeps_older_items_on_further_pages(url: str, following: str) -> None:
    body = rss(item("<link>/a</link>"), head="<generator>https://wordpress.org/?v=6.8</generator>")
    feed = parse_feed(body, url=url)
    assert (feed.next_url, feed.next_guess) == (None, following)
    assert parse_feed(rss(item("<link>/a</link>")), url=url).next_guess is None


POSTS = """[
 {"id": 9, "date": "2026-11-10T09:00:00", "date_gmt": "2026-11-10T08:00:00", "modified_gmt": "2026-11-10T08:30:00",
  "link": "https:\\/\\/n.example\\/a", "title": {"rendered": "A &#8211; <em>B</em>"}},
 {"id": 8, "date": "2026-11-10T07:00:00", "link": "https://n.example/b", "title": "B"},
 {"id": 7}, null]"""


def test_a_list_of_wordpress_posts_is_a_feed() -> None:
    feed = parse_feed(POSTS.encode(), url="https://n.example/wp-json/wp/v2/posts")
    assert [(a.url, a.title, a.published_at, a.modified_at) for a in feed.announcements] == [
        ("https://n.example/a", "A \u2013 B", "2026-11-10T08:00:00+00:00", "2026-11-10T08:30:00+00:00"),
        ("https://n.example/b", "B", "2026-11-10T07:00:00", None),
    ]
    assert feed.skipped == 2


def test_no_posts_are_an_empty_feed_where_posts_are_asked_for() -> None:
    assert parse_feed(b"[]", url="https://n.example/wp-json/wp/v2/posts").announcements == ()
    with pytest.raises(DiscoveryError):
        parse_feed(b"[]", url="https://n.example/feed")


@pytest.mark.parametrize("wrapped", [")]}'\n{}", ")]}',{}", "callback({});", "/**/ jQuery_1.x({})"])
def test_json_that_is_kept_from_scripts_or_handed_to_one_is_read(wrapped: str) -> None:
    inside = '{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1", "url": "https://n.example/a"}]}'
    feed = parse_feed(wrapped.replace("{}", inside).encode(), url=URL)
    assert [one.url for one in feed.announcements] == ["https://n.example/a"]


def test_a_base_on_the_link_itself_counts() -> None:
    body = b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><link xml:base="https://n.example/z/" href="a"/></entry></feed>'
    assert [one.url for one in parse_feed(body, url=URL).announcements] == ["https://n.example/z/a"]


def test_a_prefix_for_a_namespace_that_nobody_knows_does_not_matter() -> None:
    body = (
        b'<x:rss xmlns:x="urn:x"><x:channel><x:item><x:link>https://n.example/a</x:link></x:item></x:channel></x:rss>'
    )
    assert [one.url for one in parse_feed(body, url=URL).announcements] == ["https://n.example/a"]


@pytest.mark.parametrize(
    "inside",
    [
        "<link>\u200ehttps://n.example/a\u200f</link>",
        "<link>\u202a https://n.example/a \u202c</link>",
        "<link>&#8203;https://n.example/a&#65279;</link>",
        '<dc:identifier xmlns:dc="http://purl.org/dc/elements/1.1/">https://n.example/a</dc:identifier>',
        '<a:link xmlns:a="http://www.w3.org/2005/Atom" rel="self" href="https://n.example/a"/>',
    ],
)
def test_an_address_is_found_behind_unseen_letters_and_in_the_last_place(inside: str) -> None:
    assert only(parse_feed(rss(item(f"<title>A</title>{inside}")), url=URL))[0] == "https://n.example/a"
