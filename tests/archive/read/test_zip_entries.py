"""Entries of zip files that were packed oddly: which share bytes, which can be opened, where damage ends them."""

from __future__ import annotations

import io
import random
import warnings
import zipfile

from crawler.archive.read.zip_entries import EntryStream, open_entry, overlapping

PLAIN = bytes(range(256)) * 40


def packed(*contents: bytes, method: int = zipfile.ZIP_STORED) -> io.BytesIO:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as package:
        for number, content in enumerate(contents):
            package.writestr(f"archive/{number}.warc", content)
    return target


def test_entries_of_a_usual_package_overlap_nowhere() -> None:
    with zipfile.ZipFile(packed(PLAIN, b"", PLAIN)) as package:
        assert overlapping(package) == frozenset()


def test_of_entries_that_share_bytes_the_first_is_left() -> None:
    with zipfile.ZipFile(packed(PLAIN, PLAIN, PLAIN)) as package:
        first, second, third = package.infolist()
        second.header_offset = first.header_offset
        third.header_offset = first.header_offset + 10
        assert overlapping(package) == {id(second), id(third)}


def test_entries_at_one_place_are_opened_without_a_warning() -> None:
    """The zipfile of Python 3.14 warns of them, and a warning among faults is told twice and counted never."""
    content = packed(PLAIN, PLAIN).getvalue()
    directory = content.index(b"PK\x01\x02")
    second = content.index(b"PK\x01\x02", directory + 4)
    content = content[: second + 42] + bytes(4) + content[second + 46 :]
    with zipfile.ZipFile(io.BytesIO(content)) as package, warnings.catch_warnings():
        warnings.simplefilter("error")
        first = package.infolist()[0]
        assert first.header_offset == package.infolist()[1].header_offset
        with open_entry(package, first) as member:
            assert member.read() == PLAIN


def test_a_damaged_entry_ends_where_it_cannot_be_read_on_and_says_why() -> None:
    plain = random.Random(1).randbytes(300_000)
    content = bytearray(packed(plain, method=zipfile.ZIP_DEFLATED).getvalue())
    content[200_000] ^= 0xFF
    with zipfile.ZipFile(io.BytesIO(content)) as package, open_entry(package, package.infolist()[0]) as member:
        stream = EntryStream(member)
        pieces = []
        while piece := stream.read(1000):
            pieces.append(piece)
        assert stream.damage
        assert stream.read() == b""
    assert len(b"".join(pieces)) < len(plain)
    assert b"".join(pieces)[:190_000] == plain[:190_000]


def test_an_entry_fills_a_buffer_and_cannot_seek() -> None:
    with zipfile.ZipFile(packed(b"abc")) as package, open_entry(package, package.infolist()[0]) as member:
        stream, buffer = EntryStream(member), bytearray(5)
        assert stream.readinto(memoryview(buffer)) == 3
        assert bytes(buffer) == b"abc\x00\x00"
        assert not stream.seekable()
