"""Measures and clean-up of text in several scripts."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.parse.page.text import clean, fingerprint, fold, folds_to, unit_length, word_count, words


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("  a \n\t b ", "a b"),
        ("a\xa0\xa0b", "a b"),
        ("a\xadb\u200bc\ufeffd\x07e", "abcde"),
        ("می\u200cخواهم \u200fا", "می\u200cخواهم \u200fا"),
        ("一\u3000二", "一\u3000二"),
        ("\u3000\u3000段落\u3000", "段落"),
        ("one \x00 two", "one\ntwo"),
        ("ﻻ ي ی", "ﻻ ي ی"),
    ],
)
def test_inline_text_is_cleaned_and_nothing_is_normalised(raw, text):
    assert clean(raw) == text


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("two words", 2),
        ("one - two", 2),
        ("كلمتان هنا", 2),
        ("四个汉字", 2),
        ("한국어 문장", 2),
        ("", 0),
        ("GPT和人工智能", 4),
    ],
)
def test_words_are_counted_as_a_reader_would(text, count):
    assert word_count(text) == count


def test_an_ideograph_weighs_as_much_as_a_short_word():
    assert unit_length("abc") == unit_length("字") == 3


def test_words_of_dense_scripts_are_characters():
    assert words("新闻 News") == ["新", "闻", "news"]


def test_folding_is_for_comparison():
    assert fold("“Ａ”  –  b\u200f") == '"a" - b'


def test_near_texts_have_near_fingerprints_and_others_do_not():
    base = " ".join(f"word{i} of the long story" for i in range(200))
    near = base.replace("word7 ", "another ")
    other = " ".join(f"thing{i} in a different tale" for i in range(200))

    def distance(a: str, b: str) -> int:
        return (int(fingerprint(a), 16) ^ int(fingerprint(b), 16)).bit_count()

    assert distance(base, near) <= 6
    assert distance(base, other) > 12


def test_the_fingerprint_never_changes():
    assert fingerprint("") == "0" * 16
    assert fingerprint("The same text gives the same digits on every machine.") == "14a84314b284a604"


@given(st.text(st.characters(exclude_characters="\0")))
def test_any_text_has_a_fingerprint_and_a_count(text):
    assert len(fingerprint(text)) == 16
    assert word_count(text) >= 0
    assert clean(clean(text)) == clean(text)


MIXED = st.text(st.sampled_from("aB7_-'`\u2019 \n\x1f\xa0\xad\u200c\u00e9e\u0301\u0130ß中한ي\U00020000"), max_size=40)


@given(MIXED)
def test_words_are_found_by_letters_whatever_else_the_text_holds(text):
    plain = "".join(c for c in text if c.isascii())
    assert words(plain) == re.findall(r"\w+", plain.lower())


@given(MIXED)
def test_words_are_counted_by_spaces(text):
    plain = "".join(c for c in text if c not in "中\U00020000")
    assert word_count(plain) == len(re.findall(r"[^\s\w]*\w\S*", plain))


@given(MIXED, MIXED)
def test_comparing_with_a_folded_text_is_folding_and_comparing(text, other):
    assert folds_to(text, fold(text))
    assert folds_to(text, fold(other)) == (fold(text) == fold(other))
