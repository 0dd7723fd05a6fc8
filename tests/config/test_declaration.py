"""Declarations as text: what is written reads back as what it was made of, and nothing else of a file changes."""

from __future__ import annotations

import os
import tomllib
from datetime import date
from pathlib import Path

import msgspec
import pytest

from crawler.config import declaration_text, load_sites, replace_file, shipped, with_verified, write_new
from crawler.errors import UsageError
from crawler.model.site import ParserRules, Schedule, Site, Verified

VERIFIED = Verified(at=date(2026, 11, 30), how='seen "today"')
SITE = Site(
    name="paper",
    title='The "Paper" \\ of\tToday\u007f ',
    country="gb",
    languages=("en", "cy"),
    home="https://paper.example/",
    hosts=("stories.example",),
    feeds=tuple(f"https://paper.example/a/rather/long/address/of/a/feed-{n}.xml" for n in range(4)),
    include=(r"/news/\d+",),
    schedule=Schedule(cron="5 6 * * *", timezone="Europe/London"),
    delay_s=2.5,
    headers={"X-Reader": "archive", "Accept.Odd": "1"},
    verified=VERIFIED,
    rules=(ParserRules(valid_from=date(2020, 1, 1), body="div.b", remove=("x", "y")), ParserRules(title="h1")),
)


def test_a_declaration_reads_back_as_it_was(tmp_path: Path) -> None:
    whole = msgspec.structs.replace(SITE, title='The "Paper" \\ of Today')
    write_new(tmp_path / "gb" / "paper.toml", declaration_text(whole))
    assert load_sites(tmp_path) == {"paper": whole}


def test_text_of_any_kind_is_toml(tmp_path: Path) -> None:
    assert tomllib.loads(declaration_text(SITE))["title"] == SITE.title


def test_every_shipped_site_reads_back_as_it_was(tmp_path: Path) -> None:
    sites = load_sites(shipped("seeds"))
    for name, site in sites.items():
        write_new(tmp_path / f"{name}.toml", declaration_text(site))
    assert load_sites(tmp_path) == sites


@pytest.mark.parametrize(
    "text",
    [
        "# c\na = 1\nverified = false  # why\nb = 2\n",
        "a = 1\r\nverified = true\r\n[s]\r\nverified = false\r\n",
        "a = 1\n\n# of the table\n[s]\nverified = false\n",
        "[s]\nx = 1\n",
        "a = 1",
        "",
        "\ufeffa = 1\n",
        'a = """\nverified = false\n"""\nverified = { at = 2020-01-01, how = "x } #" }\n',
        'a = [\n  [1],\n]\nschedule = { every = "1h" }\n',
    ],
)
def test_verified_is_entered_and_all_else_stays(text: str) -> None:
    changed = with_verified(text, VERIFIED)
    assert changed is not None
    plain = changed.removeprefix("\ufeff")
    assert tomllib.loads(plain) == {
        **tomllib.loads(text.removeprefix("\ufeff")),
        "verified": {"at": VERIFIED.at, "how": VERIFIED.how},
    }
    assert changed.startswith("\ufeff") == text.startswith("\ufeff")
    kept = [line for line in text.splitlines() if not line.startswith("verified = ")]
    assert [line for line in changed.splitlines() if line in kept] == kept
    assert ("\r\n" in changed) == ("\r\n" in text)


def test_a_layout_that_is_not_understood_is_left_alone() -> None:
    assert with_verified('a = 1\n[verified]\nat = 2020-01-01\nhow = "x"\n', VERIFIED) is None


def test_a_file_that_is_there_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "paper.toml"
    path.write_text("mine")
    with pytest.raises(UsageError, match="is there already"):
        write_new(path, "theirs")
    assert path.read_text() == "mine"
    assert [one.name for one in tmp_path.iterdir()] == ["paper.toml"]


def test_a_file_is_replaced_whole_and_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "paper.toml"
    path.write_text("a")
    path.chmod(0o640)
    replace_file(path, "b")
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("b", 0o640)


def test_what_a_killed_writer_left_is_removed_by_the_next_and_what_is_being_written_is_not(tmp_path: Path):
    old, new = tmp_path / ".paper.toml.1.part", tmp_path / ".other.toml.2.part"
    old.write_text("half of")
    new.write_text("half of")
    os.utime(old, (1e9, 1e9))
    write_new(tmp_path / "paper.toml", declaration_text(SITE))
    assert sorted(path.name for path in tmp_path.iterdir()) == [new.name, "paper.toml"]
