"""Which of a page's dates is that of publication, and what the page's other dates are kept as."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from selectolax.lexbor import LexborHTMLParser

from crawler.parse.fields.dates import Dates, dates_of
from crawler.parse.fields.metadata import gather
from crawler.parse.fields.title import title_of
from crawler.parse.page.flatten import flatten

CAPTURED = datetime(2025, 1, 2, tzinfo=UTC)
PROSE = (
    "<p>The council met on Monday evening to decide about the old mill, and it took them until after midnight.</p>" * 3
)


def dates(body: str, head: str = "", url: str = "https://news.example/a") -> Dates:
    html = f"<html><head>{head}</head><body><h1>The wheel stays</h1>{body}</body></html>"
    parser = LexborHTMLParser(html)
    assert parser.body is not None
    meta, layout = gather(parser, url), flatten(parser.body)
    return dates_of(parser, meta, layout, CAPTURED, near=title_of(meta, layout).block, html=html.encode())


def meta(**values: str) -> str:
    return "".join(f'<meta property="{key.replace("__", ":")}" content="{value}">' for key, value in values.items())


def test_what_is_named_for_publication_goes_before_the_text():
    found = dates(f"<p>4 May 2024</p>{PROSE}", meta(article__published_time="2024-05-03T10:00:00+02:00"))
    assert found.published == "2024-05-03T10:00:00+02:00"
    assert [(c.value, c.source) for c in found.candidates] == [
        ("2024-05-03T10:00:00+02:00", "meta:article:published_time"),
        ("2024-05-04", "text"),
    ]


def test_a_meta_tag_named_for_any_date_gives_way_to_the_date_beside_the_headline():
    assert dates(f"<p>4 May 2024</p>{PROSE}", meta(date="2024-05-06")).published == "2024-05-04"
    assert dates(PROSE, meta(date="2024-05-06")).published == "2024-05-06"


@pytest.mark.parametrize(
    ("stated", "shown", "local"),
    [
        (
            "2024-05-04T03:37:37Z",
            "<time datetime='2024-05-03T23:37:37-04:00'>3 May</time>",
            "2024-05-03T23:37:37-04:00",
        ),
        ("2024-05-03T22:04:00+00:00", "<p>04.05.2024 00:04 Uhr</p>", "2024-05-04T00:04:00+02:00"),
        ("2024-05-03T20:00:05Z", "<p>4 May 2024, 1:30 am</p>", "2024-05-04T01:30:05+05:30"),
        ("2024-05-03T22:00:00Z", "<p>4 May 2024</p>", "2024-05-04T00:00:00+02:00"),
        ("2024-05-03T23:30:00Z", "<p>4 May 2024</p>", "2024-05-03T23:30:00+00:00"),
        ("2024-05-03T22:04:00Z", "<p>3 May 2024 22:04</p>", "2024-05-03T22:04:00+00:00"),
        ("2024-05-03T22:04:00Z", "<p>Updated: 5 May 2024 08:04</p>", "2024-05-03T22:04:00+00:00"),
        ("2024-05-03T22:04:00+02:00", "<p>4 May 2024 00:04</p>", "2024-05-03T22:04:00+02:00"),
    ],
)
def test_a_moment_in_utc_is_given_at_the_places_offset_if_the_page_shows_local_time(stated, shown, local):
    assert dates(shown + PROSE, meta(article__published_time=stated)).published == local


@pytest.mark.parametrize(
    "text",
    ["Updated: 4 May 2024", "Zuletzt aktualisiert am 04.05.2024", "Mis à jour le 4 mai 2024", "Обновлено 4 мая 2024", "4 May 2024 (updated)"],
)  # fmt: skip
def test_a_date_said_to_be_of_a_change_is_that_of_publication_only_if_there_is_no_other(text):
    assert dates(f"<p>{text}</p>{PROSE}").published == "2024-05-04"
    both = dates(f"<p>{text}</p><p>1 May 2024</p>{PROSE}")
    assert (both.published, both.modified) == ("2024-05-01", "2024-05-04")


def test_of_publication_and_change_in_one_line_each_is_read():
    found = dates(f"<p>Published 1 May 2024, updated 4 May 2024</p>{PROSE}")
    assert (found.published, found.modified) == ("2024-05-01", "2024-05-04")


@pytest.mark.parametrize(
    "path",
    [
        "2024/05/04/a",
        "a-2024-05-04.html",
        "news/04-05-2024",
        "news/04052024-a",
        "2024/5/4/a",
        "20240504/a",
        "2024-W18-6/a",
    ],
)
def test_the_address_gives_the_day(path):
    assert dates(PROSE, url=f"https://news.example/{path}").published == "2024-05-04"


@pytest.mark.parametrize(
    ("body", "source"),
    [
        ('<ul><li><time datetime="2024-05-04">4 May</time></li></ul>' + PROSE, "time:datetime"),
        ('<span class="updated" title="2024-05-04"></span>' + PROSE, "itemprop"),
        (f"{PROSE}<p>Erschienen am 04.05.2024</p>", "text"),
        ("<p>x</p>" * 20 + "<p>Erschienen am: 04.05.2024</p>", "text:remark"),
        ("<p>x</p>" * 20 + "<p>last edited 2024-05-04 13:28</p>", "text:remark"),
        (f"<p>04.05.2024 – {PROSE.replace('<p>', '').replace('</p>', ' ')}</p>", "text:dateline"),
        ('<script type="application/json">{"publishedDate":"2024-05-04T20:37:27Z"}</script>', "script"),
        (r'<script>x = "{\"published_at\":\"2024-05-04T06:22:28+01:00\"}"</script>', "script"),
    ],
)
def test_a_page_that_says_it_nowhere_else_is_searched_further(body, source):
    found = dates(body)
    assert found.published is not None
    assert found.published.startswith("2024-05-04")
    assert found.candidates[0].source == source


def test_a_title_that_begins_with_the_date_gives_it():
    assert dates(PROSE, "<title>04.05.2024 | The wheel stays</title>").published == "2024-05-04"


def test_a_notice_of_copyright_is_no_date():
    assert dates("<p>x</p>" * 20 + "<p>Copyright © 04.05.2024, published by the mill</p>").published is None


def test_a_date_after_the_capture_is_chosen_only_if_there_is_no_other():
    head = meta(article__published_time="2030-05-04")
    assert dates(f"<p>4 May 2024</p>{PROSE}", head).published == "2024-05-04"
    alone = dates(PROSE, head)
    assert (alone.published, alone.flags) == ("2030-05-04", ("date_after_capture",))


def test_data_in_scripts_are_not_read_where_the_page_says_it():
    script = '<script>{"publishedDate":"2020-01-01"}</script>'
    found = dates(f"<p>4 May 2024</p>{PROSE}{script}")
    assert [c.source for c in found.candidates] == ["text"]


def test_of_updated_and_published_in_one_line_each_is_what_it_says():
    found = dates(f"<p>Updated: 6 May 2024, Published: 5 May 2024</p>{PROSE}")
    assert (found.published, found.modified) == ("2024-05-05", "2024-05-06")


@pytest.mark.parametrize(
    "body",
    [
        PROSE + '<section id="comments"><div class="comment"><time datetime="2024-05-07">7 May 2024</time><p>No!</p></div></section>',
        PROSE + '<aside class="related"><a href="/x">Another</a><time datetime="2024-05-07">7 May</time></aside>',
        PROSE + '<blockquote class="post"><time datetime="2024-05-07">7 May</time></blockquote>',
        PROSE + "<p>Copyright © 5 May 2024 The Miller. All rights reserved.</p>",
        PROSE + "<p>The festival will be held on 12 March 2026 in the hall of the old mill, the council said on Monday.</p>",
        PROSE + '<script type="application/ld+json">{"@type":"ItemList","itemListElement":[{"@type":"NewsArticle","headline":"Sheep",'
        '"url":"https://news.example/sheep","datePublished":"2020-01-01"}]}</script>',
    ],
)  # fmt: skip
def test_the_day_of_something_else_is_not_the_articles(body):
    assert dates(body).published is None


def test_the_day_of_today_above_the_page_is_not_the_articles():
    today = "<header><span>Thursday, 2 January 2025</span></header>"
    html = f"<body>{today}<h1>The wheel stays</h1><p>4 May 2024</p>{PROSE}</body>"
    parser = LexborHTMLParser(html)
    assert parser.body is not None
    found = gather(parser, "https://news.example/a"), flatten(parser.body)
    assert dates_of(parser, *found, CAPTURED, near=title_of(*found).block, html=html.encode()).published == "2024-05-04"


def test_a_stamp_of_the_page_itself_gives_way_to_the_date_beside_the_headline():
    stamp = '<script type="application/ld+json">{"@type":"WebPage","datePublished":"2025-01-02T00:00:00Z"}</script>'
    assert dates('<time datetime="2024-05-04">4 May 2024</time>' + PROSE, stamp).published == "2024-05-04"
    assert dates(PROSE, stamp).published == "2025-01-02T00:00:00+00:00"


@pytest.mark.parametrize(
    "element",
    ['<span class="date" data-date="2024-05-04T10:00:00Z">Friday</span>', '<span class="timestamp" data-timestamp="1714816800">Friday</span>'],
)  # fmt: skip
def test_what_an_element_holds_for_a_script_is_read_where_nothing_else_is(element):
    assert dates(element + PROSE).published == "2024-05-04T10:00:00+00:00"


@pytest.mark.parametrize(
    ("declared", "language", "url", "day"),
    [
        ("en-US", "en", "https://news.example/a", "2024-05-04"),
        ("en-GB", "en", "https://news.example/a", "2024-04-05"),
        ("en", "en", "https://news.example/a", None),
        ("en", "en", "https://news.example.in/a", "2024-04-05"),
        ("en", "en", "https://county.example.gov/a", "2024-05-04"),
        ("fr", "fr", "https://news.example/a", "2024-04-05"),
    ],
)
def test_a_date_that_may_be_two_is_read_as_the_country_of_the_page_writes_it(declared, language, url, day):
    parser = LexborHTMLParser(f"<h1>The wheel stays</h1><p>05/04/2024</p>{PROSE}")
    assert parser.body is not None
    found = gather(parser, url), flatten(parser.body)
    assert dates_of(parser, *found, CAPTURED, near=0, languages=(language,), declared=declared).published == day


def test_a_live_blog_without_a_date_is_of_the_day_its_coverage_began():
    live = '<script type="application/ld+json">{"@type":"LiveBlogPosting","headline":"The wheel stays","coverageStartTime":"2024-05-04T08:00:00+02:00"}</script>'
    assert dates(f"<article><time>5 May 2024</time>{PROSE}</article>", live).published == "2024-05-04T08:00:00+02:00"


@pytest.mark.parametrize(
    ("line", "language"),
    [
        ("Published 5 May 2024, updated 6 May 2024", "en"),
        ("2024-05-05 18:30 发布 2024-05-06 更新", "zh"),
        ("2024年5月6日更新 2024年5月5日公開", "ja"),
        ("Yayınlanma: 05.05.2024 - 18:30 Güncelleme: 06.05.2024 - 10:00", "tr"),
        ("Actualizado: 6 de mayo de 2024 / Publicado: 5 de mayo de 2024", "es"),
        ("入力 2024.05.05 18:30 | 수정 2024.05.06 10:00", "ko"),
    ],
)
def test_labels_before_or_behind_their_days_tell_them_apart(line, language):
    parser = LexborHTMLParser(f"<h1>The wheel stays</h1><p>{line}</p>{PROSE}")
    assert parser.body is not None
    found = gather(parser, "https://news.example/a"), flatten(parser.body)
    read = dates_of(parser, *found, CAPTURED, near=0, languages=(language,))
    assert (read.published or "")[:10] == "2024-05-05"


def test_what_stands_before_a_time_element_is_its_own():
    line = "Last updated <time datetime='2024-05-06T11:00'>6 May</time> First published <time datetime='2024-05-05T10:00'>5 May</time>"
    found = dates(f"<p>{line}</p>{PROSE}")
    assert (found.published, found.modified) == ("2024-05-05T10:00:00", "2024-05-06T11:00:00")
    line = "<time datetime='2024-05-05T10:00'>5 May</time> Updated <time datetime='2024-05-06T11:00'>6 May</time>"
    found = dates(f"<p>{line}</p>{PROSE}")
    assert (found.published, found.modified) == ("2024-05-05T10:00:00", "2024-05-06T11:00:00")


def test_elements_joined_without_spaces_are_read_apart():
    line = "<div><a href=/p>Politics</a><span>June 5, 2024</span><span>3 min</span></div>"
    assert dates(line + PROSE).published == "2024-06-05"


def test_the_day_of_the_state_of_things_gives_way_to_that_of_publication():
    found = dates(f"<p>Stand: 06.05.2024, 18:30 Uhr</p><p>Veröffentlicht am 05.05.2024</p>{PROSE}")
    assert (found.published, found.modified) == ("2024-05-05", "2024-05-06T18:30:00")


def test_a_sentence_that_begins_with_a_day_is_no_date_line():
    assert dates(f"<p>On 3 May 2024 the council decided about the wheel.</p>{PROSE}").published is None
    for line in ("Mar. 5, 2024, 5:20 p.m.", "utorak, 5. ožujka 2024.", "2024 m. kovo 5 d."):
        assert dates(f"<p>{line}</p>{PROSE}").published[:10] == "2024-03-05"


SAVED = meta(article__published_time="2024-08-21T09:00:05Z", article__modified_time="2024-08-21T09:00:01Z")


@pytest.mark.parametrize(
    ("shown", "url", "day"),
    [
        ("<p>April 26, 2023</p>", "", "2023-04-26"),
        ("<p><time datetime='2023-04-26'>26/4</time></p>", "", "2023-04-26"),
        (
            "<div class='post-date'>By Ann Berg, who has written of mills for us | April 26, 2023</div>",
            "",
            "2023-04-26",
        ),
        ("", "https://news.example/2023/04/26/a", "2023-04-26"),
        ("<p>Updated April 26, 2023</p>", "", "2024-08-21T09:00:05+00:00"),
        ("<p>August 21, 2024</p><p>April 26, 2023</p>", "", "2024-08-21T09:00:05+00:00"),
        ("<p>August 22, 2024</p>", "", "2024-08-21T09:00:05+00:00"),
        ("<p>April 26, 2023</p>", "https://news.example/2024/08/a", "2024-08-21T09:00:05+00:00"),
        (
            "<p>The mill was closed on April 26, 2023, and nobody knew for how long.</p>",
            "",
            "2024-08-21T09:00:05+00:00",
        ),
        (PROSE * 3 + "<p>April 26, 2023</p>", "", "2024-08-21T09:00:05+00:00"),
    ],
)
def test_data_that_every_saving_renews_give_way_to_the_day_readers_see(shown, url, day):
    assert dates(shown + PROSE, SAVED, url or "https://news.example/a").published == day


def test_data_of_before_the_last_change_are_those_of_publication():
    head = meta(article__published_time="2024-08-21T09:00:05Z", article__modified_time="2024-08-22T09:00:00Z")
    assert dates(f"<p>April 26, 2023</p>{PROSE}", head).published == "2024-08-21T09:00:05+00:00"


def test_numbers_that_may_be_read_either_way_round_renew_nothing():
    head = meta(article__published_time="2024-11-01T09:00:00Z", article__modified_time="2024-11-01T09:00:00Z")
    assert dates(f"<p>11/1/2024</p>{PROSE}", head).published == "2024-11-01T09:00:00+00:00"


@pytest.mark.parametrize(
    ("stated", "day"),
    [
        ("2024-05-04T02:41:41Z", "2024-05-03"),
        ("2024-05-02T23:11:59Z", "2024-05-03"),
        ("2024-05-04T09:00:00Z", "2024-05-04T09:00:00+00:00"),
        ("2024-05-04T02:41:41+02:00", "2024-05-04T02:41:41+02:00"),
        ("2024-05-05T02:41:41Z", "2024-05-05T02:41:41+00:00"),
        ("2024-09-05T10:00:00Z", "2024-05-03"),
    ],
)
def test_the_day_in_the_address_is_the_publisher_s(stated, day):
    found = dates(PROSE, meta(article__published_time=stated), "https://news.example/2024/05/03/a")
    assert found.published == day


def test_a_time_element_in_a_box_counts_where_it_is_labelled():
    box = "<aside class='card related'><div><h3>{}</h3>\n <p>\n <time datetime='2024-08-30T12:00:00Z'>August 30</time></p></div></aside>"
    assert dates(PROSE + box.format("Published")).published == "2024-08-30T12:00:00+00:00"
    assert dates(PROSE + box.format("More stories")).published is None


def test_a_meta_tag_named_published_is_of_publication():
    assert dates(PROSE, '<meta name="published" content="July 17, 2024">').published == "2024-07-17"


def test_the_hours_of_a_live_blogs_entries_are_no_local_time_of_its_beginning():
    entries = "".join(f"<article><time datetime='2024-05-03T{hour}:00'>x</time>{PROSE}</article>" for hour in (19, 18))
    blog = '{"@type": "LiveBlogPosting", "headline": "The wheel stays", "datePublished": "2024-05-03T08:00:00Z"}'
    found = dates(entries, f'<script type="application/ld+json">{blog}</script>')
    assert found.published == "2024-05-03T08:00:00+00:00"


@pytest.mark.parametrize(
    "attribute",
    [
        "props='{&quot;datePublished&quot;:&quot;2024-05-04T09:00:00+02:00&quot;}'",
        "data-state='{&#34;published_at&#34;:&#34;2024-05-04T09:00:00+02:00&#34;,&#34;x&#34;:1}'",
    ],
)
def test_data_of_a_script_may_stand_in_an_attribute(attribute):
    assert dates(f"{PROSE}<my-story {attribute}></my-story>").published == "2024-05-04T09:00:00+02:00"


@pytest.mark.parametrize("path", ["2024/may/04/mill", "2024/May/4/mill", "2024/mai/4", "2024/мая/04/x"])
def test_an_address_may_name_the_month(path):
    assert dates(PROSE, url=f"https://news.example/{path}").published == "2024-05-04"


def test_an_address_that_names_the_month_tells_what_numbers_mean():
    found = dates(f"<p>03/10/2023</p>{PROSE}", url="https://news.example/blog/2023/october/03/mill")
    assert found.published == "2023-10-03"


@pytest.mark.parametrize("path", ["2024/maypole/04/mill", "2024/page/4", "2024/may/44/x"])
def test_other_words_between_numbers_of_an_address_are_no_month(path):
    assert dates(PROSE, url=f"https://news.example/{path}").published is None


def test_a_notice_of_copyright_does_not_cost_the_lines_beside_it():
    lines = "Letzte Änderung: 05.05.2024 - 14:49<br>Erschienen am: 04.05.2024<br>© 2024 bei der Mühle"
    found = dates(f"{PROSE * 8}<p>{lines}</p>")
    assert (found.published, found.modified) == ("2024-05-04", "2024-05-05T14:49:00")
    assert dates(f"{PROSE * 8}<p>Published by the mill © 04.05.2024</p>").published is None


def test_a_day_alone_below_the_one_line_on_who_wrote_is_that_of_publication():
    signed = "<div><p>Written by Ann Carter</p><p>May 4, 2024</p></div>"
    assert dates(f"{PROSE * 8}{signed}").published == "2024-05-04"
    assert dates(f"{PROSE * 8}{signed}<div><p>Written by Bo Holt</p><p>May 6, 2024</p></div>").published is None
    assert dates(f"{PROSE * 8}<ol><li class='comment'><p>By Bo Holt</p><p>May 6, 2024</p></li></ol>").published is None


def test_a_meta_tag_may_be_called_published_date():
    assert dates(PROSE, '<meta name="published-date" content="2024-05-04">').published == "2024-05-04"
