"""What a profile takes out of an article, and what it may not."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec

from crawler.model.page import Page
from crawler.model.profile import PageSketch, SiteProfile
from crawler.parse.article import parse_article, read_page
from crawler.parse.explain import explain
from crawler.parse.profile.apply import marks_of
from crawler.parse.profile.learn import Learner, Least, Lesson
from crawler.parse.rules import rules_version
from tests.parse.gazette import LETTER, body_of, gazette_page

AT = datetime(2026, 11, 23, tzinfo=UTC)


def page_of(html: str, url: str = "https://gazette.example/a") -> Page:
    return Page(url=url, captured_at=AT, body=html.encode())


def lesson_of(pages: Iterable[str], least: Least | None = None) -> Lesson:
    learner = Learner(least=least or Least())
    for number, html in enumerate(pages):
        page = page_of(html, f"https://gazette.example/{number}")
        reading = read_page(page)
        learner.add(PageSketch(page.url, AT, marks_of(reading.choice, reading.layout)))
    lesson = learner.lesson()
    assert lesson is not None
    return lesson


def profile_of(lesson: Lesson) -> SiteProfile:
    return lesson.profile("gazette", learned_at=AT, valid_after_s=0)


def test_what_recurs_in_the_articles_own_container_leaves_pages_never_seen_before():
    profile = profile_of(lesson_of(map(gazette_page, range(30))))
    for number in range(30, 40):
        article = parse_article(page_of(gazette_page(number)), profile=profile)
        assert article.body == "\n\n".join(body_of(number))
        assert article.rules_version == f"+{profile.version}"
        assert any(flag.startswith("profile_removed:") for flag in article.flags)
        assert LETTER in parse_article(page_of(gazette_page(number))).body


def test_without_a_profile_and_with_one_that_knows_nothing_of_the_page_articles_are_equal():
    profile = profile_of(lesson_of(map(gazette_page, range(30))))
    html = gazette_page(50, boilerplate=False)
    bare, with_one = parse_article(page_of(html)), parse_article(page_of(html), profile=profile)
    assert msgspec.structs.replace(with_one, rules_version=None) == bare


def test_a_page_of_which_most_would_go_is_left_alone_and_flagged():
    profile = profile_of(lesson_of(map(gazette_page, range(30))))
    html = gazette_page(60)
    for paragraph in body_of(60):
        html = html.replace(f"<p>{paragraph}</p>", "")
    bare, refused = parse_article(page_of(html)), parse_article(page_of(html), profile=profile)
    assert refused.body == bare.body
    assert "profile_not_applied" in refused.flags


def test_what_the_page_gives_as_its_own_description_stays():
    profile = profile_of(lesson_of(map(gazette_page, range(30))))
    html = gazette_page(31).replace("</title>", f'</title><meta name="description" content="{LETTER}">')
    assert LETTER in parse_article(page_of(html), profile=profile).body


def test_the_same_words_in_another_place_are_not_furniture():
    profile = profile_of(lesson_of(map(gazette_page, range(30))))
    html = gazette_page(31).replace(
        '<div class="story__body">', f'<div class="story__opening"><p>{LETTER}</p></div><div>'
    )
    assert LETTER in parse_article(page_of(html), profile=profile).body


def test_rules_version_names_rules_and_profile():
    profile = profile_of(lesson_of(map(gazette_page, range(30))))
    assert rules_version(None) is None
    assert rules_version(None, profile) == f"+{profile.version}"


def test_an_explanation_tells_what_the_profile_dropped():
    profile = profile_of(lesson_of(map(gazette_page, range(30))))
    told = explain(page_of(gazette_page(31)), profile=profile)
    (letter,) = (block for block in told.blocks if block.text == LETTER)
    assert (letter.kept, letter.reason) == (False, "recurs on this site's pages")


def test_a_page_of_a_hundred_thousand_blocks_leaves_a_small_sketch():
    lines = "".join(f"<p>{random.Random(n).random()} of all the people there agreed.</p>" for n in range(3000))
    reading = read_page(page_of(f"<html><body><article><h1>Many</h1>{lines}</article></body></html>"))
    assert len(marks_of(reading.choice, reading.layout)) <= 400
