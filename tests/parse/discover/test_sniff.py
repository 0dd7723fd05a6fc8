"""Telling feed, sitemap, section page and article apart by their bytes."""

from __future__ import annotations

import gzip

import pytest

from crawler.parse.discover.sniff import is_article_page, is_html, sniff

TEXT = (
    "The council met on Tuesday evening and voted for the new bridge after four hours of debate in the town hall. " * 2
)
ARTICLE = f"<!doctype html><html><head><title>Bridge</title></head><body><h1>Bridge</h1><p>{TEXT}</p><p>{TEXT}</p><p>{TEXT}</p></body></html>"
TEASERS = "".join(
    f'<article><h2><a href="/2026/11/10/story-number-{n}">Headline number {n} of the day is this one</a></h2><p>{TEXT}</p></article>'
    for n in range(6)
)
SECTION = f"<!doctype html><html><head><title>World</title></head><body><h1>World</h1>{TEASERS}</body></html>"


@pytest.mark.parametrize(
    ("body", "url", "kind"),
    [
        ("<rss><channel/></rss>", "https://n.example/x", "feed"),
        ('<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"/>', "https://n.example/x", "feed"),
        ('<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>', "https://n.example/x", "feed"),
        ('{"version": "https://jsonfeed.org/version/1.1", "items": []}', "https://n.example/x", "feed"),
        (')]}\'\n{"version": "https://jsonfeed.org/version/1", "items": []}', "https://n.example/x", "feed"),
        ('[{"id": 7, "date_gmt": "2026-11-10T08:00:00"}]', "https://n.example/x", "feed"),
        ('[{"name": 7}]', "https://n.example/x", "other"),
        ("# ours\nhttps://n.example/a\r\n", "https://n.example/x", "sitemap"),
        ("\n<urlset/>", "https://n.example/x", "sitemap"),
        ("<sitemapindex/>", "https://n.example/x", "sitemap"),
        ("https://n.example/a\nhttps://n.example/b\n", "https://n.example/x", "sitemap"),
        (ARTICLE, "https://n.example/2026/11/10/bridge", "article"),
        (ARTICLE, "https://n.example/bridge", "article"),
        (SECTION, "https://n.example/", "listing"),
        (SECTION, "https://n.example/world/", "listing"),
        (SECTION, "https://n.example/category/world", "listing"),
        (
            "<html><body><h1>Hi</h1></body></html>",
            "https://n.example/x",
            "article",
        ),  # what is missing is told by its parser
        (
            "\ufeff <!-- ours --><!DOCTYPE html>\n<!-- more --><HTML lang=en><body><rss/></body></html>",
            "https://n.example/x",
            "article",
        ),
        ("<!doctype html><!-- not html --><rss><channel/></rss>", "https://n.example/x", "feed"),
        ("<!-- <feed/> --><html></html>", "https://n.example/x", "feed"),  # as its reader takes it
        ('{"a": 1}', "https://n.example/x", "other"),
        ("plain text", "https://n.example/x", "other"),
        ("", "https://n.example/x", "other"),
    ],
)
def test_a_target_is_known_by_its_bytes(body: str, url: str, kind: str) -> None:
    assert sniff(body.encode(), url=url) == kind


def test_a_gzip_sitemap_is_known_whatever_its_type_says() -> None:
    assert sniff(gzip.compress(b"<urlset/>"), content_type="application/x-gzip", url="https://n.example/s") == "sitemap"


def test_a_feed_served_as_html_is_a_feed() -> None:
    assert sniff(b"<rss><channel/></rss>", content_type="text/html", url="https://n.example/x") == "feed"


@pytest.mark.parametrize(
    "claim",
    [
        '<meta property="og:type" content="article">',
        '<script type="application/ld+json">{"@context":"https://schema.org","@type":"NewsArticle"}</script>',
        '<meta property="article:published_time" content="2026-11-10">',
    ],
)
def test_an_article_with_many_links_around_it_is_still_one(claim: str) -> None:
    body = ARTICLE.replace("</title>", f"</title>{claim}").replace("</body>", f"<aside>{TEASERS}</aside></body>")
    assert (
        sniff(body.encode(), content_type="text/html", url="https://n.example/politics/the-new-bridge-1234567")
        == "article"
    )


def test_a_home_page_that_claims_to_be_an_article_is_a_listing() -> None:
    body = SECTION.replace("</title>", '</title><meta property="og:type" content="article">')
    assert sniff(body.encode(), content_type="text/html", url="https://n.example/") == "listing"


def test_a_page_in_divs_without_paragraphs_is_an_article() -> None:
    body = f"<html><body><h1>Bridge</h1><div>{TEXT}<br>{TEXT}<br>{TEXT}</div></body></html>"
    assert sniff(body.encode(), url="https://n.example/bridge") == "article"


def test_the_declared_charset_does_not_decide() -> None:
    for content_type in ("text/html", "text/html; charset=utf-8", "text/html; charset=windows-1256"):
        assert sniff(ARTICLE.encode(), content_type=content_type, url="https://n.example/bridge") == "article"


@pytest.mark.parametrize(
    ("mime", "body", "expected"),
    [
        ("text/html", b"", True),
        ("application/xhtml+xml", b"", True),
        ("unk", b"<!DOCTYPE html><p>x", True),
        ("text/plain", b"\n<html><body>", True),
        ("text/plain", b"words", False),
        ("application/pdf", b"<html>", False),
        ("image/png", b"<html>", False),
    ],
)
def test_html_is_known_by_type_or_where_that_is_vague_by_its_beginning(mime: str, body: bytes, expected: bool) -> None:
    assert is_html(mime, body) is expected


def _never() -> bytes:
    raise AssertionError("the body must not be asked for")


def test_pages_fetched_as_articles_are_decided_without_their_body() -> None:
    facts = {"url": "https://n.example/a", "body": _never}
    assert is_article_page(role="article", status=200, mime="text/html", **facts)
    assert not is_article_page(role="article", status=404, mime="text/html", **facts)
    assert not is_article_page(role="article", status=200, mime="application/pdf", **facts)
    assert not is_article_page(role="feed", status=200, mime="text/html", **facts)
    assert not is_article_page(role="listing", status=200, mime="text/html", **facts)
    assert not is_article_page(role="probe", status=200, mime="image/png", **facts)


def test_probes_are_decided_by_what_they_turn_out_to_be() -> None:
    for body, expected in ((ARTICLE, True), (SECTION, False), ("<rss/>", False)):
        assert (
            is_article_page(role="probe", status=200, mime="text/html", url="https://n.example/x/", body=body.encode)
            is expected
        )
    assert is_article_page(role="article", status=200, mime="unk", url="https://n.example/x", body=ARTICLE.encode)


LINKS = "".join(f'<a href="/help/{n}">Help with item {n}</a>' for n in range(4))


@pytest.mark.parametrize(
    "page",
    [
        f"<title>Just a moment...</title><h1>Just a moment...</h1><p>Checking your browser.</p>{LINKS}",
        f"<title>Sign in | The Paper</title><form><input type=text name=u><input type='PASSWORD' name=p></form>{LINKS}",
        f"<title>Page not found</title><h1>Page not found</h1>{LINKS}",
        f"<title>Before you continue</title><p>We and our partners use cookies</p>{LINKS}",
        "<title>App</title><div id=root></div><noscript>You need to enable JavaScript to run this app.</noscript>",
    ],
)
def test_what_stands_in_a_pages_place_is_no_section_page(page):
    assert sniff(page.encode(), content_type="text/html", url="https://n.example/x") == "article"


def test_a_section_page_with_a_form_to_log_in_is_a_section_page():
    links = "".join(
        f'<a href="/2026/11/0{n}/council-votes-on-bridge-{n}">The council votes on bridge {n}</a>' for n in range(1, 10)
    )
    page = f"<title>The Paper</title><form><input type=password></form>{links}"
    assert sniff(page.encode(), content_type="text/html", url="https://n.example/news") == "listing"
