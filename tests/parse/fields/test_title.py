"""Which of the headlines that a page shows and states is the article's."""

from __future__ import annotations

import html

import pytest
from selectolax.lexbor import LexborHTMLParser

from crawler.parse.fields.metadata import gather
from crawler.parse.fields.title import title_of
from crawler.parse.page.flatten import flatten

URL = "https://www.daily-herald.example/city/article1.html"
PROSE = "<p>The council met on Monday evening to decide about the old mill, and it took them until after midnight.</p>"


def title(body: str, head: str = "", url: str = URL) -> str | None:
    parser = LexborHTMLParser(f"<html><head>{head}</head><body>{body}{PROSE}</body></html>")
    assert parser.body is not None
    return title_of(gather(parser, url), flatten(parser.body)).text


def stated(*, tag: str = "", shared: str = "", headline: str = "") -> str:
    return (
        (f"<title>{tag}</title>" if tag else "")
        + (f'<meta property="og:title" content="{shared}">' if shared else "")
        + (
            f'<script type="application/ld+json">{{"@type":"NewsArticle","headline":"{headline}"}}</script>'
            if headline
            else ""
        )
    )


def test_the_heading_goes_before_statements_made_for_search_engines():
    head = stated(tag="Mill row: what to know", shared="Mill row: what to know", headline="Mill row: what to know")
    assert title("<h1>Council keeps the wheel of the old mill</h1>", head) == "Council keeps the wheel of the old mill"


def test_a_statement_that_agrees_with_the_address_goes_before_the_heading():
    head = stated(tag="Live: the mill vote as it happens", headline="Live: the mill vote as it happens")
    body = "<h1>Second count under way +++ chair asks for quiet</h1>"
    url = "https://www.daily-herald.example/city/live-the-mill-vote-as-it-happens"
    assert title(body, head, url) == "Live: the mill vote as it happens"


@pytest.mark.parametrize("site", [" | Daily Herald", " - Daily Herald", " – daily-herald.example", " » Daily Herald"])
def test_the_sites_name_is_cut_from_the_title_tag(site):
    head = '<meta property="og:site_name" content="Daily Herald">' + stated(tag=f"The wheel stays{site}")
    assert title("", head) == "The wheel stays"


@pytest.mark.parametrize(
    ("tag", "headline"),
    [
        ("旧水车保留：议会投票通过-新华网", "旧水车保留：议会投票通过"),
        ("旧水车保留：议会投票通过_光明网", "旧水车保留：议会投票通过"),
        ("水車は残る 議会が可決|東京ニュース", "水車は残る 議会が可決"),
    ],
)
def test_a_sites_name_joined_without_spaces_is_cut_from_the_title_tag(tag, headline):
    assert title("", f"<title>{tag}</title>") == headline


def test_a_dash_left_over_at_the_end_of_a_statement_is_no_part_of_it():
    assert title("", stated(tag="The wheel stays -", shared="The wheel stays -")) == "The wheel stays"


def test_a_kicker_in_the_heading_is_left_out():
    body = '<h1><span class="kicker">City</span> The wheel stays</h1>'
    assert title(body, stated(tag="The wheel stays | Daily Herald")) == "The wheel stays"


def test_a_kicker_that_the_statements_have_too_stays_and_is_joined_as_they_join_it():
    body = '<h1><span class="kicker">Vote on the mill</span><br>The wheel stays</h1>'
    joined = "Vote on the mill: The wheel stays"
    assert title(body, stated(tag=joined, shared=joined)) == joined


def test_a_heading_in_a_breadcrumb_gives_way_to_the_headline_that_the_address_was_made_of():
    body = (
        "<nav><ul><li><h1>Mill vote: council, wheel, café</h1></li></ul></nav>"
        "<article><h2>Council keeps the wheel of the old mill</h2>"
    )
    head = stated(
        tag="Mill vote: council, wheel, café",
        shared="Mill vote: council, wheel, café",
        headline="Council keeps the wheel of the old mill",
    )
    url = "https://www.daily-herald.example/city/council-keeps-the-wheel-of-the-old-mill-123.html"
    assert title(body, head, url) == "Council keeps the wheel of the old mill"


def test_a_heading_in_a_breadcrumb_gives_way_to_the_shared_headline_that_another_heading_shows():
    body = (
        '<div class="breadcrumbs"><h1>Mill vote: council, wheel, café</h1></div>'
        "<article><h2>Council keeps the wheel</h2>"
    )
    head = stated(tag="Mill vote: council, wheel, café", shared="Council keeps the wheel")
    assert title(body, head) == "Council keeps the wheel"


def test_a_heading_in_a_breadcrumb_is_better_than_none():
    body = '<div class="breadcrumbs"><h1>Council keeps the wheel</h1></div>'
    assert title(body, stated(tag="Council keeps the wheel", headline="Wheel stays")) == "Council keeps the wheel"


def test_a_heading_that_leads_home_is_the_logo():
    body = '<h1><a href="/">Four Mills a Day</a></h1><h2>The wheel stays, says the council</h2>'
    head = stated(tag="Four Mills a Day » Archive » The wheel stays, says the council")
    assert title(body, head) == "The wheel stays, says the council"


def test_a_heading_cut_off_at_its_colon_is_completed_by_two_statements_that_agree():
    body = "<h2>The Old Mill and Wheel Project:</h2><h2>Flour</h2>"
    whole = "The Old Mill and Wheel Project: Flour"
    assert title(body, stated(tag=whole, shared=whole)) == whole


def test_a_page_that_says_nothing_has_no_title():
    assert title("") is None


@pytest.mark.parametrize("sign", ["<", "/", "»", "-", "|"])
def test_the_site_s_name_goes_from_either_end_of_a_title_whatever_parts_it(sign):
    head = '<meta property="og:site_name" content="Miller Post">'
    for whole in (f"The wheel stays {sign} Miller Post", f"Miller Post {sign} The wheel stays"):
        assert title("<p>x</p>", f"<title>{html.escape(whole)}</title>{head}") == "The wheel stays"


def test_a_heading_in_the_page_s_script_goes_before_a_latin_title_made_for_the_address():
    head = (
        '<meta property="og:title" content="Old mill keeps wheel turning">'
        '<script type="application/ld+json">{"@type":"NewsArticle","headline":"Old mill keeps wheel turning"}</script>'
    )
    assert title("<h1>آسیاب کهن همچنان می‌چرخد</h1>", head, url="https://news.example/old-mill-keeps-wheel-turning") == "آسیاب کهن همچنان می‌چرخد"  # fmt: skip


def test_a_colon_that_only_screen_readers_get_is_taken_from_the_statements():
    body = "<h1><span>Old mill</span> <span>The wheel stays</span></h1>"
    assert (
        title(body, stated(tag="Old mill: The wheel stays", shared="Old mill: The wheel stays"))
        == "Old mill: The wheel stays"
    )


@pytest.mark.parametrize(
    "tag",
    [
        "Daily Herald: Wheel of the old mill stays",
        "Wheel of the old mill stays [Daily Herald]",
        "Wheel of the old mill stays | Daily Herald - News from the valley",
    ],
)
def test_the_name_of_the_site_goes_in_whatever_form_the_title_tag_has_it(tag):
    assert (
        title("", f'<title>{tag}</title><meta property="og:site_name" content="Daily Herald">')
        == "Wheel of the old mill stays"
    )


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Salt &amp;amp; Stone: the Q&amp;amp;A", "Salt & Stone: the Q&A"),
        ("A &amp;#8216;quiet&amp;#8217; year", "A ‘quiet’ year"),
        ("The mill&amp;#x27;s&amp;nbsp;wheel", "The mill's wheel"),
        ("Why &amp;lt;b&amp;gt; is bold", "Why &lt;b&gt; is bold"),
        ("Salt &amp; Stone", "Salt & Stone"),
        ("Fish &amp; chips; R&D", "Fish & chips; R&D"),
    ],
)
def test_what_was_escaped_twice_is_what_it_stands_for(written: str, meant: str) -> None:
    assert title(f"<h1>{written}</h1>") == meant
    assert title("", stated(tag=written)) == meant
