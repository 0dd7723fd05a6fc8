"""Named fields of records: the quick way and the careful one say the same."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crawler.archive.read.record_head import parse_fields

PIECES = (
    "WARC-Type: response", "WARC-Type: request", "warc-type: x", "WARC-Date:2026", "Content-Length:  5 ", "X-Odd: a: b",
    " folded", "\tfolded", "no colon", "", "WARC-Target-URI: ", "WARC-Target-URI: http://news.example/\u0434",
    "A\nB: c",
)  # fmt: skip


def carefully(text: str) -> dict[str, str]:
    """Field by field, as ISO 28500 section 4 has them: the first of equal names counts, folded lines are joined."""
    found: dict[str, str] = {}
    last = ""
    for line in text.split("\r\n")[1:]:
        if line[:1] in (" ", "\t") and last:
            found[last] += " " + line.strip()
            continue
        name, colon, value = line.partition(":")
        last = name.strip().lower() if colon else ""
        if last and last in found:
            last = ""
        elif last:
            found[last] = value.strip()
    return found


@given(st.lists(st.sampled_from([piece for piece in PIECES if not piece.startswith((" ", "\t"))]), max_size=8))
@example(["WARC-Type: response", "Content-Length: 5"])
def test_fields_are_those_of_the_lines_the_first_of_equal_ones(lines: list[str]) -> None:
    text = "\r\n".join(("WARC/1.1", *lines))
    version, fields = parse_fields(text.encode(), "\r\n")
    assert version == "WARC/1.1"
    assert fields == carefully(text)


@pytest.mark.parametrize("newline", ["\r\n", "\n"])
def test_folded_lines_are_joined(newline: str) -> None:
    head = newline.join(
        ("WARC/1.0", "WARC-Type: response", "WARC-Target-URI: http://news.example/", "  a", "Content-Length: 3")
    )
    assert parse_fields(head.encode(), newline) == (
        "WARC/1.0",
        {"warc-type": "response", "warc-target-uri": "http://news.example/ a", "content-length": "3"},
    )
