"""Which captures of a store are wanted, by site, run, URL and date; and the originals that chosen revisits refer to.

Goes by the indexes; the metadata records are read only where a site or a run is asked for, revisits always. Nothing of
a body is read.
"""

from __future__ import annotations

__all__ = ["Selection", "Wanted", "beside", "exchange_of", "in_range", "notes_of", "select"]

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from crawler.archive.holdings import Holding, StoredWarc, Stretch, fetch, holdings, stored_warcs
from crawler.archive.notes import Notes, read_notes
from crawler.archive.records import RawRecord
from crawler.archive.store import Store
from crawler.clock import timestamp14
from crawler.errors import BadArchive

_NAME = re.compile(r"WARRAQ-(\d{14})")


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for; empty or None: no condition. All conditions must hold."""

    sites: frozenset[str] = frozenset()
    runs: frozenset[str] = frozenset()
    urls: frozenset[str] = frozenset()
    """In normal form."""
    since: datetime | None = None
    until: datetime | None = None
    """Not included."""

    def admits(self, held: Holding) -> bool:
        """Tell whether the index line is of the URLs and dates asked for."""
        return (
            (not self.urls or held.fields.url in self.urls)
            and (self.since is None or held.timestamp >= timestamp14(self.since))
            and (self.until is None or held.timestamp < timestamp14(self.until))
        )

    def admits_notes(self, notes: Notes | None) -> bool:
        """Tell whether the metadata beside it is of the sites and runs asked for."""
        if not self.sites and not self.runs:
            return True
        if notes is None:
            return False
        known = notes.provenance
        return (not self.sites or known.site in self.sites) and (not self.runs or known.run in self.runs)


class Selection(NamedTuple):
    """The captures of one WARC that are wanted."""

    warc: StoredWarc
    head_end: int
    """Where its first capture begins: its warcinfo lies before."""
    asked: dict[int, Holding]
    """By offset."""
    needed: dict[int, Holding]
    """Originals of chosen revisits that were not asked for themselves."""

    def offsets(self) -> list[int]:
        """Return where the chosen captures begin, sorted."""
        return sorted({*self.asked, *self.needed})

    def at(self, offset: int) -> Holding:
        """Return the chosen capture that begins there."""
        return self.asked.get(offset) or self.needed[offset]


class _Revisit(NamedTuple):
    """A chosen revisit, and what it refers to as far as it says."""

    holding: Holding
    url: str
    timestamp: str | None


def select(store: Store, wanted: Wanted) -> tuple[list[Selection], int]:
    """Return the chosen captures by WARC, in the order of the files, and how many revisits have no original here.

    Raises StoreError, BadArchive.
    """
    warcs = stored_warcs(store)
    chosen: dict[str, Selection] = {}
    revisits: list[_Revisit] = []
    for warc in warcs:
        if wanted.until is not None and _begun(warc) > timestamp14(wanted.until):
            continue
        held = holdings(store, warc)
        asked = [one for one in held if wanted.admits(one)]
        if wanted.sites or wanted.runs:
            asked = list(_of_sites_and_runs(store, warc, asked, wanted))
        if asked:
            chosen[warc.key] = Selection(warc, held[0].offset, {one.offset: one for one in asked}, {})
            revisits += _revisits(store, warc, asked)
    unresolved = _add_originals(store, warcs, chosen, revisits)
    return [chosen[warc.key] for warc in warcs if warc.key in chosen], unresolved


def exchange_of(records: Sequence[RawRecord]) -> list[RawRecord]:
    """Return the capture's own record, the first of `records`, with the request and metadata made with it."""
    first = records[0]
    identity = first.headers.get("warc-record-id")
    return [first, *(r for r in records[1:] if identity and r.headers.get("warc-concurrent-to") == identity)]


def beside(records: Sequence[RawRecord]) -> list[RawRecord]:
    """Return the request and metadata of a capture from the `records` that follow its own."""
    own = next((r.headers.get("warc-concurrent-to") for r in records if r.type == "request"), None)
    return [r for r in records if own and r.headers.get("warc-concurrent-to") == own]


def notes_of(records: Iterable[RawRecord]) -> Notes | None:
    """Return what the metadata record among `records` keeps."""
    return next((read_notes(r.block.read()) for r in records if r.type == "metadata"), None)


def in_range(stretch: Stretch, ranges: Iterable[tuple[int, int]]) -> Iterator[list[RawRecord]]:
    """Yield the records that begin within each of `ranges`."""
    records = stretch.records()
    for start, end in ranges:
        yield [record for record in records if start <= record.offset < end]


def _begun(warc: StoredWarc) -> str:
    """Return the 14 digits of when the file was begun, as its name says; empty if it does not."""
    match = _NAME.match(warc.name)
    return match[1] if match else ""


def _of_sites_and_runs(store: Store, warc: StoredWarc, asked: Sequence[Holding], wanted: Wanted) -> Iterator[Holding]:
    """Yield those whose metadata record, which lies behind the capture's own, is of the sites and runs asked for."""
    left = iter(asked)
    behind = [(one.offset + one.length, one.end) for one in asked]
    for stretch, ranges in fetch(store, warc, behind):
        for records in in_range(stretch, ranges):
            one = next(left)
            if wanted.admits_notes(notes_of(beside(records))):
                yield one


def _revisits(store: Store, warc: StoredWarc, asked: Iterable[Holding]) -> Iterator[_Revisit]:
    found = [one for one in asked if one.is_revisit]
    left = iter(found)
    for stretch, ranges in fetch(store, warc, [(one.offset, one.offset + one.length) for one in found]):
        for records in in_range(stretch, ranges):
            one = next(left)
            if not records:
                raise BadArchive(f"{warc.key}: no record begins at byte {one.offset}, to which its index leads")
            headers = records[0].headers
            url = headers.get("warc-refers-to-target-uri", "").strip("<>") or one.fields.url
            date = headers.get("warc-refers-to-date")
            yield _Revisit(one, url, timestamp14(datetime.fromisoformat(date)) if date else None)


def _add_originals(
    store: Store, warcs: Sequence[StoredWarc], chosen: dict[str, Selection], revisits: Sequence[_Revisit]
) -> int:
    """Add to `chosen` what the revisits refer to, looking backwards through the files; return how many were not found.

    A 304 that names nothing is answered by the latest whole response of its URL before it.
    """
    left: dict[str, list[_Revisit]] = {}
    for revisit in revisits:
        left.setdefault(revisit.url, []).append(revisit)
    for warc in reversed(warcs):
        if not left:
            return 0
        latest = max(one.timestamp or one.holding.timestamp for found in left.values() for one in found)
        if _begun(warc) > latest:
            continue
        held = holdings(store, warc)
        for candidate in reversed(held):
            waiting = left.get(candidate.fields.url, [])
            answered = [one for one in waiting if _answers(candidate, one)]
            if answered:
                _add_needed(chosen, warc, held[0].offset, candidate)
                remaining = [one for one in waiting if one not in answered]
                if remaining:
                    left[candidate.fields.url] = remaining
                else:
                    del left[candidate.fields.url]
    return sum(map(len, left.values()))


def _answers(candidate: Holding, revisit: _Revisit) -> bool:
    if candidate.is_revisit:
        return False
    if revisit.timestamp is None:
        return candidate.fields.status == "200" and candidate.timestamp <= revisit.holding.timestamp
    same = candidate.fields.digest == revisit.holding.fields.digest or revisit.holding.fields.status == "304"
    return candidate.timestamp == revisit.timestamp and same


def _add_needed(chosen: dict[str, Selection], warc: StoredWarc, head_end: int, original: Holding) -> None:
    selection = chosen.setdefault(warc.key, Selection(warc, head_end, {}, {}))
    if original.offset not in selection.asked:
        selection.needed[original.offset] = original
