"""JSON-LD that is JSON, nearly JSON, or neither."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.parse.fields.json_ld import read_values

MILL = {"@type": "NewsArticle", "headline": "The wheel stays", "author": {"name": "Ann Miller"}, "keywords": ["mill", "wheel"], "wordCount": 412}  # fmt: skip
TEXT = json.dumps(MILL)


@pytest.mark.parametrize(
    "script",
    [
        TEXT,
        "\ufeff" + TEXT,
        f"/* from the press */ {TEXT} // end",
        f"<!-- {TEXT} -->",
        f"//<![CDATA[\n{TEXT}\n//]]>",
        f"window.mill = {TEXT};",
        TEXT.replace(', "author"', ',\u200b "author"'),
        TEXT.replace(', "author"', ', // the writer\n "author"'),
        TEXT.replace(', "author"', ' "author"'),
        TEXT.replace("412}", "412,}").replace('"wheel"]', '"wheel",]'),
        TEXT.replace('"', "&#34;"),
        TEXT.replace('"', "&quot;"),
        TEXT.replace('"', "&#39;"),
        TEXT.replace(', "author"', ',, "author"'),
        json.dumps(TEXT),
        TEXT.replace('"headline"', "headline"),
        TEXT.replace('"@type"', "@type").replace('"headline"', "headline").replace('"author"', "author"),
        TEXT.replace('"', "'"),
        TEXT[:-1],
    ],
)
def test_a_script_with_a_usual_fault_gives_what_it_means(script):
    assert read_values(script) == [MILL]


@pytest.mark.parametrize(
    ("inner", "text"),
    [
        ('the "great" wheel', 'the "great" wheel'),
        ('"great"', '"great"'),
        ('he said "yes", and left', 'he said "yes", and left'),
        (r"the miller\'s wheel", "the miller's wheel"),
        (r"path \d \x41", r"path \d A"),
        ("two\nlines", "two lines"),
        (r"\ud83d\ude00 ok", "\U0001f600 ok"),
    ],
)
def test_quotes_breaks_and_escapes_inside_of_a_string_are_part_of_it(inner, text):
    for script in (f'{{"a": "{inner}", "b": 1}}', f'{{"b": 1, "a": "{inner}"}}'):
        assert read_values(script) == [{"a": text, "b": 1}]


def test_values_beside_each_other_are_all_read():
    assert read_values('{"a": 1}\n{"b": 2}, {"c": undefined}') == [{"a": 1}, {"b": 2}, {"c": None}]


@pytest.mark.parametrize("script", ["", "no data", "var x = 3;", "[" * 5000, "}" * 9, '{"a'])
def test_what_holds_nothing_gives_nothing_that_matters(script):
    assert all(isinstance(value, dict | list) for value in read_values(script))


@given(st.text(alphabet="{}[]\",:' \\/*ab1\n", max_size=60))
def test_any_text_is_read_to_its_end(script):
    assert isinstance(read_values(script), list)


WORDS = st.text(alphabet="ab :,'é1", max_size=8)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-10, 10**6) | WORDS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
        max_leaves=12,
    )
)
def test_json_with_a_fault_behind_it_is_what_it_is_without(value):
    if isinstance(value, dict | list) and value:
        assert read_values(json.dumps(value) + ";")[0] == value


def test_what_the_maker_of_a_page_was_to_fill_in_costs_nothing_else():
    script = TEXT.replace('"author"', '"image": {{ image | json }}, "author"')
    assert read_values(script) == [{**MILL, "image": None}]


def test_of_a_page_of_many_faulty_scripts_no_more_is_scanned_than_of_one():
    faulty = "{'a': 1}"
    assert read_values(faulty, before=1_000) == [{"a": 1}]
    assert read_values(faulty, before=2_000_000) == []
    assert read_values('{"a": 1}', before=2_000_000) == [{"a": 1}]
