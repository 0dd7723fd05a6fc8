"""What a page states of itself: addresses made absolute, and which of its JSON-LD is about it."""

from __future__ import annotations

import json
import re
from urllib.parse import urljoin

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from crawler.parse.fields.metadata import gather, urljoin_safe

BASE = "https://news.example/a/b?c"
ODD = st.text(st.sampled_from("ab./:;?#@[]&=%\\~-_!|é1 \t"), max_size=12)


@pytest.mark.parametrize(
    ("stated", "whole"),
    [
        (" https://news.example/x?y=1 ", "https://news.example/x?y=1"),
        ("https://news.example/x?", "https://news.example/x"),
        ("https://news.example/x?#", "https://news.example/x"),
        ("x?#y", "https://news.example/a/x#y"),
        ("x??", "https://news.example/a/x??"),
        ("?", BASE),
        ("#", BASE),
        ("../x", "https://news.example/x"),
        ("//other.example/x", "https://other.example/x"),
        ("https://[bad/x", "https://[bad/x"),
    ],
)
def test_an_address_becomes_absolute_or_stays_as_it_is(stated, whole):
    assert urljoin_safe(BASE, stated) == whole


@given(st.sampled_from(["http://", "https://", "https:/", "HTTPS://", ""]), ODD)
def test_what_is_absolute_is_taken_as_joining_would_give_it(scheme, rest):
    stated = (scheme + rest).strip()
    assume(not re.search(r"\?(?:#|$)|#$", stated))  # empty parts, which some versions of Python keep
    try:
        joined = urljoin(BASE, stated)
    except ValueError:
        joined = stated
    assert urljoin_safe(BASE, stated) == joined


def gathered(head: str, body: str = "<h1>The wheel stays</h1>", url: str = "https://news.example/mill/wheel"):
    return gather(LexborHTMLParser(f"<html><head>{head}</head><body>{body}</body></html>"), url)


def linked(*nodes: object) -> str:
    return "".join(f'<script type="application/ld+json">{json.dumps(node)}</script>' for node in nodes)


OWN = {"@type": "NewsArticle", "headline": "The wheel stays", "url": "https://news.example/mill/wheel"}
OTHER = {"@type": "NewsArticle", "headline": "Ferries in winter", "url": "https://news.example/sea/ferry", "datePublished": "2024-01-02", "author": "Bo", "articleBody": "x"}  # fmt: skip


@pytest.mark.parametrize(
    "nodes",
    [
        [OWN, OTHER],
        [[OTHER, OWN]],
        [{"@graph": [OTHER, OWN]}],
        [{**OWN, "hasPart": [OTHER]}],
        [{**OWN, "liveBlogUpdate": [{**OTHER, "@type": "BlogPosting"}]}],
        [{"@type": "ItemList", "itemListElement": [{"@type": "ListItem", "item": {**OTHER, "url": ""}}]}, OWN],
        [OTHER, {**OWN, "url": "https://other.example/7"}],
        [OTHER, {"@type": "WebPage", "mainEntity": OWN}],
    ],
)
def test_the_page_s_article_is_told_from_those_of_others(nodes):
    assert gathered(linked(*nodes)).article["headline"] == "The wheel stays"


@pytest.mark.parametrize(
    "node", [OTHER, {"@type": "ItemList", "itemListElement": [{"item": {**OTHER, "url": None}}]}, {"@type": "Review", "itemReviewed": "x", "review": OTHER}]
)  # fmt: skip
def test_what_is_said_of_other_articles_alone_is_nothing_of_this_page(node):
    meta = gathered(linked(node))
    assert meta.article.get("headline") != "Ferries in winter"
    assert OTHER not in meta.own


@pytest.mark.parametrize(
    ("head", "base"),
    [
        ("", "https://news.example/mill/wheel"),
        ('<base href="/a/">', "https://news.example/a/"),
        ('<base target="_blank"><base href="../b/"><base href="/c/">', "https://news.example/b/"),
        ('<base href="https://cdn.example/x/">', "https://cdn.example/x/"),
        ('<base href="data:,x">', "https://news.example/mill/wheel"),
    ],
)
def test_relative_addresses_are_relative_to_the_first_base_with_an_address(head, base):
    meta = gathered(f'<link rel="canonical" href="wheel-2">{head}')
    assert meta.base == base
    assert meta.canonical == urljoin(base, "wheel-2")
