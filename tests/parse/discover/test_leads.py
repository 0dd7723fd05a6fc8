"""What a page of an unknown site leads to: feeds, sections, its language and name."""

from __future__ import annotations

import pytest

from crawler.parse.discover.leads import leads_of, link_in_field

URL = "https://paper.example/"
PAGE = """<!doctype html><html lang="fr-CA"><head><title>Accueil</title><meta property="og:site_name" content="Le Papier">
<link rel="alternate" type="application/rss+xml" href="/all.rss">
<link rel="alternate" type="application/rss+xml" href="/comments/feed"></head><body>
<nav><a href="/sport">Sport</a><a href="/monde/europe">Europe</a><a href="/sport">Sport</a><a href="/tag/x">X</a>
<a href="https://shop.example/">Shop</a><a href="/login">Log in</a>
<a href="/2026/11/30/a-story-with-a-long-slug">A story in the menu</a></nav>
<div class="main-menu"><a href="/culture/">Culture</a></div>
<main><a href="/economy">Economy</a></main>
<footer><a href="/rss/sport.xml">RSS sport</a><a href="https://feeds.paper.example/top">Top</a><a href="/feed/">Feed</a>
<a href="/rss-help.html">Help with RSS</a><a href="/?feed=rss2">Old feed</a><a href="/comments/feed/">Comments</a>
<a href="https://elsewhere.example/rss.xml">Not ours</a><a href="/feedback">Feedback</a></footer></body></html>"""


def test_feeds_that_are_named_and_feeds_that_are_linked() -> None:
    leads = leads_of(PAGE.encode(), url=URL)
    assert leads.feeds == ("https://paper.example/all.rss",)
    assert leads.feed_links == (
        "https://paper.example/rss/sport.xml",
        "https://feeds.paper.example/top",
        "https://paper.example/feed/",
        "https://paper.example/?feed=rss2",
    )


def test_sections_are_what_the_menu_leads_to_and_no_stories() -> None:
    assert leads_of(PAGE.encode(), url=URL).sections == (
        "https://paper.example/sport",
        "https://paper.example/monde/europe",
        "https://paper.example/culture/",
    )


def test_a_page_says_its_language_and_its_name() -> None:
    leads = leads_of(PAGE.encode(), url=URL)
    assert (leads.language, leads.title) == ("fr-CA", "Le Papier")


def test_what_is_no_page_leads_nowhere() -> None:
    assert leads_of(b"\x00\xff{", url=URL).feeds == ()


@pytest.mark.parametrize(
    ("field", "target"),
    [
        ('</feed?page=2>; rel="next"', "https://quay.example/feed?page=2"),
        ('<https://hub.example/>; rel=hub, <2>; rel="last next"; title="a, <b>"', "https://quay.example/2"),
        ("</x>; REL=Next", "https://quay.example/x"),
        ('</feed?page=2>; rel="prev"', None),
        ('</feed?page=2>; title="rel=next"', None),
        ('<javascript:go()>; rel="next"', None),
        ('; rel="next"', None),
        ('</x>; rel=""', None),
        ("", None),
    ],
)
def test_a_field_says_where_a_channel_goes_on(field, target):
    assert link_in_field(field, "https://quay.example/feed", "next") == target


@pytest.mark.parametrize(
    ("href", "is_feed"),
    [
        ("/rssfeeds/12.cms", True), ("https://feeds.feedburner.com/NewsExample", True), ("/rss-feeds", True),
        ("https://rss.news.example/top", True), ("/atom.xml", True), ("/feed/", True), ("https://feeds.example/", False),
        ("/2026/05/atom-bomb-survivors-speak", False), ("/feed-the-world", False), ("/feeds/podcast", False),
    ],
)  # fmt: skip
def test_a_link_to_a_feed_is_known_by_its_address(href: str, is_feed: bool) -> None:
    leads = leads_of(f'<body><a href="{href}">Follow us</a></body>'.encode(), url="https://news.example/")
    assert bool(leads.feed_links) is is_feed


def test_a_relation_in_single_quotes_is_read() -> None:
    assert link_in_field("</p/2>; rel='next'", "https://news.example/p", "next") == "https://news.example/p/2"
