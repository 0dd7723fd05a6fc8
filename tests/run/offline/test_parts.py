"""A large file read in stretches gives what it gives read as one, wherever it is cut."""

from __future__ import annotations

import gzip
import os
import random
import zlib
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import pytest
import zstandard

from crawler.archive.read.captures import ArchivedCapture, LeftOut
from crawler.archive.read.records import Fault
from crawler.config import load
from crawler.errors import BadArchive
from crawler.model.selection import Selection, Which
from crawler.run.offline import parts
from crawler.run.offline.parts import PartCaptures, fit, stretches_of
from crawler.run.offline.reading import WantedCaptures, captures_of
from crawler.run.offline.sources import Source, find_sources
from tests.run.offline.test_replay import html, run


def record(kind: str, number: int, block: bytes, *fields: str) -> bytes:
    head = [
        "WARC/1.0",
        f"WARC-Type: {kind}",
        f"WARC-Record-ID: <urn:uuid:00000000-0000-0000-{'request response metadata'.index(kind[:3]):04}-{number:012}>",
        f"WARC-Target-URI: https://news.example/2026/11/23/story-number-{number}",
        f"WARC-Date: 2026-11-{number % 28 + 1:02}T10:00:00Z",
        f"Content-Length: {len(block)}",
        *fields,
    ]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + block + b"\r\n\r\n"


def exchange(number: int, body: bytes) -> list[bytes]:
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    beside = f"WARC-Concurrent-To: <urn:uuid:00000000-0000-0000-0008-{number:012}>"
    return [
        record("response", number, answer),
        record("request", number, b"GET / HTTP/1.1\r\n\r\n", beside),
        record("metadata", number, b"fetchTimeMs: 1\r\n", beside),
    ]


def stored(content: bytes) -> bytes:
    """Return a member of stored blocks: a body shows through it."""
    deflate = zlib.compressobj(0, zlib.DEFLATED, 31)
    return deflate.compress(content) + deflate.flush()


def archive(count: int = 14, pack: Callable[[bytes], bytes] = gzip.compress) -> list[bytes]:
    return [
        pack(one) for number in range(count) for one in exchange(number, html(f"Story {number}") + os.urandom(number))
    ]


def plain(content: bytes) -> bytes:
    return content


def frame(content: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(content)


def with_dictionary(count: int = 14) -> list[bytes]:
    """Return an archive as ``.warc.zst`` has it, its dictionary in front."""
    trained = zstandard.train_dictionary(2_000, [html(f"Story {number}") for number in range(200)])
    packer = zstandard.ZstdCompressor(dict_data=trained)
    bytes_of = trained.as_bytes()
    return [b"\x5d\x2a\x4d\x18" + len(bytes_of).to_bytes(4, "little") + bytes_of, *archive(count, packer.compress)]


def in_disguise(pack: Callable[[bytes], bytes] = stored) -> list[bytes]:
    """Return an archive of which a page is an archive itself."""
    inner = b"".join(archive(6, gzip.compress if pack is stored else pack))
    members = archive(4, pack)
    return [*members, *(pack(one) for one in exchange(77, inner)), *archive(3, pack)]


def damaged(at: int) -> list[bytes]:
    members = archive()
    members[at] = members[at][: len(members[at]) // 2]
    return members


ARCHIVES = {
    "deflated": archive(),
    "stored": archive(pack=stored),
    "damaged": damaged(18),
    "garbage between": [*archive(6), os.urandom(3_000), *archive(5)],
    "cut at the end": [*archive(9), archive(1)[0][:200]],
    "an empty member": [*archive(6), gzip.compress(b""), *archive(5)],
    "not compressed": archive(pack=plain),
    "not compressed, damaged": [
        one[: len(one) // 2] if place == 18 else one for place, one in enumerate(archive(pack=plain))
    ],
    "not compressed, garbage between": [*archive(6, plain), os.urandom(3_000), *archive(5, plain)],
    "not compressed, cut at the end": [*archive(9, plain), archive(1, plain)[0][:200]],
    "frames": archive(pack=frame),
    "frames with a dictionary": with_dictionary(),
    "frames, garbage between": [*archive(6, frame), os.urandom(3_000), *archive(5, frame)],
    "frames, cut at the end": [*archive(9, frame), archive(1, frame)[0][:200]],
}
DISGUISED = {
    "stored": in_disguise(),
    "not compressed": in_disguise(plain),
    "frames": in_disguise(frame),
    "packed after some": [*archive(5, plain), *archive(9)],
    "not packed after some": [*archive(5), *archive(9, plain)],
}


def of_file(path: Path, content: Sequence[bytes]) -> Source:
    path.write_bytes(b"".join(content))
    return find_sources([str(path)], load().storage)[0]


def told(items: list[ArchivedCapture | LeftOut | Fault]) -> tuple[list[object], list[str]]:
    """Return what is told of captures, and of faults, which are told at once and captures with what comes after."""
    captures = [
        (one.capture.offset, one.capture.url, one.capture.payload_sha1, one.request, bool(one.notes))
        for one in items
        if isinstance(one, ArchivedCapture)
    ]
    return captures, [str(one) for one in items if isinstance(one, Fault)]


@pytest.mark.parametrize("name", ARCHIVES)
def test_stretches_that_fit_hold_what_the_file_holds_wherever_it_is_cut(tmp_path: Path, name: str) -> None:
    source = of_file(tmp_path / "a.warc.gz", ARCHIVES[name])
    wanted = WantedCaptures(Selection())
    whole = told(list(captures_of(source, wanted)))
    chance = random.Random(name)
    fitting = 0
    for _ in range(60):
        inner = sorted(chance.randrange(1, source.size) for _ in range(chance.randint(1, 6)))
        found, reads = [], []
        for cut in pairwise([0, *inner, source.size]):
            part = PartCaptures(Source(source.name, source.place, source.size, part=cut), wanted.admits)
            found += list(part)
            reads.append(part.read)
        if fit(reads):
            fitting += 1
            assert told(found) == whole
    assert fitting > 20


@pytest.mark.parametrize("name", DISGUISED)
def test_an_archive_within_a_page_is_noticed_and_never_taken_for_the_file(tmp_path: Path, name: str) -> None:
    source = of_file(tmp_path / "a.warc.gz", DISGUISED[name])
    wanted = WantedCaptures(Selection())
    whole = told(list(captures_of(source, wanted)))
    misled = 0
    for cut_at in range(100, source.size, 150):
        first, second = (
            PartCaptures(Source(source.name, source.place, source.size, part=cut), wanted.admits)
            for cut in ((0, cut_at), (cut_at, source.size))
        )
        found = told([*first, *second])
        if fit([first.read, second.read]):
            assert found == whole
        else:
            misled += 1
    assert misled or name == "frames"  # a body does not show through a frame


@pytest.mark.parametrize(
    "content",
    [
        [gzip.compress(b"".join(map(gzip.decompress, archive(9))))],
        [b"\r\n", *archive(9, plain)],
        [frame(b"".join(archive(9, plain)))],
        [b"PK\x03\x04" + bytes(9_000)],
        [b""],
    ],
    ids=[
        "one member",
        "blank lines first",
        "one frame",
        "a package",
        "empty",
    ],
)
def test_what_cannot_be_entered_is_read_as_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: list[bytes]
) -> None:
    monkeypatch.setattr(parts, "PART_BYTES", 400)
    assert stretches_of(of_file(tmp_path / "a.warc.gz", content), WantedCaptures(Selection())) == ()


def test_how_a_file_is_cut_follows_from_its_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = of_file(tmp_path / "a.warc.gz", archive())
    assert stretches_of(source, WantedCaptures(Selection())) == ()
    monkeypatch.setattr(parts, "PART_BYTES", source.size // 3)
    cuts = [one.part for one in stretches_of(source, WantedCaptures(Selection())) if one.part]
    assert [cuts[0][0], cuts[-1][1]] == [0, source.size]
    assert all(one[1] == after[0] for one, after in pairwise(cuts))
    assert len(cuts) == 3


@pytest.mark.parametrize(
    "content",
    [*ARCHIVES.values(), *DISGUISED.values()],
    ids=[*ARCHIVES, *(f"{name}, in disguise" for name in DISGUISED)],
)
@pytest.mark.parametrize("which", ["all", "latest"])
def test_the_articles_are_the_same_byte_for_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: list[bytes], which: Which
) -> None:
    path = tmp_path / "a.warc.gz"
    path.write_bytes(b"".join(content))
    reports, trees = [], []
    for size in (1 << 30, 1_000):
        monkeypatch.setattr(parts, "PART_BYTES", size)
        out = tmp_path / f"out-{size}"
        (tmp_path / f"{size}").mkdir()
        reports.append(run(tmp_path / f"{size}", str(path), selection=Selection(which=which), out=f"file:{out}"))
        trees.append({one.relative_to(out): one.read_bytes() for one in out.rglob("*") if one.is_file()})
        assert not list((tmp_path / f"{size}" / "work").glob("*.jsonl"))
    assert trees[0] == trees[1]
    assert reports[0] == reports[1]
    assert reports[0].articles


def test_a_file_that_is_gone_has_no_stretches_and_cannot_be_opened(tmp_path: Path) -> None:
    gone = Source("gone.warc.gz", str(tmp_path / "gone.warc.gz"), 1)
    with pytest.raises(BadArchive, match="No such file or directory; check the path"):
        parts._opened(gone)
