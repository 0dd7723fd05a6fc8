"""Code of one's own in the folder ``code/``: found by every command and by the processes it starts."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web import answer, rss

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
