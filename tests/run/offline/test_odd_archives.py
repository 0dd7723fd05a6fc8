"""Archives as nobody should write them, over two hundred of them: each is read as far as it can be, what is wrong is
told with its place, by replay, index and verify alike; in bounded time and memory."""

from __future__ import annotations

import io
import resource
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.archive.check.packages import verify_wacz
from crawler.archive.check.verify import checked_index, verify_warc
from crawler.archive.read.captures import is_package
from crawler.archive.read.records import Fault
from crawler.config import load
from crawler.model.selection import Selection
from crawler.run.offline.sources import find_sources
from crawler.run.offline.unit import Order, Unit, UnitCounts, replay_file
from crawler.run.parsing.recipe import Recipe
from tests.archive import odd_archives, odd_packages
from tests.archive.odd_archives import Odd

CONFIG = load()

GROUPS = (*odd_archives.ODD, *odd_packages.ODD)
MOST_GROWTH = 160 << 20
"""Bytes of memory that the largest bomb may cost; what they unpack to is 100 MB each."""


@pytest.mark.parametrize(
    "group",
    [
        pytest.param(group, id=name, marks=[pytest.mark.slow] if name == "bombs" else [])
        for group in GROUPS
        for name in [group.__name__.strip("_")]
    ],
)
def test_whatever_an_archive_holds_the_rest_is_read_and_the_fault_is_told(
    group: Callable[[], Iterator[Odd]], tmp_path: Path
) -> None:
    wrong: dict[str, object] = {}
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for number, odd in enumerate(group()):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / odd.name).write_bytes(odd.content)
        if odd.beside is not None:
            (folder / odd.beside[0]).write_bytes(odd.beside[1])
        report = replayed(folder, odd)
        said = [fault for fault in report.faults if is_placed(fault, odd)]
        if (
            report.articles < odd.pages
            or bool(said) != (odd.is_faulty and odd.beside is None)
            or len(said) < len(report.faults)
        ):
            wrong[odd.name] = (report.articles, report.faults, report.counts)
        index, faults = checked_index(folder / odd.name, name=odd.name)
        if index.count(b"\n") < report.articles or (said and not (faults or odd.beside)):
            wrong[f"{odd.name} indexed"] = (index.count(b"\n"), faults)
        if (said or (odd.beside is not None and odd.is_faulty)) and not verified(odd):
            wrong[f"{odd.name} verified"] = report.faults
    assert wrong == {}
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 < MOST_GROWTH


def replayed(folder: Path, odd: Odd) -> UnitCounts:
    """Return what becomes of the file in a replay."""
    since = datetime(2000, 1, 1, tzinfo=UTC) if odd.beside is not None else None  # so that the index is asked
    order = Order(recipe=Recipe(), selection=Selection(since=since), parsing=CONFIG.parse, work=str(folder))
    (source,) = find_sources([str(folder / odd.name)], CONFIG.storage)
    return replay_file(source, Unit.of(source, order, order.digest), order)


def is_placed(fault: str, odd: Odd) -> bool:
    """Tell whether it names the file, or the part of the package, and the byte."""
    return (fault.startswith(odd.name) or is_package(io.BytesIO(odd.content))) and ": at byte " in fault


def verified(odd: Odd) -> list[Fault]:
    stream = io.BytesIO(odd.content)
    if is_package(stream):
        return [fault for report in verify_wacz(stream, name=odd.name) for fault in report.faults]
    index = odd.beside[1] if odd.beside is not None else None
    return list(verify_warc(stream, name=odd.name, cdxj=index).faults)


def test_what_a_field_of_megabytes_says_is_told_in_short(tmp_path: Path) -> None:
    odd = Odd("long.warc.gz", odd_archives.packed(odd_archives.page(date="2" * 100_000)), 0)
    (tmp_path / odd.name).write_bytes(odd.content)
    (fault,) = replayed(tmp_path, odd).faults
    assert fault.startswith("long.warc.gz: at byte 0: not a WARC-Date")
    assert len(fault) < 1100
