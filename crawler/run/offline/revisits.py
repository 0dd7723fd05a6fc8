"""Revisits of others' archives whose payload lies under another URL, or outside the span asked for, wherever in the
sources that is.

A revisit whose original is replayed itself, under the same URL, gives no second article. The others wait until all
files have been read; then whoever has their payload gives their article: by the indexes where there are some, else by
reading the files again. A revisit of a revisit waits for the same payload, so circles end here.
"""

from __future__ import annotations

__all__ = ["answers_in", "read_waiting", "waits_for"]

from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from crawler.archive.read.captures import ArchivedCapture
from crawler.archive.read.cdxj import parse_line, url_key
from crawler.archive.read.records import Fault
from crawler.errors import BadArchive, StoreError
from crawler.http.status import is_answer
from crawler.model.capture import Capture
from crawler.model.selection import Selection
from crawler.run.offline.reading import read_source
from crawler.run.offline.sources import Source


def read_waiting(path: Path) -> dict[str, list[Capture]]:
    """Return the revisits that the file at `path` lists, by the digest of their payload. Raises OSError."""
    found: dict[str, list[Capture]] = {}
    with path.open("rb") as lines:
        for line in lines:
            capture = msgspec.json.decode(line, type=Capture)
            found.setdefault(capture.payload_sha1, []).append(capture)
    return found


def waits_for(item: ArchivedCapture, selection: Selection) -> bool:
    """Tell whether the revisit `item`, of an archive that is not ours, needs its article made of another capture's
    payload.
    """
    capture, original = item.capture, item.original
    if (
        capture.kind != "revisit"
        or item.provenance is not None
        or not (capture.status == 0 or is_answer(capture.status))
    ):
        return False
    if not capture.payload_sha1:
        return False
    if original is None or original.url is None:
        return False  # its original is of its own URL, as far as it says
    if url_key(original.url) != url_key(capture.url):
        return True
    return original.captured_at is not None and not selection.admits_moment(original.captured_at)


def answers_in(source: Source, waiting: Mapping[str, list[Capture]]) -> Iterator[tuple[ArchivedCapture, Capture]]:
    """Yield each response of `source` that has the payload of a revisit that waits, with the revisit. Raises
    BadArchive, StoreError.
    """
    if not _may_have(source, waiting):
        return
    for item in read_source(source):
        if not isinstance(item, Fault) and item.capture.kind == "response":
            for revisit in waiting.get(item.capture.payload_sha1, ()):
                yield item, revisit


def _may_have(source: Source, waiting: Mapping[str, list[Capture]]) -> bool:
    """Tell whether the index of `source` has a payload that is waited for; without one nobody can tell."""
    try:
        place = source.held()
        if place is None or source.name.endswith(".wacz"):
            return True
        store, warc = place
        lines = store.get(warc.index_key or "").splitlines()
        return any(parse_line(line)[2].digest.removeprefix("sha1:") in waiting for line in lines)
    except (BadArchive, StoreError):
        return True
