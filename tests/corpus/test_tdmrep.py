"""What a tdmrep.json says of addresses."""

from __future__ import annotations

import json

import pytest

from crawler.corpus.tdmrep import reservation


def said(rules: object, url: str) -> str | None:
    found = reservation(json.dumps(rules).encode(), url)
    return found[0].value if found else None


@pytest.mark.parametrize(
    ("location", "path", "fits"),
    [
        ("/", "/a/story", True),
        ("/*", "/a/story", True),
        ("*", "/a/story", True),
        ("/a/", "/a/story", True),
        ("/a/", "/b/story", False),
        ("/a/*.html", "/a/2026/story.html", True),
        ("/a/*.html$", "/a/story.html?x=1", False),
        ("/*.html$", "/a/story.html", True),
        ("a/", "/a/story", True),
        ("/caf%C3%A9/", "/café/x", True),
        ("/a?id=", "/a?id=5", True),
        ("/a+b(c)", "/a+b(c)/x", True),
        ("", "/a", True),
        ("/", "", True),
    ],
)
def test_a_location_is_a_pattern_of_paths(location: str, path: str, fits: bool) -> None:
    rules = [{"location": location, "tdm-reservation": 1}]
    assert (said(rules, f"https://news.example{path}") == "1") is fits


@pytest.mark.parametrize(
    ("rules", "value"),
    [
        ([("/", 1), ("/free/", 0)], "1"),
        ([("/free/", 0), ("/", 1)], "0"),
        ([("/", 0), ("/free/", 1)], "1"),
        ([("/", 0)], "0"),
        ([("/", "1")], "1"),
        ([("/", True)], "1"),
        ([("/", "maybe")], None),
        ([("/", None)], None),
    ],
)
def test_of_several_rules_the_first_and_the_longest_must_set_it_free(rules, value) -> None:
    told = [{"location": location, "tdm-reservation": one} for location, one in rules]
    assert said(told, "https://news.example/free/x") == value


def test_the_policy_is_told_too() -> None:
    body = b'\xef\xbb\xbf{"location": "/", "tdm-reservation": 1, "tdm-policy": "https://news.example/policy.json"}'
    found = reservation(body, "https://news.example/x")
    assert [one.value for one in found] == ["1", "https://news.example/policy.json"]


@pytest.mark.parametrize(
    "body", [b"", b"<html>not found</html>", b"[[[[1]]]]", b"null", b'[{"location": 5}]', b"\xff\xfe[", b"[" * 100_000]
)
def test_what_is_none_says_nothing(body: bytes) -> None:
    assert reservation(body, "https://news.example/x") == ()


def test_a_pattern_of_many_stars_is_judged_in_time() -> None:
    body = json.dumps([{"location": "/" + "*a" * 200 + "$", "tdm-reservation": 1}]).encode()
    assert reservation(body, "https://news.example/" + "a" * 2_000 + "b") == ()
