"""Manifests: each day's files noted once, chained, and every later change named."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from crawler.archive.check.manifest import SeenWarc, check_manifests, make_manifests, verify_manifests
from crawler.archive.store import Store
from crawler.archive.store.folder import FileStore
from crawler.archive.write.records import member, warcinfo_record
from crawler.clock import FixedClock
from crawler.errors import BadArchive
from tests.archive.archive_factory import AT, counting_ids

A, B, C = "warc/2026/11/21/a.warc.gz", "warc/2026/11/21/b.warc.gz", "warc/2026/11/22/c.warc.gz"
M21, M22 = "manifests/2026/11/2026-11-21.json", "manifests/2026/11/2026-11-22.json"


def warc(name: str) -> bytes:
    return b"".join(member(warcinfo_record(name, AT, [("software", "Warraq")], new_id=counting_ids())))


def add(store: Store, *keys: str) -> None:
    for key in keys:
        store.put(key, warc(key))


@pytest.fixture
def noted(tmp_path: Path) -> FileStore:
    """Two days, three files, two manifests, and a file of today."""
    store = FileStore(tmp_path / "data")
    add(store, A, B, C, "warc/2026/11/23/today.warc.gz")
    make_manifests(store, clock=FixedClock(AT))
    return store


def test_each_day_before_today_gets_one_and_names_the_one_before(store: Store) -> None:
    add(store, A, B, C, "warc/2026/11/23/today.warc.gz")
    made = make_manifests(store, clock=FixedClock(AT))
    assert [link.key for link in made] == [M21, M22]
    first, second = json.loads(store.get(M21)), json.loads(store.get(M22))
    digest = hashlib.sha256(warc(A)).hexdigest()
    assert first["warcs"][0] == {"key": A, "size": len(warc(A)), "sha256": digest, "records": {"warcinfo": 1}}
    assert [note["key"] for note in first["warcs"]] == [A, B]
    assert (first["previous"], first["sequence"], first["day"]) == (None, 0, "2026-11-21")
    assert second["previous"] == {"key": M21, "sha256": hashlib.sha256(store.get(M21)).hexdigest()}
    assert [link.sha256 for link in made] == [hashlib.sha256(store.get(key)).hexdigest() for key in (M21, M22)]
    report = verify_manifests(store)
    assert (report.manifests, report.warcs, report.read, report.waiting, report.breaks) == (2, 3, 3, 1, ())


def test_the_json_is_canonical(noted: FileStore) -> None:
    content = noted.get(M21)
    canonical = json.dumps(json.loads(content), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert content == canonical.encode()


def test_nothing_new_makes_no_manifest_and_a_late_file_a_numbered_successor(noted: FileStore) -> None:
    clock = FixedClock(AT)
    assert make_manifests(noted, clock=clock) == []
    before = noted.get(M21)
    add(noted, "warc/2026/11/21/late.warc.gz")
    (late,) = make_manifests(noted, clock=clock)
    assert late.key == "manifests/2026/11/2026-11-21.1.json"
    assert late.manifest.previous is not None
    assert late.manifest.previous.key == M22
    assert noted.get(M21) == before
    assert verify_manifests(noted).breaks == ()


def test_a_day_can_be_asked_for_also_today(noted: FileStore) -> None:
    (made,) = make_manifests(noted, clock=FixedClock(AT), days=[date(2026, 11, 23)])
    assert [note.key for note in made.manifest.warcs] == ["warc/2026/11/23/today.warc.gz"]
    add(noted, "warc/2026/11/23/later.warc.gz")
    (more,) = make_manifests(noted, clock=FixedClock(datetime(2026, 11, 24, tzinfo=UTC)))
    assert more.key == "manifests/2026/11/2026-11-23.1.json"


def changed(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.chmod(0o644)
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("tamper", "said"),
    [
        (lambda root: changed(root / B), f"{B} does not have its digest (manifest {M21})"),
        (lambda root: (root / B).write_bytes(b""), f"{B} has 0 bytes instead of"),
        (lambda root: (root / C).unlink(), f"{C} is missing (manifest {M22})"),
        (lambda root: (root / M21).unlink(), f"{M22} follows {M21}, which is missing"),
        (
            lambda root: (root / M21).write_bytes((root / M21).read_bytes().replace(b"T18:41", b"T18:42")),
            f"{M21} was altered: {M22} has another digest of it",
        ),
        (lambda root: (root / M21).write_bytes(b"{}"), f"{M21} is not a manifest"),
        (lambda root: (root / "warc/2026/11/20").mkdir(), None),
        (lambda root: (root / "warc/2026/11/21/slipped-in.warc.gz").write_bytes(b"x"), "is in no manifest"),
    ],
    ids=["tampered", "cut", "missing", "manifest missing", "manifest altered", "no manifest", "harmless", "extra"],
)
def test_the_first_break_is_named(noted: FileStore, tmp_path: Path, tamper, said) -> None:
    tamper(tmp_path / "data")
    breaks = verify_manifests(noted).breaks
    assert (not breaks) if said is None else said in breaks[0]


def test_without_the_newest_manifest_its_files_wait_for_one_again(noted: FileStore, tmp_path: Path) -> None:
    (tmp_path / "data" / M22).unlink()
    report = verify_manifests(noted)
    assert (report.breaks, report.waiting) == ((), 2)


def test_a_sample_reads_only_some_and_still_misses_nobody(noted: FileStore, tmp_path: Path) -> None:
    (tmp_path / "data" / A).unlink()
    report = verify_manifests(noted, sample=0.0001)
    assert report.read == 0
    assert "is missing" in report.breaks[0]


def test_a_file_that_is_not_what_was_shipped_gets_no_manifest(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "data")
    add(store, A)
    with pytest.raises(BadArchive, match="not what was shipped"):
        make_manifests(store, clock=FixedClock(AT), receipts={A: "0" * 64})
    assert list(store.list("manifests/")) == []


def test_a_damaged_file_gets_no_manifest(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "data")
    store.put(A, warc(A)[:-9])
    with pytest.raises(BadArchive, match=r"a\.warc\.gz"):
        make_manifests(store, clock=FixedClock(AT))


def test_nothing_is_added_to_a_broken_chain(noted: FileStore, tmp_path: Path) -> None:
    (tmp_path / "data" / M21).unlink()
    add(noted, "warc/2026/11/22/late.warc.gz")
    with pytest.raises(BadArchive, match="which is missing"):
        make_manifests(noted, clock=FixedClock(AT))


def rewritten(store: Store, key: str, **changes: Any) -> None:
    """Let a manifest say something else, written as manifests are."""
    content = {**json.loads(store.get(key)), **changes}
    store.put(key, json.dumps(content, sort_keys=True, separators=(",", ":")).encode(), overwrite=True)


def test_a_file_with_other_records_than_were_noted_is_named(noted: FileStore) -> None:
    size, digest = len(warc(A)), hashlib.sha256(warc(A)).hexdigest()
    assert check_manifests(noted, {A: SeenWarc(size, digest, {"warcinfo": 1})}) == (2, [])
    count, (fault,) = check_manifests(noted, {A: SeenWarc(size, digest, {"warcinfo": 2})})
    assert (count, fault.file, fault.offset) == (2, A, 0)
    assert fault.what == f"it has {size} bytes and {{'warcinfo': 2}}, not what was noted (manifest {M21})"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"previous": None}, f"does not follow {M21}"),
        ({"day": "2026-11-20"}, "is the manifest of 2026-11-20"),
        ({"warcs": 2}, "names files twice or out of order"),
    ],
)
def test_a_manifest_that_says_what_its_place_belies_is_named_at_its_first_byte(
    noted: FileStore, changes: dict[str, Any], said: str
) -> None:
    if "warcs" in changes:
        changes = {"warcs": json.loads(noted.get(M22))["warcs"] * changes["warcs"]}
    rewritten(noted, M22, **changes)
    _, faults = check_manifests(noted, {})
    assert (M22, 0, said) in [(fault.file, fault.offset, fault.what) for fault in faults]


def test_a_second_manifest_of_one_place_is_named_not_the_one_that_was_written(noted: FileStore) -> None:
    known = {key: hashlib.sha256(noted.get(key)).hexdigest() for key in (M21, M22)}
    copy = M22.replace(".json", ".1.json")
    noted.put(copy, noted.get(M22))
    _, faults = check_manifests(noted, {}, known=known)
    assert [(fault.file, fault.what) for fault in faults] == [(copy, f"has the place in the chain that {M22} has")]


def test_a_newest_manifest_that_is_a_whole_one_but_not_what_was_written_here_is_named(noted: FileStore) -> None:
    known = {key: hashlib.sha256(noted.get(key)).hexdigest() for key in (M21, M22)}
    other = noted.get(M22).replace(b'"made_at":"2026', b'"made_at":"2027')
    assert other != noted.get(M22)
    noted.put(M22, other, overwrite=True)
    seen = {}
    for key in (A, B, C):
        content = noted.get(key)
        seen[key] = SeenWarc(len(content), hashlib.sha256(content).hexdigest(), {"warcinfo": 1})
    assert list(check_manifests(noted, seen)[1]) == []  # its place in the chain and all files are right
    (fault,) = check_manifests(noted, seen, known=known)[1]
    what = f"is not what was written, which has SHA-256 {known[M22]}"
    assert (fault.file, fault.offset, fault.what) == (M22, 0, what)
    assert verify_manifests(noted, known=known).breaks == (f"{M22} {what}",)
