"""What is typed into a search is understood as people mean it, or told what is wrong."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.corpus.asked import read_query
from crawler.corpus.words import TOKENIZER, indexed
from crawler.errors import UsageError

TEXTS = (
    "the old bridge",
    "a new bridge and a mill",
    "the mill at night",
    "图书馆开放",
    "قالت المدرسة إن الكتاب بالمكتبة وللطلاب",
    'צה"ל הגיב',
)


@pytest.fixture(scope="module")
def words() -> Iterator[sqlite3.Connection]:
    made = sqlite3.connect(":memory:", check_same_thread=False)
    made.execute(f"CREATE VIRTUAL TABLE w USING fts5 (title, body, content = '', tokenize = '{TOKENIZER}')")
    for number, text in enumerate(TEXTS):
        made.execute(
            "INSERT INTO w (rowid, title, body) VALUES (?, ?, ?)", (number, "news" if number else "x", indexed(text))
        )
    yield made
    made.close()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("bridge", {0, 1}),
        ("bridge mill", {1}),
        ("bridge AND mill", {1}),
        ("bridge OR mill", {0, 1, 2}),
        ("bridge NOT mill", {0}),
        ("bridge -mill", {0}),
        ("-mill bridge", {0}),
        ('"old bridge"', {0}),
        ('"bridge old"', set()),
        ("مدرسة", {4}),
        ("كتاب NOT مدرسة", set()),
        ("مكتبة مدرسة", {4}),
        ("title:مدرسة", set()),
        ('"مدرسة"', set()),
        ('"المدرسة"', {4}),
        ("مدر*", {4}),
        ("درسة", set()),
        ('צה"ל', {5}),
        ('"צה"ל הגיב"', {5}),
        ("“old bridge”", {0}),
        ("(old OR new) bridge", {0, 1}),
        ("mill OR old bridge", {0, 1, 2}),
        ("brid*", {0, 1}),
        ("title:news bridge", {1}),
        ("and", {1}),
        ("图书", {3}),
        ("馆", {3}),
        ("书馆开", {3}),
        ("书开", set()),
        ("bridge NOT (mill OR night)", {0}),
    ],
)
def test_a_query_finds_what_is_meant(words: sqlite3.Connection, query: str, found: set[int]):
    assert {row[0] for row in words.execute("SELECT rowid FROM w WHERE w MATCH ?", (read_query(query).match,))} == found


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("", "nothing to search for"),
        ("   ", "nothing to search for"),
        ("NOT mill", "what is not wanted only"),
        ("-mill", "what is not wanted only"),
        ("bridge OR", "missing beside OR"),
        ("OR bridge", "missing beside OR"),
        ("AND", "missing beside AND"),
        ("bridge AND AND mill", "missing beside AND"),
        ('"old bridge', "quotation mark is not closed"),
        ("(old", "bracket is not closed"),
        ("old)", "closed that was not opened"),
        ("()", "missing beside"),
        ("bridge !!!", "no letter"),
        ("x" * 2000, "more than"),
        ("(" * 60 + "a", "brackets"),
    ],
)
def test_what_cannot_be_meant_is_told(query: str, told: str):
    with pytest.raises(UsageError, match=told):
        read_query(query)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["a", "b*", '"', "(", ")", "AND", "OR", "NOT", "-", "title:", "中", " ", "'", "*", "^", ":", "NEAR", "{"]
        ),
        max_size=12,
    )
)
def test_no_query_is_an_error_of_the_database(words: sqlite3.Connection, parts: list[str]):
    try:
        asked = read_query(" ".join(parts))
    except UsageError:
        return
    words.execute("SELECT rowid FROM w WHERE w MATCH ?", (asked.match,)).fetchall()
