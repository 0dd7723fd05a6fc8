"""A second opinion on an archive, by a reader that shares no code with ours: warcio.

Fixity is worth more when two programs agree on it. warcio gives up at damage our own reader steps over, and does not
notice a last record that is cut; `crawler.archive.check.verify` does. It reads neither zstd nor more than the first
record of a file that is one gzip member as a whole.
"""

from __future__ import annotations

__all__ = ["crosscheck"]

import zlib
from typing import BinaryIO

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from crawler.archive.read.records import Fault

_PIECE = 1 << 20


def crosscheck(stream: BinaryIO, *, name: str) -> list[Fault]:
    """Read `stream` with warcio, every digest checked; return what it objects to, each with the record's offset."""
    faults: list[Fault] = []
    records = ArchiveIterator(stream, check_digests=True)
    try:
        for record in records:
            while record.raw_stream.read(_PIECE):
                pass
            if record.digest_checker.passed is False:
                what = "; ".join(record.digest_checker.problems)
                faults.append(Fault(file=name, offset=records.get_record_offset(), what=f"warcio: {what}"))
    except (ArchiveLoadFailed, zlib.error, EOFError, ValueError) as error:
        faults.append(Fault(file=name, offset=stream.tell(), what=f"warcio cannot read on: {error}"))
    return faults
