"""Which pictures of a page are the article's, and where their addresses stand."""

from __future__ import annotations

import pytest
from selectolax.lexbor import LexborHTMLParser

from crawler.parse.fields.images import images_of
from crawler.parse.page.flatten import flatten

URL = "https://news.example/a"


def images(markup: str) -> list[str]:
    parser = LexborHTMLParser(f"<body><p>before</p>{markup}<p>after</p></body>")
    assert parser.body is not None
    layout = flatten(parser.body)
    return [image.url for image in images_of(layout, URL, 0, len(layout.blocks))]


@pytest.mark.parametrize(
    "attributes",
    [
        'src="/mill.jpg"',
        'src="data:image/gif;base64,R0" data-src="/mill.jpg"',
        'src="/img/placeholder.png" data-src="/mill.jpg"',
        'src="/img/lazy-loading-14x9.png" srcset="/mill.jpg 1x"',
        'src="/img/blank.gif" data-srcset="/mill-s.jpg 300w, /mill.jpg 1200w, /mill-m.jpg 600w"',
        'data-src="{&quot;default&quot;: 1}" src="/mill.jpg"',
    ],
)
def test_the_picture_is_taken_not_its_stand_in(attributes):
    assert images(f"<img {attributes}>") == ["https://news.example/mill.jpg"]


def test_an_address_in_a_srcset_may_hold_commas():
    assert images('<img srcset="/mill.jpg?crop=1,2,x0,y0 600w, /mill.jpg?crop=1,2,x1,y1 900w">') == [
        "https://news.example/mill.jpg?crop=1,2,x1,y1"
    ]


@pytest.mark.parametrize(
    "address",
    ["/img/icon-zoom.svg", "/btn_print.gif", "/img/placeholder.png", "/themes/a/images/logo-header.png", "/paper-logo.svg", "/badge.png", "/smilies/icon_smile.gif"],
)  # fmt: skip
def test_icons_logos_and_stand_ins_are_no_pictures(address):
    assert images(f'<img src="{address}">') == []


@pytest.mark.parametrize(
    "address", ["/2024/new-logo-of-the-mill.jpg", "/gigapixel-very-large.jpg", "/iconic-wheel.jpg"]
)
def test_a_picture_may_be_named_like_an_icon(address):
    assert images(f'<img src="{address}">') == [f"https://news.example{address}"]


def test_markup_in_an_alternative_text_is_left_out():
    parser = LexborHTMLParser(
        '<body><img src="/a.jpg" alt="The wheel&lt;br&gt;&lt;small&gt;turns&amp;nbsp;"><p>x</p></body>'
    )
    assert parser.body is not None
    layout = flatten(parser.body)
    assert images_of(layout, URL, 0, 1)[0].alt == "The wheel turns"
