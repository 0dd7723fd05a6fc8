"""From a file being written to one that never changes: sealing, and salvage of what a dead process left.

A name without ``.open`` is a promise: the file is complete, was read back from the disk, and its index and digest lie
beside it. Salvage keeps every whole record and cuts what follows the last one.
"""

from __future__ import annotations

__all__ = ["Salvage", "SealedWarc", "companion", "salvage", "seal", "sealed_warc"]

import hashlib
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

import msgspec
from isal import isal_zlib

from crawler.archive.files import fsync_folder, replace_durably, sha256_of
from crawler.archive.read.cdxj import index_warc
from crawler.archive.read.records import Fault, RawRecord, walk
from crawler.archive.write.spool_folder import OPEN_SUFFIX
from crawler.errors import BadArchive

_PIECE = 1 << 20


class SealedWarc(msgspec.Struct, frozen=True, kw_only=True):
    """A finished WARC in the spool."""

    path: Path
    cdxj: Path
    size: int
    sha256: str
    """Hex, of the WARC, as noted when it was sealed."""
    cdxj_sha256: str


class Salvage(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a file that a process left unfinished."""

    name: str
    records: int
    """Whole ones, warcinfo included."""
    lost_bytes: int
    """After the last whole record; not acknowledged to anybody unless `damaged` is set."""
    sealed: SealedWarc | None
    """None if it held nothing but its warcinfo and was removed."""
    damaged: str | None = None
    """Where a copy of the file as found lies, if whole records came after the damage: then the disk is to blame."""


def companion(warc: Path, suffix: str) -> Path:
    """Return the path beside `warc` with another suffix: ``.cdxj``, ``.sha256``, ``.receipt.json``, ``.damaged``."""
    return warc.with_name(warc.name.removesuffix(OPEN_SUFFIX).removesuffix(".warc.gz") + suffix)


def seal(unfinished: Path, lines: Iterable[bytes], *, size: int, crc32: int) -> SealedWarc:
    """Read `unfinished` back, write index and digest beside it, and give it its final name.

    `lines` are those of the index, in any order; `size` and `crc32` are those of the bytes as they were written.
    Everything is on disk before the name is. Raises BadArchive if what is on disk is not what was written, OSError if
    there is no room.
    """
    digest, found, seen = hashlib.sha256(), 0, 0
    with unfinished.open("rb", buffering=0) as stream:
        while piece := stream.read(_PIECE):
            digest.update(piece)
            found = isal_zlib.crc32(piece, found)
            seen += len(piece)
    if (seen, found) != (size, crc32):
        raise BadArchive(f"{unfinished} was not written as it should: {_first_fault(unfinished)}")
    return _finish(unfinished, b"".join(sorted(lines)), digest.digest())


def salvage(unfinished: Path) -> Salvage | None:
    """Seal what a dead process left: cut after the last whole record, index anew. None if nothing was in it."""
    size = unfinished.stat().st_size
    records, end, more = _whole_records(unfinished)
    damaged = None
    if more:
        damaged = companion(unfinished, ".damaged")
        shutil.copyfile(unfinished, damaged)
    if end < size:
        with unfinished.open("r+b") as stream:
            stream.truncate(end)  # made durable before the file has its name, below
    sealed = None
    if records > 1:
        name = unfinished.name.removesuffix(OPEN_SUFFIX)
        sealed = _finish(unfinished, index_warc(unfinished, name=name)[0], sha256_of(unfinished))
    elif not damaged:
        unfinished.unlink()
        for suffix in (".cdxj", ".sha256"):
            companion(unfinished, suffix).unlink(missing_ok=True)  # should it come back, it is removed again
        if size == 0:
            return None
    return Salvage(
        name=unfinished.name.removesuffix(OPEN_SUFFIX),
        records=records,
        lost_bytes=size - end,
        sealed=sealed,
        damaged=str(damaged) if damaged else None,
    )


def sealed_warc(path: Path) -> SealedWarc:
    """Return what is known of the sealed file `path`. Raises BadArchive if its digest is not beside it."""
    noted = companion(path, ".sha256")
    try:
        lines = [line.partition("  ") for line in noted.read_text(encoding="ascii").splitlines()]
        digests = {name: digest for digest, _, name in lines}
        cdxj = companion(path, ".cdxj")
        return SealedWarc(
            path=path,
            cdxj=cdxj,
            size=path.stat().st_size,
            sha256=digests[path.name],
            cdxj_sha256=digests[cdxj.name],
        )
    except (OSError, ValueError, KeyError) as error:
        raise BadArchive(f"{noted}: not the digests of {path.name} ({error})") from error


def _whole_records(path: Path) -> tuple[int, int, bool]:
    """Return how many whole records `path` begins with, where they end, and whether more follow a damage."""
    count, end, broken = 0, 0, False
    with path.open("rb") as stream:
        for item in walk(stream, name=path.name, max_block=0):
            if isinstance(item, RawRecord) and broken:
                return count, end, True
            if isinstance(item, Fault) or item.complaint or not item.version.startswith("WARC/1."):
                broken = True
            else:
                count, end = count + 1, item.offset + item.length
    return count, end, False


def _first_fault(path: Path) -> str:
    """Say what is wrong with `path`, as a reader meets it."""
    with path.open("rb") as stream:
        for item in walk(stream, name=path.name, max_block=0):
            if isinstance(item, Fault) or item.complaint:
                return str(item)
    return "its records are whole, but not those that were written"


def _finish(unfinished: Path, index: bytes, sha256: bytes) -> SealedWarc:
    """Write the companions of a checked file with the digest `sha256`, then rename it."""
    with unfinished.open("rb") as stream:
        os.fsync(stream.fileno())
    final = unfinished.with_name(unfinished.name.removesuffix(OPEN_SUFFIX))
    cdxj = companion(final, ".cdxj")
    replace_durably(cdxj, index)
    digests = f"{sha256.hex()}  {final.name}\n{sha256_of(cdxj).hex()}  {cdxj.name}\n"
    replace_durably(companion(final, ".sha256"), digests.encode("ascii"))
    unfinished.rename(final)
    fsync_folder(final.parent)
    return sealed_warc(final)
