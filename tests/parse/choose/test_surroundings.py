"""What a first judgement of all blocks says about each: the core of the article, and the branches in it."""

from __future__ import annotations

from crawler.parse.choose.features import FEATURES, measure
from crawler.parse.choose.surroundings import CONTEXT, context_rows
from crawler.parse.fields.metadata import gather
from crawler.parse.page import tree
from crawler.parse.page.flatten import flatten
from crawler.parse.page.hints import Hint

LINE = "The council met on Monday evening to decide about the old mill, and it took them until midnight to agree."
PAGE = (
    "<html><body><div id='page'><div class='story'>"
    + "".join(f"<p>{number} {LINE}</p>" for number in range(4))
    + f"<div class='newsletter'><div><p>A {LINE}</p></div></div></div><div class='rail'><p>B {LINE}</p></div></div></body></html>"
)


def rows(chances: list[int]) -> list[dict[str, int]]:
    parser = tree.build(PAGE.encode()).parser
    assert parser.body is not None
    layout = flatten(parser.body)
    measures = measure(layout, gather(parser, "https://news.example/a"), title=None, title_block=-1)
    found = context_rows(measures, layout, chances, [True] * len(chances))
    return [dict(zip((*FEATURES, *CONTEXT), row, strict=True)) for row in found if row is not None]


def test_the_core_is_where_the_sure_blocks_are_and_a_branch_in_it_has_names_of_its_own():
    *prose, offer, rail = rows([900, 900, 900, 900, 400, 500])
    assert [row["core_steps"] for row in prose] == [1, 1, 1, 1]
    assert (offer["core_steps"], rail["core_steps"]) == (3, -1)
    assert offer["branch_hints"] & Hint.SIGNUP
    assert not prose[0]["branch_hints"] & Hint.SIGNUP
    assert (offer["p_branch"], rail["p_branch"]) == (400, -1)


def test_a_page_without_a_sure_block_has_its_root_as_core():
    assert {row["core_steps"] for row in rows([100] * 6)} <= {2, 3, 4, 5, 6}
