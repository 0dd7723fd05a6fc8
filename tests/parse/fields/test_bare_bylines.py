"""Names near the headline that no "by" leads to, and what looks like one and is none."""

from __future__ import annotations

import pytest
from selectolax.lexbor import LexborHTMLParser

from crawler.parse.fields.authors import authors_of
from crawler.parse.fields.metadata import gather
from crawler.parse.fields.title import title_of
from crawler.parse.page.flatten import flatten

PROSE = (
    "<p>The council met on Monday evening to decide about the old mill, and it took them until after midnight.</p>" * 4
)

WRITERS = (
    '<ul class="writers"><li><a href="/t/1">Ann Miller</a><span>Reporter</span></li>'
    '<li><a href="/t/2">Bo Carter</a><span>Photographer</span></li></ul>'
)


def authors(line: str, end: str = "", top: str = "") -> tuple[str, ...]:
    parser = LexborHTMLParser(f"<html><body>{top}<h1>The wheel stays</h1>{line}{PROSE}{end}</body></html>")
    assert parser.body is not None
    meta, layout = gather(parser, "https://www.miller-post.example/a"), flatten(parser.body)
    last = max(block.index for block in layout.blocks if block.text.startswith("The council"))
    return authors_of(parser, meta, layout, near=title_of(meta, layout).block, last=last, site=None)


@pytest.mark.parametrize(
    "line",
    [
        '<div class="meta"><span class="meta-author">Ann Miller</span><span>4 May 2024</span></div>',
        '<div class="x1"><span data-testid="author-name">Ann Miller</span><span>4 May 2024</span></div>',
        '<div class="Story_meta__6"><span class="Story_by__7">Ann Miller</span><span> · </span><span>4 May 2024</span></div>',
        '<div class="byline-wrapper"><div><a href="/@ann">Ann Miller</a></div><div>May 4, 2024</div></div>',
        '<div data-testid="byline-block"><div><div>Ann Miller</div><div>Senior writer</div></div></div>',
        '<div class="byline"><p>Ann Miller</p><p>ann.miller@miller-post.example</p></div>',
        WRITERS,
        '<div class="info">Ann Miller<br>4 May 2024</div>',
        '<div class="info">Ann Miller • 4 May 2024 • 3 min read</div>',
        '<p class="source">Ann Miller - The Harbour - 04.05.2024</p>',
        "<ul><li>4 May 2024</li><li>Ann Miller</li></ul>",
        "<div><p>Ann Miller</p><p>Political correspondent</p></div>",
        '<p class="firma">Ann Miller / Millbridge</p>',
        '<div>Submitted by <span class="username">Ann Miller</span> on <span>Sat, 04/05/2024 - 19:04</span></div>',
        "<b>The wheel stays</b><br><i>By Ann Miller</i>",
    ],
)
def test_a_name_is_found_by_its_mark_its_box_or_its_day(line):
    assert authors(line) == ("Ann Miller",)


@pytest.mark.parametrize(
    "line",
    [
        '<div class="info">Regional News | 4 May 2024</div>',
        '<div class="info">Champions League · 4 May 2024</div>',
        '<div class="info">Middle East · 4 May 2024</div>',
        '<div class="info">Real Estate · 4 May 2024</div>',
        '<div class="info">Vie Quotidienne · 4 mai 2024</div>',
        '<div class="info">Share Article • 4 May 2024</div>',
        '<div class="info">Zuletzt Aktualisiert • 4. Mai 2024</div>',
        '<div class="info">New Delhi | 4 May 2024</div>',
        '<div class="tags"><a href="/tag/bo-carter">Bo Carter</a></div><time>4 May 2024</time>',
        '<figure><img src="x.jpg"><figcaption>Bo Carter</figcaption></figure><time>4 May 2024</time>',
        "<p>Bo Carter</p>",
    ],
)
def test_sections_buttons_places_and_pictured_people_are_no_authors(line):
    assert authors(line) == ()


def test_what_the_pages_ways_lead_to_is_no_author():
    line = '<div class="info">Miller Valley · 4 May 2024</div>'
    assert authors(line, top='<nav><a href="/miller-valley">Miller Valley</a></nav>') == ()


@pytest.mark.parametrize(
    ("end", "names"),
    [
        ("<p>By Ann Miller</p>", ("Ann Miller",)),
        ("<p><em>Ann Miller is professor of law at the university of Millbridge.</em></p>", ("Ann Miller",)),
        ("<p><em>Ann Miller ist Redakteurin in Mühlbrück.</em></p>", ("Ann Miller",)),
        ("<p>Bo Carter is the owner of the mill.</p>", ()),
        ("<p><em>This article is part of a series on mills.</em></p>", ()),
        ("<p>Von Anfang an</p>", ()),
    ],
)
def test_below_a_text_it_says_who_wrote_it(end, names):
    assert authors("", end) == names


@pytest.mark.parametrize(
    ("end", "names"),
    [
        ('<div class="author-bio"><h3>Ann Carter</h3><p>Ann Carter has written of mills since 2009.</p></div>', ("Ann Carter",)),
        ('<div class="blog_author-wrapper"><div class="blog_author-text"><div class="bold">Ann Carter</div></div></div>', ("Ann Carter",)),
        ('<div class="author-box related"><h3>Ann Carter</h3></div>', ()),
        ('<div class="author-box"><h3>More stories</h3></div>', ()),
        ('<div class="cookies"><h3>Necessary Cookies</h3><p>Necessary Cookies are set by this page.</p></div>', ()),
    ],
)  # fmt: skip
def test_a_box_below_the_text_that_is_named_for_authors_has_its_author_s_name(end, names):
    assert authors("", end) == names
