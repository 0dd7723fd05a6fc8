"""The trial: each corruption planted into a copy of one archive, which plain `verify` is then to find, and name."""

from __future__ import annotations

__all__ = ["TrialOutcome", "run_trial"]

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from crawler.archive.read.records import Fault
from crawler.archive.store import open_store
from crawler.clock import SystemClock
from crawler.config import Config
from crawler.errors import UsageError, WarraqError
from crawler.run.offline.evidence import verify_archive
from crawler.run.selftest.corruption import Archive, Corruption, Place


class TrialOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one corruption."""

    name: str
    about: str
    named: str | None = None
    """The fault that names it, with file and byte; None: none does."""
    problem: str | None = None
    """What verify said instead."""
    left_out: str | None = None
    """Why it could not be planted into this archive."""


def run_trial(config: Config, folder: Path, corruptions: Sequence[Corruption]) -> Iterator[TrialOutcome]:
    """Plant each of `corruptions` into a copy of the sound archive in `folder` and yield whether it is named.

    `config` are the settings of the archive, whose places are those of the copy meanwhile. Raises UsageError if the
    archive is not sound to begin with, WarraqError.
    """
    faults = _faults(config, folder)
    if faults:
        raise UsageError(f"the archive is not sound as it is: {faults[0]}", next_step="`warraq verify` tells more")
    for number, corruption in enumerate(corruptions):
        copy = folder.with_name(f"{folder.name}-{number}")
        shutil.copytree(folder, copy)
        try:
            yield _tried(config, copy, corruption)
        finally:
            shutil.rmtree(copy)


def _tried(config: Config, folder: Path, corruption: Corruption) -> TrialOutcome:
    try:
        place = corruption.plant(Archive(folder))
    except UsageError as error:
        return TrialOutcome(name=corruption.name, about=corruption.about, left_out=error.what)
    try:
        faults = _faults(config, folder)
    except WarraqError as error:
        return TrialOutcome(name=corruption.name, about=corruption.about, problem=f"verify gave up: {error}")
    named = next((fault for fault in faults if _is_at(fault, place)), None)
    if named is not None:
        return TrialOutcome(name=corruption.name, about=corruption.about, named=str(named))
    told = f"it named {faults[0]}" if faults else "it found nothing"
    return TrialOutcome(
        name=corruption.name, about=corruption.about, problem=f"{told}; {place.file} at {place.bytes} is spoiled"
    )


def _faults(config: Config, folder: Path) -> list[Fault]:
    own = msgspec.structs.replace(
        config,
        storage=msgspec.structs.replace(config.storage, url=f"file:{folder / 'data'}"),
        state=msgspec.structs.replace(config.state, dir=str(folder / "state")),
    )
    reports = verify_archive(own, open_store(own.storage), clock=SystemClock())
    return [fault for report in reports for fault in report.faults]


def _is_at(fault: Fault, place: Place) -> bool:
    return fault.file.endswith(place.file) and fault.offset in place.bytes
