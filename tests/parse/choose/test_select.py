"""Which blocks of a page are its article: hidden rests, galleries, live entries, what follows the end."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.model.page import Page
from crawler.parse.article import parse_article
from crawler.parse.choose.features import measure
from crawler.parse.choose.select import verdicts
from crawler.parse.fields.metadata import gather
from crawler.parse.fields.title import title_of
from crawler.parse.page import tree
from crawler.parse.page.flatten import flatten

PROSE = (
    "The council met on Monday evening to decide about the old mill, and it took them until after midnight to agree.",
    "Nobody had expected such a long debate, said the chair, who had prepared for an hour and brought one sandwich.",
    "In the end they voted for a compromise: the wheel stays, the roof is repaired, and the café opens in the spring.",
    "Two members left before the vote, one because of the last bus and the other, as she put it, because of the wheel.",
    "The mill was built in 1841 and last ground corn in the year of the great flood, when the river took the lower dam.",
    "Its owner, a retired teacher, says that he will believe in the compromise when he sees the first carpenter arrive.",
)
OTHER = (
    "A ferry ran aground near the lighthouse on Tuesday, and all of its forty passengers walked ashore at low tide.",
    "The captain blamed a new chart on which the sandbank, known to every child of the village, had been forgotten.",
    "Divers will look at the hull on Thursday; until then the islanders have to take the long way round by the bridge.",
)


def body_of(html: str) -> str:
    page = Page(
        url="https://news.example/2024/a", captured_at=datetime(2025, 1, 2, tzinfo=UTC), body=html.encode(), status=200
    )
    return parse_article(page).body


def kept_texts(html: str, *, sure: int | list[int]) -> tuple[str, ...]:
    """Return what is kept if the learned judgement gave every block below the headline this chance, or these."""
    parser = tree.build(html.encode()).parser
    meta = gather(parser, "https://news.example/a")
    assert parser.body is not None
    layout = flatten(parser.body)
    title = title_of(meta, layout)
    measures = measure(layout, meta, title=title.text, title_block=title.block)
    below = sure if isinstance(sure, list) else [sure] * (len(layout.blocks) - 1)
    chances = [0, *below]
    reasons = verdicts(layout, measures, chances, title=title.text, title_block=title.block)
    return tuple(block.text for block, reason in zip(layout.blocks, reasons, strict=True) if not reason)


def paragraphs(lines: tuple[str, ...], attributes: str = "") -> str:
    return "".join(f"<p{attributes}>{line}</p>" for line in lines)


def page_of(inner: str, after: str = "") -> str:
    return f"<html><body><main><article><h1>The mill keeps its wheel</h1>{inner}</article>{after}</main></body></html>"


def test_the_rest_of_an_article_that_a_script_unfolds_is_kept():
    rest = f'<div style="display:none">{paragraphs(PROSE[3:])}</div>'
    assert body_of(page_of(paragraphs(PROSE[:3]) + rest)) == "\n\n".join(PROSE)


def test_a_hidden_paragraph_is_dropped():
    offer = '<p style="display:none">Nobody is meant to read this sentence unless a script asks for it to be shown.</p>'
    assert body_of(page_of(paragraphs(PROSE[:3]) + offer + paragraphs(PROSE[3:]))) == "\n\n".join(PROSE)


def test_paragraphs_are_kin_though_each_has_a_number_of_its_own():
    numbered = "".join(f'<p id="par{number}" class="c9f{number}a">{line}</p>' for number, line in enumerate(PROSE))
    assert body_of(page_of(numbered)) == "\n\n".join(PROSE)


@pytest.mark.parametrize(
    ("headings", "kept"),
    [
        (("The roof",), ()),
        (("The roof", "The lower dam"), ()),
        (("The wheel", "The roof", "The dam"), ("The wheel", "The roof", "The dam")),
    ],
)
def test_headings_at_the_end_are_dropped_unless_they_are_many_like_a_gallerys(headings, kept):
    inner = paragraphs(PROSE[:2]) + "".join(f"<h2>{heading}</h2><img src='a.jpg'>" for heading in headings)
    assert kept_texts(page_of(inner), sure=900) == (*PROSE[:2], *kept)


def test_on_a_page_that_is_doubtful_throughout_the_likeliest_blocks_are_the_article():
    html = page_of(paragraphs(PROSE))
    assert kept_texts(html, sure=400) == PROSE
    assert kept_texts(html, sure=190) == ()


def test_a_doubtful_block_far_from_all_surer_ones_is_dropped():
    stray = "Two members left before the vote because of the bus."
    html = page_of(paragraphs((*PROSE[:3], *OTHER, stray)))
    assert kept_texts(html, sure=[900, 900, 900, 30, 30, 30, 650]) == PROSE[:3]
    assert kept_texts(html, sure=[900, 900, 900, 30, 30, 30, 750]) == (*PROSE[:3], stray)


def test_a_doubtful_paragraph_named_like_several_is_kept_wherever_it_stands():
    html = page_of(paragraphs((*PROSE[:3], *OTHER, PROSE[3])))
    assert kept_texts(html, sure=[900, 900, 900, 30, 30, 30, 650]) == PROSE[:4]
    assert kept_texts(html, sure=[900, 900, 900, 650, 30, 30, 30]) == (*PROSE[:3], OTHER[0])


def test_the_next_article_on_the_same_page_is_not_this_one():
    following = f"<article class='next'><h1><a href='/b'>A ferry on the sand</a></h1>{paragraphs(OTHER)}</article>"
    assert body_of(page_of(paragraphs(PROSE), following)) == "\n\n".join(PROSE)


def test_comments_of_readers_are_not_the_article():
    comments = "".join(
        f"<li class='comment'><span class='comment-author'>Reader {number}</span>"
        f"<div class='comment-body'><p>{line}</p></div></li>"
        for number, line in enumerate(OTHER)
    )
    thread = f"<section id='comments'><h2>3 comments</h2><ol class='comment-list'>{comments}</ol></section>"
    assert body_of(page_of(paragraphs(PROSE), thread)) == "\n\n".join(PROSE)


@pytest.mark.parametrize("name", ["liveblog__entry", "x7q", "story-update"])
def test_the_entries_of_a_live_blog_are_its_text(name):
    entries = "".join(f"<div class='{name}'><div class='{name}-text'><p>{line}</p></div></div>" for line in PROSE)
    assert body_of(page_of(entries)) == "\n\n".join(PROSE)


@pytest.mark.parametrize("name", ["standfirst", "article-subtitle", "strapline", "article-excerpt"])
def test_a_doubtful_line_named_a_standfirst_right_below_the_headline_is_kept(name):
    lead = "The wheel of the old mill is to turn for ten more years"
    html = page_of(f"<p class={name}>{lead}</p>{paragraphs(PROSE)}")
    assert kept_texts(html, sure=[150, *[900] * len(PROSE)]) == (lead, *PROSE)
    assert kept_texts(html, sure=[20, *[900] * len(PROSE)]) == PROSE
    below = page_of(f"{paragraphs(PROSE)}{paragraphs(PROSE[:1])}<p class={name}>{lead}</p>")
    assert lead not in kept_texts(below, sure=[*[900] * (len(PROSE) + 1), 150])


def test_a_long_text_is_no_stray():
    long = " ".join(PROSE)
    html = page_of(
        f"<p>{PROSE[0]}</p><ul>{'<li><a href=/a>Other news of the day in Ferrow</a></li>' * 4}</ul><div class=x>{long}</div>"
    )
    assert long in kept_texts(html, sure=[950, 0, 0, 0, 0, 600])


def test_the_last_of_paragraphs_named_alike_is_one_of_them():
    last = "The council did not say when that will be."
    html = page_of(paragraphs((*PROSE, last), " class=par"))
    assert kept_texts(html, sure=[*[950] * len(PROSE), 400]) == (*PROSE, last)
    assert kept_texts(html, sure=[*[950] * len(PROSE), 300]) == PROSE


def test_a_doubtful_question_stays_with_its_answer():
    answer = "In March, if the barge comes in time."
    html = page_of(f"{paragraphs(PROSE)}<details><summary>When does it start?</summary><p>{answer}</p></details>")
    above = [900] * len(PROSE)
    assert kept_texts(html, sure=[*above, 400, 800]) == (*PROSE, "When does it start?", answer)
    assert kept_texts(html, sure=[*above, 400, 100]) == PROSE


def test_the_headline_once_more_is_no_standfirst():
    again = "<h1 class=lead>The mill keeps its wheel</h1>"
    assert kept_texts(page_of(again + paragraphs(PROSE)), sure=[180, *[900] * len(PROSE)]) == PROSE


@pytest.mark.parametrize(
    "opening", ["<div class=sr-only>", "<div style='opacity:0;height:0'>", "<div style='position:absolute;left:-9999px'>", "<div>"]
)  # fmt: skip
def test_a_text_that_stands_there_twice_is_given_once(opening):
    copy = f"{opening}{paragraphs(PROSE)}</div>"
    assert body_of(page_of(f"<div>{paragraphs(PROSE)}</div>{copy}")) == "\n\n".join(PROSE)


def test_a_hidden_panel_that_a_heading_opens_is_read():
    asked = "".join(
        f'<h3><button aria-expanded="false" aria-controls="p{n}">What of the mill, part {n}?</button></h3><div id="p{n}" hidden><p>{text}</p></div>'
        for n, text in enumerate(OTHER[:2])
    )
    body = body_of(page_of(paragraphs(PROSE) + f"<section class=faq>{asked}</section>"))
    assert all(text in body for text in (*OTHER[:2], "What of the mill, part 0?"))


LONG = " ".join(PROSE[:2])


def test_a_long_paragraph_said_again_in_the_same_manner_stays_though_it_was_doubted():
    html = page_of(paragraphs((LONG, *PROSE[2:4], LONG)))
    assert kept_texts(html, sure=[900, 900, 900, 200]) == (LONG, *PROSE[2:4], LONG)


def test_said_again_in_another_manner_it_leaves():
    html = page_of(paragraphs((LONG, *PROSE[2:5])) + f"<div class=teaser>{LONG}</div>")
    assert kept_texts(html, sure=900) == (LONG, *PROSE[2:5])


def test_a_text_that_stands_there_for_each_width_of_a_screen_is_given_once():
    text = paragraphs(PROSE[:5]) + "<h2>What comes next</h2>" + paragraphs(PROSE[5:])
    once = kept_texts(page_of(text), sure=900)
    thrice = "".join(f"<div class={width}>{text}</div>" for width in ("wide", "middle", "narrow"))
    assert kept_texts(page_of(f"<p>{OTHER[0]}</p>{thrice}<p>{OTHER[1]}</p>"), sure=900) == (OTHER[0], *once, OTHER[1])


def items(*inner: str) -> str:
    return "<ul>" + "".join(f"<li>{text}</li>" for text in inner) + "</ul>"


def test_an_item_that_is_but_a_link_stays_with_the_sentences_of_its_list():
    named = items(PROSE[2], '<a href="/wheel">The wheel itself</a>', PROSE[3])
    assert "The wheel itself" in kept_texts(page_of(paragraphs(PROSE[:2]) + named), sure=900)


@pytest.mark.parametrize(
    "links",
    [
        items(PROSE[2], '<a href="/a">A ferry on the sand</a>', '<a href="/b">Sheep on the bridge</a>'),
        "<nav>" + items(PROSE[2], PROSE[3], '<a href="/a">A ferry on the sand</a>') + "</nav>",
    ],
)
def test_a_list_that_is_mostly_links_or_a_way_through_the_site_gives_none_of_them(links):
    assert "A ferry on the sand" not in kept_texts(page_of(paragraphs(PROSE[:2]) + links), sure=900)
