"""Who is named as an article's author, and who or what beside a byline is not."""

from __future__ import annotations

import json

import pytest
from selectolax.lexbor import LexborHTMLParser

from crawler.parse.fields.authors import authors_of
from crawler.parse.fields.metadata import gather
from crawler.parse.fields.title import title_of
from crawler.parse.page.flatten import flatten

PROSE = (
    "<p>The council met on Monday evening to decide about the old mill, and it took them until after midnight.</p>" * 4
)


def authors(body: str = "", head: str = "", site: str | None = None) -> tuple[str, ...]:
    parser = LexborHTMLParser(f"<html><head>{head}</head><body><h1>The wheel stays</h1>{body}</body></html>")
    assert parser.body is not None
    meta, layout = gather(parser, "https://www.miller-post.example/a"), flatten(parser.body)
    return authors_of(parser, meta, layout, near=title_of(meta, layout).block, site=site)


def byline(text: str) -> tuple[str, ...]:
    return authors(f'<p class="byline">{text}</p>{PROSE}')


def linked(*names: object) -> str:
    node = {"@type": "NewsArticle", "headline": "The wheel stays", "author": names}
    return f'<script type="application/ld+json">{json.dumps(node)}</script>'


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("By Ann Miller and Bo Carter", ("Ann Miller", "Bo Carter")),
        ("Von Anna Müller, Frankfurt", ("Anna Müller",)),
        ("By Ann Miller 7 hours ago", ("Ann Miller",)),
        ("Anna Müller am Samstag, 4. Mai 2024", ("Anna Müller",)),
        ("Por Ana Molinero C.", ("Ana Molinero C.",)),
        ("By Bo Carter Jr.", ("Bo Carter Jr.",)),
        ("By Ann Miller.", ("Ann Miller",)),
        ("Interview: Anna Müller", ("Anna Müller",)),
        ("Text und Interview: Anna Müller", ("Anna Müller",)),
        ("Posted on May 4, 2024 by Ann Miller", ("Ann Miller",)),
        ("By June Freitag", ("June Freitag",)),
        ("بقلم ليلى حسن وسامي خليل", ("ليلى حسن", "سامي خليل")),
        ("作者：王小明、李大为", ("王小明", "李大为")),
        ("Par Jean Le Meunier", ("Jean Le Meunier",)),
    ],
)
def test_a_byline_gives_its_names_without_labels_places_and_times(text, names):
    assert byline(text) == names


@pytest.mark.parametrize(
    "text",
    ["Donnerstag", "Log Out", "By The Miller Post Staff", "Alle Artikel", "חדשות", "وكالات", "编辑部", "Quelle: sid"],
)
def test_what_is_no_name_is_no_author(text):
    assert byline(text) == ()


def test_what_the_site_is_called_after_is_no_author_while_the_page_names_a_person():
    head = '<meta name="author" content="miller-post.example">'
    assert authors(f'<p class="byline">By Ann Miller</p>{PROSE}', head) == ("Ann Miller",)


def test_names_in_the_json_ld_are_whole():
    head = linked({"@type": "Person", "name": "Ann Miller"}, {"@type": "Person", "name": "Bo Carter Jr."})
    assert authors(PROSE, head) == ("Ann Miller", "Bo Carter Jr.")


def test_a_credit_below_the_article_is_found_but_not_one_of_a_comment():
    comment = '<div class="comments"><p class="author">Troll Nick</p></div>'
    credit = "<p>Autorin: Anna Müller</p>"
    assert authors(PROSE + "<p>x</p>" * 12 + comment + credit) == ("Anna Müller",)
    assert authors(PROSE + "<p>（责编：王小明、李大为）</p>") == ("王小明", "李大为")
