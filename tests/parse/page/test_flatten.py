"""From a page's tree to its blocks: what is text, in which order, of which kind."""

from __future__ import annotations

import pytest

from crawler.parse.page import tree
from crawler.parse.page.blocks import PageBlock
from crawler.parse.page.flatten import flatten
from crawler.parse.page.hints import HINTS, Hint, hints_of

SENTENCE = "The river rose by two metres in a single night and took the lower dam of the mill with it. "


def blocks_of(inner: str) -> list[PageBlock]:
    parser = tree.build(f"<html><body>{inner}</body></html>".encode()).parser
    assert parser.body is not None
    return flatten(parser.body).blocks


def test_a_noscript_that_holds_the_article_is_read():
    lines = [f"{number}. {SENTENCE * 3}".strip() for number in range(4)]
    prose = "".join(f"<p>{line}</p>" for line in lines)
    assert [b.text for b in blocks_of(f"<noscript><div>{prose}</div></noscript>")] == lines


def test_a_noscript_that_asks_for_scripts_is_not():
    assert blocks_of("<noscript><p>Please turn on JavaScript.</p><p>Then come back.</p></noscript>") == []


def test_an_even_grid_of_short_cells_is_a_table_whatever_its_cells_are_made_of():
    rows = (("River", "Height"), ("Elbe", "2.1 m"), ("Oder", "1.7 m"))
    cells = "".join("<tr>" + "".join(f"<td><div>{cell}</div></td>" for cell in row) + "</tr>" for row in rows)
    (block,) = blocks_of(f"<table>{cells}</table>")
    assert (block.kind, block.text) == ("table", "River\tHeight\nElbe\t2.1 m\nOder\t1.7 m")


def test_a_table_that_lays_out_a_page_is_taken_apart():
    uneven = "<tr><td><div>Home</div></td><td><div>Search</div></td></tr>" + f"<tr><td><div>{SENTENCE}</div></td></tr>"
    assert [b.kind for b in blocks_of(f"<table>{uneven}<tr><td><div>Foot</div></td></tr></table>")] == ["paragraph"] * 4


@pytest.mark.parametrize("name", ["x-par", "site-paragraph", "amp-fit-text", "news-x", "unheard"])
def test_elements_that_a_site_made_up_are_blocks_unless_text_runs_into_them(name):
    inner = "".join(f"<{name}>{number}. {SENTENCE}</{name}>" for number in range(3))
    assert [b.text for b in blocks_of(f"<div>{inner}</div>")] == [f"{n}. {SENTENCE}".strip() for n in range(3)]
    if name in ("news-x", "unheard"):
        (block,) = blocks_of(f"<p>Said <{name}>the miller</{name}> of Ferrow.</p>")
        assert block.text == "Said the miller of Ferrow."


def test_a_made_up_wrapper_does_not_glue_what_is_in_it():
    inner = "".join(f"<x-part><x-line>{number}. {SENTENCE}</x-line></x-part>" for number in range(3))
    assert len(blocks_of(f"<div>{inner}</div>")) == 3


def test_an_inline_element_that_is_shown_as_a_block_is_one():
    style = 'style="margin:0; display: block"'
    assert len(blocks_of(f"<div><span {style}>{SENTENCE}</span><span {style}>{SENTENCE}</span></div>")) == 2
    (heading,) = blocks_of(f"<h1><span {style}>The mill</span> stays</h1>")
    assert heading.text == "The mill stays"


@pytest.mark.parametrize(
    ("inner", "text"),
    [
        ("He called it <q>a day too late</q> and left.", "He called it “a day too late” and left."),
        ("He called it <q>“a day too late”</q> and left.", "He called it “a day too late” and left."),
        ("<q>She said <q>never</q> twice</q>, he said.", "“She said ‘never’ twice”, he said."),
    ],
)
def test_a_quotation_has_its_marks_once(inner, text):
    assert [b.text for b in blocks_of(f"<p>{inner}</p>")] == [text]


@pytest.mark.parametrize(
    "question",
    [
        "<h3><button aria-expanded=false>{}</button></h3>",
        "<dl><dt><button>{}</button></dt></dl>",
        "<p><button>{}</button></p>",
        "<button class=q>{}</button>",
        "<details><summary>{}</summary></details>",
    ],
)
def test_a_question_that_a_button_unfolds_is_text(question):
    blocks = blocks_of(f"{question.format('Who pays for the wheel?')}<div><p>{SENTENCE}</p></div>")
    assert [b.text for b in blocks] == ["Who pays for the wheel?", SENTENCE.strip()]


def test_other_buttons_are_not():
    heading = "<h2>The mill stays <button>Share</button></h2>"
    assert [b.text for b in blocks_of(f"{heading}<button>Menu</button><p>{SENTENCE}</p>")] == [
        "The mill stays",
        SENTENCE.strip(),
    ]


@pytest.mark.parametrize("mode", ["open", "closed"])
def test_a_declared_shadow_root_is_read(mode):
    inner = f"<div><template shadowrootmode={mode}><style>p{{}}</style><p>{SENTENCE}</p></template></div>"
    assert [b.text for b in blocks_of(inner)] == [SENTENCE.strip()]
    assert blocks_of(f"<template><p>{SENTENCE}</p></template>") == []


def test_what_a_search_in_the_page_would_reveal_is_not_hidden():
    (found, gone) = blocks_of(f"<p hidden=until-found>{SENTENCE}</p><p hidden>{SENTENCE}</p>")
    assert (found.element.hidden, gone.element.hidden) == (False, True)


@pytest.mark.parametrize(
    "inset",
    [
        "<span role=tooltip>who owns the mill since 1998</span>",
        '<span class="tip tooltip-text">who owns the mill since 1998</span>',
        '<span class="card-x"><a href="/p">Edda Brook</a><b><a href="/1">Mill sold</a><a href="/2">Mill bought</a></b></span>',
        '<span class="sr-only">(opens in a new window)</span>',
        '<span class="badge">NEW</span>',
        '<a href="/2026/mill">Read more »</a>',
        '<span class="more-link">Weiterlesen</span>',
    ],
)
def test_what_is_set_into_a_paragraph_leaves_it_whole(inset):
    (block,) = blocks_of(f'<p>So said <a href="/p">Edda Brook</a>{inset}</p>')
    assert block.text == "So said Edda Brook"


def test_words_of_a_paragraph_stay_however_their_elements_are_called():
    text = "So said the <span class='tooltip' title='who grinds'>miller</span> in his <span class='label'>mill</span>, <a href='/m'>more</a> than once."
    (block,) = blocks_of(f"<p>{text}</p>")
    assert block.text == "So said the miller in his mill, more than once."


def test_class_names_have_the_kinds_of_their_tokens():
    assert hints_of("storyBody story-body story_body") == hints_of("storybody") | Hint.BODY
    assert hints_of("bodied") == 0 == hints_of("x1")
    assert hints_of("note") == 1 << HINTS.index("correction")  # listed twice: the last kind holds
    assert hints_of("a " * 200 + "comment") == 0  # what comes so late is not looked at
