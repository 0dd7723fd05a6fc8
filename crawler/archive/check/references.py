"""Whether every revisit of a store refers to a record that is there, and says of it what that record says.

Eight bytes are kept of each whole capture, whatever its URL: a hundred million take less than a gigabyte.
"""

from __future__ import annotations

__all__ = ["References"]

from array import array
from collections.abc import Iterator
from hashlib import blake2b

from crawler.archive.capture_metadata import target_uri
from crawler.archive.read.captures import CaptureFacts
from crawler.archive.read.records import Fault
from crawler.clock import iso_utc


class References:
    """What revisits refer to and what there is, in whatever order the files come."""

    def __init__(self) -> None:
        self._there = array("Q")
        self._wanted: dict[int, list[Fault]] = {}

    def see(self, item: CaptureFacts) -> None:
        """Take note of a capture of ours; others' are left alone, for their originals may be anywhere."""
        capture = item.capture
        if item.provenance is None:
            return
        if capture.kind == "response":
            moment = iso_utc(capture.captured_at)
            self._there.append(_mark(capture.record_id, capture.url, moment, capture.payload_sha1))
            return
        if capture.kind == "conversion":
            return  # what it was made of may lie in another file
        original = item.original
        if original is None or original.record_id is None:
            return  # "not modified", and nobody knew since when
        moment = iso_utc(original.captured_at) if original.captured_at else ""
        mark = _mark(original.record_id, original.url or "", moment, capture.payload_sha1)
        what = f"the revisit refers to {original.record_id} of {original.url} at {moment}, and no record here is that"
        self._wanted.setdefault(mark, []).append(Fault(file=capture.warc, offset=capture.offset, what=what))

    def missing(self) -> Iterator[Fault]:
        """Yield a fault for each revisit whose original was not seen."""
        left = set(self._wanted)
        left.difference_update(self._there)
        for mark, faults in self._wanted.items():
            if mark in left:
                yield from faults


def _mark(record_id: str, url: str, moment: str, sha1: str) -> int:
    said = f"{record_id}\n{target_uri(url)}\n{moment}\n{sha1}".encode()
    return int.from_bytes(blake2b(said, digest_size=8).digest(), "big")
