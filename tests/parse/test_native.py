"""In C and in Python the same answers, for all input; where no compiler was, there is nothing to compare."""

from __future__ import annotations

import subprocess
import sys
from types import ModuleType

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

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


texts = st.text(
    alphabet=st.characters()
    | st.sampled_from(
        " _-'aZ9\t\n\r\f\x0b\x1c\0\x85\xa0\xad\u0307\u0661\xb2\u200b\u200d\u202f\u3000\ufeffİΣςß語かกั가\ud800"
    ),
    max_size=40,
)


@pytest.mark.parametrize(
    "measure", ["capitals", "clean", "lower", "squeezed", "straight", "unit_length", "word_count", "words"]
)
@given(text=texts)
@example(text="")
@example(text="\ud800a_b \x85c\xa0d")
@example(text="plain  ascii \0 \0 with breaks\0 ")
@example(text="so\xadft ΑΣ\u200dΣ. 日本語のテキスト、カタカナ 가나")
def test_a_text_has_the_same_measures(compiled, measure, text):
    assert getattr(native, measure)(text) == getattr(plain, measure)(text)


def test_every_letter_has_the_same_lower_case(compiled):
    letters = "".join(
        map(chr, (*range(0x2200), *range(0x2C00, 0x3100), *range(0xA600, 0xA800), *range(0xFF00, 0xFF60), 0x10400))
    )
    assert native.lower(letters) == letters.lower()


@given(texts, st.text("aéßæ語Σ", max_size=6))
@example("aaé é", "éaa")
def test_the_same_letters_are_counted(compiled, text, letters):
    assert native.count_letters(text, letters) == plain.count_letters(text, letters)


@given(
    st.lists(st.sampled_from([b"<", b">", b"a", b"1", b"=", b" ", b"<b ", b"= = "]), max_size=30).map(b"".join),
    st.integers(1, 8),
)
@example(b"a = =", 5)
@example(b"<p = = ><b", 3)
def test_the_same_tags_are_crowded(compiled, html, size):
    for values, spaces in ((2, 9), (9, 2), (1, 1)):
        assert native.has_crowded_tag(html, size, values, spaces) == plain.has_crowded_tag(html, size, values, spaces)


@given(texts, st.integers(0, 50))
@example("a", 9)
@example("a b", 9)
@example("a " * 50, 60)
@example("\ud800 müll " + "x" * 100, 9)
def test_texts_have_the_same_similarity_hash(compiled, text, most):
    assert native.simhash(text, most) == plain.simhash(text, most)


@given(
    st.lists(st.lists(st.text("abß語", min_size=1, max_size=3), max_size=4).map(tuple), max_size=5),
    st.text("abß語\u0161", max_size=20),
)
@example([("a",), ("ab", "b")], "a")
@example([("b",)], "ab")
def test_the_same_phrases_are_found(compiled, groups, text):
    assert native.Phrases(groups).found(text) == plain.Phrases(groups).found(text)


@given(
    st.lists(st.tuples(st.text("abk", min_size=2, max_size=3), st.integers(1, 9), st.booleans()), max_size=6),
    st.text("aAbBkK_1 \u212a\u0130é", max_size=30),
)
@example([("ab", 1, True), ("abk", 2, False)], "xAb-abKaa")
@example([("ab", 1, True), ("ab", 2, True), ("ab", 4, False), ("ab", 8, False)], "ab")
@example([("a" * 24, 1, True), ("a" * 23, 2, True)], "a" * 23 + " " + "a" * 25)
def test_names_have_the_same_bits(compiled, stems, name):
    assert native.Stems(stems).bits(name) == plain.Stems(stems).bits(name)


@given(
    st.lists(st.lists(st.text("ab'’éक्", min_size=1, max_size=3), max_size=4).map(frozenset), max_size=5),
    st.text(st.characters() | st.sampled_from("aabbAB'’ é  क्09०১_²½\u0e31,"), max_size=40),
    st.booleans(),
)
@example([frozenset({"l'a", "l", "a"})], "l'a l a'", False)
@example([frozenset({"a"}), frozenset(), frozenset({"a", "b"})], "a B a '’a", True)
def test_the_same_words_are_counted(compiled, lists, text, with_digits):
    counted = native.Vocabulary(lists).counted
    assert counted(text, with_digits) == plain.Vocabulary(lists).counted(text, with_digits)
    assert counted("", True) == ([0] * len(lists), [0] * len(lists), 0)


phrases = st.dictionaries(
    st.lists(st.text("abé", min_size=1, max_size=2) | st.sampled_from("語か"), min_size=1, max_size=4).map(" ".join),
    st.integers(0, 2**40),
    max_size=8,
)


@given(
    phrases,
    phrases,
    st.integers(0, 4),
    st.text(st.characters() | st.sampled_from("aabbAB  é語か\xadİ"), max_size=40),
    st.lists(st.text("abé", max_size=2) | st.just("語"), max_size=4),
)
@example({"a": 1, "a b": 2, "a b a": 4, "a b a b": 8}, {"b a": 16, "b": 32}, 2, "A b, a b b a", ["b", "a", "b"])
@example({}, {"a 語 b": 1}, 1, "a語b a", [""])
def test_the_same_opening_words_are_read(compiled, openings, anywhere, look, text, also):
    read = native.Openings(openings, anywhere, look).read
    assert read(text, also) == plain.Openings(openings, anywhere, look).read(text, also)


def test_opening_words_are_read_with_how_a_text_begins():
    openings = native.Openings({"read more": 1, "by": 2}, {"read": 4, "cookie": 8}, 2)
    assert openings.read("Read more by the Cookie", ["more", "the", "more"]) == (1 | 4 | 8, 1 | 4, 5, 2)
    assert openings.read("read", []) == (4, 4, 1, 0)


@pytest.mark.parametrize("wrong", [({1: 1}, {}, 1), ({"a": "1"}, {}, 1), ({"a": -1}, {}, 1)])
def test_what_are_no_opening_words_is_refused(compiled, wrong):
    with pytest.raises((TypeError, OverflowError)):
        native.Openings(*wrong)


@pytest.mark.parametrize("wrong", [["ab"], [("a", 1, True)], [("A" * 2, 1, True)], [("a" * 25, 1, True)]])
def test_what_are_no_stems_is_refused(compiled, wrong):
    with pytest.raises(TypeError):
        native.Stems(wrong)


@pytest.mark.parametrize("wrong", [[("",)], [(1,)], [("a",)] * 63])
def test_what_are_no_phrases_is_refused(compiled, wrong):
    with pytest.raises(TypeError):
        native.Phrases(wrong)


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


def walked(cursor, skips: set[int]) -> list[object]:
    """What a walk tells that goes into every element but those whose place in it is in `skips`."""
    told: list[object] = []
    into = True
    while (tag := cursor.step(into)) is not None:
        into = tag not in ("-text", "-blank", "-end") and len(told) not in skips
        node = cursor.node()
        told.append((tag, node.mem_id, cursor.text(), cursor.attributes(), cursor.named()))
    assert (cursor.step(True), cursor.node()) == (None, None)
    return told


@given(
    st.lists(
        st.sampled_from(
            [
                "a",
                " \n",
                "\xa0",
                "é",
                "<p>",
                "</p>",
                "<div class='a b' id=c>",
                "</div>",
                "<b class>",
                "</b>",
                "<!-- c -->",
                "<x-y role=feed hidden>",
                "</x-y>",
                "<svg><foreignObject viewBox='1'>",
                "</svg>",
                "<script>1</script>",
                "<br>",
                "<table>",
                "<td id=''>",
            ]
        ),
        max_size=20,
    ).map("".join),
    st.sets(st.integers(0, 20), max_size=5),
)
@example("<div class=a>x<!-- --> <p id=b role=c>y<br></p></div>z", {2})
def test_a_walk_tells_the_same(compiled, html, skips):
    body = LexborHTMLParser(html).body
    names = {
        node.tag_id: None if node.tag in ("script", "b") else node.tag
        for node in body.traverse()
        if node.tag in ("p", "b", "script", "div")
    }
    given_to = (body, names, frozenset(("class", "id", "role")), frozenset(("hidden",)))
    assert walked(native.Cursor(*given_to), skips) == walked(plain.Cursor(*given_to), skips)


@pytest.mark.parametrize("cursor", [native.Cursor, plain.Cursor])
def test_a_walk_goes_into_another_place_and_comes_back(cursor):
    body = LexborHTMLParser("<body><template><i>in</i></template><p>after").body
    walk = cursor(body, {}, frozenset(), frozenset())
    assert walk.step(True) == "template"
    walk.enter(walk.node().template_fragments()[0])
    assert [walk.step(True), walk.step(True), walk.text()] == ["i", "-text", "in"]
    assert [walk.step(False), walk.step(False), walk.node().tag] == ["-end", "-end", "template"]
    assert [walk.step(False), walk.step(True), walk.text()] == ["p", "-text", "after"]


@pytest.mark.parametrize("wrong", [None, "p", LexborHTMLParser("<p>")])
def test_what_is_no_node_is_refused(compiled, wrong):
    with pytest.raises(TypeError):
        native.Cursor(wrong, {}, frozenset(), frozenset())
    with pytest.raises(TypeError):
        native.Finder(()).find(wrong)


def test_where_selectolax_hides_its_tree_the_python_version_is_taken():
    code = "import sys; sys.modules['crawler.parse._dom'] = None; from crawler.parse import native, plain; print(native.Cursor is plain.Cursor, native.Finder is plain.Finder)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "True"]
