"""Code of one's own in the folder ``code/``: found by every command and by the processes it starts."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web import answer, page, rss

PARSER = """
import json, re
from crawler.parse.site_parser import plain_page

def from_state(page):
    state = json.loads(re.search(rb"window.state = (.*?);</script>", page.body)[1])
    return plain_page(page, title=state["title"], paragraphs=state["text"])
"""
TEXT = ["The ferry to the island sails again from Monday, the harbour master said on Friday."] * 4


@pytest.fixture
def code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "code"
    folder.mkdir()
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setenv("PYTHONPATH", "")
    yield folder
    for name in [name for name in sys.modules if name.startswith("harbour_")]:
        del sys.modules[name]


def app(state: object) -> bytes:
    return answer(f"<!doctype html><html><body><div id=app></div><script>window.state = {json.dumps(state)};</script>")


def test_a_site_parser_in_code_makes_the_articles_of_crawls_and_replays(warraq, web, seed, code, tmp_path: Path):
    (code / "harbour_parser.py").write_text(PARSER)
    web.pages["/feed"] = rss(web.base, ["/a/ferry", "/a/broken"])
    web.pages["/a/ferry"] = app({"title": "Ferry returns", "text": TEXT})
    web.pages["/a/broken"] = app({"title": "No text"})
    seed("harbour", web, feeds=["/feed"])
    with (tmp_path / "seeds" / "harbour.toml").open("a") as declaration:
        declaration.write('\n[[rules]]\nparser = "harbour_parser.from_state"\n')
    assert warraq("config", "check").code == 0
    ran = warraq("crawl", "harbour")
    assert ran.code == 3, ran.err
    told = json.loads(warraq("why", f"{web.base}/a/broken", "--json").out)
    assert (told["entry"]["outcome"], told["entry"]["reason"]) == ("failed", "site_parser")
    assert warraq("replay", "--out", f"file:{tmp_path / 'again'}").code in (0, 3)
    for root in ("data", "again"):
        (text,) = (tmp_path / root).rglob("*.txt")
        assert text.read_text().startswith("Ferry returns")


def test_a_parser_that_is_not_there_is_found_by_the_check(warraq, web, seed, tmp_path: Path):
    seed("harbour", web, feeds=["/feed"])
    with (tmp_path / "seeds" / "harbour.toml").open("a") as declaration:
        declaration.write('\n[[rules]]\nparser = "harbour_nowhere.from_state"\n')
    ran = warraq("config", "check")
    assert ran.code == 2
    assert "rules[0].parser" in ran.err
    assert "harbour_nowhere.from_state cannot be loaded" in ran.err


SPIDER = """
import json
from crawler.model.capture import Announcement
from spiders.base import Discovery
from spiders.found import Found

class Api(Discovery):
    def read(self, answer):
        links = json.loads(answer.body)["links"]
        return Found(announcements=tuple(Announcement(url=url, role="article", source="listing") for url in links))

class Broken(Discovery):
    async def start(self):
        raise KeyError("no key was given")
        yield

class Silent(Discovery):
    def channels(self):
        raise KeyError("no key was given")
"""
QUOTES = """
import scrapy

class QuotesSpider(scrapy.Spider):
    name = "quotes"
    start_urls = ["https://quotes.toscrape.com/tag/humor/"]

    def parse(self, response):
        for quote in response.css("div.quote"):
            yield {"author": quote.xpath("span/small/text()").get()}
"""


def declared(tmp_path: Path, spider: str) -> None:
    path = tmp_path / "seeds" / "harbour.toml"
    path.write_text(f'spider = "{spider}"\n{path.read_text()}')


def test_a_spider_of_ones_own_crawls_and_its_state_is_rebuilt(warraq, web, seed, code, tmp_path: Path):
    (code / "harbour_api.py").write_text(SPIDER)
    web.pages["/api"] = answer(json.dumps({"links": [f"{web.base}/a/ferry"]}), kind="application/json")
    web.pages["/a/ferry"] = page("Ferry returns")
    seed("harbour", web, sections=["/api"])
    declared(tmp_path, "harbour_api.Api")
    assert warraq("config", "check").code == 0
    ran = warraq("crawl", "harbour")
    assert ran.code == 0, ran.err
    assert json.loads(warraq("why", f"{web.base}/a/ferry", "--json").out)["entry"]["outcome"] == "parsed"
    assert warraq("rebuild", "--force").code == 0
    assert json.loads(warraq("why", f"{web.base}/a/ferry", "--json").out)["entry"]["outcome"] == "parsed"


@pytest.mark.parametrize("spider", ["Broken", "Silent"])
def test_a_run_that_obtained_nothing_because_its_spider_failed_is_failed_and_says_why(
    warraq, web, seed, code, tmp_path: Path, spider: str
):
    (code / "harbour_faulty.py").write_text(SPIDER)
    seed("harbour", web, sections=["/api"])
    declared(tmp_path, f"harbour_faulty.{spider}")
    ran = warraq("crawl", "harbour", "--json")
    report = json.loads(ran.out)
    assert (ran.code, report["state"]) == (1, "failed")
    assert "no key was given" in report["reason"]


def test_a_plain_scrapy_spider_is_refused_in_one_clear_line(warraq, web, seed, code, tmp_path: Path):
    (code / "harbour_quotes.py").write_text(QUOTES)
    seed("harbour", web, sections=["/api"])
    declared(tmp_path, "harbour_quotes.QuotesSpider")
    for command in (("config", "check"), ("crawl", "harbour")):
        ran = warraq(*command)
        assert ran.code == 2
        (line,) = [line for line in ran.err.splitlines() if "QuotesSpider" in line]
        assert "is a Scrapy spider, but no spiders.base.Discovery" in line
        assert "Traceback" not in ran.err
