"""Addresses that a page states, made absolute."""

from __future__ import annotations

from urllib.parse import urljoin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.parse.fields.metadata import urljoin_safe

BASE = "https://news.example/a/b?c"
ODD = st.text(st.sampled_from("ab./:;?#@[]&=%\\~-_!|é1 \t"), max_size=12)


@pytest.mark.parametrize(
    ("stated", "whole"),
    [
        (" https://news.example/x?y=1 ", "https://news.example/x?y=1"),
        ("https://news.example/x?", "https://news.example/x"),
        ("../x", "https://news.example/x"),
        ("//other.example/x", "https://other.example/x"),
        ("https://[bad/x", "https://[bad/x"),
    ],
)
def test_an_address_becomes_absolute_or_stays_as_it_is(stated, whole):
    assert urljoin_safe(BASE, stated) == whole


@given(st.sampled_from(["http://", "https://", "https:/", "HTTPS://", ""]), ODD)
def test_what_is_absolute_is_taken_as_joining_would_give_it(scheme, rest):
    stated = (scheme + rest).strip()
    try:
        joined = urljoin(BASE, stated)
    except ValueError:
        joined = stated
    assert urljoin_safe(BASE, stated) == joined
