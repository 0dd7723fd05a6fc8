"""A Scrapy spider as a newcomer writes it, for `benchmarks/capture.py`; runs in an environment of its own.

    python scrapy_peer.py URLS PAGES FOLDER MODE

URLS is a file, one URL a line. MODE ``plain`` archives nothing; ``warcio`` writes request and response with warcio
in the callback; ``inline`` the same and takes the text out with trafilatura; ``webarchive`` uses the package
scrapy-webarchive. Settings are Scrapy's own, except that nothing is logged and as much is asked for at once as Warraq
does. Knows nothing of Warraq.
"""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import scrapy
from scrapy.crawler import CrawlerProcess

URLS, PAGES, FOLDER, MODE = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), sys.argv[4]
SETTINGS: dict[str, Any] = {"LOG_LEVEL": "ERROR", "CONCURRENT_REQUESTS": 16, "CONCURRENT_REQUESTS_PER_DOMAIN": 16}


class Pages(scrapy.Spider):
    name = "pages"
    start_urls = Path(URLS).read_text().split()
    count = 0
    size = 0
    articles = 0

    def parse(self, response: Any) -> None:
        Pages.count += 1
        Pages.size += len(response.body)
        if MODE in ("warcio", "inline"):
            keep(response)
        if MODE == "inline":
            extract(response)


def keep(response: Any) -> None:
    """Write what Scrapy still knows of the exchange: the body is decoded by then, the head is made anew."""
    lines = [(name.decode(), value.decode()) for name, values in response.headers.items() for value in values]
    http = StatusAndHeaders(f"{response.status} OK", lines, protocol="HTTP/1.1")
    sent = [(name.decode(), value.decode()) for name, values in response.request.headers.items() for value in values]
    line = StatusAndHeaders("GET / HTTP/1.1", sent, is_http_request=True)
    record = WRITER.create_warc_record(response.url, "response", payload=io.BytesIO(response.body), http_headers=http)
    WRITER.write_request_response_pair(WRITER.create_warc_record(response.url, "request", http_headers=line), record)


def extract(response: Any) -> None:
    """Write the article as JSON, all fields, and count it."""
    found = trafilatura.extract(
        response.text, url=response.url, output_format="json", with_metadata=True, include_comments=False
    )
    if found:
        Pages.articles += 1
        ARTICLES.write(found + "\n")


if MODE in ("warcio", "inline"):
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    STREAM = (FOLDER / "naive.warc.gz").open("wb")
    WRITER = WARCWriter(STREAM, gzip=True)
if MODE == "inline":
    import trafilatura

    ARTICLES = (FOLDER / "articles.jsonl").open("w")
if MODE == "webarchive":
    SETTINGS["EXTENSIONS"] = {"scrapy_webarchive.extensions.WaczExporter": 543}
    SETTINGS["SW_EXPORT_URI"] = f"{FOLDER}/out.wacz"

process = CrawlerProcess(SETTINGS)
process.crawl(Pages)
process.start()
assert Pages.count == PAGES, Pages.count
told = {"pages": Pages.count, "decoded_bytes": Pages.size, "articles": Pages.articles, "scrapy": scrapy.__version__}
sys.stdout.write(json.dumps(told) + "\n")
