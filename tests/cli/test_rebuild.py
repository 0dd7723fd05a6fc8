"""``warraq rebuild``: the state lost, and made again from the store alone."""

from __future__ import annotations

import gzip
import io
import json
import shutil
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from crawler.archive.check.manifest import make_manifests
from crawler.archive.read.records import walk
from crawler.archive.store.folder import FileStore
from crawler.clock import SystemClock
from tests.corpus.corpus_factory import STORIES, fill
from tests.web import answer, page, rss

SAME = answer(b"", status="304 Not Modified", more='ETag: "1"\r\n')


@pytest.fixture
def crawled(crawl_once, web, seed, tmp_path):
    """A site crawled: articles, most ways of failing, a redirect, a forbidden page, a page over budget, validators."""
    seed("paper", web, feeds=["/feed"], news_sitemaps=["/sitemap.xml"])
    paths = [
        "/private/story",
        "/a/one-story",
        "/a/two-story",
        "/a/gone-story",
        "/a/old-address",
        "/a/empty-story",
        "/a/cut-story",
        "/a/silent-story",
    ]
    feed = rss(web.base, [*paths, "/a/over-budget"], more='ETag: "1"\r\n')
    web.pages["/feed"] = lambda request: SAME if b'If-None-Match: "1"' in request else feed
    web.pages["/sitemap.xml"] = answer(
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>https://elsewhere.example/a</loc></url>'
        f"<url><loc>{web.base}/a/one-story</loc></url></urlset>",
        kind="application/xml",
    )
    web.pages["/a/one-story"], web.pages["/a/two-story"] = page("One"), page("Two")
    web.pages["/a/old-address"] = answer("", status="301 Moved Permanently", more="Location: /a/new-address\r\n")
    web.pages["/a/new-address"] = page("Moved")
    web.pages["/a/empty-story"] = answer("<html><head><title>x</title></head><body></body></html>")
    web.pages["/a/cut-story"] = page("Cut")[:-200]
    web.closing.add("/a/cut-story")
    web.pages["/a/silent-story"] = None
    web.pages["/a/over-budget"] = page("Over budget")
    web.pages["/robots.txt"] = answer("User-agent: *\nDisallow: /private/\n", kind="text/plain")
    assert crawl_once("paper", "--max-pages", "8").code == 3
    return [f"{web.base}{path}" for path in ("/feed", "/sitemap.xml", *paths, "/a/new-address", "/a/over-budget")] + [
        "https://elsewhere.example/a"
    ]


def told(warraq, urls):
    """What ``why`` and ``runs`` tell, without the moments and without what only a live run knows."""
    known = {}
    for url in urls:
        entry = json.loads(warraq("why", url, "--json").out)
        history = [
            (
                e["outcome"],
                e.get("reason"),
                e["run"],
                e.get("via"),
                e.get("warc"),
                e.get("warc_offset"),
                e.get("article_id"),
            )
            for e in entry["history"]
        ]
        row = entry["entry"]
        assert row is not None, url
        kept = {key: row.get(key) for key in ("site", "role", "outcome", "reason", "via", "title", "run", "article_id")}
        # within a run, whether a page was parsed before or after a second channel announced it is a matter of luck
        known[url] = (kept, sorted(history, key=repr), entry["captures"], entry["articles"])
    runs = [json.loads(line) for line in warraq("runs", "--json").out.splitlines()]
    return known, [(run["id"], run["site"], run["state"], run.get("reason"), run["counts"]) for run in runs]


def test_a_state_made_again_tells_what_the_lost_one_told(warraq, web, crawled, tmp_path: Path):
    warraq("crawl", "paper", "--max-pages", "1")
    before = told(warraq, crawled)
    shutil.rmtree(tmp_path / "state")
    ran = warraq("rebuild", "--json")
    assert ran.code == 0, ran.err
    report = json.loads(ran.out)
    assert (report["runs"], report["faults"], report["unpublished"]) == (2, [], 0)
    after = told(warraq, crawled)
    for url in crawled:
        assert after[0][url] == before[0][url], url
    assert after[1] == before[1]


def test_after_a_rebuild_a_crawl_fetches_only_what_is_new(warraq, web, crawled, tmp_path: Path):
    shutil.rmtree(tmp_path / "state")
    assert warraq("rebuild").code == 0
    web.requests.clear()
    warraq("crawl", "paper")
    asked = [line.split(" ")[1] for line in web.requests]
    assert "/a/over-budget" in asked
    assert not {"/a/one-story", "/a/two-story", "/a/new-address"} & set(asked)
    lines = [line for path in (tmp_path / "data").rglob("*.cdxj") for line in path.read_text().splitlines()]
    assert sum('/feed"' in line and '"status":"304"' in line for line in lines) == 1


def test_receipts_and_articles_are_as_they_were(warraq, web, crawled, tmp_path: Path):
    def rows(query: str) -> list[tuple[object, ...]]:
        with sqlite3.connect(tmp_path / "state" / "warraq.db") as database:
            found = database.execute(query).fetchall()
        database.close()
        return found

    receipts = "SELECT warc, key, size_bytes, sha256 FROM receipts ORDER BY warc"
    articles = "SELECT url, captured_at, article_id, site, run, title, published_at, path FROM articles ORDER BY url"
    before = rows(receipts), rows(articles)
    assert len(before[1]) == 3
    shutil.rmtree(tmp_path / "state")
    assert warraq("rebuild").code == 0
    assert (rows(receipts), rows(articles)) == before


def test_a_damaged_file_gives_what_is_left_and_no_receipt(warraq, web, crawled, tmp_path: Path):
    (warc,) = (tmp_path / "data").rglob("*.warc.gz")
    content = bytearray(warc.read_bytes())
    middle = content.index(b"\x1f\x8b\x08", len(content) // 2)
    content[middle + 20 : middle + 40] = bytes(20)
    warc.write_bytes(content)
    shutil.rmtree(tmp_path / "state")
    ran = warraq("rebuild", "--json")
    report = json.loads(ran.out)
    assert (ran.code, report["receipts"]) == (3, 0)
    assert warc.name in report["faults"][0]
    assert len(report["faults"]) <= 2  # the record, and if it is a capture's, its line in the index
    assert report["captures"] > 3


def test_a_file_that_is_sound_and_not_what_a_manifest_noted_gets_no_receipt(warraq, web, crawled, tmp_path: Path):
    store = FileStore(tmp_path / "data")
    make_manifests(store, clock=SystemClock(), before=date(2100, 1, 1))
    (warc,) = (tmp_path / "data").rglob("*.warc.gz")
    with warc.open("rb") as stream:
        offsets = [record.offset for record in walk(stream, name=warc.name) if record.type == "warcinfo"]
        stream.seek(0)
        end = next(record.length for record in walk(stream, name=warc.name))
    assert offsets == [0]
    warc.write_bytes(warc.read_bytes()[:end])
    warc.with_name(warc.name.replace(".warc.gz", ".cdxj")).write_bytes(b"")
    shutil.rmtree(tmp_path / "state")
    ran = warraq("rebuild")
    assert "it is not what a manifest noted" in ran.out + ran.err
    with closing(sqlite3.connect(tmp_path / "state" / "warraq.db")) as database:
        assert database.execute("SELECT count(*) FROM receipts").fetchone() == (0,)


def test_a_database_that_is_there_is_kept_unless_told_otherwise(warraq, web, crawled, tmp_path: Path):
    ran = warraq("rebuild")
    assert (ran.code, "--force" in ran.err) == (2, True)
    assert warraq("rebuild", "--force").code == 0
    assert warraq("runs").code == 0


def test_the_old_database_stays_if_the_store_is_empty(warraq, web, crawled, tmp_path: Path):
    (tmp_path / "empty").mkdir()
    assert warraq("rebuild", "--force", "--store", "file:empty").code == 2
    assert warraq("why", crawled[0]).code == 0


@pytest.mark.swift
def test_the_state_comes_back_from_a_bucket_too(warraq, web, seed, s3_storage, tmp_path: Path):
    storage = s3_storage()
    with (tmp_path / "config" / "warraq.toml").open("a") as settings:
        settings.write(f'url = "{storage.url}"\nendpoint_url = "{storage.endpoint_url}"\nregion = "{storage.region}"\n')
    seed("paper", web, feeds=["/feed"])
    web.pages["/feed"], web.pages["/a/one-story"] = rss(web.base, ["/a/one-story"]), page("One")
    assert [warraq("crawl", "paper").code for _ in range(2)] == [0, 4]
    urls = [f"{web.base}/feed", f"{web.base}/a/one-story"]
    before = told(warraq, urls)
    assert before[0][urls[0]][0]["outcome"] == "duplicate"
    shutil.rmtree(tmp_path / "state")
    assert warraq("rebuild").code == 0
    assert told(warraq, urls) == before


def test_a_warc_that_is_gone_or_empty_is_named_and_the_rest_restored(warraq, web, crawled, tmp_path: Path):
    warraq("crawl", "paper")
    first, second, *_ = sorted((tmp_path / "data").rglob("*.warc.gz"))
    second.write_bytes(b"")
    first.unlink()
    ran = warraq("verify")
    assert (ran.code, f"{first.name}: at byte 0: it was shipped, and is not there" in ran.out) == (1, True), ran.out
    assert f"{second.name}: at byte 0: the file holds no record" in ran.out
    assert f"{second.name}: at byte 0: it is not what was shipped" in ran.out
    ran = warraq("rebuild", "--force")
    assert ran.code == 3, ran.err
    assert f"{first.name.replace('.warc.gz', '.cdxj')}: an index whose WARC is not there" in ran.err
    assert f"{second.name}: the file is empty" in ran.err


def test_a_tampered_record_gets_no_receipt_and_nothing_is_stored_as_a_repetition_of_it(warraq, web, seed, tmp_path):
    seed("paper", web, feeds=["/feed"])
    web.pages["/feed"], web.pages["/a/one"] = rss(web.base, ["/a/one"]), page("Genuine")
    assert warraq("crawl", "paper").code == 0
    (warc,) = (tmp_path / "data").rglob("*.warc.gz")
    members = list(walk(io.BytesIO(warc.read_bytes()), name=warc.name))
    content = warc.read_bytes()
    made = b""
    for record in members:  # valid gzip throughout: only the digests tell
        member = content[record.offset : record.offset + record.length]
        text = gzip.decompress(member)
        made += gzip.compress(text.replace(b"Genuine", b"Tampere")) if b"HTTP/1.1 200" in text else member
    warc.write_bytes(made)
    ran = warraq("index", str(warc))
    assert (ran.code, "the block does not have its digest" in ran.err) == (1, True)
    shutil.rmtree(tmp_path / "state")
    ran = warraq("rebuild")
    assert ran.code == 3
    assert f"{warc.name}: at byte" in ran.err
    assert "0 of them sound" in ran.out
    assert "the block does not have its digest" in ran.err
    with closing(sqlite3.connect(tmp_path / "state" / "warraq.db")) as state:
        assert state.execute("SELECT count(*) FROM receipts").fetchone() == (0,)
    assert warraq("crawl", "paper").code == 4
    later = max((tmp_path / "data").rglob("*.warc.gz"))
    kinds = {item.type for item in walk(io.BytesIO(later.read_bytes()), name=later.name)}
    assert (later != warc, "response" in kinds, "revisit" in kinds) == (True, True, False)


def test_a_damaged_line_of_articles_is_named_and_passed_over(warraq, web, seed, tmp_path):
    seed("paper", web, feeds=["/feed"])
    paths = [f"/a/story-{n}" for n in range(3)]
    web.pages["/feed"] = rss(web.base, paths)
    web.pages |= {path: page(path) for path in paths}
    assert warraq("crawl", "paper").code == 0
    (lines,) = (tmp_path / "data").rglob("articles.jsonl")
    first, second, third = lines.read_bytes().splitlines(keepends=True)
    lines.write_bytes(first + second[:100] + b"\xff\n" + third)
    ran = warraq("rebuild", "--force")
    assert (ran.code, "articles.jsonl: line 2 is damaged" in ran.err) == (3, True), ran.err
    assert " 2 articles from" in ran.out


def test_captures_of_which_nobody_noted_who_announced_them_are_taken_for_seeds(tmp_path: Path, warraq) -> None:
    fill(FileStore(tmp_path / "elsewhere"), tmp_path / "pages", [STORIES[0], STORIES[1]._replace(role="feed", day=0)])
    where = ("--store", f"file:{tmp_path / 'elsewhere'}", "--state", str(tmp_path / "made-again"))
    assert warraq("rebuild", *where).code == 0
    assert "parsed" in warraq("why", STORIES[0].url, *where).out
