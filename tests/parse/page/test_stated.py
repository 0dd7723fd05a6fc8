"""Articles that a page holds in its scripts only: which are read, and where scripts are left alone."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from crawler.model.article import Article
from crawler.model.page import Page
from crawler.parse.article import parse_article
from tests.parse.choose.test_select import OTHER, PROSE, paragraphs

TITLE = "The mill keeps its wheel"


def article_of(head: str, body: str) -> Article:
    html = f"<html lang=en><head><title>{TITLE} - The Gazette</title>{head}</head><body>{body}</body></html>"
    return parse_article(
        Page(url="https://news.example/mill", captured_at=datetime(2026, 1, 2, tzinfo=UTC), body=html.encode())
    )


def linked_data(text: str) -> str:
    said = {"@type": "NewsArticle", "headline": TITLE, "articleBody": text}
    return f'<script type="application/ld+json">{json.dumps(said)}</script>'


@pytest.mark.parametrize("text", ["\n\n".join(PROSE), "\n".join(PROSE), paragraphs(PROSE)])
def test_an_empty_page_gives_the_text_of_its_json_ld(text):
    article = article_of(linked_data(text), "<div id=app></div>")
    assert article.body == "\n\n".join(PROSE)
    assert "body_from_script" in article.flags


def test_a_page_that_shows_the_beginning_gives_the_whole():
    shown = f"<article><h1>{TITLE}</h1>{paragraphs(PROSE[:1])}<p><a href=/abo>Subscribe to read on</a></p></article>"
    assert article_of(linked_data("\n\n".join(PROSE)), shown).body == "\n\n".join(PROSE)


def test_what_a_page_shows_goes_before_its_json_ld():
    shown = f"<article><h1>{TITLE}</h1>{paragraphs(PROSE)}</article>"
    article = article_of(linked_data("\n\n".join((*PROSE, *OTHER))), shown)
    assert (article.body, article.flags) == ("\n\n".join(PROSE), ())


STATES = {
    "blocks": {
        "props": {"article": {"title": TITLE, "blocks": [{"type": "paragraph", "text": text} for text in PROSE]}}
    },
    "html": {"post": {"headline": TITLE, "body": paragraphs(PROSE)}},
    "elements": {
        "headlines": {"basic": TITLE},
        "content_elements": [
            *[{"type": "text", "content": text} for text in PROSE[:3]],
            {"type": "image", "caption": "The wheel in the rain, as seen from the bridge"},
            *[{"type": "text", "content": text} for text in PROSE[3:]],
        ],
    },
    "rich text": {
        "name": TITLE,
        "content": {
            "nodeType": "document",
            "content": [{"nodeType": "paragraph", "content": [{"text": text}]} for text in PROSE],
        },
    },
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(
    "script",
    ['<script id="__NEXT_DATA__" type="application/json">{}</script>', "<script>window.__STATE__ = {};</script>"],
)
def test_an_empty_page_gives_the_text_of_its_state(state, script):
    held = {"related": [{"title": "A ferry runs aground", "body": paragraphs(OTHER)}], "page": STATES[state]}
    article = article_of(script.format(json.dumps(held)), "<div id=app></div>")
    assert article.body == "\n\n".join(PROSE)


def test_a_flat_state_is_put_together():
    flat = [{"data": 1}, {"title": 2, "blocks": 3}, TITLE, [4 + 2 * n for n in range(len(PROSE))]]
    for text in PROSE:
        flat += [{"text": len(flat) + 1}, text]
    script = f'<script id="__NUXT_DATA__" type="application/json">{json.dumps(flat)}</script>'
    assert article_of(script, "<div id=app></div>").body == "\n\n".join(PROSE)


def test_the_text_of_another_article_is_not_taken():
    held = json.dumps({"latest": [{"title": "A ferry runs aground", "body": paragraphs(OTHER * 2)}]})
    assert article_of(f"<script>window.__STATE__ = {held};</script>", "<div id=app></div>").body == ""


def scripted(script: str) -> str:
    return article_of("", f"<div id=app></div>{script}").body


STORY = {"title": TITLE, "body": paragraphs(PROSE)}


@pytest.mark.parametrize(
    "script",
    [
        '<script id="__NEXT_DATA__" type="application/json">'
        + json.dumps({"props": {"story": {"title": TITLE, "blocks": [{"kind": "text", "data": {"html": f"<p>{p}</p>"}} for p in PROSE]}}})
        + "</script>",
        '<script id="__NEXT_DATA__" type="application/json">'
        + json.dumps({"apolloState": {"Article:1": {"headline": TITLE, "body": [{"__ref": f"P:{n}"} for n in range(len(PROSE))]}}
                      | {f"P:{n}": {"__typename": "Paragraph", "text": p} for n, p in enumerate(PROSE)}})
        + "</script>",
        ("<script>window.__NUXT__=(function(a,b){return {data:[{title:a,content:b}]}}("
         f"{json.dumps(TITLE)},{json.dumps(paragraphs(PROSE))}));</script>"),
        f"<script>window.__DATA__=JSON.parse({json.dumps(json.dumps({'article': STORY}))});</script>",
        f'<script type="application/json" data-sveltekit-fetched>{json.dumps({"status": 200, "body": json.dumps(STORY)})}</script>',
        '<script id="serverApp-state" type="application/json">' + json.dumps({"k": {"body": STORY}}).replace('"', "&q;") + "</script>",
    ],
    ids=["pieces", "references", "arguments", "parsed", "nested", "angular"],
)  # fmt: skip
def test_states_are_read_in_the_forms_that_frameworks_write(script):
    assert scripted(script) == "\n\n".join(PROSE)


def test_a_text_that_is_kept_as_json_within_the_state_is_read_as_what_it_says():
    body = json.dumps([{"type": "p", "children": [{"text": line}]} for line in PROSE])
    state = json.dumps({"Article:1": {"headline": TITLE, "body": body}})
    assert article_of(f"<script>window.__STATE__={state}</script>", "<div id=app></div>").body == "\n\n".join(PROSE)
