"""An exchange that is checked in one go is judged as one whose records are looked at one by one."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import random
from base64 import b32encode
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest

from crawler.archive.check import verify
from crawler.archive.check.own_exchange import own_exchange
from crawler.archive.check.verify import Report, verify_warc
from crawler.archive.read.captures import ArchivedCapture, read_captures
from crawler.archive.read.records import RawRecord, walk
from tests.archive.archive_factory import PROVENANCE, exchange, open_spool

TYPED = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n%s\r\n\r\nhello"
ANSWERS = [
    TYPED % b"content-TYPE:  Text/HTML ; charset=utf-8",
    TYPED % b"Content-Type: none",
    TYPED % b"Content-Type: a/b\0c",
    TYPED % b"Content-Type : text/plain",
    TYPED % b"Content-Types: text/plain\r\nContent-Type: text/html",
    TYPED % b"Content-Type:\r\nContent-Type: text/html",
    TYPED % b"X: Content-Type: text/plain",
    TYPED.replace(b"200 OK", b"404") % b"Server: x",
    b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\n<html",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello",
    b"HTTP/1.1 200 OK\n\nhello",
    b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    b"no answer at all",
]


@pytest.fixture
def sound(spool_root: Path) -> Path:
    async def work() -> None:
        spool = open_spool(spool_root)
        for number, answer in enumerate(ANSWERS):
            wire = {"ip_address": "192.0.2.7", "protocols": ("http/1.1", "tls/1.3"), "cipher_suite": "TLS_AES"}
            url = f"https://news.example/a/{number}"
            await spool.record(exchange(answer, url=url, **(wire if number % 2 else {})), PROVENANCE)
        await spool.close()

    asyncio.run(work())
    (path,) = spool_root.rglob("*.warc.gz")
    return path


def records(path: Path) -> list[RawRecord]:
    return [item for item in walk(BytesIO(path.read_bytes()), name=path.name) if isinstance(item, RawRecord)]


def exchanges(path: Path) -> list[list[RawRecord]]:
    found = records(path)
    return [found[at : at + 3] for at, record in enumerate(found) if record.type == "response"]


def judged(content: bytes, index: bytes) -> tuple[Report, Report]:
    """Return what is found in one go and one by one, faults in order."""
    slow = pytest.MonkeyPatch()
    quick = verify_warc(BytesIO(content), name="x.warc.gz", cdxj=index)
    with slow.context() as patched:
        patched.setattr(verify, "begins_exchange", lambda _: False)
        return in_order(quick), in_order(verify_warc(BytesIO(content), name="x.warc.gz", cdxj=index))


def in_order(report: Report) -> Report:
    faults = sorted(report.faults, key=lambda fault: (fault.offset, fault.file, fault.what))
    return Report(**{name: getattr(report, name) for name in report.__struct_fields__} | {"faults": tuple(faults)})


def test_a_capture_is_what_reading_the_file_gives(sound: Path) -> None:
    info = records(sound)[0].headers["warc-record-id"]
    read = [item.capture for item in read_captures(sound) if isinstance(item, ArchivedCapture)]
    quick = [own_exchange(*three, warcinfo=info, name=sound.name) for three in exchanges(sound)]
    known = {found.capture.offset: found.capture for found in quick if found is not None}
    assert [known.get(capture.offset, capture) for capture in read] == read
    assert [found is not None for found in quick[:9]] == [True, False, False, False, False, False, True, True, True]
    assert [found.capture.mime for found in quick if found is not None] == ["text/html", "unk", "unk", "unk"]


def changes(member: bytes, chance: random.Random) -> Iterator[bytes]:
    """Yield the record in `member` with one byte another, at many places of its head and some of its block."""
    for place in {*range(0, min(len(member), 700), 3), *chance.sample(range(len(member)), 30)}:
        yield member[:place] + bytes([member[place] ^ chance.choice([1, 2, 32])]) + member[place + 1 :]


def with_digest(record: bytes) -> bytes:
    """Make the block's digest fit, as somebody would who knows how."""
    head, gap, block = record.partition(b"\r\n\r\n")
    begin, name, rest = head.partition(b"WARC-Block-Digest: sha1:")
    made = b32encode(hashlib.sha1(block[:-4], usedforsecurity=False).digest())
    return begin + name + made + rest[32:] + gap + block


@pytest.mark.parametrize("made", [bytes, with_digest], ids=["as it is", "digests made anew"])
@pytest.mark.parametrize("number", [1, 6])
def test_whatever_is_altered_is_told_as_when_records_are_looked_at_one_by_one(sound: Path, number: int, made) -> None:
    content, index = sound.read_bytes(), sound.with_name(sound.name.replace(".warc.gz", ".cdxj")).read_bytes()
    chance, damaged = random.Random(number), 0
    index = index.replace(sound.name.encode(), b"x.warc.gz")
    for record in exchanges(sound)[number]:
        member = gzip.decompress(content[record.offset : record.offset + record.length])
        for change in changes(member, chance):
            end = record.offset + record.length
            quick, slow = judged(content[: record.offset] + gzip.compress(made(change), 1) + content[end:], index)
            assert quick == slow, change
            damaged += not quick.is_sound
    assert damaged > 500


def test_records_that_are_missing_doubled_or_swapped_are_told_alike(sound: Path) -> None:
    content, index = sound.read_bytes(), b""
    members = [content[one.offset : one.offset + one.length] for one in records(sound)]
    chance = random.Random(1)
    assert judged(content, index)[0] == judged(content, index)[1]
    for _ in range(60):
        parts = list(members)
        first, second = chance.sample(range(1, len(parts)), 2)
        change = chance.choice(["missing", "doubled", "swapped"])
        if change == "missing":
            del parts[first]
        elif change == "doubled":
            parts.insert(first, parts[second])
        else:
            parts[first], parts[second] = parts[second], parts[first]
        quick, slow = judged(b"".join(parts), index)
        assert quick == slow, (change, first, second)
