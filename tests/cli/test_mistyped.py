"""What is mistyped is told, whichever command it is: one clear line, a code that tells, and nothing is said to be
well."""

from __future__ import annotations

import json

import pytest

from tests.web import page, rss

SITE = (
    'title = "A"\ncountry = "gb"\nlanguages = ["en"]\nhome = "https://a.example/"\nfeeds = ["https://a.example/rss"]\n'
)
WORDS = {
    "html": "<!doctype html><title>Bridge</title><article><h1>The bridge</h1>"
    + "<p>The old bridge over the river was closed on Monday for repairs, said the council.</p>" * 4
    + "</article>",
}


@pytest.fixture
def followed(warraq, tmp_path, web, seed):
    """A folder in which one site was crawled."""
    seed("paper", web, feeds=["/feed"])
    web.pages["/feed"] = rss(web.base, ["/news/one"])
    web.pages["/news/one"] = page("One")
    assert warraq("crawl", "paper").code == 0
    return warraq


def test_a_site_that_is_none_is_named_whoever_is_asked_for_it(followed):
    for command in (
        ("report", "coverage"), ("report", "edits"), ("report", "syndication"), ("report", "dedup"), ("retry",),
        ("articles",), ("articles", "--json"), ("search", "bridge"), ("runs",), ("replay",),
    ):  # fmt: skip
        ran = followed(*command, "--site", "papr")
        assert ran.code == (4 if command[0] in ("articles", "search") else 1), (command, ran)
        assert "there is no site named 'papr'; did you mean paper?" in ran.err, command
        assert "Traceback" not in ran.err
    for command in (("export", "bridges"), ("wacz", "bridges.wacz")):
        ran = followed(*command, "--site", "papr")
        assert (ran.code, ran.out) == (2, ""), command
        assert "there is no site named 'papr'; did you mean paper?" in ran.err, command
    for command in (("report", "coverage"), ("report", "edits"), ("report", "dedup"), ("articles",), ("runs",)):
        assert followed(*command, "--site", "paper").code == 0, command


@pytest.mark.parametrize(
    "words",
    [("report", "coverage"), ("report", "edits"), ("report", "syndication"), ("report", "dedup"), ("articles",)],
)
@pytest.mark.parametrize("span", [("--from", "2025", "--to", "2024"), ("--from", "9000", "--to", "8000")])
def test_a_span_that_holds_nothing_is_a_mistake(warraq, words, span):
    ran = warraq(*words, *span)
    assert (ran.code, ran.out) == (2, "")
    assert "nothing lies between" in ran.err


@pytest.mark.parametrize("url", ["ftp://store.example/x", "s3:bucket", "s3://", "data", "file:", "file:afile"])
@pytest.mark.parametrize(
    "words",
    [("crawl", "paper"), ("articles",), ("verify",), ("daemon",), ("demo",), ("replay",), ("takedown",), ("rebuild",)],
    ids=lambda words: words[0],
)
def test_a_store_that_is_none_is_a_mistake_of_who_named_it(warraq, tmp_path, words, url):
    (tmp_path / "afile").touch()
    (tmp_path / "seeds" / "paper.toml").write_text(SITE)
    (tmp_path / "config" / "warraq.toml").write_text('[fetch]\ncontact = "me@library.example"\n')
    ran = warraq(*words, "--store", url)
    assert (ran.code, ran.out) == (2, ""), ran.err
    assert url.removeprefix("file:") in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    "words", [("runs", "--limit", "0"), ("runs", "--limit", "-1"), ("alarms", "--limit", "-1"), ("manifest", "--day",
    "9000")]
)  # fmt: skip
def test_a_number_or_a_day_that_cannot_be_is_a_mistake(warraq, words):
    ran = warraq(*words)
    assert (ran.code, ran.out) == (2, "")


def test_a_page_without_an_article_is_no_success(warraq, tmp_path):
    (tmp_path / "page.html").write_text("<p>hi")
    for form in ("text", "markdown", "json"):
        ran = warraq("parse", "page.html", "--url", "https://a.example/x", "--format", form)
        assert ran.code == 1
        assert ran.err == "warraq: page.html: no article was found on the page\n"


def test_an_address_of_a_page_is_one(warraq, tmp_path):
    (tmp_path / "page.html").write_text(WORDS["html"])
    assert warraq("parse", "page.html", "--url", "foo").code == 2
    assert warraq("parse", "page.html", "--url", "https://a.example/x").code == 0


def test_lines_of_which_none_gives_an_article_are_no_success(warraq, tmp_path):
    (tmp_path / "page.html").write_text(WORDS["html"])
    right = json.dumps({"id": 1, "url": "https://a.example/x", "html_path": "page.html"})
    for lines, code, said in (
        ("", 1, "there is no line"),
        ("nonsense\n", 1, "none of the lines gave an article"),
        (f"nonsense\n{right}\n", 0, ""),
    ):
        (tmp_path / "lines.jsonl").write_text(lines)
        ran = warraq("parse", "--jsonl", "lines.jsonl")
        assert (ran.code, said in ran.err) == (code, True), ran


@pytest.mark.parametrize("command", [("replay",), ("articles",), ("export", "bridges")])
def test_two_choices_of_a_page_s_captures_exclude_each_other(warraq, command):
    ran = warraq(*command, "--latest", "--first")
    assert (ran.code, ran.out) == (2, "")
    assert "--latest and --first exclude each other" in ran.err
