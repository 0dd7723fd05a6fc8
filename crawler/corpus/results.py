"""What a query gives, as CSV, JSON and JSON Lines; values as other programs read them."""

from __future__ import annotations

__all__ = ["CsvWriter", "cell", "csv_writer", "write_csv", "write_json", "write_lines"]

import csv
import math
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Protocol, TextIO
from uuid import UUID

import msgspec

from crawler.clock import iso_utc
from crawler.corpus.sql import Result


class CsvWriter(Protocol):
    """Writes rows."""

    def writerow(self, row: Iterable[Any], /) -> object: ...


def write_csv(result: Result, target: TextIO) -> int:
    """Write `result` as RFC 4180 has it, names first; return how many rows. Lists and structures are JSON."""
    writer = csv_writer(target)
    writer.writerow(result.columns)
    return _counted(result.rows, lambda row: writer.writerow(["" if value is None else cell(value) for value in row]))


def csv_writer(target: TextIO) -> CsvWriter:
    """Return what writes rows to `target` as RFC 4180 has them, but for lines that end with a line feed alone."""
    return csv.writer(_Lines(target), lineterminator="\r\n")


def write_lines(result: Result, target: TextIO) -> int:
    """Write `result` as JSON Lines, one object a row; return how many."""
    return _counted(result.rows, lambda row: target.write(_object(result, row) + "\n"))


def write_json(result: Result, target: TextIO) -> int:
    """Write `result` as one JSON array of objects; return how many."""
    between = "[\n"

    def write(row: tuple[Any, ...]) -> None:
        nonlocal between
        target.write(between + _object(result, row))
        between = ",\n"

    count = _counted(result.rows, write)
    target.write("\n]\n" if count else "[]\n")
    return count


def cell(value: object) -> str:
    """Return `value` as text: moments in ISO 8601, lists and structures as JSON."""
    plain = _plain(value)
    return plain if isinstance(plain, str) else msgspec.json.encode(plain).decode()


class _Lines:
    """Writes rows that end with CR LF as lines: so that a field with either of them is quoted, as it must be."""

    def __init__(self, target: TextIO) -> None:
        self._target = target

    def write(self, row: str) -> int:
        return self._target.write(row.removesuffix("\r\n") + "\n")


def _object(result: Result, row: tuple[Any, ...]) -> str:
    return msgspec.json.encode(dict(zip(result.columns, map(_plain, row), strict=True))).decode()


def _counted(rows: Iterator[tuple[Any, ...]], write: Callable[[tuple[Any, ...]], object]) -> int:
    count = 0
    for count, row in enumerate(rows, 1):  # noqa: B007 - the last number is the answer
        write(row)
    return count


def _plain(value: object) -> Any:
    """Return `value` as JSON has it."""
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else None
        case datetime():
            return iso_utc(value) if value.tzinfo else value.isoformat() + "Z"
        case date() | time():
            return value.isoformat()
        case dict():
            return {str(key): _plain(one) for key, one in value.items()}
        case list() | tuple():
            return [_plain(one) for one in value]
        case bytes():
            return value.hex()
        case Decimal() | UUID() | timedelta():
            return str(value)
        case _:
            return str(value)
