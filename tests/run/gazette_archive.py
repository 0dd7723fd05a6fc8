"""WARC files of the gazette, as another crawler writes them."""

from __future__ import annotations

__all__ = ["archive"]

import gc
import io
import warnings
from datetime import datetime
from pathlib import Path

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from tests.parse.gazette import gazette_page


def archive(path: Path, numbers: range, *, at: datetime, host: str = "gazette.example", status: str = "200 OK") -> Path:
    """Write a WARC of gazette's pages, as another crawler does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings(), path.open("wb") as stream:
        warnings.simplefilter("ignore", ResourceWarning)  # warcio leaves its temporary files to the collector
        writer = WARCWriter(stream, gzip=True)
        for number in numbers:
            writer.write_record(
                writer.create_warc_record(
                    f"https://{host}/{at:%Y/%m/%d}/story-{number}-of-the-valley",
                    "response",
                    payload=io.BytesIO(gazette_page(number).encode()),
                    http_headers=StatusAndHeaders(
                        status, [("Content-Type", "text/html; charset=utf-8")], protocol="HTTP/1.1"
                    ),
                    warc_headers_dict={"WARC-Date": f"{at:%Y-%m-%dT%H:%M:%SZ}"},
                )
            )
        gc.collect()
    return path
