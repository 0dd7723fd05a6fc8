"""What is cut from a headline's element, and what is not."""

from __future__ import annotations

import pytest
from selectolax.lexbor import LexborHTMLParser

from crawler.parse.fields.decoration import without_decoration

TITLE = "The old mill keeps its wheel"


def headline(inner: str, *stated: str) -> str:
    node = LexborHTMLParser(f"<h1>{inner}</h1>").css_first("h1")
    assert node is not None
    return without_decoration(node, " ".join(node.text().split()), lambda text: text in stated)


@pytest.mark.parametrize(
    "inner",
    [
        f'<span class="badge">Premium</span>{TITLE}', f'<span class="label label-plus">Plus</span> {TITLE}', f'<b class="live">LIVE</b>{TITLE}', f'<i class="material-icons">lock</i>{TITLE}',
        f'<span class="sr-only">Article:</span> {TITLE}', f'{TITLE}<a class="headerlink" href="#x">¶</a>', f'{TITLE} <a href="#x">#</a>', f"{TITLE}<sup>1</sup>", f"{TITLE} <time>4 May</time>",
        f"{TITLE} <small><time>4 May</time></small>", f'{TITLE}<a class="share" href="#">Share</a>', f"{TITLE}<button>Save</button>", f"<span>{TITLE}</span><span>{TITLE}</span>",
        f'<span>{TITLE}</span><span aria-hidden="true">{TITLE}</span>', f'{TITLE}<span style="display: none">x y</span>', f'<span class="tag">Exclusive</span> {TITLE}<sup>*</sup>',
    ],
)  # fmt: skip
def test_decoration_is_told_by_what_it_is(inner):
    assert headline(inner) == TITLE


def test_a_piece_of_any_name_is_cut_if_the_page_states_the_headline_without_it():
    assert headline(f'<em class="xyz">Weather</em> {TITLE}', TITLE) == TITLE
    assert headline(f'<em class="xyz">Weather</em> {TITLE}') == f"Weather {TITLE}"


@pytest.mark.parametrize(
    "inner",
    [f"<em>{TITLE}</em>", "The <em>old</em> mill keeps its wheel", "H<sub>2</sub>O in the mill", "Mill <sup>th</sup>", "<span>The old mill</span> keeps <i>its wheel</i>"],
)  # fmt: skip
def test_words_of_the_headline_stay(inner):
    whole = " ".join(LexborHTMLParser(inner).text().split())
    assert headline(inner) == whole


def test_a_badge_that_the_statements_have_too_stays():
    assert headline(f'<span class="label">Live</span> {TITLE}', f"Live {TITLE}") == f"Live {TITLE}"
