"""Verification: sound archives pass, and each kind of damage is named with its place."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import io
import random
from base64 import b32encode
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest

from crawler.archive.check.verify import verify_store, verify_warc
from crawler.archive.files import sha256_of
from crawler.archive.read.captures import ArchivedCapture, read_captures
from crawler.archive.read.cdxj import format_line, index_warc, parse_line
from crawler.archive.read.records import RawRecord, walk
from crawler.archive.store.folder import FileStore
from crawler.errors import BadArchive
from tests.archive.archive_factory import PLAIN, PROVENANCE, exchange, open_spool

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"


@pytest.fixture
def sound(spool_root: Path) -> Path:
    async def work() -> None:
        spool = open_spool(spool_root)
        first = await spool.record(exchange(url="https://news.example/plain"), PROVENANCE)
        await spool.record(exchange(CHUNKED, url="https://news.example/chunked"), PROVENANCE)
        await spool.record(exchange(url="https://news.example/again"), PROVENANCE, revisit_of=first)
        coded = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + random.Random(1).randbytes(900)
        await spool.record(exchange(coded, url="https://news.example/coded"), PROVENANCE)
        await spool.record(exchange(b"", error="reset"), PROVENANCE)
        await spool.close()

    asyncio.run(work())
    (path,) = spool_root.rglob("*.warc.gz")
    return path


def index_of(path: Path) -> bytes:
    return path.with_name(path.name.replace(".warc.gz", ".cdxj")).read_bytes()


def test_what_we_wrote_is_sound(sound: Path) -> None:
    report = verify_warc(sound, cdxj=index_of(sound))
    assert report.faults == ()
    assert report.is_sound
    assert (report.records, report.captures) == (15, 4)
    assert report.digests == 14 + 1 + 1 + 3 + 1
    assert report.sha256 == hashlib.sha256(sound.read_bytes()).hexdigest()
    assert report.size == sound.stat().st_size


def test_an_index_made_from_the_file_is_the_one_made_while_writing(sound: Path) -> None:
    made, faults = index_warc(sound)
    assert made == index_of(sound)
    assert faults == []


def test_lines_read_back_as_they_were_written(sound: Path) -> None:
    for item in read_captures(sound):
        assert isinstance(item, ArchivedCapture)
        key, timestamp, fields = parse_line(format_line(item.capture))
        assert key.startswith("example,news)/")
        assert timestamp == "20261123184104"
        assert fields.digest == f"sha1:{item.capture.payload_sha1}"
        assert fields.mime == ("warc/revisit" if item.capture.kind == "revisit" else item.capture.mime)


@pytest.mark.parametrize("line", [b"", b"a b", b"a b {", b'a b {"url": "x"}', b"\xff 20 {}"])
def test_a_line_that_is_none_is_refused(line: bytes) -> None:
    with pytest.raises(BadArchive, match="not a CDXJ line"):
        parse_line(line)


def test_a_flipped_bit_is_found_wherever_it_changes_what_is_said(sound: Path) -> None:
    content = sound.read_bytes()
    chance = random.Random(7)
    for _ in range(60):
        place, bit = chance.randrange(len(content)), 1 << chance.randrange(8)
        damaged = bytearray(content)
        damaged[place] ^= bit
        report = verify_warc(BytesIO(bytes(damaged)), name=sound.name, cdxj=index_of(sound))
        # gzip's time, flags without a meaning and the unused bits of its last byte say nothing: receipts guard those
        assert not report.is_sound or said(bytes(damaged)) == said(content), (place, bit)


def said(content: bytes) -> list[object]:
    """All that the records of a file say."""
    records = walk(BytesIO(content), name="x")
    return [(item.headers, item.block.read()) if isinstance(item, RawRecord) else item for item in records]


def record(kind: str, block: bytes, fields: dict[str, str]) -> bytes:
    named = {
        "WARC-Type": kind, "WARC-Record-ID": f"<urn:uuid:{hashlib.md5(block).hexdigest()}>",
        "WARC-Date": "2020-01-02T03:04:05Z", "WARC-Target-URI": "https://news.example/x", **fields,
        "Content-Length": str(len(block)),
    }  # fmt: skip
    head = "".join(f"{key}: {value}\r\n" for key, value in named.items() if value)
    return gzip.compress(f"WARC/1.1\r\n{head}\r\n".encode() + block + b"\r\n\r\n")


def digests(content: bytes) -> Iterator[str]:
    yield "sha1:" + b32encode(hashlib.sha1(content).digest()).decode()
    yield "sha1:" + hashlib.sha1(content).hexdigest()
    yield "sha256:" + hashlib.sha256(content).hexdigest()
    yield "sha256:" + b32encode(hashlib.sha256(content).digest()).decode()
    yield "sha-256:" + hashlib.sha256(content).hexdigest()
    yield "md5:" + hashlib.md5(content).hexdigest()
    yield "whirlpool:unknown"


@pytest.mark.parametrize("which", range(7))
def test_digests_in_every_notation_are_checked(which: int) -> None:
    fields = {"WARC-Block-Digest": list(digests(PLAIN))[which], "WARC-Payload-Digest": list(digests(b"hello"))[which]}
    assert verify_warc(BytesIO(record("response", PLAIN, fields))).faults == ()
    wrong = {"WARC-Block-Digest": list(digests(b"x"))[which], "WARC-Payload-Digest": list(digests(b"y"))[which]}
    report = verify_warc(BytesIO(record("response", PLAIN, wrong)))
    assert len(report.faults) == (0 if which == 6 else 2)


@pytest.mark.parametrize("payload", [b"hello", CHUNKED.partition(b"\r\n\r\n")[2]], ids=["entity", "as stored"])
def test_both_readings_of_a_chunked_payload_digest_are_accepted(payload: bytes) -> None:
    digest = next(digests(payload))
    assert verify_warc(BytesIO(record("response", CHUNKED, {"WARC-Payload-Digest": digest}))).is_sound


@pytest.mark.parametrize("field", ["WARC-Date", "WARC-Record-ID"])
def test_a_missing_mandatory_field_is_named(field: str) -> None:
    (fault,) = verify_warc(BytesIO(record("response", PLAIN, {field: ""}))).faults
    assert field.lower() in fault.what


def test_a_record_id_used_twice_is_named() -> None:
    one = record("response", PLAIN, {})
    (fault,) = verify_warc(BytesIO(one + one)).faults
    assert "a second record" in fault.what
    assert fault.offset == len(one)


def test_an_index_that_does_not_fit_is_named(sound: Path) -> None:
    lines = index_of(sound).splitlines(keepends=True)
    cases = {
        "out of order": b"".join(reversed(lines)),
        "is of 2026-11-23T18": b"".join(lines).replace(b" 20261123", b" 20261022", 1),
        "status 404": b"".join(lines).replace(b'"status":"200"', b'"status":"404"', 1),
        "is not that of": b"".join(lines).replace(lines[0].split(b")")[0], b"example,other", 1),
        "lacks the capture": b"".join(lines[1:]),
        "has no capture of": b"".join(lines).replace(b'"offset":"', b'"offset":"9', 1),
        "another digest": b"".join(lines).replace(b'"digest":"sha1:V', b'"digest":"sha1:W'),
        "not a CDXJ line": b"".join(lines) + b"zzz\n",
        "mime text/plain": b"".join(lines).replace(b'"mime":"text/html"', b'"mime":"text/plain"', 1),
        "url http": b"".join(lines).replace(b'"url":"https', b'"url":"http', 1),
        "not written as": b"".join(lines).replace(b'","mime"', b'", "mime"', 1),
    }
    for says, cdxj in cases.items():
        faults = verify_warc(sound, cdxj=cdxj).faults
        assert any(says in fault.what for fault in faults), (says, faults)
        if says != "lacks the capture":
            assert {fault.file for fault in faults if says in fault.what} == {sound.name.replace(".warc.gz", ".cdxj")}
    (last,) = verify_warc(sound, cdxj=b"".join(lines) + b"zzz\n").faults
    assert last.offset == len(b"".join(lines))


def test_a_metadata_record_whose_digest_is_not_that_of_its_page_is_named(sound: Path) -> None:
    text = gzip.decompress(sound.read_bytes())
    captures = [item for item in read_captures(sound) if isinstance(item, ArchivedCapture)]
    sha256 = captures[0].capture.payload_sha256.encode()
    changed = text.replace(b'"payload_sha256":"' + sha256, b'"payload_sha256":"' + b"0" * 64, 1)
    whats = [fault.what for fault in verify_warc(BytesIO(changed)).faults]
    assert any("SHA-256 noted here" in what for what in whats)


def test_a_store_is_verified_file_by_file(tmp_path: Path, sound: Path) -> None:
    store = FileStore(tmp_path / "store")
    base = "warc/2026/11/23/"
    index = sound.name.replace(".warc.gz", ".cdxj")
    store.put(base + sound.name, sound)
    store.put(base + index, index_of(sound))
    assert [report.is_sound for report in verify_store(store)] == [True]
    assert list(verify_store(store, sample=0.0)) == []
    store.put(base + "lonely.cdxj", b"")
    store.put(base + "bare.warc.gz", sound)
    reports = {report.name: [fault.what for fault in report.faults] for report in verify_store(store)}
    assert reports[sound.name] == []
    assert reports["bare.warc.gz"] == [
        f"WARC-Filename is {sound.name}, the file's name bare.warc.gz",
        "no index lies beside it",
    ]
    assert reports[base + "lonely.cdxj"] == ["an index whose WARC is not there"]


def test_a_store_is_held_against_what_was_shipped_to_it(tmp_path: Path, sound: Path) -> None:
    store = FileStore(tmp_path / "store")
    base = "warc/2026/11/23/"
    store.put(base + sound.name, sound)
    store.put(base + sound.name.replace(".warc.gz", ".cdxj"), index_of(sound))
    index_of_file = tmp_path / "store" / base / sound.name.replace(".warc.gz", ".cdxj")
    digest = sha256_of(sound).hex()

    def faults(receipts: dict[str, str]) -> list[tuple[str, str]]:
        found = [fault for report in verify_store(store, receipts=receipts) for fault in report.faults]
        return [(fault.file.removeprefix(base), fault.what) for fault in found]

    assert faults({base + sound.name: digest}) == []
    index = sound.name.replace(".warc.gz", ".cdxj")
    due = sha256_of(index_of_file).hex()
    assert faults({base + sound.name: digest, base + index: due}) == []
    (other,) = faults({base + sound.name: digest, base + index: "f" * 64})
    assert other[0] == index
    assert other[1].startswith("it is not the index that was shipped")
    assert faults({base + sound.name: digest, base + "gone.warc.gz": digest}) == [
        ("gone.warc.gz", "it was shipped, and is not there")
    ]
    (changed,) = faults({base + sound.name: "0" * 64})
    assert changed == (sound.name, f"it is not what was shipped, which has SHA-256 {'0' * 64}")
    assert faults({base + "of-another-store.warc.gz": digest}) == []


def test_what_nobody_can_read_and_nothing_at_all_are_faults(tmp_path: Path, sound: Path) -> None:
    store = FileStore(tmp_path / "store")
    store.put("warc/notes.txt", b"mine")
    store.put("warc/empty.warc.gz", b"")
    store.put("warc/empty.cdxj", b"")
    found = {report.name: [fault.what for fault in report.faults] for report in verify_store(store)}
    assert found == {
        "warc/notes.txt": ["neither a WARC nor an index of ours"],
        "empty.warc.gz": ["the file holds no record"],
    }


def test_a_missing_file_is_an_error_not_a_report(tmp_path: Path) -> None:
    with pytest.raises(BadArchive, match="No such file"):
        verify_warc(tmp_path / "none.warc.gz")


@pytest.mark.parametrize("packed", [False, True])
def test_a_large_record_that_breaks_off_is_named_and_ends_the_reading(packed: bool) -> None:
    whole = record("response", PLAIN, {}) + record("resource", b"x" * (3 << 20), {"Content-Type": "text/plain"})
    cut = gzip.decompress(whole)[: -1 << 20]
    cut = gzip.compress(cut) if packed else cut
    report = verify_warc(io.BytesIO(cut), name="a.warc")
    (fault,) = report.faults
    assert "the record ends after 20" in fault.what
    assert f"of {3 << 20} bytes" in fault.what
    assert report.records == 1
