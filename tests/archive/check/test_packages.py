"""WACZ packages, ours and others', sound and damaged in every entry."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path

import pytest

from crawler.archive.check.packages import verify_wacz
from crawler.archive.check.verify import Report, checked_index
from crawler.archive.read.captures import ArchivedCapture, read_captures
from crawler.archive.read.records import Fault
from tests.archive.check.test_verify import PLAIN, record

WARC = record("response", PLAIN, {})


def labelled(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def package(entries: dict[str, bytes], method: int = zipfile.ZIP_STORED, **changes: object) -> bytes:
    """A WACZ as browsertrix and wacz write it: `entries` told in the data package; `changes` of what it says."""
    resources = [
        {"name": path, "path": path, "hash": labelled(content), "bytes": len(content)}
        for path, content in entries.items()
    ]
    described = json.dumps({"profile": "data-package", "resources": resources} | changes).encode()
    digest = json.dumps({"path": "datapackage.json", "hash": labelled(described)}).encode()
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as made:
        for path, content in {**entries, "datapackage.json": described, "datapackage-digest.json": digest}.items():
            made.writestr(path, content)
    return target.getvalue()


def verify(content: bytes) -> list[Report]:
    return list(verify_wacz(io.BytesIO(content), name="p.wacz"))


def faults(content: bytes) -> list[str]:
    return [f"{fault.file}: {fault.what}" for report in verify(content) for fault in report.faults]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
def test_a_sound_package_has_no_faults_and_its_warcs_are_reported(method: int) -> None:
    reports = verify(package({"archive/a.warc": WARC, "archive/b.warc": WARC, "pages/pages.jsonl": b"{}"}, method))
    assert [(report.name, report.records, report.faults) for report in reports] == [
        ("p.wacz", 0, ()),
        ("p.wacz/archive/a.warc", 1, ()),
        ("p.wacz/archive/b.warc", 1, ()),
    ]


def test_what_does_not_fit_the_data_package_is_named() -> None:
    entries = {"archive/a.warc": WARC, "pages/pages.jsonl": b"{}"}
    sound = package(entries)
    assert faults(flipped(sound))[0].startswith("p.wacz/archive/a.warc: Bad CRC-32")
    assert faults(package(entries, resources=[{"path": "archive/a.warc", "hash": labelled(b"x"), "bytes": 3}])) == [
        f"p.wacz/archive/a.warc: it has {len(WARC)} bytes, not 3",
        f"p.wacz/archive/a.warc: it does not have its digest {labelled(b'x')}",
    ]
    missing = package(entries, resources=[{"path": "archive/gone.warc", "hash": "", "bytes": 3}])
    assert "p.wacz/archive/gone.warc: the data package names it, and it is not there" in faults(missing)
    assert "p.wacz/archive/a.warc: the data package does not name it" in faults(missing)
    assert any("not a data package" in fault for fault in faults(package(entries, resources=3)))


def test_a_zip_without_a_data_package_and_a_cut_one_are_named() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as made:
        made.writestr("archive/a.warc", WARC)
    assert faults(target.getvalue()) == ["p.wacz/datapackage.json: it is not there"]
    assert "the zip file is damaged" in faults(package({"archive/a.warc": WARC})[:-40])[0]


def flipped(content: bytes) -> bytes:
    """The package with one bit of its first entry changed, so that the entry's CRC is wrong."""
    at = 30 + len("archive/a.warc") + len(WARC) - 5  # within gzip's own CRC
    return content[:at] + bytes((content[at] ^ 1,)) + content[at + 1 :]


def encrypted(content: bytes) -> bytes:
    """The package with the flag of encryption on its first entry, in both of the places where it stands."""
    central = content.index(b"PK\x01\x02")
    changed = bytearray(content)
    changed[6] |= 1
    changed[central + 8] |= 1
    return bytes(changed)


def odd_method(content: bytes) -> bytes:
    central = content.index(b"PK\x01\x02")
    changed = bytearray(content)
    changed[8:10] = changed[central + 10 : central + 12] = b"\x61\x00"
    return bytes(changed)


@pytest.mark.parametrize("spoil", [encrypted, odd_method, flipped])
def test_an_entry_that_cannot_be_read_costs_itself_only(spoil, tmp_path: Path) -> None:
    path = tmp_path / "p.wacz"
    path.write_bytes(spoil(package({"archive/a.warc": WARC, "archive/b.warc": WARC})))
    found = list(read_captures(path))
    assert [item.capture.warc for item in found if isinstance(item, ArchivedCapture)][-1:] == ["b.warc"]
    (fault,) = [item for item in found if isinstance(item, Fault)]
    assert fault.file == "p.wacz/archive/a.warc"
    index, told = checked_index(path, name="p.wacz")
    assert told == [fault]
    assert b'"filename":"b.warc"' in index
    assert any(one.startswith("p.wacz/archive/a.warc: ") for one in faults(path.read_bytes()))


def test_packages_in_packages_are_not_opened(tmp_path: Path) -> None:
    inner = package({"archive/a.warc": WARC})
    path = tmp_path / "p.wacz"
    path.write_bytes(package({"archive/inner.wacz": package({"archive/in.wacz": inner}), "archive/b.warc": WARC}))
    found = list(read_captures(path))
    assert [type(item) for item in found] == [Fault, ArchivedCapture]
    assert "package within a package" in str(found[0])


def test_a_directory_that_leads_before_the_file_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "p.wacz"
    whole = package({"archive/a.warc": WARC})
    for damaged in (whole[:-6] + b"\xff\xff\xff\x7f" + whole[-2:], whole[:-10] + b"\xff\xff\xff\x7f" + whole[-6:]):
        path.write_bytes(damaged)
        with path.open("rb") as stream:
            found = [fault for report in verify_wacz(stream, name="p.wacz") for fault in report.faults]
        assert found
        found += [item for item in read_captures(path) if isinstance(item, Fault)]
        assert all(fault.file.startswith("p.wacz") and fault.offset >= 0 for fault in found)


def test_a_damaged_entry_is_a_fault_whatever_it_is_packed_with() -> None:
    for method in (zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        whole = package({"archive/a.warc": WARC * 20, "pages/pages.jsonl": b"{}"}, method)
        at = whole.index(b"archive/a.warc") + len("archive/a.warc")
        for byte in range(at, at + 40):
            content = whole[:byte] + bytes([whole[byte] ^ 0xFF]) + whole[byte + 1 :]
            assert any("archive/a.warc" in what for what in faults(content)), (method, byte)


def test_entries_that_lie_where_another_does_are_not_read_again() -> None:
    content = intact = package({f"archive/{number}.warc": b"x" * 1000 for number in range(3)})
    directory = content.index(b"PK\x01\x02")
    for _ in range(2):
        directory = intact.index(b"PK\x01\x02", directory + 4)
        content = content[: directory + 42] + bytes(4) + content[directory + 46 :]
    assert sum("it lies where another entry does" in fault for fault in faults(content)) == 2
