"""The second opinion: warcio agrees about sound files and objects to a changed byte."""

from __future__ import annotations

import asyncio
import gzip
import io
from pathlib import Path

from crawler.archive.check.crosscheck import crosscheck
from tests.archive.archive_factory import PROVENANCE, exchange, open_spool


def sealed(root: Path) -> bytes:
    async def write() -> bytes:
        spool = open_spool(root)
        for number in range(3):
            await spool.record(exchange(url=f"https://news.example/{number}"), PROVENANCE)
        (warc,) = await spool.seal()
        await spool.close()
        return warc.path.read_bytes()

    return asyncio.run(write())


def test_what_we_write_has_no_faults(tmp_path):
    assert crosscheck(io.BytesIO(sealed(tmp_path)), name="a.warc.gz") == []


def test_a_changed_byte_is_named_with_the_records_offset(tmp_path):
    plain = gzip.decompress(sealed(tmp_path)).replace(b"hello", b"hullo", 1)
    (fault,) = crosscheck(io.BytesIO(plain), name="a.warc")
    assert fault.file == "a.warc"
    assert plain[fault.offset :].startswith(b"WARC/1.1\r\nWARC-Type: response")
    assert "digest failed" in fault.what
