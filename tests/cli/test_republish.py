"""``warraq republish``: articles damaged or gone in the store come back, and only they are touched."""

from __future__ import annotations

import json
import shutil

import pytest

from tests.web import page, rss


@pytest.fixture
def folder(crawl_once, web, seed, tmp_path):
    """The folder of the articles of one crawl."""
    seed("paper", web, feeds=["/feed"])
    paths = [f"/a/story-{n}" for n in range(3)]
    web.pages["/feed"] = rss(web.base, paths)
    web.pages |= {path: page(path) for path in paths}
    assert crawl_once("paper").code == 0
    (lines,) = (tmp_path / "data").rglob("articles.jsonl")
    return lines.parent


def held(folder) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def drop_text(folder) -> None:
    next(folder.glob("001_*.txt")).unlink()


def spoil_text(folder) -> None:
    next(folder.glob("001_*.txt")).write_bytes(b"forged")


def drop_lines(folder) -> None:
    (folder / "articles.jsonl").unlink()


def spoil_line(folder) -> None:
    first, second, third = (folder / "articles.jsonl").read_bytes().splitlines(keepends=True)
    (folder / "articles.jsonl").write_bytes(first + second[:90] + b"\n" + third)


def forge_line(folder) -> None:
    lines = folder / "articles.jsonl"
    lines.write_bytes(lines.read_bytes().replace(b"/a/story-1\\n", b"/a/story-9\\n"))


@pytest.mark.parametrize("harm", [drop_text, spoil_text, drop_lines, spoil_line, forge_line, shutil.rmtree])
def test_what_was_harmed_is_found_and_comes_back_byte_for_byte(warraq, folder, harm) -> None:
    assert warraq("verify").code == 0
    before = held(folder)
    harm(folder)
    ran = warraq("verify")
    assert (ran.code, "articles/paper/" in ran.out) == (1, True), ran.out
    ran = warraq("republish", "--json")
    assert ran.code == 0, ran.err
    assert [prefix in str(folder) for prefix in json.loads(ran.out)["mended"]] == [True]
    assert held(folder) == before
    assert warraq("verify").code == 0


def test_nothing_is_written_where_all_is_whole(warraq, folder) -> None:
    stamps = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    ran = warraq("republish")
    assert (ran.code, ran.out) == (0, "")
    assert "1 batches, 0 written again" in ran.err
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == stamps


def test_an_article_whose_capture_is_gone_too_is_named(warraq, folder, tmp_path) -> None:
    drop_lines(folder)
    for warc in (tmp_path / "data").rglob("*.warc.gz"):
        warc.unlink()
    ran = warraq("republish")
    assert ran.code == 3
    assert ran.err.count("lost: articles/paper/") == 3
    assert "http://127.0.0.1" in ran.err


def test_where_there_is_no_article_nothing_is_done_and_that_is_said(warraq, tmp_path) -> None:
    (tmp_path / "data").mkdir()
    ran = warraq("republish")
    assert (ran.code, "has no article" in ran.err) == (4, True)
