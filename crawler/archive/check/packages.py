"""Fixity of WACZ packages (1.1.1): each entry against the digest the data package gives it, each WARC by itself."""

from __future__ import annotations

__all__ = ["verify_wacz"]

import hashlib
import zipfile
from collections.abc import Iterator
from typing import BinaryIO, cast

import msgspec

from crawler.archive.check.verify import Report, verify_warc
from crawler.archive.read.captures import WarcPart, warcs_in
from crawler.archive.read.records import Fault
from crawler.archive.read.zip_entries import BAD_ZIP, open_entry, overlapping
from crawler.archive.record_values import BAD_JSON

_MOST_JSON = 64 << 20
_PIECE = 1 << 20


class _Resource(msgspec.Struct, frozen=True):
    path: str
    hash: str = ""
    size: int | None = msgspec.field(default=None, name="bytes")


class _DataPackage(msgspec.Struct, frozen=True):
    resources: tuple[_Resource, ...] = ()


class _Hashed(msgspec.Struct, frozen=True):
    hash: str = ""


def verify_wacz(stream: BinaryIO, *, name: str) -> Iterator[Report]:
    """Yield a report on the package `name`, then one on each WARC in it and on each part that cannot be read.

    Faults name the entry. `stream` can seek.
    """
    package = _package_report(stream, name)
    yield package
    stream.seek(0)
    told = {fault.file for fault in package.faults}
    for part in warcs_in(stream, name=name):
        if isinstance(part, WarcPart):
            yield verify_warc(part.stream, name=f"{name}/archive/{part.name}")
        elif part.file not in told:
            yield Report(name=part.file, faults=(part,))


def _package_report(stream: BinaryIO, name: str) -> Report:
    faults: list[Fault] = []
    size = stream.seek(0, 2)
    stream.seek(0)
    sha256 = hashlib.file_digest(cast("zipfile.ZipExtFile", stream), "sha256").hexdigest()
    try:
        with zipfile.ZipFile(stream) as package:
            faults += _Package(package, name).faults()
    except BAD_ZIP as error:
        faults.append(Fault(file=name, what=f"the zip file is damaged ({error})"))
    digests = 0
    return Report(name=name, size=size, sha256=sha256, records=0, captures=0, digests=digests, faults=tuple(faults))


class _Package:
    """An open package being held against what its own data package says."""

    def __init__(self, package: zipfile.ZipFile, name: str) -> None:
        self._package = package
        self._name = name
        self._entries = {entry.filename: entry for entry in package.infolist()}
        self._overlaps = overlapping(package)

    def faults(self) -> Iterator[Fault]:
        described = self._json("datapackage.json")
        if isinstance(described, Fault):
            yield described
            return
        yield from self._signed(described)
        try:
            resources = msgspec.json.decode(described, type=_DataPackage).resources
        except BAD_JSON as error:
            yield self._fault("datapackage.json", f"it is not a data package ({error})")
            return
        for resource in resources:
            yield from self._check(resource)
        told = {resource.path for resource in resources}
        for path in self._entries:
            if path.startswith("archive/") and not path.endswith("/") and path not in told:
                yield self._fault(path, "the data package does not name it")

    def _signed(self, described: bytes) -> Iterator[Fault]:
        if "datapackage-digest.json" not in self._entries:
            return
        content = self._json("datapackage-digest.json")
        if isinstance(content, Fault):
            yield content
            return
        try:
            noted = msgspec.json.decode(content, type=_Hashed).hash
        except BAD_JSON as error:
            yield self._fault("datapackage-digest.json", f"it is no digest ({error})")
            return
        if not _is(noted, hashlib.sha256(described).hexdigest()):
            yield self._fault("datapackage.json", f"it does not have the digest {noted} of datapackage-digest.json")

    def _check(self, resource: _Resource) -> Iterator[Fault]:
        entry = self._entries.get(resource.path)
        if entry is None:
            yield self._fault(resource.path, "the data package names it, and it is not there")
            return
        if id(entry) in self._overlaps:
            yield self._fault(resource.path, "it lies where another entry does, and is not read again")
            return
        digest, size = hashlib.sha256(), 0
        try:
            with open_entry(self._package, entry) as content:
                while piece := content.read(_PIECE):
                    digest.update(piece)
                    size += len(piece)
        except BAD_ZIP as error:
            yield self._fault(resource.path, str(error))
            return
        if resource.size not in (None, size):
            yield self._fault(resource.path, f"it has {size} bytes, not {resource.size}")
        if not _is(resource.hash, digest.hexdigest()):
            yield self._fault(resource.path, f"it does not have its digest {resource.hash}")

    def _json(self, path: str) -> bytes | Fault:
        entry = self._entries.get(path)
        if entry is None:
            return self._fault(path, "it is not there")
        try:
            with open_entry(self._package, entry) as content:
                return content.read(_MOST_JSON)
        except BAD_ZIP as error:
            return self._fault(path, str(error))

    def _fault(self, path: str, what: str) -> Fault:
        entry = self._entries.get(path)
        return Fault(file=f"{self._name}/{path}", offset=max(entry.header_offset, 0) if entry else 0, what=what)


def _is(noted: str, sha256: str) -> bool:
    """Tell whether `noted` (labelled) is that digest; one of another algorithm, or none, counts as such."""
    label, _, value = noted.partition(":")
    return label != "sha256" or value.lower() == sha256
