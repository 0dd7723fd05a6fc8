"""From parsed pages to the files a reader gets: numbered text documents and ``articles.jsonl``, per site, day and run.

Numbers follow from (captured_at, url), so they are known only when a run is over. Until then records wait in a
staging file, one JSON line each; publishing sorts them and writes the batch. Live runs and replays both publish
through here, which is why their trees are equal.
"""

from __future__ import annotations

__all__ = ["Document", "Published", "Staging", "batch_prefix", "publish"]

import os
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, NamedTuple

import msgspec

from crawler.archive.store import Store
from crawler.errors import StateError
from crawler.model.article import ArticleRecord

_DECODER = msgspec.json.Decoder(ArticleRecord)


class _Key(msgspec.Struct):
    """What decides an article's batch and place in it; read without decoding the rest of the line."""

    captured_at: str
    url: str
    id: str
    site: str | None = None
    run: str | None = None


_KEY_DECODER = msgspec.json.Decoder(_Key)


class Document(NamedTuple):
    """One written text document."""

    key: str
    """In the store."""
    id: str
    url: str
    site: str
    run: str
    captured_at: datetime
    title: str | None
    published_at: str | None
    language: str | None
    word_count: int


class Published(NamedTuple):
    """One written batch."""

    prefix: str
    """Store key of its folder."""
    documents: tuple[Document, ...]

    @property
    def articles(self) -> int:
        """How many there are."""
        return len(self.documents)


class Staging:
    """The records of one run or one replayed file, in the order they were parsed; survives the process."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        _drop_torn_line(path)
        self._file: BinaryIO = path.open("ab", buffering=0)  # a killed process loses no line it has written

    def __enter__(self) -> Staging:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def add(self, record: bytes) -> None:
        """Append `record`, a line of articles.jsonl."""
        self._file.write(record + b"\n")

    def close(self) -> None:
        """Put the lines on disk and close; closing twice is harmless."""
        if not self._file.closed:
            os.fsync(self._file.fileno())
            self._file.close()


def batch_prefix(site: str | None, run: str | None, captured_at: str) -> str:
    """Return the store key of the folder an article belongs to; without a run, the site's day is the batch."""
    year, month, day = captured_at[:10].split("-")
    return f"articles/{site or 'unknown'}/{year}/{month}/{day}" + (f"/{run}" if run else "")


def publish(paths: Iterable[Path], store: Store) -> list[Published]:
    """Write the batches that the staging files `paths` hold to `store`; return them in the order of their keys.

    Writing again replaces the same files by the same bytes. Of two records of one capture (a run that was stopped
    and taken up again) the first is kept. Raises StoreError; then the staging files are still there.
    """
    batches: dict[str, dict[tuple[str, str], tuple[Path, int, int]]] = {}
    for path in paths:
        for offset, line in _lines(path):
            key = _KEY_DECODER.decode(line)
            batch = batches.setdefault(batch_prefix(key.site, key.run, key.captured_at), {})
            batch.setdefault((key.captured_at, key.url), (path, offset, len(line)))
    return [_publish_one(prefix, batches[prefix], store) for prefix in sorted(batches)]


def _publish_one(prefix: str, places: dict[tuple[str, str], tuple[Path, int, int]], store: Store) -> Published:
    documents = []
    lines = bytearray()
    for number, key in enumerate(sorted(places)):
        path, offset, length = places[key]
        with path.open("rb") as staged:
            staged.seek(offset)
            line = staged.read(length)
        record = _DECODER.decode(line)
        name = f"{prefix}/{number:03d}_{record.id}.txt"
        store.put(name, record.text.encode(), overwrite=True)
        documents.append(
            Document(
                key=name,
                id=record.id,
                url=record.url,
                site=record.site or "",
                run=record.run or "",
                captured_at=datetime.fromisoformat(record.captured_at),
                title=record.title,
                published_at=record.published_at,
                language=record.language,
                word_count=record.word_count,
            )
        )
        lines += line + b"\n"
    store.put(f"{prefix}/articles.jsonl", bytes(lines), overwrite=True)
    return Published(prefix, tuple(documents))


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
