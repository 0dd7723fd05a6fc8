"""A WARC to articles as others do it, for `benchmarks/replay.py`; runs in an environment of its own.

    python replay_peer.py READER OUT WARC...      READER: fastwarc | warcio

trafilatura over the HTML responses of status 200, all fields, one JSON line an article. Knows nothing of Warraq.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import trafilatura

READER, OUT, WARCS = sys.argv[1], Path(sys.argv[2]), [Path(word) for word in sys.argv[3:]]

if READER == "fastwarc":
    from fastwarc.warc import ArchiveIterator, WarcRecordType

    def read(stream: BinaryIO) -> Iterator[tuple[str, bytes]]:
        for record in ArchiveIterator(stream, record_types=WarcRecordType.response, auto_decode="all"):
            head = record.http_headers
            if head is not None and head.status_code == 200 and "html" in (record.http_content_type or ""):
                yield record.headers["WARC-Target-URI"], record.reader.read()
else:
    from warcio.archiveiterator import ArchiveIterator

    def read(stream: BinaryIO) -> Iterator[tuple[str, bytes]]:
        for record in ArchiveIterator(stream):
            head = record.http_headers if record.rec_type == "response" else None
            if head is not None and head.get_statuscode() == "200" and "html" in head.get_header("Content-Type", ""):
                yield record.rec_headers.get_header("WARC-Target-URI"), record.content_stream().read()


pages = articles = 0
with OUT.open("w", encoding="utf-8", errors="replace") as out:
    for warc in WARCS:
        with warc.open("rb") as archive:
            for url, body in read(archive):
                pages += 1
                found = trafilatura.extract(
                    body, url=url, output_format="json", with_metadata=True, include_comments=False
                )
                if found:
                    articles += 1
                    out.write(found + "\n")
sys.stdout.write(json.dumps({"pages": pages, "articles": articles}) + "\n")
