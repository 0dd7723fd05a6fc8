"""What is printed for people: it shows what a text holds and does not do it."""

from __future__ import annotations

import pytest
from rich.table import Table

from crawler.cli.consoles import console, print_table
from crawler.visible import UNSEEN_CHARACTER


def test_what_is_printed_shows_what_a_text_holds_and_does_not_do_it(capsys: pytest.CaptureFixture[str]) -> None:
    table = Table("title", box=None)
    table.add_row("harbour\x1b[31m \u202eegdirb\x9b [bold]http://me:secret@host/[/]")
    print_table(table)
    console().print("harbour\x1b[31m")
    told = capsys.readouterr()
    assert "harbour\\x1b[31m \\u202eegdirb\\x9b http://***@host/" in told.out
    assert told.err == "harbour\\x1b[31m\n"
    assert not UNSEEN_CHARACTER.search(told.out.replace("\n", "") + told.err.replace("\n", ""))
