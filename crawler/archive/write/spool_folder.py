"""The spool's folder on disk: one lane per worker process, so that no two ever write to one file.

A lane is held by a lock on its ``lock`` file that the system takes back when the process dies, however it dies; only
then may another process touch what lies there. File names never repeat among the lanes of one spool.
"""

from __future__ import annotations

__all__ = [
    "OPEN_SUFFIX",
    "SEALED",
    "HeldFolder",
    "claim_lane",
    "foreign_files",
    "free_lanes",
    "lanes",
    "litter",
    "next_name",
    "open_spooled",
    "sealed_in",
    "usage_bytes",
]

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from crawler.archive.files import locked, make_folder
from crawler.errors import ArchiveError, BadArchive

OPEN_SUFFIX = ".open"
SEALED = re.compile(r"WARRAQ-(?P<day>\d{8})\d{9}-\d{5}-[A-Za-z0-9.-]+\.warc\.gz")
"""A finished WARC's name: prefix, moment with milliseconds, serial number, host (WARC 1.1 annex C)."""

_BESIDE = (".cdxj", ".sha256", ".receipt.json")
_COMPANIONS = (".warc.gz" + OPEN_SUFFIX, *_BESIDE, ".damaged")
_LANE = re.compile(r"lane-\d{2,}")
_OF_THE_ROOT = {"serial", "shipping"}
_OF_A_LANE = {"lock"}
_PASSING = re.compile(r"\.WARRAQ-.*\.tmp")
_MAX_LANES = 1000


class HeldFolder:
    """A folder this process holds until `release`."""

    def __init__(self, folder: Path, handle: int) -> None:
        self.folder = folder
        self._handle = handle

    def release(self) -> None:
        """Let others have the lane; closing twice does nothing."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def unfinished(self) -> list[Path]:
        """Return the files that were being written."""
        return sorted(p for p in self.folder.iterdir() if p.name.endswith(OPEN_SUFFIX) and _is_ours(p.name))

    def sealed(self) -> list[Path]:
        """Return the finished WARC files, oldest first."""
        return sealed_in(self.folder)

    def litter(self) -> list[Path]:
        """Return what a process that died left: temporary files, and companions whose WARC was removed already."""
        names = {path.name for path in self.folder.iterdir()}
        return [self.folder / name for name in sorted(names) if _PASSING.fullmatch(name) or _is_orphan(name, names)]

    def sweep(self) -> None:
        """Remove the `litter`."""
        for path in self.litter():
            path.unlink(missing_ok=True)


def lanes(root: Path) -> list[Path]:
    """Return the lanes of a spool, held or not."""
    return sorted(p for p in root.iterdir() if p.is_dir() and _LANE.fullmatch(p.name)) if root.is_dir() else []


def sealed_in(folder: Path) -> list[Path]:
    """Return the finished WARC files of a lane, oldest first: those whose digest lies beside them, as sealing leaves
    it. What is no file is none of them, nor is what it lies beside: whoever read it would wait for ever.
    """
    others = {path.name.partition(".")[0] for path in folder.iterdir() if _is_no_file(path)}
    names = {path.name for path in folder.iterdir() if path.name.partition(".")[0] not in others}
    return [folder / name for name in sorted(names) if SEALED.fullmatch(name) and _digest_name(name) in names]


def foreign_files(root: Path) -> list[Path]:
    """Return what somebody else put into a spool; it is never touched. Raises OSError if the spool cannot be read."""
    if not root.is_dir():
        return []
    found = [path for path in root.iterdir() if path.name not in _OF_THE_ROOT and path not in lanes(root)]
    for folder in lanes(root):
        names = {path.name for path in folder.iterdir()}
        found += [folder / name for name in names if not _belongs(name, names) or _is_no_file(folder / name)]
    return sorted(found)


def litter(root: Path) -> list[Path]:
    """Return what dead processes left in the lanes that nobody holds now; the next start removes it. Raises OSError."""
    found = []
    for folder in lanes(root):
        with suppress(FileNotFoundError):  # no lock: nobody ever wrote there
            lane = _take(folder, os.O_RDONLY)  # a spool that cannot be written to is looked at, too
            if lane is None:
                continue
            found += lane.litter()
            lane.release()
    return found


def claim_lane(root: Path) -> HeldFolder:
    """Return a lane nobody holds.

    Raises ArchiveError if the spool cannot be written to.
    """
    try:
        make_folder(root)
        for number in range(_MAX_LANES):
            folder = root / f"lane-{number:02}"
            make_folder(folder)
            lane = _take(folder)
            if lane is not None:
                return lane
    except OSError as error:
        raise _unwritable(root, error) from error
    raise ArchiveError(f"{root}: all {_MAX_LANES} lanes are held", next_step="see which processes run")


def free_lanes(root: Path, *, besides: HeldFolder) -> Iterator[HeldFolder]:
    """Yield the other lanes nobody holds, held by us while they are looked at."""
    for folder in lanes(root):
        if folder != besides.folder:
            lane = _take(folder)
            if lane is not None:
                try:
                    yield lane
                finally:
                    lane.release()


def next_name(root: Path, host: str, at: datetime) -> str:
    """Return a WARC file name that this spool has not given before, whatever the clock does."""
    with locked(root / "serial") as handle:
        text = os.pread(handle, 16, 0).strip()
        serial = (int(text) + 1) % 100_000 if text.isdigit() else 0
        os.pwrite(handle, b"%05d\n" % serial, 0)
    moment = at.astimezone(UTC)
    stamp = moment.strftime("%Y%m%d%H%M%S") + f"{moment.microsecond // 1000:03}"
    return f"WARRAQ-{stamp}-{serial:05}-{re.sub('[^A-Za-z0-9.-]', '-', host) or 'host'}.warc.gz"


def usage_bytes(root: Path) -> int:
    """Return how much the spool holds, all lanes together."""
    total = 0
    for folder in lanes(root):
        for entry in os.scandir(folder):
            with suppress(FileNotFoundError):  # shipped and removed meanwhile
                total += entry.stat().st_size
    return total


def open_spooled(path: Path) -> BinaryIO:
    """Open the WARC file that has the name `path`, or will have it when it is finished. Raises BadArchive if it is
    gone.
    """
    for one in (path, path.with_name(path.name + OPEN_SUFFIX), path):  # it may get its name between two looks
        with suppress(FileNotFoundError):
            return one.open("rb", buffering=0)
    raise BadArchive(f"{path} is not there", next_step="its captures are in the store, or come back with the file")


def _take(folder: Path, flags: int = os.O_RDWR | os.O_CREAT) -> HeldFolder | None:
    handle = os.open(folder / "lock", flags, 0o666)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    return HeldFolder(folder, handle)


def _is_no_file(path: Path) -> bool:
    """Tell whether something else is there; what was shipped and removed meanwhile is nothing."""
    return os.path.lexists(path) and not path.is_file()


def _belongs(name: str, beside: set[str]) -> bool:
    """Tell whether a lane's file is one that this program makes: a WARC without its digest is none of ours."""
    if SEALED.fullmatch(name):
        return _digest_name(name) in beside
    return name in _OF_A_LANE or bool(_PASSING.fullmatch(name)) or _is_ours(name)


def _digest_name(warc: str) -> str:
    return f"{warc.removesuffix('.warc.gz')}.sha256"


def _is_orphan(name: str, beside: set[str]) -> bool:
    """Tell whether `name` lay beside a WARC that is neither there nor being written."""
    stem = next((name.removesuffix(end) for end in _BESIDE if name.endswith(end)), None)
    if stem is None or not SEALED.fullmatch(f"{stem}.warc.gz"):
        return False
    return beside.isdisjoint((f"{stem}.warc.gz", f"{stem}.warc.gz{OPEN_SUFFIX}"))


def _is_ours(name: str) -> bool:
    stem = next((name.removesuffix(end) for end in _COMPANIONS if name.endswith(end)), None)
    return bool(SEALED.fullmatch(name)) or (stem is not None and bool(SEALED.fullmatch(f"{stem}.warc.gz")))


def _unwritable(root: Path, error: OSError) -> ArchiveError:
    return ArchiveError(
        f"the spool {root} cannot be written to: {error.strerror}", next_step="make it writable or set state.dir"
    )
