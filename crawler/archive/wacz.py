"""WACZ 1.1.1: a zip of WARCs with index, page list and digests, which ReplayWeb.page and pywb open by themselves.

Promises: the file appears whole or not at all; nothing in it depends on when or where it was made, so equal content
gives equal bytes; every entry is stored uncompressed (readers fetch byte ranges of it), the index in compressed blocks
with an index of its own, so that a browser need not load it whole.
Specification: https://specs.webrecorder.net/wacz/1.1.1/
"""

from __future__ import annotations

__all__ = ["PageEntry", "WaczWriter", "WarcEntry"]

import hashlib
import os
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import msgspec

from crawler.archive.files import fsync_folder
from crawler.clock import iso_utc
from crawler.errors import ArchiveError

_VERSION = "1.1.1"
_BLOCK_LINES = 1024
_LARGE = 1 << 31
"""Bytes from which on an entry's size may need 64 bits."""
_GZIP = zlib.MAX_WBITS | 16
_FIRST_DATE = (1980, 1, 1, 0, 0, 0)  # of the zip format
_LAST_DATE = (2107, 12, 31, 23, 59, 58)  # a damaged index may have any


class PageEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of ``pages.jsonl``: where a reader may start."""

    id: str
    url: str
    ts: str
    """Moment of the capture, ISO 8601 UTC."""
    title: str
    published_at: str | None = None
    text: str | None = None


class WarcEntry:
    """A WARC being written into the package."""

    def __init__(self, target: IO[bytes]) -> None:
        self._target = target
        self.digest = hashlib.sha256()
        self.position = 0
        """Bytes written so far: the offset of the next record."""

    def write(self, piece: bytes) -> None:
        """Append `piece`."""
        self._target.write(piece)
        self.digest.update(piece)
        self.position += len(piece)


class WaczWriter:
    """Writes one package to `path`; a context manager: left without an error, the file is there, else nothing is."""

    def __init__(self, path: Path, *, at: datetime, title: str, software: str) -> None:
        """`at`: the moment of the newest capture; it dates the package and its entries. Raises ArchiveError."""
        self._path = path
        self._part = path.with_name(f".{path.name}.part")
        self._at = at.astimezone(UTC)
        self._title = title
        self._software = software
        self._resources: list[dict[str, Any]] = []
        try:
            self._zip = zipfile.ZipFile(self._part, "w", allowZip64=True)
        except OSError as error:
            raise ArchiveError(f"{path}: {error.strerror}", next_step="name a file that can be written") from error

    def __enter__(self) -> WaczWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        failed = error if isinstance(error, OSError) else None
        try:
            if error is None:
                self._finish()
        except OSError as unfinished:
            failed = unfinished
        finally:
            with suppress(OSError, ValueError):  # what cannot be ended is removed
                self._zip.close()
            self._part.unlink(missing_ok=True)
        if failed is not None:
            raise ArchiveError(f"{self._path}: {failed.strerror}", next_step="make room and try again") from failed

    @contextmanager
    def warc(self, name: str, *, size_hint: int = 0) -> Iterator[WarcEntry]:
        """Add ``archive/NAME``, whose bytes are written while the block is open; one at a time.

        `size_hint`: an upper bound of its size in bytes.
        """
        path = f"archive/{name}"
        with self._zip.open(self._entry(path), "w", force_zip64=size_hint >= _LARGE) as target:
            entry = WarcEntry(target)
            yield entry
        self._note(path, entry.position, entry.digest.hexdigest())

    def index(self, lines: Iterable[bytes]) -> None:
        """Add the CDXJ `lines` (each with its newline), sorted here: blocks of gzip, and the index of the blocks."""
        ordered = sorted(lines)
        name = "index.cdx.gz"
        blocks = bytearray()
        heads = [_block_index_start(name)]
        for start in range(0, len(ordered), _BLOCK_LINES):
            chosen = ordered[start : start + _BLOCK_LINES]
            packer = zlib.compressobj(6, zlib.DEFLATED, _GZIP)
            block = packer.compress(b"".join(chosen)) + packer.flush()
            key = b" ".join(chosen[0].split(b" ", 2)[:2])
            place = {
                "offset": len(blocks),
                "length": len(block),
                "digest": _labelled(hashlib.sha256(block).hexdigest()),
            }
            heads.append(key + b" " + msgspec.json.encode(place) + b"\n")
            blocks += block
        self._add(f"indexes/{name}", bytes(blocks))
        self._add("indexes/index.idx", b"".join(heads))

    def pages(self, pages: Iterable[PageEntry], *, has_text: bool) -> None:
        """Add ``pages/pages.jsonl``, in the order given."""
        head = {"format": "json-pages-1.0", "id": "pages", "title": "All Pages", "hasText": has_text}
        encode = msgspec.json.Encoder().encode
        self._add("pages/pages.jsonl", b"".join(encode(line) + b"\n" for line in (head, *pages)))

    def _finish(self) -> None:
        """Add the data package and its digest, then give the file its name."""
        package = {
            "profile": "data-package",
            "wacz_version": _VERSION,
            "title": self._title,
            "software": self._software,
            "created": iso_utc(self._at.replace(microsecond=0)).replace(".000000", ""),
            "resources": self._resources,
        }
        content = msgspec.json.format(msgspec.json.encode(package), indent=2)
        hashed = {"path": "datapackage.json", "hash": _labelled(hashlib.sha256(content).hexdigest())}
        self._zip.writestr(self._entry("datapackage.json"), content)
        self._zip.writestr(
            self._entry("datapackage-digest.json"), msgspec.json.format(msgspec.json.encode(hashed), indent=2)
        )
        self._zip.close()
        with self._part.open("rb") as written:
            os.fsync(written.fileno())
        self._part.replace(self._path)
        fsync_folder(self._path.parent)

    def _add(self, path: str, content: bytes) -> None:
        self._zip.writestr(self._entry(path), content)
        self._note(path, len(content), hashlib.sha256(content).hexdigest())

    def _note(self, path: str, size: int, digest: str) -> None:
        self._resources.append(
            {"name": path.rpartition("/")[2].lower(), "path": path, "hash": _labelled(digest), "bytes": size}
        )

    def _entry(self, path: str) -> zipfile.ZipInfo:
        moment = self._at.timetuple()[:6]
        entry = zipfile.ZipInfo(path, date_time=min(max(moment, _FIRST_DATE), _LAST_DATE))
        entry.compress_type = zipfile.ZIP_STORED
        entry.create_system = 3  # the same bytes on every system
        entry.external_attr = 0o100644 << 16
        return entry


def _block_index_start(name: str) -> bytes:
    """Return the line that tells readers what the blocks are (as cdxj-indexer writes it)."""
    return b"!meta 0 " + msgspec.json.encode({"format": "cdxj-gzip-1.0", "filename": name}) + b"\n"


def _labelled(digest: str) -> str:
    return f"sha256:{digest}"
