"""Pages made to hurt: they end in bounded time and memory, with a flag."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime

import pytest

from crawler.model.page import Page
from crawler.parse.article import parse_article
from crawler.parse.page.tree import build

PROSE = b"<p>A paragraph that is long enough to be taken for a part of the article, and is one.</p>" * 3
HOSTILE = {
    "nesting": (b"<div>" * 100_000 + PROSE, "nesting_capped"),
    "closed nesting": (b"<div>" * 50_000 + PROSE + b"</div>" * 50_000, "nesting_capped"),
    "list nesting": (b"<ul><li>" * 40_000 + PROSE, "nesting_capped"),
    "stray end tags": (b"<div>" * 40_000 + b"</p>" * 40_000 + PROSE, "nesting_capped"),
    "inline nesting": (b"<b><i><font>" * 30_000 + PROSE, "nesting_capped"),
    "a million nodes": (PROSE + b"<p>a</p>" * 1_000_000, "page_capped"),
    "fifty megabytes": (PROSE + b"<p>" + b"word " * 10_000_000, "page_capped"),
    "attributes": (PROSE + b"<p " + b" ".join(b"a%d=1" % i for i in range(100_000)) + b">x</p>", "tags_capped"),
}


def parse(html: bytes):
    return parse_article(
        Page(url="https://n.example/a", captured_at=datetime(2025, 1, 1, tzinfo=UTC), body=b"<html><body>" + html)
    )


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_page_is_cut_and_flagged(name):
    html, flag = HOSTILE[name]
    assert flag in parse(html).flags


def test_a_fifty_megabyte_page_takes_bounded_memory():
    code = (
        "import resource;from datetime import datetime,UTC;from crawler.model.page import Page;"
        "from crawler.parse.article import parse_article;peak=lambda:resource.getrusage(resource.RUSAGE_SELF).ru_maxrss;"
        "page=lambda b:Page(url='https://n.example/',captured_at=datetime(2025,1,1,tzinfo=UTC),body=b);"
        "parse_article(page(b'<p>warm</p>'));big=page(b'<html><body><p>'+b'word '*10_000_000);base=peak();"
        "parse_article(big);print(peak()-base)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert int(done.stdout) < 200 * 1024


def test_text_below_the_nesting_cap_is_kept():
    tree = build(b"<div>" * 20_000 + b"deep text")
    assert "deep text" in tree.parser.body.text()


def test_nul_bytes_do_not_end_the_text():
    article = parse(b"<article><h1>T</h1>" + PROSE.replace(b"paragraph", b"para\0graph") + b"</article>")
    assert "A paragraph that is long" in article.body


@pytest.mark.parametrize(
    "html",
    [
        b"<p",
        b"<!--",
        b"<script>",
        b"<html><body><p>" + b"\xff\xfe" * 99,
        b"<table><tr><td><table>" * 50,
        b"<p>&#0;&#xD800;&#99999999;",
    ],
)
def test_broken_markup_gives_an_article(html):
    assert parse(html).body is not None


def test_an_ordinary_page_is_not_cut():
    assert build(PROSE * 1000).flags == ()


def test_select_boxes_of_any_size_cost_little_and_leave_the_page():
    options = b"".join(b"<option value=%d>Village %d" % (number, number) for number in range(100_000))
    built = build(b"<body><p>Before.</p><select>" + options + b"</select><p>After.</p>")
    assert [node.text() for node in built.parser.css("p")] == ["Before.", "After."]
    few = build(b"<select><option>One<option>Two</select>")
    assert len(few.parser.css("option")) == 2
