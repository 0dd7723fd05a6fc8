"""What a page says of its use, from header, metadata, links and JSON-LD."""

from __future__ import annotations

from datetime import UTC, datetime

from selectolax.lexbor import LexborHTMLParser

from crawler.model.page import Page
from crawler.parse.fields.metadata import gather
from crawler.parse.fields.rights import rights_of


def rights(head: str = "", *headers: tuple[str, str]) -> list[tuple[str, str]]:
    page = Page(
        url="https://news.example/a", captured_at=datetime(2026, 1, 2, tzinfo=UTC), body=b"<p>", headers=headers
    )
    html = f"<html><head>{head}</head><body></body></html>"
    return [(signal.source, signal.value) for signal in rights_of(page, gather(LexborHTMLParser(html), page.url))]


def test_a_page_that_says_nothing_has_none() -> None:
    assert rights('<meta name="robots" content="index, follow, max-image-preview:large">') == []


def test_restrictions_of_the_header_keep_the_robot_they_are_for() -> None:
    assert rights("", ("x-robots-tag", "noarchive, examplebot: noindex, nofollow")) == [
        ("x-robots-tag", "noarchive"),
        ("x-robots-tag:examplebot", "noindex"),
        ("x-robots-tag:examplebot", "nofollow"),
    ]


def test_meta_tags_for_all_robots_and_for_one_are_read() -> None:
    head = '<meta name="robots" content="NOARCHIVE,noai"><meta name="googlebot-news" content="noindex">'
    assert rights(head) == [
        ("meta:robots", "noarchive"),
        ("meta:robots", "noai"),
        ("meta:googlebot-news", "noindex"),
    ]


def test_the_reservation_of_text_and_data_mining_is_read_from_header_and_meta() -> None:
    head = '<meta name="tdm-reservation" content="1"><meta name="tdm-policy" content="https://news.example/tdm.json">'
    assert rights(head, ("tdm-reservation", "1")) == [
        ("header:tdm-reservation", "1"),
        ("meta:tdm-reservation", "1"),
        ("meta:tdm-policy", "https://news.example/tdm.json"),
    ]


def test_licences_are_read_from_links_and_json_ld_once() -> None:
    licence = "https://creativecommons.org/licenses/by/4.0/"
    head = (
        f'<link rel="license" href="{licence}"><link rel="license" href="{licence}">'
        '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "x", '
        f'"license": "{licence}", "copyrightNotice": "The Example"}}</script>'
    )
    assert rights(head) == [
        ("link:license", licence),
        ("json-ld:license", licence),
        ("json-ld:copyrightNotice", "The Example"),
    ]
