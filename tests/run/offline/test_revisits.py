"""Revisits of others' archives find their payload in whatever file it lies, or end without an article."""

from __future__ import annotations

import gzip
import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.archive.read.cdxj import index_warc
from crawler.archive.write.records import base32
from crawler.model.selection import Selection
from tests.run.offline.test_replay import html, run

PAGE = html("An Old Bridge")
DIGEST = f"sha1:{base32(hashlib.sha1(PAGE).digest())}"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
FIRST = "https://news.example/2026/11/20/an-old-bridge"
SECOND = "https://news.example/2026/11/21/the-same-old-bridge"


def record(kind: str, url: str, day: int, block: bytes, **fields: str) -> bytes:
    own = {
        "WARC-Type": kind, "WARC-Target-URI": url, "WARC-Date": f"2026-11-{day}T10:00:00Z",
        "WARC-Record-ID": f"<urn:uuid:{kind}-{day}>", "WARC-Payload-Digest": DIGEST,
        "Content-Type": "application/http;msgtype=response", "Content-Length": str(len(block)), **fields,
    }  # fmt: skip
    head = "".join(f"{name}: {value}\r\n" for name, value in own.items())
    return gzip.compress(b"WARC/1.0\r\n" + head.encode() + b"\r\n" + block + b"\r\n\r\n")


def revisit(url: str, day: int, of: str, of_day: int) -> bytes:
    profile = "http://netpreserve.org/warc/1.0/revisit/identical-payload-digest"
    fields = {
        "WARC-Profile": profile, "WARC-Refers-To-Target-URI": of, "WARC-Refers-To-Date": f"2026-11-{of_day}T10:00:00Z",
    }  # fmt: skip
    return record("revisit", url, day, HEAD, **fields)


@pytest.mark.parametrize("indexed", [True, False])
def test_a_revisit_of_another_url_has_an_article_of_its_own(tmp_path: Path, indexed: bool):
    (tmp_path / "a.warc.gz").write_bytes(revisit(SECOND, 21, FIRST, 20) + revisit(FIRST, 22, FIRST, 20))
    (tmp_path / "b.warc.gz").write_bytes(record("response", FIRST, 20, HEAD + PAGE))
    for name in ("a", "b") if indexed else ():
        (tmp_path / f"{name}.cdxj").write_bytes(index_warc(tmp_path / f"{name}.warc.gz")[0])
    report = run(tmp_path, str(tmp_path / "a.warc.gz"), str(tmp_path / "b.warc.gz"))
    assert report.counts == {"parsed": 1, "parsed_revisit": 1, "revisit": 2}
    lines = [json.loads(p.read_text()) for p in sorted((tmp_path / "out").rglob("articles.jsonl"))]
    assert [(line["url"], line["captured_at"][:10]) for line in lines] == [
        (FIRST, "2026-11-20"),
        (SECOND, "2026-11-21"),
    ]
    assert lines[0]["text"] == lines[1]["text"]
    assert list((tmp_path / "work").iterdir()) == []


def test_a_revisit_whose_original_lies_outside_the_span_stands_for_it(tmp_path: Path):
    (tmp_path / "a.warc.gz").write_bytes(record("response", FIRST, 20, HEAD + PAGE) + revisit(FIRST, 22, FIRST, 20))
    since = Selection(since=datetime(2026, 11, 21, tzinfo=UTC))
    report = run(tmp_path, str(tmp_path / "a.warc.gz"), selection=since)
    assert (report.articles, report.counts["parsed_revisit"]) == (1, 1)


def test_circles_and_lost_originals_end_without_an_article(tmp_path: Path):
    (tmp_path / "a.warc.gz").write_bytes(revisit(SECOND, 21, FIRST, 20) + revisit(FIRST, 20, SECOND, 21))
    report = run(tmp_path, str(tmp_path / "a.warc.gz"))
    assert (report.articles, report.counts, report.faults) == (0, {"revisit": 2}, ())
