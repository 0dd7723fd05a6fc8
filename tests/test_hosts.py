"""Hosts as browsers read them, and what is none."""

from __future__ import annotations

import pytest

from crawler.hosts import ascii_host


@pytest.mark.parametrize(
    ("written", "host"),
    [
        ("News.Example", "news.example"),
        ("news.example.", "news.example"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("BU\u0308CHER.example", "xn--bcher-kva.example"),
        ("straße.example", "xn--strae-oqa.example"),
        ("βόλος.example", "xn--nxasmm1c.example"),
        ("نامه\u200cای.example", "xn--mgba3gch31f060k.example"),
        ("日本語。ＪＰ", "xn--wgv71a119e.jp"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("ex%61mple.news", "example.news"),
        ("%D8%AE%D8%A8%D8%B1.example", "xn--ngblk.example"),
        ("my_paper.example", "my_paper.example"),
        ("r3---sn-x.example", "r3---sn-x.example"),
        ("127.1", "127.0.0.1"),
        ("2130706433", "127.0.0.1"),
        ("0x7f.1", "127.0.0.1"),
        ("0X7F000001", "127.0.0.1"),
        ("0177.0.0.1", "127.0.0.1"),
        ("１２７.0.0.1", "127.0.0.1"),
        ("169.254.43518", "169.254.169.254"),
        ("127.0.0.1.", "127.0.0.1"),
        ("[::FFFF:127.0.0.1]", "[::ffff:7f00:1]"),
        ("[0:0::1]", "[::1]"),
        ("localhost.", "localhost"),
    ],
)
def test_one_spelling_for_each_host(written: str, host: str) -> None:
    assert ascii_host(written) == host
    assert ascii_host(host) == host


@pytest.mark.parametrize(
    "written",
    [
        "", ".", "..", "a..b", ".a", "a b", "a%00b", "a\x7fb", "a%2fb", "a%25b", "a<b", "a|b", "a^b", "[::1",
        "[1::2::3]", "[fe80::1%25eth0]",
        "256.0.0.1", "1.2.3.4.5", "127.0.0.09", "0x1.example.0x", "news.1", "4294967296", "xn--", "xn--a",
        "xn--zn7c.example",
        "a\u200db.example", "a\u200cb.example", "\u0640.example", "-ü.example", "\u0301a.example", "אa.example",
        "\ufffd.example",
        "☕.example", f"{'a' * 64}.example", "a." * 130 + "a", "9" * 5000, "ä" * 3000,
    ],
)  # fmt: skip
def test_what_names_no_host_is_refused(written: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - its text is for people
        ascii_host(written)
