"""Kinds of edits, told from two texts."""

from __future__ import annotations

import pytest

from crawler.frontier.revisions import kinds_of

BODY = (
    "The council met on Monday to talk about the quay.\nIt closed the old slipway until spring.\nDivers will survey it."
)


@pytest.mark.parametrize(
    ("after", "kinds"),
    [
        (BODY, ()),
        (BODY.replace("slipway", "slip-way"), ("typo",)),
        (BODY.replace("survey", "survay"), ("typo",)),
        (BODY.replace("Monday,", "Monday").replace("quay.", "quay!"), ("typo",)),
        (BODY + "\nThe mayor said on Tuesday that the work begins in January, weather permitting.", ("added",)),
        (BODY.replace("\nIt closed the old slipway until spring.", ""), ("removed",)),
        (BODY + "\nCorrection: an earlier version gave a wrong day.", ("correction", "added")),
        (BODY + "\nتصحيح: ورد خطأ في اليوم", ("correction", "added")),
        (
            BODY.replace(
                "It closed the old slipway until spring.", "The fishing fleet was asked to land its catch elsewhere."
            ),
            ("rewritten",),
        ),
    ],
)
def test_edits_of_the_text_have_a_kind(after: str, kinds: tuple[str, ...]) -> None:
    assert kinds_of("A title", BODY, "A title", after) == kinds


def test_a_headline_is_told_apart_from_the_text() -> None:
    assert kinds_of("Old title", BODY, "New title", BODY) == ("headline",)
    assert kinds_of("“Old” title", BODY, '"Old" title', BODY) == ()
    assert kinds_of("Old", BODY, "New", BODY.replace("survey", "survay")) == ("headline", "typo")


def test_a_text_without_spaces_between_words_is_compared_too() -> None:
    assert kinds_of("题", "港口委员会星期一开会。", "题", "港口委员会星期二开会。") == ("typo",)
