"""The table of exit codes: each with the ways in which a command comes to it, said on stderr and kept in the state."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from crawler.cli import exit_codes
from tests.web import answer, page, rss

DOCS = Path(__file__).parents[2] / "docs" / "commands.md"


def test_the_table_in_the_docs_has_all_of_them():
    table = DOCS.read_text().split("| code | meaning |")[1].split("\n\n")[0]
    documented = {int(code) for code in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)}
    assert documented == {0, *(getattr(exit_codes, name) for name in exit_codes.__all__)}


def state_of(warraq) -> str:
    """The state and reason of the latest run."""
    (line,) = warraq("runs", "--json", "--limit", "1").out.splitlines()
    run = json.loads(line)
    return f"{run['state']}: {run['reason']}" if run["reason"] else run["state"]


# 0: done


def test_0_something_was_obtained(warraq, web):
    web.pages["/feed"] = rss(web.base, ["/news/one"])
    web.pages["/news/one"] = page("One")
    assert warraq("crawl", f"{web.base}/feed", "--allow-private").code == 0
    assert state_of(warraq) == "done"


def test_0_max_pages_is_reached_and_what_waits_is_told(warraq, web):
    paths = [f"/news/story-{n}" for n in range(5)]
    web.pages["/feed"] = rss(web.base, paths)
    web.pages |= {path: page(path) for path in paths}
    ran = warraq("crawl", f"{web.base}/feed", "--allow-private", "--max-pages", "2")
    assert ran.code == 0
    assert "3 pages wait; the same command goes on with them, and --max-pages N takes more at once" in ran.err
    assert state_of(warraq) == "done: 3 wait"


# 1: something failed

WALLS = {
    "bot_wall": "<title>Just a moment...</title><h1>Checking your browser</h1><p>before you access the site.</p>",
    "needs_javascript": "<title>News</title><div id=app></div><noscript>You need to enable JavaScript to run this app."
    "</noscript><script src=/app.js></script>",
    "login": "<title>Sign in</title><h1>Sign in</h1><form><input name=u><input type=password name=p></form>",
    "consent": "<title>Before you continue</title><p>We and our partners use cookies. Accept all cookies.</p>",
    "soft404": "<title>Page not found</title><h1>Page not found</h1><p>The page you want is not here.</p>",
}


@pytest.mark.parametrize(("reason", "body"), WALLS.items())
def test_1_what_stands_in_the_pages_place_is_named(warraq, web, reason, body):
    web.pages["/news/story"] = answer(f"<!doctype html><html><head></head><body>{body}</body></html>")
    ran = warraq("crawl", f"{web.base}/news/story", "--allow-private")
    assert ran.code == 1, ran.err
    assert f"walled: {web.base}/news/story: {reason}: " in ran.err
    assert "neither feed" not in ran.err
    assert state_of(warraq) == f"failed: 1 walled ({reason})"


def test_1_robots_forbids_the_very_url(warraq, web):
    web.pages["/robots.txt"] = answer("User-agent: *\nDisallow: /\n", kind="text/plain")
    web.pages["/news/story"] = page("Story")
    ran = warraq("crawl", f"{web.base}/news/story", "--allow-private")
    assert ran.code == 1
    assert f"disallowed: {web.base}/news/story: robots: robots.txt forbids it" in ran.err
    assert state_of(warraq) == "failed: 1 disallowed (robots)"


@pytest.mark.parametrize(
    ("served", "reason"),
    [
        (answer("gone", status="404 Not Found"), "http_404"),
        (answer(b"%PDF-1.4 ...", kind="application/pdf"), "not_recognised"),
        (answer('{"a": 1}', kind="application/json"), "not_recognised"),
        (None, "no_answer"),
    ],
)
def test_1_nothing_can_be_made_of_the_target(warraq, web, served, reason):
    web.pages["/x"] = served
    ran = warraq("crawl", f"{web.base}/x", "--allow-private")
    assert ran.code == 1
    assert f"failed: {web.base}/x: {reason}: " in ran.err
    assert state_of(warraq) == f"failed: 1 failed ({reason})"


def test_1_a_feed_is_none(warraq, web, seed):
    seed("paper", web, feeds=["/feed"])
    web.pages["/feed"] = answer("<html><body>moved</body></html>")
    assert warraq("crawl", "paper").code == 1
    assert state_of(warraq) == "failed: 1 failed (not_a_feed)"


def test_1_a_spider_that_fails_on_an_answer(warraq, web, seed, tmp_path, monkeypatch):
    (tmp_path / "breaking.py").write_text(
        "from spiders.news import NewsSpider\n\n\nclass Breaking(NewsSpider):\n"
        "    def parse(self, response):\n        raise ValueError('a surrogate')\n        yield\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    seed("paper", web, feeds=["/feed"])
    declared = tmp_path / "seeds" / "paper.toml"
    declared.write_text('spider = "breaking.Breaking"\n' + declared.read_text())
    web.pages["/feed"] = rss(web.base, ["/news/one"])
    ran = warraq("crawl", "paper")
    assert ran.code == 1
    assert f"failed: {web.base}/feed: spider_crash: " in ran.err
    assert state_of(warraq) == "failed: the spider failed: ValueError: a surrogate; 1 failed (spider_crash)"
    assert "failed (spider_crash)" in warraq("why", f"{web.base}/feed").out


@pytest.mark.parametrize("method", ["__init__(self, **kwargs)", "start(self)"])
def test_1_a_spider_that_cannot_begin(warraq, web, seed, tmp_path, monkeypatch, method):
    module = f"beginning{len(method)}"
    (tmp_path / f"{module}.py").write_text(
        "from spiders.news import NewsSpider\n\n\nclass Breaking(NewsSpider):\n"
        f"    {'async ' if 'start' in method else ''}def {method}:\n        raise ValueError('no')\n"
        + ("        yield\n" if "start" in method else "")
    )
    monkeypatch.syspath_prepend(tmp_path)
    seed("paper", web, feeds=["/feed"])
    declared = tmp_path / "seeds" / "paper.toml"
    declared.write_text(f'spider = "{module}.Breaking"\n' + declared.read_text())
    ran = warraq("crawl", "paper")
    assert ran.code == 1
    assert state_of(warraq) == "failed: the spider failed: ValueError: no"
    assert "paper: the spider failed: ValueError: no" in ran.err


def test_1_a_replay_that_gives_nothing(warraq, web, seed):
    seed("the-paper", web, feeds=["/feed"])
    web.pages["/feed"] = rss(web.base, ["/news/one"])
    web.pages["/news/one"] = page("One")
    assert warraq("crawl", "the-paper").code == 0
    ran = warraq("replay", "--site", "the-papr")
    assert ran.code == 1
    assert "none of the" in ran.err
    assert "there is no site named 'the-papr'; did you mean the-paper" in ran.err
    assert warraq("replay", "--url", "*nothing*").code == 1
    assert warraq("replay", "--from", "2030").code == 1
    assert warraq("replay", "--site", "the-paper").code == 0


def test_1_runs_of_a_site_that_is_none(warraq, web, seed):
    seed("the-paper", web, feeds=["/feed"])
    seed("other", web, feeds=["/feed"])
    web.pages["/feed"] = rss(web.base, [])
    warraq("crawl", "the-paper")
    ran = warraq("runs", "--site", "the-papr")
    assert (ran.code, ran.out) == (1, "")
    assert "there is no site named 'the-papr'; did you mean the-paper" in ran.err
    ran = warraq("runs", "--site", "other")
    assert (ran.code, ran.out) == (0, "")
    assert "no run of other yet; `warraq crawl other` begins one" in ran.err


def test_1_sites_of_a_country_that_has_none(warraq, web, seed):
    seed("paper", web, feeds=["/feed"])
    ran = warraq("sites", "--country", "uk")
    assert (ran.code, ran.out) == (1, "")
    assert "no site of country 'uk'" in ran.err


# 2: usage or configuration


@pytest.mark.parametrize(
    "words",
    [
        ("crawl",), ("crawl", "nosuchsite"), ("crawl", "ftp://news.example/"), ("crawl", "x.example", "--contact",
        "me"),
        ("replay", "nowhere.warc.gz"), ("parse", "nowhere.html", "--url", "https://x.example/"), ("nonsense",),
        ("trigger", "paper"), ("status",), ("crawl", "x.example", "--config", "nowhere"),
        ("crawl", "x.example", "--store", ""), ("init", "--contact", "me"),
    ],
)  # fmt: skip
def test_2_the_command_line_or_the_settings_are_wrong(warraq, words):
    ran = warraq(*words)
    assert (ran.code, ran.out) == (2, ""), ran.err
    assert "Traceback" not in ran.err


# 3: partly done


def test_3_some_failed(warraq, web):
    web.pages["/feed"] = rss(web.base, ["/news/one", "/news/gone"])
    web.pages["/news/one"] = page("One")
    ran = warraq("crawl", f"{web.base}/feed", "--allow-private")
    assert ran.code == 3
    assert f"failed: {web.base}/news/gone: http_404" in ran.err
    assert state_of(warraq) == "partial: 1 failed (http_404)"


def test_3_all_that_a_feed_announces_is_walled(warraq, web):
    web.pages["/feed"] = rss(web.base, ["/news/one"])
    web.pages["/news/one"] = answer(f"<html><body>{WALLS['bot_wall']}</body></html>")
    ran = warraq("crawl", f"{web.base}/feed", "--allow-private")
    assert ran.code == 3
    assert f"walled: {web.base}/news/one: bot_wall: " in ran.err
    assert state_of(warraq) == "partial: 1 walled (bot_wall)"


# 4: nothing new


def test_4_all_that_is_announced_is_known(warraq, web, seed):
    seed("paper", web, feeds=["/feed"])
    web.pages["/feed"] = rss(web.base, ["/news/one"])
    web.pages["/news/one"] = page("One")
    assert warraq("crawl", "paper").code == 0
    ran = warraq("crawl", "paper")
    assert ran.code == 4
    assert "paper: nothing new: all that is announced is known" in ran.err
    assert state_of(warraq) == "done: nothing new: all that is announced is known"


def test_4_the_feed_is_empty(warraq, web):
    web.pages["/feed"] = rss(web.base, [])
    ran = warraq("crawl", f"{web.base}/feed", "--allow-private")
    assert ran.code == 4
    assert "nothing new: what was read announces nothing" in ran.err


def test_4_all_is_older_than_asked_for(warraq, web):
    item = f"<item><link>{web.base}/news/old</link><pubDate>Mon, 01 Jun 2020 10:00:00 GMT</pubDate></item>"
    web.pages["/feed"] = answer(f'<rss version="2.0"><channel>{item}</channel></rss>', kind="application/rss+xml")
    ran = warraq("crawl", f"{web.base}/feed", "--allow-private", "--since", "2026")
    assert ran.code == 4
    assert "nothing new: 1 before_since (it was announced with an earlier date than was asked for)" in ran.err


# 130: interrupted


def test_130_a_crawl_that_is_interrupted_says_what_is_safe_and_what_waits(web, seed, warraq, tmp_path):
    seed("paper", web, feeds=["/feed"])
    declared = tmp_path / "seeds" / "paper.toml"
    declared.write_text(declared.read_text().replace("delay_s = 0.0", "delay_s = 30.0"))
    web.pages["/feed"] = rss(web.base, ["/news/one", "/news/two"])
    process = subprocess.Popen(
        [sys.executable, "-m", "crawler", "crawl", "paper"], cwd=tmp_path, stderr=subprocess.PIPE, text=True
    )
    web.wait_for("GET /robots.txt")
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "paper: interrupted; what was captured is safe in" in err
    assert "Traceback" not in err
    assert state_of(warraq) == "interrupted: stopped"
