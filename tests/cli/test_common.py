"""What commands have in common: what they print of others' texts."""

from __future__ import annotations

import json

import pytest
from rich.table import Table

from crawler.cli.common import console, json_text, print_table
from crawler.visible import UNSEEN


def test_what_is_printed_shows_what_a_text_holds_and_does_not_do_it(capsys: pytest.CaptureFixture[str]) -> None:
    table = Table("title", box=None)
    table.add_row("harbour\x1b[31m \u202eegdirb\x9b [bold]http://me:secret@host/[/]")
    print_table(table)
    console().print("harbour\x1b[31m")
    told = capsys.readouterr()
    assert "harbour\\x1b[31m \\u202eegdirb\\x9b http://***@host/" in told.out
    assert told.err == "harbour\\x1b[31m\n"
    assert not UNSEEN.search(told.out.replace("\n", "") + told.err.replace("\n", ""))


@pytest.mark.parametrize("indent", [-1, 2])
def test_json_hides_nothing_and_moves_nothing_and_says_the_same(indent):
    said = {"title": 'a\u202etxt\u200b\x1b[2J\x9b2J\U000e0041 é \u0648\u200d\u0631\n"\\', "n": [1, None]}
    text = json_text(said, indent=indent)
    assert json.loads(text) == said
    assert not UNSEEN.search(text)
    assert "é" in text
    assert "\u200d" in text
