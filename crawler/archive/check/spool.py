"""What waits in the spool: sealed files that are not in the store yet, and what does not belong there."""

from __future__ import annotations

__all__ = ["verify_spool"]

import hashlib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from crawler.archive.check.verify import Report, verify_warc
from crawler.archive.read.records import Fault
from crawler.archive.write.seal import companion, sealed_warc
from crawler.archive.write.ship import receipt_of
from crawler.archive.write.spool_folder import foreign_files, lanes, litter, sealed_in
from crawler.errors import ArchiveError, BadArchive


def verify_spool(root: Path) -> Iterator[Report]:
    """Yield a report on each sealed file below `root` that waits, and on each thing that should not be there.

    Raises ArchiveError if the folder cannot be read.
    """
    seen: dict[str, Path] = {}
    try:
        yield from (_alone(path, "not of this program: it is never touched") for path in foreign_files(root))
        yield from (_alone(path, "a process that died left it; the next start removes it") for path in litter(root))
        for folder in lanes(root):
            for path in sorted(folder.glob("*.damaged")):
                yield _alone(path, "the disk damaged what was written here: see what can be had of it, then remove it")
            for path in sealed_in(folder):
                if path.name in seen:
                    yield _alone(path, f"{seen[path.name]} has the same name: one of them is a copy")
                seen[path.name] = path
                receipt = receipt_of(path)
                if receipt is None or receipt.name != path.name:
                    if companion(path, ".receipt.json").exists():
                        yield _alone(companion(path, ".receipt.json"), "it is no receipt of the file beside it")
                    yield _waiting(path)
    except FileNotFoundError:
        return  # shipped and removed while it was looked at
    except OSError as error:
        raise ArchiveError(f"{root}: {error.strerror}", next_step="make the spool readable") from error


def _waiting(path: Path) -> Report:
    """Return the report on a sealed file, held against what was noted when it was sealed."""
    try:
        noted = sealed_warc(path)
        cdxj = noted.cdxj.read_bytes()
    except BadArchive as error:
        return _alone(companion(path, ".sha256"), error.what)
    except OSError as error:
        return _alone(noted.cdxj, error.strerror or str(error))
    report = verify_warc(path, cdxj=cdxj, in_place=True)
    if hashlib.sha256(cdxj).hexdigest() != noted.cdxj_sha256:
        what = f"it is not the index that was sealed, which has SHA-256 {noted.cdxj_sha256}"
        fault = Fault(file=str(noted.cdxj), what=what)
        report = msgspec.structs.replace(report, faults=(*report.faults, fault))
    if report.sha256 != noted.sha256:
        what = f"it is not what was sealed, which has SHA-256 {noted.sha256}"
        report = msgspec.structs.replace(report, faults=(*report.faults, Fault(file=str(path), what=what)))
    return report


def _alone(path: Path, what: str) -> Report:
    fault = Fault(file=str(path), what=what)
    return Report(name=str(path), faults=(fault,))
