"""From parsed pages to the batches a reader gets, per site, day and run.

Numbers follow from (captured_at, url), so they are known only when a run is over. Until then records wait in a
staging file, one JSON line each; publishing sorts them and writes the batch. Live runs and replays both publish
through here, which is why their trees are equal.
"""

from __future__ import annotations

__all__ = ["Staging", "publish"]

import errno
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

import msgspec

from crawler.archive.articles.base import ArticleWriter, Published
from crawler.archive.articles.layout import Batch
from crawler.archive.files import fsync_folder, make_folder
from crawler.errors import StateError
from crawler.model.article import ArticleHead
from crawler.model.takedown import NOTHING_TAKEN_DOWN, TakenDown

_HEADS = msgspec.json.Decoder(ArticleHead)


class Staging:
    """The records of one run or one replayed file, in the order they were parsed; survives the process."""

    def __init__(self, path: Path) -> None:
        """Open the file at `path`, made if need be. Raises StateError if it cannot be written."""
        self.path = path
        with self._told():
            make_folder(path.parent, mode=0o700)
            _drop_torn_line(path)
            self._file: BinaryIO = path.open("ab", buffering=0)  # a killed process loses no line it has written
            self._size = self._file.tell()
            fsync_folder(path.parent)

    def __enter__(self) -> Staging:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def add(self, record: bytes) -> None:
        """Append `record`, a line of articles.jsonl, whole or not at all. Raises StateError if there is no room for
        it.
        """
        left = memoryview(record + b"\n")
        with self._told():
            try:
                while left:
                    left = left[self._file.write(left) :]
            except OSError:
                os.ftruncate(self._file.fileno(), self._size)
                raise
        self._size += len(record) + 1

    def close(self) -> None:
        """Put the lines on disk and close; closing twice is harmless. Raises StateError if the disk does not take
        them.
        """
        if not self._file.closed:
            with self._told(), self._file:
                os.fsync(self._file.fileno())

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            full = error.errno in (errno.ENOSPC, errno.EDQUOT)
            raise StateError(
                f"{self.path}: {error.strerror}",
                next_step=(
                    f"{'free some room' if full else 'make it writable'}; the page is in the archive and is parsed then"
                ),
            ) from error


def publish(
    paths: Iterable[Path],
    writer: ArticleWriter,
    *,
    withheld: TakenDown = NOTHING_TAKEN_DOWN,
    on_withheld: Callable[[ArticleHead], object] = lambda _: None,
) -> list[Published]:
    """Write the batches that the staging files `paths` hold; return them in the order of their keys.

    Writing again replaces the same files by the same bytes. Of two records of one capture (a run that was stopped
    and taken up again) the first is kept. What is `withheld` is left out, and told to `on_withheld`. Raises StoreError;
    then the staging files are still there.
    """
    batches: dict[Batch, dict[tuple[str, str], tuple[Path, int, int]]] = {}
    for path in paths:
        for offset, line in _lines(path):
            head = _HEADS.decode(line)
            if withheld.covers(head.url, head.site, others=(head.canonical_url,)):
                on_withheld(head)
                continue
            batch = batches.setdefault(Batch.of(head), {})
            batch.setdefault((head.captured_at, head.url), (path, offset, len(line)))
    return [writer.write(batch, _in_order(batches[batch])) for batch in sorted(batches)]


def _in_order(places: dict[tuple[str, str], tuple[Path, int, int]]) -> Iterator[bytes]:
    for key in sorted(places):
        path, offset, length = places[key]
        with path.open("rb") as staged:
            staged.seek(offset)
            yield staged.read(length)


def _drop_torn_line(path: Path) -> None:
    """Cut what a killed process left of a line, so that the next one starts on its own."""
    if not path.exists():
        return
    whole = sum(len(line) + 1 for _, line in _lines(path))
    if whole < path.stat().st_size:
        os.truncate(path, whole)


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield offset and content of each whole line; a torn last one (the process was killed in it) is left out."""
    offset = 0
    try:
        with path.open("rb") as staged:
            for line in staged:
                if line.endswith(b"\n"):
                    yield offset, line[:-1]
                offset += len(line)
    except OSError as error:
        raise StateError(f"{path} cannot be read: {error.strerror}", next_step="replay the run's archive") from error
