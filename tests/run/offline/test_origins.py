"""Archives as other programs write them, each in its manner: a page in it gives its article, and nothing is found
wrong."""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from crawler.archive.write.records import base32
from tests.run.offline.test_replay import html, run

URL = "https://news.example/2026/11/20/an-old-bridge"
PAGE = html("An Old Bridge")
AT = "2026-11-20T10:00:00Z"
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
ASKED = b"GET /2026/11/20/an-old-bridge HTTP/1.1\r\nHost: news.example\r\n\r\n"
RESPONSE, REQUEST = "application/http; msgtype=response", "application/http; msgtype=request"
FIELDS = "application/warc-fields"


def record(kind: str, block: bytes, *, url: str | None = URL, version: str = "1.0", **fields: str) -> bytes:
    own = {
        "WARC-Type": kind, "WARC-Record-ID": f"<urn:uuid:{kind}>", "WARC-Date": AT, "Content-Length": str(len(block)),
        **({"WARC-Target-URI": url} if url else {}), **{name.replace("_", "-"): value for name,
        value in fields.items()},
    }  # fmt: skip
    head = "".join(f"{name}: {value}\r\n" for name, value in own.items())
    return f"WARC/{version}\r\n{head}\r\n".encode() + block + b"\r\n\r\n"


def packed(*records: bytes) -> bytes:
    return b"".join(map(gzip.compress, records))


def sha1(content: bytes) -> str:
    return f"sha1:{base32(hashlib.sha1(content).digest())}"


def chunked(body: bytes) -> bytes:
    return b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)


def heritrix() -> bytes:
    info = b"software: Heritrix/3.4.0\r\nformat: WARC File Format 1.0\r\nconformsTo: http://bibnum.bnf.fr/WARC/\r\n\r\n"
    block = OK + b"Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n" + chunked(gzip.compress(PAGE))
    notes = b"via: https://news.example/\r\nhopsFromSeed: L\r\nfetchTimeMs: 312\r\n\r\n"
    partner = {"WARC_Concurrent_To": "<urn:uuid:response>"}
    return packed(
        record("warcinfo", info, url=None, Content_Type=FIELDS, WARC_Filename="WEB-20261120-00000-1~box~8443.warc.gz"),
        record("response", b"20261120100000\nnews.example.\t60\tIN\tA\t192.0.2.1\n", url="dns:news.example",
               WARC_Record_ID="<urn:uuid:dns>", Content_Type="text/dns", WARC_IP_Address="192.0.2.53"),
        record("response", block, Content_Type=RESPONSE, WARC_IP_Address="192.0.2.1", WARC_Payload_Digest=sha1(block)),
        record("request", ASKED, Content_Type=REQUEST, **partner),
        record("metadata", notes, Content_Type=FIELDS, **partner),
    )  # fmt: skip


def wget() -> bytes:
    block = OK + b"Content-Length: %d\r\n\r\n" % len(PAGE) + PAGE
    own = {"WARC_Warcinfo_ID": "<urn:uuid:warcinfo>", "url": f"<{URL}>"}
    return packed(
        record("warcinfo", b"software: Wget/1.21.3 (linux-gnu)\r\nrobots: off\r\n", url=None, Content_Type=FIELDS),
        record("request", ASKED, Content_Type="application/http;msgtype=request", WARC_IP_Address="192.0.2.1", **own),
        record("response", block, Content_Type="application/http;msgtype=response",
               WARC_Concurrent_To="<urn:uuid:request>", WARC_Block_Digest=sha1(block), **own),
        record("metadata", b"<urn:uuid:warcinfo>\n", url="metadata://gnu.org/software/wget/warc/MANIFEST.txt",
               Content_Type="text/plain", WARC_Record_ID="<urn:uuid:manifest>"),
        record("resource", b"--mirror\n", url="metadata://gnu.org/software/wget/warc/wget_arguments.txt",
               Content_Type="text/plain", WARC_Record_ID="<urn:uuid:arguments>"),
    )  # fmt: skip


def browsertrix() -> bytes:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nx-orig-content-encoding: br\r\n"
    block = head + b"x-orig-transfer-encoding: chunked\r\n\r\n" + PAGE
    info = json.dumps({"pageid": "1", "url": URL, "urls": {URL: {"status": 200, "type": "document"}}}).encode()
    more = {"version": "1.1", "WARC_Page_ID": "1"}
    return packed(
        record("warcinfo", (b"software: Browsertrix-Crawler 1.5.0 (with warcio.js 2.4.3)\r\nformat: WARC File Format "
            b"1.1\r\n"),
               url=None, version="1.1", Content_Type=FIELDS),
        record("response", block, Content_Type=RESPONSE, WARC_Resource_Type="document",
               WARC_JSON_Metadata='{"ipType":"Public","cert":{"issuer":"X"}}', WARC_Payload_Digest="sha256:" + "0" * 64,
               **more),
        record("request", ASKED, Content_Type=REQUEST, WARC_Concurrent_To="<urn:uuid:response>", **more),
        record("resource", b"The text of the page", url=f"urn:text:{URL}", Content_Type="text/plain", version="1.1"),
        record("resource", info, url=f"urn:pageinfo:{URL}", Content_Type="application/json", version="1.1",
               WARC_Record_ID="<urn:uuid:info>"),
    )  # fmt: skip


def warcprox() -> bytes:
    block = OK + b"Content-Encoding: deflate\r\nVia: 1.1 warcprox\r\n\r\n" + zlib.compress(PAGE)
    return packed(
        record("warcinfo", b"software: warcprox 2.4.25\r\nhostname: box\r\n", url=None, Content_Type=FIELDS),
        record("response", block, Content_Type="application/http;msgtype=response",
        WARC_Payload_Digest=sha1(zlib.compress(PAGE))),
        record("request", ASKED, Content_Type="application/http;msgtype=request",
        WARC_Concurrent_To="<urn:uuid:response>"),
        record("revisit", OK + b"\r\n", WARC_Date="2026-11-21T10:00:00Z", WARC_Record_ID="<urn:uuid:again>",
               Content_Type="application/http;msgtype=response", WARC_Refers_To_Target_URI=URL, WARC_Refers_To_Date=AT,
               WARC_Profile="http://netpreserve.org/warc/1.0/revisit/identical-payload-digest",
               WARC_Payload_Digest=sha1(zlib.compress(PAGE))),
    )  # fmt: skip


def zeno() -> bytes:
    zstandard = pytest.importorskip("zstandard", reason="the extra zstd is not installed")
    block = OK + b"Transfer-Encoding: chunked\r\n\r\n" + chunked(PAGE)
    records = [
        record("warcinfo", b"software: Zeno 2.0.0\r\nformat: WARC file version 1.1\r\n", url=None, version="1.1",
        Content_Type=FIELDS),
        record("request", ASKED, version="1.1", Content_Type=REQUEST, WARC_Concurrent_To="<urn:uuid:response>"),
        record("response", block, version="1.1", Content_Type=RESPONSE, WARC_Block_Digest=sha1(block)),
    ]  # fmt: skip
    dictionary = zstandard.ZstdCompressionDict(b"".join(records) * 4, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
    frame = zstandard.compress(dictionary.as_bytes())
    compressor = zstandard.ZstdCompressor(dict_data=dictionary)
    return b"\x5d\x2a\x4d\x18" + len(frame).to_bytes(4, "little") + frame + b"".join(map(compressor.compress, records))


def common_crawl() -> bytes:
    head = OK + (
        b"X-Crawler-Transfer-Encoding: chunked\r\nX-Crawler-Content-Encoding: gzip\r\nX-Crawler-Content-Length: 99\r\n"
    )
    block = head + b"Content-Length: %d\r\n\r\n" % len(PAGE) + PAGE
    info = (
        b"isPartOf: CC-NEWS\r\npublisher: Common Crawl\r\nsoftware: StormCrawler 3.0 "
        b"https://stormcrawler.apache.org/\r\n"
    )
    return packed(
        record("warcinfo", info, url=None, Content_Type=FIELDS),
        record("request", ASKED, Content_Type=REQUEST),
        record("response", block, Content_Type=RESPONSE, WARC_Concurrent_To="<urn:uuid:request>",
               WARC_Identified_Payload_Type="text/html", WARC_Payload_Digest=sha1(PAGE), WARC_IP_Address="192.0.2.1"),
    )  # fmt: skip


def scrapy_webarchive() -> bytes:
    block = b"HTTP/1.0 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Encoding: gzip\r\n\r\n" + PAGE
    return packed(
        record("warcinfo", b"software: Scrapy/2.11.2 (https://scrapy.org)\r\nrobots: obey\r\n", url=None,
        Content_Type=FIELDS),
        record("request", b"GET https://news.example/2026/11/20/an-old-bridge HTTP/1.0\r\n\r\n", Content_Type=REQUEST),
        record("response", block, Content_Type=RESPONSE, WARC_Concurrent_To="<urn:uuid:request>"),
    )  # fmt: skip


def media_cloud() -> bytes:
    block = b"HTTP/1.0 200 OK\r\nContent-Type: text/html; encoding=utf-8\r\n\r\n" + PAGE
    notes = json.dumps({"rss_entry": {"link": URL}, "http_metadata": {"response_code": 200}}).encode()
    return packed(
        record("warcinfo", b"software: mediacloud story-indexer\r\n", url=None, Content_Type=FIELDS),
        record("response", block, Content_Type=RESPONSE),
        record("metadata", notes, Content_Type="application/x.mediacloud-indexer+json",
               WARC_Concurrent_To="<urn:uuid:response>"),
    )  # fmt: skip


def pywb() -> bytes:
    brotli = pytest.importorskip("brotli", reason="no package for Brotli is installed")
    block = OK + b"Content-Encoding: br\r\n\r\n" + brotli.compress(PAGE)
    return packed(
        record("warcinfo", b"software: pywb/2.8.3\r\nformat: WARC File Format 1.0\r\n", url=None, Content_Type=FIELDS),
        record("response", block, Content_Type=RESPONSE, WARC_Source_URI=URL,
        WARC_Payload_Digest=sha1(brotli.compress(PAGE))),
        record("request", ASKED, Content_Type=REQUEST, WARC_Concurrent_To="<urn:uuid:response>"),
    )  # fmt: skip


@pytest.mark.parametrize(
    "made", [heritrix, wget, browsertrix, warcprox, zeno, common_crawl, scrapy_webarchive, media_cloud, pywb]
)
def test_a_page_gives_its_article_whoever_archived_it(tmp_path: Path, made: Callable[[], bytes]) -> None:
    path = tmp_path / ("a.warc.zst" if made is zeno else "a.warc.gz")
    path.write_bytes(made())
    report = run(tmp_path, str(path))
    assert report.faults == ()
    assert report.articles == 1
    (lines,) = (tmp_path / "out").rglob("articles.jsonl")
    article = json.loads(lines.read_text())
    assert (article["url"], article["title"], article["captured_at"][:10]) == (URL, "An Old Bridge", "2026-11-20")
    assert "talk about the old bridge" in article["body"]
    assert article["charset"].lower() == "utf-8"
