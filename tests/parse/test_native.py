"""In C and in Python the same answers, for all input; where no compiler was, there is nothing to compare."""

from __future__ import annotations

from types import ModuleType

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crawler.parse import native, plain

WIDTH = 4
numbers = st.integers(-(2**40), 2**40)
features = st.integers(0, WIDTH - 1)
leaves = st.integers(-300, 300)
trees = st.recursive(
    leaves,
    lambda inner: (
        st.builds(lambda *node: [*node], features, numbers, inner, inner)
        | st.builds(lambda *node: [*node], features.map(lambda at: ~at), st.integers(0, 2**40), inner, inner)
    ),
    max_leaves=12,
)
rows = st.lists(st.none() | st.lists(numbers, min_size=WIDTH, max_size=WIDTH), max_size=20)


@pytest.fixture(scope="module")
def compiled() -> ModuleType:
    return pytest.importorskip("crawler.parse._native", reason="the parser is not compiled here")


@given(forest=st.lists(trees, max_size=5), base=leaves, asked=rows)
def test_trees_add_up_to_the_same(compiled, forest, base, asked):
    assert compiled.Trees(forest, base, WIDTH).totals(asked) == plain.Trees(forest, base, WIDTH).totals(asked)


@pytest.mark.parametrize(
    "wrong", ["1", [0, 1, 2], [0, "1", 2, 3], [0, 1, 2, None], [WIDTH, 1, 2, 3], [~WIDTH, 1, 2, 3]]
)
def test_what_is_no_tree_is_refused_by_both(compiled, wrong):
    for module in (compiled, plain):
        with pytest.raises(TypeError):
            module.Trees([wrong], 0, WIDTH)


def test_trees_of_bits_and_of_thresholds_are_walked_to_their_leaves():
    forest = native.Trees([[0, 10, 1, [~1, 4, 20, 300]]], 5000, 2)
    assert forest.totals([[10, 4], [11, 3], None, [11, 6]]) == [5001, 5020, None, 5300]


@given(st.lists(st.text(alphabet=st.characters()), max_size=30))
@example(["a"])
@example(["a", "b"])
@example(["a"] * 50)
@example(["\ud800", "müll", "x" * 100])
def test_words_have_the_same_similarity_hash(compiled, tokens):
    assert compiled.simhash(tokens) == plain.simhash(tokens)


@given(st.text(alphabet=st.characters() | st.sampled_from(" _-'aZ9\t\x1c\u0307\u0661\u00b2")))
@example("\ud800a_b \x85c\xa0d")
def test_text_has_the_same_runs_of_letters(compiled, text):
    assert compiled.runs(text) == plain.runs(text)


@given(
    st.binary(max_size=40)
    | st.text(max_size=40).map(lambda text: text.encode("utf-16-le"))
    | st.text(max_size=40).map(str.encode)
)
@example(b"\xed\xa0\x80")
@example(b"\xf4\x90\x80\x80")
@example(b"\xf4\x8f\xbf\xbf")
@example(b"\xc0\x80")
@example(b"\xe0\x9f\xbf")
@example(b"\xf0\x8f\xbf\xbf")
@example(b"plain ascii, longer than eight" + b"\xc3")
def test_the_same_bytes_are_utf8(compiled, body):
    assert compiled.is_utf8(body) == plain.is_utf8(body)


@given(
    st.lists(st.sampled_from([b"<", b"o", b"P", b"t", b"<OPTION>", b"</option>", b"<<opt", b"\xcf", b"<p>"])).map(
        b"".join
    )
)
def test_tags_and_options_are_counted_alike(compiled, html):
    assert compiled.tags_and_options(html) == plain.tags_and_options(html)
