"""What counts as the same word, in each script, and where in a text it is."""

from __future__ import annotations

import pytest

from crawler.corpus.words import folded, indexed, phrase, snippet


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("Élan", "elan"),
        ("STRASSE", "straße"),
        ("Ångström", "angstrom"),
        ("İstanbul", "istanbul"),
        ("Łódź", "lodz"),
        ("المدرسةُ", "المدرسه"),
        ("إلى", "الي"),
        ("أُعلن", "اعلن"),
        ("آخره", "اخره"),
        ("ٱلكتاب", "الكتاب"),
        ("الكِتـــاب", "الكتاب"),
        ("مؤسسة", "موسسه"),
        ("کتاب", "كتاب"),
        ("می‌شود", "میشود"),
        ("ایران", "إيران"),
        ("۱۴۰۲", "1402"),
        ("١٢٣", "123"),
        ("ﻣﺪﺭﺳﺔ", "مدرسة"),
        ("ｶﾞﾗｽ", "ガラス"),
        ("ＡＢＣ", "abc"),
        ("שָׁלוֹם", "שלום"),
        ("soft\u00adhyphen", "softhyphen"),
        ("ὁδός", "οδοσ"),
    ],
)
def test_what_people_type_for_one_another_is_one_word(written: str, typed: str):
    assert folded(written) == folded(typed)


@pytest.mark.parametrize(("one", "other"), [("हिन्दी", "हन्द"), ("가나", "하나"), ("か", "が"), ("ب", "ت")])
def test_other_words_stay_other_words(one: str, other: str):
    assert folded(one) != folded(other)


def test_scripts_without_blanks_are_cut_into_pairs():
    assert indexed("讨论iPhone手机").split() == ["讨论", "论", "iphone", "手机", "机"]
    assert phrase("图书馆") == ("图书 书馆", False)
    assert phrase("中") == ("中", True)
    assert phrase("foo-bar!") == ("foo bar", False)
    assert phrase("!?") == ("", False)


@pytest.mark.parametrize(
    ("text", "terms", "marked"),
    [
        ("The old Bridge, an abridged tale", ["bridge"], ["Bridge"]),
        ("The old Bridge, an abridged tale", ["brid*"], ["Brid"]),
        ("an old  bridge", ["old bridge"], ["old bridge"]),
        ("قرأوا الكِتـاب إلى آخره", ["الكتاب", "اخره"], ["الكِتـاب", "آخره"]),
        ("居民们希望新图书馆开放", ["图书馆"], ["图书馆"]),
        ("Die Straße ist lang", ["strasse"], ["Straße"]),
        ("nothing here", ["bridge"], []),
    ],
)
def test_a_snippet_marks_what_was_found_as_it_is_written(text: str, terms: list[str], marked: list[str]):
    found = snippet(text, terms)
    assert [found.text[begin:end] for begin, end in found.marks] == marked


def test_a_snippet_is_a_stretch_around_the_first_find():
    found = snippet("word " * 300 + "bridge " + "more " * 300, ["bridge"])
    assert len(found.text) < 320
    assert (found.text[0], found.text[-1]) == ("…", "…")
    assert [found.text[begin:end] for begin, end in found.marks] == ["bridge"]


def test_a_snippet_marks_the_article_with_its_word():
    found = snippet("قالت المدرسة إن الكتاب بالمكتبة", ["مدرسة", "مكتبة"])
    assert [found.text[a:b] for a, b in found.marks] == ["المدرسة", "بالمكتبة"]
