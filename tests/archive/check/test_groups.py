"""The records of one of our files belong together: what is missing, doubled, moved or of another page is named."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from crawler.archive.check.verify import checked_index, verify_warc
from crawler.archive.read.records import RawRecord, walk
from tests.archive.archive_factory import PROVENANCE, exchange, open_spool

Members = list[bytes]


@pytest.fixture
def sound(spool_root: Path) -> Path:
    """A file of warcinfo, DNS, response, request, metadata; response, request, metadata; request, metadata; and one
    more."""

    async def work() -> None:
        spool = open_spool(spool_root)
        await spool.record(exchange(ip_address="192.0.2.7"), PROVENANCE)
        await spool.record(exchange(url="https://news.example/a/2"), PROVENANCE)
        await spool.record(exchange(b"", url="https://news.example/a/3", error="reset"), PROVENANCE)
        await spool.record(exchange(url="https://news.example/a/4"), PROVENANCE)
        await spool.close()

    asyncio.run(work())
    (path,) = spool_root.rglob("*.warc.gz")
    return path


def members(path: Path) -> Members:
    content = path.read_bytes()
    places = [item for item in walk(BytesIO(content), name="x") if isinstance(item, RawRecord)]
    return [content[item.offset : item.offset + item.length] for item in places]


def altered(member: bytes, old: bytes, new: bytes) -> bytes:
    record = gzip.decompress(member)
    assert old in record
    return gzip.compress(record.replace(old, new, 1), mtime=0)


def whats(path: Path, made: Members) -> list[tuple[int, str]]:
    """Return number of the member and text of each fault."""
    starts = [sum(map(len, made[:number])) for number in range(len(made))]
    faults = verify_warc(BytesIO(b"".join(made)), name=path.name, in_place=True).faults
    return [(starts.index(fault.offset), fault.what) for fault in faults]


def without(*numbers: int) -> Callable[[Members], Members]:
    return lambda made: [member for number, member in enumerate(made) if number not in numbers]


def with_field(number: int, old: bytes, new: bytes) -> Callable[[Members], Members]:
    return lambda made: [altered(one, old, new) if at == number else one for at, one in enumerate(made)]


def test_what_we_wrote_belongs_together(sound: Path) -> None:
    assert len(members(sound)) == 13
    assert whats(sound, members(sound)) == []


@pytest.mark.parametrize(
    ("change", "place", "said"),
    [
        (without(0), 0, "does not begin with its warcinfo"),
        (without(3), 2, "no request record of this response"),
        (without(4), 2, "no metadata record of this response"),
        (without(9), 8, "no metadata record of this request"),
        (without(2), 2, "WARC-Concurrent-To does not name the capture before this request"),
        (lambda made: [*made[:4], altered(made[3], b"Record-ID: <urn:uuid:", b"Record-ID: <urn:uuid:0"), *made[4:]], 4,
        "a second request"),
        (lambda made: [*made[:5], altered(made[4], b"Record-ID: <urn:uuid:", b"Record-ID: <urn:uuid:0"), *made[5:]], 5,
        "a second metadata"),
        (lambda made: [*made[:5], altered(made[0], b"Record-ID: <urn:uuid:", b"Record-ID: <urn:uuid:0"), *made[5:]], 5,
        "a second warcinfo"),
        (lambda made: [made[0], *made[5:8], *made[1:5], *made[8:]], None, None),
        (with_field(3, b"/a/1\r\n", b"/a/2\r\n"), 3, "warc-target-uri is not that of the capture"),
        (with_field(4, b"/a/1\r\n", b"/a/2\r\n"), 4, "warc-target-uri is not that of the capture"),
        (with_field(2, b"18:41:04", b"18:41:05"), 3, "warc-date is not that of the capture"),
        (with_field(3, b"192.0.2.7", b"192.0.2.8"), 3, "warc-ip-address is not that of the capture"),
        (with_field(1, b"A\t192.0.2.7", b"A\t192.0.2.8"), 2, ("the DNS record before it is of dns:news.example at "
            "192.0.2.8")),
        (with_field(1, b"dns:news", b"dns:olds"), 2, "the DNS record before it is of dns:olds"),
        (with_field(5, b"WARC-Warcinfo-ID: <urn:uuid:", b"WARC-Warcinfo-ID: <urn:uuid:0"), 5,
        "another file's warcinfo"),
        (with_field(5, b"msgtype=response", b"msgtype=request"), 5, "a response record is not written like this"),
        (with_field(0, b"WARC/1.1", b"WARC/1.0"), 0, "a warcinfo record is not written like this"),
        (with_field(5, b"WARC/1.1", b"WARC/1.0"), 5, "a response record is not written like this"),
        (with_field(0, b"WARC-Filename: WARRAQ", b"WARC-Filename: WARRUQ"), 0, "WARC-Filename is WARRUQ"),
        (with_field(4, b"warraq-capture: {", b"warraq-capture: ["), 4, "what is noted of the capture cannot be read"),
        (with_field(4, b'"payload_sha1":"', b'"payload_sha1":"A'), 4, "the digest noted of the payload"),
    ],
)  # fmt: skip
def test_what_does_not_belong_together_is_named(
    sound: Path, change: Callable[[Members], Members], place: int | None, said: str | None
) -> None:
    found = whats(sound, change(members(sound)))
    if said is None:
        assert found == []  # whole exchanges may lie in any order: index and receipt know of it
    else:
        assert any(at == place and said in what for at, what in found), found


def test_a_copy_elsewhere_may_have_any_name(sound: Path) -> None:
    content = sound.read_bytes()
    assert verify_warc(BytesIO(content), name="our-copy.warc.gz").faults == ()
    assert checked_index(BytesIO(content), name="our-copy.warc.gz")[1] == []
    (fault,) = verify_warc(BytesIO(content), name="our-copy.warc.gz", in_place=True).faults
    assert (fault.offset, fault.what) == (0, f"WARC-Filename is {sound.name}, the file's name our-copy.warc.gz")


def test_what_a_killed_process_left_at_the_end_is_sound(sound: Path) -> None:
    assert whats(sound, members(sound)[:-1]) == []
    assert whats(sound, members(sound)[:-2]) == []


def test_damage_is_told_once_and_not_again_as_missing_records(sound: Path) -> None:
    made = members(sound)
    made[5] = made[5][:30] + b"\0" + made[5][31:]
    assert len([what for at, what in whats(sound, made)]) == 1


def test_files_of_others_are_not_asked_for_what_they_never_had(tmp_path: Path) -> None:
    response = (
        b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:1>\r\nWARC-Date: 2020-01-01T00:00:00Z\r\n"
        b"WARC-Target-URI: https://news.example/\r\nContent-Type: application/http\r\nContent-Length: 19\r\n\r\n"
        b"HTTP/1.1 200 OK\r\n\r\n\r\n\r\n"
    )
    assert verify_warc(BytesIO(gzip.compress(response)), name="crawl-of-others.warc.gz").faults == ()
