"""The layout of the document, and the other two renderings."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import jsonschema

from crawler.model.page import Page
from crawler.parse.article import parse_article
from crawler.parse.render import block_text, document, to_json, to_markdown
from crawler.parse.schema import record_schema

HTML = """<html><body><article><h1>A day at the <em>old</em> mill</h1>
<p>The wheel turned again on Sunday, for the first time in forty years, and a good part of the town had come to see it.<br>Many brought their children.</p>
<h2>What there was</h2>
<ul><li>bread from the new oven, which sold out within the hour,<ol start="4"><li>rye bread with seeds from the fields nearby,</li><li value="9">white bread for the children and the sparrows,</li></ol></li><li>music by the fire brigade until the evening came.</li></ul>
<blockquote><p>We never thought that it would move, and then it did, said the miller's grandson.</p></blockquote>
<p>Wheat<a href="/x">grows</a>here again.&nbsp; It is ground on Saturdays, between nine and noon, and everyone may watch.</p></article></body></html>"""


def article():
    return parse_article(
        Page(url="https://n.example/a", captured_at=datetime(2025, 1, 1, tzinfo=UTC), body=HTML.encode())
    )


def test_the_document_has_one_blank_line_between_blocks_and_three_after_the_title():
    assert article().text == (
        "A day at the old mill\n\n\n\n"
        "The wheel turned again on Sunday, for the first time in forty years, and a good part of the town had come to see it.\n"
        "Many brought their children.\n\n"
        "What there was\n\n"
        "* bread from the new oven, which sold out within the hour,\n\n"
        "  4. rye bread with seeds from the fields nearby,\n\n"
        "  9. white bread for the children and the sparrows,\n\n"
        "* music by the fire brigade until the evening came.\n\n"
        "We never thought that it would move, and then it did, said the miller's grandson.\n\n"
        "Wheatgrowshere again. It is ground on Saturdays, between nine and noon, and everyone may watch."
    )


def test_blocks_say_what_they_are():
    assert [(block.kind, block.level) for block in article().blocks] == [
        ("paragraph", 0), ("heading", 2), ("item", 0), ("item", 1), ("item", 1), ("item", 0), ("quote", 0), ("paragraph", 0),
    ]  # fmt: skip


def test_parts_that_are_empty_leave_no_separator():
    assert document(labels="", title="T", body="B", tail="") == "T\n\n\n\nB"
    assert document(labels="L", title="T", body="B", tail="C") == "L\n\nT\n\n\n\nB\n\nC"
    assert document(labels="", title="", body="B", tail="") == "B"
    assert document(labels="", title="T", body="", tail="") == "T"


def test_item_marks_are_indented_by_level():
    assert block_text("item", "x", 2, 3) == "    3. x"
    assert block_text("quote", "x") == "x"


def test_markdown_keeps_structure_and_escapes_what_would_be_markup():
    text = to_markdown(article())
    assert text.startswith("# A day at the old mill\n\n")
    assert "\n## What there was\n\n- bread" in text
    assert "\n  4. rye bread" in text
    assert "\n> We never thought" in text


def test_the_json_line_is_valid_under_the_schema():
    jsonschema.Draft202012Validator(record_schema()).validate(json.loads(to_json(article())))
