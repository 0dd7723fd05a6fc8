"""Labels of encodings as pages and feeds write them."""

from __future__ import annotations

import pytest

from crawler.parse.charset.labels import codec_of, encoding_name
from crawler.parse.words import table


@pytest.mark.parametrize(
    ("label", "name"),
    [
        (" X-GBK ", "gb18030"), ("windows-949", "euc-kr"), ("x-cp1256", "windows-1256"), ("x-euc-jp", "euc-jp"), ("iso_8859-1:1987", "windows-1252"),
        ("latin5", "windows-1254"), ("csISO2022JP", "iso-2022-jp"), ("dos-874", "windows-874"), ("unicode11utf8", "utf-8"), ("sun_eu_greek", "iso-8859-7"),
        ("cp1252", "windows-1252"), ("x-mac-ukrainian", "x-mac-cyrillic"), ("ms932", "shift_jis"), ("x-user-defined", "windows-1252"), ("UTF8;", "utf-8"),
    ],
)  # fmt: skip
def test_a_label_of_the_encoding_standard_is_read_as_it_says(label, name):
    codec = codec_of(label.rstrip(";"))
    assert codec is not None
    assert encoding_name(codec) == name


def test_every_label_of_the_table_has_a_codec_of_python():
    rows = [row for row in table("encodings").values() if isinstance(row, dict)]
    labels = [label for row in rows for label in row["labels"].split()]
    assert len(labels) >= 220
    assert len(labels) == len(set(labels))
    for label in labels:
        assert "a".encode(codec_of(label) or "none")


@pytest.mark.parametrize("label", ["", "none", "utf-7", "punycode", "rot13", "base64", "x\0y"])
def test_what_is_no_encoding_of_pages_is_refused(label):
    assert codec_of(label) is None
