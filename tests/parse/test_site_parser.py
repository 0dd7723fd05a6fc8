"""A site's own parser in code: dated, pure, told of in the article's version, and no harm to others when it fails."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from crawler.errors import ParseError
from crawler.model.page import Page
from crawler.model.site import ParserRules
from crawler.parse import site_parser
from crawler.parse.article import parse_article
from crawler.parse.explain import explain
from crawler.parse.rules import rules_version
from crawler.parse.site_parser import plain_page

SHELL = b"<!doctype html><html><head><title>App</title></head><body><div id='app'>Loading...</div></body></html>"
PARAGRAPHS = ("The ferry sails again from Monday, and so on & so forth.",) * 4


def page(day: int = 5) -> Page:
    return Page(url="https://harbour.example/1", captured_at=datetime(2026, 6, day, tzinfo=UTC), body=SHELL)


def told(found: Page) -> Page:
    return plain_page(
        found, title="Ferry <returns>", paragraphs=PARAGRAPHS, authors=("Ada Quay",),
        published_at="2026-06-04T10:00:00+02:00", language="en",
    )  # fmt: skip


def failing(found: Page) -> Page:
    raise KeyError("story")


def odd(found: Page) -> str:
    return "a string"


NOT_A_FUNCTION = 7


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the functions of this file be found by name, however the test runner imported it."""
    known = {name: globals()[name] for name in ("told", "failing", "odd", "NOT_A_FUNCTION")}
    real = site_parser.resolve_name
    monkeypatch.setattr(site_parser, "resolve_name", lambda name: known.get(name.removeprefix("mine.")) or real(name))
    site_parser.load_site_parser.cache_clear()
    site_parser.code_digest.cache_clear()


def test_the_article_is_what_the_sites_parser_says():
    article = parse_article(page(), rules=(ParserRules(parser="mine.told"),))
    assert article.title == "Ferry <returns>"
    assert article.body.count("so on & so forth") == 4
    assert (article.authors, article.published_at, article.language) == (
        ("Ada Quay",), "2026-06-04T10:00:00+02:00", "en",
    )  # fmt: skip


def test_it_holds_for_captures_of_its_days_only():
    rules = (ParserRules(parser="mine.told", valid_from=date(2026, 6, 5)),)
    assert parse_article(page(5), rules=rules).title == "Ferry <returns>"
    assert parse_article(page(4), rules=rules).title != "Ferry <returns>"


def test_selectors_beside_it_apply_to_what_it_returns():
    rules = (ParserRules(parser="mine.told", remove=("p:first-of-type",)),)
    assert parse_article(page(), rules=rules).body.count("so on & so forth") == 3


def test_an_article_tells_which_code_made_it(monkeypatch: pytest.MonkeyPatch):
    plain, coded = ParserRules(), ParserRules(parser="mine.told")
    before = rules_version(coded)
    assert before != rules_version(plain)
    assert parse_article(page(), rules=(coded,)).rules_version == before
    monkeypatch.setattr("crawler.parse.rules.code_digest", lambda name: "another text")
    assert rules_version(coded) != before


def test_explaining_shows_what_it_returned():
    assert explain(page(), rules=(ParserRules(parser="mine.told"),)).title == "Ferry <returns>"


@pytest.mark.parametrize(
    ("name", "reason", "says"),
    [
        ("mine.failing", "site_parser", r"parser mine\.failing failed: KeyError: 'story'; mend it"),
        ("mine.odd", "site_parser", "it returned str, not a Page"),
        ("mine.NOT_A_FUNCTION", "bad_rules", "it is not a function"),
        ("no.such.module", "bad_rules", r"parser no\.such\.module cannot be loaded: ModuleNotFoundError"),
    ],
)
def test_one_that_fails_is_the_pages_reason_in_one_line(name: str, reason: str, says: str):
    with pytest.raises(ParseError, match=says) as failed:
        parse_article(page(), rules=(ParserRules(parser=name),))
    assert failed.value.reason == reason
    assert "\n" not in str(failed.value)
