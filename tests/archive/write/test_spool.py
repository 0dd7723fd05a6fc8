"""The spool: acknowledged is on disk, sealed is final, no room is said and survived."""

from __future__ import annotations

import asyncio
import gzip
import itertools
import os
import re
import resource
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from errno import EIO
from pathlib import Path

import msgspec
import pytest

from crawler.archive.read.captures import ArchivedCapture, read_captures, read_one
from crawler.archive.read.cdxj import parse_line
from crawler.archive.read.records import RawRecord, walk
from crawler.archive.write.open_warc import OpenWarc
from crawler.archive.write.records import warcinfo_record
from crawler.archive.write.spool import Spool
from crawler.archive.write.spool_folder import claim_lane, free_lanes, lanes, litter, sealed_in, usage_bytes
from crawler.clock import FixedClock, SystemClock
from crawler.errors import ArchiveError, SpoolFull
from crawler.http.blocks import SpooledBlock
from crawler.model.capture import Capture
from crawler.model.rendered import RenderedPage, Rendering
from tests.archive.archive_factory import AT, PLAIN, PROVENANCE, counting_ids, exchange, open_spool


def run(spool: Spool, work: Callable[[Spool], object]) -> object:
    async def whole() -> object:
        try:
            return await work(spool)  # type: ignore[misc]
        finally:
            await spool.close()

    return asyncio.run(whole())


def records_of(path: Path) -> list[RawRecord]:
    with path.open("rb") as stream:
        found = list(walk(stream, name=path.name))
    assert all(isinstance(item, RawRecord) for item in found), found
    return found  # type: ignore[return-value]


def sealed_path(root: Path) -> Path:
    (path,) = root.rglob("*.warc.gz")
    return path


def test_a_file_holds_warcinfo_dns_and_each_exchange_in_one_piece(
    spool_root: Path, accepted: Callable[..., None]
) -> None:
    async def work(spool: Spool) -> None:
        one = exchange(ip_address="192.0.2.1")
        two = exchange(ip_address="192.0.2.1", url="https://news.example/a/2")
        other = exchange(b"", ip_address="192.0.2.2", url="https://img.example/", error="reset")
        await asyncio.gather(*(spool.record(e, PROVENANCE) for e in (one, two, other)))

    run(open_spool(spool_root, new_id=counting_ids()), work)
    path = sealed_path(spool_root)
    found = records_of(path)
    assert [(r.type, r.headers.get("warc-target-uri")) for r in found] == [
        ("warcinfo", None),
        ("resource", "dns:news.example"),
        ("response", "https://news.example/a/1"),
        ("request", "https://news.example/a/1"),
        ("metadata", "https://news.example/a/1"),
        ("response", "https://news.example/a/2"),
        ("request", "https://news.example/a/2"),
        ("metadata", "https://news.example/a/2"),
        ("resource", "dns:img.example"),
        ("request", "https://img.example/"),
        ("metadata", "https://img.example/"),
    ]
    assert {r.headers.get("warc-warcinfo-id") for r in found[1:]} == {found[0].headers["warc-record-id"]}
    assert found[0].headers["warc-filename"] == path.name
    assert b"operator: The Library\r\n" in found[0].block.read()
    accepted(path)


def test_addresses_and_hosts_without_a_name_have_no_dns_record(spool_root: Path) -> None:
    async def work(spool: Spool) -> None:
        await spool.record(exchange(url="http://127.0.0.1:8080/x", ip_address="127.0.0.1"), PROVENANCE)
        await spool.record(exchange(url="http://[::1]/x", ip_address="::1"), PROVENANCE)
        await spool.record(exchange(url="http://proxied.example/x", ip_address=None), PROVENANCE)

    run(open_spool(spool_root), work)
    assert "resource" not in [record.type for record in records_of(sealed_path(spool_root))]


def test_the_capture_is_the_address_of_its_record(spool_root: Path) -> None:
    async def work(spool: Spool) -> list[Capture]:
        urls = [f"https://news.example/{number}" for number in range(5)]
        return list(await asyncio.gather(*(spool.record(exchange(url=url), PROVENANCE) for url in urls)))

    captures = run(open_spool(spool_root), work)
    path = sealed_path(spool_root)
    for capture in captures:  # type: ignore[attr-defined]
        assert capture.warc == path.name
        found = read_one(path, capture.offset)
        assert found.capture == capture
        assert found.response.read() == PLAIN
        assert found.provenance == PROVENANCE


def test_the_index_beside_the_file_is_sorted_and_finds_every_capture(spool_root: Path) -> None:
    async def work(spool: Spool) -> None:
        for name in ("b", "a", "c?z=1&a=2", "A/"):
            await spool.record(exchange(url=f"https://www.news.example/{name}"), PROVENANCE)
        await spool.record(exchange(b"", error="reset"), PROVENANCE)

    run(open_spool(spool_root), work)
    path = sealed_path(spool_root)
    lines = path.with_name(path.name.replace(".warc.gz", ".cdxj")).read_bytes().splitlines(keepends=True)
    assert lines == sorted(lines)
    assert [parse_line(line)[0] for line in lines] == [
        "example,news)/a", "example,news)/a", "example,news)/b", "example,news)/c?a=2&z=1",
    ]  # fmt: skip
    for _, timestamp, fields in map(parse_line, lines):
        found = read_one(path, int(fields.offset))
        assert (found.capture.url, str(found.capture.length)) == (fields.url, fields.length)
        assert timestamp == "20261123184104"


def test_digests_lie_beside_in_the_form_sha256sum_checks(spool_root: Path) -> None:
    run(open_spool(spool_root), lambda spool: spool.record(exchange(), PROVENANCE))
    path = sealed_path(spool_root)
    done = subprocess.run(
        ["sha256sum", "-c", path.name.replace(".warc.gz", ".sha256")], cwd=path.parent, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_304_is_indexed_as_a_revisit_of_the_original(spool_root: Path, accepted: Callable[..., None]) -> None:
    async def work(spool: Spool) -> tuple[Capture, Capture, Capture]:
        first = await spool.record(exchange(), PROVENANCE)
        again = await spool.record(exchange(), PROVENANCE, revisit_of=first)
        unchanged = await spool.record(exchange(b"HTTP/1.1 304 Not Modified\r\n\r\n"), PROVENANCE, revisit_of=first)
        return first, again, unchanged

    first, again, unchanged = run(open_spool(spool_root), work)  # type: ignore[misc]
    assert (again.kind, unchanged.kind) == ("revisit", "revisit")
    assert {again.payload_sha256, unchanged.payload_sha256} == {first.payload_sha256}
    path = sealed_path(spool_root)
    lines = path.with_name(path.name.replace(".warc.gz", ".cdxj")).read_bytes().splitlines()
    assert sorted(parse_line(line)[2].mime for line in lines) == ["text/html", "warc/revisit", "warc/revisit"]
    accepted(path, payloads=False)


def test_one_fsync_serves_all_who_wait(spool_root: Path) -> None:
    calls = []

    def sync(handle: int) -> None:
        calls.append(handle)
        os.fdatasync(handle)

    async def work(spool: Spool) -> None:
        await spool.record(exchange(), PROVENANCE)
        calls.clear()
        await asyncio.gather(*(spool.record(exchange(), PROVENANCE) for _ in range(50)))
        assert len(calls) == 1

    run(open_spool(spool_root, sync=sync), work)


def test_nothing_is_acknowledged_before_the_fsync(spool_root: Path) -> None:
    events: list[str] = []

    async def work(spool: Spool) -> None:
        await spool.record(exchange(), PROVENANCE)
        events.append("acknowledged")

    run(open_spool(spool_root, sync=lambda handle: events.append("synced")), work)
    assert events[:2] == ["synced", "acknowledged"]


def test_the_first_capture_of_a_host_is_found_behind_the_record_of_its_address(spool_root: Path) -> None:
    async def work(spool: Spool) -> Capture:
        return await spool.record(exchange(ip_address="192.0.2.7"), PROVENANCE)

    capture = run(open_spool(spool_root), work)
    assert isinstance(capture, Capture)
    (path,) = spool_root.rglob("*.warc.gz")
    (found,) = [record for record in records_of(path) if record.offset == capture.offset]
    assert (found.type, found.headers["warc-record-id"]) == ("response", capture.record_id)


def test_where_not_even_the_first_fsync_succeeds_nothing_is_kept(spool_root: Path) -> None:
    def sync(_: int) -> None:
        raise OSError(EIO, "Input/output error")

    async def work(spool: Spool) -> None:
        with pytest.raises(ArchiveError):
            await spool.record(exchange(), PROVENANCE)

    run(open_spool(spool_root, sync=sync), work)
    assert [path.name for path in spool_root.rglob("WARRAQ-*")] == []


def test_after_a_failed_fsync_only_what_was_durable_is_kept(spool_root: Path) -> None:
    failing = itertools.chain([False, True], itertools.repeat(False))

    def sync(handle: int) -> None:
        if next(failing):
            raise OSError(EIO, "Input/output error")
        os.fdatasync(handle)

    async def work(spool: Spool) -> None:
        await spool.record(exchange(url="https://news.example/kept"), PROVENANCE)
        with pytest.raises(ArchiveError, match="Input/output error"):
            await spool.record(exchange(url="https://news.example/doubtful"), PROVENANCE)
        await spool.record(exchange(url="https://news.example/doubtful"), PROVENANCE)

    run(open_spool(spool_root, sync=sync), work)
    urls = [
        item.capture.url
        for path in sorted(spool_root.rglob("*.warc.gz"))
        for item in read_captures(path)
        if isinstance(item, ArchivedCapture)
    ]
    assert urls == ["https://news.example/kept", "https://news.example/doubtful"]


def test_who_came_while_an_fsync_failed_is_not_told_by_the_next_one_that_all_is_well(spool_root: Path) -> None:
    """The system reports lost pages once: a second fsync would succeed and prove nothing."""
    begun, go_on, calls = threading.Event(), threading.Event(), []

    def sync(_: int) -> None:
        calls.append(1)
        if len(calls) == 2:
            begun.set()
            go_on.wait(30)
            raise OSError(EIO, "Input/output error")

    async def work(spool: Spool) -> None:
        await spool.record(exchange(url="https://news.example/kept"), PROVENANCE)
        first = asyncio.ensure_future(spool.record(exchange(url="https://news.example/first"), PROVENANCE))
        await asyncio.to_thread(begun.wait, 30)
        second = asyncio.ensure_future(spool.record(exchange(url="https://news.example/second"), PROVENANCE))
        part = spool._part
        assert part is not None
        while not part._waiting:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0)
        go_on.set()
        for task in (first, second):
            with pytest.raises(ArchiveError):
                await task

    run(open_spool(spool_root, sync=sync), work)
    (path,) = spool_root.rglob("*.warc.gz")
    kept = [item.capture.url for item in read_captures(path) if isinstance(item, ArchivedCapture)]
    assert kept == ["https://news.example/kept"]


def test_size_and_age_rotate(spool_root: Path) -> None:
    clock = FixedClock(AT)

    async def work(spool: Spool) -> list[str]:
        names = [(await spool.record(exchange(), PROVENANCE)).warc for _ in range(2)]
        clock.advance(899)
        await spool.rotate_if_due()
        names.append((await spool.record(exchange(), PROVENANCE)).warc)
        clock.advance(1)
        await spool.rotate_if_due()
        names.append((await spool.record(exchange(), PROVENANCE)).warc)
        clock.advance(901)
        names.append((await spool.record(exchange(), PROVENANCE)).warc)
        names.append((await spool.record(exchange(os.urandom(5000)), PROVENANCE)).warc)
        names.append((await spool.record(exchange(), PROVENANCE)).warc)
        await spool.seal()
        return names

    names = run(open_spool(spool_root, clock=clock, rotate_bytes=5000), work)
    order = sorted(set(names), key=names.index)  # type: ignore[call-overload, attr-defined, type-var]
    assert [order.index(name) for name in names] == [0, 0, 0, 1, 2, 2, 3]  # type: ignore[attr-defined]
    assert order == sorted(order)
    assert all(re.fullmatch(r"WARRAQ-\d{17}-\d{5}-box\.example\.warc\.gz", name) for name in order)


def test_an_old_file_is_sealed_though_nothing_more_comes(spool_root: Path) -> None:
    async def work(spool: Spool) -> None:
        await spool.record(exchange(), PROVENANCE)
        for _ in range(2000):
            if spool.sealed():
                break
            await asyncio.sleep(0.01)
        assert len(spool.sealed()) == 1

    run(open_spool(spool_root, clock=SystemClock(), rotate_s=0.02), work)


def test_names_do_not_repeat_when_the_clock_goes_backwards(spool_root: Path) -> None:
    clock = FixedClock(AT)

    async def work(spool: Spool) -> set[str]:
        names = set()
        for seconds in (0, -3600, 3600, 0):
            clock.advance(seconds)
            names.add((await spool.record(exchange(), PROVENANCE)).warc)
            await spool.seal()
        return names

    assert len(run(open_spool(spool_root, clock=clock), work)) == 4  # type: ignore[arg-type]


def test_an_idle_spool_makes_no_files(spool_root: Path) -> None:
    run(open_spool(spool_root), lambda spool: spool.seal())
    assert [path.name for path in lanes(spool_root)[0].iterdir()] == ["lock"]


def test_workers_on_one_spool_take_lanes_of_their_own(spool_root: Path) -> None:
    async def work(first: Spool) -> None:
        second = open_spool(spool_root)
        one, two = await asyncio.gather(first.record(exchange(), PROVENANCE), second.record(exchange(), PROVENANCE))
        assert one.warc != two.warc
        await second.close()

    run(open_spool(spool_root), work)
    assert sorted(path.parent.name for path in spool_root.rglob("*.warc.gz")) == ["lane-00", "lane-01"]


def test_foreign_files_are_left_alone_and_reported(spool_root: Path) -> None:
    lane = spool_root / "lane-00"
    lane.mkdir(parents=True)
    ours_by_name = "WARRAQ-20261123184104000-00001-elsewhere.warc.gz"
    names = ("notes.txt", "other.warc.gz.open", "WARRAQ-1.warc.gz", ours_by_name, ".x.tmp")
    strange = [*(lane / name for name in names), spool_root / "notes"]
    for path in strange:
        path.write_bytes(b"mine")
    (lane / ".WARRAQ-x.tmp").write_bytes(b"left by a crash")
    spool = open_spool(spool_root)
    assert spool.report.foreign == tuple(sorted(map(str, strange)))
    run(spool, lambda spool: spool.record(exchange(), PROVENANCE))
    assert [path.read_bytes() for path in strange] == [b"mine"] * 6
    assert not (lane / ".WARRAQ-x.tmp").exists()


def test_a_lane_is_free_again_when_the_spool_could_not_be_opened(
    spool_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreadable(_: Path) -> list[Path]:
        raise OSError(EIO, "Input/output error")

    with monkeypatch.context() as broken:
        broken.setattr("crawler.archive.write.spool.foreign_files", unreadable)
        with pytest.raises(ArchiveError, match="Input/output error"):
            open_spool(spool_root)
    spool = open_spool(spool_root)
    assert spool._lane.folder.name == "lane-00"
    asyncio.run(spool.close())


def test_a_spool_that_cannot_be_written_to_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ArchiveError, match=r"cannot be written to.*state\.dir"):
        open_spool(tmp_path / "file" / "spool")


def test_a_full_quota_stops_and_room_resumes(spool_root: Path) -> None:
    clock = FixedClock(AT)

    async def work(spool: Spool) -> None:
        await spool.record(exchange(os.urandom(30_000)), PROVENANCE)
        with pytest.raises(SpoolFull, match=r"spool\.quota_bytes"):
            await spool.record(exchange(os.urandom(30_000)), PROVENANCE)
        (sealed,) = await spool.seal()
        with pytest.raises(SpoolFull):
            await spool.record(exchange(os.urandom(30_000)), PROVENANCE)
        sealed.path.unlink()  # shipped
        await spool.record(exchange(os.urandom(30_000)), PROVENANCE)
        spool.check_room()

    run(open_spool(spool_root, clock=clock, quota_bytes=50_000), work)


def test_a_rendered_page_is_kept_beside_what_it_was_made_of(spool_root: Path) -> None:
    async def work(spool: Spool) -> None:
        first = await spool.record(exchange(), PROVENANCE)
        page = RenderedPage(
            capture=first, rendered_at=AT, html=b"<p>made</p>", rendering=Rendering(of=first.record_id, by="x")
        )
        made = await spool.record_rendered(page, PROVENANCE)
        assert (made.kind, made.url, made.warc) == ("conversion", first.url, first.warc)
        assert (made.status, made.mime) == (200, "text/html")
        assert made.offset > first.offset

    run(open_spool(spool_root), work)


def test_a_file_is_not_sealed_before_what_is_being_written_to_it_is_on_disk(spool_root: Path) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def sync(handle: int) -> None:
        begun.set()
        go_on.wait(30)
        os.fsync(handle)

    async def work(spool: Spool) -> None:
        recording = asyncio.ensure_future(spool.record(exchange(), PROVENANCE))
        await asyncio.to_thread(begun.wait, 30)
        sealing = asyncio.ensure_future(spool.seal())
        done, _ = await asyncio.wait({sealing}, timeout=0.3)
        assert not done
        go_on.set()
        capture = await recording
        assert [one.path.name for one in await sealing] == [capture.warc]

    run(open_spool(spool_root, sync=sync), work)


def test_what_dead_processes_left_is_told_beside_lanes_that_are_held(spool_root: Path) -> None:
    held, other = claim_lane(spool_root), claim_lane(spool_root)
    left = other.folder / ".WARRAQ-x.cdxj.0.tmp"
    left.write_bytes(b"x")
    assert litter(spool_root) == []
    other.release()
    assert litter(spool_root) == litter(spool_root) == [left]
    assert [lane.folder for lane in free_lanes(spool_root, besides=held)] == [other.folder]
    again = claim_lane(spool_root)
    assert again.folder == other.folder
    again.release()
    held.release()


def test_a_file_counts_as_sealed_when_its_digests_lie_beside_it(spool_root: Path) -> None:
    async def work(spool: Spool) -> None:
        await spool.record(exchange(), PROVENANCE)

    run(open_spool(spool_root), work)
    (path,) = spool_root.rglob("*.warc.gz")
    assert sealed_in(path.parent) == [path]
    assert usage_bytes(spool_root) == sum(one.stat().st_size for one in path.parent.iterdir())
    path.with_name(path.name.replace(".warc.gz", ".sha256")).unlink()
    assert sealed_in(path.parent) == []


def test_a_disk_with_too_little_left_stops(spool_root: Path) -> None:
    async def work(spool: Spool) -> None:
        with pytest.raises(SpoolFull, match=r"spool\.min_free_bytes"):
            await spool.record(exchange(), PROVENANCE)
        with pytest.raises(SpoolFull):
            spool.check_room()

    run(open_spool(spool_root, min_free_bytes=1 << 60), work)


def test_room_that_is_just_enough_is_enough(spool_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = os.statvfs(spool_root.parent)

    def left(path: object) -> os.statvfs_result:
        return os.statvfs_result((4096, 1, disk.f_blocks, 700, 700, *tuple(disk)[5:]))

    async def work(spool: Spool) -> None:
        spool.check_room()

    monkeypatch.setattr(os, "statvfs", left)
    run(open_spool(spool_root, min_free_bytes=700), work)
    with pytest.raises(SpoolFull, match="has 700 bytes left"):
        run(open_spool(spool_root, min_free_bytes=701), work)
    used = usage_bytes(spool_root)
    assert used == 0
    (claimed := claim_lane(spool_root)).release()
    (claimed.folder / "some.damaged").write_bytes(b"x" * 500)
    used = usage_bytes(spool_root)
    run(open_spool(spool_root, min_free_bytes=0, quota_bytes=used), work)
    with pytest.raises(SpoolFull, match=f"holds {used} bytes"):
        run(open_spool(spool_root, min_free_bytes=0, quota_bytes=used - 1), work)


def test_litter_that_another_removed_meanwhile_is_no_trouble(spool_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = claim_lane(spool_root)
    left = [held.folder / f".WARRAQ-{name}.cdxj.0.tmp" for name in "ab"]
    left[1].write_bytes(b"x")
    monkeypatch.setattr(type(held), "litter", lambda _: left)
    held.sweep()
    assert not left[1].exists()
    held.release()


def test_a_file_whose_name_cannot_be_made_durable_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(folder: Path) -> None:
        raise OSError(EIO, "refused")

    monkeypatch.setattr("crawler.archive.write.open_warc.fsync_folder", refuse)
    before = len(os.listdir("/proc/self/fd"))
    warcinfo = warcinfo_record("x.warc.gz", AT, [], new_id=counting_ids())
    with pytest.raises(OSError, match="refused"):
        OpenWarc.create(tmp_path / "x", warcinfo, opened_at=0.0, new_id=counting_ids())
    assert (list(tmp_path.iterdir()), len(os.listdir("/proc/self/fd"))) == ([], before)


def test_the_place_of_a_capture_is_right_however_many_writes_it_took(spool_root: Path) -> None:
    async def work(spool: Spool) -> list[Capture]:
        bodies = (b"a", os.urandom(9 << 20), bytes(9 << 20), b"b")
        made = [exchange(PLAIN + body, url=f"https://news.example/{len(body)}") for body in bodies]
        return [await spool.record(one, PROVENANCE) for one in made]

    captures = run(open_spool(spool_root), work)
    places = [(one.offset, one.length) for one in records_of(sealed_path(spool_root)) if one.type == "response"]
    assert [(one.offset, one.length) for one in captures] == places  # type: ignore[attr-defined]


@pytest.fixture
def without_input() -> Iterator[None]:
    """The lowest handle is free, as under a supervisor that closes what it does not need."""
    kept = os.dup(0)
    os.close(0)
    yield
    os.dup2(kept, 0)
    os.close(kept)


@pytest.mark.usefixtures("without_input")
def test_the_lowest_handle_is_given_back_too(spool_root: Path, tmp_path: Path) -> None:
    held = claim_lane(spool_root)
    held.release()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(0)
    warcinfo = warcinfo_record("x.warc.gz", AT, [], new_id=counting_ids())
    part = OpenWarc.create(tmp_path / "x", warcinfo, opened_at=0.0, new_id=counting_ids())
    part.close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(0)


@pytest.fixture
def file_size_limit() -> Iterator[Callable[[int], None]]:
    """Let the system refuse to make a file longer, as a full disk would."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size if size >= 0 else soft, hard))
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    signal.signal(signal.SIGXFSZ, before)


def test_a_write_the_disk_refuses_midway_leaves_whole_records_and_goes_on_later(
    spool_root: Path, file_size_limit: Callable[[int], None], accepted: Callable[..., None]
) -> None:
    async def work(spool: Spool) -> list[int]:
        first = await spool.record(exchange(url="https://news.example/first"), PROVENANCE)
        file_size_limit(first.offset + first.length + 20_000)
        for size in (40_000, 9_000_000):
            with pytest.raises(SpoolFull, match="free space"):
                await spool.record(exchange(os.urandom(size), url="https://news.example/refused"), PROVENANCE)
        await spool.record(exchange(url="https://news.example/small"), PROVENANCE)
        file_size_limit(-1)
        await spool.record(exchange(os.urandom(40_000), url="https://news.example/again"), PROVENANCE)
        return []

    run(open_spool(spool_root), work)
    path = sealed_path(spool_root)
    urls = [item.capture.url for item in read_captures(path) if isinstance(item, ArchivedCapture)]
    assert urls == [f"https://news.example/{name}" for name in ("first", "small", "again")]
    accepted(path)


def test_sealing_without_room_is_tried_again(spool_root: Path, file_size_limit: Callable[[int], None]) -> None:
    async def work(spool: Spool) -> None:
        await spool.record(exchange(), PROVENANCE)
        file_size_limit(0)
        with pytest.raises(SpoolFull):
            await spool.seal()
        assert spool.sealed() == []
        assert spool.faults
        file_size_limit(-1)
        assert len(await spool.seal()) == 1

    run(open_spool(spool_root), work)


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small file system needs root")
def test_a_full_file_system_is_survived(tmp_path: Path) -> None:
    mount = tmp_path / "small"
    mount.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", mount], capture_output=True, check=False)
    if done.returncode:
        pytest.skip(f"cannot mount: {done.stderr!r}")
    try:

        async def work(spool: Spool) -> int:
            kept = 0
            with suppress(SpoolFull):
                while True:
                    await spool.record(exchange(os.urandom(20_000), url=f"https://news.example/{kept}"), PROVENANCE)
                    kept += 1
            with pytest.raises(SpoolFull, match="No space left"):
                await spool.record(exchange(os.urandom(20_000)), PROVENANCE)
            (mount / "ballast").unlink()
            await spool.record(exchange(url="https://news.example/after"), PROVENANCE)
            return kept

        (mount / "ballast").write_bytes(bytes(64_000))
        kept = run(open_spool(mount / "spool"), work)
        captures = [c for c in read_captures(sealed_path(mount)) if isinstance(c, ArchivedCapture)]
        assert len(captures) == kept + 1  # type: ignore[operator]
    finally:
        subprocess.run(["umount", mount], check=True)


def test_a_body_larger_than_memory_would_like_is_streamed(spool_root: Path) -> None:
    block = SpooledBlock()
    block.write(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n")
    piece = os.urandom(1 << 20)
    for _ in range(64):
        block.write(piece)

    async def work(spool: Spool) -> None:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        await spool.record(msgspec.structs.replace(exchange(), response=block), PROVENANCE)
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 24 << 10

    run(open_spool(spool_root), work)
    (found,) = read_captures(sealed_path(spool_root))
    assert isinstance(found, ArchivedCapture)
    assert found.response.size == block.size


def test_cancelling_a_large_write_does_not_harm_the_file(spool_root: Path) -> None:
    async def work(spool: Spool) -> None:
        await spool.record(exchange(url="https://news.example/before"), PROVENANCE)
        task = asyncio.create_task(spool.record(exchange(os.urandom(20_000_000)), PROVENANCE))
        await asyncio.sleep(0.005)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await spool.record(exchange(url="https://news.example/after"), PROVENANCE)

    run(open_spool(spool_root), work)
    urls = [c.capture.url for c in read_captures(sealed_path(spool_root)) if isinstance(c, ArchivedCapture)]
    assert urls[0] == "https://news.example/before"
    assert urls[-1] == "https://news.example/after"


def test_a_closed_spool_takes_nothing(spool_root: Path) -> None:
    spool = open_spool(spool_root)
    run(spool, lambda spool: spool.record(exchange(), PROVENANCE))
    with pytest.raises(ArchiveError, match="closed"):
        asyncio.run(spool.record(exchange(), PROVENANCE))


def test_the_stored_file_is_plain_gzip(spool_root: Path) -> None:
    run(open_spool(spool_root), lambda spool: spool.record(exchange(), PROVENANCE))
    assert gzip.decompress(sealed_path(spool_root).read_bytes()).count(b"WARC/1.1\r\n") == 4


def test_what_lay_beside_a_file_that_is_gone_is_swept_at_the_next_start(spool_root: Path) -> None:
    async def fill() -> Path:
        spool = open_spool(spool_root)
        await spool.record(exchange(), PROVENANCE)
        (sealed,) = await spool.seal()
        await spool.close()
        return sealed.path

    path = asyncio.run(fill())
    kept = path.with_name("WARRAQ-20261123184104000-00009-box.example.damaged")
    kept.write_bytes(b"as found")
    path.unlink()  # killed between the file and what lay beside it
    assert {one.suffix for one in path.parent.iterdir()} == {"", ".cdxj", ".sha256", ".damaged"}

    async def start() -> None:
        await open_spool(spool_root).close()

    asyncio.run(start())
    assert {one.name for one in path.parent.iterdir()} == {"lock", kept.name}
