"""Codes of countries and languages."""

from __future__ import annotations

import pytest

from crawler.config import load_sites
from crawler.config.codes import country_fault, language_fault


def test_the_codes_of_all_shipped_sites_are_registered():
    for site in load_sites().values():
        assert country_fault(site.country) is None
        assert [language_fault(language) for language in site.languages] == [None] * len(site.languages)


@pytest.mark.parametrize("code", ["gb", "xk", "ps", "tw", "zz"])
def test_countries(code):
    assert country_fault(code) is None


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("uk", "did you mean gb?"),
        ("GB", "expected lower case, gb"),
        ("gbr", "no such"),
        ("qq", "no such"),
        ("", "no such"),
    ],
)
def test_what_is_no_country(code, said):
    assert said in str(country_fault(code))


@pytest.mark.parametrize(
    "tag", ["en", "pt-BR", "zh-Hans", "zh-Hant-TW", "sr-Latn-RS", "es-419", "ckb", "nb", "de-1996"]
)
def test_languages(tag):
    assert language_fault(tag) is None


@pytest.mark.parametrize(
    ("tag", "said"),
    [
        ("english", "did you mean en?"),
        ("Deutsch", "did you mean de?"),
        ("jp", "did you mean ja?"),
        ("eng", "did you mean en?"),
        ("en_GB", "did you mean en-gb?"),
        ("en-UK", "found 'uk' in 'en-UK'; did you mean gb?"),
        ("zh-Hens", "no such script code"),
        ("xq", "no such language code"),
        ("e", "no such language code"),
        ("", "no such language code"),
    ],
)
def test_what_is_no_language(tag, said):
    assert said in str(language_fault(tag))


def test_an_undetermined_language_may_be_said_so() -> None:
    assert language_fault("und") is None
