"""A folder that pywb serves: one sorted index of the whole store, where each WARC lies, and pywb's configuration.

The archive itself is not copied: pywb reads records from the store, folder or bucket, by offset. Memory stays bounded
whatever the size of the index. Made again, the folder is brought up to date.
"""

from __future__ import annotations

__all__ = ["COLLECTION", "Playback", "prepare_playback"]

import heapq
import tempfile
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import IO

import msgspec

from crawler.archive.files import make_folder, replace_durably
from crawler.archive.read.catalogue import StoredWarc, read_index, stored_warcs
from crawler.archive.read.cdxj import parse_line
from crawler.archive.read.selection import places_of_sites
from crawler.archive.store import Store
from crawler.archive.takedowns import taken_down
from crawler.errors import UsageError
from crawler.model.takedown import TakenDown

COLLECTION = "archive"
"""Its name in pywb: pages are at ``/archive/<timestamp>/<url>``."""

_RUN_BYTES = 64 << 20


class Playback(msgspec.Struct, frozen=True, kw_only=True):
    """What was prepared."""

    folder: str
    warcs: int
    captures: int


def prepare_playback(store: Store, folder: Path) -> Playback:
    """Write ``index.cdxj``, ``paths.txt`` and ``config.yaml`` to `folder`.

    Raises UsageError if the store is empty or the folder cannot be written, StoreError, BadArchive.
    """
    warcs = stored_warcs(store)
    if not warcs:
        raise UsageError(f"{store.url} holds no WARC file", next_step="crawl something first, or --store URL")
    try:
        make_folder(folder)
        captures = _merge_indexes(store, warcs, folder / "index.cdxj")
        paths = sorted(f"{warc.name}\t{_place(store.url, warc.key)}\n".encode() for warc in warcs)
        replace_durably(folder / "paths.txt", b"".join(paths))
        replace_durably(folder / "config.yaml", _settings(folder))
    except OSError as error:
        raise UsageError(f"{folder}: {error.strerror}", next_step="name a folder that can be written") from error
    return Playback(folder=str(folder), warcs=len(warcs), captures=captures)


def _merge_indexes(store: Store, warcs: Iterable[StoredWarc], path: Path) -> int:
    """Write the lines of all indexes to `path`, sorted by bytes; return how many there are."""
    count, held, size = 0, list[bytes](), 0
    withheld = taken_down(store)
    with ExitStack() as stack:
        runs: list[IO[bytes]] = []
        for warc in warcs:
            lines = _allowed(store, warc, withheld)
            held += lines
            count += len(lines)
            size += sum(map(len, lines))
            if size > _RUN_BYTES:
                runs.append(stack.enter_context(_sorted_run(held, path.parent)))
                held, size = [], 0
        part = path.with_name(f".{path.name}.part")
        with part.open("wb") as target:
            target.writelines(heapq.merge(sorted(held), *runs))
        part.replace(path)
    return count


def _allowed(store: Store, warc: StoredWarc, withheld: TakenDown) -> list[bytes]:
    """Return the lines of the index of `warc` that are of captures that were not taken down."""
    lines = read_index(store, warc).splitlines(keepends=True)
    if not withheld:
        return lines
    of_sites = places_of_sites(store, warc, withheld.sites)
    told = [(line, parse_line(line)[2]) for line in lines]
    return [line for line, one in told if not withheld.covers(one.url) and int(one.offset) not in of_sites]


def _sorted_run(lines: list[bytes], folder: Path) -> IO[bytes]:
    run = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - the caller closes it
    run.writelines(sorted(lines))
    run.seek(0)
    return run


def _place(url: str, key: str) -> str:
    """Return where pywb finds the object: a path, or an address it knows (``s3://``)."""
    if url.startswith("file:"):
        return str(Path(url.removeprefix("file:").removeprefix("//")).resolve() / key)
    return f"{url}/{key}"


def _settings(folder: Path) -> bytes:
    """Return pywb's configuration; JSON is YAML."""
    collection = {
        "index_paths": str(folder.resolve() / "index.cdxj"),
        "archive_paths": str(folder.resolve() / "paths.txt"),
    }
    return msgspec.json.format(msgspec.json.encode({"collections": {COLLECTION: collection}}), indent=2) + b"\n"
