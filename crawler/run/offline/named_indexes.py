"""Indexes that lie elsewhere than beside their archives, named by whoever replays.

One file stands for many archives, or each has its own. Their lines are set down by archive, where any process finds
them, and only for archives that have no index beside them.
"""

from __future__ import annotations

__all__ = ["with_indexes"]

import gzip
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from hashlib import sha256
from io import BufferedReader, RawIOBase
from pathlib import Path
from typing import BinaryIO, cast

import msgspec

from crawler.archive.read.cdxj import parse_line
from crawler.archive.store import open_store
from crawler.config import Storage
from crawler.errors import BadArchive, StateError, StoreError, UsageError
from crawler.run.offline.sources import Source, place_of

_ENCODER = msgspec.json.Encoder()


def with_indexes(
    sources: Sequence[Source], names: Sequence[str], folder: Path, storage: Storage
) -> tuple[list[Source], list[str]]:
    """Return `sources`, with what the CDXJ files `names` tell of those that have no index, and which lines are damaged.

    The lines are kept in `folder`. Raises UsageError for an index that cannot be read or tells of none of the sources,
    StateError if `folder` cannot be written to.
    """
    lacking = _Lacking(sources)
    faults = []
    for name in names:
        told = 0
        for number, line in enumerate(_lines(name, storage), 1):
            try:
                told += lacking.take(line)
            except BadArchive as error:
                faults.append(f"{name}: line {number}: {error.what}")
        if not told:
            raise UsageError(
                f"{name} tells of none of the archives",
                next_step="name the CDXJ of archives that have none beside them; its lines say which file they are of",
            )
    try:
        return lacking.indexed(folder), faults
    except OSError as error:
        raise StateError(f"{folder}: {error.strerror}", next_step="make room, then start again") from error


class _Lacking:
    """Archives without an index, and the lines found for them."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = sources
        self._named: dict[str, list[Source]] = {}
        self._found: dict[str, dict[str, list[bytes]]] = {}
        """Lines by the name of the archive, and by what the index calls it."""
        for source in sources:
            if source.index is None:
                self._named.setdefault(source.name, []).append(source)

    def take(self, line: bytes) -> bool:
        """Take `line` if it is of one of the archives; tell whether it is. Raises BadArchive."""
        if not line.strip() or line.startswith(b"!"):
            return False  # a header
        urlkey, timestamp, fields = parse_line(line)
        name = fields.filename.rpartition("/")[2]
        if name not in self._named:
            return False
        own = _ENCODER.encode(msgspec.structs.replace(fields, filename=name))
        lines = self._found.setdefault(name, {}).setdefault(fields.filename, [])
        lines.append(f"{urlkey} {timestamp} ".encode() + own + b"\n")
        return True

    def indexed(self, folder: Path) -> list[Source]:
        """Return all archives, those for which lines were found with their index. Raises OSError, StoreError."""
        folder.mkdir(parents=True, exist_ok=True)
        return [_with(source, lines, folder) if (lines := self._of(source)) else source for source in self._sources]

    def _of(self, source: Source) -> list[bytes]:
        """Return the lines of `source`: those under its own path, or the only ones that its name has."""
        if source.index is not None:
            return []
        found = self._found.get(source.name, {})
        own = [lines for called, lines in found.items() if f"/{source.place}".endswith(f"/{called}")]
        if not own and len(self._named[source.name]) == 1:
            own = list(found.values())
        return own[0] if len(own) == 1 else []


def _with(source: Source, lines: list[bytes], folder: Path) -> Source:
    content = b"".join(sorted(lines))
    path = folder / f"{sha256(content).hexdigest()[:16]}.cdxj"
    part = path.with_suffix(".part")
    part.write_bytes(content)
    part.replace(path)
    size = source.size
    if not size and source.store is not None and (stored := source.store.head(source.place)) is not None:
        size = stored.size  # of a list: nobody asked before
    return msgspec.structs.replace(source, size=size, named_index=str(path))


def _lines(name: str, storage: Storage) -> Iterator[bytes]:
    """Yield the lines of an index, unpacked. Raises UsageError."""
    try:
        with ExitStack() as stack:
            place = place_of(name, storage)
            if isinstance(place, Path):
                stream: BinaryIO = stack.enter_context(place.open("rb"))
            else:
                of_store, key = place
                stream = stack.enter_context(open_store(of_store).open(key))
            reader = stream if isinstance(stream, BufferedReader) else BufferedReader(cast("RawIOBase", stream))
            packed = reader.peek(2)[:2] == b"\x1f\x8b"
            yield from gzip.GzipFile(fileobj=reader) if packed else reader
    except (OSError, EOFError, zlib.error, StoreError) as error:
        raise UsageError(f"{name} cannot be read: {error}", next_step="name a CDXJ file, gzip or not") from error
