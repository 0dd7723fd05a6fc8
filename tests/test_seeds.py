"""The declarations that ship: all valid, readable, and polite."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from crawler.config import interval_s, load_sites, shipped
from crawler.model.site import Site
from crawler.urls import host_of, in_scope, normalise

SITES = load_sites()
FILES = sorted(shipped("seeds").rglob("*.toml"))
COUNTRIES = frozenset(
    [
        "at",
        "au",
        "be",
        "ca",
        "ch",
        "cn",
        "cz",
        "de",
        "dk",
        "es",
        "fr",
        "gb",
        "gl",
        "id",
        "il",
        "in",
        "is",
        "it",
        "jp",
        "kr",
        "lb",
        "li",
        "ls",
        "lt",
        "lu",
        "mx",
        "my",
        "na",
        "no",
        "pl",
        "pt",
        "py",
        "ru",
        "se",
        "tr",
        "tw",
        "tz",
        "ua",
        "us",
        "vn",
        "za",
    ]
)


def channels(site: Site) -> tuple[str, ...]:
    return (*site.feeds, *site.news_sitemaps, *site.sitemaps, *site.sections)


def test_at_least_150_real_sites_are_declared() -> None:
    assert len(SITES) >= 150
    assert len(SITES) == len(FILES)  # every name once, whatever its country


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_declaration_is_short_and_lies_in_its_countrys_folder(path: Path) -> None:
    site = SITES[path.stem]
    assert path.parent.name == site.country
    assert site.country in COUNTRIES
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 20


@pytest.mark.parametrize("site", SITES.values(), ids=lambda site: site.name)
def test_a_declaration_is_complete_and_its_channels_are_in_scope(site: Site) -> None:
    scope = (host_of(site.home), *site.hosts)
    urls = channels(site)
    assert urls
    assert len(set(urls)) == len(urls)
    for url in urls:
        assert normalise(url) == url
        assert in_scope(url, scope)
        assert not re.search(r"[{}<>]|\byyyy\b|20\d\d-\d\d", url), "a template or a dated address does not last"
    assert all(re.fullmatch(r"[a-z]{2,3}(-[A-Z]{2})?", language) for language in site.languages)
    assert site.languages


@pytest.mark.parametrize("site", SITES.values(), ids=lambda site: site.name)
def test_a_declaration_is_polite_and_honest_about_not_being_verified(site: Site) -> None:
    assert site.delay_s >= 1
    assert site.schedule.every is not None
    assert interval_s(site.schedule.every) >= 900
    assert not site.verified
    if site.sitemaps:  # read in full: rarely, and only where nothing better is known
        assert not site.feeds
        assert not site.news_sitemaps
        assert interval_s(site.schedule.every) >= 6 * 3600


def test_every_host_that_is_added_is_needed() -> None:
    for site in SITES.values():
        for host in site.hosts:
            assert any(in_scope(url, (host,)) for url in channels(site))


def test_the_folder_explains_itself_and_gives_credit() -> None:
    text = (shipped("seeds") / "README.md").read_text(encoding="utf-8")
    assert "flairNLP/fundus (MIT)" in text
    assert "not yet verified" in text
