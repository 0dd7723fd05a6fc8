"""What ``warraq crawl`` is asked for: names, addresses with and without a scheme, lists."""

from __future__ import annotations

import io
import json

import pytest

from crawler.errors import UsageError
from crawler.model.site import Site
from crawler.run.target import as_url, plan, resolve
from tests.web import page, rss

PAPER = Site(name="the-paper", title="The Paper", country="gb", languages=("en",), home="https://paper.example/")
SITES = {"the-paper": PAPER}


@pytest.mark.parametrize(
    ("word", "url"),
    [
        ("news.example", "https://news.example/"),
        ("News.Example/rss.xml?a=1", "https://news.example/rss.xml?a=1"),
        ("localhost:8000/feed", "https://localhost:8000/feed"),
        ("//news.example/x", "https://news.example/x"),
        ("http://news.example", "http://news.example/"),
        ("HTTPS://news.example/", "https://news.example/"),
        ("10.0.0.1", "https://10.0.0.1/"),
        ("[::1]:8080/feed", "https://[::1]:8080/feed"),
        ("مثال.example", "https://xn--mgbh0fb.example/"),
    ],
)
def test_an_address_may_lack_its_scheme(word, url):
    assert as_url(word) == url
    assert resolve(word, {})[1] == url


def test_a_name_is_a_site_and_an_address_in_its_scope_is_crawled_by_its_rules():
    assert resolve("the-paper", SITES) == (PAPER, None)
    assert resolve("www.paper.example/a", SITES) == (PAPER, "https://www.paper.example/a")


@pytest.mark.parametrize("word", ["the-papr", "thepaper", "", "a b", "no/such/file", "-", "user@host"])
def test_what_is_neither_is_refused(word):
    with pytest.raises(UsageError, match="there is no site named"):
        resolve(word, SITES)


def test_a_site_that_is_named_is_crawled_whole_and_the_same_url_twice_is_one():
    assert plan(["the-paper", "paper.example/a"], SITES) == {"the-paper": (PAPER, ())}
    assert plan(["paper.example/a", "https://paper.example/a"], SITES)["the-paper"][1] == ("https://paper.example/a",)


def test_lists_of_targets_come_from_files_and_from_standard_input(warraq, web, tmp_path, monkeypatch):
    for name in "abcd":
        web.pages[f"/news/story-{name}"] = page(f"Story {name}")
    (tmp_path / "list.txt").write_text(f"# mine\n\n{web.base}/news/story-a\n {web.base}/news/story-b \r\n")
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{web.base}/news/story-c\n"))
    ran = warraq("crawl", "-i", "list.txt", "-", f"{web.base}/news/story-d", "--allow-private", "--json")
    assert ran.code == 0, ran.err
    assert json.loads(ran.out)["articles"] == 4


def test_a_line_that_means_nothing_is_named_and_costs_itself_only(warraq, web, tmp_path):
    web.pages["/news/story"] = page("Story")
    (tmp_path / "list.txt").write_text(f"nonsense\n{web.base}/news/story\nftp://news.example/\n")
    ran = warraq("crawl", "-i", "list.txt", "--allow-private", "--json")
    assert ran.code == 3
    assert "left out: list.txt line 1: there is no site named 'nonsense'" in ran.err
    assert "left out: list.txt line 3: not an http(s) URL: 'ftp://news.example/'" in ran.err
    assert json.loads(ran.out)["articles"] == 1


@pytest.mark.parametrize("content", ["", "# nothing\n\n", "nonsense\n"])
def test_a_list_that_names_nothing_is_an_error(warraq, tmp_path, content):
    (tmp_path / "list.txt").write_text(content)
    ran = warraq("crawl", "-i", "list.txt")
    assert ran.code == 2
    assert "there is nothing to crawl" in ran.err


def test_a_list_that_is_not_there_is_named(warraq):
    ran = warraq("crawl", "-i", "nowhere.txt")
    assert ran.code == 2
    assert "nowhere.txt" in ran.err


def test_a_site_without_a_pace_of_its_own_has_that_of_the_settings(warraq, web, tmp_path):
    settings = tmp_path / "config" / "warraq.toml"
    assert "delay_s = 0.0" in settings.read_text()
    paths = [f"/news/story-{n}" for n in range(4)]
    web.pages["/feed"] = rss(web.base, paths)
    web.pages |= {path: page(path) for path in paths}
    ran = warraq("crawl", f"{web.base}/feed", "--allow-private", "--json")
    assert json.loads(ran.out)["progress"]["elapsed_s"] < 5.0
