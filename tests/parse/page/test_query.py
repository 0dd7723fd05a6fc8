"""Selectors asked of whole pages: the walk over the tree finds what selectolax finds."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from crawler.parse.page.query import Query

PAGES = sorted((Path(__file__).parents[1] / "pages").glob("*.html"))
SELECTORS = (
    "meta,link,title,script[type],base[href],h1",
    "time,[itemprop=datePublished],[title].published,[pubdate]",
    "[itemprop~=author],[class*=author i],[class*=byline]",
    "p.a.b[title],div.x",
    "button,[itemtype*='Comment'],[role=\"feed\"]",
    "b[class]",
)
names = st.sampled_from(["class", "title", "itemprop", "itemtype", "role", "pubdate", "CLASS", "Type", "data-x"])
words = st.sampled_from(
    [*"ab \té", "author", "AUTHOR", "Published", "published", "byline", "Comment", "feed", "datePublished"]
)
values = st.lists(words, max_size=4).map("".join) | st.lists(words, max_size=3).map(" ".join)
attributes = st.lists(st.tuples(names, values | st.none()), max_size=3)
tags = st.sampled_from(
    ["p", "b", "time", "button", "div", "svg", "title", "template", "meta", "h1", "x-author", "noscript", "table"]
)
pieces = st.one_of(
    st.builds(
        lambda tag, given: (
            f"<{tag}{''.join(f' {k}' if v is None else f' {k}={chr(34)}{v}{chr(34)}' for k, v in given)}>"
        ),
        tags,
        attributes,
    ),
    tags.map(lambda tag: f"</{tag}>"),
    st.sampled_from(["text", "<!-- c -->", "<p class='a b' title=t>", "<P CLASS='A B' TITLE>"]),
)


def both(css: str, html: str) -> tuple[list[int], list[int]]:
    parser = LexborHTMLParser(html)
    return [node.mem_id for node in Query(css).find(parser)], [node.mem_id for node in parser.css(css)]


@pytest.mark.parametrize("css", SELECTORS)
@given(html=st.lists(pieces, max_size=14).map("".join), doctype=st.sampled_from(["", "<!doctype html>"]))
@example(html='<i title class="Published">', doctype="")
@example(html='<i title class="Published">', doctype="<!doctype html>")
@example(html="<p" + "".join(f" a{n}=b" for n in range(70)) + " class=author>", doctype="")
def test_a_walk_finds_what_a_selector_finds(css, html, doctype):
    found, selected = both(css, doctype + html)
    assert found == selected


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
@pytest.mark.parametrize("css", SELECTORS)
def test_so_it_does_in_whole_pages(css, page):
    found, selected = both(css, page.read_text())
    assert found == selected


def test_what_is_found_is_a_node_of_the_page():
    parser = LexborHTMLParser("<div><p class=byline>By <b>Ann Berg</b></p></div>")
    (node,) = Query(".byline").find(parser)
    assert (node.tag, node.text(), node.parent.tag, node.attributes) == ("p", "By Ann Berg", "div", {"class": "byline"})
    assert node.parser is parser
    (inner,) = Query("b").within(node)
    del parser, node
    assert inner.html == "<b>Ann Berg</b>"


def test_an_empty_page_has_none():
    assert Query("p").find(LexborHTMLParser("")) == []


@pytest.mark.parametrize("css", ["", "p,", "p > b", "a[href^=x]", "p:first-child", "#id", "*"])
def test_a_selector_that_a_walk_cannot_tell_is_refused(css):
    with pytest.raises(ValueError, match="selector"):
        Query(css)
