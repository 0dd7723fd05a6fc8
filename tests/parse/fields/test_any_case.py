"""What walls and consent forms say is looked for by a word first, and the same is found."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.parse.fields import barriers
from crawler.parse.fields.any_case import AnyCase, sure_words, words_first

EVERY = [barriers.LOCKED, barriers.CONSENT, barriers.REST, barriers.ASKED]
PHRASES = [phrase for phrases in EVERY for phrase in phrases.phrases]


@pytest.mark.parametrize("phrase", PHRASES)
def test_phrases_are_written_in_small_letters(phrase):
    assert phrase == phrase.lower()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("To go on, SUBSCRIBE to Continue.", "SUBSCRIBE to Continue"),
        ("İstanbul: ABONELERE ÖZEL", "ABONELERE ÖZEL"),
        ("Işık: abonelere özel", "abonelere özel"),
        ("Only for ſubscribers", "Only for ſubscribers"),
        ("ТОЛЬКО ДЛЯ ПОДПИСЧИКОВ", "ТОЛЬКО ДЛЯ ПОДПИСЧИКОВ"),
        ("Nothing of the kind", ""),
    ],
)
def test_phrases_are_found_in_any_case_and_told_as_they_stand(text, said):
    assert barriers.LOCKED.first(text) == said
    assert list(barriers.LOCKED.all(f"{text} / {text}")) == ([said, said] if said else [])


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("a?bc", ("bc",)),
        ("ab+cde?", ("ab",)),
        ("ab{2,3}c", ("ab",)),
        ("ab{0,3}cd", ("cd",)),
        ("x{,2}y", ("y",)),
        (r"[abc]{2} ?xyz\?", ("xyz?",)),
        (r"\bab\.c.{0,30}de", ("ab.c",)),
        ("(?:only|just) (?:for )?us", ("only", "just")),
        ("(?:the |a )+dog(?:s|gies)", ("dog",)),
        ("(?:abc(?:de|fgh)|ijkl)m?", ("abc", "ijkl")),
        ("the end|no more", ("the end", "no more")),
    ],
)
def test_one_of_the_sure_words_is_in_all_that_an_expression_is_found_in(expression, words):
    assert sure_words(expression) == words


@pytest.mark.parametrize("expression", ["", "a?", "(?:a|b*)", "(?=ab)c", "(?P<x>ab)", "ab)c", "[abc]+"])
def test_an_expression_without_a_sure_word_is_refused(expression):
    with pytest.raises(ValueError, match="no word"):
        sure_words(expression)


@pytest.mark.parametrize(
    ("expression", "text", "is_likely"),
    [
        (re.compile(r"(?i)\W*(?:JOIN|follow(?!s)) us"), "follow us", True),
        (re.compile(r"(?i)\W*(?:JOIN|follow(?!s)) us"), "he joins us", True),
        (re.compile(r"(?i)\W*(?:JOIN|follow(?!s)) us"), "he left", False),
        (re.compile(r"(?<![A-Za-z])AI(?![A-Za-z])"), "said", False),
        (re.compile(r"(?<![A-Za-z])AI(?![A-Za-z])"), "by AI", True),
    ],
)
def test_a_text_without_any_of_an_expressions_words_is_told_first(expression, text, is_likely):
    assert (words_first(expression).found(text) > 0) is is_likely


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_by_a_word_first_the_same_is_found(data):
    phrase = data.draw(st.sampled_from(PHRASES))
    said = [data.draw(st.from_regex(phrase, fullmatch=True)) for _ in range(2)]
    text = " ".join((data.draw(st.text(max_size=5)), said[0], "Among others:", said[1].upper()))
    for phrases in EVERY:
        whole = re.compile("|".join(phrases.phrases), re.IGNORECASE)
        assert phrases.all(text) == [match[0] for match in whole.finditer(text)]
        assert [phrases.first(text)] == (phrases.all(text)[:1] or [""])


def test_of_two_that_begin_together_the_first_is_told():
    assert AnyCase("read on", "read", "to read").first("Please READ on") == "READ on"
    assert AnyCase("read", "read on", "to read").first("Please READ on") == "READ"
    assert AnyCase("on", "read", "to read").first("Wish to read on") == "to read"
