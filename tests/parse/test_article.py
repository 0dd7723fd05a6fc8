"""Saved pages, each with the record it must give; and what holds for every page."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import msgspec
import pytest

from crawler.errors import ParseError
from crawler.model.article import to_record
from crawler.model.page import Page
from crawler.model.site import ParserRules
from crawler.parse.article import parse_article
from crawler.parse.version import PARSER_VERSION

HERE = Path(__file__).parent
CAPTURED = datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)
PAGES = sorted(path.stem for path in (HERE / "pages").glob("*.html"))
"""Each a page, ``NAME.html``, and the record it must give, ``NAME.json``."""
VOLATILE = ("id", "fingerprint", "parser_version", "text", "date_candidates", "revision_of")


def page_of(html: str | bytes, **more: object) -> Page:
    body = html.encode() if isinstance(html, str) else html
    return Page(url="https://news.example/2024/a", captured_at=CAPTURED, body=body, **more)


def article_html(inner: str, head: str = "") -> str:
    prose = "".join(f"<p>{line}</p>" for line in PROSE)
    return (
        f"<html><head>{head}</head><body><article><h1>A headline of the page</h1>{prose}{inner}</article></body></html>"
    )


PROSE = [
    "The council met on Monday evening to decide about the old mill, and it took them until after midnight to agree.",
    "Nobody had expected such a long debate, said the chair, who had prepared for an hour and brought one sandwich.",
    "In the end they voted for a compromise: the wheel stays, the roof is repaired, and the café opens in the spring.",
]


def expected_of(name: str) -> dict[str, object]:
    return json.loads((HERE / "pages" / f"{name}.json").read_text(encoding="utf-8"))


@cache
def record_of(name: str) -> dict[str, object]:
    body = (HERE / "pages" / f"{name}.html").read_bytes()
    article = parse_article(Page(url=f"https://news.example/{name}", captured_at=CAPTURED, body=body))
    return json.loads(msgspec.json.encode(to_record(article)))


@pytest.mark.parametrize(("name", "field"), [(name, field) for name in PAGES for field in sorted(expected_of(name))])
def test_a_field_of_a_saved_page_is_the_expected_one(name, field):
    assert record_of(name)[field] == expected_of(name)[field]


@pytest.mark.parametrize("name", PAGES)
def test_the_record_of_a_saved_page_has_the_expected_fields(name):
    assert set(record_of(name)) - set(expected_of(name)) <= set(VOLATILE)


def test_the_reference_page_gives_the_reference_document_byte_for_byte():
    body = (HERE / "reference" / "page.html").read_bytes()
    page = Page(url="https://news.example/world/iran-russia/", captured_at=CAPTURED, body=body)
    text = parse_article(page, furniture="keep").text.encode()
    assert text == (HERE / "reference" / "article.txt").read_bytes()


def test_without_furniture_the_reference_page_loses_only_its_tail():
    body = (HERE / "reference" / "page.html").read_bytes()
    page = Page(url="https://news.example/world/iran-russia/", captured_at=CAPTURED, body=body)
    kept, dropped = parse_article(page, furniture="keep"), parse_article(page)
    assert dropped.tail is None
    assert kept.text == f"{dropped.text}\n\n{kept.tail}"


def test_the_same_page_gives_the_same_bytes_under_any_hash_seed_and_locale():
    code = (
        "import sys,msgspec;from datetime import datetime,UTC;from crawler.model.page import Page;"
        "from crawler.model.article import to_record;from crawler.parse.article import parse_article;"
        "p=Page(url='https://news.example/x',captured_at=datetime(2025,1,2,tzinfo=UTC),body=open(sys.argv[1],'rb').read());"
        "sys.stdout.buffer.write(msgspec.json.encode(to_record(parse_article(p))))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code, str(HERE / "pages" / "en_related.html")],
            env={**os.environ, "PYTHONHASHSEED": seed, "LC_ALL": locale, "TZ": zone},
            capture_output=True,
            check=True,
        ).stdout
        for seed, locale, zone in (("1", "C", "UTC"), ("2", "tr_TR.UTF-8", "Asia/Tehran"))
    }
    assert len(outputs) == 1


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (page_of(b" \r\n"), "empty_body"),
        (page_of(b"%PDF-1.7 ..."), "not_html"),
        (page_of(b'{"a": 1}', headers=(("content-type", "application/json"),)), "not_html"),
        (page_of(b"\x89PNG\r\n\x1a\n" + b"\0" * 99, headers=(("content-type", "text/html"),)), "not_html"),
    ],
)
def test_what_is_not_a_page_is_refused_with_its_reason(page, reason):
    with pytest.raises(ParseError) as caught:
        parse_article(page)
    assert caught.value.reason == reason


def test_a_script_only_page_is_an_article_without_body_that_says_so():
    html = "<html><head><title>App</title></head><body><div id=root></div><script src=a.js></script><script>1</script></body></html>"
    article = parse_article(page_of(html))
    assert (article.body, article.access) == ("", "needs_javascript")


def test_rules_override_what_is_found_on_the_days_they_hold():
    html = article_html(
        '<div class="x">Not by the parser alone.</div><p class="cut">Cut this paragraph out of every article, please.</p>'
    )
    rules = (
        ParserRules(valid_until=date(2024, 12, 31), title=".x"),
        ParserRules(valid_from=date(2025, 1, 1), body="article", remove=(".cut",), authors=".x", labels="h1"),
    )
    article = parse_article(page_of(html), rules=rules)
    assert article.title == "A headline of the page"
    assert article.authors == ("Not by the parser alone",)
    assert article.body.endswith("Not by the parser alone.")
    assert "Cut this" not in article.body
    assert article.rules_version is not None
    assert parse_article(page_of(html)).rules_version is None


def test_a_rule_whose_body_is_missing_is_flagged_and_the_parser_decides():
    article = parse_article(page_of(article_html("")), rules=(ParserRules(body=".gone"),))
    assert "rules_body_missing" in article.flags
    assert PROSE[0] in article.body


def test_a_rule_that_is_no_selector_is_an_error_that_names_it():
    with pytest.raises(ParseError, match=r"p\[\["):
        parse_article(page_of(article_html("")), rules=(ParserRules(remove=("p[[",)),))


def test_hidden_elements_are_not_text():
    article = parse_article(
        page_of(article_html('<p style="display:none">Nobody is meant to read this long hidden sentence here.</p>'))
    )
    assert "hidden sentence" not in article.text


def test_rights_in_force_are_collected_from_header_meta_and_json_ld():
    head = '<meta name="robots" content="noai, index"><meta name="tdm-reservation" content="1"><script type="application/ld+json">{"@type":"NewsArticle","headline":"A headline of the page","license":"https://l.example/"}</script>'
    article = parse_article(page_of(article_html("", head), headers=(("x-robots-tag", "otherbot: noarchive"),)))
    assert [(signal.source, signal.value) for signal in article.rights] == [
        ("x-robots-tag:otherbot", "noarchive"),
        ("meta:robots", "noai"),
        ("meta:tdm-reservation", "1"),
        ("json-ld:license", "https://l.example/"),
    ]


def test_a_date_after_the_capture_is_flagged_and_not_preferred():
    head = (
        '<meta property="article:published_time" content="2031-05-05T10:00:00Z"><meta name="date" content="2024-12-30">'
    )
    article = parse_article(page_of(article_html("", head)))
    assert article.published_at == "2024-12-30"
    assert [candidate.source for candidate in article.date_candidates][:2] == [
        "meta:article:published_time",
        "meta:date",
    ]


def test_an_article_knows_the_parser_that_made_it():
    article = parse_article(page_of(article_html("")))
    assert article.parser_version == PARSER_VERSION
    assert article.captured_at == "2025-01-02T03:04:05.000000Z"
    assert len(article.id) == len(article.fingerprint) == 16


@pytest.mark.parametrize(
    ("html", "status", "access"),
    [
        (
            "<html><title>Just a moment...</title><body><p>Checking your browser before accessing the site.</p></body></html>",
            403,
            "bot_wall",
        ),
        ("<html><title>Page not found</title><body><h1>404</h1><p>Sorry.</p></body></html>", 200, "soft404"),
        ("<html><title>News</title><body><p>Before you continue: accept cookies?</p></body></html>", 200, "consent"),
    ],
)
def test_walls_are_told_from_articles_with_evidence(html, status, access):
    article = parse_article(page_of(html, status=status))
    assert article.access == access
    assert article.access_evidence


@pytest.mark.parametrize(
    ("head", "keywords"),
    [
        ('<meta name="keywords" content="mill, wheel;flour">', ("mill", "wheel", "flour")),
        ('<meta name="keywords" content="طاحونة،عجلة">', ("طاحونة", "عجلة")),
        ('<meta property="article:tag" content="Mills, old">', ("Mills, old",)),
        ('<meta property="article:tag" content="mill"><meta property="article:tag" content="mill,wheel">', ("mill", "wheel")),
    ],
)  # fmt: skip
def test_keywords_are_parted_by_the_commas_of_any_script(head, keywords):
    assert parse_article(page_of(article_html("", head))).keywords == keywords
