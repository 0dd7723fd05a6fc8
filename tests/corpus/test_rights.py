"""What statements say of a use, one by one and together, and which robots.txt was in force."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from crawler.archive.store.memory import MemoryStore
from crawler.corpus import tdmrep
from crawler.corpus.rights import ROBOTS_PATH, HostFile, HostFiles, verdict
from crawler.model.article import ArticleRecord, RightsSignal, to_record
from crawler.model.page import Page
from crawler.parse.article import parse_article
from tests.corpus.corpus_factory import STORIES, Story, archived, page_of

URL = "https://news.example/a/1"


@pytest.fixture(scope="module")
def article() -> ArticleRecord:
    page = Page(url=URL, captured_at=datetime(2026, 11, 23, tzinfo=UTC), body=page_of(STORIES[0]))
    return to_record(parse_article(page))


def answers(article: ArticleRecord, *signals: tuple[str, str], robots: str | None = None) -> tuple[str, ...]:
    signed = msgspec.structs.replace(article, rights=tuple(RightsSignal(*one) for one in signals))
    known = HostFile("https://news.example", robots.encode()) if robots is not None else None
    return tuple(verdict(signed, use, known).answer for use in ("ai-train", "tdm", "research"))


@pytest.mark.parametrize(
    ("source", "value", "expected"),
    [
        ("meta:robots", "noai", ("denied", "denied", "unknown")),
        ("x-robots-tag", "noml", ("denied", "denied", "unknown")),
        ("x-robots-tag:googlebot", "noarchive", ("denied", "denied", "denied")),
        ("meta:robots", "nofollow", ("unknown", "unknown", "unknown")),
        ("meta:googlebot", "noarchive", ("denied", "denied", "denied")),
        ("header:tdm-reservation", "1", ("denied", "denied", "unknown")),
        ("meta:tdm-reservation", "0", ("unknown", "allowed", "unknown")),
        ("header:content-usage", "train-ai=n", ("denied", "unknown", "unknown")),
        ("header:content-usage", "train-ai=y", ("allowed", "unknown", "unknown")),
        ("header:x-ai-training", "no", ("denied", "unknown", "unknown")),
        ("link:license", "https://creativecommons.org/licenses/by/4.0/", ("allowed", "allowed", "allowed")),
        ("json-ld:license", "https://creativecommons.org/publicdomain/zero/1.0/", ("allowed", "allowed", "allowed")),
        ("link:license", "https://creativecommons.org/licenses/by-sa/4.0/", ("allowed", "allowed", "allowed")),
        ("link:license", "https://creativecommons.org/licenses/by-nc/4.0/", ("unknown", "unknown", "allowed")),
        ("link:license", "https://creativecommons.org/licenses/by-nd/4.0/", ("unknown", "unknown", "unknown")),
        ("meta:copyright", "All rights reserved", ("unknown", "unknown", "unknown")),
    ],
)
def test_a_statement_is_read_as_it_is_meant(article: ArticleRecord, source: str, value: str, expected: tuple[str, ...]):
    assert answers(article, (source, value)) == expected


def test_nothing_stated_is_unknown_and_a_refusal_weighs_more(article: ArticleRecord):
    assert answers(article) == ("unknown", "unknown", "unknown")
    licence = ("link:license", "https://creativecommons.org/licenses/by/4.0/")
    assert answers(article, licence, ("meta:robots", "noai")) == ("denied", "denied", "allowed")


@pytest.mark.parametrize(
    ("robots", "expected"),
    [
        ("User-agent: *\nDisallow: /private/\n", ("unknown", "unknown", "unknown")),
        ("User-agent: GPTBot\nDisallow: /\n", ("denied", "denied", "unknown")),
        ("User-agent: gptbot\nUser-agent: CCBot\nDisallow: /a/\n", ("denied", "denied", "unknown")),
        ("User-agent: GPTBot\nDisallow: /b/\n", ("unknown", "unknown", "unknown")),
        ("User-agent: *\nContent-Signal: search=yes, ai-train=no\nAllow: /\n", ("denied", "unknown", "unknown")),
        ("User-agent: *\nContent-Usage: train-ai=y\nAllow: /\n", ("allowed", "unknown", "unknown")),
    ],
)
def test_robots_txt_speaks_to_those_it_names(article: ArticleRecord, robots: str, expected: tuple[str, ...]):
    assert answers(article, robots=robots) == expected


def test_the_last_robots_txt_before_the_capture_holds(tmp_path: Path):
    store = MemoryStore("robots")
    for day, text in ((0, "first"), (3, "second")):
        archived(store, tmp_path / str(day), [Story("ferrow", "robots.txt", "", text, "en", day, role="robots")])
    history = HostFiles(store, ROBOTS_PATH)
    url = "https://www.ferrow.example/bridge"
    assert history.at(url, "2026-10-30T07:59:59Z") is None
    assert history.at(url, "2026-10-30T08:00:00.000000Z") == HostFile("https://www.ferrow.example", b"first")
    assert history.at(url, "2026-11-02T08:00:01Z") == HostFile("https://www.ferrow.example", b"second")
    assert history.at("https://other.example/", "2026-11-02T08:00:01Z") is None


def test_the_reservations_of_a_host_are_heeded_from_their_capture_on(article: ArticleRecord, tmp_path: Path):
    store = MemoryStore("tdmrep")
    told = '[{"location": "/bridge*", "tdm-reservation": 1}]'
    archived(store, tmp_path / "0", [Story("ferrow", tdmrep.PATH[1:], "", told, "en", 1, role="robots")])
    files = HostFiles(store, tdmrep.PATH)
    answers = {}
    for path, at in (("bridge", "2026-11-02"), ("mill", "2026-11-02"), ("bridge", "2026-10-30")):
        url = f"https://www.ferrow.example/{path}"
        signed = msgspec.structs.replace(article, url=url, rights=())
        answers[path, at] = verdict(signed, "tdm", None, files.at(url, f"{at}T08:00:00Z")).answer
    assert list(answers.values()) == ["denied", "unknown", "unknown"]
