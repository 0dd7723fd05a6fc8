"""What the selection sees of a block."""

from __future__ import annotations

import pytest

from crawler.parse.choose.features import FEATURES, Measures, measure
from crawler.parse.fields.metadata import gather
from crawler.parse.fields.title import title_of
from crawler.parse.page import tree
from crawler.parse.page.flatten import flatten

LINE = "The council met on Monday evening to decide about the old mill, and it took them until midnight to agree."


def measures_of(inner: str) -> Measures:
    parser = tree.build(f"<html><body>{inner}</body></html>".encode()).parser
    meta = gather(parser, "https://news.example/a")
    assert parser.body is not None
    layout = flatten(parser.body)
    title = title_of(meta, layout)
    return measure(layout, meta, title=title.text, title_block=title.block)


def values(inner: str, name: str) -> list[int | None]:
    at = FEATURES.index(name)
    return [row[at] if row is not None else None for row in measures_of(inner).rows]


def test_every_block_has_a_number_for_every_feature():
    rows = measures_of(f"<h1>The mill keeps its wheel</h1><p>{LINE}</p><p>2 {LINE}</p>").rows
    assert [len(row) for row in rows if row is not None] == [len(FEATURES)] * 3


def test_tokens_with_digits_do_not_make_two_elements_strangers():
    signatures = measures_of(f"<p id='par1' class='text'>{LINE}</p><p id='par2' class='text'>{LINE}</p>").signatures
    assert signatures[0] == signatures[1]


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        (f"<p>{LINE}</p>", [0]),
        (f"<article><h1>The mill keeps its wheel</h1><p>{LINE}</p></article>", [1, 1]),
        (
            f"<article><h1>The mill keeps its wheel</h1><p>{LINE}</p><p>2 {LINE}</p></article><article><p>3 {LINE}</p></article>",
            [1, 1, 1, 3],
        ),
    ],
)
def test_a_block_knows_whether_its_article_element_is_the_headlines(inner, expected):
    assert values(inner, "article_of") == expected


def test_blocks_after_a_second_headline_and_after_furniture_know_it():
    inner = (
        f"<h1>The mill keeps its wheel</h1><p>{LINE}</p><div class='related'>More about mills and their wheels today</div>"
        f"<h1>A ferry on the sand</h1><p>2 {LINE}</p>"
    )
    assert values(inner, "h1_before") == [0, 0, 0, 0, 1]
    assert values(inner, "furniture_before") == [0, 0, 0, 1, 1]
    assert values(inner, "since_furniture") == [99, 99, 99, 0, 1]
