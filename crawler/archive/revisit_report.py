"""What revisits saved: payloads not stored a second time, by site and day, from the indexes.

Saved is the length of the original's record in its WARC less that of the revisit's: what the store would have grown by.
Of a 304 it is the record of the latest whole response of its URL before, which would have been sent and stored again.
"""

from __future__ import annotations

__all__ = ["Saving", "savings"]

from bisect import bisect_right
from collections.abc import Iterable, Iterator

import msgspec

from crawler.archive.read.catalogue import Holding, StoredWarc, fetch, holdings, stored_warcs
from crawler.archive.read.selection import admits_holding, admits_notes, beside, notes_of
from crawler.archive.store import Store
from crawler.http.status import is_answer
from crawler.model.selection import Selection


class Saving(msgspec.Struct, frozen=True, kw_only=True):
    """One site's day."""

    day: str
    """``2026-11-23``, UTC."""
    site: str
    """``-``: the revisit does not say."""
    identical: int = 0
    """Payloads that were sent again and not stored again."""
    not_modified: int = 0
    """Answers of 304: not even sent again."""
    saved_bytes: int = 0
    unknown: int = 0
    """Revisits whose original is not in the store; nothing is counted as saved for them."""


def savings(store: Store, wanted: Selection) -> list[Saving]:
    """Return what the revisits that are `wanted` saved, by day and site. Raises StoreError, BadArchive."""
    warcs = stored_warcs(store)
    revisits = [(one, site) for warc in warcs for one, site in _revisits(store, warc, wanted)]
    originals = _Originals(one for one, _ in revisits)
    for warc in warcs:
        originals.look_in(holdings(store, warc))
    found: dict[tuple[str, str], Saving] = {}
    for one, site in revisits:
        day = f"{one.timestamp[:4]}-{one.timestamp[4:6]}-{one.timestamp[6:8]}"
        before = found.get((day, site), Saving(day=day, site=site))
        found[day, site] = _add(before, one, originals.length_of(one))
    return [found[key] for key in sorted(found)]


def _revisits(store: Store, warc: StoredWarc, wanted: Selection) -> Iterator[tuple[Holding, str]]:
    """Yield the revisits of one WARC with their site, which their metadata records tell."""
    asked = [one for one in holdings(store, warc) if one.is_revisit and admits_holding(wanted, one)]
    left = iter(asked)
    for stretch, ranges in fetch(store, warc, [(one.offset + one.length, one.end) for one in asked]):
        records = stretch.records()
        for start, end in ranges:
            one = next(left)
            notes = notes_of(beside([record for record in records if start <= record.offset < end]))
            if admits_notes(wanted, notes):
                yield one, notes.provenance.site if notes else "-"


class _Originals:
    """Lengths of the records that revisits refer to: by payload, or for a 304 by URL and time."""

    def __init__(self, revisits: Iterable[Holding]) -> None:
        self._by_payload: dict[str, int] = {}
        self._by_url: dict[str, list[tuple[str, int]]] = {}
        for one in revisits:
            if one.fields.status == "304":
                self._by_url[one.fields.url] = []
            else:
                self._by_payload[one.fields.digest] = 0

    def look_in(self, held: Iterable[Holding]) -> None:
        """Take note of the originals among `held`."""
        for one in held:
            if one.is_revisit:
                continue
            if one.fields.digest in self._by_payload:
                self._by_payload[one.fields.digest] = one.length
            if is_answer(one.fields.status) and one.fields.url in self._by_url:
                self._by_url[one.fields.url].append((one.timestamp, one.length))

    def length_of(self, revisit: Holding) -> int | None:
        """Return the length of what `revisit` stands for, None if it is not in the store."""
        if revisit.fields.status != "304":
            return self._by_payload[revisit.fields.digest] or None
        whole = self._by_url[revisit.fields.url]
        whole.sort()
        at = bisect_right(whole, revisit.timestamp, key=lambda one: one[0])
        return whole[at - 1][1] if at else None


def _add(before: Saving, one: Holding, length: int | None) -> Saving:
    not_modified = one.fields.status == "304"
    return Saving(
        day=before.day,
        site=before.site,
        identical=before.identical + (not not_modified),
        not_modified=before.not_modified + not_modified,
        saved_bytes=before.saved_bytes + (max(length - one.length, 0) if length is not None else 0),
        unknown=before.unknown + (length is None),
    )
