"""Names, countries and languages that nobody said."""

from __future__ import annotations

import pytest

from crawler.config.naming import country_of, known_language, site_name


@pytest.mark.parametrize(
    ("host", "taken", "name"),
    [
        ("www.lemonde.fr", (), "lemonde"),
        ("news.bbc.co.uk", (), "news-bbc"),
        ("www.lemonde.fr", ("lemonde",), "lemonde-fr"),
        ("lemonde.fr", ("lemonde", "lemonde-fr"), "lemonde-fr-2"),
        ("127.0.0.1:8080", (), "127-0-0-1-8080"),
        ("xn--80ahc.xn--p1ai", (), "xn-80ahc"),
        ("localhost:9", (), "localhost-9"),
        ("[::1]:80", (), "1-80"),
        ("a" * 70 + ".com", (), "a" * 63),
    ],
)
def test_a_site_is_named_for_its_host(host, taken, name):
    assert site_name(host, taken=taken) == name


@pytest.mark.parametrize(
    ("host", "languages", "country"),
    [
        ("www.lemonde.fr", (), "fr"),
        ("bbc.co.uk", (), "gb"),
        ("start.io", (), "zz"),
        ("nyt.com", ("en-US",), "us"),
        ("nyt.com", ("en", "pt_BR"), "br"),
        ("127.0.0.1", ("de",), "zz"),
        ("thehindu.co.in", ("en",), "in"),
    ],
)
def test_a_country_by_domain_then_by_language(host, languages, country):
    assert country_of(host, languages) == country


@pytest.mark.parametrize(
    ("tag", "known"),
    [
        ("en_us", "en-US"),
        ("DE-at", "de-AT"),
        ("zh-hans-cn", "zh-Hans-CN"),
        ("de-xx", "de"),
        ("klingon", None),
        ("", None),
        (None, None),
    ],
)
def test_languages_as_they_are_written(tag, known):
    assert known_language(tag) == known
