from __future__ import annotations

import pytest

from crawler.demo.stories import body_html, load_stock

PAPERS = ("arabic", "persian", "english", "french", "chinese")


def test_each_kind_of_block_becomes_its_element():
    body = """
one

## two

* three

* four

> five

| a | b |
| c | d |
"""
    assert body_html(body) == (
        "<p>one</p>\n<h2>two</h2>\n<ul>\n<li>three</li>\n<li>four</li>\n</ul>\n<blockquote><p>five</p></blockquote>\n"
        "<table>\n<tr><td>a</td><td>b</td></tr>\n<tr><td>c</td><td>d</td></tr>\n</table>"
    )


def test_a_list_at_the_end_is_closed():
    assert body_html("* one") == "<ul>\n<li>one</li>\n</ul>"


@pytest.mark.parametrize("paper", PAPERS)
def test_every_paper_has_five_to_eight_whole_stories_each_at_its_own_path(paper):
    stories = load_stock(paper).story
    assert 5 <= len(stories) <= 8
    assert len({story.path for story in stories}) == len(stories)
    for story in stories:
        assert story.published.utcoffset() is not None
        assert story.labels
        assert len(body_html(story.body)) > 200
        assert all((story.title, story.author, story.summary, story.caption))
