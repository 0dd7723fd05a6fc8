"""A large archive file as stretches that several processes read at once.

Only a file with a gzip member or Zstandard frame for each record, or in which none is compressed, can be entered
anywhere. Where a stretch begins is looked for in the bytes, so what was found of a file counts only if its stretches
fit: each begins where the one before ended. Where they do not (records of another archive lie in a body, or several in
one member), the file is read as one. How a file is cut follows from its size alone: the output is the same whoever
reads it, and however many.
"""

from __future__ import annotations

__all__ = ["PartCaptures", "PartRead", "fit", "stretches_of"]

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO, NamedTuple

import msgspec

from crawler.archive.read.captures import Admits, ArchivedCapture, LeftOut, chosen_captures
from crawler.archive.read.records import Fault, PartWalk
from crawler.errors import BadArchive, StoreError
from crawler.run.offline.reading import WantedCaptures, is_read_by_index
from crawler.run.offline.sources import Source

PART_BYTES = 8 << 20
"""Of a stretch, about: some hundred pages as they are sent, a few seconds of work, so that processes end together."""
_PROBED = 1 << 20


class PartRead(NamedTuple):
    """Where a stretch was entered and left, offsets of members; -1: there was none left."""

    began: int
    ended: int
    is_sound: bool


class PartCaptures:
    """The captures of a stretch of a file that are wanted, a `LeftOut` for others, and what cannot be read."""

    def __init__(self, source: Source, admits: Admits) -> None:
        self._source = source
        self._admits = admits
        self.read: PartRead | None = None
        """Once all was taken."""

    def __iter__(self) -> Iterator[ArchivedCapture | LeftOut | Fault]:
        """Read the stretch. Raises BadArchive, StoreError."""
        assert self._source.part is not None
        start, end = self._source.part
        name = self._source.name
        with _opened(self._source) as stream:
            walk = PartWalk(stream, name=name, start=start, end=end)
            yield from chosen_captures(iter(walk), name=name, admits=self._admits)
            self.read = PartRead(walk.began, walk.ended, walk.is_sound)


def stretches_of(source: Source, wanted: WantedCaptures) -> tuple[Source, ...]:
    """Return the stretches that `source` is read in; none: it is read as one.

    That is so if it is small, not made so that it can be entered, or only parts of it are wanted and its index tells
    which.
    """
    count = source.size // PART_BYTES
    if count < 2 or source.part is not None or not _can_be_entered(source):
        return ()
    try:
        if is_read_by_index(source, wanted):
            return ()
    except (BadArchive, StoreError):
        return ()
    cuts = [source.size * number // count for number in range(count + 1)]
    return tuple(msgspec.structs.replace(source, part=cut) for cut in pairwise(cuts))


def fit(parts: Sequence[PartRead | None]) -> bool:
    """Tell whether the stretches of a file, in order, are all of it, each once."""
    found = [part for part in parts if part is not None and part.is_sound]
    return len(found) == len(parts) and all(one.ended == after.began for one, after in pairwise(found))


def _can_be_entered(source: Source) -> bool:
    """Tell whether the first records of `source` have a member each, or are not compressed. What cannot be read has
    not.
    """
    try:
        with _opened(source) as stream:
            walk = PartWalk(stream, name=source.name, start=0, end=_PROBED)
            first = [item for item, _ in zip(walk, range(2), strict=False)]
    except (BadArchive, StoreError, OSError):
        return False
    return walk.is_sound and len(first) == 2 and not any(isinstance(item, Fault) for item in first)


def _opened(source: Source) -> BinaryIO:
    """Return the file, opened. Raises BadArchive, StoreError."""
    store = source.store
    if store is not None:
        return store.open(source.place)
    try:
        return Path(source.place).open("rb", buffering=0)
    except OSError as error:
        raise BadArchive(f"{source}: {error.strerror}", next_step="check the path") from error
