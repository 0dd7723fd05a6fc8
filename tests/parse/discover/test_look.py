"""One look at an answer: what it is, what it lists, what stands in its place."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.parse.discover.look import Look, look

URL = "https://paper.example/x"
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
ITEM = "<item><title>{0}</title><link>https://paper.example/a/{0}</link><pubDate>{1}</pubDate></item>"


def seen(body: str, role: str = "feed", kind: str = "text/xml") -> Look:
    return look(body.encode(), url=URL, role=role, content_type=kind, now=NOW)  # type: ignore[arg-type]


def test_a_feed_is_told_with_its_newest_date_but_for_those_to_come() -> None:
    items = ITEM.format("one", "Sat, 28 Nov 2026 10:00:00 GMT") + ITEM.format("two", "Tue, 28 Nov 2028 10:00:00 GMT")
    found = seen(f"<rss><channel><title>P</title><language>de</language>{items}</channel></rss>")
    assert (found.kind, len(found.links), found.newest_at) == ("RSS", 2, "2026-11-28T10:00:00+00:00")
    assert (found.language, found.title, found.reason) == ("de", "P", None)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ('<feed xmlns="http://www.w3.org/2005/Atom"><entry><link href="/a"/></entry></feed>', "Atom"),
        ('{"version": "https://jsonfeed.org/version/1.1", "items": [{"url": "https://paper.example/a"}]}', "JSON Feed"),
        ("<urlset><url><loc>https://paper.example/a/b-c-d-e</loc></url></urlset>", "sitemap"),
        (
            (
                '<urlset xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>https://paper.example/a</loc>'
                "<news:news><news:title>A</news:title></news:news></url></urlset>"
            ),
            "news sitemap",
        ),
        ("<sitemapindex><sitemap><loc>https://paper.example/1.xml</loc></sitemap></sitemapindex>", "sitemap index"),
        ("https://paper.example/a/b-c-d-e\nhttps://paper.example/b/c-d-e-f\n", "list of addresses"),
    ],
)
@pytest.mark.parametrize("role", ["feed", "sitemap", "listing"])
def test_each_kind_is_known_whatever_it_was_declared_as(body: str, kind: str, role: str) -> None:
    found = seen(body, role)
    assert (found.kind, found.reason) == (kind, None)


@pytest.mark.parametrize(
    ("body", "role", "mime", "reason"),
    [
        ("", "feed", "text/xml", "empty_body"),
        ("<rss><channel></channel></rss>", "feed", "text/xml", "empty"),
        ("<urlset></urlset>", "sitemap", "text/xml", "empty"),
        ("<html><head><title>Paper</title></head><body><p>x</p></body></html>", "feed", "text/html", "page_instead"),
        ("<html><title>Attention Required! | Cloudflare</title></html>", "feed", "text/html", "bot_wall"),
        ('{"error": "gone"}', "feed", "application/json", "not_a_feed"),
        ("%PDF-1.4", "sitemap", "application/pdf", "not_a_sitemap"),
    ],
)
def test_what_is_wrong_is_named(body: str, role: str, mime: str, reason: str) -> None:
    assert seen(body, role, mime).reason == reason


def test_a_page_in_place_of_a_feed_tells_which_feeds_it_names() -> None:
    found = seen(
        '<html><head><link rel="alternate" type="application/rss+xml" href="/new.rss"></head><body>x</body></html>'
    )
    assert found.detail == "the page names https://paper.example/new.rss"
