"""What lies outside the article by the page's structure: comments, consent dialogues, other articles."""

from __future__ import annotations

import pytest

from tests.parse.choose.test_select import OTHER, PROSE, body_of, page_of, paragraphs

CHAT = (
    "I have ground my own flour for years and it is no trouble at all, as everybody knows.",
    "Who is to pay for all that?",
)


def thread(outer: str, name: str, holder: str, count: int) -> str:
    said = "".join(
        f"<{outer} class='{name}'><footer>kite{n} says</footer>{paragraphs(CHAT)}</{outer}>" for n in range(count)
    )
    return f"<div {holder}><h2>Comments</h2>{said}</div>"


@pytest.mark.parametrize(
    ("outer", "name", "holder"),
    [
        ("article", "comment-body", "id=comments"),
        ("li", "comment", "class=commentlist"),
        ("div", "post-comment", ""),
        ("div", "x7", "class='comments-area'"),
        ("div", "x7", "id=disqus_thread"),
        ("div", "x7", "class='user-comments-list'"),
    ],
)
def test_a_long_thread_under_a_short_article_stays_out(outer, name, holder):
    html = page_of(paragraphs(PROSE[:2]), after=thread(outer, name, holder, 12))
    assert body_of(html) == "\n\n".join(PROSE[:2])


def test_an_article_in_the_section_for_comment_is_read():
    html = page_of(f"<div class='comment-piece tone-comment'>{paragraphs(PROSE)}</div>")
    assert body_of(html) == "\n\n".join(PROSE)


@pytest.mark.parametrize(
    "other",
    [
        "<article class=story><h1>A ferry runs aground</h1>{}</article>",
        "<article><h2>A ferry runs aground</h2><p class=byline>By Tomas Hale, 2 May 2025</p><div>{}</div></article>",
        "<article><h1><a href='/2025/ferry'>A ferry runs aground</a></h1>{}</article>",
        "<div data-url='/2025/ferry'><h1>A ferry runs aground</h1>{}</div>",
        "<div itemscope itemtype='https://schema.org/NewsArticle'><h2 itemprop=headline>A ferry runs aground</h2>{}</div>",
        "<section class=next><p>Read next</p><h2>A ferry runs aground</h2>{}</section>",
    ],
)
def test_an_article_ends_where_another_one_begins(other):
    html = page_of(paragraphs(PROSE), after=other.format(paragraphs(OTHER)))
    assert body_of(html) == "\n\n".join(PROSE)


@pytest.mark.parametrize("label", ["You may also like ...", "Lesen Sie auch", "اقرأ أيضاً:", "関連記事"])
def test_cards_in_whole_sentences_are_not_the_article(label):
    cards = "".join(
        f"<article class=card><h3><a href='/{n}'>Story {n}</a></h3><p>{text}</p></article>"
        for n, text in enumerate(OTHER)
    )
    html = page_of(f"{paragraphs(PROSE)}<div><h4>{label}</h4>{cards}</div>")
    assert body_of(html) == "\n\n".join(PROSE)


def test_a_brief_before_the_headline_is_not_the_article():
    brief = f"<article><h2><a href='/ferry'>A ferry runs aground</a></h2><p>{OTHER[0]}</p></article>"
    html = page_of(paragraphs(PROSE)).replace("<article><h1>", f"{brief}<article><h1>", 1)
    assert body_of(html) == "\n\n".join(PROSE)


@pytest.mark.parametrize("name", ["cli-modal", "cookie-banner", "x7"])
def test_a_table_of_cookies_is_not_the_article(name):
    rows = "".join(
        f"<tr><td>_c{n}</td><td>{n} months</td><td>This cookie is set to tell visitors apart on the page.</td></tr>"
        for n in range(20)
    )
    table = f"<table><tr><th>Cookie</th><th>Duration</th><th>Description</th></tr>{rows}</table>"
    html = page_of(
        paragraphs(PROSE),
        after=f"<div class='{name}'><p>Necessary cookies are essential for the site.</p>{table}</div>",
    )
    assert body_of(html) == "\n\n".join(PROSE)


@pytest.mark.parametrize(
    "holder",
    [
        "<div id=coral-container><div class=coral-comment>{0}</div><div class=coral-comment>{1}</div></div>",
        "<div data-spotim-module=x><div class=spcv_message-text>{0}</div><div class=spcv_message-text>{1}</div></div>",
        "<div class=giscus><div class=gsc-comment><p>{0}</p><p>{1}</p></div></div>",
        "<section id=isso-thread><div class=isso-comment>{0}</div><div class=isso-comment>{1}</div></section>",
        "<div class=leserkommentare><h3>Kommentare (2)</h3><div class=z><p>{0}</p></div><div class=z><p>{1}</p></div></div>",
        "<section class=x1><h3>2 commentaires</h3><div class=z><p>{0}</p></div><div class=z><p>{1}</p></div></section>",
        "<div class=x1><h3>نظرات بینندگان</h3><div class=z><p>{0}</p></div><div class=z><p>{1}</p></div></div>",
        "<div class=x1><h3>التعليقات</h3><div class=z><p>{0}</p></div><div class=z><p>{1}</p></div></div>",
        "<div class=x1><h3>コメント（2件）</h3><div class=z><p>{0}</p></div><div class=z><p>{1}</p></div></div>",
        "<div class=x1><h3>Комментарии (2)</h3><div class=z><p>{0}</p></div><div class=z><p>{1}</p></div></div>",
        "<div class=x1><h3>3 thoughts on “The mill”</h3><div class=z><p>{0}</p></div><div class=z><p>{1}</p></div></div>",
    ],
)
def test_readers_stay_out_whatever_system_they_write_in(holder):
    assert body_of(page_of(paragraphs(PROSE), after=holder.format(*OTHER))) == "\n\n".join(PROSE)


@pytest.mark.parametrize("label", ["Kommentar", "Comment", "The comments of the council"])
def test_a_section_for_opinion_is_no_thread(label):
    rest = f"<section><h3>{label}</h3>{paragraphs(PROSE[3:])}</section>"
    assert PROSE[3] in body_of(page_of(paragraphs(PROSE[:3]) + rest))


def test_another_story_in_a_box_named_like_the_articles_own_stays_out():
    other = f"<div class=story><h1>A ferry ran aground</h1><div class=story-body>{paragraphs(OTHER)}</div></div>"
    html = f"<html><body><article class=story><h1>The mill keeps its wheel</h1><div class=story-body>{paragraphs(PROSE)}</div></article>{other}</body></html>"
    assert body_of(html) == "\n\n".join(PROSE)


@pytest.mark.parametrize("label", ["Sur le même sujet", "Related stories", "اقرأ أيضاً"])
def test_a_text_that_opens_with_an_inset_of_other_stories_is_read(label):
    links = "".join(f"<li><a href='/{n}'><h3>A ferry runs aground</h3></a> <span>Tomas Hale</span></li>" for n in "ab")
    inset = f"<aside class=related><span>{label}</span><ul>{links}</ul></aside>"
    more = f"<section>{paragraphs(OTHER)}</section>" * 2
    body = f"<div class=article-body>{inset}<div>{paragraphs(PROSE)}</div></div>"
    assert "\n\n".join(PROSE) in body_of(page_of(body, after=more))


@pytest.mark.parametrize(
    "label", ["Comments (2)", "Vos réactions (2)", "Lesermeinungen", "コメント一覧", "آراء القراء"]
)
@pytest.mark.parametrize(
    "said",
    [
        "<table class=t><tr><td>kite</td><td>{0}</td></tr><tr><td>owl</td><td>{1}</td></tr></table>",
        "<p>{0}</p><p>{1}</p>",
    ],
)
def test_what_follows_a_heading_of_comments_to_the_end_is_readers(label, said):
    html = page_of(paragraphs(PROSE), after=f"<h3>{label}</h3>" + said.format(CHAT[0], CHAT[0].upper()))
    assert body_of(html) == "\n\n".join(PROSE)


def test_a_chapter_on_comments_that_others_follow_is_read():
    chapters = f"<h2>Comments</h2>{paragraphs(OTHER)}<h2>Loops</h2>{paragraphs(PROSE[3:])}"
    assert OTHER[0] in body_of(page_of(paragraphs(PROSE[:3]) + chapters))


@pytest.mark.parametrize(
    "row",
    [
        "<div itemscope itemtype='http://schema.org/UserComments'><b>kite</b><p>{}</p></div>",
        "<div class=row><b>kite</b><p>{}</p><button>Antworten</button></div>",
        "<div class=row><b>kite</b><p>{}</p><button>返信</button></div>",
    ],
)
def test_what_readers_answer_each_other_is_told_by_its_markup(row):
    said = "".join(row.format(line) for line in (*OTHER, CHAT[0]))
    assert body_of(page_of(paragraphs(PROSE[:3]), after=f"<div>{said}</div>")) == "\n\n".join(PROSE[:3])


def test_a_feed_called_comments_is_the_readers():
    said = "".join(f"<article><b>kite</b><p>{line}</p></article>" for line in OTHER)
    html = page_of(paragraphs(PROSE[:3]), after=f"<div role=feed aria-label='Commentaires (3)'>{said}</div>")
    assert body_of(html) == "\n\n".join(PROSE[:3])


def test_a_readers_word_above_the_text_is_not_the_article():
    quoted = f"<blockquote class=top-comment><p>{CHAT[0]}</p><footer>kite</footer></blockquote>"
    assert body_of(page_of(quoted + paragraphs(PROSE))) == "\n\n".join(PROSE)


def test_a_section_beside_the_articles_with_a_linked_headline_is_another_article():
    following = f"<section><h2><a href='/ferry'>A ferry runs aground</a></h2>{paragraphs(OTHER)}</section>"
    html = f"<html><body><div id=s><section><h1>The mill keeps its wheel</h1>{paragraphs(PROSE)}</section>{following}</div></body></html>"
    assert body_of(html) == "\n\n".join(PROSE)
    own = following.replace("<a href='/ferry'>", "").replace("</a>", "")
    assert OTHER[0] in body_of(html.replace(following, own))
