"""``warraq learn`` and what follows from it: crawl, learn, crawl on, replay; live and replayed articles are equal."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler.clock import SystemClock
from tests.parse.gazette import LETTER, body_of, gazette_page
from tests.web import answer, rss


@pytest.fixture
def travel(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Move this process's clock by so many days."""

    def to(days: int) -> None:
        monkeypatch.setattr(SystemClock, "now", lambda _: datetime.now(UTC) + timedelta(days=days))

    return to


@pytest.fixture
def gazette(warraq, web, seed) -> Callable[[range], None]:
    """The paper; each call publishes articles, and crawls."""
    seed("gazette", web, feeds=["/feed"])

    def publish(numbers: range) -> None:
        paths = [f"/a/story-{number}-of-the-valley" for number in numbers]
        web.pages["/feed"] = rss(web.base, paths)
        web.pages |= {path: answer(gazette_page(n)) for path, n in zip(paths, numbers, strict=True)}
        assert warraq("crawl", "gazette").code == 0

    return publish


def bodies(folder: Path) -> dict[int, str]:
    lines = [line for path in folder.rglob("articles.jsonl") for line in path.read_text().splitlines()]
    return {int(record["url"].split("-")[1]): record["body"] for record in map(json.loads, lines)}


def own(number: int) -> str:
    return "\n\n".join(body_of(number))


def differences(one: str, other: str) -> bytes:
    return subprocess.run(["diff", "-r", one, other], check=False, capture_output=True).stdout


def test_what_was_learned_cleans_later_captures_and_replay_gives_the_same_tree(warraq, gazette, travel, tmp_path):
    gazette(range(16))
    before = bodies(tmp_path / "data")
    assert all(LETTER in body for body in before.values())
    ran = warraq("learn", "gazette")
    assert ran.code == 0, ran.err
    assert LETTER[:80] in ran.out
    (stored,) = (tmp_path / "data" / "profiles" / "gazette").iterdir()
    assert stored.name in ran.out
    gazette(range(16, 19))
    travel(3)
    gazette(range(19, 23))
    live = bodies(tmp_path / "data")
    assert {number: live[number] for number in before} == before
    assert all(LETTER in live[number] for number in range(16, 19))
    assert all(live[number] == own(number) for number in range(19, 23))

    assert warraq("replay", "--out", "file:again").code == 0
    assert differences("data/articles", "again/articles") == b""
    assert warraq("replay", "--out", "file:bare", "--profiles", "none").code == 0
    assert all(LETTER in body for body in bodies(tmp_path / "bare").values())
    assert warraq("replay", "--out", "file:clean", "--profiles", str(stored)).code == 0
    assert bodies(tmp_path / "clean") == {number: own(number) for number in range(23)}

    ran = warraq("rebuild", "--state", "another", "--json")
    assert ran.code == 0, ran.err
    assert json.loads(ran.out)["unpublished"] == 0


def test_a_dry_run_stores_nothing_and_json_tells_all(warraq, gazette, tmp_path):
    gazette(range(14))
    ran = warraq("learn", "--dry-run", "--json")
    told = json.loads(ran.out)
    assert (ran.code, told["site"], told["articles"], told["key"]) == (0, "gazette", 14, None)
    assert {found["kind"] for found in told["findings"]} == {"text", "place"}
    assert not (tmp_path / "data" / "profiles").exists()


def test_learning_the_same_again_stores_nothing_new_and_a_page_that_is_clean_now_ends_the_profile(
    warraq, gazette, web, travel, tmp_path
):
    gazette(range(14))
    assert warraq("learn", "gazette").code == 0
    assert warraq("learn", "gazette").code == 0
    assert len(list((tmp_path / "data" / "profiles" / "gazette").iterdir())) == 1
    travel(3)
    paths = [f"/a/story-{number}-of-the-valley" for number in range(14, 30)]
    web.pages["/feed"] = rss(web.base, paths)
    web.pages |= {p: answer(gazette_page(n, boilerplate=False)) for p, n in zip(paths, range(14, 30), strict=True)}
    assert warraq("crawl", "gazette").code == 0
    day = (datetime.now(UTC) + timedelta(days=2)).strftime("%Y-%m-%d")
    ran = warraq("learn", "gazette", "--from", day)
    assert ran.code == 0, ran.err
    latest = max((tmp_path / "data" / "profiles" / "gazette").iterdir())
    assert json.loads(latest.read_text())["texts"] == []


def test_too_few_articles_and_unknown_sites_are_told(warraq, gazette, tmp_path):
    gazette(range(3))
    ran = warraq("learn", "gazette", "nobody")
    assert ran.code == 1
    assert "too few articles" in ran.out
    assert "nobody: the archive has no article page of it" in ran.err
    assert not (tmp_path / "data" / "profiles").exists()


def test_parse_takes_a_profile_for_one_page_and_for_many(warraq, gazette, tmp_path):
    gazette(range(14))
    assert warraq("learn", "gazette").code == 0
    (stored,) = (tmp_path / "data" / "profiles" / "gazette").iterdir()
    (tmp_path / "page.html").write_text(gazette_page(40))
    (tmp_path / "pages.jsonl").write_text('{"id": 1, "url": "https://gazette.example/a", "html_path": "page.html"}\n')
    assert LETTER in warraq("parse", "page.html").out
    assert warraq("parse", "page.html", "--profile", str(stored)).out.endswith(own(40))
    (line,) = warraq("parse", "--jsonl", "pages.jsonl", "--profile", str(stored)).out.splitlines()
    assert json.loads(line)["body"] == own(40)
    explained = warraq("parse", "page.html", "--profile", str(stored), "--explain").out
    assert any(line.startswith("-") and "recurs on this site's pages" in line for line in explained.splitlines())


def test_a_file_that_is_no_profile_is_a_mistake_of_the_command_line(warraq, tmp_path):
    (tmp_path / "page.html").write_text(gazette_page(1))
    ran = warraq("parse", "page.html", "--profile", "page.html")
    assert ran.code == 2
    assert "is no profile" in ran.err
    assert warraq("replay", "--profiles", "nowhere.json", "--out", "file:x").code == 2
