"""Sketches of texts in any script: what was taken over, and what proves nothing."""

from __future__ import annotations

import random

import pytest

from crawler.frontier.syndication import Holder, copy_kind, likeness, phrases_of, sketch_of

LATIN = "abcdefghijklmnopqrstuvwxyz"
ARABIC = "ابتثجحخدذرزسشصضطظعغفقكلمنهوي"


def text(seed: int, words: int, letters: str = LATIN) -> str:
    chance = random.Random(seed)
    return " ".join("".join(chance.choices(letters, k=chance.randint(2, 8))) for _ in range(words))


def han(seed: int, characters: int) -> str:
    chance = random.Random(seed)
    return "".join(chr(chance.randint(0x4E00, 0x8FFF)) for _ in range(characters))


@pytest.mark.parametrize(
    ("whole", "part"),
    [
        (text(1, 400), " ".join(text(1, 400).split()[:200])),
        (text(2, 400, ARABIC), " ".join(text(2, 400, ARABIC).split()[100:300])),
        (han(3, 800), han(3, 800)[:400]),
        (text(4, 3000), " ".join(text(4, 3000).split()[:900])),
    ],
)
def test_a_part_that_was_taken_over_is_found_in_any_script(whole: str, part: str) -> None:
    alike = likeness(sketch_of(part), sketch_of(whole))
    assert alike.is_copy
    assert alike.of_this > 0.95
    assert len(part) / len(whole) == pytest.approx(alike.of_other, abs=0.15)
    assert copy_kind(sketch_of(part), sketch_of(whole), alike) == "part"


def test_what_is_added_counts_as_the_copys_own() -> None:
    agency, own = text(1, 300), text(2, 100)
    alike = likeness(sketch_of(f"{own}\n{agency}"), sketch_of(agency))
    assert alike.of_other == 1.0
    assert alike.of_this == pytest.approx(0.75, abs=0.12)


def test_white_space_case_and_marks_make_no_other_text() -> None:
    one = sketch_of(f"Café {text(1, 100)}")
    other = sketch_of(f"CAFE\u0301\n\n{text(1, 100)}")  # composed differently
    assert copy_kind(one, other, likeness(one, other)) == "exact"
    vowels = "كَتَبَ " * 1 + text(2, 100, ARABIC)
    plain = "كتب " + text(2, 100, ARABIC)
    assert sketch_of(vowels).digest == sketch_of(plain).digest


def test_a_few_edits_leave_a_near_copy() -> None:
    words = text(1, 400).split()
    edited = " ".join(["corrected" if n % 100 == 50 else word for n, word in enumerate(words)])
    alike = likeness(sketch_of(edited), sketch_of(" ".join(words)))
    assert copy_kind(sketch_of(edited), sketch_of(" ".join(words)), alike) == "near"


def test_unlike_texts_share_nothing() -> None:
    assert not likeness(sketch_of(text(1, 400)), sketch_of(text(2, 400))).is_copy
    assert not likeness(sketch_of(han(1, 800)), sketch_of(han(2, 800))).is_copy


def test_a_short_foot_under_short_articles_is_no_copy() -> None:
    foot = text(9, 35)
    alike = likeness(sketch_of(f"{text(1, 60)} {foot}"), sketch_of(f"{text(2, 60)} {foot}"))
    assert alike.share > 0.3
    assert not alike.is_copy


def test_a_short_article_that_is_the_same_is_a_copy() -> None:
    brief = sketch_of(text(1, 40))
    assert likeness(brief, sketch_of(text(1, 40))).is_copy


def test_a_headline_alone_is_not_compared() -> None:
    short = sketch_of("Storm over the harbour")
    assert short.scale == 0
    assert not likeness(short, short).is_copy


def test_what_many_unlike_texts_or_pages_of_one_site_hold_proves_nothing() -> None:
    of_six = [Holder(1, n, n, f"site-{n}") for n in range(6)]
    of_five = [Holder(2, n, n, f"site-{n}") for n in range(5)]
    of_a_site = [Holder(3, n, 7, "site-7") for n in range(4)]
    of_a_story = [Holder(4, n, 7, f"site-{n}") for n in range(20)]
    assert phrases_of([*of_six, *of_five, *of_a_site, *of_a_story]) == {1, 3}


def test_sketches_are_the_same_everywhere() -> None:
    sketch = sketch_of(
        "The harbour of the town was closed for a day because of the storm that came over night, it said."
    )
    assert sketch.scale == 1
    assert min(sketch.hashes) == 306226259505966799
