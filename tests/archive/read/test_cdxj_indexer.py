"""Our index of a file has the values that cdxj-indexer gives it, line by line."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.archive.read.cdxj import index_warc
from crawler.archive.record_values import base32
from tests.archive.archive_factory import PROVENANCE, exchange, open_spool
from tests.kept_archive import unpack_kept
from tests.run.gazette_archive import archive

CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
CODED = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(
    b"hello", mtime=0
)
SAID = ("url", "mime", "status", "digest", "length", "offset", "filename")


def kept(folder: Path) -> list[Path]:
    unpack_kept(folder)
    return sorted(folder.rglob("data/**/*.warc.gz"))


def written(folder: Path) -> list[Path]:
    async def work() -> None:
        spool = open_spool(folder)
        first = await spool.record(exchange(url="https://news.example/a?id2=7&id=5&b"), PROVENANCE)
        await spool.record(exchange(CHUNKED, url="https://news.example/chunked"), PROVENANCE)
        await spool.record(exchange(CODED, url="https://www.news.example:8080/%D8%A7/x;y"), PROVENANCE)
        await spool.record(exchange(url=first.url), PROVENANCE, revisit_of=first)
        await spool.record(
            exchange(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", url="https://news.example/gone"),
            PROVENANCE,
        )
        await spool.close()

    asyncio.run(work())
    return sorted(folder.rglob("*.warc.gz"))


def of_others(folder: Path) -> list[Path]:
    return [archive(folder / "gazette.warc.gz", range(3), at=datetime(2026, 3, 1, 12, 30, 5, tzinfo=UTC))]


def values(index: bytes) -> dict[str, tuple[str, str, list[str | None]]]:
    """Return key, timestamp and what is said, by offset."""
    found = {}
    for line in index.decode().splitlines():
        key, timestamp, told = line.split(" ", 2)
        fields = {"mime": "unk", **json.loads(told)}  # they leave out what we call unknown, as pywb does
        found[fields["offset"]] = (key, timestamp, [fields.get(name) for name in SAID])
    return found


@pytest.mark.parametrize("make", [kept, written, of_others])
def test_values_are_those_of_cdxj_indexer(tmp_path: Path, make: Callable[[Path], list[Path]]) -> None:
    for path in make(tmp_path):
        command = [Path(sys.executable).parent / "cdxj-indexer", path]
        theirs = values(subprocess.run(command, check=True, capture_output=True).stdout)
        ours = values(index_warc(path)[0])
        assert theirs.keys() == ours.keys()
        for offset, (key, timestamp, said) in theirs.items():
            if (
                said[0] == "https://news.example/chunked"
            ):  # they take the digest of the chunks, we that of what they carry
                stored = CHUNKED.partition(b"\r\n\r\n")[2]
                assert said[3] == f"sha1:{base32(hashlib.sha1(stored).digest())}"
                said[3] = f"sha1:{base32(hashlib.sha1(b'hello').digest())}"
            assert ours[offset] == (key, timestamp, said)
