"""Reading archives: ours as they were written, others' as they are, damaged ones as far as they go."""

from __future__ import annotations

import asyncio
import gc
import gzip
import hashlib
import io
import random
import sys
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawler.archive.read.captures import ArchivedCapture, read_captures, read_one
from crawler.archive.read.records import Fault, RawRecord, walk
from crawler.errors import BadArchive
from tests.archive.archive_factory import AT, PLAIN, PROVENANCE, URL, exchange, open_spool

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"


@pytest.fixture
def ours(spool_root: Path) -> Path:
    """A sealed file of ours with five captures, the bodies of /1 and /3 stored, the others deflated."""

    async def work() -> None:
        spool = open_spool(spool_root)
        for number in range(5):
            coding = b"Content-Encoding: gzip\r\n" if number % 2 else b""
            body = b"HTTP/1.1 200 OK\r\n" + coding + b"\r\n" + random.Random(number).randbytes(3000)
            await spool.record(exchange(body, url=f"https://news.example/{number}"), PROVENANCE)
        await spool.close()

    asyncio.run(work())
    (path,) = spool_root.rglob("*.warc.gz")
    return path


def record(kind: str, block: bytes, *, version: str = "WARC/1.0", url: str = URL, **fields: str) -> bytes:
    """A record as somebody else might write it."""
    named = {
        "WARC-Type": kind,
        "WARC-Record-ID": f"<urn:uuid:{hashlib.md5(block + kind.encode()).hexdigest()}>",
        "WARC-Date": "2020-01-02T03:04:05Z",
        "WARC-Target-URI": url,
        **{key.replace("_", "-"): value for key, value in fields.items()},
        "Content-Length": str(len(block)),
    }
    head = "".join(f"{key}: {value}\r\n" for key, value in named.items())
    return f"{version}\r\n{head}\r\n".encode() + block + b"\r\n\r\n"


def read(content: bytes | io.IOBase, **options: object) -> list[ArchivedCapture | Fault]:
    stream = BytesIO(content) if isinstance(content, bytes) else content
    return list(read_captures(stream, name="x", **options))  # type: ignore[arg-type]


def urls(items: list[ArchivedCapture | Fault]) -> list[str]:
    return [item.capture.url if isinstance(item, ArchivedCapture) else "FAULT" for item in items]


class Pipe(io.RawIOBase):
    """A stream that cannot be searched and gives little at a time."""

    def __init__(self, content: bytes, piece: int = 700) -> None:
        self._inner = BytesIO(content)
        self._piece = piece

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        return self._inner.read(self._piece)


def test_what_was_recorded_comes_back_with_everything_known_of_it(ours: Path) -> None:
    items = list(read_captures(ours))
    assert urls(items) == [f"https://news.example/{number}" for number in range(5)]
    for item in items:
        assert isinstance(item, ArchivedCapture)
        assert item.provenance == PROVENANCE
        path = item.capture.url.removeprefix("https://news.example")
        assert item.request == f"GET {path} HTTP/1.1\r\nHost: news.example\r\n\r\n".encode()
        assert item.capture.captured_at == AT
        assert item.capture.warc == ours.name
        assert item.head is not None
        assert item.notes is not None
        assert item.notes.payload_size == 3000
        body = item.response.read()[item.head.size :]
        assert hashlib.sha256(body).hexdigest() == item.capture.payload_sha256


@pytest.mark.parametrize("piece", [1, 700, 1 << 20])
def test_a_stream_that_cannot_be_searched_reads_the_same(ours: Path, piece: int) -> None:
    whole = [item.capture for item in read_captures(ours) if isinstance(item, ArchivedCapture)]
    piped = read_captures(Pipe(ours.read_bytes(), piece), name=ours.name)  # type: ignore[arg-type]
    assert [item.capture for item in piped if isinstance(item, ArchivedCapture)] == whole


def test_every_offset_finds_its_record_and_no_other_does(ours: Path) -> None:
    for item in read_captures(ours):
        assert isinstance(item, ArchivedCapture)
        assert read_one(ours, item.capture.offset).capture == item.capture
        with pytest.raises(BadArchive, match=f"no capture begins at byte {item.capture.offset + 1}"):
            read_one(ours, item.capture.offset + 1)


def test_a_whole_file_gzip_and_an_uncompressed_file_read_like_single_members(ours: Path) -> None:
    plain = gzip.decompress(ours.read_bytes())
    expected = [
        (i.capture.url, i.capture.payload_sha256) for i in read_captures(ours) if isinstance(i, ArchivedCapture)
    ]
    for content in (plain, gzip.compress(plain), plain.replace(b"\r\n\r\nWARC/1.1", b"\r\n\r\n\r\n\r\nWARC/1.1")):
        items = read(content)
        assert [(i.capture.url, i.capture.payload_sha256) for i in items if isinstance(i, ArchivedCapture)] == expected
        assert "FAULT" not in urls(items)
    for item in read(plain):
        assert isinstance(item, ArchivedCapture)
        assert plain[item.capture.offset :].startswith(b"WARC/1.1\r\nWARC-Type: response\r\n")
        assert read_one(BytesIO(plain), item.capture.offset, name="x").capture == item.capture


def test_empty_members_do_not_stop_the_reading() -> None:
    one = gzip.compress(record("response", PLAIN))
    assert urls(read(gzip.compress(b"") + one + gzip.compress(b"") * 3 + one)) == [URL, URL]


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("at", [0, 3, 10, 11, 200, -20, -6])
@pytest.mark.parametrize("piped", [False, True])
def test_after_a_damaged_member_the_next_one_is_read(ours: Path, number: int, at: int, piped: bool) -> None:
    content = bytearray(ours.read_bytes())
    captures = [item.capture for item in read_captures(ours) if isinstance(item, ArchivedCapture)]
    target = captures[number]
    content[target.offset + (at if at >= 0 else target.length + at)] ^= 0x55
    items = read(Pipe(bytes(content)) if piped else bytes(content))  # type: ignore[arg-type]
    faults = [item for item in items if isinstance(item, Fault)]
    assert faults[0].file == "x"
    assert faults[0].offset == target.offset
    assert [url for url in urls(items) if url != "FAULT"] == [c.url for c in captures if c is not target]


def test_a_cut_end_is_reported_and_what_came_before_is_kept(ours: Path) -> None:
    content = ours.read_bytes()
    captures = [item.capture for item in read_captures(ours) if isinstance(item, ArchivedCapture)]
    for cut in (captures[-1].offset + 1, captures[-1].offset + captures[-1].length - 1):
        items = read(content[:cut])
        assert urls(items)[:-2] == [capture.url for capture in captures[:-2]]
        assert sorted(urls(items)[-2:]) == sorted(["FAULT", captures[-2].url])
        (fault,) = [item for item in items if isinstance(item, Fault)]
        assert fault.offset == captures[-1].offset
        assert "ends inside a member" in fault.what


def test_a_cut_uncompressed_file_is_reported() -> None:
    content = record("response", PLAIN)
    (fault,) = read(content[:-10])
    assert isinstance(fault, Fault)
    assert "ends after 77 of 83 bytes" in fault.what


def test_a_record_shorter_than_it_says_is_a_fault_and_the_next_is_read() -> None:
    short = record("response", PLAIN).replace(b"Content-Length: 83", b"Content-Length: 99")
    good = record("response", PLAIN, url="https://news.example/good")
    items = read(gzip.compress(short) + gzip.compress(good))
    assert urls(items) == ["FAULT", "https://news.example/good"]


@pytest.mark.parametrize(
    "content", [b"<html>not an archive</html>", b"\x89PNG\r\n\x1a\n" * 10, gzip.compress(b"text" * 100)]
)
def test_what_is_no_archive_is_one_fault(content: bytes) -> None:
    (fault,) = read(content)
    assert isinstance(fault, Fault)
    assert "neither a WARC nor an ARC" in fault.what


def test_an_empty_file_has_nothing_in_it() -> None:
    assert read(b"") == []


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadArchive, match=r"none\.warc"):
        list(read_captures(tmp_path / "none.warc"))


@pytest.mark.parametrize("version", ["WARC/1.1", "WARC/1.0", "WARC/0.18", "WARC/0.17"])
def test_old_versions_are_read(version: str) -> None:
    (item,) = read(gzip.compress(record("response", PLAIN, version=version)))
    assert isinstance(item, ArchivedCapture)
    assert item.capture.captured_at == datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert item.provenance is None
    assert item.capture.payload_sha256 == hashlib.sha256(b"hello").hexdigest()


ARC = (
    b"filedesc://IAH-20080430204825.arc 0.0.0.0 20080430204825 text/plain 77\n"
    b"1 1 InternetArchive\nURL IP-address Archive-date Content-type Archive-length\n\n\n"
    b"http://news.example/a 192.0.2.1 20080430204826 text/html 83\n" + PLAIN + b"\n"
    + b"dns:news.example 192.0.2.2 20080430204826 text/dns 5\nhello\n"
    + b"http://news.example/b?q=1 192.0.2.1 20080430204827 text/html; charset=x 83\n" + PLAIN + b"\n"
)  # fmt: skip


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_arc_files_are_read(pack: Callable[[bytes], bytes]) -> None:
    items = read(pack(ARC))
    assert urls(items) == ["http://news.example/a", "http://news.example/b?q=1"]
    assert isinstance(items[0], ArchivedCapture)
    assert items[0].capture.captured_at == datetime(2008, 4, 30, 20, 48, 26, tzinfo=UTC)
    assert items[0].response.read() == PLAIN


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # warcio leaves its temporary files open
def test_what_warcio_writes_is_read_with_its_offsets() -> None:
    target = BytesIO()
    writer = WARCWriter(target, gzip=True)
    offsets = []
    for number in range(3):
        headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html; encoding=utf-8")], protocol="HTTP/1.0")
        offsets.append(target.tell())
        writer.write_record(
            writer.create_warc_record(
                f"http://x.example/{number}", "response", payload=BytesIO(b"b" * 70_000), http_headers=headers
            )
        )
    gc.collect()
    items = read(target.getvalue())
    assert [item.capture.offset for item in items if isinstance(item, ArchivedCapture)] == offsets
    assert {item.capture.mime for item in items if isinstance(item, ArchivedCapture)} == {"text/html"}


def test_zstandard_files_are_read_with_and_without_dictionary() -> None:
    records = [record("response", PLAIN, url=f"https://news.example/{number}") for number in range(3)]
    plain = b"".join(zstandard.ZstdCompressor().compress(one) for one in records)
    assert urls(read(plain)) == [f"https://news.example/{number}" for number in range(3)]
    samples = [record("response", PLAIN * (n % 7 + 1), url=f"https://news.example/{n}") for n in range(300)]
    dictionary = zstandard.train_dictionary(2000, samples)
    for stored in (dictionary.as_bytes(), zstandard.ZstdCompressor().compress(dictionary.as_bytes())):
        frame = b"\x5d\x2a\x4d\x18" + len(stored).to_bytes(4, "little") + stored
        packer = zstandard.ZstdCompressor(dict_data=dictionary)
        packed = frame + b"".join(packer.compress(one) for one in records)
        assert urls(read(packed)) == [f"https://news.example/{number}" for number in range(3)]


@pytest.mark.parametrize("dictionary", [b"", b"raw", b"\x28\xb5\x2f\xfdpacked"])
def test_without_the_package_a_zstandard_file_says_what_to_install(
    dictionary: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "zstandard", None)
    frame = b"\x5d\x2a\x4d\x18" + len(dictionary).to_bytes(4, "little") + dictionary if dictionary else b""
    (fault,) = read(frame + b"\x28\xb5\x2f\xfd and so on" * 3)
    assert isinstance(fault, Fault)
    assert fault.what == "compressed with Zstandard; `pip install '.[zstd]'` in the source tree makes it readable"


def test_a_damaged_dictionary_is_a_fault() -> None:
    dictionary = b"\x28\xb5\x2f\xfd\xff\xff\xff"
    (fault, *_) = read(b"\x5d\x2a\x4d\x18" + len(dictionary).to_bytes(4, "little") + dictionary)
    assert isinstance(fault, Fault)
    assert fault.offset == 0


def test_a_wacz_is_read_as_the_warcs_in_it(tmp_path: Path, ours: Path) -> None:
    path = tmp_path / "news.wacz"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("datapackage.json", "{}")
        package.write(ours, "archive/one.warc.gz")
        package.writestr("archive/two.warc", record("response", PLAIN), zipfile.ZIP_DEFLATED)
        package.writestr("pages/pages.jsonl", "")
    items = list(read_captures(path))
    assert [item.capture.warc for item in items if isinstance(item, ArchivedCapture)] == ["one.warc.gz"] * 5 + [
        "two.warc"
    ]
    assert read_one(ours, items[0].capture.offset).capture.url == items[0].capture.url  # type: ignore[union-attr]


def test_a_damaged_wacz_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "x.wacz"
    path.write_bytes(b"PK\x03\x04" + bytes(100))
    (fault,) = read_captures(path)
    assert isinstance(fault, Fault)


def test_requests_are_found_before_and_after_their_response() -> None:
    response = record("response", PLAIN)
    record_id = response.split(b"WARC-Record-ID: ")[1].split(b"\r\n")[0].decode()
    request = record("request", b"GET / HTTP/1.1\r\n\r\n", WARC_Concurrent_To=record_id)
    other = record("request", b"GET /other HTTP/1.1\r\n\r\n", WARC_Concurrent_To="<urn:uuid:other>")
    for content in (request + response, response + request, other + response + other + request):
        (item,) = read(content)
        assert isinstance(item, ArchivedCapture)
        assert item.request == b"GET / HTTP/1.1\r\n\r\n"
    (item,) = read(other + response)
    assert isinstance(item, ArchivedCapture)
    assert item.request is None


def test_a_revisit_names_its_original() -> None:
    content = record(
        "revisit", PLAIN[:-5], WARC_Refers_To="<urn:uuid:o>", WARC_Refers_To_Target_URI="<https://news.example/o>",
        WARC_Refers_To_Date="2019-01-01T00:00:00.5Z", WARC_Payload_Digest="sha1:VL2MMHO4YXUKFWV63YHTWSBM3GXKSQ2N",
        WARC_Truncated="length",
    )  # fmt: skip
    (item,) = read(content)
    assert isinstance(item, ArchivedCapture)
    assert item.capture.kind == "revisit"
    assert item.capture.payload_sha1 == "VL2MMHO4YXUKFWV63YHTWSBM3GXKSQ2N"
    assert item.truncated is None
    assert item.original is not None
    assert (item.original.record_id, item.original.url) == ("<urn:uuid:o>", "https://news.example/o")
    assert item.original.captured_at == datetime(2019, 1, 1, 0, 0, 0, 500_000, tzinfo=UTC)


def test_the_entity_of_a_chunked_response_is_what_its_digest_is_of() -> None:
    (item,) = read(record("response", CHUNKED))
    assert isinstance(item, ArchivedCapture)
    assert item.capture.payload_sha256 == hashlib.sha256(b"hello").hexdigest()
    assert item.head is not None
    assert item.head.chunked


def test_a_body_whose_chunks_were_taken_off_is_not_called_chunked() -> None:
    (item,) = read(record("response", CHUNKED.partition(b"\r\n\r\n")[0] + b"\r\n\r\n<html>hello"))
    assert isinstance(item, ArchivedCapture)
    assert item.head is not None
    assert not item.head.chunked
    assert item.capture.payload_sha256 == hashlib.sha256(b"<html>hello").hexdigest()


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [("Content-Length", "x", "Content-Length is 'x'"), ("Content-Length", "-1", "Content-Length is '-1'"), ("WARC-Date",
    "soon", "not a WARC-Date")],
)  # fmt: skip
def test_nonsense_in_a_head_is_a_fault(field: str, value: str, says: str) -> None:
    lines = record("response", PLAIN).split(b"\r\n")
    content = b"\r\n".join(f"{field}: {value}".encode() if line.startswith(field.encode()) else line for line in lines)
    items = read(gzip.compress(content) + gzip.compress(record("response", PLAIN)))
    assert urls(items) == ["FAULT", URL]
    assert says in str(items[0])


def test_tolerated_heads_lf_only_folded_and_in_brackets() -> None:
    content = (
        b"WARC/1.0\nWARC-Type: response\nwarc-target-uri: <http://x.example/\n  y>\nWARC-Date: 2020\nContent-Length: "
        b"83\n\n" + PLAIN + b"\n\n"
    )
    (item,) = read(content)
    assert isinstance(item, ArchivedCapture)
    assert item.capture.url == "http://x.example/ y"
    assert item.capture.captured_at == datetime(2020, 1, 1, tzinfo=UTC)


def test_a_bomb_is_cut_and_marked() -> None:
    block = b"HTTP/1.1 200 OK\r\n\r\n" + bytes(40_000_000)
    items = read(
        gzip.compress(record("response", block)) + gzip.compress(record("response", PLAIN)), max_block=2_000_000
    )
    assert isinstance(items[0], ArchivedCapture)
    assert items[0].response.size == 2_000_000
    assert items[0].truncated == "length"
    assert urls(items) == [URL, URL]


def test_large_blocks_wait_on_disk_and_read_the_same() -> None:
    block = b"HTTP/1.1 200 OK\r\n\r\n" + random.Random(0).randbytes(3_000_000)
    (item,) = read(gzip.compress(record("response", block)))
    assert isinstance(item, ArchivedCapture)
    assert item.response.read() == block
    assert item.response.read(30) == block[:30]
    assert b"".join(item.response.chunks(100_000)) == block
    assert item.response.size == len(block)


@settings(max_examples=40, deadline=None)
@given(
    bodies=st.lists(st.binary(max_size=2000), min_size=1, max_size=4),
    damage=st.tuples(st.integers(0, 1 << 16), st.integers(1, 255)),
    zipped=st.booleans(),
)
def test_no_damage_makes_reading_fail_or_invent_anything(
    bodies: list[bytes], damage: tuple[int, int], zipped: bool
) -> None:
    blocks = [b"HTTP/1.1 200 OK\r\n\r\n" + body for body in bodies]
    records = [record("response", block, url=f"https://news.example/{n}") for n, block in enumerate(blocks)]
    content = bytearray(b"".join(gzip.compress(one, mtime=0) if zipped else one for one in records))
    content[damage[0] % len(content)] ^= damage[1]
    items = read(bytes(content))
    if zipped:
        good = [item for item in items if isinstance(item, ArchivedCapture)]
        assert len(good) >= len(blocks) - 1
        assert all(item.response.read() in blocks for item in good)


@settings(max_examples=30, deadline=None)
@given(
    content=st.binary(max_size=500),
    prefix=st.sampled_from([b"", b"WARC/1.0\r\n", b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd"]),
)
def test_noise_never_raises(content: bytes, prefix: bytes) -> None:
    for item in read(prefix + content):
        assert isinstance(item, ArchivedCapture | Fault)


def test_the_walk_reports_deviations_without_losing_the_record() -> None:
    content = gzip.compress(record("response", PLAIN)[:-4] + b"\n\n")
    (item,) = walk(BytesIO(content), name="x")
    assert isinstance(item, RawRecord)
    assert item.complaint is not None
    assert item.length == len(content)
