"""What stands right before an element, as readers see it."""

from __future__ import annotations

import pytest
from selectolax.lexbor import LexborHTMLParser

from crawler.parse.page.lines import words_before


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<p>Reviewed by <a id=x>Ann</a></p>", "Reviewed by "),
        ("<p>By <a>Bo</a>, edited by <!-- - --><a id=x>Ann</a></p>", ", edited by "),
        ("<p>By <b>Bo</b> and <a id=x>Ann</a></p>", "By Bo and "),
        ("<div><h3>Published</h3>\n<p>\n<time id=x>May</time></p></div>", "Published"),
        ("<div>Edited by</div><!-- - --><div><a id=x>Ann</a></div>", ""),
        ("<article>A story <main><a id=x>Ann</a></main></article>", ""),
        (f"<p>{'a' * 60}<a id=x>Ann</a></p>", "a" * 40),
    ],
)
def test_the_words_of_the_line_are_read_back_to_the_next_such_element(html: str, words: str) -> None:
    node = LexborHTMLParser(html).css_first("#x")
    assert node is not None
    assert words_before(node, back_to="a") == words


def test_markup_without_words_comes_to_an_end() -> None:
    node = LexborHTMLParser("<b>" * 50_000 + "<a id=x>Ann</a>").css_first("#x")
    assert node is not None
    assert words_before(node, back_to="a") == ""
