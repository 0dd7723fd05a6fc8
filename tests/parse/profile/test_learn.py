"""What counts as recurring: different articles, in places of their own, often enough."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crawler.model.profile import PageSketch
from crawler.parse.article import parse_article, read_page
from crawler.parse.profile.apply import marks_of
from crawler.parse.profile.learn import Learner, Least
from tests.parse.gazette import AUTHORS, LETTER, SUPPORT, body_of, gazette_page
from tests.parse.profile.test_apply import AT, lesson_of, page_of, profile_of

BACKGROUND = (
    "The flood of 1998 took the lower bridge and eleven houses. It was the worst since the river was first measured, and "
    "the valley has argued about dams ever since, in three elections and one court case that is still open."
)


def told(pages, **least):
    return [found.excerpt for found in lesson_of(pages, Least(**least) if least else None).findings]


def said(text: str, found: list[str]) -> bool:
    return any(text.startswith(excerpt) for excerpt in found)


def with_paragraph(number: int, text: str, *, at: int = 1) -> str:
    anchor = f"<p>{body_of(number)[at]}</p>"
    return gazette_page(number, boilerplate=False).replace(anchor, f"{anchor}<p>{text}</p>")


def test_a_line_in_the_text_an_authors_life_and_rotating_teasers_are_found():
    lesson = lesson_of(map(gazette_page, range(30)))
    found = [one.excerpt for one in lesson.findings]
    assert all(said(text, found) for text in (LETTER, SUPPORT, *AUTHORS, "What else moved the valley"))
    assert any(one.kind == "place" and one.articles == 30 for one in lesson.findings)
    assert (lesson.articles, lesson.pages, lesson.enough) == (30, 30, True)


def test_pages_without_recurring_blocks_teach_nothing():
    assert told(gazette_page(number, boilerplate=False) for number in range(30)) == []


def test_few_articles_teach_nothing():
    lesson = lesson_of(map(gazette_page, range(11)))
    assert (lesson.enough, lesson.findings) == (False, ())


def test_captures_of_one_url_count_once():
    learner = Learner()
    for minute in range(40):
        reading_page = page_of(gazette_page(1))
        reading = read_page(reading_page)
        learner.add(
            PageSketch(reading_page.url, AT + timedelta(minutes=minute), marks_of(reading.choice, reading.layout))
        )
    lesson = learner.lesson()
    assert lesson is not None
    assert (lesson.pages, lesson.until, lesson.findings) == (1, AT + timedelta(minutes=39), ())


def test_an_article_under_many_addresses_is_one_article():
    others = [gazette_page(number, boilerplate=False) for number in range(20)]
    copies = [
        with_paragraph(100, f"{word}: the council has met again.") for word in ("Now", "Here", "At ten", "Late", "On")
    ]
    lesson = lesson_of([*others, *copies])
    assert (lesson.pages, lesson.articles, lesson.findings) == (25, 21, ())


def test_background_that_some_articles_share_is_content():
    pages = [with_paragraph(n, BACKGROUND) if n < 5 else gazette_page(n, boilerplate=False) for n in range(40)]
    assert told(pages) == []
    pages = [with_paragraph(n, BACKGROUND) if n < 20 else gazette_page(n, boilerplate=False) for n in range(40)]
    assert told(pages) == []
    pages = [with_paragraph(n, BACKGROUND) if n < 28 else gazette_page(n, boilerplate=False) for n in range(40)]
    assert said(BACKGROUND, told(pages))


@pytest.mark.parametrize(
    "standing",
    [
        "No one was injured in the incident on the road.",
        "Police are asking witnesses to come forward with what they saw.",
        "The ministry did not respond to a request for comment on Tuesday.",
        "The verdict can be appealed within fourteen days of its delivery.",
        "“Sign up for our letter,” the editor said, and nobody in the hall did.",
    ],
)
@pytest.mark.parametrize("share", [8, 16, 32])
def test_what_newsrooms_write_again_and_again_among_their_own_sentences_stays(standing, share):
    pages = [
        with_paragraph(n, standing, at=n % 4) if n < share else gazette_page(n, boilerplate=False) for n in range(40)
    ]
    assert told(pages) == []


def test_a_call_among_an_articles_own_sentences_is_learned_from_fewer():
    call = "Subscribe to our morning letter and read the valley before it wakes."
    pages = [with_paragraph(n, call, at=n % 4) if n < 10 else gazette_page(n, boilerplate=False) for n in range(40)]
    assert said(call, told(pages))


def test_the_standfirst_of_a_series_is_content():
    lead = "In this series we walk the whole valley from the spring to the sea, one village and one day at a time."

    def page(number: int) -> str:
        html = gazette_page(number, boilerplate=False)
        return (
            html.replace('<div class="story__body">', f'<div class="story__body"><p>{lead}</p>')
            if number < 10
            else html
        )

    assert told(map(page, range(40))) == []


def test_standing_sub_headings_stay_with_what_is_under_them():
    def page(number: int) -> str:
        own = body_of(number)
        html = gazette_page(number)
        for heading, text in zip(("What happened", "What comes next"), (own[1], own[-1]), strict=True):
            html = html.replace(f"<p>{text}</p>", f"<h2>{heading}</h2><p>{text}</p>")
        return html

    lesson = lesson_of(map(page, range(30)))
    found = [one.excerpt for one in lesson.findings]
    assert not said("What happened", found)
    assert not said("What comes next", found)
    body = parse_article(page_of(page(31)), profile=profile_of(lesson)).body
    assert "What happened\n\n" in body
    assert "What else moved the valley" not in body


REPORTS = (
    "The valley index closed at {} points on the day, {} more than on the day before, as traders waited for the banks.",
    "The gauge at the old bridge stood at {} centimetres at noon, and the flood office expects {} by tomorrow evening.",
    "{} people have died on the roads of the valley since the beginning of the year, {} fewer than at the same time last year.",
    "Final score: Ferrow {}, Wendon {}. The return match will be played on the meadow behind the mill.",
)


def test_reports_whose_figures_change_are_news():
    for report in REPORTS:
        pages = [with_paragraph(n, report.format(n * 37 + 11, n % 9)) for n in range(40)]
        assert told(pages) == []
        profile = profile_of(
            lesson_of([gazette_page(n).replace("</p>", f"</p><p>{report.format(n, 7)}</p>", 1) for n in range(30)])
        )
        html = gazette_page(31).replace("</p>", f"</p><p>{report.format(31, 7)}</p>", 1)
        assert report.format(31, 7) in parse_article(page_of(html), profile=profile).body


def test_background_shared_by_reports_of_one_subject_is_content():
    def page(number: int) -> str:
        html = with_paragraph(number, BACKGROUND)
        return html.replace(
            "</h1>", f"</h1><p>The flood of last week cost the bridge another pillar, number {number}.</p>"
        )

    assert told([*map(page, range(20)), *(gazette_page(n, boilerplate=False) for n in range(20, 40))]) == []


def test_a_lesson_tells_what_it_would_have_cost():
    lesson = lesson_of(map(gazette_page, range(30)))
    assert (lesson.cost.articles, lesson.cost.blocks >= 90) == (30, True)
    assert 0.2 < lesson.cost.share < 0.8
    assert all(
        any(text.startswith(alone) for text in (body_of(n)[0] for n in range(-3, 1000))) for alone in lesson.cost.alone
    )
    assert lesson_of(gazette_page(number, boilerplate=False) for number in range(30)).cost.blocks == 0


def test_a_first_paragraph_that_others_show_as_a_teaser_stays():
    profile = profile_of(lesson_of(map(gazette_page, range(30))))
    assert body_of(15)[0] in parse_article(page_of(gazette_page(15)), profile=profile).body


def test_no_more_pages_than_asked_for_are_kept_and_the_latest_capture_counts():
    learner = Learner(most=2)
    early, late = AT, AT + timedelta(days=1)
    for url, at in (("a", early), ("b", early), ("c", late), ("a", late)):
        learner.add(PageSketch(url, at, ()))
    assert learner.full
    assert learner.knows("a", early)
    assert not learner.knows("a", late + timedelta(days=1))
    lesson = learner.lesson()
    assert lesson is not None
    assert (lesson.pages, lesson.until) == (2, late)


def test_no_pages_give_no_lesson():
    assert Learner().lesson() is None


def test_the_same_pages_in_any_order_teach_the_same():
    pages = list(map(gazette_page, range(20)))
    assert profile_of(lesson_of(pages)).texts == profile_of(lesson_of(reversed(pages))).texts


def test_a_profile_holds_from_a_midnight_that_is_far_enough():
    lesson = lesson_of(map(gazette_page, range(30)))
    evening = datetime(2026, 11, 23, 22, 30, tzinfo=UTC)
    near = lesson.profile("gazette", learned_at=evening, valid_after_s=3600)
    far = lesson.profile("gazette", learned_at=evening, valid_after_s=7200)
    assert near.valid_from == datetime(2026, 11, 24, tzinfo=UTC)
    assert far.valid_from == datetime(2026, 11, 25, tzinfo=UTC)
