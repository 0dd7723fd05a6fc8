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


@pytest.mark.parametrize(
    "markup",
    [
        '<img class="lazy" src="data:image/gif;base64,R0"><noscript><img src="/mill.jpg"></noscript>',
        '<img src="/mill.jpg"><noscript><img src="/mill-large.jpg"></noscript>',
        '<picture><source srcset="/mill.webp 900w" type="image/webp"><source srcset="/mill-s.jpg 300w, /mill.jpg 900w" type="image/jpeg"><img alt="m"></picture>',
        '<picture><source data-srcset="/mill.jpg 900w"><img src="data:image/gif;base64,R0"></picture>',
        '<img srcset="/mill-s.jpg 300w,/mill.jpg 900w">',
        '<img src="data:image/gif;base64,R0" data-any-name="/mill.jpg">',
        '<img src="data:image/gif;base64,R0" data-bgset="/mill-s.jpg 300w, /mill.jpg 900w">',
        '<img src="data:image/gif;base64,R0" data-author-image="/ann.jpg" data-full="/mill.jpg">',
    ],
)
def test_the_picture_that_is_shown_after_scrolling_is_taken_once(markup):
    assert images(f"<figure>{markup}</figure>") == ["https://news.example/mill.jpg"]


def article(markup: str, first: int) -> list[str]:
    parser = LexborHTMLParser(
        f"<body><header><img src='/logo.jpg'><p>Post</p></header><main><article>{markup}</article></main></body>"
    )
    assert parser.body is not None
    layout = flatten(parser.body)
    last = max(block.index for block in layout.blocks if block.text.startswith("Text"))
    return [image.url for image in images_of(layout, URL, first, last)]


def test_the_lead_picture_above_the_headline_is_the_article_s_and_the_site_s_logo_is_not():
    lead = '<figure><img src="/mill.jpg"><figcaption>The mill</figcaption></figure>'
    assert article(f"{lead}<h1>The wheel stays</h1><p>Text</p>", 2) == ["https://news.example/mill.jpg"]


def test_a_gallery_behind_the_text_is_the_article_s_and_pictures_of_other_stories_are_not():
    pictures = '<figure><img src="/a.jpg"></figure><figure><img src="/b.jpg"></figure>'
    body = "<h1>The wheel stays</h1><div><p>Text</p>{}<p>x</p></div>"
    gallery, others = (f'<div class="{name}">{pictures}</div>' for name in ("gallery", "teasers"))
    assert article(body.format(gallery), 1) == ["https://news.example/a.jpg", "https://news.example/b.jpg"]
    assert article(body.format(f"<p>More</p>{others}"), 1) == []


@pytest.mark.parametrize("srcset", ["/s.jpg 320w, /mill.jpg 1280w", "/s.jpg, /mill.jpg 2x", "/mill.jpg 1280w"])
def test_the_widest_of_a_srcset_goes_before_the_picture_for_old_programs(srcset):
    assert images(f'<img src="/s.jpg" srcset="{srcset}">') == ["https://news.example/mill.jpg"]
