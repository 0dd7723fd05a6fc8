"""What is asked for, and what meets it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.errors import UsageError
from crawler.model.selection import Selection, check_mime, check_url_pattern

URL = "https://www.news.example/2026/11/a-story?b=2&a=1"
AT = datetime(2026, 11, 23, 18, 41, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("pattern", "admitted"),
    [
        (URL, True),
        ("http://news.example/2026/11/a-story?a=1&b=2", True),
        ("https://news.example/2026/11/a-story", False),
        ("https://*.news.example/2026/*", True),
        ("https://news.example/2026/*", False),
        ("*/2026/11/*", True),
        (r"regex:/20\d\d/1[12]/", True),
        (r"re:/20\d\d/1[12]$", False),
        ("surt:example,news)/2026", True),
        ("surt:example,news", True),
        ("surt:http://(example,news,)/2026/11", True),
        ("surt:http://(example,news,", True),
        ("surt:http://(example,", True),
        ("surt:http://(example,new,", False),
        ("surt:http://(example,news,www,)/2026", True),
        ("surt:example,news,", False),
        ("surt:example,new", False),
        ("surt:example", True),
        ("surt:example,news)/2025", False),
    ],
)
def test_a_url_is_asked_for_by_address_pattern_expression_or_key(pattern, admitted):
    check_url_pattern(pattern)
    assert Selection(urls=(pattern,)).admits_url(URL) is admitted
    assert Selection(urls=("https://other.example/", pattern)).admits_url(URL) is admitted


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("regex:(", "no regular expression"),
        ("surt:", "no SURT prefix"),
        ("surt:news.example/2026", "no SURT prefix"),
        ("news.example/2026/*", "begin with the scheme or a star"),
        ("news.example/2026", "not an http"),
        ("ftp://news.example/", "not an http"),
        ("", "not an http"),
    ],
)
def test_what_names_no_url_is_told(typed, says):
    with pytest.raises(UsageError, match=says):
        check_url_pattern(typed)


@pytest.mark.parametrize("typed", ["html", "text/", "/html", "text/html; charset=utf-8"])
def test_what_is_no_media_type_is_told(typed):
    with pytest.raises(UsageError, match="no media type"):
        check_mime(typed)


def test_all_conditions_must_hold_and_what_an_index_does_not_know_may_meet_them():
    wanted = Selection(statuses=(200,), mimes=("text/*",), since=AT, until=datetime(2026, 11, 24, tzinfo=UTC))
    assert wanted.admits_capture(URL, AT, 200, "text/html")
    assert not wanted.admits_capture(URL, AT, 404, "text/html")
    assert not wanted.admits_capture(URL, AT, 200, "image/png")
    assert not wanted.admits_capture(URL, datetime(2026, 11, 24, tzinfo=UTC), 200, "text/html")
    assert wanted.admits(URL, "20261123184104", 0, "unk")
    assert wanted.admits(URL, "20261123184104", 200, "warc/revisit")
    assert not wanted.admits(URL, "20261124000000", 200, "text/html")


def test_a_language_is_its_regions_too_and_none_is_not_any():
    wanted = Selection(languages=("pt", "zh-Hant"))
    assert [wanted.admits_language(one) for one in ("pt", "pt-BR", "PT", "zh-Hant", "zh", "ptx", None)] == [
        True, True, True, True, False, False, False,
    ]  # fmt: skip
    assert Selection().admits_language(None)
