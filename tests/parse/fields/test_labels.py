"""The labels beside a headline, and what only stands where labels do."""

from __future__ import annotations

import pytest
from selectolax.lexbor import LexborHTMLParser

from crawler.parse.fields.labels import labels_of
from crawler.parse.fields.metadata import gather
from crawler.parse.fields.title import title_of
from crawler.parse.page.flatten import flatten


def labels(markup: str) -> tuple[str, ...]:
    parser = LexborHTMLParser(f"<body>{markup}<p>The council met on Monday to decide about the mill.</p></body>")
    assert parser.body is not None
    layout = flatten(parser.body)
    return labels_of(parser, layout, title_of(gather(parser, "https://news.example/a"), layout).block).names


def test_links_under_a_category_like_name_beside_the_headline_are_labels():
    assert labels('<div class="category"><a href=/c>City</a> <a href=/m>Mills</a></div><h1>The wheel stays</h1>') == (
        "City",
        "Mills",
    )


@pytest.mark.parametrize("sign", ["Log in", "Subscribe", "Newsletter", "Anmelden", "Startseite", "الرئيسية", "首页"])
def test_signs_are_no_labels(sign):
    assert labels(f'<div class="section-label"><a href=/l>{sign}</a></div><h1>The wheel stays</h1>') == ()


def test_the_sites_own_head_holds_no_labels():
    assert (
        labels('<header><div class="topic"><a href=/pro>The Miller Pro</a></div></header><h1>The wheel stays</h1>')
        == ()
    )
    head = '<article><header><div class="topic"><a href=/c>City</a></div><h1>The wheel stays</h1></header></article>'
    assert labels(head) == ("City",)


def test_a_headline_of_another_article_is_no_label():
    other = "Everything there is to know about the mills of the north"
    assert labels(f'<div class="topic"><a href=/b>{other}</a></div><h1>The wheel stays</h1>') == ()
