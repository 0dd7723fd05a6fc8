"""WACZ: what was asked for and all it needs, straight from the store, always the same bytes, read by everybody."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
import os
import random
import resource
import subprocess
import sys
import tracemalloc
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from crawler.archive.export import Export, export
from crawler.archive.read.captures import ArchivedCapture, read_captures, read_one
from crawler.archive.read.catalogue import holdings, stored_warcs
from crawler.archive.read.cdxj import parse_line
from crawler.archive.read.selection import Lost
from crawler.archive.revisit_report import savings
from crawler.archive.store import Store
from crawler.archive.store.folder import FileStore
from crawler.archive.write.ship import Shipper
from crawler.cli import main
from crawler.clock import FixedClock
from crawler.errors import ArchiveError, BadArchive, UsageError
from crawler.model.capture import Announcement, Capture, Provenance
from crawler.model.selection import Selection
from tests.archive.archive_factory import AT, exchange, open_spool

A, B, FEED = "https://news.example/a", "https://other.example/b", "https://news.example/feed"
PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n\r\n%s"
XML = b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nContent-Length: 4\r\n\r\n<rss"
LONG = random.Random(1).randbytes(1500).hex().encode()  # does not deflate away, so that a repetition saves something
SAME = b"HTTP/1.1 304 Not Modified\r\nETag: 1\r\n\r\n"


def html(text: bytes) -> bytes:
    return PAGE % (len(text), text)


def came(site: str, number: int, url: str, role: str = "article") -> Provenance:
    said = Announcement(
        url=url, role=role, source="feed", via=FEED, title=f"Announced {url[-1]}", published_at="2026-11-20"
    )
    return Provenance(run=f"2026112{number}T184104Z-{site}-0a1b", site=site, role=role, announcement=said)


def fill(store: Store, spool_root: Path) -> None:
    """Three days, one WARC each; the second has revisits of what the first holds."""

    async def work() -> None:
        first = await round_of(
            0, [(A, html(LONG), "alpha", None), (FEED, XML, "alpha", None), (B, html(b"b"), "beta", None)]
        )
        again = first[0]
        await round_of(1, [(A, html(LONG), "alpha", again), (FEED, SAME, "alpha", None)])
        await round_of(2, [(A, html(b"two"), "alpha", None), (B, html(b"b2"), "beta", None)])

    async def round_of(number: int, answers: list[tuple[str, bytes, str, Capture | None]]) -> list[Capture]:
        at = AT + timedelta(days=number)
        spool = open_spool(spool_root / str(number), clock=FixedClock(at))
        captures = [
            await spool.record(
                exchange(response, url=url, captured_at=at + timedelta(seconds=place)),
                came(site, 3 + number, url, "feed" if url == FEED else "article"),
                revisit_of=revisit_of,
            )
            for place, (url, response, site, revisit_of) in enumerate(answers)
        ]
        await spool.close()
        shipper = Shipper(spool_root / str(number), store, clock=FixedClock(at), grace_s=0.0, on_receipt=lambda _: None)
        assert shipper.ship_ready().problems == ()
        return captures

    asyncio.run(work())


@pytest.fixture
def store(store: Store, tmp_path: Path) -> Store:
    fill(store, tmp_path / "spool")
    return store


@pytest.fixture
def here(tmp_path: Path) -> FileStore:
    made = FileStore(tmp_path / "data")
    fill(made, tmp_path / "spool")
    return made


def made(store: Store, path: Path, **wanted: object) -> dict[str, object]:
    options = {key: tuple(value) if isinstance(value, list) else value for key, value in wanted.items()}
    return msgspec.to_builtins(export(store, Selection(**options), path, title="A title"))  # type: ignore[arg-type]


def inside(path: Path) -> list[tuple[str, str, str]]:
    """URL, day and kind of each capture, as our reader finds them."""
    found = [item for item in read_captures(path) if isinstance(item, ArchivedCapture)]
    assert len(found) == len(list(read_captures(path)))
    assert all(item.request and item.notes for item in found)
    return [(c.url, f"{c.captured_at:%d}", c.kind) for c in (item.capture for item in found)]


def test_everything_is_a_package_that_the_validator_accepts_and_the_records_are_the_stores(
    store: Store, tmp_path: Path
):
    out = tmp_path / "all.wacz"
    report = made(store, out)
    assert (report["captures"], report["originals"], report["unresolved"], report["warcs"]) == (7, 0, 0, 3)
    checked = subprocess.run(
        [Path(sys.executable).with_name("wacz"), "validate", "-f", out], check=False, capture_output=True, text=True
    )
    assert (checked.returncode, "is valid" in checked.stdout) == (0, True), checked.stdout + checked.stderr
    with zipfile.ZipFile(out) as package:
        assert {entry.compress_type for entry in package.infolist()} == {zipfile.ZIP_STORED}
        for stored in store.list("warc/"):
            if stored.key.endswith(".gz"):
                kept = package.read(f"archive/{stored.key.rpartition('/')[2]}")
                assert kept == store.get(stored.key)  # nothing left out, nothing made anew


def test_every_line_of_the_index_finds_its_record_and_every_digest_is_right(here: FileStore, tmp_path: Path):
    out = tmp_path / "some.wacz"
    made(here, out, sites=["beta"])
    with zipfile.ZipFile(out) as package:
        package.extractall(tmp_path / "open")
        resources = json.loads(package.read("datapackage.json"))["resources"]
        for resource in resources:
            content = package.read(resource["path"])
            assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
            assert resource["bytes"] == len(content)
        said = json.loads(package.read("datapackage-digest.json"))
        assert said["hash"] == f"sha256:{hashlib.sha256(package.read('datapackage.json')).hexdigest()}"
        blocks, heads = package.read("indexes/index.cdx.gz"), package.read("indexes/index.idx").splitlines()
    assert len(resources) == len(list((tmp_path / "open").rglob("*.*"))) - 2
    lines = gzip.decompress(blocks).splitlines()
    assert lines == sorted(lines)
    assert len(lines) == 2
    for line in lines:
        _, _, fields = parse_line(line)
        found = read_one(tmp_path / "open" / "archive" / fields.filename, int(fields.offset))
        assert (found.capture.url, found.capture.length) == (fields.url, int(fields.length))
    place = json.loads(heads[1].split(b" ", 2)[2])
    assert place == {"offset": 0, "length": len(blocks), "digest": f"sha256:{hashlib.sha256(blocks).hexdigest()}"}


def test_a_revisit_brings_its_original_from_another_file(store: Store, tmp_path: Path):
    out = tmp_path / "day.wacz"
    day = datetime(2026, 11, 24, tzinfo=UTC)
    report = made(store, out, since=day, until=day + timedelta(days=1))
    assert (report["captures"], report["originals"], report["unresolved"], report["warcs"]) == (2, 2, 0, 2)
    assert inside(out) == [
        (A, "23", "response"),
        (FEED, "23", "response"),  # what the 304 says is still so
        (A, "24", "revisit"),
        (FEED, "24", "revisit"),
    ]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"sites": ["beta"]}, [(B, "23", "response"), (B, "25", "response")]),
        ({"runs": ["20261125T184104Z-alpha-0a1b"]}, [(A, "25", "response")]),
        ({"urls": [B]}, [(B, "23", "response"), (B, "25", "response")]),
        ({"urls": [B], "until": datetime(2026, 11, 24, tzinfo=UTC)}, [(B, "23", "response")]),
        ({"sites": ["alpha"], "since": datetime(2026, 11, 25, tzinfo=UTC)}, [(A, "25", "response")]),
    ],
)
def test_conditions_choose(here: FileStore, tmp_path: Path, wanted, expected):
    made(here, tmp_path / "x.wacz", **wanted)
    assert inside(tmp_path / "x.wacz") == expected


def test_nothing_that_meets_the_conditions_is_said_and_leaves_no_file(here: FileStore, tmp_path: Path):
    with pytest.raises(UsageError, match="no capture of what was asked for"):
        made(here, tmp_path / "x.wacz", sites=["nobody"])
    assert not list(tmp_path.glob("*wacz*"))


def test_the_same_captures_give_the_same_bytes_wherever_they_lie(here: FileStore, tmp_path: Path):
    made(here, tmp_path / "one.wacz", sites=["alpha"])
    elsewhere = FileStore(tmp_path / "copy")
    for stored in here.list():
        elsewhere.put(stored.key, here.get(stored.key))
    made(elsewhere, tmp_path / "two.wacz", sites=["alpha"])
    assert (tmp_path / "one.wacz").read_bytes() == (tmp_path / "two.wacz").read_bytes()


def test_only_the_bytes_needed_are_read(here: FileStore, tmp_path: Path):
    read = []

    class Counting(FileStore):
        def open(self, key, *, offset=0, length=None):
            read.append((key, offset, length))
            return super().open(key, offset=offset, length=length)

    made(Counting(tmp_path / "data"), tmp_path / "x.wacz", urls=[B], until=datetime(2026, 11, 24, tzinfo=UTC))
    opened = [(key, length) for key, _, length in read if key.endswith(".warc.gz")]
    assert all("20261123" in key and length is not None for key, length in opened)
    assert sum(length for _, length in opened) < here.head(opened[0][0]).size


def test_pages_have_title_and_date_of_the_article_or_of_the_announcement(here: FileStore, tmp_path: Path):
    article = {
        "id": "0123456789abcdef",
        "url": A,
        "captured_at": "2026-11-25T18:41:04.000123Z",
        "title": "The headline",
        "published_at": "2026-11-25T10:00:00+01:00",
        "text": "The headline\n\n\n\nText",
    }
    key = "articles/alpha/2026/11/25/20261125T184104Z-alpha-0a1b/articles.jsonl"
    here.put(key, json.dumps(article).encode() + b"\n")
    export(here, Selection(since=datetime(2026, 11, 25, tzinfo=UTC)), tmp_path / "x.wacz", title="t", with_text=True)
    with zipfile.ZipFile(tmp_path / "x.wacz") as package:
        head, *pages = [json.loads(line) for line in package.read("pages/pages.jsonl").splitlines()]
    assert (head["format"], head["hasText"]) == ("json-pages-1.0", True)
    assert [{key: page.get(key) for key in ("url", "ts", "title", "published_at", "text")} for page in pages] == [
        {"url": A, "ts": article["captured_at"], **{key: article[key] for key in ("title", "published_at", "text")}},
        {
            "url": B,
            "ts": "2026-11-25T18:41:05.000123Z",
            "title": "Announced b",
            "published_at": "2026-11-20",
            "text": None,
        },
    ]
    assert len({page["id"] for page in pages}) == 2


def test_a_revisit_whose_original_is_gone_is_counted(here: FileStore, tmp_path: Path):
    for path in (tmp_path / "data").rglob("*20261123*"):
        path.unlink()
    report = made(here, tmp_path / "x.wacz")
    assert (report["captures"], report["unresolved"]) == (4, 2)


def at_day(tmp_path: Path, day: int, suffix: str) -> Path:
    (found,) = (tmp_path / "data").rglob(f"*202611{day}*{suffix}")
    return found


def with_losses(store: Store, path: Path, wanted: Selection | None = None) -> tuple[Export, list[Lost]]:
    losses: list[Lost] = []
    report = export(store, wanted or Selection(), path, title="t", on_lost=losses.append)
    assert report.damaged == len(losses)
    return report, losses


def validated(path: Path) -> None:
    tool = Path(sys.executable).with_name("wacz")
    checked = subprocess.run([tool, "validate", "-f", path], check=False, capture_output=True, text=True)
    assert (checked.returncode, "is valid" in checked.stdout) == (0, True), checked.stdout + checked.stderr


def packed(path: Path) -> set[tuple[str, str]]:
    """URL and day of each whole capture in the package."""
    items = list(read_captures(path))
    assert all(isinstance(item, ArchivedCapture) for item in items)
    return {(i.capture.url, f"{i.capture.captured_at:%d}") for i in items if isinstance(i, ArchivedCapture)}


ALL = {(A, "23"), (FEED, "23"), (B, "23"), (A, "24"), (FEED, "24"), (A, "25"), (B, "25")}


def test_a_damaged_record_is_named_and_costs_its_own_capture_only(store: Store, tmp_path: Path):
    warc = next(one for one in stored_warcs(store) if "20261123" in one.name)
    damaged = next(one for one in holdings(store, warc) if one.fields.url == FEED)
    content = bytearray(store.get(warc.key))
    content[damaged.offset + 40] ^= 0x55
    elsewhere = FileStore(tmp_path / "copy")
    for stored in store.list():
        elsewhere.put(stored.key, bytes(content) if stored.key == warc.key else store.get(stored.key))
    report, (lost,) = with_losses(elsewhere, tmp_path / "x.wacz", Selection(urls=(FEED, A)))
    assert (lost.file, lost.offset, lost.url) == (warc.key, damaged.offset, FEED)
    assert str(lost).startswith(f"{warc.key}: at byte {damaged.offset}: ")
    assert str(lost).endswith(f" ({FEED})")
    assert (report.captures, report.originals, report.damaged) == (4, 0, 1)
    assert packed(tmp_path / "x.wacz") == {(A, "23"), (A, "24"), (FEED, "24"), (A, "25")}
    validated(tmp_path / "x.wacz")


def test_a_damaged_line_of_an_index_is_named_and_costs_its_own_capture_only(here: FileStore, tmp_path: Path):
    cdxj = at_day(tmp_path, 23, ".cdxj")
    lines = cdxj.read_bytes().splitlines(keepends=True)
    assert FEED.encode() in lines[1]
    cdxj.write_bytes(lines[0] + lines[1][:60] + b"\xff" + lines[1][61:] + lines[2])
    _, (lost,) = with_losses(here, tmp_path / "x.wacz")
    assert (lost.file.rpartition("/")[2], lost.offset, lost.url) == (cdxj.name, len(lines[0]), None)
    assert "not a CDXJ line" in lost.what
    assert packed(tmp_path / "x.wacz") == ALL - {(FEED, "23")}
    validated(tmp_path / "x.wacz")


def test_a_cut_file_costs_what_is_no_longer_in_it(here: FileStore, tmp_path: Path):
    warc = at_day(tmp_path, 25, ".warc.gz")
    lengths = {one.fields.url: one for one in holdings(here, stored_warcs(here)[2])}
    warc.write_bytes(warc.read_bytes()[: lengths[B].offset + 20])
    _, (lost,) = with_losses(here, tmp_path / "x.wacz")
    assert (lost.file.rpartition("/")[2], lost.offset, lost.url) == (warc.name, lengths[B].offset, B)
    assert packed(tmp_path / "x.wacz") == ALL - {(B, "25")}


def test_a_damaged_request_is_named_and_left_out_of_its_capture(here: FileStore, tmp_path: Path):
    warc = at_day(tmp_path, 25, ".warc.gz")
    last = holdings(here, stored_warcs(here)[2])[-1]
    content = bytearray(warc.read_bytes())
    content[last.offset + last.length + 40] ^= 0x55
    warc.write_bytes(content)
    report, (lost,) = with_losses(here, tmp_path / "x.wacz")
    assert (lost.offset, lost.url, report.captures) == (last.offset + last.length, last.fields.url, 7)
    assert packed(tmp_path / "x.wacz") == ALL
    _, (unknown,) = with_losses(here, tmp_path / "y.wacz", Selection(sites=("alpha", "beta")))
    assert unknown == lost  # of which site it is cannot be told


def test_whatever_byte_is_damaged_the_other_captures_are_packed(here: FileStore, tmp_path: Path):
    for day in (23, 24):
        warc = next(one for one in stored_warcs(here) if f"202611{day}" in one.name)
        held = holdings(here, warc)
        path = at_day(tmp_path, day, ".warc.gz")
        content = path.read_bytes()
        for place in range(held[0].offset, len(content), 53):
            path.write_bytes(content[:place] + bytes([content[place] ^ 0x21]) + content[place + 1 :])
            (hit,) = (one.fields.url for one in held if one.offset <= place < one.end)
            report, _ = with_losses(here, tmp_path / "x.wacz")
            assert packed(tmp_path / "x.wacz") >= ALL - {(hit, str(day))}, place
            assert report.damaged in (0, 1), place
        path.write_bytes(content)
        path = at_day(tmp_path, day, ".cdxj")
        lines = path.read_bytes().splitlines(keepends=True)
        for number, line in enumerate(lines):
            hit = parse_line(line)[2].url
            for place in range(number, len(line) - 1, 5):
                damaged = line[:place] + bytes([line[place] ^ 0x01]) + line[place + 1 :]
                path.write_bytes(b"".join((*lines[:number], damaged, *lines[number + 1 :])))
                report, _ = with_losses(here, tmp_path / "x.wacz")
                found = packed(tmp_path / "x.wacz")
                assert found >= ALL - {(hit, str(day))}, (line, place)
                assert report.damaged or found == ALL, (line, place)
        path.write_bytes(b"".join(lines))


def test_where_nothing_can_be_read_no_package_is_left(here: FileStore, tmp_path: Path):
    for path in (tmp_path / "data").rglob("*.warc.gz"):
        path.write_bytes(b"\0" * path.stat().st_size)
    with pytest.raises(BadArchive, match=r"nothing of what was asked for can be read; `warraq verify` tells more"):
        made(here, tmp_path / "x.wacz")
    for path in (tmp_path / "data").rglob("*.cdxj"):
        path.write_bytes(b"nonsense\n")
    with pytest.raises(BadArchive, match="nothing of what was asked for can be read"):
        made(here, tmp_path / "x.wacz")
    assert not list(tmp_path.glob("*wacz*"))


def test_the_command_names_what_is_damaged_and_ends_partly_done(
    here: FileStore, tmp_path: Path, capfd: pytest.CaptureFixture[str]
):
    warc = at_day(tmp_path, 25, ".warc.gz")
    last = holdings(here, stored_warcs(here)[2])[-1]
    warc.write_bytes(warc.read_bytes()[: last.offset + 20])
    arguments = ["wacz", str(tmp_path / "x.wacz"), "--store", here.url]
    assert main([*arguments, "--json"]) == 3
    said = capfd.readouterr()
    assert json.loads(said.out)["damaged"] == 1
    assert f"{warc.name}: at byte {last.offset}: the file ends before the record does ({last.fields.url})" in said.err
    assert main(arguments) == 3
    assert "6 captures" in (said := capfd.readouterr()).out
    assert "1 damaged parts left out" in said.out


def test_a_folder_that_is_not_there_is_named(here: FileStore, tmp_path: Path):
    with pytest.raises(ArchiveError, match="No such file"):
        made(here, tmp_path / "nowhere" / "x.wacz")


def test_a_full_disk_is_said_and_leaves_no_package(here: FileStore, tmp_path: Path):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, hard))
    try:
        with pytest.raises(ArchiveError, match="make room"):
            made(here, tmp_path / "x.wacz")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not list(tmp_path.glob("*wacz*"))


def test_a_large_capture_is_copied_without_being_held_in_memory(tmp_path: Path):
    store = FileStore(tmp_path / "data")
    body = os.urandom(24 << 20)

    async def work() -> None:
        spool = open_spool(tmp_path / "spool", clock=FixedClock(AT))
        await spool.record(exchange(html(body), url=A), came("alpha", 3, A))
        await spool.record(exchange(html(b"small"), url=B), came("beta", 3, B))
        await spool.close()

    asyncio.run(work())
    Shipper(tmp_path / "spool", store, clock=FixedClock(AT), grace_s=0.0, on_receipt=lambda _: None).ship_ready()
    tracemalloc.start()
    made(store, tmp_path / "x.wacz")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 12 << 20
    assert inside(tmp_path / "x.wacz") == [(A, "23", "response"), (B, "23", "response")]


def test_the_command_takes_a_list_of_urls(here: FileStore, tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    (tmp_path / "urls.txt").write_text(f"# these\n{B}#part\n\n")
    arguments = ["wacz", str(tmp_path / "x.wacz"), "--store", here.url, "--urls", str(tmp_path / "urls.txt"), "--json"]
    assert main(arguments) == 0
    assert json.loads(capfd.readouterr().out)["captures"] == 2
    arguments = [
        "replay",
        str(tmp_path / "x.wacz"),
        "--out",
        f"file:{tmp_path / 'out'}",
        "--state",
        str(tmp_path / "s"),
    ]
    assert main(arguments) == 1  # its pages are no articles
    assert "1 files, 2 captures: 2 failed" in capfd.readouterr().out


def test_what_revisits_saved_is_told_by_day_and_site(store: Store):
    (saved,) = savings(store, Selection())
    assert (saved.day, saved.site, saved.identical, saved.not_modified, saved.unknown) == (
        "2026-11-24",
        "alpha",
        1,
        1,
        0,
    )
    assert 0 < saved.saved_bytes < 9000
    assert savings(store, Selection(sites=("beta",))) == []


def test_a_saving_whose_original_is_gone_counts_nothing(here: FileStore, tmp_path: Path):
    for path in (tmp_path / "data").rglob("*20261123*"):
        path.unlink()
    (saved,) = savings(here, Selection())
    assert (saved.unknown, saved.saved_bytes) == (2, 0)
