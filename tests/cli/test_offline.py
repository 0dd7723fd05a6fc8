"""``warraq crawl --offline``: the same spiders against the archive, and nothing else."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from tests.web import page, rss


@pytest.fixture
def archive(crawl_once, web, seed, tmp_path) -> Path:
    seed("paper", web, feeds=["/feed"])
    web.pages["/feed"] = rss(web.base, [f"/a/story-{n}" for n in range(3)])
    web.pages |= {f"/a/story-{n}": page(f"Story {n}") for n in range(3)}
    assert crawl_once("paper").code == 0
    web.pages.clear()
    web.requests.clear()
    return tmp_path / "data"


@pytest.fixture
def no_network(monkeypatch):
    """Whoever opens a connection is told that there is none."""
    tried = []

    def refuse(_self, address):
        tried.append(address)
        raise OSError("there is no network here")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)
    monkeypatch.setattr("crawler.capture.wire.client.open_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: tried.append("dns") or [])
    return tried


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def texts(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*.txt")}


def test_a_site_is_crawled_from_its_archive_without_a_network_and_nothing_is_written_there(
    warraq, web, archive, tmp_path, no_network
):
    before = {**tree(archive), **tree(tmp_path / "state")}
    ran = warraq("crawl", "paper", "--offline", "--out", "again", "--json")
    assert ran.code == 0, ran.err
    assert texts(tmp_path / "again") == texts(archive)
    assert {path.relative_to(tmp_path / "again").parts[0] for path in (tmp_path / "again").rglob("articles.jsonl")} == {
        "articles"
    }
    assert not list((tmp_path / "again").rglob("*.warc.gz"))
    after = {**tree(archive), **tree(tmp_path / "state")}
    assert {name: content for name, content in after.items() if before.get(name) != content} == {}
    lines = [
        json.loads(line)
        for path in (tmp_path / "again").rglob("articles.jsonl")
        for line in path.read_text().splitlines()
    ]
    kept = [json.loads(line) for path in archive.rglob("articles.jsonl") for line in path.read_text().splitlines()]
    assert {line["url"]: line["captured_at"] for line in lines} == {line["url"]: line["captured_at"] for line in kept}
    assert (no_network, web.requests) == ([], [])


def test_what_was_never_captured_is_not_found_and_never_asked_for(warraq, web, archive, no_network):
    ran = warraq("crawl", f"{web.base}/a/story-9", "--offline", "--json")
    assert ran.code == 1
    assert "1 requests were for what was never captured" in ran.err
    assert (no_network, web.requests) == ([], [])


def test_archives_of_others_are_crawled_as_well(warraq, web, archive, tmp_path):
    assert warraq("wacz", "all.wacz").code == 0
    ran = warraq(
        "crawl", f"{web.base}/a/story-1", "--offline", "--archive", "all.wacz", "--out", "again", "--store", "file:none"
    )
    assert ran.code == 0, ran.err
    assert len(texts(tmp_path / "again")) == 1


def test_options_of_offline_alone_are_told(warraq, archive):
    assert "add --offline" in warraq("crawl", "paper", "--out", "x").err
    assert "does not exist" in warraq("crawl", "paper", "--offline", "--archive", "nowhere").err
