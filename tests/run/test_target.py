"""What the words of ``warraq crawl`` mean."""

from __future__ import annotations

import pytest

from crawler.errors import UsageError
from crawler.model.site import Site
from crawler.run.target import plan, site_for_url

PAPER = Site(name="paper", title="The Paper", country="gb", languages=("en",), home="https://www.paper.example/")
TIMES = Site(
    name="times",
    title="The Times",
    country="gb",
    languages=("en",),
    home="https://times.example/",
    hosts=("cdn.example",),
)
SITES = {"paper": PAPER, "times": TIMES}


def test_a_name_is_the_whole_site():
    assert plan(["paper"], SITES) == {"paper": (PAPER, ())}


def test_urls_of_a_declared_site_are_crawled_by_its_rules_together():
    planned = plan(["https://paper.example/a", "https://news.paper.example/b#top"], SITES)
    assert planned == {"paper": (PAPER, ("https://paper.example/a", "https://news.paper.example/b"))}


def test_a_site_asked_for_by_name_and_by_url_is_crawled_whole():
    assert plan(["paper", "https://paper.example/a"], SITES) == {"paper": (PAPER, ())}
    assert plan(["https://paper.example/a", "paper"], SITES) == {"paper": (PAPER, ())}


def test_a_url_of_a_further_host_belongs_to_the_site():
    assert site_for_url("https://img.cdn.example/x", SITES) is TIMES


def test_any_other_url_gets_a_site_of_its_own_named_after_its_host():
    site = site_for_url("https://Other.Example:8443/x", SITES)
    assert (site.name, site.home) == ("other-example-8443", "https://Other.Example:8443/x")


@pytest.mark.parametrize("word", ["papr", "https://", "ftp://paper.example/", "http://"])
def test_what_is_neither_is_refused(word):
    with pytest.raises(UsageError):
        plan([word], SITES)
