"""How changes are shown: each marked run keeps its own direction, and nothing in it moves a cursor."""

from __future__ import annotations

import click

from crawler.cli.changes import changed, changes_json, marked


def test_what_was_taken_out_and_put_in_is_marked_and_isolated():
    (change,) = changed("the same\nthe old pier of the town", "the same\nthe new pier of the town")
    assert click.unstyle(marked(change)) == ("\u2068the [-\u2068old\u2069-]{+\u2068new\u2069+} pier of the town\u2069")
    assert changes_json([change])[0]["kind"] == "changed"


def test_right_to_left_words_stand_in_their_order_and_escapes_are_shown():
    (change,) = changed("وصلت السفينة إلى المرفأ أمس", "وصلت السفينة إلى المرفأ اليوم\x1b[2J")
    shown = click.unstyle(marked(change))
    assert "[-\u2068أمس\u2069-]{+\u2068اليوم\\x1b[2J\u2069+}" in shown
