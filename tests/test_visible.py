"""Foreign text as people are told it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.visible import host_alone, masked, visible


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("\x1b[2Jgone", "\\x1b[2Jgone"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("a\u2066b\u2069\u200bc\ufeff", "a\\u2066b\\u2069\\u200bc\\ufeff"),
        ("\x9b31m\x07\x7f", "\\x9b31m\\x07\\x7f"),
        ("one\r\ntwo\tthree\u2028four", "one\\r\\ntwo\\tthree\\u2028four"),
        ("\U000e0041\udc80", "\\U000e0041\\udc80"),
        ("نامه\u200cای \u200f(خبر)", "نامه\u200cای \u200f(خبر)"),
        ("日本語 Ünicode 👩\u200d💻", "日本語 Ünicode 👩\u200d💻"),
        ("at s3://key:secret@store.example/b now", "at s3://***@store.example/b now"),
        ("mail desk@news.example", "mail desk@news.example"),
    ],
)
def test_what_acts_or_hides_is_shown_as_its_escape(text: str, told: str) -> None:
    assert visible(text) == told


def test_lines_stay_lines_where_they_are_wanted() -> None:
    assert visible("one\n\ttwo\r\x1b", lines=True) == "one\n\ttwo\\r\\x1b"


@given(st.text())
def test_whatever_is_told_can_be_written_on_one_line(text: str) -> None:
    assert visible(text).encode("utf-8").splitlines() in ([], [visible(text).encode("utf-8")])


def test_credentials_and_secret_paths_are_masked() -> None:
    assert masked('"proxy": "http://me:pa:ss@proxy.example:3128"') == '"proxy": "http://***@proxy.example:3128"'
    assert host_alone("https://hooks.example/T0/B0/secret") == "https://hooks.example/***"
    assert host_alone("https://me:x@hooks.example") == "https://hooks.example/***"
    assert host_alone("https://hooks.example?key=secret") == "https://hooks.example/***"
    assert host_alone("") == ""


@pytest.mark.parametrize("pair", ["me:pa@ss", "me:pa'ss", "me:" + "x" * 2000, "me", "me:pa%40ss", "@:@"])
def test_whatever_a_password_is_made_of_it_is_masked(pair: str) -> None:
    url = f"http://{pair}@proxy.example:3128/?to=me@example.org"
    assert masked(f"by {url}, or {url}").count("http://***@proxy.example:3128/?to=me@example.org") == 2
