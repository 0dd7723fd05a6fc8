"""From a page's tree to its blocks: what is text, in which order, of which kind."""

from __future__ import annotations

from crawler.parse.page import tree
from crawler.parse.page.blocks import Block
from crawler.parse.page.flatten import flatten

SENTENCE = "The river rose by two metres in a single night and took the lower dam of the mill with it. "


def blocks_of(inner: str) -> list[Block]:
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
